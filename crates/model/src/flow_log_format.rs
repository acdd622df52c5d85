//! Fields of a flow-log record, and formats made of them.
//!
//! Source: AWS VPC user guide, "Flow log records".

/// The fields that `LogFormat` may name, with the record version that brought each. Version 6
/// exists only for transit gateways.
#[rustfmt::skip]
pub const FLOW_LOG_FIELDS: &[(&str, u8)] = &[
    ("version", 2), ("account-id", 2), ("interface-id", 2), ("srcaddr", 2), ("dstaddr", 2),
    ("srcport", 2), ("dstport", 2), ("protocol", 2), ("packets", 2), ("bytes", 2), ("start", 2),
    ("end", 2), ("action", 2), ("log-status", 2),
    ("vpc-id", 3), ("subnet-id", 3), ("instance-id", 3), ("tcp-flags", 3), ("type", 3),
    ("pkt-srcaddr", 3), ("pkt-dstaddr", 3),
    ("region", 4), ("az-id", 4), ("sublocation-type", 4), ("sublocation-id", 4),
    ("pkt-src-aws-service", 5), ("pkt-dst-aws-service", 5), ("flow-direction", 5), ("traffic-path", 5),
    ("ecs-cluster-arn", 7), ("ecs-cluster-name", 7), ("ecs-container-instance-arn", 7),
    ("ecs-container-instance-id", 7), ("ecs-container-id", 7), ("ecs-second-container-id", 7),
    ("ecs-service-name", 7), ("ecs-task-definition-arn", 7), ("ecs-task-arn", 7), ("ecs-task-id", 7),
    ("reject-reason", 8),
    ("resource-id", 9),
    ("encryption-status", 10),
    ("instance-tag", 11), ("instance-tag-2", 11), ("interface-tag", 11), ("interface-tag-2", 11),
    ("asg-tag", 11), ("asg-tag-2", 11), ("interface-type", 11), ("next-hop-interface-id", 11),
    ("next-hop-subnet-id", 11), ("next-hop-az-id", 11), ("next-hop-vpc-id", 11),
    ("next-hop-interface-type", 11),
    // Our own: they belong to no version, so they raise none.
    ("openvpc-security-group-rule", 2), ("openvpc-network-acl", 2), ("openvpc-network-acl-rule", 2),
    ("openvpc-route-table", 2), ("openvpc-route", 2), ("openvpc-gateway", 2),
    ("openvpc-drop-reason", 2), ("openvpc-revision", 2),
];

/// The format of a flow log that names none: the 14 fields of version 2.
pub const DEFAULT_LOG_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// Takes a format apart into field names, in order.
///
/// # Errors
/// A sentence, for an empty format, a token that is no `${field}`, an unknown field, or one that is named twice: few readers
/// of tables take two columns of one name.
pub fn parse_log_format(format: &str) -> Result<Vec<&'static str>, String> {
    let mut fields = Vec::new();
    for token in format.split_ascii_whitespace() {
        let name = token
            .strip_prefix("${")
            .and_then(|t| t.strip_suffix('}'))
            .ok_or("LogFormat must be fields in the form ${field}, separated by spaces.")?;
        let known = FLOW_LOG_FIELDS.iter().find(|(known, _)| *known == name);
        let (known, _) = known.ok_or_else(|| {
            let shown: String = name.chars().take(64).collect();
            format!("LogFormat has an unknown field: {shown}")
        })?;
        if fields.contains(known) {
            return Err(format!("LogFormat names the field {known} twice."));
        }
        fields.push(*known);
    }
    match fields.is_empty() {
        true => Err("LogFormat must name at least one field.".to_owned()),
        false => Ok(fields),
    }
}

/// The number that `version` shows in records of a format: the highest of its fields.
pub fn log_format_version(fields: &[&str]) -> u8 {
    let versions = FLOW_LOG_FIELDS
        .iter()
        .filter(|(name, _)| fields.contains(name))
        .map(|(_, version)| *version);
    versions.max().unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_format_is_the_first_fourteen_fields() {
        let fields = parse_log_format(DEFAULT_LOG_FORMAT).unwrap();
        let first: Vec<_> = FLOW_LOG_FIELDS[..14]
            .iter()
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(fields, first);
        assert_eq!(log_format_version(&fields), 2);
    }

    /// Spec 01 §11, check 7.
    #[test]
    fn the_version_is_the_highest_of_the_fields() {
        let fields = parse_log_format("${version} ${vpc-id} ${flow-direction}").unwrap();
        assert_eq!(log_format_version(&fields), 5);
        let fields = parse_log_format("${version} ${vpc-id} ${reject-reason}").unwrap();
        assert_eq!(log_format_version(&fields), 8);
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for format in [
            "",
            "  ",
            "version",
            "${version",
            "${Version}",
            "${version}${action}",
            "${}",
            "${version} ${action} ${version}",
        ] {
            assert!(parse_log_format(format).is_err(), "{format:?}");
        }
    }
}
