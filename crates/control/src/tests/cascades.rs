//! Deleting: what refuses to die while what lives, and what dies with what (`VPC-10`, `RT-11`, `IGW-5`, `EIP-2`, `ENI-3`,
//! `ENI-4`, `SG-10`, `ACL-6`, `PL-3`, `DHCP-2`, `NAT-10`, `EO-6`).

use std::collections::BTreeMap;

use openvpc_model::{Event, InstanceId, Region, UnixMillis};
use serde_json::{Value, json};

use crate::lifecycle;
use crate::testing::{Bench, count, text};

/// A region and the ids of what was made in it, by noun.
struct Stage {
    bench: Bench,
    ids: BTreeMap<String, String>,
}

impl Stage {
    fn with(nouns: &str) -> Stage {
        let mut stage = Stage {
            bench: Bench::new(),
            ids: BTreeMap::new(),
        };
        for noun in words(nouns) {
            stage.make(noun);
        }
        stage
    }

    fn id(&self, noun: &str) -> String {
        let id = self.ids.get(noun);
        id.unwrap_or_else(|| panic!("no {noun}")).clone()
    }

    /// `$noun` in a text stands for that noun's id.
    fn filled(&self, input: &Value) -> Value {
        match input {
            Value::String(text) => match text.strip_prefix('$') {
                Some(noun) => Value::String(self.id(noun)),
                None => input.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.filled(value)))
                .collect::<serde_json::Map<String, Value>>()
                .into(),
            _ => input.clone(),
        }
    }

    #[track_caller]
    fn ok(&mut self, action: &str, input: Value) -> Value {
        let input = self.filled(&input);
        self.bench.ok(action, input)
    }

    #[track_caller]
    fn create(&mut self, noun: &str, action: &str, input: Value, pointer: &str) {
        let id = text(&self.ok(action, input), pointer);
        self.ids.insert(noun.to_owned(), id);
    }

    #[rustfmt::skip]
    fn make(&mut self, noun: &str) {
        match noun {
            "vpc" => {
                self.create(noun, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true}), "/Vpc/VpcId");
                for (part, action, list, id) in [
                    ("main", "DescribeRouteTables", "RouteTables", "RouteTableId"),
                    ("default-acl", "DescribeNetworkAcls", "NetworkAcls", "NetworkAclId"),
                    ("default-group", "DescribeSecurityGroups", "SecurityGroups", "GroupId"),
                ] {
                    let input = json!({"Filters": [{"Name": "vpc-id", "Values": ["$vpc"]}]});
                    self.create(part, action, input, &format!("/{list}/0/{id}"));
                }
            }
            "subnet" => self.create(noun, "CreateSubnet", json!({"VpcId": "$vpc", "CidrBlock": "10.0.1.0/24"}), "/Subnet/SubnetId"),
            "igw" => self.create(noun, "CreateInternetGateway", json!({}), "/InternetGateway/InternetGatewayId"),
            "attached" => drop(self.ok("AttachInternetGateway", json!({"VpcId": "$vpc", "InternetGatewayId": "$igw"}))),
            "eigw" => self.create(noun, "CreateEgressOnlyInternetGateway", json!({"VpcId": "$vpc"}), "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId"),
            "table" => self.create(noun, "CreateRouteTable", json!({"VpcId": "$vpc"}), "/RouteTable/RouteTableId"),
            "table-of-subnet" => self.create(noun, "AssociateRouteTable", json!({"RouteTableId": "$table", "SubnetId": "$subnet"}), "/AssociationId"),
            "table-of-igw" => self.create(noun, "AssociateRouteTable", json!({"RouteTableId": "$table", "GatewayId": "$igw"}), "/AssociationId"),
            "group" | "other-group" => self.create(noun, "CreateSecurityGroup", json!({"VpcId": "$vpc", "GroupName": noun, "Description": "d"}), "/GroupId"),
            "rule-to-group" | "rule-to-itself" => {
                let holder = if noun == "rule-to-group" { "$other-group" } else { "$group" };
                let permission = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "$group"}]});
                self.create(noun, "AuthorizeSecurityGroupIngress", json!({"GroupId": holder, "IpPermissions": [permission]}), "/SecurityGroupRules/0/SecurityGroupRuleId");
            }
            "acl" => self.create(noun, "CreateNetworkAcl", json!({"VpcId": "$vpc"}), "/NetworkAcl/NetworkAclId"),
            "acl-of-subnet" => {
                let seen = self.ok("DescribeNetworkAcls", json!({"NetworkAclIds": ["$default-acl"]}));
                let association = text(&seen, "/NetworkAcls/0/Associations/0/NetworkAclAssociationId");
                self.create(noun, "ReplaceNetworkAclAssociation", json!({"AssociationId": association, "NetworkAclId": "$acl"}), "/NewAssociationId");
            }
            "list" => self.create(noun, "CreateManagedPrefixList", json!({"PrefixListName": "l", "MaxEntries": 2, "AddressFamily": "IPv4", "Entries": [{"Cidr": "203.0.113.0/24"}]}), "/PrefixList/PrefixListId"),
            "route-to-list" => drop(self.ok("CreateRoute", json!({"RouteTableId": "$main", "DestinationPrefixListId": "$list", "GatewayId": "$igw"}))),
            "rule-to-list" => {
                let permission = json!({"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "$list"}]});
                self.create(noun, "AuthorizeSecurityGroupIngress", json!({"GroupId": "$group", "IpPermissions": [permission]}), "/SecurityGroupRules/0/SecurityGroupRuleId");
            }
            "dhcp" => self.create(noun, "CreateDhcpOptions", json!({"DhcpConfigurations": [{"Key": "domain-name", "Values": ["a.example"]}]}), "/DhcpOptions/DhcpOptionsId"),
            "dhcp-of-vpc" => drop(self.ok("AssociateDhcpOptions", json!({"DhcpOptionsId": "$dhcp", "VpcId": "$vpc"}))),
            "address" => self.create(noun, "AllocateAddress", json!({}), "/AllocationId"),
            "address-of-interface" => self.create(noun, "AssociateAddress", json!({"AllocationId": "$address", "NetworkInterfaceId": "$interface"}), "/AssociationId"),
            "interface" => self.create(noun, "CreateNetworkInterface", json!({"SubnetId": "$subnet"}), "/NetworkInterface/NetworkInterfaceId"),
            "interface-in-group" => drop(self.ok("ModifyNetworkInterfaceAttribute", json!({"NetworkInterfaceId": "$interface", "Groups": ["$group"]}))),
            "attachment" => {
                self.create(noun, "AttachNetworkInterface", json!({"NetworkInterfaceId": "$interface", "InstanceId": "$instance", "DeviceIndex": 1}), "/AttachmentId");
                self.settle();
            }
            "nat" => {
                self.create(noun, "CreateNatGateway", json!({"SubnetId": "$subnet", "AllocationId": "$address"}), "/NatGateway/NatGatewayId");
                self.create("nat-interface", "DescribeNatGateways", json!({"NatGatewayIds": ["$nat"]}), "/NatGateways/0/NatGatewayAddresses/0/NetworkInterfaceId");
            }
            "instance" => {
                let input = json!({"ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1, "SubnetId": "$subnet"});
                self.create(noun, "RunInstances", input, "/Instances/0/InstanceId");
                self.happen(lifecycle::started);
                self.create("eth0", "DescribeInstances", json!({"InstanceIds": ["$instance"]}), "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId");
            }
            "reservation" => self.create(noun, "CreateSubnetCidrReservation", json!({"SubnetId": "$subnet", "Cidr": "10.0.1.128/28", "ReservationType": "explicit"}), "/SubnetCidrReservation/SubnetCidrReservationId"),
            "route-to-igw" => self.route("0.0.0.0/0", "GatewayId", "$igw"),
            "route-to-eigw" => self.route("::/0", "EgressOnlyInternetGatewayId", "$eigw"),
            "route-to-nat" => self.route("198.51.100.0/24", "NatGatewayId", "$nat"),
            "route-to-interface" => self.route("192.0.2.0/24", "NetworkInterfaceId", "$interface"),
            "log-of-vpc" => self.log(noun, "VPC", "$vpc"),
            "log-of-subnet" => self.log(noun, "Subnet", "$subnet"),
            "log-of-interface" => self.log(noun, "NetworkInterface", "$interface"),
            "log-of-eth0" => self.log(noun, "NetworkInterface", "$eth0"),
            "log-of-nat" => self.log(noun, "NetworkInterface", "$nat-interface"),
            _ => panic!("make {noun}?"),
        }
    }

    fn route(&mut self, destination: &str, member: &str, target: &str) {
        let family = if destination.contains(':') {
            "DestinationIpv6CidrBlock"
        } else {
            "DestinationCidrBlock"
        };
        self.ok(
            "CreateRoute",
            json!({"RouteTableId": "$main", family: destination, member: target}),
        );
    }

    fn log(&mut self, noun: &str, kind: &str, resource: &str) {
        let input = json!({"ResourceType": kind, "ResourceIds": [resource], "TrafficType": "ALL", "LogGroupName": "g",
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/r"});
        self.create(noun, "CreateFlowLogs", input, "/FlowLogIds/0");
    }

    fn happen(&mut self, what: fn(&Region, InstanceId, UnixMillis) -> Vec<Event>) {
        let id = self.id("instance").parse().unwrap();
        let events = what(
            &self.bench.world.regions[&self.bench.region],
            id,
            self.bench.now,
        );
        self.bench.apply("Happening", events);
    }

    /// The data path puts the interface into the instance, or lets go of it.
    fn settle(&mut self) {
        let id = self.id("interface").parse().unwrap();
        let region = &self.bench.world.regions[&self.bench.region];
        let events = lifecycle::interface_settled(region, id, self.bench.now);
        self.bench.apply("Happening", events);
    }

    /// Undoes a noun; the code of the refusal.
    #[rustfmt::skip]
    fn end(&mut self, noun: &str) -> Result<(), String> {
        let (action, input) = match noun {
            "vpc" => ("DeleteVpc", json!({"VpcId": "$vpc"})),
            "subnet" => ("DeleteSubnet", json!({"SubnetId": "$subnet"})),
            "igw" => ("DeleteInternetGateway", json!({"InternetGatewayId": "$igw"})),
            "attached" => ("DetachInternetGateway", json!({"InternetGatewayId": "$igw", "VpcId": "$vpc"})),
            "eigw" => ("DeleteEgressOnlyInternetGateway", json!({"EgressOnlyInternetGatewayId": "$eigw"})),
            "table" => ("DeleteRouteTable", json!({"RouteTableId": "$table"})),
            "main" => ("DeleteRouteTable", json!({"RouteTableId": "$main"})),
            "table-of-subnet" | "table-of-igw" => ("DisassociateRouteTable", json!({"AssociationId": format!("${noun}")})),
            "group" | "other-group" | "default-group" => ("DeleteSecurityGroup", json!({"GroupId": format!("${noun}")})),
            "rule-to-list" => ("RevokeSecurityGroupIngress", json!({"GroupId": "$group", "SecurityGroupRuleIds": ["$rule-to-list"]})),
            "rule-to-group" => ("RevokeSecurityGroupIngress", json!({"GroupId": "$other-group", "SecurityGroupRuleIds": ["$rule-to-group"]})),
            "acl" | "default-acl" => ("DeleteNetworkAcl", json!({"NetworkAclId": format!("${noun}")})),
            "acl-of-subnet" => ("ReplaceNetworkAclAssociation", json!({"AssociationId": "$acl-of-subnet", "NetworkAclId": "$default-acl"})),
            "list" => ("DeleteManagedPrefixList", json!({"PrefixListId": "$list"})),
            "route-to-list" => ("DeleteRoute", json!({"RouteTableId": "$main", "DestinationPrefixListId": "$list"})),
            "dhcp" => ("DeleteDhcpOptions", json!({"DhcpOptionsId": "$dhcp"})),
            "dhcp-of-vpc" => ("AssociateDhcpOptions", json!({"DhcpOptionsId": "default", "VpcId": "$vpc"})),
            "address" => ("ReleaseAddress", json!({"AllocationId": "$address"})),
            "address-of-interface" => ("DisassociateAddress", json!({"AssociationId": "$address-of-interface"})),
            "interface" | "eth0" | "nat-interface" => ("DeleteNetworkInterface", json!({"NetworkInterfaceId": format!("${noun}")})),
            "interface-in-group" => ("ModifyNetworkInterfaceAttribute", json!({"NetworkInterfaceId": "$interface", "Groups": ["$default-group"]})),
            "attachment" => ("DetachNetworkInterface", json!({"AttachmentId": "$attachment"})),
            "nat" => ("DeleteNatGateway", json!({"NatGatewayId": "$nat"})),
            "instance" => ("TerminateInstances", json!({"InstanceIds": ["$instance"]})),
            "log-of-vpc" => ("DeleteFlowLogs", json!({"FlowLogIds": ["$log-of-vpc"]})),
            _ => panic!("end {noun}?"),
        };
        let input = self.filled(&input);
        let outcome = self.bench.call(action, input);
        if noun == "instance" && outcome.is_ok() {
            self.happen(lifecycle::ended);
        }
        if noun == "attachment" && outcome.is_ok() {
            self.settle();
        }
        outcome.map(drop).map_err(|refusal| refusal.code().to_owned())
    }

    /// How many items a describe call finds.
    fn found(&mut self, action: &str, list: &str, filter: &str, value: &str) -> usize {
        let input = json!({"Filters": [{"Name": filter, "Values": [value]}]});
        count(&self.ok(action, input), list)
    }

    fn logs(&mut self) -> usize {
        count(&self.ok("DescribeFlowLogs", json!({})), "FlowLogs")
    }

    fn state_of_route(&mut self, destination: &str) -> String {
        let seen = self.ok("DescribeRouteTables", json!({"RouteTableIds": ["$main"]}));
        let routes = seen["RouteTables"][0]["Routes"].as_array().unwrap();
        let leads = |r: &&Value| {
            r["DestinationCidrBlock"] == destination || r["DestinationIpv6CidrBlock"] == destination
        };
        text(routes.iter().find(leads).unwrap(), "/State")
    }
}

fn words(nouns: &str) -> impl Iterator<Item = &str> {
    nouns.split_whitespace()
}

/// What there is; what shall die; the refusal; what has to end before it can.
#[rustfmt::skip]
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("vpc subnet", "vpc", "DependencyViolation", "subnet"),
    ("vpc igw attached", "vpc", "DependencyViolation", "attached"),
    ("vpc eigw", "vpc", "DependencyViolation", "eigw"),
    ("vpc table", "vpc", "DependencyViolation", "table"),
    ("vpc group", "vpc", "DependencyViolation", "group"),
    ("vpc acl", "vpc", "DependencyViolation", "acl"),
    ("vpc subnet interface", "vpc", "DependencyViolation", "interface subnet"),
    ("vpc subnet interface", "subnet", "DependencyViolation", "interface"),
    ("vpc subnet instance", "subnet", "DependencyViolation", "instance"),
    ("vpc subnet igw attached address nat", "subnet", "DependencyViolation", "nat"),
    ("vpc igw attached", "igw", "DependencyViolation", "attached"),
    ("vpc subnet igw attached address interface address-of-interface", "attached", "DependencyViolation", "address-of-interface"),
    ("vpc subnet igw attached address nat", "attached", "DependencyViolation", "nat"),
    ("vpc subnet table table-of-subnet", "table", "DependencyViolation", "table-of-subnet"),
    ("vpc igw attached table table-of-igw", "table", "DependencyViolation", "table-of-igw"),
    ("vpc", "main", "DependencyViolation", ""),
    ("vpc subnet instance interface attachment", "interface", "InvalidParameterValue", "attachment"),
    ("vpc subnet instance interface attachment", "interface", "InvalidParameterValue", "instance"),
    ("vpc subnet instance", "eth0", "InvalidParameterValue", ""),
    ("vpc subnet igw attached address nat", "nat-interface", "OperationNotPermitted", ""),
    ("vpc subnet group interface interface-in-group", "group", "DependencyViolation", "interface-in-group"),
    ("vpc subnet group interface interface-in-group", "group", "DependencyViolation", "interface"),
    ("vpc group other-group rule-to-group", "group", "DependencyViolation", "rule-to-group"),
    ("vpc group other-group rule-to-group", "group", "DependencyViolation", "other-group"),
    ("vpc", "default-group", "CannotDelete", ""),
    ("vpc subnet acl acl-of-subnet", "acl", "DependencyViolation", "acl-of-subnet"),
    ("vpc subnet acl acl-of-subnet", "acl", "DependencyViolation", "subnet"),
    ("vpc", "default-acl", "InvalidParameterValue", ""),
    ("vpc igw attached list route-to-list", "list", "DependencyViolation", "route-to-list"),
    ("vpc group list rule-to-list", "list", "DependencyViolation", "rule-to-list"),
    ("vpc group list rule-to-list", "list", "DependencyViolation", "group"),
    ("vpc dhcp dhcp-of-vpc", "dhcp", "DependencyViolation", "dhcp-of-vpc"),
    ("vpc dhcp dhcp-of-vpc", "dhcp", "DependencyViolation", "vpc"),
    ("vpc subnet igw attached address interface address-of-interface", "address", "InvalidIPAddress.InUse", "address-of-interface"),
    ("vpc subnet igw attached address interface address-of-interface", "address", "InvalidIPAddress.InUse", "interface"),
    ("vpc subnet igw attached address nat", "address", "InvalidIPAddress.InUse", "nat"),
];

#[test]
fn what_refuses_to_die_while_what_lives() {
    for (made, doomed, code, first) in REFUSED {
        let mut stage = Stage::with(made);
        assert_eq!(
            stage.end(doomed),
            Err((*code).to_owned()),
            "{made}: {doomed}"
        );
        for noun in words(first) {
            assert_eq!(stage.end(noun), Ok(()), "{made}: first {noun}");
        }
        if !first.is_empty() {
            assert_eq!(stage.end(doomed), Ok(()), "{made}: {doomed} after {first}");
        }
    }
}

/// What there is and what dies at once, whatever points at it.
#[rustfmt::skip]
const LET_GO: &[(&str, &str)] = &[
    ("vpc log-of-vpc", "vpc"),
    ("vpc dhcp dhcp-of-vpc", "vpc"),
    ("vpc subnet table table-of-subnet acl acl-of-subnet reservation log-of-subnet", "subnet"),
    ("vpc igw attached route-to-igw table table-of-igw", "attached"),
    ("vpc eigw route-to-eigw", "eigw"),
    ("vpc subnet igw attached address nat route-to-nat log-of-nat", "nat"),
    ("vpc subnet interface route-to-interface log-of-interface", "interface"),
    ("vpc subnet igw attached address interface address-of-interface", "interface"),
    ("vpc subnet instance interface attachment log-of-eth0", "instance"),
    ("vpc group rule-to-itself", "group"),
    ("vpc group other-group rule-to-group", "other-group"),
];

#[test]
fn what_dies_although_others_point_at_it() {
    for (made, doomed) in LET_GO {
        let mut stage = Stage::with(made);
        assert_eq!(stage.end(doomed), Ok(()), "{made}: {doomed}");
    }
}

/// `VPC-10`.
#[test]
fn with_a_vpc_die_its_parts_and_flow_logs() {
    let mut stage = Stage::with("vpc log-of-vpc");
    stage.ok("CreateTags", json!({"Resources": ["$main", "$default-acl", "$default-group"], "Tags": [{"Key": "k", "Value": "v"}]}));
    let vpc = stage.id("vpc");
    stage.end("vpc").unwrap();
    for (action, list) in [
        ("DescribeRouteTables", "RouteTables"),
        ("DescribeNetworkAcls", "NetworkAcls"),
        ("DescribeSecurityGroups", "SecurityGroups"),
    ] {
        assert_eq!(stage.found(action, list, "vpc-id", &vpc), 0, "{action}");
    }
    assert_eq!(stage.found("DescribeTags", "Tags", "key", "k"), 0);
    assert_eq!(stage.logs(), 0);
}

#[test]
fn with_a_subnet_die_its_associations_reservations_and_flow_logs() {
    let mut stage =
        Stage::with("vpc subnet table table-of-subnet acl acl-of-subnet reservation log-of-subnet");
    stage.end("subnet").unwrap();
    let seen = stage.ok("DescribeRouteTables", json!({"RouteTableIds": ["$table"]}));
    assert_eq!(seen["RouteTables"][0]["Associations"], json!([]));
    let seen = stage.ok("DescribeNetworkAcls", json!({"NetworkAclIds": ["$acl"]}));
    assert_eq!(seen["NetworkAcls"][0]["Associations"], json!([]));
    let region = &stage.bench.world.regions["us-east-1"];
    assert!(region.subnet_cidr_reservations.is_empty());
    assert_eq!(stage.logs(), 0);
    // Nothing of it is left in the way.
    for noun in ["table", "acl", "vpc"] {
        assert_eq!(stage.end(noun), Ok(()), "{noun}");
    }
}

/// `RT-12`, `RT-9`.
#[test]
fn with_an_attachment_dies_the_edge_association_and_routes_turn_black() {
    let mut stage = Stage::with("vpc igw attached route-to-igw table table-of-igw");
    stage.end("attached").unwrap();
    let seen = stage.ok("DescribeRouteTables", json!({"RouteTableIds": ["$table"]}));
    assert_eq!(seen["RouteTables"][0]["Associations"], json!([]));
    assert_eq!(stage.state_of_route("0.0.0.0/0"), "blackhole");
    stage.make("attached");
    assert_eq!(stage.state_of_route("0.0.0.0/0"), "active");
}

/// `RT-9`, `EIP-2`.
#[test]
fn with_an_interface_die_its_bonds_and_flow_logs() {
    let mut stage = Stage::with(
        "vpc subnet igw attached address interface address-of-interface route-to-interface log-of-interface",
    );
    stage.end("interface").unwrap();
    assert_eq!(stage.state_of_route("192.0.2.0/24"), "blackhole");
    let seen = stage.ok("DescribeAddresses", json!({"AllocationIds": ["$address"]}));
    assert_eq!(seen["Addresses"][0]["AssociationId"], Value::Null);
    assert_eq!(stage.logs(), 0);
    assert_eq!(stage.end("attached"), Ok(()));
}

/// `ENI-1`: only what was launched with it goes with an instance.
#[test]
fn with_an_instance_dies_the_interface_that_it_was_launched_with() {
    let mut stage =
        Stage::with("vpc subnet instance interface attachment log-of-eth0 log-of-interface");
    stage.end("instance").unwrap();
    let subnet = stage.id("subnet");
    let left = json!({"Filters": [{"Name": "subnet-id", "Values": [subnet]}]});
    let left = stage.ok("DescribeNetworkInterfaces", left);
    assert_eq!(count(&left, "NetworkInterfaces"), 1);
    let other = &left["NetworkInterfaces"][0];
    assert_eq!(other["NetworkInterfaceId"], stage.id("interface"));
    assert_eq!(other["Status"], "available");
    assert_eq!(stage.logs(), 1);
}

/// `NAT-10`.
#[test]
fn with_a_nat_gateway_dies_its_interface_and_its_address_is_free() {
    let mut stage = Stage::with("vpc subnet igw attached address nat route-to-nat log-of-nat");
    stage.end("nat").unwrap();
    assert_eq!(stage.state_of_route("198.51.100.0/24"), "blackhole");
    assert_eq!(stage.logs(), 0);
    for noun in ["address", "attached", "subnet"] {
        assert_eq!(stage.end(noun), Ok(()), "{noun}");
    }
    // A deleted gateway is seen for an hour and in nobody's way.
    assert_eq!(stage.end("vpc"), Ok(()));
}

/// `EO-6`.
#[test]
fn a_route_to_an_egress_only_gateway_outlives_it() {
    let mut stage = Stage::with("vpc eigw route-to-eigw");
    stage.end("eigw").unwrap();
    assert_eq!(stage.state_of_route("::/0"), "blackhole");
    assert_eq!(stage.end("vpc"), Ok(()));
}

/// `SG-10`: a rule that names a group goes with its holder, and tags of rules with the rules.
#[test]
fn with_a_group_die_its_rules_and_their_tags() {
    let mut stage = Stage::with("vpc group other-group rule-to-group");
    stage.ok(
        "CreateTags",
        json!({"Resources": ["$rule-to-group"], "Tags": [{"Key": "k", "Value": "v"}]}),
    );
    stage.end("other-group").unwrap();
    assert_eq!(stage.found("DescribeTags", "Tags", "key", "k"), 0);
    let missing = json!({"SecurityGroupRuleIds": [stage.id("rule-to-group")]});
    assert_eq!(
        stage.bench.refused("DescribeSecurityGroupRules", missing),
        "InvalidSecurityGroupRuleId.NotFound"
    );
}
