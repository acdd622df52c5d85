//! VPC peering guide: real packets between two VPCs, as the connection's life goes (spec 05 §9, checks 1, 4, 5, 6, 7).

use crate::support::{Privilege, User};

pub struct End {
    pub vpc: String,
    pub table: String,
    pub group: String,
    pub instance: String,
}

/// A VPC without any gateway, its one group open to everybody, and an instance that answers on port 80.
pub fn end(user: &User, cidr: &str, subnet: &str, address: &str) -> End {
    let vpc = user.text(&format!("ec2 create-vpc --cidr-block {cidr}"), "/Vpc/VpcId");
    let words = format!("ec2 create-subnet --vpc-id {vpc} --cidr-block {subnet}");
    let subnet = user.text(&words, "/Subnet/SubnetId");
    let words = format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc}");
    let table = user.text(&words, "/RouteTables/0/RouteTableId");
    let words = format!("ec2 create-security-group --group-name g --description g --vpc-id {vpc}");
    let group = user.text(&words, "/GroupId");
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {group} --protocol icmp --port -1 --cidr 0.0.0.0/0"
    ));
    let instance = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --private-ip-address {address}"
    ));
    End {
        vpc,
        table,
        group,
        instance,
    }
}

pub fn request(user: &User, near: &End, far: &End) -> String {
    let words = format!(
        "ec2 create-vpc-peering-connection --vpc-id {} --peer-vpc-id {}",
        near.vpc, far.vpc
    );
    user.text(&words, "/VpcPeeringConnection/VpcPeeringConnectionId")
}

pub fn route(user: &User, near: &End, destination: &str, peering: &str) {
    user.aws(&format!(
        "ec2 create-route --route-table-id {} --destination-cidr-block {destination} \
         --vpc-peering-connection-id {peering}",
        near.table
    ));
}

fn states(user: &User, end: &End) -> Vec<String> {
    let words = format!("ec2 describe-route-tables --route-table-ids {}", end.table);
    let routes = user.aws(&words)["RouteTables"][0]["Routes"].clone();
    let routes = routes.as_array().unwrap().iter();
    let peered = routes.filter(|route| !route["VpcPeeringConnectionId"].is_null());
    peered
        .map(|r| r["State"].as_str().unwrap().to_owned())
        .collect()
}

pub fn applied(user: &User) {
    let output = user.daemon.openvpc(&["wait-applied"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn packets_follow_the_connection(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let a = end(&user, "10.0.0.0/16", "10.0.1.0/24", "10.0.1.10");
    let b = end(&user, "10.1.0.0/16", "10.1.1.0/24", "10.1.1.10");
    let c = end(&user, "10.2.0.0/16", "10.2.1.0/24", "10.2.1.10");
    let ab = request(&user, &a, &b);
    route(&user, &a, "10.1.0.0/16", &ab);
    route(&user, &b, "10.0.0.0/16", &ab);
    assert_eq!(states(&user, &a), ["blackhole"]);
    applied(&user);
    assert!(!user.pings(&a.instance, "10.1.1.10"));
    let accept = "ec2 accept-vpc-peering-connection --vpc-peering-connection-id";
    user.aws(&format!("{accept} {ab}"));
    user.aws(&format!(
        "ec2 wait vpc-peering-connection-exists --vpc-peering-connection-ids {ab}"
    ));
    assert_eq!(states(&user, &a), ["active"]);
    user.soon(&a.instance, "ping -c 1 -W 1 10.1.1.10");
    assert!(user.pings(&b.instance, "10.0.1.10"));

    // Never transitive.
    let bc = request(&user, &b, &c);
    user.aws(&format!("{accept} {bc}"));
    route(&user, &b, "10.2.0.0/16", &bc);
    route(&user, &c, "10.1.0.0/16", &bc);
    user.soon(&b.instance, "ping -c 1 -W 1 10.2.1.10");
    route(&user, &a, "10.2.0.0/16", &ab);
    route(&user, &c, "10.0.0.0/16", &bc);
    applied(&user);
    assert!(!user.pings(&a.instance, "10.2.1.10"));

    // A rule about the peer's group.
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {} --protocol tcp --port 80 --source-group {}",
        b.group, a.group
    ));
    applied(&user);
    user.sh(
        &b.instance,
        "nohup python3 -m http.server 80 --directory /tmp >/dev/null 2>&1 &",
    );
    user.soon(&a.instance, "nc -z -w 1 10.1.1.10 80");
    assert!(
        !user
            .sh(&c.instance, "nc -z -w 1 10.1.1.10 80")
            .status
            .success()
    );

    user.aws(&format!(
        "ec2 delete-vpc-peering-connection --vpc-peering-connection-id {ab}"
    ));
    assert_eq!(states(&user, &a), ["blackhole", "blackhole"]);
    applied(&user);
    assert!(!user.pings(&a.instance, "10.1.1.10"));
    let words = format!("ec2 describe-stale-security-groups --vpc-id {}", b.vpc);
    assert_eq!(
        user.text(&words, "/StaleSecurityGroupSet/0/GroupId"),
        b.group
    );
}

#[test]
fn packets_follow_the_connection_as_whoever_runs_this() {
    packets_follow_the_connection(Privilege::Own);
}

#[test]
fn packets_follow_the_connection_without_privileges() {
    packets_follow_the_connection(Privilege::Rootless);
}
