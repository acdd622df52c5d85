//! Names of objects (`S3-3` to `S3-5`).

use std::fmt::Write;

use chrono::{DateTime, Datelike, Timelike};
use openvpc_flowlog::{Bucket, FileFormat};
use sha2::{Digest, Sha256};

use crate::Sink;

/// An object holds the records that ended in one stretch of this length (`S3-1`).
pub const PERIOD_SECS: i64 = 300;

/// The period, Unix seconds of its beginning, of a record that ended then.
pub fn period_of(end: i64) -> i64 {
    end.div_euclid(PERIOD_SECS) * PERIOD_SECS
}

/// The key of a period's object. Its eight digits are a hash of flow log, period and part, so that a put that is
/// repeated after a crash overwrites itself (`S3-5`).
pub fn object_key(sink: &Sink, bucket: &Bucket, period: i64, part: u32) -> String {
    let Sink {
        flow_log,
        account,
        region,
        ..
    } = sink;
    let at = DateTime::from_timestamp(period, 0).unwrap_or_default();
    let (year, month, day, hour) = (at.year(), at.month(), at.day(), at.hour());
    let mut key = match bucket.folder.as_str() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    // Writing into a string cannot fail.
    let _ = match bucket.hive_compatible_partitions {
        true => write!(
            key,
            "AWSLogs/aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/year={year:04}/month={month:02}/day={day:02}/"
        ),
        false => write!(
            key,
            "AWSLogs/{account}/vpcflowlogs/{region}/{year:04}/{month:02}/{day:02}/"
        ),
    };
    if bucket.per_hour_partition {
        let name = match bucket.hive_compatible_partitions {
            true => "hour=",
            false => "",
        };
        let _ = write!(key, "{name}{hour:02}/");
    }
    let digest = Sha256::digest(format!("{flow_log}/{period}/{part}"));
    let hash: String = digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let minute = at.minute();
    let extension = match bucket.file_format {
        FileFormat::PlainText => "log.gz",
        FileFormat::Parquet => "log.parquet",
    };
    let _ = write!(
        key,
        "{account}_vpcflowlogs_{region}_{flow_log}_{year:04}{month:02}{day:02}T{hour:02}{minute:02}Z_{hash}.{extension}"
    );
    key
}

#[cfg(test)]
mod tests {
    use openvpc_flowlog::Destination;

    use super::*;

    fn key(folder: &str, change: impl FnOnce(&mut Bucket)) -> String {
        let mut bucket = Bucket {
            name: "logs".to_owned(),
            folder: folder.to_owned(),
            file_format: FileFormat::PlainText,
            hive_compatible_partitions: false,
            per_hour_partition: false,
        };
        change(&mut bucket);
        let sink = Sink {
            flow_log: "fl-1234567890abcdef0".to_owned(),
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            destination: Destination::Bucket(bucket.clone()),
            format: "${version}".to_owned(),
        };
        // 2025-01-02T03:05:00Z.
        object_key(&sink, &bucket, 1_735_787_100, 0)
    }

    const FILE: &str = "123456789012_vpcflowlogs_us-east-1_fl-1234567890abcdef0_20250102T0305Z_";

    #[test]
    fn s3_3_the_plain_layout() {
        let key_of = key("", |_| {});
        let folder = "AWSLogs/123456789012/vpcflowlogs/us-east-1/2025/01/02/";
        let rest = key_of.strip_prefix(&format!("{folder}{FILE}")).unwrap();
        let hash = rest.strip_suffix(".log.gz").unwrap();
        assert_eq!(hash.len(), 8);
        assert!(
            hash.bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        );
        let hourly = key("net", |bucket| bucket.per_hour_partition = true);
        assert!(
            hourly.starts_with(&format!("net/{folder}03/{FILE}")),
            "{hourly}"
        );
    }

    #[test]
    fn s3_4_hive_compatible_prefixes() {
        let folder = "a/b/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2025/month=01/day=02/";
        let key_of = key("a/b", |bucket| bucket.hive_compatible_partitions = true);
        assert!(key_of.starts_with(&format!("{folder}{FILE}")), "{key_of}");
        let hourly = key("a/b", |bucket| {
            bucket.hive_compatible_partitions = true;
            bucket.per_hour_partition = true;
            bucket.file_format = FileFormat::Parquet;
        });
        assert!(
            hourly.starts_with(&format!("{folder}hour=03/{FILE}")),
            "{hourly}"
        );
        assert!(hourly.ends_with(".log.parquet"));
    }

    #[test]
    fn s3_5_records_belong_to_the_five_minutes_in_which_they_ended() {
        assert_eq!(period_of(1_735_787_100), 1_735_787_100);
        assert_eq!(period_of(1_735_787_399), 1_735_787_100);
        assert_eq!(period_of(1_735_787_400), 1_735_787_400);
    }
}
