//! `terraform show -json PLAN`: its resource changes as the API calls that the AWS provider makes for them.
//!
//! A value that is known only after apply is found by what the configuration refers to: the id of a resource that was made
//! on the copy before. What cannot be followed is named in the forecast, never guessed. Terraform: "JSON Output Format".

mod deletion;
mod resource;
mod rules;

use std::collections::BTreeMap;

use openvpc_ec2::Error;
use serde_json::{Value, json};

use super::{Forecast, Ground};
use crate::trial::Trial;
use resource::Resource;

/// The types that are followed, in the order in which they are made; deleted the other way round.
const TYPES: &[&str] = &[
    "aws_vpc",
    "aws_vpc_ipv4_cidr_block_association",
    "aws_internet_gateway",
    "aws_egress_only_internet_gateway",
    "aws_subnet",
    "aws_route_table",
    "aws_route_table_association",
    "aws_security_group",
    "aws_network_acl",
    "aws_instance",
    "aws_eip",
    "aws_eip_association",
    "aws_nat_gateway",
    "aws_vpc_peering_connection",
    "aws_vpc_peering_connection_accepter",
    "aws_route",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_network_acl_rule",
];
/// Types without a say about who reaches whom.
const IRRELEVANT: &[&str] = &[
    "aws_flow_log",
    "aws_cloudwatch_log_group",
    "aws_s3_bucket",
    "aws_key_pair",
];

/// A plan on its way into a copy of the world.
struct Work<'g, 't> {
    ground: &'g Ground<'g>,
    trial: &'t mut Trial,
    forecast: &'t mut Forecast,
    /// Ids by resource address.
    ids: BTreeMap<String, String>,
}

pub(super) fn apply(
    ground: &Ground<'_>,
    trial: &mut Trial,
    plan: &Value,
    forecast: &mut Forecast,
) -> Result<(), String> {
    let changes = plan["resource_changes"].as_array();
    let changes = changes
        .ok_or("the plan has no resource_changes: make it with `terraform show -json PLANFILE`")?;
    let resources: Vec<Resource<'_>> = changes
        .iter()
        .filter(|change| change["mode"] == "managed")
        .filter_map(|change| Resource::of(plan, change))
        .collect();
    let mut work = Work {
        ground,
        trial,
        forecast,
        ids: BTreeMap::new(),
    };
    for resource in &resources {
        if let Some(id) = resource.before["id"].as_str() {
            work.ids.insert(resource.address.to_owned(), id.to_owned());
        }
        let followed = TYPES.contains(&resource.kind) || IRRELEVANT.contains(&resource.kind);
        if !followed && !resource.actions.is_empty() {
            let (address, kind) = (resource.address, resource.kind);
            work.assume(format!("{address}: {kind} is not followed"));
        }
    }
    let place = |resource: &&Resource<'_>| TYPES.iter().position(|kind| *kind == resource.kind);
    let mut known: Vec<&Resource<'_>> = resources.iter().filter(|r| place(r).is_some()).collect();
    known.sort_by_key(|resource| place(resource));
    for resource in known.iter().rev().filter(|r| r.actions.contains(&"delete")) {
        work.attempt(resource, deletion::delete);
    }
    for resource in &known {
        if resource.actions.contains(&"create") {
            work.attempt(resource, create);
        } else if resource.actions.contains(&"update") {
            work.attempt(resource, update);
        }
    }
    Ok(())
}

impl Work<'_, '_> {
    fn assume(&mut self, what: String) {
        self.forecast.assumed.push(what);
    }

