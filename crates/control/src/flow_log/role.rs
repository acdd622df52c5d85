//! The role by which records are delivered, as far as IAM knows it (`CW-4`, `CW-5`).
//!
//! A role that IAM of the account does not have is taken for one that exists elsewhere and may do what it must, so that
//! flow logs work before anyone has made a role.

use openvpc_ec2::Error;
use openvpc_iam::Documents;
use openvpc_iam::judge::{Request, service_may_assume};
use openvpc_model::{AccountId, FlowLog, FlowLogDestination, Iam, IamRole};

use crate::Cx;

const SERVICE: &str = "vpc-flow-logs.amazonaws.com";
/// What delivery does with the role.
const ACTIONS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];
/// ... where the log group is not there.
const MAKE_LOG_GROUP: &str = "logs:CreateLogGroup";
/// The beginning of every flow log's id.
const TO_BE_MADE: &str = "fl-";

/// Whether IAM knows the role of a new flow log.
///
/// # Errors
/// `InvalidParameter` for one that does not trust the service: the text is the one that Terraform tries again on.
pub(super) fn check(cx: &Cx, arn: &str) -> Result<bool, Error> {
    let source = source(cx.region_name(), cx.account(), TO_BE_MADE);
    match find(cx.iam(), arn) {
        None => Ok(false),
        Some((_, role)) if trusts(role, arn, &source) => Ok(true),
        Some(_) => Err(Error::invalid_parameter("Unable to assume given IAM role")),
    }
}

/// Whether records of a flow log may be delivered, by what IAM says now; of a bucket only its policy has a say.
pub fn may_deliver(iam: &Iam, region: &str, log: &FlowLog) -> bool {
    let kind = log.traffic_type.as_str().to_lowercase();
    may(iam, region, log, &ACTIONS, &format!("eni-*-{kind}"))
}

/// Whether delivery may make the flow log's group, if that is not there (`CW-3`).
pub fn may_make_log_group(iam: &Iam, region: &str, log: &FlowLog) -> bool {
    may(iam, region, log, &[MAKE_LOG_GROUP], "")
}

/// Whether the role may do all this to a stream of the flow log's group, or without a stream's name to the group.
fn may(iam: &Iam, region: &str, log: &FlowLog, actions: &[&str], stream: &str) -> bool {
    let FlowLogDestination::CloudWatchLogs { log_group } = &log.destination else {
        return true;
    };
    let arn = log
        .deliver_logs_permission_arn
        .as_deref()
        .unwrap_or_default();
    let Some((account, role)) = find(iam, arn) else {
        return !log.role_is_known;
    };
    let owner = &log.owner;
    let source = source(region, owner, &log.id.to_string());
    let resource =
        format!("arn:aws:logs:{region}:{owner}:log-group:{log_group}:log-stream:{stream}");
    trusts(role, arn, &source)
        && actions
            .iter()
            .all(|action| allows(iam, &account, role, action, &resource))
}

fn find<'a>(iam: &'a Iam, arn: &str) -> Option<(AccountId, &'a IamRole)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let account = account.parse().ok()?;
    let role = iam.account(&account).roles.get(path.rsplit('/').next()?)?;
    (role.entity.arn(&account, "role") == arn).then_some((account, role))
}

/// For which flow log the service acts, as trust policies may ask (VPC user guide, "IAM role for publishing flow logs to
/// CloudWatch Logs").
fn source(region: &str, owner: &AccountId, flow_log: &str) -> [(String, String); 2] {
    let arn = format!("arn:aws:ec2:{region}:{owner}:vpc-flow-log/{flow_log}");
    [
        ("aws:SourceAccount".to_owned(), owner.to_string()),
        ("aws:SourceArn".to_owned(), arn),
    ]
}

fn trusts(role: &IamRole, arn: &str, source: &[(String, String)]) -> bool {
    service_may_assume(&Documents::default(), &role.trust, arn, SERVICE, source)
}

fn allows(iam: &Iam, account: &AccountId, role: &IamRole, action: &str, resource: &str) -> bool {
    let request = Request {
        action,
        resource,
        context: &[],
    };
    let documents = openvpc_iam::principal::policies_of_role(iam, account, role);
    openvpc_iam::judge::allowed_by(&Documents::default(), &documents, &request).is_ok()
}
