//! Signature Version 4: who signed a request, for which region and service.
//!
//! First step of an API call, before anything in the body is believed. [`Claim::read`] finds
//! what a request claims, [`Claim::verify`] proves it; region, service and account come from
//! the signature, never from the host name. The EC2, STS and JSON services sign alike; what
//! is S3's own (unsigned and chunked payloads) is refused here.
//! Source: AWS General Reference, "Create a signed AWS API request"; spec 06 §1 "Auth".
//!
//! **Invariant:** two requests with one canonical form mean the same to `form`: names and
//! values are decoded by the same function before they are compared.

mod canonical;
mod refusal;
mod sign;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::form;
pub use canonical::{Scope, signature};
pub use refusal::Refusal;
pub use sign::{SigningRequest, sign};

/// How far a signed time may be from ours (spec 06 §1).
const SKEW_MAX: TimeDelta = TimeDelta::minutes(15);

/// Longest life of a presigned request: seven days.
const EXPIRES_SECONDS_MAX: i64 = 604_800;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Stands in for the secret of a key that nobody has, so that refusing takes as long.
const NOBODYS_SECRET: &str = "nobody's secret: the work is done all the same";

/// A request as it was received: nothing unescaped, nothing merged.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Without the question mark.
    pub query: &'a str,
    /// Names in any case, in the order of arrival.
    pub headers: &'a [(&'a str, &'a [u8])],
    pub body: &'a [u8],
}

/// What the daemon knows of an access key.
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    pub secret_key: &'a str,
    pub account: &'a str,
    /// Set for temporary keys: the request must carry it.
    pub session_token: Option<&'a str>,
}

/// Who was proved to have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub access_key: String,
    pub account: String,
    pub region: String,
    pub service: String,
}

/// What a request says about its signature, not yet proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    access_key: String,
    /// `YYYYMMDD`.
    date: String,
    region: String,
    service: String,
    /// `YYYYMMDDTHHMMSSZ`.
    time: String,
    /// Ascending, lower case.
    signed_headers: Vec<String>,
    /// 64 hex digits.
    signature: String,
    session_token: Option<String>,
    /// Seconds that a presigned request lives; `None` for one signed by header.
    expires: Option<i64>,
}

impl Received<'_> {
    /// The values of a header, in order.
    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// The text of a header that may be there once.
    fn only(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut values = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => Err(Refusal::Unreadable(
                "a header of the signature is there twice",
            )),
            (None, _) => Ok(None),
            (Some((_, value)), None) => {
                let text = std::str::from_utf8(value)
                    .map_err(|_| Refusal::Unreadable("a header is not UTF-8"))?;
                Ok(Some(text.trim()))
            }
        }
    }
}

impl Claim {
    /// Finds the signature in the `Authorization` header or, presigned, in the query.
    ///
    /// # Errors
    /// [`Refusal::Missing`] without one, [`Refusal::Unreadable`] for two or a broken one.
    pub fn read(request: &Received<'_>) -> Result<Self, Refusal> {
        let query = form::parse(request.query.as_bytes())
            .map_err(|_| Refusal::Unreadable("the query string"))?;
        let presigned = query
            .iter()
            .any(|(name, _)| name == "X-Amz-Algorithm" || name == "X-Amz-Signature");
        match (request.only("authorization")?, presigned) {
            (None, false) => Err(Refusal::Missing),
            (Some(_), true) => Err(Refusal::Unreadable("signed both by header and by query")),
            (Some(header), false) => Self::from_header(request, header),
            (None, true) => Self::from_query(&query),
        }
    }

    /// The service of the signature's scope, such as `ec2`.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Id of the access key that is said to have signed.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The session token that came with the request.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// The region of the signature's scope.
    pub fn region(&self) -> &str {
        &self.region
    }

