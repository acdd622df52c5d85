//! `IpPermission`: how rules are written in requests and answers (`SG-3`, `SG-4`).
//!
//! A permission is one protocol and port range with any number of peers; every peer is a rule of
//! its own. Parsing takes permissions apart into [`NewRule`]s, rendering gathers rules again.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Cx;
use crate::ids::{not_found, parse_id};
use crate::prefix_list;
use crate::vpc_peering_connection;

/// AWS: rule descriptions take up to 255 of these characters (`SG-12`).
const DESCRIPTION_CHARS_MAX: usize = 255;
const TEXT_PUNCTUATION: &str = " ._-:/()#,@[]+=&;{}!$*";

/// One `IpPermissions.N` of a request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IpPermission {
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub user_id_group_pairs: Vec<GroupPair>,
    pub ip_ranges: Vec<IpRange>,
    pub ipv6_ranges: Vec<Ipv6Range>,
    pub prefix_list_ids: Vec<PrefixListPeer>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupPair {
    pub group_id: Option<String>,
    pub group_name: Option<String>,
    pub user_id: Option<String>,
    pub vpc_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IpRange {
    pub cidr_ip: Option<String>,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipv6Range {
    pub cidr_ipv6: Option<String>,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PrefixListPeer {
    pub prefix_list_id: Option<String>,
    pub description: Option<String>,
}

/// A rule that a request speaks of; it has no id yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    pub traffic: RuleTraffic,
    pub peer: RulePeer,
    pub description: Option<String>,
}

impl NewRule {
    /// Whether a rule of a group says the same, whatever its description.
    pub fn is_said_by(&self, rule: &SecurityGroupRule) -> bool {
        self.traffic == rule.traffic && self.peer == rule.peer
    }
}

/// Takes permissions apart.
///
/// # Errors
/// What [`parse_traffic`], [`parse_cidr`] and the peers refuse; `MissingParameter` without a peer;
/// `InvalidParameterValue` when one rule is given twice.
pub fn parse_permissions(
    cx: &Cx,
    group: &SecurityGroup,
    permissions: &[IpPermission],
) -> Result<Vec<NewRule>, Error> {
    let mut rules: Vec<NewRule> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for permission in permissions {
        for rule in parse_permission(cx, group, permission)? {
            if !seen.insert((rule.traffic, rule.peer.clone())) {
                return Err(Error::invalid_parameter_value(
                    "The same permission must not appear multiple times",
                ));
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn parse_permission(
    cx: &Cx,
    group: &SecurityGroup,
    permission: &IpPermission,
) -> Result<Vec<NewRule>, Error> {
    let protocol = permission.ip_protocol.as_deref();
    let traffic = parse_traffic(protocol, permission.from_port, permission.to_port)?;
    let mut rules = Vec::new();
    let mut push = |peer, description: &Option<String>| {
        check_family(traffic, &peer)?;
        rules.push(NewRule {
            traffic,
            peer,
            description: parse_description(description.as_deref())?,
        });
        Ok::<_, Error>(())
    };
    for range in &permission.ip_ranges {
        let cidr = range.cidr_ip.as_deref().unwrap_or_default();
        push(parse_cidr(cidr)?, &range.description)?;
    }
    for range in &permission.ipv6_ranges {
        let cidr = range.cidr_ipv6.as_deref().unwrap_or_default();
        push(parse_cidr_v6(cidr)?, &range.description)?;
    }
    for pair in &permission.user_id_group_pairs {
        push(parse_group_pair(cx, group, pair)?, &pair.description)?;
    }
    for list in &permission.prefix_list_ids {
        let id = list.prefix_list_id.as_deref().unwrap_or_default();
        let peer = RulePeer::PrefixList(prefix_list::named(cx, id)?);
        push(peer, &list.description)?;
    }
    if rules.is_empty() {
        return Err(missing_peer());
    }
    Ok(rules)
}

/// The sentence for a rule that names nobody.
pub fn missing_peer() -> Error {
    Error::new(
        "MissingParameter",
        "Missing source specification: include source security group or CIDR information",
    )
}

/// Reads protocol and ports, which for ICMP are type and code.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`, `InvalidPermission.Malformed`.
pub fn parse_traffic(
    protocol: Option<&str>,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<RuleTraffic, Error> {
    let Some(protocol) = protocol.filter(|p| !p.is_empty()) else {
        return Err(Error::missing_parameter("ipProtocol"));
    };
    match protocol.to_ascii_lowercase().as_str() {
        "-1" | "all" => Ok(RuleTraffic::All),
        "tcp" | "6" => ports(from, to).map(|(from, to)| RuleTraffic::Tcp { from, to }),
        "udp" | "17" => ports(from, to).map(|(from, to)| RuleTraffic::Udp { from, to }),
        "icmp" | "1" => icmp("ICMP", from, to).map(|(kind, code)| RuleTraffic::Icmp { kind, code }),
        "icmpv6" | "58" => {
            icmp("ICMPv6", from, to).map(|(kind, code)| RuleTraffic::Icmpv6 { kind, code })
        }
        number => match number.parse::<u8>() {
            Ok(number) => Ok(RuleTraffic::Protocol(number)),
            Err(_) => Err(Error::invalid_parameter_value(format!(
                "Invalid value '{number}' for IP protocol. Unknown protocol."
            ))),
        },
    }
}

fn ports(from: Option<i64>, to: Option<i64>) -> Result<(u16, u16), Error> {
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Error::invalid_parameter_value(
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
        ));
    };
    match (u16::try_from(from), u16::try_from(to)) {
        (Ok(low), Ok(high)) if low <= high => Ok((low, high)),
        _ => Err(Error::invalid_parameter_value(format!(
            "Invalid TCP/UDP port range ({from}:{to})"
        ))),
    }
}

type TypeAndCode = (Option<u8>, Option<u8>);

fn icmp(name: &str, kind: Option<i64>, code: Option<i64>) -> Result<TypeAndCode, Error> {
    let (kind, code) = match (kind, code) {
        (Some(kind), Some(code)) => (kind, code),
        // AWS: all ICMPv6 types when both are left out.
        (None, None) if name == "ICMPv6" => (-1, -1),
        _ => {
            return Err(Error::invalid_parameter_value(format!(
                "Invalid value 'Must specify both from and to ports with {name}.' for portRange."
            )));
        }
    };
    let octet = |what: &str, value: i64| match value {
        -1 => Ok(None),
        _ => u8::try_from(value).map(Some).map_err(|_| {
            Error::invalid_parameter_value(format!("{name} {what} ({value}) out of range"))
        }),
    };
    let (kind, code) = (octet("type", kind)?, octet("code", code)?);
    if kind.is_none() && code.is_some() {
        return Err(Error::malformed_permission(format!(
            "A code was given without an {name} type: with type -1 the code must be -1."
        )));
    }
    Ok((kind, code))
}

/// ICMP goes with IPv4, ICMPv6 with IPv6.
fn check_family(traffic: RuleTraffic, peer: &RulePeer) -> Result<(), Error> {
    match (traffic, peer) {
        (RuleTraffic::Icmp { .. }, RulePeer::Ipv6(_))
        | (RuleTraffic::Icmpv6 { .. }, RulePeer::Ipv4(_)) => Err(Error::malformed_permission(
            "The protocol icmp takes IPv4 blocks and icmpv6 takes IPv6 blocks.",
        )),
        _ => Ok(()),
    }
}

/// Reads an IPv4 block into canonical form (`VPC-2`).
///
/// # Errors
/// `InvalidParameterValue`.
pub fn parse_cidr(text: &str) -> Result<RulePeer, Error> {
    text.parse::<ipnet::Ipv4Net>()
        .map(|net| RulePeer::Ipv4(net.trunc()))
        .map_err(|_| malformed_cidr(text))
}

/// Reads an IPv6 block into canonical form.
///
/// # Errors
/// `InvalidParameterValue`.
pub fn parse_cidr_v6(text: &str) -> Result<RulePeer, Error> {
    text.parse::<ipnet::Ipv6Net>()
        .map(|net| RulePeer::Ipv6(net.trunc()))
        .map_err(|_| malformed_cidr(text))
}

fn malformed_cidr(text: &str) -> Error {
    let text: String = text.chars().take(64).collect();
    Error::invalid_parameter_value(format!("CIDR block {text} is malformed"))
}

/// Reads a group as a peer: by id, or by name among the groups of the same VPC.
///
/// # Errors
/// `InvalidGroup.NotFound` for a group that the caller has not in this VPC, whatever its owner.
pub fn parse_group_pair(
    cx: &Cx,
    group: &SecurityGroup,
    pair: &GroupPair,
) -> Result<RulePeer, Error> {
    match find_group_pair(cx, group, pair) {
        Ok(peer) => Ok(peer),
        // What a rule says may be said again, to revoke it, after its group or the connection is gone (`PCX-42`).
        Err(refusal) => said_by_rule(group, pair).ok_or(refusal),
    }
}

/// The group that a rule of this group names with these words, there or not.
fn said_by_rule(group: &SecurityGroup, pair: &GroupPair) -> Option<RulePeer> {
    let wanted = pair.group_id.as_deref()?.parse::<SecurityGroupId>().ok()?;
    let says = |rule: &&SecurityGroupRule| match &rule.peer {
        RulePeer::SecurityGroup { id, owner, .. } => {
            let user = pair.user_id.as_deref();
            *id == wanted && user.is_none_or(|user| user == owner.as_str())
        }
        RulePeer::Ipv4(_) | RulePeer::Ipv6(_) | RulePeer::PrefixList(_) => false,
    };
    group.rules.iter().find(says).map(|rule| rule.peer.clone())
}

/// That a new rule names nobody who is gone.
///
/// # Errors
/// `InvalidGroup.NotFound`.
pub fn check_not_stale(cx: &Cx, group: &SecurityGroup, peer: &RulePeer) -> Result<(), Error> {
    let RulePeer::SecurityGroup { id, peer_vpc, .. } = peer else {
        return Ok(());
    };
    let joined = peer_vpc.is_none_or(|vpc| is_peered(cx, group.vpc, vpc));
    match joined && cx.get::<SecurityGroup>(*id).is_some() {
        true => Ok(()),
        false => Err(not_found::<SecurityGroupId>(id)),
    }
}

fn find_group_pair(cx: &Cx, group: &SecurityGroup, pair: &GroupPair) -> Result<RulePeer, Error> {
    let peer = match (&pair.group_id, &pair.group_name) {
        (Some(id), _) => {
            // A peer's group may be another account's.
            let parsed = parse_id::<SecurityGroupId>(id)?;
            let known = cx.get::<SecurityGroup>(parsed);
            known
                .filter(|peer| peer.owner == group.owner || is_peered(cx, group.vpc, peer.vpc))
                .ok_or_else(|| not_found::<SecurityGroupId>(id))?
        }
        (None, Some(name)) => cx
            .own::<SecurityGroup>()
            .find(|g| g.vpc == group.vpc && g.name == *name)
            .ok_or_else(|| not_found::<SecurityGroupId>(name))?,
        (None, None) => return Err(missing_peer()),
    };
    if pair
        .user_id
        .as_deref()
        .is_some_and(|u| u != peer.owner.as_str())
    {
        return Err(not_found::<SecurityGroupId>(peer.id));
    }
    let names_another = |vpc: &String| *vpc != peer.vpc.to_string();
    let is_near = peer.vpc == group.vpc;
    if !(is_near || is_peered(cx, group.vpc, peer.vpc))
        || pair.vpc_id.as_ref().is_some_and(names_another)
    {
        return Err(Error::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ));
    }
    if let Some(text) = &pair.vpc_peering_connection_id {
        let peering = cx.find::<VpcPeeringConnection>(text)?;
        if !peering.joins(group.vpc, peer.vpc) {
            return Err(not_found::<SecurityGroupId>(peer.id));
        }
    }
    Ok(RulePeer::SecurityGroup {
        id: peer.id,
        owner: peer.owner.clone(),
        peer_vpc: (!is_near).then_some(peer.vpc),
    })
}

/// Whether rules of one VPC may name groups of another: an active connection, within the region (`PCX-40`, `PCX-41`).
fn is_peered(cx: &Cx, near: VpcId, far: VpcId) -> bool {
    let mut all = cx.all::<VpcPeeringConnection>();
    all.any(|p| p.is_active() && !p.is_between_regions() && p.joins(near, far))
}

/// Reads a rule's description; the empty one is none.
///
/// # Errors
/// `InvalidParameterValue` (`SG-12`).
pub fn parse_description(text: Option<&str>) -> Result<Option<String>, Error> {
    match text {
        None | Some("") => Ok(None),
        Some(text) if is_plain(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(Error::invalid_parameter_value(format!(
            "Invalid rule description. Valid descriptions are strings less than 256 characters \
             from the following set:  a-zA-Z0-9{TEXT_PUNCTUATION}"
        ))),
    }
}

/// Whether a name or description keeps to AWS's characters and length (`SG-12`).
pub fn is_plain(text: &str) -> bool {
    text.len() <= DESCRIPTION_CHARS_MAX
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || TEXT_PUNCTUATION.contains(c))
}

/// One direction of a group as `IpPermissions`: one permission per protocol and port range, in the
/// order in which they first came.
pub fn render_permissions<'r>(
    cx: &Cx,
    vpc: VpcId,
    rules: impl Iterator<Item = &'r SecurityGroupRule>,
) -> Value {
    let mut gathered: Vec<(RuleTraffic, Vec<&SecurityGroupRule>)> = Vec::new();
    for rule in rules {
        match gathered
            .iter_mut()
            .find(|(traffic, _)| *traffic == rule.traffic)
        {
            Some((_, rules)) => rules.push(rule),
            None => gathered.push((rule.traffic, vec![rule])),
        }
    }
    gathered
        .into_iter()
        .map(|(traffic, rules)| {
            let peers = rules.iter().map(|r| (&r.peer, r.description.as_deref()));
            render_permission(cx, vpc, traffic, peers)
        })
        .collect()
}

/// One permission of an answer.
pub fn render_permission<'r>(
    cx: &Cx,
    vpc: VpcId,
    traffic: RuleTraffic,
    peers: impl Iterator<Item = (&'r RulePeer, Option<&'r str>)>,
) -> Value {
    let mut permission = Map::new();
    let (protocol, ports) = protocol_and_ports(traffic);
    permission.insert("IpProtocol".to_owned(), json!(protocol));
    if let Some((from, to)) = ports {
        permission.insert("FromPort".to_owned(), json!(from));
        permission.insert("ToPort".to_owned(), json!(to));
    }
    let (mut ipv4, mut ipv6) = (Vec::new(), Vec::new());
    let (mut groups, mut lists) = (Vec::new(), Vec::new());
    for (peer, description) in peers {
        let (list, mut item) = match peer {
            RulePeer::Ipv4(net) => (&mut ipv4, json!({"CidrIp": net})),
            RulePeer::Ipv6(net) => (&mut ipv6, json!({"CidrIpv6": net})),
            RulePeer::SecurityGroup {
                id,
                owner,
                peer_vpc,
            } => (
                &mut groups,
                render_group_pair(cx, vpc, *id, owner, *peer_vpc),
            ),
            RulePeer::PrefixList(id) => (&mut lists, json!({"PrefixListId": id})),
        };
        if let Some(description) = description {
            item["Description"] = json!(description);
        }
        list.push(item);
    }
    permission.insert("IpRanges".to_owned(), Value::Array(ipv4));
    permission.insert("Ipv6Ranges".to_owned(), Value::Array(ipv6));
    permission.insert("UserIdGroupPairs".to_owned(), Value::Array(groups));
    permission.insert("PrefixListIds".to_owned(), Value::Array(lists));
    Value::Object(permission)
}

/// A group as a peer, of the rule's own `vpc` or of another. AWS shows its VPC only where that needs saying, and the
/// connection with it (`PCX-40`, `PCX-42`).
pub fn render_group_pair(
    cx: &Cx,
    vpc: VpcId,
    id: SecurityGroupId,
    owner: &AccountId,
    peer_vpc: Option<VpcId>,
) -> Value {
    let mut pair = json!({"GroupId": id, "UserId": owner});
    if let Some(peer_vpc) = peer_vpc {
        let peering = vpc_peering_connection::between(cx, vpc, peer_vpc);
        pair["VpcId"] = json!(peer_vpc);
        pair["PeeringStatus"] = json!(peering.map_or("deleted", |p| p.status.as_str()));
        if let Some(peering) = peering {
            pair["VpcPeeringConnectionId"] = json!(peering.id);
        }
    }
    pair
}

/// A rule's protocol as AWS spells it, and its ports or ICMP type and code where it has them.
pub fn protocol_and_ports(traffic: RuleTraffic) -> (String, Option<(i64, i64)>) {
    let any = |octet: Option<u8>| octet.map_or(-1, i64::from);
    match traffic {
        RuleTraffic::All => ("-1".to_owned(), None),
        RuleTraffic::Tcp { from, to } => ("tcp".to_owned(), Some((from.into(), to.into()))),
        RuleTraffic::Udp { from, to } => ("udp".to_owned(), Some((from.into(), to.into()))),
        RuleTraffic::Icmp { kind, code } => ("icmp".to_owned(), Some((any(kind), any(code)))),
        RuleTraffic::Icmpv6 { kind, code } => ("icmpv6".to_owned(), Some((any(kind), any(code)))),
        RuleTraffic::Protocol(number) => (number.to_string(), None),
    }
}

/// A rule as `InvalidPermission.Duplicate` quotes it.
pub fn describe_rule(rule: &NewRule) -> String {
    let peer = match &rule.peer {
        RulePeer::Ipv4(net) => net.to_string(),
        RulePeer::Ipv6(net) => net.to_string(),
        RulePeer::SecurityGroup { id, .. } => id.to_string(),
        RulePeer::PrefixList(id) => id.to_string(),
    };
    match protocol_and_ports(rule.traffic) {
        (protocol, _) if protocol == "-1" => format!("peer: {peer}, ALL, ALLOW"),
        (protocol, Some((from, to))) => format!(
            "peer: {peer}, {}, from port: {from}, to port: {to}, ALLOW",
            protocol.to_uppercase()
        ),
        (protocol, None) => format!("peer: {peer}, {protocol}, ALLOW"),
    }
}
