//! Entries of a network ACL: numbered, one protocol, one block, allow or deny (`ACL-1`, `ACL-4`).

use ipnet::IpNet;
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::request::{done, ipv4_cidr, ipv6_cidr, required};

/// CreateNetworkAclEntry and ReplaceNetworkAclEntry.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EntryRequest {
    network_acl_id: Option<String>,
    rule_number: Option<i64>,
    protocol: Option<String>,
    rule_action: Option<String>,
    egress: Option<bool>,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    icmp_type_code: Option<IcmpTypeCode>,
    port_range: Option<PortRange>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct IcmpTypeCode {
    #[serde(rename = "Type")]
    kind: Option<i64>,
    code: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PortRange {
    from: Option<i64>,
    to: Option<i64>,
}

impl EntryRequest {
    fn entry(&self) -> Result<NetworkAclEntry, Error> {
        Ok(NetworkAclEntry {
            rule_number: rule_number(self.rule_number)?,
            is_egress: self
                .egress
                .ok_or_else(|| Error::missing_parameter("egress"))?,
            allow: match required(&self.rule_action, "ruleAction")? {
                "allow" => true,
                "deny" => false,
                other => return Err(Error::invalid_value("ruleAction", other)),
            },
            traffic: self.traffic()?,
            cidr: match (&self.cidr_block, &self.ipv6_cidr_block) {
                (Some(_), Some(_)) => return Err(Error::exclusive("cidrBlock", "ipv6CidrBlock")),
                (Some(cidr), None) => IpNet::V4(ipv4_cidr(cidr, "cidrBlock")?),
                (None, Some(cidr)) => IpNet::V6(ipv6_cidr(cidr, "ipv6CidrBlock")?),
                (None, None) => return Err(Error::missing_parameter("cidrBlock")),
            },
        })
    }

    /// Ports of a protocol that has none are passed over: Terraform sends 0–0 with `-1`.
    fn traffic(&self) -> Result<AclTraffic, Error> {
        let protocol = required(&self.protocol, "protocol")?;
        match protocol.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(AclTraffic::All),
            "6" | "tcp" => self.ports().map(|(from, to)| AclTraffic::Tcp { from, to }),
            "17" | "udp" => self.ports().map(|(from, to)| AclTraffic::Udp { from, to }),
            "1" | "icmp" => self
                .icmp()
                .map(|(kind, code)| AclTraffic::Icmp { kind, code }),
            "58" | "icmpv6" | "ipv6-icmp" => self
                .icmp()
                .map(|(kind, code)| AclTraffic::Icmpv6 { kind, code }),
            number => match number.parse::<u8>() {
                Ok(number) => Ok(AclTraffic::Protocol(number)),
                Err(_) => Err(Error::invalid_parameter_value(format!(
                    "Invalid value '{protocol}' for IP protocol. Unknown protocol."
                ))),
            },
        }
    }

    fn ports(&self) -> Result<(u16, u16), Error> {
        let range = self.port_range.as_ref();
        let from = range.and_then(|r| r.from);
        let to = range.and_then(|r| r.to);
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Error::missing_parameter("portRange"));
        };
        match (u16::try_from(from), u16::try_from(to)) {
            (Ok(low), Ok(high)) if low <= high => Ok((low, high)),
            _ => Err(Error::invalid_value("portRange", &format!("{from}-{to}"))),
        }
    }

    fn icmp(&self) -> Result<(Option<u8>, Option<u8>), Error> {
        let icmp = self.icmp_type_code.as_ref();
        let icmp = icmp.ok_or_else(|| Error::missing_parameter("icmpTypeCode.type"))?;
        let octet = |name: &str, value: Option<i64>| match value {
            None => Err(Error::missing_parameter(name)),
            Some(-1) => Ok(None),
            Some(value) => u8::try_from(value)
                .map(Some)
                .map_err(|_| Error::invalid_value(name, &value.to_string())),
        };
        let kind = octet("icmpTypeCode.type", icmp.kind)?;
        let code = octet("icmpTypeCode.code", icmp.code)?;
        if kind.is_none() && code.is_some() {
            return Err(Error::invalid_value_because(
                "icmpTypeCode.code",
                &code.unwrap_or_default().to_string(),
                "With type -1 the code must be -1.",
            ));
        }
        Ok((kind, code))
    }
}

/// 1 to 32766; the closing denies lie above (`ACL-1`, `ACL-2`).
fn rule_number(number: Option<i64>) -> Result<RuleNumber, Error> {
    let number = number.ok_or_else(|| Error::missing_parameter("ruleNumber"))?;
    u16::try_from(number)
        .ok()
        .and_then(|n| RuleNumber::try_from(n).ok())
        .ok_or_else(|| {
            let why = format!("Rule numbers are 1 to {}.", RuleNumber::MAX);
            Error::invalid_value_because("ruleNumber", &number.to_string(), &why)
        })
}

/// Adds an entry, or writes over one of the same number and direction.
pub fn create(cx: &mut Cx, req: EntryRequest) -> Result<Value, Error> {
    let (mut acl, entry) = acl_and_entry(cx, &req)?;
    if position(&acl, &entry).is_some() {
        return Err(Error::acl_entry_exists(entry.rule_number.get()));
    }
    acl.entries.push(entry);
    store(cx, acl)
}

