//! The public zone: stock clients in an instance reach AWS by a route and the instance's role, or not at all.

use crate::support::{Network, Privilege, User, client_packages};

/// Fails at once where nothing answers, instead of retrying.
const SETTINGS: &str = "AWS_DEFAULT_REGION=us-east-1 AWS_MAX_ATTEMPTS=1 AWS_PAGER=";

const TABLE: &str = r#"
import boto3
d = boto3.client("dynamodb")
d.create_table(TableName="things", BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
d.get_waiter("table_exists").wait(TableName="things")
d.put_item(TableName="things", Item={"k": {"S": "a"}, "v": {"N": "7"}})
print(d.get_item(TableName="things", Key={"k": {"S": "a"}})["Item"]["v"]["N"])
"#;

/// An instance with the role, and without a public address unless `more` gives it one.
fn launch(user: &User, network: &Network, subnet: usize, more: &str) -> String {
    let (subnet, group) = (&network.subnets[subnet], &network.group);
    user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --iam-instance-profile Name=web {more}"
    ))
}

fn an_sdk_needs_a_route_and_nothing_else(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let network = user.network();
    user.make_role("web", &["s3:*", "dynamodb:*", "logs:*"]);
    let web = launch(&user, &network, 0, "--associate-public-ip-address");
    // By the machine's own interpreter, for the one that the clients were installed by may lie in somebody's home.
    let packages = client_packages();
    let python = format!("PYTHONPATH={} {SETTINGS} python3", packages.display());
    let aws = format!("{python} -m awscli");

    user.ok(
        &web,
        "getent hosts s3.us-east-1.amazonaws.com | grep -q '^198.18.10.10 '",
    );
    user.ok(
        &web,
        "getent hosts some.bucket.s3.eu-west-1.amazonaws.com | grep -q '^198.18.49.10 '",
    );
    let arn = user.ok(
        &web,
        &format!("{aws} sts get-caller-identity --query Arn --output text"),
    );
    assert_eq!(
        arn,
        format!("arn:aws:sts::123456789012:assumed-role/web/{web}")
    );
    user.ok(&web, &format!("{aws} s3 mb s3://good"));
    // More than one segment each way, and enough for path MTU and parts.
    user.ok(&web, "head -c 9000000 /dev/urandom > /tmp/a");
    user.ok(&web, &format!("{aws} s3 cp --quiet /tmp/a s3://good/a"));
    user.ok(&web, &format!("{aws} s3 cp --quiet s3://good/a /tmp/b"));
    user.ok(&web, "cmp /tmp/a /tmp/b");
    assert_eq!(user.ok(&web, &format!("{python} -c '{TABLE}'")), "7");
    // The role's policy counts here as anywhere.
    let refused = user.sh(&web, &format!("{aws} ec2 describe-vpcs"));
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("UnauthorizedOperation"), "{refused}");
    // The daemon itself is not of the zone.
    let health = "curl -s -o /dev/null -w '%{http_code}' https://ec2.us-east-1.amazonaws.com/_openvpc/health";
    assert_eq!(user.ok(&web, health), "404");

    // The same objects are there for who calls from the machine.
    let size = user.aws("s3api head-object --bucket good --key a");
    assert_eq!(size["ContentLength"], 9_000_000);

    // No route, no service; a NAT gateway is one.
    let table = user.lone_table(&network, 1);
    let app = launch(&user, &network, 1, "");
    let read = format!("{aws} s3 ls s3://good --cli-connect-timeout 2");
    let lost = user.sh(&app, &read);
    let lost = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert!(lost.contains("Connect timeout"), "{lost}");
    let address = user.text("ec2 allocate-address", "/AllocationId");
    let words = format!(
        "ec2 create-nat-gateway --subnet-id {} --allocation-id {address}",
        network.subnets[0]
    );
    let nat = user.text(&words, "/NatGateway/NatGatewayId");
    user.aws(&format!(
        "ec2 wait nat-gateway-available --nat-gateway-ids {nat}"
    ));
    user.aws(&format!(
        "ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {nat}"
    ));
    assert!(user.ok(&app, &read).ends_with(" a"));
}

#[test]
fn an_sdk_needs_a_route_and_nothing_else_as_own_user() {
    an_sdk_needs_a_route_and_nothing_else(Privilege::Own);
}

#[test]
fn an_sdk_needs_a_route_and_nothing_else_unprivileged() {
    an_sdk_needs_a_route_and_nothing_else(Privilege::Rootless);
}
