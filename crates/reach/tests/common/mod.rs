//! A world made by the calls that its owner would make.
#![allow(dead_code, clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::sync::Arc;

use openvpc_compile::Compiler;
use openvpc_control::{Caller, Settings, handle_elb};
use openvpc_engine::{Mac, OutsideHost};
use openvpc_model::{AccountId, Entry, Event, InstanceState, TargetHealth, World};
use openvpc_reach::flow::{SOURCE_PORT, split_port};
use openvpc_reach::trial::Trial;
use openvpc_reach::{Flow, Host, Report, Traffic, Workshop, resolve, why};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

pub const REGION: &str = "us-east-1";
/// 2025-01-02T03:04:05Z.
pub const NOW: i64 = 1_735_787_045_000;

pub fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

pub fn hosts() -> Vec<Host> {
    let host = |name: &str, last: u8, address: [u8; 4]| Host {
        name: name.to_owned(),
        dns_name: format!("{name}.example.com"),
        engine: Arc::new(OutsideHost {
            mac: Mac([2, 0, 0x5e, 1, 0, last]),
            addresses: vec![Ipv4Addr::from(address).into()],
            router_mac: Mac([2, 0, 0x5e, 0, 0, 1]),
            router_ipv4: Ipv4Addr::new(203, 0, 113, 1),
            router_ipv6: "2001:db8:ffff::1".parse().unwrap(),
        }),
    };
    vec![
        host("bob", 0, [203, 0, 113, 12]),
        host("web", 1, [198, 51, 100, 80]),
    ]
}

/// The account's owner, and what is there.
pub struct Owner {
    pub settings: Settings,
    trial: Trial,
}

impl Owner {
    pub fn new() -> Owner {
        Owner {
            settings: Settings::default(),
            trial: Trial::of(&World::default(), NOW),
        }
    }

    pub fn world(&self) -> &World {
        &self.trial.world
    }

    #[track_caller]
    pub fn call(&mut self, action: &str, input: Value) -> Value {
        let by = (REGION, &account());
        let shown = input.to_string();
        self.trial
            .act(&self.settings, by, action, input)
            .unwrap_or_else(|e| panic!("{action} {shown}: {e}"))
    }

    #[track_caller]
    pub fn make(&mut self, action: &str, input: Value, pointer: &str) -> String {
        let answer = self.call(action, input);
        answer
            .pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A call of Elastic Load Balancing; what the answer holds at a pointer.
    #[track_caller]
    pub fn elb(&mut self, action: &str, input: Value, pointer: &str) -> String {
        let revision = self.trial.world.revision;
        let mut caller = Caller {
            region: REGION,
            account: account(),
            identity: None,
            now: NOW,
            bucket: None,
            rng: &mut SmallRng::seed_from_u64(revision),
        };
        let (world, health) = (&self.trial.world, TargetHealth::default());
        let outcome = handle_elb(world, &self.settings, &mut caller, &health, action, input);
        let outcome = outcome.unwrap_or_else(|e| panic!("{action}: {e}"));
        self.trial.world.apply(Entry {
            revision: revision + 1,
            at: NOW,
            region: REGION.to_owned(),
            account: account(),
            action: action.to_owned(),
            events: outcome.events,
        });
        let made = outcome.response.pointer(pointer).cloned().unwrap();
        made.as_str().unwrap_or_default().to_owned()
    }

    pub fn vpc(&mut self, cidr: &str) -> String {
        self.make("CreateVpc", json!({"CidrBlock": cidr}), "/Vpc/VpcId")
    }

    pub fn subnet(&mut self, vpc: &str, cidr: &str) -> String {
        let input = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": "us-east-1a"});
        self.make("CreateSubnet", input, "/Subnet/SubnetId")
    }

    pub fn group(&mut self, vpc: &str, name: &str) -> String {
        let input = json!({"VpcId": vpc, "GroupName": name, "Description": name});
        self.make("CreateSecurityGroup", input, "/GroupId")
    }

    pub fn table(&mut self, vpc: &str) -> String {
        let input = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
        self.make("DescribeRouteTables", input, "/RouteTables/0/RouteTableId")
    }

    pub fn acl(&mut self, vpc: &str) -> String {
        let input = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
        self.make("DescribeNetworkAcls", input, "/NetworkAcls/0/NetworkAclId")
    }

    pub fn gateway(&mut self, vpc: &str) -> String {
        let pointer = "/InternetGateway/InternetGatewayId";
        let gateway = self.make("CreateInternetGateway", json!({}), pointer);
        let input = json!({"InternetGatewayId": gateway, "VpcId": vpc});
        self.call("AttachInternetGateway", input);
        gateway
    }

    pub fn let_in(&mut self, group: &str, port: u16, block: &str) {
        let input = json!({"GroupId": group, "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": block}],
        }]});
        self.call("AuthorizeSecurityGroupIngress", input);
    }

    /// Launches an instance with a Name tag.
    pub fn instance(&mut self, name: &str, subnet: &str, group: &str, address: &str) -> String {
        let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]);
        let input = json!({
            "ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
            "SubnetId": subnet, "SecurityGroupIds": [group], "PrivateIpAddress": address,
            "TagSpecifications": tags,
        });
        self.make("RunInstances", input, "/Instances/0/InstanceId")
    }

    /// An Elastic address for an instance.
    pub fn elastic(&mut self, instance: &str) -> String {
        let answer = self.call("AllocateAddress", json!({"Domain": "vpc"}));
        let id = answer["AllocationId"].as_str().unwrap();
        let input = json!({"AllocationId": id, "InstanceId": instance});
        self.call("AssociateAddress", input);
        answer["PublicIp"].as_str().unwrap().to_owned()
    }

    /// Tells what happens to an instance by itself.
    pub fn becomes(&mut self, instance: &str, state: InstanceState) {
        let id = instance.parse().unwrap();
        let region = &self.trial.world.regions[REGION];
        let mut instance = region.instances[&id].clone();
        instance.state = state;
        let entry = Entry {
            revision: self.trial.world.revision + 1,
            at: NOW,
            region: REGION.to_owned(),
            account: account(),
            action: "Test".to_owned(),
            events: vec![Event::InstancePut(instance)],
        };
        self.trial.world.apply(entry);
    }

    #[track_caller]
    pub fn flow(&self, source: &str, destination: &str) -> Flow {
        let (name, port) = split_port(destination).unwrap();
        let place = |text| resolve(self.world(), &hosts(), text).unwrap();
        Flow {
            source: place(source),
            destination: place(name),
            traffic: port.map_or(Traffic::Icmp, Traffic::Tcp),
            source_port: SOURCE_PORT,
            ipv6: false,
        }
    }

    #[track_caller]
    pub fn why(&self, source: &str, destination: &str) -> Report {
        let flow = self.flow(source, destination);
        why(&self.workshop(&hosts()), self.world(), &flow).unwrap()
    }

    pub fn workshop<'a>(&'a self, hosts: &'a [Host]) -> Workshop<'a> {
        Workshop {
            settings: &self.settings,
            hosts,
            now: NOW,
            compiler: Compiler::default(),
        }
    }
}
