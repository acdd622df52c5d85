//! Row 12: what the three VPCs' flow logs delivered to S3, against what the interfaces counted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::time::Duration;

use super::super::records::{LONG_FORMAT, Reader};
use super::super::stage::Stage;
use super::Tour;

pub const BUCKET: &str = "net-logs";
/// Far more than a tour makes.
const OBJECTS_MAX: usize = 10_000;
/// How long the last window may take to be there.
const LOOKS: (u32, Duration) = (120, Duration::from_millis(500));

/// Packets and bytes by interface, direction and action.
pub type Sums = BTreeMap<(String, String, String), (u64, u64)>;

/// Everything of three VPCs, by the hour, in folders that Hive reads.
pub fn log_to_bucket(stage: &mut Stage, vpcs: &[String; 3]) -> Result<(), String> {
    let told = |refusal: crate::client::Refusal| refusal.to_string();
    stage.client.make_bucket(BUCKET).map_err(told)?;
    let [app, shared, data] = vpcs;
    let bucket = format!("arn:aws:s3:::{BUCKET}");
    stage
        .ec2(
            &format!("create-flow-logs --resource-type VPC --resource-ids {app} {shared} {data} --traffic-type ALL --log-destination-type s3 --log-destination {bucket} --destination-options FileFormat=plain-text,HiveCompatiblePartitions=true,PerHourPartition=true --max-aggregation-interval 60 --log-format '{LONG_FORMAT}'"),
            "CreateFlowLogs",
            &[
                ("ResourceType", "VPC"),
                ("ResourceId.1", app),
                ("ResourceId.2", shared),
                ("ResourceId.3", data),
                ("TrafficType", "ALL"),
                ("LogDestinationType", "s3"),
                ("LogDestination", &bucket),
                ("DestinationOptions.FileFormat", "plain-text"),
                ("DestinationOptions.HiveCompatiblePartitions", "true"),
                ("DestinationOptions.PerHourPartition", "true"),
                ("MaxAggregationInterval", "60"),
                ("LogFormat", LONG_FORMAT),
            ],
        )
        .map(drop)
}

/// What has been read of the bucket; an object never changes.
#[derive(Default)]
pub struct NetLogs {
    keys: BTreeSet<String>,
    pub sums: Sums,
    faults: Vec<String>,
}

impl NetLogs {
    fn read_more(&mut self, stage: &Stage) -> Result<(), String> {
        let told = |refusal: crate::client::Refusal| refusal.to_string();
        let keys = stage.client.s3_keys(BUCKET, "", OBJECTS_MAX);
        let reader = Reader::with_format(BUCKET, LONG_FORMAT);
        for key in keys.map_err(told)? {
            if !self.keys.insert(key.clone()) {
                continue;
            }
            let packed = stage.client.s3_object(BUCKET, &key).map_err(told)?;
            let mut text = String::new();
            flate2::read::MultiGzDecoder::new(packed)
                .read_to_string(&mut text)
                .map_err(|e| format!("{key}: {e}"))?;
            let fresh = reader.of_lines(text.lines().skip(1));
            self.faults.extend(fresh.faults);
            for (flow, sum) in fresh.flows {
                let direction = flow.detail.map(|detail| detail.direction);
                let place = (flow.eni, direction.unwrap_or_default(), flow.action);
                let (packets, bytes) = self.sums.entry(place).or_default();
                *packets += sum.packets;
                *bytes += sum.bytes;
            }
        }
        Ok(())
    }
}

impl Tour<'_> {
    pub(super) fn close_the_sums(&mut self) -> Result<(), String> {
        self.stage
            .step("12. The bucket of the flow logs: folders by the hour, and sums that close for every interface");
        let mut logs = NetLogs::default();
        let counted = self.settled(&mut logs)?;
        self.stage.say(&format!(
            "{} objects, {} sums of packets and bytes",
            logs.keys.len(),
            counted.len()
        ));
        let strays: Vec<_> = logs.keys.iter().filter(|key| !is_documented(key)).collect();
        self.stage
            .expect("keys as documented", &strays, &Vec::new());
        self.stage
            .expect("no line is odd", &logs.faults, &Vec::new());
        self.logged = logs;
        Ok(())
    }

    /// Reads the bucket until it holds what the interfaces that nobody probes have counted.
    pub(super) fn settled(&mut self, logs: &mut NetLogs) -> Result<Sums, String> {
        let quiet = self.at.quiet_interfaces();
        let (tries, pause) = LOOKS;
        let (mut counted, mut logged) = (Sums::new(), Sums::new());
        for _ in 0..tries {
            logs.read_more(self.stage)?;
            counted = counters(&self.stage.client.metrics()?, &quiet);
            logged = logs.sums.clone();
            logged.retain(|(eni, ..), _| quiet.contains(&eni.as_str()));
            if counted == logged {
                break;
            }
            std::thread::sleep(pause);
        }
        let what = "packets and bytes of every record are those that were counted";
        self.stage.expect(what, &logged, &counted);
        Ok(counted)
    }
}

/// What interfaces accepted and rejected, of the daemon's metrics.
fn counters(metrics: &str, interfaces: &[&str]) -> Sums {
    let mut sums = Sums::new();
    for line in metrics.lines() {
        let label = |name: &str| line.split_once(&format!("{name}=\""))?.1.split('"').next();
        let (Some(eni), Some(direction), Some(class)) =
            (label("interface"), label("direction"), label("class"))
        else {
            continue;
        };
        let value = line.rsplit(' ').next().and_then(|value| value.parse().ok());
        let Some(value) = value.filter(|value: &u64| *value > 0) else {
            continue;
        };
        if !interfaces.contains(&eni) || !["accept", "reject"].contains(&class) {
            continue;
        }
        let place = (eni.to_owned(), direction.to_owned(), class.to_uppercase());
        let (packets, bytes) = sums.entry(place).or_default();
        match line.split('{').next() {
            Some("openvpc_interface_packets_total") => *packets = value,
            Some("openvpc_interface_bytes_total") => *bytes = value,
            _ => {}
        }
    }
    sums
}

/// `AWSLogs/aws-account-id=…/aws-service=vpcflowlogs/aws-region=…/year=…/month=…/day=…/hour=…/<file>.log.gz`.
fn is_documented(key: &str) -> bool {
    let prefix =
        "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/";
    let Some(rest) = key.strip_prefix(prefix) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('/').collect();
    let [year, month, day, hour, file] = parts[..] else {
        return false;
    };
    let is_part = |part: &str, name: &str, digits: usize| {
        let value = part.strip_prefix(name);
        value.is_some_and(|v| v.len() == digits && v.bytes().all(|b| b.is_ascii_digit()))
    };
    is_part(year, "year=", 4)
        && is_part(month, "month=", 2)
        && is_part(day, "day=", 2)
        && is_part(hour, "hour=", 2)
        && file.starts_with("123456789012_vpcflowlogs_us-east-1_fl-")
        && file.ends_with(".log.gz")
}