/// Writes over an entry that must exist.
pub fn replace(cx: &mut Cx, req: EntryRequest) -> Result<Value, Error> {
    let (mut acl, entry) = acl_and_entry(cx, &req)?;
    let Some(at) = position(&acl, &entry) else {
        return Err(Error::acl_entry_not_found(entry.rule_number.get()));
    };
    acl.entries[at] = entry;
    store(cx, acl)
}

fn acl_and_entry(cx: &Cx, req: &EntryRequest) -> Result<(NetworkAcl, NetworkAclEntry), Error> {
    let id = required(&req.network_acl_id, "networkAclId")?;
    let entry = req.entry()?;
    Ok((cx.find::<NetworkAcl>(id)?.clone(), entry))
}

fn position(acl: &NetworkAcl, entry: &NetworkAclEntry) -> Option<usize> {
    acl.entries
        .iter()
        .position(|e| (e.is_egress, e.rule_number) == (entry.is_egress, entry.rule_number))
}

/// Keeps entries ascending within a direction, and below the quota (`ACL-6`): per direction and
/// family, the closing deny counted.
fn store(cx: &mut Cx, mut acl: NetworkAcl) -> Result<Value, Error> {
    for is_egress in [false, true] {
        let side = || acl.entries.iter().filter(move |e| e.is_egress == is_egress);
        let ipv6 = side().filter(|e| matches!(e.cidr, IpNet::V6(_))).count();
        let ipv4 = side().count() - ipv6;
        if ipv4.max(ipv6) + 1 > cx.quotas().entries_per_network_acl {
            return Err(Error::limit_exceeded(
                "NetworkAclEntryLimitExceeded",
                "network ACL entries",
            ));
        }
    }
    acl.entries.sort_by_key(|e| (e.is_egress, e.rule_number));
    cx.put(acl);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    network_acl_id: Option<String>,
    rule_number: Option<i64>,
    egress: Option<bool>,
}

/// Removes an entry; the closing denies cannot be named (`ACL-2`).
pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let id = required(&req.network_acl_id, "networkAclId")?;
    let number = rule_number(req.rule_number)?;
    let is_egress = req
        .egress
        .ok_or_else(|| Error::missing_parameter("egress"))?;
    let mut acl = cx.find::<NetworkAcl>(id)?.clone();
    let before = acl.entries.len();
    acl.entries
        .retain(|e| (e.is_egress, e.rule_number) != (is_egress, number));
    if acl.entries.len() == before {
        return Err(Error::acl_entry_not_found(number.get()));
    }
    cx.put(acl);
    done()
}

/// Egress then ingress as AWS lists them, each closed by its denies (`ACL-2`).
pub fn render_entries(acl: &NetworkAcl, has_ipv6: bool) -> Value {
    let mut entries = Vec::new();
    for is_egress in [true, false] {
        let side = acl.entries.iter().filter(|e| e.is_egress == is_egress);
        entries.extend(side.map(render_entry));
        entries.push(json!({
            "RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "Egress": is_egress,
            "CidrBlock": "0.0.0.0/0",
        }));
        if has_ipv6 {
            entries.push(json!({
                "RuleNumber": 32768, "Protocol": "-1", "RuleAction": "deny", "Egress": is_egress,
                "Ipv6CidrBlock": "::/0",
            }));
        }
    }
    Value::Array(entries)
}

fn render_entry(entry: &NetworkAclEntry) -> Value {
    let mut item = json!({
        "RuleNumber": entry.rule_number.get(),
        "Protocol": protocol_number(entry.traffic).to_string(),
        "RuleAction": if entry.allow { "allow" } else { "deny" },
        "Egress": entry.is_egress,
    });
    match entry.cidr {
        IpNet::V4(net) => item["CidrBlock"] = json!(net),
        IpNet::V6(net) => item["Ipv6CidrBlock"] = json!(net),
    }
    let any = |octet: Option<u8>| octet.map_or(-1, i64::from);
    match entry.traffic {
        AclTraffic::Tcp { from, to } | AclTraffic::Udp { from, to } => {
            item["PortRange"] = json!({"From": from, "To": to});
        }
        AclTraffic::Icmp { kind, code } | AclTraffic::Icmpv6 { kind, code } => {
            item["IcmpTypeCode"] = json!({"Type": any(kind), "Code": any(code)});
        }
        AclTraffic::All | AclTraffic::Protocol(_) => {}
    }
    item
}

/// `-1` or the IANA number: what AWS answers whatever name was sent (`ACL-4`).
pub fn protocol_number(traffic: AclTraffic) -> i16 {
    match traffic {
        AclTraffic::All => -1,
        AclTraffic::Icmp { .. } => 1,
        AclTraffic::Tcp { .. } => 6,
        AclTraffic::Udp { .. } => 17,
        AclTraffic::Icmpv6 { .. } => 58,
        AclTraffic::Protocol(number) => number.into(),
    }
}
