//! Identities: the stock client makes them, and they outlive the daemon.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{Daemon, Options, Privilege, User, aws_cli, boto3, eventually, stdout_of};

const TRUST_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}"#;

/// Someone who is not the account's root.
struct Someone {
    key: String,
    secret: String,
    token: Option<String>,
}

impl Someone {
    /// As CreateAccessKey, AssumeRole and the metadata service tell it.
    fn of(told: &Value) -> Someone {
        let text = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| told[*name].as_str());
            found.next().map(str::to_owned)
        };
        Someone {
            key: text(&["AccessKeyId"]).unwrap(),
            secret: text(&["SecretAccessKey"]).unwrap(),
            token: text(&["SessionToken", "Token"]),
        }
    }

    fn run(&self, daemon: &Daemon, words: &str) -> std::process::Output {
        let mut command = aws_cli(daemon);
        command
            .env("AWS_ACCESS_KEY_ID", &self.key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret)
            .args(words.split_whitespace())
            .args(["--output", "json"]);
        if let Some(token) = &self.token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        command.output().unwrap()
    }

    #[track_caller]
    fn aws(&self, daemon: &Daemon, words: &str) -> Value {
        match stdout_of(&self.run(daemon, words)).as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap(),
        }
    }

    #[track_caller]
    fn refused(&self, daemon: &Daemon, words: &str) -> String {
        let output = self.run(daemon, words);
        assert!(!output.status.success(), "{words} succeeded");
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    }

    #[track_caller]
    fn arn(&self, daemon: &Daemon) -> String {
        let told = self.aws(daemon, "sts get-caller-identity");
        told["Arn"].as_str().unwrap().to_owned()
    }
}

