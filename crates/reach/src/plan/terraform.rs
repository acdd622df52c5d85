//! `terraform show -json PLAN`: its resource changes as the API calls that the AWS provider makes for them.
//!
//! A value that is known only after apply is found by what the configuration refers to: the id of a resource that was made
//! on the copy before. What cannot be followed is named in the forecast, never guessed. Terraform: "JSON Output Format".

mod deletion;
mod reference;
mod resource;
mod rules;

use openvpc_ec2::Error;
use serde_json::{Value, json};

use super::{Forecast, Ground};
use crate::trial::Trial;
use reference::{Ids, ids_of};
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
/// Types without a say about who reaches whom, by the beginnings of their names.
const IRRELEVANT: [&str; 11] = [
    "aws_cloudwatch_",
    "aws_dynamodb_",
    "aws_ec2_network_insights_",
    "aws_flow_log",
    "aws_iam_",
    "aws_key_pair",
    "aws_kms_",
    "aws_s3_",
    "aws_vpc_endpoint_connection_accepter",
    "aws_vpc_endpoint_policy",
    "aws_vpc_endpoint_service_allowed_principal",
];

/// The kind of id that an attribute holds.
const KINDS: [(&str, &str); 19] = [
    ("vpc_id", "vpc-"),
    ("peer_vpc_id", "vpc-"),
    ("subnet_id", "subnet-"),
    ("subnet_ids", "subnet-"),
    ("route_table_id", "rtb-"),
    ("gateway_id", "igw-"),
    ("nat_gateway_id", "nat-"),
    ("egress_only_gateway_id", "eigw-"),
    ("network_interface_id", "eni-"),
    ("vpc_peering_connection_id", "pcx-"),
    ("vpc_endpoint_id", "vpce-"),
    ("instance_id", "i-"),
    ("instance", "i-"),
    ("allocation_id", "eipalloc-"),
    ("network_acl_id", "acl-"),
    ("security_group_id", "sg-"),
    ("source_security_group_id", "sg-"),
    ("referenced_security_group_id", "sg-"),
    ("vpc_security_group_ids", "sg-"),
];

/// Kinds of ids that one type of resources alone makes.
const MAKERS: [(&str, &str); 9] = [
    ("vpc-", "aws_vpc"),
    ("subnet-", "aws_subnet"),
    ("igw-", "aws_internet_gateway"),
    ("eigw-", "aws_egress_only_internet_gateway"),
    ("nat-", "aws_nat_gateway"),
    ("pcx-", "aws_vpc_peering_connection"),
    ("i-", "aws_instance"),
    ("eipalloc-", "aws_eip"),
    ("rtb-", "aws_route_table"),
];

/// Why a change is not carried out on the copy.
enum Stop {
    /// AWS would refuse it, and the apply would end there.
    Refused(Error),
    /// It hangs on a value that no reference leads to.
    Unknown(&'static str),
}

impl From<Error> for Stop {
    fn from(refusal: Error) -> Stop {
        Stop::Refused(refusal)
    }
}

/// A plan on its way into a copy of the world.
struct Work<'g, 't> {
    ground: &'g Ground<'g>,
    trial: &'t mut Trial,
    forecast: &'t mut Forecast,
    ids: Ids,
    /// What the plan has made so far.
    made: Vec<String>,
    /// The types of what was not followed, which may matter to what comes after it.
    left_out: Vec<String>,
}

type Step = fn(&mut Work<'_, '_>, &Resource<'_>) -> Result<(), Stop>;

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
        ids: Ids::default(),
        made: Vec::new(),
        left_out: Vec::new(),
    };
    for resource in &resources {
        let named = ["id", "main_route_table_id", "default_security_group_id"]
            .into_iter()
            .chain(["default_network_acl_id", "primary_network_interface_id"])
            .filter_map(|attribute| resource.before[attribute].as_str());
        work.ids.put(resource.address, named.map(str::to_owned));
        let kind = resource.kind;
        let irrelevant = IRRELEVANT.iter().any(|start| kind.starts_with(start));
        if !TYPES.contains(&kind) && !irrelevant && !resource.actions.is_empty() {
            let address = resource.address;
            work.assume(format!("{address}: {kind} is not followed"));
        }
    }
    let place = |resource: &&Resource<'_>| TYPES.iter().position(|kind| *kind == resource.kind);
    let mut known: Vec<&Resource<'_>> = resources.iter().filter(|r| place(r).is_some()).collect();
    known.sort_by_key(|resource| place(resource));
    // What takes the place of something may be made before it goes (`create_before_destroy`).
    let gone = |r: &&&Resource<'_>, first: &str| {
        r.actions.contains(&"delete") && r.actions.first() == Some(&first)
    };
    for resource in known.iter().rev().filter(|r| gone(r, "delete")) {
        work.attempt(resource, deletion::delete);
    }
    // Rules and routes within a resource may name what is made after it.
    for (creating, updating) in [
        (create as Step, update as Step),
        (rules::fill, rules::refill),
    ] {
        for resource in &known {
            if resource.actions.contains(&"create") {
                work.attempt(resource, creating);
            } else if resource.actions.contains(&"update") {
                work.attempt(resource, updating);
            }
        }
    }
    for resource in known.iter().rev().filter(|r| gone(r, "create")) {
        work.attempt(resource, deletion::delete);
    }
    Ok(())
}

