//! Interface endpoints: stock clients in instances of a VPC without any way to the internet.

use serde_json::json;

use crate::support::{Privilege, User, client_packages, eventually};

/// Fails soon where nothing answers, instead of retrying.
const SETTINGS: &str = "AWS_DEFAULT_REGION=us-east-1 AWS_MAX_ATTEMPTS=1 AWS_PAGER=";
const TIMEOUT: &str = "--cli-connect-timeout 2 --cli-read-timeout 5";

/// Three services, none of them told where it is.
const SDK: &str = r#"
import boto3
who = boto3.client("sts").get_caller_identity()["Arn"].split("/")[1]
vpcs = len(boto3.client("ec2").describe_vpcs()["Vpcs"])
logs = boto3.client("logs")
logs.create_log_group(logGroupName="made")
groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
print(who, vpcs > 0, "made" in groups)
"#;

/// 10.0.0.0/16 with host names and subnets in two zones; everything may come in by `group`.
struct Private {
    vpc: String,
    /// 10.0.1.0/24 in zone a, 10.0.2.0/24 in zone b.
    subnets: [String; 2],
    group: String,
}

impl User {
    fn private_vpc(&self, block: &str) -> (String, String) {
        let vpc = self.text(
            &format!("ec2 create-vpc --cidr-block {block}"),
            "/Vpc/VpcId",
        );
        self.aws(&format!(
            "ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames"
        ));
        let words = format!(
            "ec2 create-security-group --group-name open --description open --vpc-id {vpc}"
        );
        let group = self.text(&words, "/GroupId");
        self.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} --protocol -1 --cidr 10.0.0.0/8"
        ));
        (vpc, group)
    }

    /// A role for instances that may do this, by the name of `app`.
    fn endpoint_role(&self, actions: &[&str]) {
        let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"}}]});
        let may = json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        for words in [
            format!("iam create-role --role-name app --assume-role-policy-document {trust}"),
            format!("iam put-role-policy --role-name app --policy-name p --policy-document {may}"),
            "iam create-instance-profile --instance-profile-name app".to_owned(),
            "iam add-role-to-instance-profile --instance-profile-name app --role-name app"
                .to_owned(),
        ] {
            self.aws(&words);
        }
    }

    fn subnet(&self, vpc: &str, block: &str, zone: &str) -> String {
        let words = format!(
            "ec2 create-subnet --vpc-id {vpc} --cidr-block {block} --availability-zone {zone}"
        );
        self.text(&words, "/Subnet/SubnetId")
    }

    fn private(&self) -> Private {
        let (vpc, group) = self.private_vpc("10.0.0.0/16");
        let a = self.subnet(&vpc, "10.0.1.0/24", "us-east-1a");
        let b = self.subnet(&vpc, "10.0.2.0/24", "us-east-1b");
        Private {
            vpc,
            subnets: [a, b],
            group,
        }
    }

    /// An endpoint in both zones, with the addresses x.x.1.5 and x.x.2.5; its id and regional name.
    fn endpoint(&self, at: &Private, service: &str, more: &str) -> (String, String) {
        let (vpc, group, [a, b]) = (&at.vpc, &at.group, &at.subnets);
        let words = format!(
            "ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name com.amazonaws.us-east-1.{service} --subnet-ids {a} {b} --security-group-ids {group} {more}"
        );
        let made = self.aws(&words);
        let made = &made["VpcEndpoint"];
        let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let name = text("/DnsEntries/0/DnsName");
        (text("/VpcEndpointId"), name.replace("*.", ""))
    }

    fn instance(&self, subnet: &str, group: &str) -> String {
        self.launch(&format!(
            "--subnet-id {subnet} --security-group-ids {group} --iam-instance-profile Name=app"
        ))
    }

    /// The addresses that a name leads to in a host, sorted.
    fn resolves(&self, host: &str, name: &str) -> Vec<String> {
        let line = format!("getent ahostsv4 {name} | cut -d' ' -f1 | sort -u");
        let told = self.ok(host, &line);
        told.lines().map(str::to_owned).collect()
    }
}

fn python() -> String {
    format!(
        "PYTHONPATH={} {SETTINGS} python3",
        client_packages().display()
    )
}

