//! Which permission a call of EC2, IAM, STS or CloudWatch Logs needs, and on what (service authorization reference).
//!
//! A call that names resources needs its action on each; one that makes something, on every resource of that type; one
//! that lists, on `*`. Condition keys of single actions (`ec2:Vpc`, `iam:PassedToService`) are not set.

use openvpc_model::AccountId;
use serde_json::Value;

/// Id prefix and type in ARNs of EC2 (spec 06 §1, "ARN").
const EC2_TYPES: [(&str, &str); 21] = [
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
    ("vpce-", "vpc-endpoint"),
    ("pcx-", "vpc-peering-connection"),
    ("fl-", "vpc-flow-log"),
    ("i-", "instance"),
];

/// What calls make, beside what they name.
const EC2_MADE: [(&str, &[&str]); 18] = [
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
    ("CreateVpcPeeringConnection", &["vpc-peering-connection"]),
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

/// The resource that an IAM call is about.
pub fn iam_resource(account: &AccountId, principal_user: Option<&str>, input: &Value) -> String {
    let text = |member: &str| input[member].as_str();
    let named = [
        ("InstanceProfileName", "instance-profile"),
        ("RoleName", "role"),
        ("GroupName", "group"),
        ("UserName", "user"),
    ];
    for (member, kind) in named {
        if let Some(name) = text(member) {
            let path = text("Path").unwrap_or("/");
            return format!("arn:aws:iam::{account}:{kind}{path}{name}");
        }
    }
    if let Some(arn) = text("PolicyArn") {
        return arn.to_owned();
    }
    if let Some(name) = text("PolicyName") {
        let path = text("Path").unwrap_or("/");
        return format!("arn:aws:iam::{account}:policy{path}{name}");
    }
    match principal_user {
        Some(name) => format!("arn:aws:iam::{account}:user/{name}"),
        None => "*".to_owned(),
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
        let iam = |input| iam_resource(&account(), Some("Bob"), &input);
        assert_eq!(
            iam(json!({"RoleName": "r"})),
            "arn:aws:iam::123456789012:role/r"
        );
        assert_eq!(
            iam(json!({"UserName": "u", "PolicyArn": "x"})),
            "arn:aws:iam::123456789012:user/u"
        );
        assert_eq!(
            iam(json!({"PolicyName": "p", "Path": "/a/"})),
            "arn:aws:iam::123456789012:policy/a/p"
        );
        assert_eq!(iam(json!({})), "arn:aws:iam::123456789012:user/Bob");
        let logs = logs_resource("us-east-1", &account(), &json!({"logGroupName": "g"}));
        assert_eq!(
            logs,
            "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:"
        );
    }
}
