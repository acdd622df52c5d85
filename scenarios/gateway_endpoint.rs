//! Gateway endpoints with the stock clients, in instances that have no other way to AWS.

use serde_json::{Value, json};

use crate::support::{
    Daemon, Network, Privilege, User, boto3, client_packages, eventually, stdout_of,
};

/// Fails at once where nothing answers, instead of retrying.
const SETTINGS: &str = "AWS_DEFAULT_REGION=us-east-1 AWS_MAX_ATTEMPTS=1 AWS_PAGER=";
const S3: &str = "com.amazonaws.us-east-1.s3";
const DYNAMODB: &str = "com.amazonaws.us-east-1.dynamodb";

/// Talks to S3 and DynamoDB, to each by one connection, until that to S3 breaks; what has become of the other then.
const KEEP_TALKING: &str = r#"
import http.client, time
def connect(name):
    return http.client.HTTPSConnection(f"{name}.us-east-1.amazonaws.com", timeout=4)
def alive(connection):
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
        return True
    except (OSError, http.client.HTTPException):
        return False
s3, dynamodb = connect("s3"), connect("dynamodb")
for connection in [s3, dynamodb]:
    connection.connect()
    connection.auto_open = 0
while alive(s3) and alive(dynamodb):
    open("/tmp/connected", "w").close()
    time.sleep(0.3)
print("S3 is broken,", "DynamoDB is alive" if alive(dynamodb) else "DynamoDB is broken")
"#;

/// DynamoDB, asked at the address of S3.
const AT_THE_WRONG_DOOR: &str = r#"
import boto3, botocore
for call in [
    lambda: boto3.client("dynamodb", endpoint_url="https://s3.us-east-1.amazonaws.com").list_tables(),
    lambda: boto3.client("sts", endpoint_url="https://dynamodb.us-east-1.amazonaws.com").get_caller_identity(),
]:
    try:
        call()
        print("answered")
    except Exception as error:
        print("refused", type(error).__name__)
"#;

struct Stage {
    user: User,
    network: Network,
    /// The second subnet's table, which leads nowhere.
    table: String,
    /// In the second subnet, with a role that may use S3 and DynamoDB.
    app: String,
    aws: String,
    python: String,
}

fn stage(privilege: Privilege) -> Stage {
    let user = User::of_new_daemon(privilege);
    let network = user.network();
    user.make_role("web", &["s3:*", "dynamodb:*"]);
    let table = user.lone_table(&network, 1);
    let (subnet, group) = (&network.subnets[1], &network.group);
    let app = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --iam-instance-profile Name=web"
    ));
    let python = format!(
        "PYTHONPATH={} {SETTINGS} python3",
        client_packages().display()
    );
    Stage {
        aws: format!("{python} -m awscli"),
        python,
        user,
        network,
        table,
        app,
    }
}

impl Stage {
    fn create(&self, service: &str, more: &str) -> String {
        let words = format!(
            "ec2 create-vpc-endpoint --vpc-id {} --service-name {service} {more}",
            self.network.vpc
        );
        self.user.text(&words, "/VpcEndpoint/VpcEndpointId")
    }

    fn in_app(&self, words: &str) -> String {
        self.user.ok(&self.app, &format!("{} {words}", self.aws))
    }