fn an_sdk_needs_endpoints_and_no_gateway(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let at = user.private();
    user.endpoint_role(&["sts:*", "ec2:*", "logs:*"]);
    let app = user.instance(&at.subnets[0], &at.group);
    assert_eq!(
        user.resolves(&app, "logs.us-east-1.amazonaws.com"),
        ["198.18.30.10"]
    );
    for service in ["sts", "ec2", "logs"] {
        user.endpoint(&at, service, "");
    }
    eventually("private names", || {
        let seen = user.resolves(&app, "logs.us-east-1.amazonaws.com");
        seen.iter()
            .all(|address| address.starts_with("10.0."))
            .then_some(())
    });
    assert_eq!(user.resolves(&app, "logs.us-east-1.amazonaws.com").len(), 2);
    let told = user.ok(&app, &format!("{} -c '{SDK}'", python()));
    assert_eq!(told, "app True True");
    // One endpoint is one service, whatever a request is signed for.
    let wrong = format!(
        "{} -m awscli ec2 describe-vpcs --endpoint-url https://sts.us-east-1.amazonaws.com",
        python()
    );
    assert!(!user.sh(&app, &wrong).status.success());
    // One that is not served says so, by the endpoint of its own.
    user.endpoint(&at, "ssm", "");
    let unserved = format!("{} -m awscli ssm describe-parameters", python());
    let said = user.sh(&app, &unserved);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("does not serve ssm"), "{said}");
}

#[test]
fn an_sdk_needs_endpoints_and_no_gateway_as_own_user() {
    an_sdk_needs_endpoints_and_no_gateway(Privilege::Own);
}

#[test]
fn an_sdk_needs_endpoints_and_no_gateway_unprivileged() {
    an_sdk_needs_endpoints_and_no_gateway(Privilege::Rootless);
}

