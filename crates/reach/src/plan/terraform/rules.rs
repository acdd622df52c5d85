//! Routes, groups' rules and ACLs' entries, which stand alone or within the resource that they belong to.

use openvpc_ec2::Error;
use serde_json::{Value, json};

use super::Work;
use super::resource::Resource;

/// The targets of a route: the provider's attribute, and the API's member.
const TARGETS: [(&str, &str); 7] = [
    ("gateway_id", "GatewayId"),
    ("nat_gateway_id", "NatGatewayId"),
    ("egress_only_gateway_id", "EgressOnlyInternetGatewayId"),
    ("network_interface_id", "NetworkInterfaceId"),
    ("vpc_peering_connection_id", "VpcPeeringConnectionId"),
    ("instance_id", "InstanceId"),
    ("vpc_endpoint_id", "VpcEndpointId"),
];

pub(super) fn route(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: Value,
) -> Result<(), Error> {
    let input = route_input(work, resource, table);
    work.call("CreateRoute", input).map(drop)
}

pub(super) fn replace_route(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: Value,
) -> Result<(), Error> {
    let input = route_input(work, resource, table);
    work.call("ReplaceRoute", input).map(drop)
}

fn route_input(work: &mut Work<'_, '_>, resource: &Resource<'_>, table: Value) -> Value {
    let after = resource.after;
    let mut input = json!({
        "RouteTableId": table,
        "DestinationCidrBlock": filled(&after["destination_cidr_block"]),
        "DestinationIpv6CidrBlock": filled(&after["destination_ipv6_cidr_block"]),
        "DestinationPrefixListId": filled(&after["destination_prefix_list_id"]),
    });
    for (attribute, member) in TARGETS {
        input[member] = filled(&work.named(resource, attribute));
    }
    input
}

pub(super) fn inline_routes(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
) -> Result<(), Error> {
    let routes = resource.after["route"].as_array().into_iter().flatten();
    for (number, route) in routes.enumerate() {
        let mut input = json!({
            "RouteTableId": table,
            "DestinationCidrBlock": filled(&route["cidr_block"]),
            "DestinationIpv6CidrBlock": filled(&route["ipv6_cidr_block"]),
            "DestinationPrefixListId": filled(&route["destination_prefix_list_id"]),
        });
        for (attribute, member) in TARGETS {
            let mut referred = resource.block_references("route", number, attribute);
            let referred = referred.find_map(|to| work.id_of(resource, to));
            input[member] = match filled(&route[attribute]) {
                Value::Null => referred.map_or(Value::Null, Value::String),
                known => known,
            };
        }
        work.call("CreateRoute", input)?;
    }
    Ok(())
}

/// The provider takes away the rule that lets everything out, which AWS gives to a new group.
pub(super) fn security_group(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
) -> Result<(), Error> {
    let vpc = work.named(resource, "vpc_id");
    let name = resource.after["name"].as_str().unwrap_or(resource.address);
    let description = resource.after["description"]
        .as_str()
        .unwrap_or("terraform");
    let input = json!({"GroupName": name, "Description": description, "VpcId": vpc});
    let id = work.make(resource, "CreateSecurityGroup", input, "/GroupId")?;
    let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let input = json!({"GroupId": id, "IpPermissions": everything});
    work.call("RevokeSecurityGroupEgress", input)?;
    inline_rules(work, resource, &id)
}