/// A policy without spaces, as one word of a command line.
fn allow(actions: Value, resource: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn trust(principal: Value) -> String {
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn user_of(folder: &tempfile::TempDir) -> User {
    User::of_daemon_with(Options::kept_in(folder.path()))
}

#[test]
fn identities_outlive_a_killed_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let user = user_of(&folder);
    user.aws("iam create-user --user-name Bob --tags Key=team,Value=red");
    let key = user.text(
        "iam create-access-key --user-name Bob",
        "/AccessKey/AccessKeyId",
    );
    user.aws(&format!(
        "iam create-role --role-name web --assume-role-policy-document {TRUST_EC2}"
    ));
    user.aws(&format!(
        "iam put-role-policy --role-name web --policy-name read --policy-document {READ}"
    ));
    let policy = user.text(
        &format!("iam create-policy --policy-name read --policy-document {READ}"),
        "/Policy/Arn",
    );
    user.aws(&format!(
        "iam attach-role-policy --role-name web --policy-arn {policy}"
    ));
    user.aws("iam create-instance-profile --instance-profile-name web");
    user.aws("iam add-role-to-instance-profile --instance-profile-name web --role-name web");
    let questions = [
        "iam get-user --user-name Bob",
        "iam list-access-keys --user-name Bob",
        "iam get-role --role-name web",
        "iam get-role-policy --role-name web --policy-name read",
        "iam list-attached-role-policies --role-name web",
        "iam get-instance-profile --instance-profile-name web",
    ];
    let before: Vec<Value> = questions.iter().map(|words| user.aws(words)).collect();
    assert_eq!(before[1]["AccessKeyMetadata"][0]["AccessKeyId"], *key);
    // The client decodes documents: what was sent is what is shown.
    let document: Value = serde_json::from_str(READ).unwrap();
    assert_eq!(before[3]["PolicyDocument"], document);

    user.daemon.end_with(Signal::SIGKILL);
    let user = user_of(&folder);
    for (words, shown) in questions.iter().zip(before) {
        assert_eq!(user.aws(words), shown, "{words}");
    }
    let refused = user.aws_refused("iam get-role --role-name other");
    assert!(refused.contains("NoSuchEntity"), "{refused}");
}

const ACCOUNT: &str = "arn:aws:iam::123456789012:root";
const ROLE: &str = "arn:aws:iam::123456789012:role/net";

/// A user who may look at networks and take a role that may change them.
#[test]
fn everybody_may_what_policies_say_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let root = user_of(&folder);
    root.aws("iam create-user --user-name Bob");
    let may = allow(json!(["ec2:Describe*"]), "*");
    root.aws(&format!(
        "iam put-user-policy --user-name Bob --policy-name look --policy-document {may}"
    ));
    let may = allow(json!("sts:AssumeRole"), ROLE);
    root.aws(&format!(
        "iam put-user-policy --user-name Bob --policy-name take --policy-document {may}"
    ));
    let bob = Someone::of(&root.aws("iam create-access-key --user-name Bob")["AccessKey"]);
    let trusted = trust(json!({"AWS": ACCOUNT}));
    root.aws(&format!(
        "iam create-role --role-name net --assume-role-policy-document {trusted}"
    ));
    root.aws("iam attach-role-policy --role-name net --policy-arn arn:aws:iam::aws:policy/AmazonVPCFullAccess");

    let daemon = &root.daemon;
    assert_eq!(bob.arn(daemon), "arn:aws:iam::123456789012:user/Bob");
    bob.aws(daemon, "ec2 describe-vpcs");
    let make = "ec2 create-vpc --cidr-block 10.9.0.0/16";
    let refused = bob.refused(daemon, make);
    let why = "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:us-east-1:123456789012:vpc/* because no identity-based policy allows the ec2:CreateVpc action";
    assert!(refused.contains("UnauthorizedOperation"), "{refused}");
    assert!(refused.contains(why), "{refused}");
    let dry = bob.refused(daemon, &format!("{make} --dry-run"));
    assert!(dry.contains("UnauthorizedOperation"), "{dry}");
    let refused = bob.refused(daemon, "iam list-users");
    assert!(refused.contains("AccessDenied"), "{refused}");
    assert!(refused.contains("iam:ListUsers"), "{refused}");
    let refused = bob.refused(daemon, "logs describe-log-groups");
    assert!(refused.contains("AccessDeniedException"), "{refused}");
    for words in ["s3api list-buckets", "dynamodb list-tables"] {
        let refused = bob.refused(daemon, words);
        assert!(refused.contains("AccessDenied"), "{words}: {refused}");
    }

    let take = format!("sts assume-role --role-arn {ROLE} --role-session-name cli");
    let net = Someone::of(&bob.aws(daemon, &take)["Credentials"]);
    assert_eq!(
        net.arn(daemon),
        "arn:aws:sts::123456789012:assumed-role/net/cli"
    );
    net.aws(daemon, make);
    let refused = net.refused(daemon, "iam list-users");
    assert!(refused.contains("AccessDenied"), "{refused}");
    let refused = net.refused(daemon, &take);
    assert!(refused.contains("AccessDenied"), "{refused}");
    let forged = Someone {
        token: Some("AAAA".to_owned()),
        ..Someone::of(&bob.aws(daemon, &take)["Credentials"])
    };
    let refused = forged.refused(daemon, "sts get-caller-identity");
    assert!(refused.contains("InvalidClientTokenId"), "{refused}");

    // Keys and sessions outlive the daemon; a policy that is changed counts at once, a role that is gone ends all.
    root.daemon.end_with(Signal::SIGKILL);
    let root = user_of(&folder);
    let daemon = &root.daemon;
    net.aws(daemon, "ec2 describe-vpcs");
    root.aws("iam detach-role-policy --role-name net --policy-arn arn:aws:iam::aws:policy/AmazonVPCFullAccess");
    let refused = net.refused(daemon, "ec2 describe-vpcs");
    assert!(refused.contains("UnauthorizedOperation"), "{refused}");
    root.aws("iam delete-role --role-name net");
    let refused = net.refused(daemon, "sts get-caller-identity");
    assert!(refused.contains("InvalidClientTokenId"), "{refused}");
    bob.aws(daemon, "ec2 describe-vpcs");
    root.aws(&format!(
        "iam update-access-key --user-name Bob --access-key-id {} --status Inactive",
        bob.key
    ));
    let refused = bob.refused(daemon, "ec2 describe-vpcs");
    assert!(refused.contains("AuthFailure"), "{refused}");
}

