//! Which permission a call of EC2, IAM, STS or CloudWatch Logs needs, and on what (service authorization reference).
//!
//! A call that names resources needs its action on each; one that makes something, on every resource of that type; one
//! that lists, on `*`. Condition keys of single actions (`ec2:Vpc`, `iam:PassedToService`) are not set.

use openvpc_model::{AccountId, Iam, IamEntity};
use serde_json::Value;

use crate::Principal;

/// Id prefix and type in ARNs of EC2 (spec 06 §1, "ARN").
const EC2_TYPES: [(&str, &str); 25] = [
    ("vpc-cidr-assoc-", ""),
    ("vpc-", "vpc"),
    ("subnet-cidr-assoc-", ""),
    ("subnet-", "subnet"),
    ("rtbassoc-", ""),
    ("rtb-", "route-table"),
    ("igw-", "internet-gateway"),
    ("eigw-", "egress-only-internet-gateway"),
    ("nat-", "natgateway"),
    ("eipalloc-", "elastic-ip"),
    ("eni-attach-", ""),
    ("eni-", "network-interface"),
    ("sgr-", "security-group-rule"),
    ("sg-", "security-group"),
    ("acl-", "network-acl"),
    ("pl-", "prefix-list"),
    ("dopt-", "dhcp-options"),
    ("vpce-svc-", "vpc-endpoint-service"),
    ("vpce-nfn-", ""),
    ("vpce-", "vpc-endpoint"),
    ("pcx-", "vpc-peering-connection"),
    ("fl-", "vpc-flow-log"),
    ("nip-", "network-insights-path"),
    ("nia-", "network-insights-analysis"),
    ("i-", "instance"),
];

/// What calls make, beside what they name.
const EC2_MADE: [(&str, &[&str]); 21] = [
    ("CreateVpc", &["vpc"]),
    ("CreateDefaultVpc", &["vpc"]),
    ("CreateSubnet", &["subnet"]),
    ("CreateDefaultSubnet", &["subnet"]),
    ("CreateRouteTable", &["route-table"]),
    ("CreateInternetGateway", &["internet-gateway"]),
    (
        "CreateEgressOnlyInternetGateway",
        &["egress-only-internet-gateway"],
    ),
    ("CreateNatGateway", &["natgateway"]),
    ("AllocateAddress", &["elastic-ip"]),
    ("CreateNetworkInterface", &["network-interface"]),
    ("CreateSecurityGroup", &["security-group"]),
    ("CreateNetworkAcl", &["network-acl"]),
    ("CreateManagedPrefixList", &["prefix-list"]),
    ("CreateDhcpOptions", &["dhcp-options"]),
    ("CreateFlowLogs", &["vpc-flow-log"]),
    ("CreateVpcEndpoint", &["vpc-endpoint"]),
    (
        "CreateVpcEndpointServiceConfiguration",
        &["vpc-endpoint-service"],
    ),
    ("CreateVpcPeeringConnection", &["vpc-peering-connection"]),
    ("CreateNetworkInsightsPath", &["network-insights-path"]),
    (
        "StartNetworkInsightsAnalysis",
        &["network-insights-analysis"],
    ),
    ("RunInstances", &["instance", "network-interface", "volume"]),
];

/// Ids of one request that are looked at; a request has at most a thousand of them.
const IDS_MAX: usize = 1000;

/// The resources that an EC2 call touches; never none.
pub fn ec2_resources(
    region: &str,
    account: &AccountId,
    action: &str,
    input: &Value,
) -> Vec<String> {
    let mut resources = Vec::new();
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:{region}:{account}:{kind}/{id}");
    // A list shows what the account has; AWS knows no permission on its parts.
    if !action.starts_with("Describe") {
        let mut ids = Vec::new();
        collect(input, &mut ids);
        for id in ids {
            let known = EC2_TYPES.iter().find(|(prefix, _)| id.starts_with(prefix));
            match known {
                Some((_, kind)) if !kind.is_empty() => resources.push(arn(kind, id)),
                Some(_) => {}
                None if id.starts_with("ami-") => {
                    resources.push(format!("arn:aws:ec2:{region}::image/{id}"));
                }
                None => {}
            }
        }
        let made = EC2_MADE.iter().find(|(known, _)| *known == action);
        let made = made.into_iter().flat_map(|(_, kinds)| kinds.iter());
        resources.extend(made.map(|kind| arn(kind, "*")));
    }
    resources.sort_unstable();
    resources.dedup();
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    resources
}