    /// A refused call is part of the forecast: the apply would stop there.
    fn attempt(
        &mut self,
        resource: &Resource<'_>,
        how: fn(&mut Work<'_, '_>, &Resource<'_>) -> Result<(), Error>,
    ) {
        if let Err(refusal) = how(self, resource) {
            let address = resource.address;
            let refused = format!("{address}: {}: {}", refusal.code(), refusal.message());
            self.forecast.refused.push(refused);
        }
    }

    fn call(&mut self, action: &str, mut input: Value) -> Result<Value, Error> {
        if let Value::Object(members) = &mut input {
            members.retain(|_, value| !value.is_null());
        }
        let by = (self.ground.region, self.ground.account);
        let answer = self.trial.act(self.ground.settings, by, action, input)?;
        self.forecast.calls.push(action.to_owned());
        Ok(answer)
    }

    /// Makes what an address stands for.
    fn make(
        &mut self,
        resource: &Resource<'_>,
        action: &str,
        input: Value,
        pointer: &str,
    ) -> Result<String, Error> {
        let answer = self.call(action, input)?;
        let id = answer.pointer(pointer).and_then(Value::as_str);
        let id = id.unwrap_or_default().to_owned();
        self.ids.insert(resource.address.to_owned(), id.clone());
        Ok(id)
    }

    /// An attribute that names something: as it is known, or by what the configuration refers to.
    fn named(&mut self, resource: &Resource<'_>, attribute: &str) -> Value {
        if let Some(text) = resource.after[attribute].as_str() {
            return json!(text);
        }
        let referred = resource
            .references(attribute)
            .find_map(|to| self.id_of(resource, to));
        if referred.is_none() && resource.is_unknown(attribute) {
            let address = resource.address;
            self.assume(format!("{address}: {attribute} is known only after apply"));
        }
        referred.map_or(Value::Null, Value::String)
    }

    /// A list of such names.
    fn all_named(&mut self, resource: &Resource<'_>, attribute: &str) -> Vec<String> {
        let known = resource.after[attribute].as_array();
        let known = known.into_iter().flatten().filter_map(Value::as_str);
        let known: Vec<String> = known.map(str::to_owned).collect();
        if !known.is_empty() {
            return known;
        }
        let mut ids: Vec<String> = Vec::new();
        for reference in resource.references(attribute) {
            match self.id_of(resource, reference) {
                Some(id) if !ids.contains(&id) => ids.push(id),
                Some(_) | None => {}
            }
        }
        ids
    }

    /// The id behind a reference such as `aws_vpc.main` or `aws_subnet.a[0].id`; one of several instances has its own index.
    fn id_of(&self, resource: &Resource<'_>, reference: &str) -> Option<String> {
        let mut parts = reference.splitn(3, '.');
        let address = format!("{}.{}", parts.next()?, parts.next()?);
        let address = format!("{}{address}", resource.module());
        let indexed = resource
            .index
            .as_ref()
            .map(|index| format!("{address}[{index}]"));
        let id = self.ids.get(&address);
        id.or_else(|| self.ids.get(&indexed?)).cloned()
    }
}

fn create(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Error> {
    let after = resource.after;
    match resource.kind {
        "aws_vpc" => {
            let input = json!({"CidrBlock": after["cidr_block"]});
            work.make(resource, "CreateVpc", input, "/Vpc/VpcId")?;
        }
        "aws_vpc_ipv4_cidr_block_association" => {
            let vpc = work.named(resource, "vpc_id");
            let input = json!({"VpcId": vpc, "CidrBlock": after["cidr_block"]});
            work.call("AssociateVpcCidrBlock", input)?;
        }
        "aws_internet_gateway" => {
            let pointer = "/InternetGateway/InternetGatewayId";
            let id = work.make(resource, "CreateInternetGateway", json!({}), pointer)?;
            let vpc = work.named(resource, "vpc_id");
            if vpc.is_string() {
                let input = json!({"InternetGatewayId": id, "VpcId": vpc});
                work.call("AttachInternetGateway", input)?;
            }
        }
        "aws_egress_only_internet_gateway" => {
            let vpc = work.named(resource, "vpc_id");
            let pointer = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
            let input = json!({"VpcId": vpc});
            work.make(resource, "CreateEgressOnlyInternetGateway", input, pointer)?;
        }
        "aws_subnet" => {
            let vpc = work.named(resource, "vpc_id");
            let input = json!({
                "VpcId": vpc, "CidrBlock": after["cidr_block"], "AvailabilityZone": after["availability_zone"],
            });
            let id = work.make(resource, "CreateSubnet", input, "/Subnet/SubnetId")?;
            if after["map_public_ip_on_launch"] == true {
                let input = json!({"SubnetId": id, "MapPublicIpOnLaunch": {"Value": true}});
                work.call("ModifySubnetAttribute", input)?;
            }
        }
        "aws_route_table" => {
            let vpc = work.named(resource, "vpc_id");
            let input = json!({"VpcId": vpc});
            let pointer = "/RouteTable/RouteTableId";
            let id = work.make(resource, "CreateRouteTable", input, pointer)?;
            rules::inline_routes(work, resource, &id)?;
        }
        "aws_route" => {
            let table = work.named(resource, "route_table_id");
            rules::route(work, resource, table)?;
        }
        "aws_route_table_association" => {
            let table = work.named(resource, "route_table_id");
            let (subnet, gateway) = (
                work.named(resource, "subnet_id"),
                work.named(resource, "gateway_id"),
            );
            let input = json!({"RouteTableId": table, "SubnetId": subnet, "GatewayId": gateway});
            work.make(resource, "AssociateRouteTable", input, "/AssociationId")?;
        }
        "aws_security_group" => rules::security_group(work, resource)?,
        "aws_security_group_rule" => rules::security_group_rule(work, resource)?,
        "aws_vpc_security_group_ingress_rule" => rules::single_rule(work, resource, false)?,
        "aws_vpc_security_group_egress_rule" => rules::single_rule(work, resource, true)?,
        "aws_network_acl" => rules::network_acl(work, resource)?,
        "aws_network_acl_rule" => {
            let acl = work.named(resource, "network_acl_id");
            rules::acl_entry(work, acl, after, after["egress"] == true)?;
        }
        "aws_instance" => instance(work, resource)?,
        "aws_eip" => {
            let input = json!({"Domain": "vpc"});
            let id = work.make(resource, "AllocateAddress", input, "/AllocationId")?;
            let instance = work.named(resource, "instance");
            if instance.as_str().is_some_and(|id| !id.is_empty()) {
                let input = json!({"AllocationId": id, "InstanceId": instance});
                work.call("AssociateAddress", input)?;
            }
        }
        "aws_eip_association" => {
            let allocation = work.named(resource, "allocation_id");
            let instance = work.named(resource, "instance_id");
            let eni = work.named(resource, "network_interface_id");
            let input = json!({
                "AllocationId": allocation, "InstanceId": instance, "NetworkInterfaceId": eni,
            });
            work.make(resource, "AssociateAddress", input, "/AssociationId")?;
        }
        "aws_nat_gateway" => {
            let subnet = work.named(resource, "subnet_id");
            let allocation = work.named(resource, "allocation_id");
            let input = json!({
                "SubnetId": subnet, "AllocationId": allocation, "ConnectivityType": after["connectivity_type"],
            });
            work.make(
                resource,
                "CreateNatGateway",
                input,
                "/NatGateway/NatGatewayId",
            )?;
        }
        "aws_vpc_peering_connection" => {
            let (near, far) = (
                work.named(resource, "vpc_id"),
                work.named(resource, "peer_vpc_id"),
            );
            let input = json!({
                "VpcId": near, "PeerVpcId": far, "PeerRegion": after["peer_region"],
            });
            let pointer = "/VpcPeeringConnection/VpcPeeringConnectionId";
            let id = work.make(resource, "CreateVpcPeeringConnection", input, pointer)?;
            if after["auto_accept"] == true {
                let input = json!({"VpcPeeringConnectionId": id});
                work.call("AcceptVpcPeeringConnection", input)?;
            }
        }
        "aws_vpc_peering_connection_accepter" => {
            let id = work.named(resource, "vpc_peering_connection_id");
            let input = json!({"VpcPeeringConnectionId": id});
            work.call("AcceptVpcPeeringConnection", input)?;
        }
        kind => work.assume(format!("{}: {kind} is not followed", resource.address)),
    }
    Ok(())
}

fn instance(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Error> {
    let after = resource.after;
    let subnet = work.named(resource, "subnet_id");
    let groups = work.all_named(resource, "vpc_security_group_ids");
    let tags = after["tags"].as_object().into_iter().flatten();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    let mut input = json!({
        // Which image runs has no say about who reaches whom.
        "ImageId": "ami-0abcdef1234567890",
        "InstanceType": "t3.micro",
        "MinCount": 1,
        "MaxCount": 1,
        "SubnetId": subnet,
        "PrivateIpAddress": after["private_ip"],
    });
    if !groups.is_empty() {
        input["SecurityGroupIds"] = json!(groups);
    }
    if !tags.is_empty() {
        input["TagSpecifications"] = json!([{"ResourceType": "instance", "Tags": tags}]);
    }
    work.make(resource, "RunInstances", input, "/Instances/0/InstanceId")?;
    Ok(())
}

/// A change in place: followed where rules are part of the resource, named where it is not.
fn update(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Error> {
    match resource.kind {
        "aws_security_group" => rules::replace_rules(work, resource),
        "aws_instance" if resource.differs("vpc_security_group_ids") => {
            let groups = work.all_named(resource, "vpc_security_group_ids");
            let input = json!({"InstanceId": resource.before["id"], "Groups": groups});
            work.call("ModifyInstanceAttribute", input).map(drop)
        }
        "aws_route" => {
            let table = work.named(resource, "route_table_id");
            rules::replace_route(work, resource, table)
        }
        kind if resource.differs_beyond_tags() => {
            let address = resource.address;
            work.assume(format!(
                "{address}: a change of {kind} in place is not followed"
            ));
            Ok(())
        }
        _ => Ok(()),
    }
}
