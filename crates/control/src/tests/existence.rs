//! Nobody learns what others have: every action, every text of its request, every kind of id. What belongs to another
//! account, or to another region, is told apart from what does not exist by nothing in the answer.

use std::collections::{BTreeMap, BTreeSet};

use openvpc_ec2::generated::EC2;
use openvpc_ec2::table::{Member, Shape, Structure};
use openvpc_model::Region;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Map, Value, json};

use crate::testing::{Bench, text};
use crate::{Caller, handle};

const OTHER: &str = "210987654321";
/// Structures within structures that are looked into.
const DEPTH_MAX: usize = 4;

/// One id of each kind, by its prefix.
type Ids = BTreeMap<String, String>;

/// One of everything, in the account and region of the bench.
fn build(bench: &mut Bench) -> Ids {
    let before = texts(bench);
    let id = |answer: Value, pointer: &str| text(&answer, pointer);
    let vpc = id(
        bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let peer = id(
        bench.ok("CreateVpc", json!({"CidrBlock": "10.9.0.0/16"})),
        "/Vpc/VpcId",
    );
    let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"});
    let subnet = id(bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
    let gateway = bench.ok("CreateInternetGateway", json!({}));
    let gateway = id(gateway, "/InternetGateway/InternetGatewayId");
    let attach = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    bench.ok("AttachInternetGateway", attach);
    bench.ok("CreateEgressOnlyInternetGateway", json!({"VpcId": vpc}));
    let table = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
    let table = id(table, "/RouteTable/RouteTableId");
    bench.ok(
        "AssociateRouteTable",
        json!({"RouteTableId": table, "SubnetId": subnet}),
    );
    bench.ok("CreateNetworkAcl", json!({"VpcId": vpc}));
    let group = json!({"GroupName": "g", "Description": "g", "VpcId": vpc});
    bench.ok("CreateSecurityGroup", group);
    let eni = bench.ok("CreateNetworkInterface", json!({"SubnetId": subnet}));
    let eni = id(eni, "/NetworkInterface/NetworkInterfaceId");
    let address = bench.ok("AllocateAddress", json!({}));
    let allocation = id(address, "/AllocationId");
    let associate = json!({"AllocationId": allocation, "NetworkInterfaceId": eni});
    bench.ok("AssociateAddress", associate);
    let nat = json!({"SubnetId": subnet, "ConnectivityType": "private"});
    bench.ok("CreateNatGateway", nat);
    let list = json!({"PrefixListName": "l", "AddressFamily": "IPv4", "MaxEntries": 1});
    bench.ok("CreateManagedPrefixList", list);
    let options = json!({"DhcpConfigurations": [{"Key": "domain-name", "Values": ["a.example"]}]});
    bench.ok("CreateDhcpOptions", options);
    let run = json!({"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet});
    bench.ok("RunInstances", run);
    bench.ok(
        "CreateSubnetCidrReservation",
        json!({"SubnetId": subnet, "Cidr": "10.0.1.240/28", "ReservationType": "explicit"}),
    );
    bench.ok(
        "CreateVpcPeeringConnection",
        json!({"VpcId": vpc, "PeerVpcId": peer}),
    );
    let role = "arn:aws:iam::123456789012:role/flow-logs";
    bench.ok("CreateFlowLogs", json!({"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL", "LogGroupName": "g", "DeliverLogsPermissionArn": role}));
    let made: BTreeSet<String> = texts(bench).difference(&before).cloned().collect();
    made.into_iter()
        .filter_map(|id| Some((kind(&id)?, id)))
        .collect()
}

/// The prefix of an id, or that it is a public address.
fn kind(text: &str) -> Option<String> {
    let (prefix, number) = text.rsplit_once('-').unwrap_or_default();
    let is_id = number.len() == 17 && number.bytes().all(|b| b.is_ascii_hexdigit());
    match text.starts_with("192.0.2.") {
        true => Some("address".to_owned()),
        false => (is_id && is_prefix(prefix)).then(|| prefix.to_owned()),
    }
}

fn is_prefix(text: &str) -> bool {
    text.bytes().all(|b| b == b'-' || b.is_ascii_lowercase())
}

/// Every text of a region.
fn texts(bench: &Bench) -> BTreeSet<String> {
    fn collect(value: &Value, texts: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => drop(texts.insert(text.clone())),
            Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            Value::Object(members) => members.values().for_each(|item| collect(item, texts)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    let region = bench.world.regions.get(&bench.region);
    let region = region.map(|region: &Region| serde_json::to_value(region).unwrap());
    collect(&region.unwrap_or_default(), &mut all);
    all
}

fn missing(kind: &str) -> String {
    match kind {
        "address" => "192.0.2.254".to_owned(),
        _ => format!("{kind}-0fedcba9876543210"),
    }
}

/// What a call tells, without the id that it was about.
fn told(bench: &Bench, action: &str, input: &Value, id: &str) -> String {
    let mut rng = SmallRng::seed_from_u64(1);
    let mut caller = Caller {
        region: &bench.region,
        account: bench.account.clone(),
        identity: None,
        now: bench.now,
        bucket: None,
        rng: &mut rng,
    };
    let outcome = handle(
        &bench.world,
        &bench.settings,
        &mut caller,
        action,
        input.clone(),
    );
    let told = match outcome {
        Ok(outcome) => outcome.response.to_string(),
        Err(refusal) => format!("{refusal:?}"),
    };
    told.replace(id, "ID")
}

/// Paths to every text of a request: names of members, lists by their first item.
fn leaves(structure: &'static Structure, depth: usize) -> Vec<Vec<&'static str>> {
    fn below(shape: Shape, depth: usize) -> Vec<Vec<&'static str>> {
        match shape {
            Shape::String => vec![vec![]],
            Shape::List(list) => below(list.shape, depth),
            Shape::Structure(structure) if depth < DEPTH_MAX => leaves(structure, depth + 1),
            _ => vec![],
        }
    }
    let of = |member: &'static Member| {
        let paths = below(member.shape, depth).into_iter();
        paths.map(|mut path| {
            path.insert(0, member.name);
            path
        })
    };
    structure.members.iter().flat_map(of).collect()
}

/// A request with what the action requires, the caller's own, and the text at the path.
fn request(structure: &Structure, own: &Ids, path: &[&str], text: &str) -> Value {
    let mut request = Map::new();
    for member in structure.members {
        let here = path.first() == Some(&member.name);
        if here {
            let value = value(member.name, member.shape, own, Some((&path[1..], text)));
            request.insert(member.name.to_owned(), value);
        } else if member.required || helps(member.name) {
            let value = value(member.name, member.shape, own, None);
            request.insert(member.name.to_owned(), value);
        }
    }
    Value::Object(request)
}

fn value(name: &str, shape: Shape, own: &Ids, chosen: Option<(&[&str], &str)>) -> Value {
    match shape {
        Shape::Boolean => json!(true),
        Shape::Integer | Shape::Long | Shape::Double => json!(1),
        Shape::String | Shape::Blob | Shape::Timestamp => match chosen {
            Some((_, text)) => json!(text),
            None => json!(usual(name, own)),
        },
        Shape::List(list) => json!([value(name, list.shape, own, chosen)]),
        Shape::Structure(structure) => {
            let (path, text) = chosen.unwrap_or_default();
            request(structure, own, path, text)
        }
    }
}

/// Members that some actions need although the model does not say so.
fn helps(name: &str) -> bool {
    matches!(
        name,
        "DestinationCidrBlock"
            | "AllocationId"
            | "IpProtocol"
            | "LogGroupName"
            | "SubnetId"
            | "GroupId"
            | "VpcId"
    )
}

/// The caller's own resource that a member asks for, or something harmless.
fn usual(name: &str, own: &Ids) -> String {
    let of = |kind: &str| own.get(kind).cloned().unwrap_or_default();
    match name {
        "VpcId" | "VpcIds" | "PeerVpcId" | "ResourceIds" | "Resources" => of("vpc"),
        "SubnetId" | "SubnetIds" => of("subnet"),
        "RouteTableId" => of("rtb"),
        "InternetGatewayId" => of("igw"),
        "NatGatewayId" => of("nat"),
        "NetworkInterfaceId" => of("eni"),
        "InstanceId" | "InstanceIds" => of("i"),
        "GroupId" | "SecurityGroupIds" => of("sg"),
        "NetworkAclId" => of("acl"),
        "PrefixListId" => of("pl"),
        "DhcpOptionsId" => of("dopt"),
        "AllocationId" => of("eipalloc"),
        "VpcPeeringConnectionId" => of("pcx"),
        "EgressOnlyInternetGatewayId" => of("eigw"),
        "FlowLogIds" => of("fl"),
        "AttachmentId" => of("eni-attach"),
        "ImageId" => "ami-0123456789abcdef0".to_owned(),
        "InstanceType" => "t3.micro".to_owned(),
        "ResourceType" => "VPC".to_owned(),
        "RuleAction" => "allow".to_owned(),
        "Protocol" | "IpProtocol" => "-1".to_owned(),
        "Key" => "k".to_owned(),
        _ if name.contains("Cidr") => "10.0.200.0/24".to_owned(),
        _ => "x".to_owned(),
    }
}

#[test]
fn what_others_have_is_as_what_is_not_there() {
    let mut bench = Bench::new();
    bench.settings.quotas.addresses_per_region = 20;
    let mut own = build(&mut bench);
    let this = bench.account.clone();
    bench.account = OTHER.parse().unwrap();
    let others = build(&mut bench);
    bench.account = this;
    bench.region = "eu-west-1".to_owned();
    let elsewhere = build(&mut bench);
    bench.region = "us-east-1".to_owned();
    // Images are everybody's.
    own.retain(|kind, _| others.contains_key(kind));
    assert!(own.len() >= 20, "{own:?}");

    let mut looked_up = BTreeSet::new();
    let mut leaks = Vec::new();
    let actions = crate::ACTIONS.iter().copied().flatten();
    for (action, _) in actions {
        let Some(input) = EC2.action(action).and_then(|row| row.input) else {
            continue;
        };
        for path in leaves(input, 0) {
            // All accounts choose from one pool: an address is taken or it is not.
            if path == ["Address"] && *action == "AllocateAddress" {
                continue;
            }
            for kind in own.keys() {
                let tell = |id: &str| told(&bench, action, &request(input, &own, &path, id), id);
                let nothing = tell(&missing(kind));
                for stranger in [others.get(kind), elsewhere.get(kind)]
                    .into_iter()
                    .flatten()
                {
                    let something = tell(stranger);
                    if something != nothing {
                        leaks.push(format!(
                            "{action} {path:?} {stranger}: {something} for {nothing}"
                        ));
                    }
                }
                if tell(&own[kind]) != nothing {
                    looked_up.insert((action, path.clone()));
                }
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
    // Or nothing was tried.
    assert!(
        looked_up.len() > 100,
        "{} look-ups: {looked_up:?}",
        looked_up.len()
    );
}