impl Work<'_, '_> {
    fn assume(&mut self, what: String) {
        if !self.forecast.assumed.contains(&what) {
            self.forecast.assumed.push(what);
        }
    }

    /// A refused call is part of the forecast: the apply would stop there.
    fn attempt(&mut self, resource: &Resource<'_>, how: Step) {
        let address = resource.address;
        match how(self, resource) {
            Ok(()) => {}
            Err(Stop::Refused(refusal)) => {
                let refused = format!("{address}: {}: {}", refusal.code(), refusal.message());
                match self.left_out.is_empty() {
                    true => self.forecast.refused.push(refused),
                    false => self.assume(format!(
                        "{refused} (maybe for want of what is not followed)"
                    )),
                }
            }
            Err(Stop::Unknown(attribute)) => {
                self.left_out.push(resource.kind.to_owned());
                self.assume(format!(
                    "{address} is not followed: {attribute} is known only after apply"
                ));
            }
        }
    }

    fn call(
        &mut self,
        resource: &Resource<'_>,
        action: &str,
        mut input: Value,
    ) -> Result<Value, Error> {
        if let Value::Object(members) = &mut input {
            members.retain(|_, value| !value.is_null());
        }
        let by = (
            resource.region.unwrap_or(self.ground.region),
            self.ground.account,
        );
        let answer = self
            .trial
            .act(self.ground.workshop.settings, by, action, input)?;
        self.forecast.calls.push(action.to_owned());
        Ok(answer)
    }

    /// Asks the copy; no call of the plan's.
    fn look(
        &mut self,
        resource: &Resource<'_>,
        action: &str,
        input: Value,
    ) -> Result<Value, Error> {
        let answer = self.call(resource, action, input)?;
        self.forecast.calls.pop();
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
        let answer = self.call(resource, action, input)?;
        let id = answer.pointer(pointer).and_then(Value::as_str);
        let id = id.unwrap_or_default().to_owned();
        self.note(resource, [id.clone()]);
        Ok(id)
    }

    /// Notes what an address stands for from now on.
    fn note(&mut self, resource: &Resource<'_>, ids: impl IntoIterator<Item = String>) {
        let ids: Vec<String> = ids.into_iter().collect();
        self.made.extend(ids.iter().cloned());
        self.ids.put(resource.address, ids);
    }

    /// An attribute that names something: as it is known, or by what the configuration refers to; null where it says nothing.
    fn named(&mut self, resource: &Resource<'_>, attribute: &'static str) -> Result<Value, Stop> {
        if let Some(text) = resource.after[attribute].as_str() {
            return Ok(json!(text));
        }
        if !resource.is_unknown(attribute) || resource.expressions[attribute].is_null() {
            return Ok(Value::Null);
        }
        let expression = &resource.expressions[attribute];
        match self.referred(resource, expression, attribute).as_slice() {
            [id] => Ok(json!(id)),
            _ => Err(Stop::Unknown(attribute)),
        }
    }