/// Names in the VPC, at a peer and after a zone is lost; the endpoint's group, and its policy.
#[test]
fn names_groups_policies_peers_and_a_lost_zone() {
    let user = User::of_new_daemon(Privilege::Own);
    let at = user.private();
    user.endpoint_role(&["logs:*"]);
    for group in ["fl", "other"] {
        user.aws(&format!("logs create-log-group --log-group-name {group}"));
    }
    let app = user.instance(&at.subnets[0], &at.group);
    let (far_vpc, far_group) = user.private_vpc("10.9.0.0/16");
    let far_subnet = user.subnet(&far_vpc, "10.9.1.0/24", "us-east-1a");
    let peer = user.instance(&far_subnet, &far_group);
    let (endpoint, regional) = user.endpoint(&at, "logs", "--no-private-dns-enabled");
    let private = "logs.us-east-1.amazonaws.com";
    let zonal = |zone: &str| {
        let (label, domain) = regional.split_once('.').unwrap();
        format!("{label}-us-east-1{zone}.{domain}")
    };

    // The endpoint's names are everybody's, the private one is the VPC's alone (IN-1, IN-2).
    let both = user.resolves(&app, &regional);
    assert_eq!(both.len(), 2);
    assert_eq!(user.resolves(&app, &zonal("a")), [both[0].clone()]);
    assert_eq!(user.resolves(&app, &zonal("b")), [both[1].clone()]);
    assert_eq!(user.resolves(&app, private), ["198.18.30.10"]);
    user.aws(&format!(
        "ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --private-dns-enabled"
    ));
    eventually("the private name", || {
        (user.resolves(&app, private) == both).then_some(())
    });
    assert_eq!(user.resolves(&peer, private), ["198.18.30.10"]);
    assert_eq!(user.resolves(&peer, &regional), both);

    // A peer uses it by its own name, with a route each way (IP-8).
    let ask = |url: &str, group: &str| {
        format!(
            "{} -m awscli logs describe-log-streams --log-group-name {group} {TIMEOUT} --endpoint-url https://{url}",
            python()
        )
    };
    let words = format!(
        "ec2 create-vpc-peering-connection --vpc-id {far_vpc} --peer-vpc-id {}",
        at.vpc
    );
    let pcx = user.text(&words, "/VpcPeeringConnection/VpcPeeringConnectionId");
    user.aws(&format!(
        "ec2 accept-vpc-peering-connection --vpc-peering-connection-id {pcx}"
    ));
    for (vpc, block) in [(&far_vpc, "10.0.0.0/16"), (&at.vpc, "10.9.0.0/16")] {
        let words = format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc}");
        let table = user.text(&words, "/RouteTables/0/RouteTableId");
        user.aws(&format!(
            "ec2 create-route --route-table-id {table} --destination-cidr-block {block} --vpc-peering-connection-id {pcx}"
        ));
    }
    user.ok(&peer, &ask(&regional, "fl"));

    // The policy names one group; a refusal is an answer (IP-7).
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:123456789012:log-group:fl:*"}]}"#;
    user.aws(&format!(
        "ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --policy-document {policy}"
    ));
    user.ok(&app, &ask(private, "fl"));
    let refused = user.sh(&app, &ask(private, "other"));
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("AccessDeniedException"), "{refused}");
    assert!(
        refused.contains("because no VPC endpoint policy allows"),
        "{refused}"
    );

    // A zone is lost: its address leaves the regional name, its zonal name has none (IN-4).
    let fault = |state: &str| {
        let output = user
            .daemon
            .openvpc(&["fault", "zone", "us-east-1b", state])
            .output();
        assert!(output.unwrap().status.success());
    };
    fault("down");
    assert_eq!(user.resolves(&app, &regional), [both[0].clone()]);
    assert_eq!(user.resolves(&app, private), [both[0].clone()]);
    assert!(
        !user
            .sh(&app, &format!("getent ahostsv4 {}", zonal("b")))
            .status
            .success()
    );
    user.ok(&app, &ask(&zonal("a"), "fl"));
    let lost = format!(
        "curl -s -o /dev/null --connect-timeout 2 --resolve x.amazonaws.com:443:{} https://x.amazonaws.com/",
        both[1]
    );
    assert_eq!(
        user.sh(&app, &lost).status.code(),
        Some(28),
        "curl: timed out"
    );
    fault("up");
    user.ok(&app, &ask(&zonal("b"), "fl"));

    // No group lets the client in: silence, and REJECT at the endpoint (IP-2).
    user.aws(&format!(
        "ec2 create-flow-logs --resource-type VPC --resource-ids {} --traffic-type REJECT --log-group-name fl --deliver-logs-permission-arn arn:aws:iam::123456789012:role/flow-logs --max-aggregation-interval 60",
        at.vpc
    ));
    let words = format!(
        "ec2 create-security-group --group-name closed --description closed --vpc-id {}",
        at.vpc
    );
    let closed = user.text(&words, "/GroupId");
    user.aws(&format!(
        "ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-security-group-ids {closed} --remove-security-group-ids {}",
        at.group
    ));
    let lost = user.sh(&app, &ask(&zonal("a"), "fl"));
    let lost = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert!(lost.contains("Connect timeout"), "{lost}");
    let words = format!(
        "ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={}",
        both[0]
    );
    let eni = user.text(&words, "/NetworkInterfaces/0/NetworkInterfaceId");
    eventually("a REJECT record", || {
        let events = user.aws(&format!(
            "logs filter-log-events --log-group-name fl --log-stream-names {eni}-reject"
        ));
        let events = events["events"].as_array()?.clone();
        let told = |event: &serde_json::Value| {
            let message = event["message"].as_str().unwrap_or_default();
            message.contains(&format!(" {} ", both[0]))
                && message.contains(" 443 6 ")
                && message.contains(" REJECT ")
        };
        events.iter().any(told).then_some(())
    });
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {closed} --protocol tcp --port 443 --cidr 10.0.0.0/16"
    ));
    user.ok(&app, &ask(&zonal("a"), "fl"));

    // Nobody listens: a reset; neither UDP nor ping (IP-3).
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {closed} --protocol -1 --cidr 10.0.0.0/16"
    ));
    let nobody = format!("curl -s --connect-timeout 2 http://{}:8080/", both[0]);
    assert_eq!(
        user.sh(&app, &nobody).status.code(),
        Some(7),
        "curl: refused"
    );
    assert!(!user.pings(&app, &both[0]));

    // And its end (IE-10).
    user.aws(&format!(
        "ec2 delete-vpc-endpoints --vpc-endpoint-ids {endpoint}"
    ));
    assert_eq!(user.resolves(&app, private), ["198.18.30.10"]);
    assert!(
        !user
            .sh(&app, &format!("getent ahostsv4 {regional}"))
            .status
            .success()
    );
}

