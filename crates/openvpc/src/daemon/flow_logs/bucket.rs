//! The bucket that CreateFlowLogs names: whether the service may write there, and the policy that lets it (`S3-7`, `S3-8`).

use openvpc_control::{Bucket, bucket_of};
use openvpc_ec2::Error;
use openvpc_iam::judge::Evaluator;
use openvpc_model::{FlowLogDestination, World};
use openvpc_services::Origin;
use openvpc_services::s3::{POLICY_LEN_MAX_BYTES, ServicePut, ServicePutError, Store};
use serde_json::{Value, json};

use crate::daemon::authority::Authority;
use crate::daemon::control_plane::{Answer, Identity, now};

/// Who writes flow logs into buckets.
pub mod log_delivery {
    use openvpc_services::s3::ServiceCaller;

    pub const SERVICE: &str = "delivery.logs.amazonaws.com";

    /// `aws:SourceArn` of a region's deliveries.
    pub fn source_arn(region: &str, account: &str) -> String {
        format!("arn:aws:logs:{region}:{account}:*")
    }

    pub fn caller<'a>(account: &'a str, arn: &'a str) -> ServiceCaller<'a> {
        ServiceCaller {
            service: SERVICE,
            account,
            arn,
        }
    }
}

/// A bucket that a call names, and what S3 says of it.
pub struct NamedBucket {
    name: String,
    folder: String,
    hive: bool,
    pub says: Bucket,
    /// The service writes the policy itself once the call has succeeded (`S3-8`).
    writes_policy: bool,
}

impl NamedBucket {
    /// Asks S3 about the bucket that a call of CreateFlowLogs names, if it names one.
    pub fn of(
        store: &Store,
        authority: &Authority,
        identity: &Identity,
        origin: &Origin,
        input: &Value,
    ) -> Option<NamedBucket> {
        let (name, folder) = bucket_of(input)?;
        let mut named = NamedBucket {
            name: name.to_owned(),
            folder: folder.to_owned(),
            hive: input["DestinationOptions"]["HiveCompatiblePartitions"] == true,
            says: Bucket::Accepts,
            writes_policy: false,
        };
        let account = identity.account().as_str();
        let region = identity.region.as_str();
        let prefix = prefix(folder, account, named.hive);
        let may = may_deliver(store, authority.evaluator(), name, &prefix, region, account);
        named.says = match may {
            Ok(()) => Bucket::Accepts,
            Err(ServicePutError::NoSuchBucket) => Bucket::Missing,
            Err(ServicePutError::AccessDenied | ServicePutError::Storage(_)) => {
                let owns = store.bucket_owner(name).is_ok_and(|owner| owner == account);
                let resource = format!("arn:aws:s3:::{name}");
                let put = "s3:PutBucketPolicy";
                let may_put =
                    authority.allowed(&identity.principal, origin, Some(region), put, &resource);
                match owns && may_put.is_ok() {
                    true => {
                        named.writes_policy = true;
                        Bucket::Accepts
                    }
                    false => Bucket::Refuses,
                }
            }
        };
        if named.writes_policy {
            let world = authority.world();
            if named.policy(&world, identity).len() > POLICY_LEN_MAX_BYTES {
                named.says = Bucket::PolicyTooLong;
            }
        }
        Some(named)
    }

    /// Writes the policy if the service has to, after the call has made a flow log.
    pub fn settle(
        &self,
        store: &Store,
        authority: &Authority,
        identity: &Identity,
        answer: &Value,
    ) {
        let made = answer["FlowLogIds"]
            .as_array()
            .is_some_and(|ids| !ids.is_empty());
        if !self.writes_policy || !made {
            return;
        }
        let policy = self.policy(&authority.world(), identity);
        if let Err(error) = store.set_policy(&self.name, &policy) {
            tracing::warn!(%error, bucket = self.name, "the bucket's policy could not be written");
        }
    }