/// The resources that a call of Elastic Load Balancing touches; never none (service authorization reference, "AWS Elastic
/// Load Balancing V2").
pub fn elb_resources(
    region: &str,
    account: &AccountId,
    action: &str,
    input: &Value,
) -> Vec<String> {
    let arn = |rest: &str| format!("arn:aws:elasticloadbalancing:{region}:{account}:{rest}");
    let made = match action {
        "CreateLoadBalancer" => Some("loadbalancer/net"),
        "CreateTargetGroup" => Some("targetgroup"),
        _ => None,
    };
    if let Some(kind) = made {
        let name = input["Name"].as_str().unwrap_or_default();
        return vec![arn(&format!("{kind}/{name}/*"))];
    }
    let mut ids = Vec::new();
    if !action.starts_with("Describe") {
        collect(input, &mut ids);
    }
    let named = ids
        .into_iter()
        .filter(|id| id.starts_with("arn:aws:elasticloadbalancing:"));
    let mut resources: Vec<String> = named.map(str::to_owned).collect();
    resources.sort_unstable();
    resources.dedup();
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    resources
}

/// What a call needs beside its own action, as actions and resources.
pub fn also_needed(
    iam: &Iam,
    principal: &Principal,
    region: &str,
    service: &str,
    action: &str,
    input: &Value,
) -> Vec<(&'static str, String)> {
    let account = &principal.account;
    let mut needed = Vec::new();
    if service == "ec2" && action != "CreateTags" {
        let tagged = input["TagSpecifications"].as_array().into_iter().flatten();
        let kinds = tagged.filter_map(|tagged| tagged["ResourceType"].as_str());
        needed.extend(kinds.map(|kind| {
            (
                "ec2:CreateTags",
                format!("arn:aws:ec2:{region}:{account}:{kind}/*"),
            )
        }));
    }
    let passed = match (service, action) {
        ("ec2", _) => passed_role(iam, account, input),
        ("iam", "AddRoleToInstanceProfile") => {
            let role = iam
                .account(account)
                .roles
                .get(input["RoleName"].as_str().unwrap_or_default());
            role.map(|role| role.entity.arn(account, "role"))
        }
        _ => None,
    };
    needed.extend(passed.map(|role| ("iam:PassRole", role)));
    needed
}

/// The role that an EC2 call would hand to a service, which the caller must be allowed to pass (IAM user guide, "Grant a
/// user permissions to pass a role to an AWS service").
fn passed_role(iam: &Iam, account: &AccountId, input: &Value) -> Option<String> {
    if let Some(arn) = input["DeliverLogsPermissionArn"].as_str() {
        return Some(arn.to_owned());
    }
    let named = &input["IamInstanceProfile"];
    let arn = named["Arn"].as_str().unwrap_or_default();
    let name = named["Name"].as_str().or(arn.rsplit('/').next())?;
    let own = iam.account(account);
    let role = own.instance_profiles.get(name)?.role.as_ref()?;
    Some(own.roles.get(role)?.entity.arn(account, "role"))
}

/// Texts at any depth that may be ids; what a caller writes into tags and documents is not one.
fn collect<'v>(input: &'v Value, ids: &mut Vec<&'v str>) {
    match input {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| {
                ![
                    "TagSpecifications",
                    "Tags",
                    "UserData",
                    "Description",
                    "ClientToken",
                ]
                .contains(&name.as_str())
            });
            members.for_each(|(_, value)| collect(value, ids));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::String(text) if ids.len() < IDS_MAX => ids.push(text),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The resource that an IAM call is about, with the path that it has or will have.
pub fn iam_resource(iam: &Iam, principal: &Principal, input: &Value) -> String {
    let account = &principal.account;
    let own = iam.account(account);
    let text = |member: &str| input[member].as_str();
    let arn = |kind: &str, name: &str, known: Option<&IamEntity>| match known {
        Some(entity) => entity.arn(account, kind),
        None => {
            let path = text("Path").unwrap_or("/");
            format!("arn:aws:iam::{account}:{kind}{path}{name}")
        }
    };
    if let Some(name) = text("InstanceProfileName") {
        let known = own.instance_profiles.get(name);
        return arn("instance-profile", name, known.map(|known| &known.entity));
    }
    if let Some(name) = text("RoleName") {
        return arn("role", name, own.roles.get(name).map(|known| &known.entity));
    }
    if let Some(name) = text("GroupName") {
        return arn(
            "group",
            name,
            own.groups.get(name).map(|known| &known.entity),
        );
    }
    let user = |name| arn("user", name, own.users.get(name).map(|known| &known.entity));
    match (text("UserName"), text("PolicyArn"), text("PolicyName")) {
        (Some(name), ..) => user(name),
        (None, Some(arn), _) => arn.to_owned(),
        (None, None, Some(name)) => arn("policy", name, None),
        (None, None, None) => principal.user().map_or_else(|| "*".to_owned(), user),
    }
}

