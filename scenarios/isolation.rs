//! Twelve VPCs in three regions, ten of them of one CIDR and with one address, joined to the other two by connections that
//! come and go, with routes on one side, both or neither: what each host's kernel hears is what the configuration allows,
//! no packet more and no packet less (`compile/tests/isolation.rs` does the same with fifty VPCs and a million packets).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::peering::applied;
use crate::support::{Privilege, User, boto3, stdout_of};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "us-west-2"];
/// Four VPCs a region. The first two, the hubs, have blocks of their own, all others the same.
const BLOCKS: [u8; 12] = [100, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const HUBS: usize = 2;
const ROUNDS: usize = 4;

/// Makes a VPC in a region for each block, with a host 10.BLOCK.1.10 that every ping may reach; prints their ids.
const BUILD: &str = r#"
import boto3, json, sys
made = []
for region, block in json.loads(sys.argv[1]):
    ec2 = boto3.client("ec2", region_name=region)
    vpc = ec2.create_vpc(CidrBlock=f"10.{block}.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{block}.1.0/24")["Subnet"]["SubnetId"]
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    table = ec2.describe_route_tables(Filters=mine)["RouteTables"][0]["RouteTableId"]
    group = ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
    everyone = [{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=everyone)
    host = ec2.run_instances(ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1,
        SubnetId=subnet, PrivateIpAddress=f"10.{block}.1.10")["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[host], WaiterConfig={"Delay": 1})
    made.append({"region": region, "vpc": vpc, "table": table, "host": host})
print(json.dumps(made))
"#;

/// Makes a call for each line, and prints its answer.
const CALLS: &str = r#"
import boto3, json, sys
clients = {}
for line in sys.stdin:
    region, name, arguments = json.loads(line)
    client = clients.get(region) or clients.setdefault(region, boto3.client("ec2", region_name=region))
    print(json.dumps(getattr(client, name)(**arguments), default=str), flush=True)
"#;

struct Connection {
    id: String,
    ends: [usize; 2],
    is_active: bool,
}

struct Lab {
    user: User,
    rng: SmallRng,
    vpcs: Vec<Value>,
    connections: Vec<Connection>,
    /// By VPC and the block that it leads to: the connection.
    routes: BTreeMap<(usize, u8), usize>,
    calls: Calls,
}

/// A client that stays, for starting one takes longer than what it does.
struct Calls {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Calls {
    fn start(user: &User) -> Calls {
        let mut command = boto3(&user.daemon, CALLS);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Calls {
            questions: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        }
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        serde_json::from_str(&self.answers.next().unwrap().unwrap()).unwrap()
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lab {
    fn new(privilege: Privilege) -> Lab {
        let user = User::of_new_daemon(privilege);
        let places = BLOCKS.iter().enumerate();
        let places = places.map(|(n, block)| json!([REGIONS[n / 4], block]));
        let places: Value = places.collect();
        let mut build = boto3(&user.daemon, BUILD);
        let built = build.arg(places.to_string()).output().unwrap();
        let vpcs: Value = serde_json::from_str(&stdout_of(&built)).unwrap();
        Lab {
            calls: Calls::start(&user),
            user,
            rng: SmallRng::seed_from_u64(1),
            vpcs: vpcs.as_array().unwrap().clone(),
            connections: Vec::new(),
            routes: BTreeMap::new(),
        }
    }

    fn text(&self, vpc: usize, member: &str) -> &str {
        self.vpcs[vpc][member].as_str().unwrap()
    }

    fn call(&mut self, vpc: usize, name: &str, arguments: Value) -> Value {
        let question = json!([self.text(vpc, "region"), name, arguments]);
        self.calls.ask(&question)
    }

    /// Peers a VPC with a hub, if it is not yet.
    fn connect(&mut self) {
        let hub = self.rng.random_range(0..HUBS);
        let other = self.rng.random_range(0..BLOCKS.len());
        let joined = |c: &Connection| c.ends.contains(&hub) && c.ends.contains(&other);
        if other == hub || self.connections.iter().any(|c| c.is_active && joined(c)) {
            return;
        }
        let ask = json!({
            "VpcId": self.text(other, "vpc"),
            "PeerVpcId": self.text(hub, "vpc"),
            "PeerRegion": self.text(hub, "region"),
        });
        let made = self.call(other, "create_vpc_peering_connection", ask);
        let id = &made["VpcPeeringConnection"]["VpcPeeringConnectionId"];
        let accept = json!({"VpcPeeringConnectionId": id});
        self.call(hub, "accept_vpc_peering_connection", accept);
        self.connections.push(Connection {
            id: id.as_str().unwrap().to_owned(),
            ends: [other, hub],
            is_active: true,
        });
    }

    /// Routes at one end of a connection to the other, in the place of what led there before; at times to a block that
    /// lies elsewhere.
    fn route(&mut self) {
        let active = self.connections.iter().enumerate();
        let active: Vec<usize> = active
            .filter(|(_, c)| c.is_active)
            .map(|(n, _)| n)
            .collect();
        let Some(connection) = active.choose(&mut self.rng).copied() else {
            return;
        };
        let [mut near, mut far] = self.connections[connection].ends;
        if self.rng.random() {
            (near, far) = (far, near);
        }
        let stray = self.rng.random_bool(0.2);
        let block = match stray {
            true => *BLOCKS.choose(&mut self.rng).unwrap(),
            false => BLOCKS[far],
        };
        if block == BLOCKS[near] {
            return;
        }
        let known = self.routes.insert((near, block), connection);
        let name = if known.is_some() {
            "replace_route"
        } else {
            "create_route"
        };
        let route = json!({
            "RouteTableId": self.text(near, "table"),
            "DestinationCidrBlock": format!("10.{block}.0.0/16"),
            "VpcPeeringConnectionId": self.connections[connection].id,
        });
        self.call(near, name, route);
    }

    fn disconnect(&mut self) {
        let active = self.connections.iter_mut().filter(|c| c.is_active);
        let active: Vec<&mut Connection> = active.collect();
        if active.len() < 4 {
            return;
        }
        let chosen = self.rng.random_range(0..active.len());
        let connection = active.into_iter().nth(chosen).unwrap();
        connection.is_active = false;
        let (id, end) = (connection.id.clone(), connection.ends[0]);
        let gone = json!({"VpcPeeringConnectionId": id});
        self.call(end, "delete_vpc_peering_connection", gone);
    }

    /// Whose host a packet for 10.`block`.1.10 reaches, by the configuration.
    fn reached(&self, from: usize, block: u8) -> Option<usize> {
        if BLOCKS[from] == block {
            return Some(from);
        }
        let connection = &self.connections[*self.routes.get(&(from, block))?];
        let [one, other] = connection.ends;
        let far = if one == from { other } else { one };
        (connection.is_active && BLOCKS[far] == block).then_some(far)
    }

    /// Echo requests that each host's kernel has heard.
    fn heard(&self) -> Vec<u32> {
        let of = |vpc| {
            let told = self
                .user
                .ok(self.text(vpc, "host"), "grep ^Icmp: /proc/net/snmp");
            let mut lines = told.lines().map(str::split_whitespace);
            let (mut names, mut values) = (lines.next().unwrap(), lines.next().unwrap());
            let at = names.position(|name| name == "InEchos").unwrap();
            values.nth(at).unwrap().parse().unwrap()
        };
        (0..self.vpcs.len()).map(of).collect()
    }

    /// Every host pings every address once; compares who hears what, and who is answered.
    fn compare(&self) -> usize {
        applied(&self.user);
        let before = self.heard();
        let (mut wanted, mut crossed) = (before.clone(), 0);
        for (from, own) in BLOCKS.into_iter().enumerate() {
            let mut blocks = BLOCKS.to_vec();
            blocks.sort_unstable();
            blocks.dedup();
            blocks.retain(|block| *block != own);
            let pings = blocks.iter().map(|block| {
                format!("(ping -c 1 -W 1 10.{block}.1.10 >/dev/null && echo {block}) & ")
            });
            let line = pings.collect::<String>() + "wait";
            let told = self.user.ok(self.text(from, "host"), &line);
            let mut answered: Vec<u8> = told.lines().map(|line| line.parse().unwrap()).collect();
            answered.sort_unstable();
            let mut expected = Vec::new();
            for block in blocks {
                let Some(far) = self.reached(from, block) else {
                    continue;
                };
                wanted[far] += 1;
                crossed += 1;
                // The answer follows the far VPC's own route, to whoever it leads to.
                if self.reached(far, own) == Some(from) {
                    expected.push(block);
                }
            }
            assert_eq!(answered, expected, "VPC {from}; routes {:?}", self.routes);
        }
        assert_eq!(self.heard(), wanted, "routes {:?}", self.routes);
        crossed
    }
}

fn hosts_hear_what_is_allowed(privilege: Privilege) {
    let mut lab = Lab::new(privilege);
    let mut crossed = 0;
    for round in 0..ROUNDS {
        for _ in 0..if round == 0 { 8 } else { 2 } {
            lab.connect();
        }
        for _ in 0..8 {
            lab.route();
        }
        if round > 0 {
            lab.disconnect();
        }
        crossed += lab.compare();
    }
    assert!(
        crossed >= ROUNDS,
        "{crossed} crossings: too few to show anything"
    );
}

#[test]
fn hosts_hear_what_is_allowed_as_whoever_runs_this() {
    hosts_hear_what_is_allowed(Privilege::Own);
}

#[test]
fn hosts_hear_what_is_allowed_without_privileges() {
    hosts_hear_what_is_allowed(Privilege::Rootless);
}