/// Prints what the metadata service has at a path, asked as version 2 asks.
const READ_METADATA: &str = r#"
import sys, urllib.request as u
def ask(path, method="GET", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = u.Request("http://169.254.169.254/latest/" + path, method=method, headers=headers)
    return u.build_opener(u.ProxyHandler({})).open(request, timeout=5).read().decode()
token = ask("api/token", "PUT", X_aws_ec2_metadata_token_ttl_seconds="60")
print(ask("meta-data/" + sys.argv[1], X_aws_ec2_metadata_token=token))
"#;

/// EC2 user guide, "IAM roles for Amazon EC2".
#[test]
fn an_instance_has_its_role() {
    let root = User::of_new_daemon(Privilege::Own);
    let network = root.network();
    let trusted = trust(json!({"Service": "ec2.amazonaws.com"}));
    for role in ["web", "other"] {
        root.aws(&format!(
            "iam create-role --role-name {role} --assume-role-policy-document {trusted}"
        ));
        root.aws(&format!(
            "iam create-instance-profile --instance-profile-name {role}"
        ));
        root.aws(&format!(
            "iam add-role-to-instance-profile --instance-profile-name {role} --role-name {role}"
        ));
    }
    let may = allow(json!("ec2:DescribeVpcs"), "*");
    root.aws(&format!(
        "iam put-role-policy --role-name web --policy-name look --policy-document {may}"
    ));
    let refused = root.aws_refused(
        "ec2 run-instances --image-id ami-0abcdef1234567890 --iam-instance-profile Name=none",
    );
    assert!(
        refused.contains("Invalid IAM Instance Profile name"),
        "{refused}"
    );
    let subnet = &network.subnets[0];
    let instance = root.launch(&format!(
        "--subnet-id {subnet} --iam-instance-profile Name=web"
    ));
    let read = |path: &str| {
        let arguments = [
            "exec",
            &instance,
            "--",
            "python3",
            "-c",
            READ_METADATA,
            path,
        ];
        root.daemon.openvpc(&arguments).output().unwrap()
    };
    let found = |path: &str| -> Value { serde_json::from_str(&stdout_of(&read(path))).unwrap() };
    eventually("metadata", || {
        read("iam/info").status.success().then_some(())
    });
    let info = found("iam/info");
    assert_eq!(info["Code"], "Success");
    assert_eq!(
        info["InstanceProfileArn"],
        "arn:aws:iam::123456789012:instance-profile/web"
    );
    let roles = || stdout_of(&read("iam/security-credentials/"));
    assert_eq!(roles(), "web");
    let told = found("iam/security-credentials/web");
    assert_eq!(told["Type"], "AWS-HMAC");
    let session = Someone::of(&told);
    let daemon = &root.daemon;
    let arn = format!("arn:aws:sts::123456789012:assumed-role/web/{instance}");
    assert_eq!(session.arn(daemon), arn);
    session.aws(daemon, "ec2 describe-vpcs");
    let refused = session.refused(daemon, "ec2 describe-subnets");
    assert!(refused.contains(&arn), "{refused}");

    // Another profile counts at once, and so does none.
    let shown = root.aws("ec2 describe-iam-instance-profile-associations");
    let association = shown
        .pointer("/IamInstanceProfileAssociations/0/AssociationId")
        .unwrap()
        .as_str()
        .unwrap();
    let made = root.text(
        &format!("ec2 replace-iam-instance-profile-association --association-id {association} --iam-instance-profile Name=other"),
        "/IamInstanceProfileAssociation/AssociationId",
    );
    assert_eq!(roles(), "other");
    root.aws(&format!(
        "ec2 disassociate-iam-instance-profile --association-id {made}"
    ));
    assert!(!read("iam/info").status.success());
    // A role that does not trust EC2 gives nothing.
    let never = trust(json!({"AWS": ACCOUNT}));
    root.aws(&format!(
        "iam update-assume-role-policy --role-name web --policy-document {never}"
    ));
    root.aws(&format!(
        "ec2 associate-iam-instance-profile --instance-id {instance} --iam-instance-profile Name=web"
    ));
    assert_eq!(found("iam/info")["Code"], "AssumeRoleUnauthorizedAccess");
    assert!(!read("iam/security-credentials/").status.success());
}

/// boto3's own way to a role, and its waiters and pages.
#[test]
fn boto3_assumes_a_role_and_turns_pages() {
    let root = User::of_new_daemon(Privilege::Own);
    let program = r#"
import boto3, json
iam, sts = boto3.client("iam"), boto3.client("sts")
for n in range(7):
    iam.create_user(UserName=f"u{n}", Path="/team/")
iam.get_waiter("user_exists").wait(UserName="u6", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
pages = iam.get_paginator("list_users").paginate(PathPrefix="/team/", PaginationConfig={"PageSize": 3})
assert [u["UserName"] for page in pages for u in page["Users"]] == [f"u{n}" for n in range(7)]
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "42"}}}]}
role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
assert role["AssumeRolePolicyDocument"] == trust
iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
try:
    sts.assume_role(RoleArn=role["Arn"], RoleSessionName="py")
    raise SystemExit("assumed without the external id")