/// The log group that a call of CloudWatch Logs is about.
pub fn logs_resource(region: &str, account: &AccountId, input: &Value) -> String {
    let group = input["logGroupName"]
        .as_str()
        .or(input["logGroupNamePrefix"].as_str());
    match (group, input["resourceArn"].as_str()) {
        (_, Some(arn)) => arn.to_owned(),
        (group, None) => {
            let group = group.unwrap_or_default();
            let stream = input["logStreamName"].as_str().unwrap_or_default();
            format!("arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use serde_json::json;

    fn account() -> AccountId {
        "123456789012".parse().unwrap()
    }

    #[test]
    fn a_call_needs_its_action_on_what_it_names_and_makes() {
        let arn = |rest: &str| format!("arn:aws:ec2:us-east-1:123456789012:{rest}");
        for (action, input, wanted) in [
            (
                "DescribeVpcs",
                json!({"VpcIds": ["vpc-1"]}),
                vec!["*".to_owned()],
            ),
            (
                "CreateVpc",
                json!({"CidrBlock": "10.0.0.0/16"}),
                vec![arn("vpc/*")],
            ),
            (
                "CreateSubnet",
                json!({"VpcId": "vpc-1", "TagSpecifications": [{"Tags": [{"Key": "x", "Value": "i-1"}]}]}),
                vec![arn("subnet/*"), arn("vpc/vpc-1")],
            ),
            (
                "TerminateInstances",
                json!({"InstanceIds": ["i-1", "i-2", "i-1"]}),
                vec![arn("instance/i-1"), arn("instance/i-2")],
            ),
            (
                "DisassociateRouteTable",
                json!({"AssociationId": "rtbassoc-1"}),
                vec!["*".to_owned()],
            ),
        ] {
            let found = ec2_resources("us-east-1", &account(), action, &input);
            assert_eq!(found, wanted, "{action}");
        }
    }

    #[test]
    fn iam_and_logs_name_their_resources() {
        let mut bench = Bench::new();
        bench.principal = bench.user("Bob", r#"{"Statement":[]}"#);
        let root = Principal::root(account());
        let bob = std::mem::replace(&mut bench.principal, root);
        let trust = r#"{"Statement":[]}"#;
        bench.ok(
            "CreateRole",
            json!({"RoleName": "web", "Path": "/app/", "AssumeRolePolicyDocument": trust}),
        );
        let iam = |input| iam_resource(&bench.world.iam, &bob, &input);
        let arn = |rest: &str| format!("arn:aws:iam::123456789012:{rest}");
        assert_eq!(iam(json!({"RoleName": "web"})), arn("role/app/web"));
        assert_eq!(
            iam(json!({"RoleName": "new", "Path": "/x/"})),
            arn("role/x/new")
        );
        assert_eq!(
            iam(json!({"UserName": "u", "PolicyArn": "x"})),
            arn("user/u")
        );
        assert_eq!(
            iam(json!({"PolicyName": "p", "Path": "/a/"})),
            arn("policy/a/p")
        );
        assert_eq!(iam(json!({})), arn("user/Bob"));
        let logs = logs_resource("us-east-1", &account(), &json!({"logGroupName": "g"}));
        assert_eq!(
            logs,
            "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:"
        );
    }

    #[test]
    fn who_hands_a_role_on_must_be_allowed_to_pass_it() {
        let mut bench = Bench::new();
        let trust = r#"{"Statement":[]}"#;
        bench.ok(
            "CreateRole",
            json!({"RoleName": "web", "AssumeRolePolicyDocument": trust}),
        );
        bench.ok(
            "CreateInstanceProfile",
            json!({"InstanceProfileName": "ip"}),
        );
        bench.ok(
            "AddRoleToInstanceProfile",
            json!({"InstanceProfileName": "ip", "RoleName": "web"}),
        );
        let needed = |service, action, input| {
            also_needed(
                &bench.world.iam,
                &bench.principal,
                "us-east-1",
                service,
                action,
                &input,
            )
        };
        let role = "arn:aws:iam::123456789012:role/web".to_owned();
        let pass = vec![("iam:PassRole", role.clone())];
        for named in [
            json!({"Name": "ip"}),
            json!({"Arn": "arn:aws:iam::123456789012:instance-profile/ip"}),
        ] {
            assert_eq!(
                needed("ec2", "RunInstances", json!({"IamInstanceProfile": named})),
                pass
            );
        }
        assert_eq!(
            needed(
                "ec2",
                "CreateFlowLogs",
                json!({"DeliverLogsPermissionArn": role})
            ),
            pass
        );
        assert_eq!(
            needed(
                "iam",
                "AddRoleToInstanceProfile",
                json!({"RoleName": "web"})
            ),
            pass
        );
        assert_eq!(needed("iam", "GetRole", json!({"RoleName": "web"})), []);
        let tagged = json!({"TagSpecifications": [{"ResourceType": "vpc", "Tags": []}]});
        let tags = (
            "ec2:CreateTags",
            "arn:aws:ec2:us-east-1:123456789012:vpc/*".to_owned(),
        );
        assert_eq!(needed("ec2", "CreateVpc", tagged), [tags]);
    }
}