    /// A list of such names.
    fn all_named(
        &mut self,
        resource: &Resource<'_>,
        attribute: &'static str,
    ) -> Result<Vec<String>, Stop> {
        let known = resource.after[attribute].as_array();
        let known = known.into_iter().flatten().filter_map(Value::as_str);
        let mut ids: Vec<String> = known.map(str::to_owned).collect();
        if resource.is_partly_unknown(attribute) && !resource.expressions[attribute].is_null() {
            let expression = &resource.expressions[attribute];
            let referred = self.referred(resource, expression, attribute);
            if referred.is_empty() {
                return Err(Stop::Unknown(attribute));
            }
            ids.extend(referred);
            ids.sort();
            ids.dedup();
        }
        Ok(ids)
    }

    /// The ids for an attribute that an expression may stand for. Where it leads to none, as a local does, of which a plan says
    /// nothing: what is known only after apply is made by the apply, so that the only one of its kind is the one that is meant.
    fn referred(
        &self,
        resource: &Resource<'_>,
        expression: &Value,
        attribute: &str,
    ) -> Vec<String> {
        let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == attribute) else {
            return Vec::new();
        };
        let found = ids_of(&self.ids, resource.scope(), expression, kind);
        if !found.is_empty() {
            return found;
        }
        let maker = MAKERS.iter().find(|(made, _)| made == kind);
        let whole = |(_, maker): &&(&str, &str)| !self.left_out.iter().any(|kind| kind == maker);
        if maker.filter(whole).is_none() {
            return found;
        }
        let mut made = self.made.iter().filter(|id| id.starts_with(kind));
        match (made.next(), made.next()) {
            (Some(only), None) => vec![only.clone()],
            _ => found,
        }
    }
}