    fn from_header(request: &Received<'_>, header: &str) -> Result<Self, Refusal> {
        let fields = header
            .strip_prefix(ALGORITHM)
            .filter(|fields| fields.starts_with(' '));
        let fields = fields.ok_or(Refusal::Unreadable("the algorithm is not AWS4-HMAC-SHA256"))?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field
                .trim()
                .split_once('=')
                .ok_or(Refusal::Unreadable("a field without ="))?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(Refusal::Unreadable("a field of another name")),
            };
            if slot.replace(value).is_some() {
                return Err(Refusal::Unreadable("a field is there twice"));
            }
        }
        let time = request
            .only("x-amz-date")?
            .ok_or(Refusal::Unreadable("no X-Amz-Date header"))?;
        let token = request.only("x-amz-security-token")?;
        Self::new(
            [credential, signed_headers, signature, Some(time)],
            token,
            None,
        )
    }

    fn from_query(query: &[form::Parameter<'_>]) -> Result<Self, Refusal> {
        let only = |wanted: &str| {
            let mut found = query.iter().filter(|(name, _)| name == wanted);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(Refusal::Unreadable(
                    "a parameter of the signature is there twice",
                )),
                (first, _) => Ok(first.map(|(_, value)| value.as_ref())),
            }
        };
        if only("X-Amz-Algorithm")? != Some(ALGORITHM) {
            return Err(Refusal::Unreadable("the algorithm is not AWS4-HMAC-SHA256"));
        }
        let expires = only("X-Amz-Expires")?.and_then(|text| text.parse().ok());
        let expires = expires.filter(|seconds| (1..=EXPIRES_SECONDS_MAX).contains(seconds));
        let expires =
            expires.ok_or(Refusal::Unreadable("X-Amz-Expires is not from 1 to 604800"))?;
        let parts = [
            only("X-Amz-Credential")?,
            only("X-Amz-SignedHeaders")?,
            only("X-Amz-Signature")?,
            only("X-Amz-Date")?,
        ];
        Self::new(parts, only("X-Amz-Security-Token")?, Some(expires))
    }

    /// `parts` are credential, signed headers, signature and time.
    fn new(
        parts: [Option<&str>; 4],
        token: Option<&str>,
        expires: Option<i64>,
    ) -> Result<Self, Refusal> {
        let [
            Some(credential),
            Some(signed_headers),
            Some(signature),
            Some(time),
        ] = parts
        else {
            return Err(Refusal::Unreadable(
                "Credential, SignedHeaders, Signature and a date are all needed",
            ));
        };
        // An access key may contain slashes, the rest of a scope may not.
        let scope: Vec<&str> = credential.rsplitn(5, '/').collect();
        let [terminator, service, region, date, access_key] = scope[..] else {
            return Err(Refusal::Unreadable(
                "the credential is not KEY/DATE/REGION/SERVICE/aws4_request",
            ));
        };
        if terminator != "aws4_request" || [access_key, region, service].contains(&"") {
            return Err(Refusal::Unreadable(
                "the credential is not KEY/DATE/REGION/SERVICE/aws4_request",
            ));
        }
        if !time.starts_with(date) || date.len() != 8 {
            return Err(Refusal::Unreadable(
                "the scope's date is not the date signed",
            ));
        }
        if signature.len() != 64 {
            return Err(Refusal::Unreadable("the signature is not 64 hex digits"));
        }
        let signed_headers: Vec<String> = signed_headers.split(';').map(str::to_owned).collect();
        if !signed_headers.is_sorted_by(|one, next| one < next)
            || signed_headers
                .iter()
                .any(|name| name.bytes().any(|byte| byte.is_ascii_uppercase()))
        {
            return Err(Refusal::Unreadable(
                "SignedHeaders are not in lower case and ascending",
            ));
        }
        Ok(Self {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            time: time.to_owned(),
            signed_headers,
            signature: signature.to_owned(),
            session_token: token.map(str::to_owned),
            expires,
        })
    }

    /// Proves the claim: signs the request again with the key's secret and compares.
    ///
    /// The work is the same for a key that nobody has. Costs about 5 µs for a small body.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`], [`Refusal::Expired`], [`Refusal::UnknownKey`],
    /// [`Refusal::Mismatch`].
    pub fn verify<'c>(
        &self,
        request: &Received<'_>,
        now: DateTime<Utc>,
        credential: impl FnOnce(&str) -> Option<Credential<'c>>,
    ) -> Result<Identity, Refusal> {
        self.check_coverage(request)?;
        self.check_time(now)?;
        let payload = hex(&Sha256::digest(request.body));
        for declared in request.header("x-amz-content-sha256") {
            if declared != payload.as_bytes() {
                return Err(Refusal::Mismatch);
            }
        }
        let signed_headers: Vec<&str> = self.signed_headers.iter().map(String::as_str).collect();
        let canonical =
            canonical::request(request, &signed_headers, self.expires.is_some(), &payload)
                .map_err(|_| Refusal::Unreadable("the query string"))?;
        let credential = credential(&self.access_key);
        let secret = credential.map_or(NOBODYS_SECRET, |credential| credential.secret_key);
        let scope = canonical::Scope {
            date: &self.date,
            region: &self.region,
            service: &self.service,
        };
        let expected = canonical::signature(secret, &scope, &self.time, &canonical);
        let is_signed = bool::from(expected.as_bytes().ct_eq(self.signature.as_bytes()));
        let Some(credential) = credential else {
            return Err(Refusal::UnknownKey);
        };
        if !is_signed {
            return Err(Refusal::Mismatch);
        }
        let token = self.session_token.as_deref().unwrap_or_default();
        let wanted = credential.session_token.unwrap_or_default();
        if !bool::from(token.as_bytes().ct_eq(wanted.as_bytes())) {
            return Err(Refusal::UnknownKey);
        }
        Ok(Identity {
            access_key: self.access_key.clone(),
            account: credential.account.to_owned(),
            region: self.region.clone(),
            service: self.service.clone(),
        })
    }

    /// Whether the signature covers what it must: the host and every `X-Amz-` header.
    fn check_coverage(&self, request: &Received<'_>) -> Result<(), Refusal> {
        let covers = |name: &str| {
            self.signed_headers
                .iter()
                .any(|signed| signed.eq_ignore_ascii_case(name))
        };
        if !covers("host") || request.header("host").count() != 1 {
            return Err(Refusal::Unreadable("the Host header is not signed once"));
        }
        let is_amz = |name: &str| {
            name.get(..6)
                .is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"))
        };
        if request
            .headers
            .iter()
            .any(|(name, _)| is_amz(name) && !covers(name))
        {
            return Err(Refusal::Unreadable("an X-Amz- header is not signed"));
        }
        let is_there = |name: &&String| request.header(name).next().is_some();
        if !self.signed_headers.iter().all(|name| is_there(&name)) {
            return Err(Refusal::Unreadable("a signed header is absent"));
        }
        Ok(())
    }

    fn check_time(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let signed = NaiveDateTime::parse_from_str(&self.time, "%Y%m%dT%H%M%SZ");
        let signed = signed
            .map_err(|_| Refusal::Unreadable("the date is not YYYYMMDDTHHMMSSZ"))?
            .and_utc();
        let life = self.expires.map_or(SKEW_MAX, TimeDelta::seconds);
        let age = now.signed_duration_since(signed);
        if age > life || age < -SKEW_MAX {
            Err(Refusal::Expired)
        } else {
            Ok(())
        }
    }
}

/// Lower-case hex digits.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests;