except sts.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error
made = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="py", ExternalId="42",
                       Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}]}))
c = made["Credentials"]
session = boto3.Session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"]).client("iam")
assert session.get_user(UserName="u1")["User"]["Path"] == "/team/"
for refused in (lambda: session.list_users(), lambda: session.delete_user(UserName="u1")):
    try:
        refused()
        raise SystemExit("not refused")
    except session.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error
        print(error.response["Error"]["Message"])
"#;
    let output = boto3(&root.daemon, program).output().unwrap();
    let said = stdout_of(&output);
    assert!(
        said.contains("because no session policy allows the iam:ListUsers action"),
        "{said}"
    );
}

/// Spec 07 §1: a wrong role lets CreateFlowLogs fail, or DescribeFlowLogs show it.
#[test]
fn flow_logs_are_delivered_by_a_role_that_may() {
    let root = User::of_new_daemon(Privilege::Own);
    let network = root.network();
    let instance = root.launch(&format!("--subnet-id {}", network.subnets[0]));
    let service = |name: &str| trust(json!({"Service": name}));
    let role = root.text(
        &format!(
            "iam create-role --role-name fl --assume-role-policy-document {}",
            service("ec2.amazonaws.com")
        ),
        "/Role/Arn",
    );
    let create = format!(
        "ec2 create-flow-logs --resource-type VPC --resource-ids {} --traffic-type ALL --log-group-name fl --deliver-logs-permission-arn {role} --max-aggregation-interval 60",
        network.vpc
    );
    let refused = root.aws_refused(&create);
    assert!(
        refused.contains("Unable to assume given IAM role"),
        "{refused}"
    );
    root.aws(&format!(
        "iam update-assume-role-policy --role-name fl --policy-document {}",
        service("vpc-flow-logs.amazonaws.com")
    ));
    root.aws(&create);
    let status = || {
        let shown = root.aws("ec2 describe-flow-logs");
        let log = &shown["FlowLogs"][0];
        (
            log["DeliverLogsStatus"].clone(),
            log["DeliverLogsErrorMessage"].clone(),
        )
    };
    assert_eq!(status(), (json!("FAILED"), json!("Access error")));
    // Traffic of two windows: nothing of it may arrive.
    for _ in 0..3 {
        root.pings(&instance, "203.0.113.12");
    }
    let arrived = || {
        let events = root.aws("logs filter-log-events --log-group-name fl");
        events["events"]
            .as_array()
            .is_some_and(|events| !events.is_empty())
    };
    let groups = root.aws("logs describe-log-groups --log-group-name-prefix fl");
    if groups["logGroups"] != json!([]) {
        assert!(!arrived(), "delivered by a role that may not");
    }
    let may = |actions: Value| {
        let document = allow(actions, "*");
        root.aws(&format!(
            "iam put-role-policy --role-name fl --policy-name p --policy-document {document}"
        ));
    };
    // It may write, but not make the group to write to (`CW-4`).
    may(json!(["logs:CreateLogStream", "logs:PutLogEvents"]));
    for _ in 0..3 {
        root.pings(&instance, "203.0.113.12");
    }
    eventually("there is no group", || {
        (status() == (json!("FAILED"), json!("Access error"))).then_some(())
    });
    let groups = root.aws("logs describe-log-groups --log-group-name-prefix fl");
    assert_eq!(groups["logGroups"], json!([]));
    may(json!([
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents"
    ]));
    eventually("the role may all that it must", || {
        (status() == (json!("SUCCESS"), Value::Null)).then_some(())
    });
    eventually("records", || {
        root.pings(&instance, "203.0.113.12");
        let groups = root.aws("logs describe-log-groups --log-group-name-prefix fl");
        (groups["logGroups"] != json!([]) && arrived()).then_some(())
    });
}

