//! What a destroyed resource takes away.

use serde_json::{Value, json};

use super::resource::Resource;
use super::{Stop, Work};

pub(super) fn delete(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let before = resource.before;
    let id = &before["id"];
    let (action, input) = match resource.kind {
        "aws_vpc" => ("DeleteVpc", json!({"VpcId": id})),
        "aws_subnet" => ("DeleteSubnet", json!({"SubnetId": id})),
        "aws_internet_gateway" => {
            if before["vpc_id"].as_str().is_some_and(|vpc| !vpc.is_empty()) {
                let input = json!({"InternetGatewayId": id, "VpcId": before["vpc_id"]});
                work.call(resource, "DetachInternetGateway", input)?;
            }
            ("DeleteInternetGateway", json!({"InternetGatewayId": id}))
        }
        "aws_egress_only_internet_gateway" => (
            "DeleteEgressOnlyInternetGateway",
            json!({"EgressOnlyInternetGatewayId": id}),
        ),
        "aws_route_table" => ("DeleteRouteTable", json!({"RouteTableId": id})),
        "aws_route_table_association" => ("DisassociateRouteTable", json!({"AssociationId": id})),
        "aws_route" => (
            "DeleteRoute",
            json!({
                "RouteTableId": before["route_table_id"],
                "DestinationCidrBlock": told(&before["destination_cidr_block"]),
                "DestinationIpv6CidrBlock": told(&before["destination_ipv6_cidr_block"]),
                "DestinationPrefixListId": told(&before["destination_prefix_list_id"]),
            }),
        ),
        "aws_security_group" => ("DeleteSecurityGroup", json!({"GroupId": id})),
        "aws_vpc_security_group_ingress_rule" => (
            "RevokeSecurityGroupIngress",
            json!({"GroupId": before["security_group_id"], "SecurityGroupRuleIds": [id]}),
        ),
        "aws_vpc_security_group_egress_rule" => (
            "RevokeSecurityGroupEgress",
            json!({"GroupId": before["security_group_id"], "SecurityGroupRuleIds": [id]}),
        ),
        "aws_network_acl_rule" => (
            "DeleteNetworkAclEntry",
            json!({
                "NetworkAclId": before["network_acl_id"], "RuleNumber": before["rule_number"],
                "Egress": before["egress"] == true,
            }),
        ),
        "aws_network_acl" => ("DeleteNetworkAcl", json!({"NetworkAclId": id})),
        "aws_instance" => ("TerminateInstances", json!({"InstanceIds": [id]})),
        "aws_nat_gateway" => ("DeleteNatGateway", json!({"NatGatewayId": id})),
        "aws_eip_association" => ("DisassociateAddress", json!({"AssociationId": id})),
        "aws_eip" => ("ReleaseAddress", json!({"AllocationId": id})),
        "aws_vpc_peering_connection" => (
            "DeleteVpcPeeringConnection",
            json!({"VpcPeeringConnectionId": id}),
        ),
        kind => {
            let address = resource.address;
            work.assume(format!(
                "{address}: that {kind} is destroyed is not followed"
            ));
            return Ok(());
        }
    };
    work.call(resource, action, input)?;
    Ok(())
}

fn told(value: &Value) -> Value {
    match value.as_str() {
        Some("") | None => Value::Null,
        Some(text) => json!(text),
    }
}
