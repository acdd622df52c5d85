//! Flow logs: which interfaces each one covers, and what records say of them (`FL-1` to `FL-4`).

use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_engine::EniIndex;
use openvpc_flowlog::{Bucket, Destination, FileFormat, Filter, FlowLog, Interface, Plan};
use openvpc_model::{
    FlowLogDestination, NetworkInterface, NetworkInterfaceKind, TrafficType, World,
};

/// Compiles the plan of recording: a pure function, as the snapshot's. `zone_id` tells the id of a
/// zone by region and name. A flow log whose format does not parse, which `control` refuses to
/// make, is left out.
pub fn flow_log_plan(world: &World, zone_id: impl Fn(&str, &str) -> Option<String>) -> Plan {
    let told = interfaces(world, &zone_id).into_iter();
    let mut plan = Plan {
        interfaces: told.map(|(eni, told)| (eni, Arc::new(told))).collect(),
        ..Plan::default()
    };
    for (name, region) in &world.regions {
        for flow_log in region.flow_logs.values() {
            let Ok(format) = flow_log.log_format.parse() else {
                continue;
            };
            let enis = region.network_interfaces.values();
            let covered = enis.filter(|eni| flow_log.covers(eni));
            let mut interfaces: Vec<_> = covered.map(|eni| EniIndex(eni.serial)).collect();
            interfaces.sort();
            plan.flow_logs.push(Arc::new(FlowLog {
                id: flow_log.id.to_string(),
                account: flow_log.owner.to_string(),
                region: name.clone(),
                destination: destination(&flow_log.destination),
                filter: match flow_log.traffic_type {
                    TrafficType::Accept => Filter::Accept,
                    TrafficType::Reject => Filter::Reject,
                    TrafficType::All => Filter::All,
                },
                format,
                interfaces,
            }));
        }
    }
    plan
}

/// What records say of every interface, covered by a flow log or not.
pub fn interfaces(
    world: &World,
    zone_id: impl Fn(&str, &str) -> Option<String>,
) -> HashMap<EniIndex, Interface> {
    let regions = world.regions.iter();
    let enis = regions.flat_map(|(name, region)| {
        let enis = region.network_interfaces.values();
        enis.map(move |eni| (name, eni))
    });
    enis.map(|(name, eni)| (EniIndex(eni.serial), interface(name, eni, &zone_id)))
        .collect()
}

fn destination(destination: &FlowLogDestination) -> Destination {
    match destination {
        FlowLogDestination::CloudWatchLogs { log_group } => {
            Destination::LogGroup(log_group.clone())
        }
        FlowLogDestination::S3(bucket) => {
            let options = bucket.options.unwrap_or_default();
            Destination::Bucket(Bucket {
                name: bucket.name.clone(),
                folder: bucket.folder.clone(),
                file_format: match options.parquet {
                    true => FileFormat::Parquet,
                    false => FileFormat::PlainText,
                },
                hive_compatible_partitions: options.hive_compatible_partitions,
                per_hour_partition: options.per_hour_partition,
            })
        }
    }
}

fn interface(
    region_name: &str,
    eni: &NetworkInterface,
    zone_id: impl Fn(&str, &str) -> Option<String>,
) -> Interface {
    // A service's interface shows no instance, whatever runs behind it.
    let attached = eni
        .attachment
        .as_ref()
        .filter(|_| eni.requester_id.is_none());
    Interface {
        id: eni.id.to_string(),
        account: eni.owner.to_string(),
        vpc: eni.vpc.to_string(),
        subnet: eni.subnet.to_string(),
        instance: attached.map(|attachment| attachment.instance.to_string()),
        region: region_name.to_owned(),
        az_id: zone_id(region_name, &eni.availability_zone),
        interface_type: match eni.kind {
            NetworkInterfaceKind::Interface => None,
            other => Some(other.as_str().to_owned()),
        },
    }
}