/// Temporary keys sign S3 and DynamoDB too, in headers and in presigned addresses.
#[test]
fn objects_and_items_with_temporary_keys() {
    let root = User::of_new_daemon(Privilege::Own);
    let program = r#"
import boto3, botocore.config, json, urllib.request, urllib.error
root = boto3.client("s3")
root.create_bucket(Bucket="box")
root.put_object(Bucket="box", Key="home/x", Body=b"data")
root.put_object(Bucket="box", Key="other", Body=b"data")
iam, sts = boto3.client("iam"), boto3.client("sts")
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
may = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/home/*"},
    {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/mine"}]}
iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(may))
c = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="py")["Credentials"]
session = boto3.Session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])
s3 = session.client("s3", config=botocore.config.Config(signature_version="s3v4"))
assert s3.get_object(Bucket="box", Key="home/x")["Body"].read() == b"data"
def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise SystemExit(f"not refused: {call} {kwargs}")
said = refused("AccessDenied", s3.get_object, Bucket="box", Key="other")
assert said == 'User: arn:aws:sts::123456789012:assumed-role/reader/py is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::box/other" because no identity-based policy allows the s3:GetObject action', said
refused("AccessDenied", s3.put_object, Bucket="box", Key="home/y", Body=b"")
get = lambda client, key: client.generate_presigned_url("get_object", {"Bucket": "box", "Key": key})
assert urllib.request.urlopen(get(s3, "home/x")).read() == b"data"
try:
    urllib.request.urlopen(get(s3, "other"))
    raise SystemExit("presigned past the policy")
except urllib.error.HTTPError as error:
    assert error.code == 403
# The right secret with no token, or with another session's, is nobody.
without = boto3.Session(c["AccessKeyId"], c["SecretAccessKey"]).client("s3")
refused("InvalidToken", without.get_object, Bucket="box", Key="home/x")
other = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="other")["Credentials"]
mixed = boto3.Session(c["AccessKeyId"], c["SecretAccessKey"], other["SessionToken"]).client("s3")
refused("InvalidToken", mixed.get_object, Bucket="box", Key="home/x")
wrong = boto3.Session(c["AccessKeyId"], other["SecretAccessKey"], c["SessionToken"]).client("s3")
refused("SignatureDoesNotMatch", wrong.get_object, Bucket="box", Key="home/x")

table = dict(AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
             BillingMode="PAY_PER_REQUEST")
db = session.client("dynamodb")
db.create_table(TableName="mine", **table)
db.put_item(TableName="mine", Item={"k": {"S": "a"}})
refused("AccessDeniedException", db.create_table, TableName="yours", **table)
print("done")
"#;
    let output = boto3(&root.daemon, program).output().unwrap();
    assert_eq!(stdout_of(&output), "done");
}
