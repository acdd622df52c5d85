//! Routes, groups' rules and ACLs' entries, which stand alone or within the resource that they belong to.

use serde_json::{Value, json};

use super::resource::Resource;
use super::{Stop, Work};

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

/// What a new resource holds within itself, once everything is there that it may name.
pub(super) fn fill(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let made = |kind: &str| work.ids.of(resource.address, kind).map(str::to_owned);
    match resource.kind {
        "aws_route_table" => match made("rtb-") {
            Some(id) => inline_routes(work, resource, &id),
            None => Ok(()),
        },
        "aws_security_group" => match made("sg-") {
            Some(id) => {
                blocks(work, resource, &id, ("ingress", false))?;
                blocks(work, resource, &id, ("egress", true))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// What is within a resource that changes in place: that of before goes, that of after comes.
pub(super) fn refill(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let Some(id) = resource.before["id"].as_str() else {
        return Ok(());
    };
    match resource.kind {
        "aws_security_group" => replace_rules(work, resource, id),
        "aws_route_table" if resource.differs("route") => {
            for route in each(&resource.before["route"]) {
                let mut input = destination(route);
                input["RouteTableId"] = json!(id);
                work.call(resource, "DeleteRoute", input)?;
            }
            inline_routes(work, resource, id)
        }
        "aws_network_acl" => {
            for (block, egress) in [("ingress", false), ("egress", true)] {
                if !resource.differs(block) {
                    continue;
                }
                for entry in each(&resource.before[block]) {
                    let input = json!({"NetworkAclId": id, "RuleNumber": entry["rule_no"], "Egress": egress});
                    work.call(resource, "DeleteNetworkAclEntry", input)?;
                }
                for entry in each(&resource.after[block]) {
                    acl_entry(work, resource, json!(id), entry, egress)?;
                }
            }
            match resource.differs("subnet_ids") {
                true => acl_subnets(work, resource, id),
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// What `Value::Null` or a list holds.
fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

pub(super) fn route(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: Value,
) -> Result<(), Stop> {
    let input = route_input(work, resource, table)?;
    work.call(resource, "CreateRoute", input)?;
    Ok(())
}

pub(super) fn replace_route(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: Value,
) -> Result<(), Stop> {
    let input = route_input(work, resource, table)?;
    work.call(resource, "ReplaceRoute", input)?;
    Ok(())
}

fn route_input(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: Value,
) -> Result<Value, Stop> {
    let after = resource.after;
    let mut input = json!({
        "RouteTableId": table,
        "DestinationCidrBlock": filled(&after["destination_cidr_block"]),
        "DestinationIpv6CidrBlock": filled(&after["destination_ipv6_cidr_block"]),
        "DestinationPrefixListId": filled(&after["destination_prefix_list_id"]),
    });
    for (attribute, member) in TARGETS {
        input[member] = filled(&work.named(resource, attribute)?);
    }
    Ok(input)
}

/// The provider has all routes of a table in one attribute, whose references are not told apart.
fn inline_routes(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
) -> Result<(), Stop> {
    for (number, route) in each(&resource.after["route"]).enumerate() {
        let mut input = destination(route);
        input["RouteTableId"] = json!(table);
        for (attribute, member) in TARGETS {
            input[member] = filled(&route[attribute]);
            if resource.is_unknown_in("route", number, attribute) {
                let expression = &resource.expressions["route"];
                match work.referred(resource, expression, attribute).as_slice() {
                    [id] => input[member] = json!(id),
                    _ => return Err(Stop::Unknown("a route's target")),
                }
            }
        }
        work.call(resource, "CreateRoute", input)?;
    }
    Ok(())
}

/// Where the route of a block leads.
fn destination(route: &Value) -> Value {
    json!({
        "DestinationCidrBlock": filled(&route["cidr_block"]),
        "DestinationIpv6CidrBlock": filled(&route["ipv6_cidr_block"]),
        "DestinationPrefixListId": filled(&route["destination_prefix_list_id"]),
    })
}

/// The provider takes away the rule that lets everything out, which AWS gives to a new group.
pub(super) fn security_group(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let vpc = work.named(resource, "vpc_id")?;
    let name = resource.after["name"].as_str().unwrap_or(resource.address);
    let description = resource.after["description"]
        .as_str()
        .unwrap_or("terraform");
    let input = json!({"GroupName": name, "Description": description, "VpcId": vpc});
    let id = work.make(resource, "CreateSecurityGroup", input, "/GroupId")?;
    let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let input = json!({"GroupId": id, "IpPermissions": everything});
    work.call(resource, "RevokeSecurityGroupEgress", input)?;
    Ok(())
}

/// Takes away the rules of before and gives those of after.
fn replace_rules(work: &mut Work<'_, '_>, resource: &Resource<'_>, id: &str) -> Result<(), Stop> {
    for (block, egress) in [("ingress", false), ("egress", true)] {
        if !resource.differs(block) {
            continue;
        }
        let action = if egress {
            "RevokeSecurityGroupEgress"
        } else {
            "RevokeSecurityGroupIngress"
        };
        for rule in each(&resource.before[block]) {
            let input = json!({"GroupId": id, "IpPermissions": [permission(rule, id, &[])]});
            work.call(resource, action, input)?;
        }
        blocks(work, resource, id, (block, egress))?;
    }
    Ok(())
}

fn blocks(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    (block, egress): (&str, bool),
) -> Result<(), Stop> {
    let rules: Vec<&Value> = each(&resource.after[block]).collect();
    let unknown = |number: usize, what| resource.is_unknown_in(block, number, what);
    let hanging = (0..rules.len()).filter(|number| unknown(*number, "security_groups"));
    let several = hanging.count() > 1;
    for (number, rule) in rules.into_iter().enumerate() {
        let mut groups = Vec::new();
        if unknown(number, "security_groups") {
            let expression = &resource.expressions[block];
            groups = work.referred(resource, expression, "security_group_id");
            // One attribute holds all blocks: which of several groups belongs to which of several blocks it does not say.
            if groups.is_empty() || (several && groups.len() > 1) {
                return Err(Stop::Unknown("a rule's security_groups"));
            }
        }
        for what in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"] {
            if unknown(number, what) {
                return Err(Stop::Unknown(what));
            }
        }
        authorize(work, resource, id, permission(rule, id, &groups), egress)?;
    }
    Ok(())
}

fn authorize(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    group: &str,
    permission: Value,
    egress: bool,
) -> Result<(), Stop> {
    let action = match egress {
        true => "AuthorizeSecurityGroupEgress",
        false => "AuthorizeSecurityGroupIngress",
    };
    let input = json!({"GroupId": group, "IpPermissions": [permission]});
    work.call(resource, action, input)?;
    Ok(())
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
) -> Result<(), Stop> {
    let group = work.named(resource, "security_group_id")?;
    let group = group.as_str().unwrap_or_default().to_owned();
    let source = work.named(resource, "source_security_group_id")?;
    let source: Vec<String> = source.as_str().map(str::to_owned).into_iter().collect();
    let permission = permission(resource.after, &group, &source);
    authorize(
        work,
        resource,
        &group,
        permission,
        resource.after["type"] == "egress",
    )
}

/// `aws_vpc_security_group_ingress_rule` and its sibling.
pub(super) fn single_rule(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    egress: bool,
) -> Result<(), Stop> {
    let after = resource.after;
    let group = work.named(resource, "security_group_id")?;
    let group = group.as_str().unwrap_or_default().to_owned();
    let peer = work.named(resource, "referenced_security_group_id")?;
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
    authorize(work, resource, &group, permission, egress)
}

/// `aws_network_acl`, with its subnets and entries.
pub(super) fn network_acl(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let vpc = work.named(resource, "vpc_id")?;
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
            acl_entry(work, resource, json!(id), entry, egress)?;
        }
    }
    acl_subnets(work, resource, &id)
}

/// Puts the subnets that are told under an ACL.
fn acl_subnets(work: &mut Work<'_, '_>, resource: &Resource<'_>, id: &str) -> Result<(), Stop> {
    for subnet in work.all_named(resource, "subnet_ids")? {
        let input = json!({"Filters": [{"Name": "association.subnet-id", "Values": [subnet]}]});
        let answer = work.look(resource, "DescribeNetworkAcls", input)?;
        let bonds = answer["NetworkAcls"][0]["Associations"].as_array();
        let mut bonds = bonds.into_iter().flatten();
        let bond = bonds.find(|bond| bond["SubnetId"] == subnet);
        if let Some(bond) = bond {
            let input = json!({
                "AssociationId": bond["NetworkAclAssociationId"], "NetworkAclId": id,
            });
            work.call(resource, "ReplaceNetworkAclAssociation", input)?;
        }
    }
    Ok(())
}

/// An entry out of a block (`rule_no`, `action`) or of `aws_network_acl_rule` (`rule_number`, `rule_action`).
pub(super) fn acl_entry(
    work: &mut Work<'_, '_>,
    resource: &Resource<'_>,
    acl: Value,
    entry: &Value,
    egress: bool,
) -> Result<(), Stop> {
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
    work.call(resource, "CreateNetworkAclEntry", input)?;
    Ok(())
}

/// A text that says something; the provider writes what is not set as the empty text.
fn filled(value: &Value) -> Value {
    match value.as_str() {
        Some("") | None => Value::Null,
        Some(text) => json!(text),
    }
}