    /// The policy for all of the account's flow logs that go to the bucket, and for the one that is being made.
    fn policy(&self, world: &World, identity: &Identity) -> String {
        let account = identity.account();
        let mut prefixes = vec![prefix(&self.folder, account.as_str(), self.hive)];
        let mut regions = vec![identity.region.clone()];
        for (name, region) in &world.regions {
            for log in region.flow_logs.values() {
                let FlowLogDestination::S3(bucket) = &log.destination else {
                    continue;
                };
                if log.owner == *account && bucket.name == self.name {
                    let options = bucket.options.unwrap_or_default();
                    let hive = options.hive_compatible_partitions;
                    prefixes.push(prefix(&bucket.folder, account.as_str(), hive));
                    regions.push(name.clone());
                }
            }
        }
        for list in [&mut prefixes, &mut regions] {
            list.sort();
            list.dedup();
        }
        let bucket = format!("arn:aws:s3:::{}", self.name);
        let paths: Vec<String> = prefixes
            .iter()
            .map(|prefix| format!("{bucket}{prefix}/*"))
            .collect();
        let sources: Vec<String> = regions
            .iter()
            .map(|region| log_delivery::source_arn(region, account.as_str()))
            .collect();
        let principal = json!({"Service": log_delivery::SERVICE});
        let policy = json!({
            "Version": "2012-10-17",
            "Id": "AWSLogDeliveryWrite20150319",
            "Statement": [
                {
                    "Sid": "AWSLogDeliveryWrite",
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": "s3:PutObject",
                    "Resource": paths,
                    "Condition": {
                        "StringEquals": {
                            "aws:SourceAccount": account,
                            "s3:x-amz-acl": "bucket-owner-full-control",
                        },
                        "ArnLike": {"aws:SourceArn": sources},
                    },
                },
                {
                    "Sid": "AWSLogDeliveryAclCheck",
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
                    "Resource": bucket,
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": account},
                        "ArnLike": {"aws:SourceArn": sources},
                    },
                },
            ],
        });
        policy.to_string()
    }
}

/// The folder of an account's flow logs in a bucket, after a slash.
fn prefix(folder: &str, account: &str, hive: bool) -> String {
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = if hive { "aws-account-id=" } else { "" };
    format!("{slash}{folder}/AWSLogs/{name}{account}")
}

fn may_deliver(
    store: &Store,
    evaluator: &dyn Evaluator,
    bucket: &str,
    prefix: &str,
    region: &str,
    account: &str,
) -> Result<(), ServicePutError> {
    let arn = log_delivery::source_arn(region, account);
    let caller = log_delivery::caller(account, &arn);
    let object = format!("{prefix}/vpcflowlogs/{region}/object");
    let asked = [("s3:PutObject", object.as_str()), ("s3:GetBucketAcl", "")];
    store.service_may(evaluator, &caller, bucket, &asked)
}

/// Puts the template that an answer of GetFlowLogsIntegrationTemplate is into the caller's bucket; the answer tells its
/// address, as AWS's does.
///
/// # Errors
/// The bucket is not the caller's, or may not be written.
pub fn put_template(
    store: &Store,
    authority: &Authority,
    identity: &Identity,
    origin: &Origin,
    to: &str,
    answer: Answer,
) -> Result<Answer, Error> {
    let region = &identity.region;
    let asked = json!({"LogDestinationType": "s3", "LogDestination": to});
    let Some((bucket, folder)) = bucket_of(&asked) else {
        return Err(Error::invalid_parameter(format!(
            "{to} is not the ARN of a bucket."
        )));
    };
    let slash = if folder.is_empty() { "" } else { "/" };
    let at = openvpc_ec2::timestamp::format(now()).unwrap_or_default();
    let key = format!("{folder}{slash}VPCFlowLogsIntegrationTemplate_{at}.yml");
    let refused = |why: String| {
        Error::invalid_parameter(format!("The template cannot be put into {bucket}: {why}"))
    };
    let owner = store
        .bucket_owner(bucket)
        .map_err(|error| refused(error.to_string()))?;
    if owner != identity.account().as_str() {
        return Err(refused("Access Denied".to_owned()));
    }
    let resource = format!("arn:aws:s3:::{bucket}/{key}");
    authority
        .allowed(
            &identity.principal,
            origin,
            Some(region),
            "s3:PutObject",
            &resource,
        )
        .map_err(&refused)?;
    let template = answer.response["Result"].as_str().unwrap_or_default();
    let put = ServicePut {
        bucket,
        key: &key,
        content_type: "application/yaml",
        bytes: template.as_bytes(),
    };
    tokio::task::block_in_place(|| store.put_whole(&put))
        .map_err(|error| refused(error.to_string()))?;
    let url = format!("https://{bucket}.s3.{region}.amazonaws.com/{key}");
    Ok(Answer {
        response: json!({"Result": url}),
        ..answer
    })
}