/// Takes away the rules of before and gives those of after.
pub(super) fn replace_rules(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Error> {
    let Some(id) = resource.before["id"].as_str() else {
        return Ok(());
    };
    for (block, egress) in [("ingress", false), ("egress", true)] {
        if !resource.differs(block) {
            continue;
        }
        let rules = resource.before[block].as_array().into_iter().flatten();
        let action = if egress {
            "RevokeSecurityGroupEgress"
        } else {
            "RevokeSecurityGroupIngress"
        };
        for rule in rules {
            let input = json!({"GroupId": id, "IpPermissions": [permission(rule, id, &[])]});
            work.call(action, input)?;
        }
        blocks(work, resource, id, (block, egress))?;
    }
    Ok(())
}

fn inline_rules(work: &mut Work<'_, '_>, resource: &Resource<'_>, id: &str) -> Result<(), Error> {
    blocks(work, resource, id, ("ingress", false))?;
    blocks(work, resource, id, ("egress", true))
}

fn blocks(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    (block, egress): (&str, bool),
) -> Result<(), Error> {
    let rules = resource.after[block].as_array().into_iter().flatten();
    for (number, rule) in rules.enumerate() {
        let referred = resource.block_references(block, number, "security_groups");
        let groups: Vec<String> = referred.filter_map(|to| work.id_of(resource, to)).collect();
        authorize(work, id, permission(rule, id, &groups), egress)?;
    }
    Ok(())
}

fn authorize(
    work: &mut Work<'_, '_>,
    group: &str,
    permission: Value,
    egress: bool,
) -> Result<(), Error> {
    let action = match egress {
        true => "AuthorizeSecurityGroupEgress",
        false => "AuthorizeSecurityGroupIngress",
    };
    let input = json!({"GroupId": group, "IpPermissions": [permission]});
    work.call(action, input).map(drop)
}

/// A permission out of a block or of `aws_security_group_rule`; `groups` are those that only references name.
fn permission(rule: &Value, own: &str, groups: &[String]) -> Value {
    let blocks = |attribute: &str, member: &str| -> Vec<Value> {
        let blocks = rule[attribute].as_array().into_iter().flatten();
        blocks.map(|block| json!({member: block})).collect()
    };
    let known = rule["security_groups"].as_array().into_iter().flatten();
    let known = known.filter_map(Value::as_str).map(str::to_owned);
    let itself = (rule["self"] == true).then(|| own.to_owned());
    let mut pairs: Vec<String> = known.chain(itself).chain(groups.iter().cloned()).collect();
    pairs.sort();
    pairs.dedup();
    let pairs: Vec<Value> = pairs.iter().map(|id| json!({"GroupId": id})).collect();
    let mut permission = json!({"IpProtocol": rule["protocol"].as_str().unwrap_or("-1")});
    if permission["IpProtocol"] != "-1" {
        permission["FromPort"] = rule["from_port"].clone();
        permission["ToPort"] = rule["to_port"].clone();
    }
    for (member, values) in [
        ("IpRanges", blocks("cidr_blocks", "CidrIp")),
        ("Ipv6Ranges", blocks("ipv6_cidr_blocks", "CidrIpv6")),
        ("PrefixListIds", blocks("prefix_list_ids", "PrefixListId")),
        ("UserIdGroupPairs", pairs),
    ] {
        if !values.is_empty() {
            permission[member] = json!(values);
        }
    }
    permission
}

/// `aws_security_group_rule`.
pub(super) fn security_group_rule(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
) -> Result<(), Error> {
    let group = work.named(resource, "security_group_id");
    let group = group.as_str().unwrap_or_default().to_owned();
    let source = work.named(resource, "source_security_group_id");
    let source: Vec<String> = source.as_str().map(str::to_owned).into_iter().collect();
    let permission = permission(resource.after, &group, &source);
    authorize(work, &group, permission, resource.after["type"] == "egress")
}

/// `aws_vpc_security_group_ingress_rule` and its sibling.
pub(super) fn single_rule(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    egress: bool,
) -> Result<(), Error> {
    let after = resource.after;
    let group = work.named(resource, "security_group_id");
    let group = group.as_str().unwrap_or_default().to_owned();
    let peer = work.named(resource, "referenced_security_group_id");
    let mut permission = json!({"IpProtocol": after["ip_protocol"].as_str().unwrap_or("-1")});
    if permission["IpProtocol"] != "-1" {
        permission["FromPort"] = after["from_port"].clone();
        permission["ToPort"] = after["to_port"].clone();
    }
    for (member, value) in [
        ("IpRanges", json!([{"CidrIp": after["cidr_ipv4"]}])),
        ("Ipv6Ranges", json!([{"CidrIpv6": after["cidr_ipv6"]}])),
        (
            "PrefixListIds",
            json!([{"PrefixListId": after["prefix_list_id"]}]),
        ),
        ("UserIdGroupPairs", json!([{"GroupId": peer}])),
    ] {
        let told = value[0].as_object().into_iter().flatten();
        if told.into_iter().any(|(_, value)| value.is_string()) {
            permission[member] = value;
        }
    }
    authorize(work, &group, permission, egress)
}

/// `aws_network_acl`, with its subnets and entries.
pub(super) fn network_acl(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Error> {
    let vpc = work.named(resource, "vpc_id");
    let input = json!({"VpcId": vpc});
    let id = work.make(
        resource,
        "CreateNetworkAcl",
        input,
        "/NetworkAcl/NetworkAclId",
    )?;
    for (block, egress) in [("ingress", false), ("egress", true)] {
        let entries = resource.after[block].as_array().into_iter().flatten();
        for entry in entries {
            acl_entry(work, json!(id), entry, egress)?;
        }
    }
    for subnet in work.all_named(resource, "subnet_ids") {
        let input = json!({"Filters": [{"Name": "association.subnet-id", "Values": [subnet]}]});
        let answer = work.call("DescribeNetworkAcls", input)?;
        let bonds = answer["NetworkAcls"][0]["Associations"].as_array();
        let mut bonds = bonds.into_iter().flatten();
        let bond = bonds.find(|bond| bond["SubnetId"] == subnet);
        if let Some(bond) = bond {
            let input = json!({
                "AssociationId": bond["NetworkAclAssociationId"], "NetworkAclId": id,
            });
            work.call("ReplaceNetworkAclAssociation", input)?;
        }
    }
    Ok(())
}

/// An entry out of a block (`rule_no`, `action`) or of `aws_network_acl_rule` (`rule_number`, `rule_action`).
pub(super) fn acl_entry(
    work: &mut Work<'_, '_>,
    acl: Value,
    entry: &Value,
    egress: bool,
) -> Result<(), Error> {
    let either = |one: &str, other: &str| match &entry[one] {
        Value::Null => entry[other].clone(),
        value => value.clone(),
    };
    let protocol = entry["protocol"].as_str().unwrap_or("-1");
    let mut input = json!({
        "NetworkAclId": acl,
        "Egress": egress,
        "RuleNumber": either("rule_number", "rule_no"),
        "RuleAction": either("rule_action", "action"),
        "Protocol": protocol,
        "CidrBlock": filled(&entry["cidr_block"]),
        "Ipv6CidrBlock": filled(&entry["ipv6_cidr_block"]),
    });
    match protocol {
        "tcp" | "6" | "udp" | "17" => {
            input["PortRange"] = json!({"From": entry["from_port"], "To": entry["to_port"]});
        }
        "icmp" | "1" | "icmpv6" | "58" => {
            let (kind, code) = (&entry["icmp_type"], &entry["icmp_code"]);
            input["IcmpTypeCode"] = json!({
                "Type": kind.as_i64().unwrap_or(-1), "Code": code.as_i64().unwrap_or(-1),
            });
        }
        _ => {}
    }
    work.call("CreateNetworkAclEntry", input).map(drop)
}

/// A text that says something; the provider writes what is not set as the empty text.
fn filled(value: &Value) -> Value {
    match value.as_str() {
        Some("") | None => Value::Null,
        Some(text) => json!(text),
    }
}
