//! Reading requests: typed structs out of member-name JSON, required members, lists, blocks.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{Ipv4Net, Ipv6Net};
use openvpc_ec2::Error;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Turns a decoded request into a handler's own struct.
///
/// # Errors
/// `InvalidParameterValue` when a member has another type than the handler's.
pub fn read<T: DeserializeOwned>(input: Value) -> Result<T, Error> {
    serde_json::from_value(input).map_err(|e| Error::invalid_parameter_value(e.to_string()))
}

/// Drops members that are the empty text, at any depth: some clients send what is not set so.
pub fn without_empty(mut input: Value) -> Value {
    match &mut input {
        Value::Object(members) => {
            members.retain(|_, value| value.as_str() != Some(""));
            members
                .values_mut()
                .for_each(|v| *v = without_empty(v.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| *v = without_empty(v.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    input
}

/// A member that must be there and not empty.
///
/// # Errors
/// `MissingParameter`.
pub fn required<'a>(member: &'a Option<String>, name: &str) -> Result<&'a str, Error> {
    match member.as_deref() {
        None | Some("") => Err(Error::missing_parameter(name)),
        Some(text) => Ok(text),
    }
}

/// Refuses a member of AWS that openvpc cannot honour, instead of passing over it in silence.
///
/// # Errors
/// `UnsupportedOperation`.
pub fn unsupported<T>(member: &Option<T>, name: &str) -> Result<(), Error> {
    match member {
        None => Ok(()),
        Some(_) => Err(Error::unsupported_operation(format!(
            "The parameter {name} is not supported."
        ))),
    }
}

/// An attribute in its wrapper: `EnableDnsSupport.Value=true`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeBool {
    pub value: Option<bool>,
}

/// Reads an IPv4 block and drops its host bits (`VPC-2`).
///
/// # Errors
/// `InvalidParameterValue`.
pub fn ipv4_cidr(text: &str, name: &str) -> Result<Ipv4Net, Error> {
    let net = block::<Ipv4Addr>(text).and_then(|(address, len)| Ipv4Net::new(address, len).ok());
    net.map(|net| net.trunc())
        .ok_or_else(|| Error::not_a_cidr(name, text))
}

/// Reads an IPv6 block and drops its host bits.
///
/// # Errors
/// `InvalidParameterValue`.
pub fn ipv6_cidr(text: &str, name: &str) -> Result<Ipv6Net, Error> {
    let net = block::<Ipv6Addr>(text).and_then(|(address, len)| Ipv6Net::new(address, len).ok());
    net.map(|net| net.trunc())
        .ok_or_else(|| Error::not_a_cidr(name, text))
}

/// Address and length of a block, read strictly: `010.0.0.0/8` is 8/8 to some readers and 10/8 to others.
fn block<A: FromStr>(text: &str) -> Option<(A, u8)> {
    let (address, len) = text.split_once('/')?;
    let digits = len.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (len == "0" || !len.starts_with('0'));
    Some((address.parse().ok()?, len.parse().ok().filter(|_| plain)?))
}

/// Whether two blocks share an address.
pub fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// The answer of a call without result.
pub fn done() -> Result<Value, Error> {
    Ok(Value::Object(serde_json::Map::new()))
}
