//! `MaxResults` and `NextToken`.
//!
//! A token names the last item given and carries a checksum over it and the question asked, so a
//! token of another question, account or region is refused. It holds no state: it survives
//! restarts, and items made or deleted between two pages neither repeat nor hide others.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openvpc_ec2::Error;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Cx;

/// Bytes of checksum in front of a token.
const CHECKSUM_BYTES: usize = 12;

/// Which slice of a list is asked for.
pub struct Page {
    size: usize,
    after: Option<String>,
    question: Vec<u8>,
}

impl Page {
    /// Reads `MaxResults` and `NextToken` of a request; `list` tells lists apart.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a size outside `range`; `InvalidNextToken`.
    pub fn read(cx: &Cx, list: &str, input: &Value, range: (i64, i64)) -> Result<Page, Error> {
        let size = match input["MaxResults"].as_i64() {
            None => usize::MAX,
            Some(n) if (range.0..=range.1).contains(&n) => n as usize,
            Some(n) => return Err(Error::invalid_max_results(n, range.0, range.1)),
        };
        let question = question(cx, list, input);
        let after = match input["NextToken"].as_str() {
            None | Some("") => None,
            Some(token) => Some(open(token, &question).ok_or_else(Error::invalid_next_token)?),
        };
        Ok(Page {
            size,
            after,
            question,
        })
    }

    /// Takes the page out of `items`, which ascend by key; with the token of the next page.
    ///
    /// # Errors
    /// `InvalidNextToken`.
    pub fn take<K, T>(
        &self,
        items: impl Iterator<Item = (K, T)>,
    ) -> Result<(Vec<T>, Option<String>), Error>
    where
        K: Ord + Display + FromStr,
    {
        let after = match &self.after {
            None => None,
            Some(key) => Some(key.parse::<K>().map_err(|_| Error::invalid_next_token())?),
        };
        let mut items = items.skip_while(|(key, _)| after.as_ref().is_some_and(|a| key <= a));
        let mut page = Vec::new();
        let mut last = None;
        for (key, item) in items.by_ref().take(self.size) {
            page.push(item);
            last = Some(key);
        }
        let more = items.next().is_some();
        let token = last.filter(|_| more).map(|key| self.seal(&key.to_string()));
        Ok((page, token))
    }

    fn seal(&self, key: &str) -> String {
        let mut bytes = checksum(&self.question, key).to_vec();
        bytes.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn open(token: &str, question: &[u8]) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (sum, key) = bytes.split_at_checked(CHECKSUM_BYTES)?;
    let key = std::str::from_utf8(key).ok()?;
    (sum == checksum(question, key)).then(|| key.to_owned())
}

/// Everything that makes two lists different, but for the page asked of them.
fn question(cx: &Cx, list: &str, input: &Value) -> Vec<u8> {
    let mut asked = input.clone();
    if let Value::Object(members) = &mut asked {
        members.remove("MaxResults");
        members.remove("NextToken");
    }
    format!("{list} {} {} {asked}", cx.region_name(), cx.account()).into_bytes()
}

fn checksum(question: &[u8], key: &str) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::new()
        .chain_update(question)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&digest[..CHECKSUM_BYTES]);
    sum
}