/// `IN-5`: objects by the names of an endpoint of S3, by path and by host.
#[test]
fn s3_by_the_names_of_an_endpoint() {
    let user = User::of_new_daemon(Privilege::Own);
    let at = user.private();
    user.endpoint_role(&["s3:*"]);
    let app = user.instance(&at.subnets[0], &at.group);
    let (endpoint, name) = user.endpoint(&at, "s3", "");
    let url = format!("https://bucket.{name}");
    for style in ["path", "virtual"] {
        let program = format!(
            r#"
import boto3
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url="{url}", config=Config(s3={{"addressing_style": "{style}"}}))
s3.create_bucket(Bucket="{style}")
s3.put_object(Bucket="{style}", Key="k", Body=b"x" * 200000)
print(len(s3.get_object(Bucket="{style}", Key="k")["Body"].read()))
"#
        );
        let told = user.ok(&app, &format!("{} -c '{program}'", python()));
        assert_eq!(told, "200000", "{style}");
    }
    // A bucket may be closed to everything else: from outside it is.
    let policy = format!(
        r#"{{"Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::path/*","Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{endpoint}"}}}}}}]}}"#
    );
    user.aws(&format!(
        "s3api put-bucket-policy --bucket path --policy {policy}"
    ));
    assert!(
        user.aws_refused("s3 cp s3://path/k /dev/null")
            .contains("403")
    );
    let read = format!(
        "{} -m awscli s3 cp --quiet s3://path/k /tmp/k --endpoint-url {url}",
        python()
    );
    user.ok(&app, &read);
}

/// `IE-1`: an endpoint with both families, asked over either by a stock client; the internet reaches it by neither.
#[test]
fn an_endpoint_answers_over_ipv6() {
    let user = User::of_new_daemon(Privilege::Own);
    let (vpc, group) = user.private_vpc("10.0.0.0/16");
    let block = user.text(
        &format!("ec2 associate-vpc-cidr-block --vpc-id {vpc} --amazon-provided-ipv6-cidr-block"),
        "/Ipv6CidrBlockAssociation/Ipv6CidrBlock",
    );
    let words = format!(
        "ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24 --ipv6-cidr-block {} --availability-zone us-east-1a",
        block.replace("::/56", "::/64")
    );
    let subnet = user.text(&words, "/Subnet/SubnetId");
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {group} --ip-permissions \
         IpProtocol=tcp,FromPort=443,ToPort=443,Ipv6Ranges=[{{CidrIpv6={block}}}]"
    ));
    let app = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --ipv6-address-count 1"
    ));
    user.aws(&format!(
        "ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name com.amazonaws.us-east-1.logs \
         --subnet-ids {subnet} --security-group-ids {group} --ip-address-type dualstack --private-dns-enabled"
    ));
    let name = "logs.us-east-1.amazonaws.com";
    eventually("an address of each family", || {
        let told = user.ok(
            &app,
            &format!("getent ahosts {name} | cut -d' ' -f1 | sort -u"),
        );
        let told: Vec<&str> = told.lines().collect();
        let [ipv4, ipv6] = told[..] else {
            return None;
        };
        (ipv4.starts_with("10.0.1.") && ipv6.contains(':')).then_some(())
    });
    for family in ["-4", "-6"] {
        let line =
            format!("curl {family} -s -m 5 -o /dev/null -w '%{{http_code}}' https://{name}/");
        user.soon(&app, &format!("test $({line}) != 000"));
    }
    // By the endpoint's IPv6 address alone, and signed.
    let line = format!(
        "curl -6 -s -m 5 --aws-sigv4 aws:amz:us-east-1:logs --user test:test -H 'X-Amz-Target: Logs_20140328.DescribeLogGroups' \
         -H 'Content-Type: application/x-amz-json-1.1' -d '{{}}' https://{name}/"
    );
    let told = user.ok(&app, &line);
    assert!(told.contains("logGroups"), "{told}");
}
