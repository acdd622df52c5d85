//! A provider's own name for its service, and the proof that its domain is the provider's: a TXT record (`EP-7`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::elb::clip;
use crate::request::required;

/// RFC 1035 §2.3.4, without the closing dot.
const NAME_LEN_MAX: usize = 253;
const LABEL_LEN_MAX: usize = 63;
/// Letters and digits of record names and values, as AWS draws them.
const RANDOM_LEN: usize = 20;

/// A name that is yet to be proved. A star may stand for its first label.
///
/// # Errors
/// `InvalidParameter`.
pub fn new(cx: &mut Cx, name: &str) -> Result<ProviderDnsName, Error> {
    let lower = name.to_ascii_lowercase();
    let domain = lower.strip_prefix("*.").unwrap_or(&lower);
    let is_label = |label: &str| {
        let plain = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        plain
            && (1..=LABEL_LEN_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if lower.len() > NAME_LEN_MAX || !domain.contains('.') || !domain.split('.').all(is_label) {
        return Err(Error::invalid_parameter(format!(
            "The private DNS name '{}' is not a valid domain name",
            clip(name)
        )));
    }
    Ok(ProviderDnsName {
        name: lower,
        state: DnsNameState::PendingVerification,
        record: format!("_{}", draw(cx)),
        value: format!("vpce:{}", draw(cx)),
        asked_at: None,
    })
}

fn draw(cx: &mut Cx) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut letter = || char::from(LETTERS[(cx.random() % LETTERS.len() as u64) as usize]);
    (0..RANDOM_LEN).map(|_| letter()).collect()
}

/// `privateDnsNameConfiguration`.
pub fn render(own: &ProviderDnsName) -> Value {
    json!({
        "State": own.state.as_str(),
        "Type": "TXT",
        "Value": own.value,
        "Name": own.record,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StartRequest {
    service_id: Option<String>,
}

/// Has somebody look for the record: [`crate::domain_proof`].
pub fn start(cx: &mut Cx, req: StartRequest) -> Result<Value, Error> {
    let id = required(&req.service_id, "serviceId")?;
    let mut service = cx.find::<VpcEndpointService>(id)?.clone();
    let now = cx.now();
    let Some(own) = &mut service.private_dns_name else {
        return Err(Error::invalid_parameter(format!(
            "The VPC endpoint service '{id}' has no private DNS name"
        )));
    };
    if own.state == DnsNameState::Verified {
        return Err(Error::invalid_parameter(format!(
            "The private DNS name of '{id}' is verified already"
        )));
    }
    own.state = DnsNameState::PendingVerification;
    own.asked_at = Some(now);
    cx.put(service);
    Ok(json!({"ReturnValue": true}))
}
