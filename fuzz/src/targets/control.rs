//! Whole calls: form → decoded → judged → written down → compiled → answered. A world that was reached by calls can
//! always be enforced, and is the same after it was written down and read again.

use std::cell::RefCell;

use openvpc_control::{Caller, Settings, handle};
use openvpc_ec2::generated::EC2;
use openvpc_ec2::{decode, encode};
use openvpc_model::{Entry, World};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::Target;

/// Forms, one a line; `$1` stands for the first id that was answered, and so on.
pub const CONTROL: Target = Target {
    name: "control",
    run: control,
    seeds,
};

const CALLS_MAX: usize = 24;
const VERSION: &str = "&Version=2016-11-15";

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let of = |lines: &[&str]| lines.join("\n").into_bytes();
    vec![
        (
            "vpc",
            of(&[
                "Action=CreateVpc&CidrBlock=10.0.0.0/16&AmazonProvidedIpv6CidrBlock=true",
                "Action=CreateSubnet&VpcId=$vpc&CidrBlock=10.0.1.0/24",
                "Action=CreateInternetGateway",
                "Action=AttachInternetGateway&VpcId=$vpc&InternetGatewayId=$igw",
                "Action=CreateRouteTable&VpcId=$vpc",
                "Action=CreateRoute&RouteTableId=$rtb&DestinationCidrBlock=0.0.0.0/0&GatewayId=$igw",
                "Action=AssociateRouteTable&RouteTableId=$rtb&SubnetId=$subnet",
                "Action=DescribeRouteTables&MaxResults=5",
                "Action=DeleteVpc&VpcId=$vpc",
            ]),
        ),
        (
            "interface",
            of(&[
                "Action=CreateVpc&CidrBlock=10.0.0.0/16",
                "Action=CreateSubnet&VpcId=$vpc&CidrBlock=10.0.1.0/24",
                "Action=CreateSecurityGroup&VpcId=$vpc&GroupName=web&GroupDescription=d",
                "Action=AuthorizeSecurityGroupIngress&GroupId=$sg&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
                "Action=CreateNetworkInterface&SubnetId=$subnet&SecurityGroupId.1=$sg&PrivateIpAddress=10.0.1.10",
                "Action=AllocateAddress&Domain=vpc",
                "Action=AssociateAddress&AllocationId=$eipalloc&NetworkInterfaceId=$eni",
                "Action=CreateTags&ResourceId.1=$eni&Tag.1.Key=a&Tag.1.Value=b",
                "Action=DescribeNetworkInterfaces&Filter.1.Name=subnet-id&Filter.1.Value.1=$subnet",
            ]),
        ),
        (
            "instance",
            of(&[
                "Action=DescribeSubnets",
                "Action=RunInstances&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=2&InstanceType=t3.micro&ClientToken=t",
                "Action=DescribeInstances",
                "Action=StopInstances&InstanceId.1=$i",
                "Action=ModifyInstanceAttribute&InstanceId=$i&SourceDestCheck.Value=false",
                "Action=TerminateInstances&InstanceId.1=$i",
            ]),
        ),
        (
            "acl_and_list",
            of(&[
                "Action=CreateVpc&CidrBlock=10.0.0.0/16",
                "Action=CreateNetworkAcl&VpcId=$vpc",
                "Action=CreateNetworkAclEntry&NetworkAclId=$acl&RuleNumber=100&Protocol=6&RuleAction=allow&Egress=false&CidrBlock=0.0.0.0/0&PortRange.From=80&PortRange.To=80",
                "Action=CreateManagedPrefixList&PrefixListName=l&MaxEntries=5&AddressFamily=IPv4&Entry.1.Cidr=10.9.0.0/16",
                "Action=ModifyManagedPrefixList&PrefixListId=$pl&CurrentVersion=1&RemoveEntry.1.Cidr=10.9.0.0/16",
                "Action=CreateDhcpOptions&DhcpConfiguration.1.Key=domain-name&DhcpConfiguration.1.Value.1=x.example",
                "Action=AssociateDhcpOptions&VpcId=$vpc&DhcpOptionsId=$dopt",
            ]),
        ),
        (
            "gateways",
            of(&[
                "Action=CreateVpc&CidrBlock=10.0.0.0/16&AmazonProvidedIpv6CidrBlock=true",
                "Action=CreateSubnet&VpcId=$vpc&CidrBlock=10.0.1.0/24",
                "Action=CreateEgressOnlyInternetGateway&VpcId=$vpc",
                "Action=CreateNatGateway&SubnetId=$subnet&ConnectivityType=private",
                "Action=CreateFlowLogs&ResourceId.1=$vpc&ResourceType=VPC&TrafficType=ALL&LogGroupName=g&DeliverLogsPermissionArn=arn:aws:iam::123456789012:role/r",
                "Action=DescribeNatGateways",
                "Action=DeleteNatGateway&NatGatewayId=$nat",
            ]),
        ),
    ]
}