    /// What `aws` in the instance complains about.
    fn refused(&self, words: &str) -> String {
        let line = format!("{} {words} --cli-connect-timeout 2", self.aws);
        let output = self.user.sh(&self.app, &line);
        assert!(!output.status.success(), "{words} succeeded");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn times_out(&self, words: &str) {
        let said = self.refused(words);
        assert!(said.contains("onnect timeout"), "{said}");
    }
}

fn s3_without_a_public_address(privilege: Privilege) {
    let stage = stage(privilege);
    let Stage {
        user, table, app, ..
    } = &stage;
    for bucket in ["good", "other"] {
        user.aws(&format!("s3api create-bucket --bucket {bucket}"));
    }
    stage.times_out("s3 ls s3://good");

    // The route is all that was missing.
    let endpoint = stage.create(S3, &format!("--route-table-ids {table}"));
    user.ok(app, "head -c 9000000 /dev/urandom > /tmp/a");
    stage.in_app("s3 cp --quiet /tmp/a s3://good/a");
    stage.in_app("s3 cp --quiet s3://good/a /tmp/b");
    user.ok(app, "cmp /tmp/a /tmp/b");
    // It carries echo, and is no way to anything else (GE-22, GE-26).
    assert!(user.pings(app, "198.18.10.10"));
    stage.times_out("s3 ls s3://good --region eu-west-1");
    stage.times_out("dynamodb list-tables");
    stage.times_out("sts get-caller-identity");

    // A third-party client, with signatures of its own.
    let packages = client_packages();
    let s3cmd = packages.join("../../../bin/s3cmd");
    let s3cmd = format!(
        "{} {} --no-check-certificate",
        stage.python,
        s3cmd.display()
    );
    user.ok(app, &format!("{s3cmd} put /tmp/a s3://good/by-s3cmd >&2"));
    let listed = user.ok(app, &format!("{s3cmd} ls s3://good/by-s3cmd"));
    assert!(listed.contains("9000000"), "{listed}");

    // The policy filters, and says so.
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "s3:*", "Resource": ["arn:aws:s3:::good", "arn:aws:s3:::good/*"]}]});
    user.aws(&format!(
        "ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --policy-document {policy}"
    ));
    stage.in_app("s3 cp --quiet s3://good/a /tmp/c");
    let said = stage.refused("s3api put-object --bucket other --key k");
    let why = "because no VPC endpoint policy allows the s3:PutObject action";
    assert!(
        said.contains("AccessDenied") && said.contains(why),
        "{said}"
    );
    user.aws("s3api put-object --bucket other --key k");

    // DynamoDB has its own endpoint and policy, and words of its own.
    let tables = stage.create(DYNAMODB, &format!("--route-table-ids {table}"));
    stage.in_app("dynamodb list-tables");
    let policy = json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "dynamodb:ListTables", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    user.aws(&format!(
        "ec2 modify-vpc-endpoint --vpc-endpoint-id {tables} --policy-document {policy}"
    ));
    let said = stage.refused("dynamodb list-tables");
    let why = "with an explicit deny in a VPC endpoint policy";
    assert!(
        said.contains("AccessDeniedException") && said.contains(why),
        "{said}"
    );

    // Behind an address is one service, whatever a request says it is for.
    let refused = user.ok(app, &format!("{} -c '{AT_THE_WRONG_DOOR}'", stage.python));
    assert!(!refused.contains("answered"), "{refused}");
    assert_eq!(refused.lines().count(), 2);

    // Taking the route away breaks what went by it, and nothing else (GE-27).
    let talk = format!("python3 -c '{KEEP_TALKING}' > /tmp/talk 2>&1 &");
    user.ok(app, &talk);
    user.soon(app, "test -e /tmp/connected");
    user.aws(&format!(
        "ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --remove-route-table-ids {table}"
    ));
    eventually("the connection to S3 breaks", || {
        let said = user.ok(app, "cat /tmp/talk");
        (!said.is_empty()).then_some(said)
    });
    assert_eq!(
        user.ok(app, "cat /tmp/talk"),
        "S3 is broken, DynamoDB is alive"
    );
    stage.times_out("s3 ls s3://good");
}

#[test]
fn s3_without_a_public_address_as_own_user() {
    s3_without_a_public_address(Privilege::Own);
}

#[test]
fn s3_without_a_public_address_unprivileged() {
    s3_without_a_public_address(Privilege::Rootless);
}