fn create(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let after = resource.after;
    match resource.kind {
        "aws_vpc" => {
            let input = json!({"CidrBlock": after["cidr_block"]});
            let id = work.make(resource, "CreateVpc", input, "/Vpc/VpcId")?;
            // What AWS makes with it has attributes of its own: `main_route_table_id`, `default_security_group_id`.
            for (action, list, member) in [
                ("DescribeRouteTables", "RouteTables", "RouteTableId"),
                ("DescribeSecurityGroups", "SecurityGroups", "GroupId"),
                ("DescribeNetworkAcls", "NetworkAcls", "NetworkAclId"),
            ] {
                let input = json!({"Filters": [{"Name": "vpc-id", "Values": [id]}]});
                let answer = work.look(resource, action, input)?;
                let own = answer[list][0][member].as_str().map(str::to_owned);
                work.note(resource, own);
            }
        }
        "aws_vpc_ipv4_cidr_block_association" => {
            let vpc = work.named(resource, "vpc_id")?;
            let input = json!({"VpcId": vpc, "CidrBlock": after["cidr_block"]});
            work.call(resource, "AssociateVpcCidrBlock", input)?;
        }
        "aws_internet_gateway" => {
            let pointer = "/InternetGateway/InternetGatewayId";
            let id = work.make(resource, "CreateInternetGateway", json!({}), pointer)?;
            let vpc = work.named(resource, "vpc_id")?;
            if vpc.is_string() {
                let input = json!({"InternetGatewayId": id, "VpcId": vpc});
                work.call(resource, "AttachInternetGateway", input)?;
            }
        }
        "aws_egress_only_internet_gateway" => {
            let vpc = work.named(resource, "vpc_id")?;
            let pointer = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
            let input = json!({"VpcId": vpc});
            work.make(resource, "CreateEgressOnlyInternetGateway", input, pointer)?;
        }
        "aws_subnet" => {
            let vpc = work.named(resource, "vpc_id")?;
            let input = json!({
                "VpcId": vpc, "CidrBlock": after["cidr_block"], "AvailabilityZone": after["availability_zone"],
            });
            let id = work.make(resource, "CreateSubnet", input, "/Subnet/SubnetId")?;
            if after["map_public_ip_on_launch"] == true {
                let input = json!({"SubnetId": id, "MapPublicIpOnLaunch": {"Value": true}});
                work.call(resource, "ModifySubnetAttribute", input)?;
            }
        }
        "aws_route_table" => {
            let vpc = work.named(resource, "vpc_id")?;
            let input = json!({"VpcId": vpc});
            let pointer = "/RouteTable/RouteTableId";
            work.make(resource, "CreateRouteTable", input, pointer)?;
        }
        "aws_route" => {
            let table = work.named(resource, "route_table_id")?;
            rules::route(work, resource, table)?;
        }
        "aws_route_table_association" => {
            let table = work.named(resource, "route_table_id")?;
            let (subnet, gateway) = (
                work.named(resource, "subnet_id")?,
                work.named(resource, "gateway_id")?,
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
            let acl = work.named(resource, "network_acl_id")?;
            rules::acl_entry(work, resource, acl, after, after["egress"] == true)?;
        }
        "aws_instance" => instance(work, resource)?,
        "aws_eip" => {
            let input = json!({"Domain": "vpc"});
            let id = work.make(resource, "AllocateAddress", input, "/AllocationId")?;
            let instance = work.named(resource, "instance")?;
            if instance.as_str().is_some_and(|id| !id.is_empty()) {
                let input = json!({"AllocationId": id, "InstanceId": instance});
                work.call(resource, "AssociateAddress", input)?;
            }
        }
        "aws_eip_association" => {
            let allocation = work.named(resource, "allocation_id")?;
            let instance = work.named(resource, "instance_id")?;
            let eni = work.named(resource, "network_interface_id")?;
            let input = json!({
                "AllocationId": allocation, "InstanceId": instance, "NetworkInterfaceId": eni,
            });
            work.make(resource, "AssociateAddress", input, "/AssociationId")?;
        }
        "aws_nat_gateway" => {
            let subnet = work.named(resource, "subnet_id")?;
            let allocation = work.named(resource, "allocation_id")?;
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
                work.named(resource, "vpc_id")?,
                work.named(resource, "peer_vpc_id")?,
            );
            let input = json!({
                "VpcId": near, "PeerVpcId": far, "PeerRegion": after["peer_region"],
                "PeerOwnerId": after["peer_owner_id"],
            });
            let pointer = "/VpcPeeringConnection/VpcPeeringConnectionId";
            let id = work.make(resource, "CreateVpcPeeringConnection", input, pointer)?;
            if after["auto_accept"] == true {
                let input = json!({"VpcPeeringConnectionId": id});
                work.call(resource, "AcceptVpcPeeringConnection", input)?;
            }
        }
        "aws_vpc_peering_connection_accepter" => {
            let id = work.named(resource, "vpc_peering_connection_id")?;
            let input = json!({"VpcPeeringConnectionId": id});
            work.call(resource, "AcceptVpcPeeringConnection", input)?;
        }
        kind => work.assume(format!("{}: {kind} is not followed", resource.address)),
    }
    Ok(())
}

fn instance(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    let after = resource.after;
    let subnet = work.named(resource, "subnet_id")?;
    let groups = work.all_named(resource, "vpc_security_group_ids")?;
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
    let answer = work.call(resource, "RunInstances", input)?;
    let launched = &answer["Instances"][0];
    let interface = &launched["NetworkInterfaces"][0]["NetworkInterfaceId"];
    let ids = [&launched["InstanceId"], interface].into_iter();
    let ids = ids.filter_map(|id| id.as_str().map(str::to_owned));
    let ids: Vec<String> = ids.collect();
    work.note(resource, ids);
    Ok(())
}

/// A change in place: followed where rules are part of the resource, named where it is not.
fn update(work: &mut Work<'_, '_>, resource: &Resource<'_>) -> Result<(), Stop> {
    match resource.kind {
        "aws_security_group" | "aws_route_table" | "aws_network_acl" => Ok(()),
        "aws_instance" if resource.differs("vpc_security_group_ids") => {
            let groups = work.all_named(resource, "vpc_security_group_ids")?;
            let input = json!({"InstanceId": resource.before["id"], "Groups": groups});
            work.call(resource, "ModifyInstanceAttribute", input)?;
            Ok(())
        }
        "aws_route" => {
            let table = work.named(resource, "route_table_id")?;
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