struct Bench {
    world: World,
    settings: Settings,
    rng: SmallRng,
    now: i64,
    /// The latest id of each kind that was answered.
    ids: Vec<(String, String)>,
}

thread_local! {
    static SETTINGS: RefCell<Settings> = RefCell::default();
}

fn control(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut bench = Bench {
        world: World::default(),
        settings: SETTINGS.with_borrow(Settings::clone),
        rng: SmallRng::seed_from_u64(7),
        now: 1_735_787_045_000,
        ids: Vec::new(),
    };
    for line in text.lines().take(CALLS_MAX) {
        bench.call(line);
    }
    let written = serde_json::to_vec(&bench.world).expect("worlds can be written");
    let read: World = serde_json::from_slice(&written).expect("and read");
    assert!(
        read == bench.world,
        "a world changes when it is written and read"
    );
}

impl Bench {
    fn call(&mut self, line: &str) {
        let mut form = line.to_owned() + VERSION;
        // Longer names first, so that `$i` does not stand for the front of `$igw`.
        self.ids
            .sort_by_key(|(kind, _)| std::cmp::Reverse(kind.len()));
        for (kind, id) in &self.ids {
            form = form.replace(&format!("${kind}"), id);
        }
        let Ok(request) = decode(&EC2, b"", form.as_bytes()) else {
            return;
        };
        self.now += 1_000;
        let account: openvpc_model::AccountId = "123456789012".parse().unwrap();
        let mut caller = Caller {
            region: "us-east-1",
            account: account.clone(),
            identity: None,
            now: self.now,
            bucket: Some(openvpc_control::Bucket::Accepts),
            rng: &mut self.rng,
        };
        let name = request.action.name;
        let dry_run = request.input["DryRun"].as_bool() == Some(true);
        match handle(
            &self.world,
            &self.settings,
            &mut caller,
            name,
            request.input,
        ) {
            Ok(outcome) => {
                assert!(!dry_run, "{name}: a dry run was carried out");
                let xml = encode::response(&EC2, request.action, "id", &outcome.response);
                let xml = xml.unwrap_or_else(|error| panic!("{name}: {error}"));
                self.note(&xml);
                if outcome.events.is_empty() {
                    return;
                }
                self.world.apply(Entry {
                    revision: self.world.revision + 1,
                    at: self.now,
                    region: "us-east-1".to_owned(),
                    account,
                    action: name.to_owned(),
                    events: outcome.events,
                });
                let compiled = openvpc_compile::compile(&self.world, Vec::new());
                compiled.unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            Err(error) => {
                assert_ne!(error.code(), "InternalError", "{name}: {error}");
                assert!((400..600).contains(&error.status()));
            }
        }
    }

    /// Remembers ids of an answer: `>vpc-0123456789abcdef0<` is `$vpc` from now on.
    fn note(&mut self, xml: &str) {
        for text in xml.split('>').filter_map(|part| part.split('<').next()) {
            if let Some((kind, rest)) = text.split_once('-')
                && rest.len() == 17
                && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
            {
                self.ids.retain(|(known, _)| known != kind);
                self.ids.push((kind.to_owned(), text.to_owned()));
            }
        }
    }
}