/// Two VPCs of one CIDR, an instance of one address in each, an endpoint each: the port that packets come by tells them
/// apart, and nothing that a request says.
#[test]
fn two_vpcs_with_one_cidr_are_told_apart() {
    let user = User::of_new_daemon(Privilege::Own);
    user.make_role("web", &["s3:*"]);
    user.aws("s3api create-bucket --bucket secret");
    user.aws("s3api put-object --bucket secret --key k");
    let [one, two] = [(), ()].map(|()| {
        let network = user.network();
        let (subnet, group) = (&network.subnets[0], &network.group);
        let instance = user.launch(&format!(
            "--subnet-id {subnet} --security-group-ids {group} --iam-instance-profile Name=web --private-ip-address 10.0.1.10"
        ));
        let words = format!(
            "ec2 describe-route-tables --filters Name=vpc-id,Values={}",
            network.vpc
        );
        let table = user.text(&words, "/RouteTables/0/RouteTableId");
        let words = format!(
            "ec2 create-vpc-endpoint --vpc-id {} --service-name {S3} --route-table-ids {table}",
            network.vpc
        );
        let endpoint = user.text(&words, "/VpcEndpoint/VpcEndpointId");
        (instance, endpoint, network.vpc)
    });
    let python = format!(
        "PYTHONPATH={} {SETTINGS} python3",
        client_packages().display()
    );
    let read = format!("{python} -m awscli s3api head-object --bucket secret --key k");
    let may = |instance: &str| user.sh(instance, &read).status.success();
    let only = |key: &str, value: &str| {
        let policy = json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::secret/*", "Condition": {"StringNotEquals": {key: value}}}]});
        user.aws(&format!(
            "s3api put-bucket-policy --bucket secret --policy {policy}"
        ));
    };
    assert!(may(&one.0) && may(&two.0));
    only("aws:SourceVpce", &two.1);
    assert!(!may(&one.0) && may(&two.0));
    only("aws:SourceVpc", &one.2);
    assert!(may(&one.0) && !may(&two.0));
    only("aws:VpcSourceIp", "10.0.1.10");
    assert!(may(&one.0) && may(&two.0));
    only("aws:VpcSourceIp", "10.0.1.11");
    assert!(!may(&one.0) && !may(&two.0));

    // Headers are words.
    only("aws:SourceVpce", &two.1);
    let forge = format!(
        r#"
import boto3
s3 = boto3.client("s3")
def forge(request, **_):
    for name in ["X-Amz-Source-Vpce", "Aws-Sourcevpce", "X-Forwarded-For", "Forwarded", "X-Amz-Vpce-Id"]:
        request.headers[name] = "{}"
s3.meta.events.register("before-sign.s3", forge)
try:
    s3.get_object(Bucket="secret", Key="k")
    print("read")
except Exception as error:
    print(error)
"#,
        two.1
    );
    let said = user.ok(&one.0, &format!("{python} -c '{forge}'"));
    assert!(said.contains("AccessDenied"), "{said}");
}

/// A bucket elsewhere: clients that ask its neighbour are sent on, and go there if they have a way.
#[test]
fn a_bucket_answers_in_its_own_region() {
    let user = User::of_new_daemon(Privilege::Own);
    let network = user.network();
    user.make_role("web", &["s3:*"]);
    user.aws("s3api create-bucket --bucket far --region eu-west-1 --create-bucket-configuration LocationConstraint=eu-west-1");
    let (subnet, group) = (&network.subnets[0], &network.group);
    let web = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --iam-instance-profile Name=web --associate-public-ip-address"
    ));
    let python = format!(
        "PYTHONPATH={} {SETTINGS} python3",
        client_packages().display()
    );
    let program = r#"
import boto3
from botocore.exceptions import ClientError
s3 = boto3.client("s3")
def seen(response, **_):
    print(response.status_code, response.headers.get("x-amz-bucket-region"))
s3.meta.events.register("before-parse.s3", lambda response_dict, **_: print(
    response_dict["status_code"], response_dict["headers"].get("x-amz-bucket-region")))
s3.put_object(Bucket="far", Key="k", Body=b"hello")
print(s3.get_object(Bucket="far", Key="k")["Body"].read().decode())
try:
    boto3.client("s3", endpoint_url="https://s3.us-east-1.amazonaws.com", region_name="eu-west-1").list_buckets()
except ClientError as error:
    print(error.response["Error"]["Code"])
"#;
    let said = user.ok(&web, &format!("{python} -c '{program}'"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.first(), Some(&"301 eu-west-1"), "{said}");
    assert!(lines.contains(&"hello"), "{said}");
    assert_eq!(
        lines.last(),
        Some(&"AuthorizationHeaderMalformed"),
        "{said}"
    );
}

#[test]
fn boto3_reads_an_endpoint_back_as_terraform_does() {
    let daemon = Daemon::start(Privilege::Own);
    let program = include_str!("clients/boto3_gateway_endpoint.py");
    let output = boto3(&daemon, program).output().unwrap();
    assert_eq!(stdout_of(&output), "done");
}

/// `GE-3`, `GE-9` after a crash: the endpoint, its routes and its policy are there, and work.
#[test]
fn an_endpoint_outlives_a_killed_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(crate::support::Options::kept_in(folder.path()));
    let user = start();
    let network = user.network();
    user.make_role("web", &["s3:*"]);
    user.aws("s3api create-bucket --bucket good");
    let table = user.lone_table(&network, 1);
    let words = format!(
        "ec2 create-vpc-endpoint --vpc-id {} --service-name {S3} --route-table-ids {table}",
        network.vpc
    );
    user.aws(&words);
    let (subnet, group) = (&network.subnets[1], &network.group);
    let app = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --iam-instance-profile Name=web"
    ));
    let shown: Value = user.aws("ec2 describe-vpc-endpoints");
    user.daemon.end_with(nix::sys::signal::Signal::SIGKILL);
    let user = start();
    assert_eq!(user.aws("ec2 describe-vpc-endpoints"), shown);
    let python = format!(
        "PYTHONPATH={} {SETTINGS} python3",
        client_packages().display()
    );
    user.soon(&app, &format!("{python} -m awscli s3 ls s3://good"));
}
