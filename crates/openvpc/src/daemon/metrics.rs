//! What Prometheus scrapes at `/_openvpc/metrics`: counters that only grow, and what is there now.
//!
//! Source: Prometheus documentation, "Exposition formats", text format 0.0.4. The names are in `docs/flows.md`.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::{Arc, Mutex, PoisonError};

use openvpc_compile::interfaces;
use openvpc_dataplane::{Counters, DataPlane};
use openvpc_engine::{Count, DirectionCounters, EniIndex, NatGatewayCounters, UnloggedClass};
use openvpc_host::Stopped;
use tokio::sync::watch;

use super::control_plane::ControlPlane;
use super::live_flows::LiveFlows;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Services that callers may name; what else they name is `other`, so that no caller makes series.
const SERVICES: [&str; 7] = ["ec2", "iam", "sts", "logs", "s3", "dynamodb", "other"];

/// Where the numbers come from.
pub struct Metrics {
    pub control_plane: Arc<ControlPlane>,
    pub data_plane: DataPlane,
    pub applied: watch::Receiver<u64>,
    pub live_flows: Arc<LiveFlows>,
    pub calls: Calls,
}

/// API calls answered, by service and status.
#[derive(Default)]
pub struct Calls(Mutex<BTreeMap<(&'static str, u16), u64>>);

impl Calls {
    /// Counts an answer.
    pub fn count(&self, service: &str, status: u16) {
        let known = SERVICES.into_iter().find(|known| *known == service);
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry((known.unwrap_or("other"), status)).or_default() += 1;
    }
}

impl Metrics {
    /// All of them, as text.
    ///
    /// # Errors
    /// When the data path has ended.
    pub async fn text(&self) -> Result<String, Stopped> {
        let reading = self.data_plane.counters().await?;
        let mut page = Page::default();
        self.traffic(&mut page, &reading);
        self.nat_gateways(&mut page, &reading);
        self.control(&mut page);
        Ok(page.0)
    }

    fn traffic(&self, page: &mut Page, reading: &Counters) {
        let drops = reading.drops.iter();
        page.family(
            "openvpc_dropped_frames_total",
            "counter",
            "Frames that went nowhere, by reason.",
            drops.map(|(reason, frames)| {
                let stage = format!("{:?}", reason.stage());
                (
                    vec![("reason", reason.name().to_owned()), ("stage", stage)],
                    *frames,
                )
            }),
        );
        let lost = [
            ("queue_full", reading.losses.queue_full),
            ("refused", reading.losses.refused),
            ("no_port", reading.losses.no_port),
            ("garbage", reading.losses.garbage),
            ("over_allowance", reading.losses.over_allowance),
        ];
        page.family(
            "openvpc_lost_frames_total",
            "counter",
            "Frames that the data path lost beside the engine's reasons.",
            lost.map(|(cause, frames)| (vec![("cause", cause.to_owned())], frames)),
        );
        let fast = reading.fast;
        page.family(
            "openvpc_fast_path_flows",
            "gauge",
            "Directions of flows that the kernel forwards now.",
            [(Vec::new(), fast.entries)],
        );
        let handed = [("taken", fast.installed), ("refused", fast.refused)];
        page.family(
            "openvpc_fast_path_offers_total",
            "counter",
            "Directions of flows that were offered to the kernel; it refuses what it has no room for.",
            handed.map(|(outcome, flows)| (vec![("outcome", outcome.to_owned())], flows)),
        );
        page.family(
            "openvpc_fast_path_packets_total",
            "counter",
            "Packets that the kernel forwarded, without asking the engine.",
            [(Vec::new(), fast.packets)],
        );
        page.family(
            "openvpc_fast_path_admissions",
            "gauge",
            "Destinations to which the kernel lets flows begin without asking the engine.",
            [(Vec::new(), fast.admissions)],
        );
        page.family(
            "openvpc_fast_path_admitted_total",
            "counter",
            "Connections that began so, and datagrams that passed so; the engine was told of each.",
            [(Vec::new(), fast.admitted)],
        );
        page.family(
            "openvpc_fast_path_disagreed_total",
            "counter",
            "Packets that the engine was told of and would not have forwarded in the same way: not 0 is a fault.",
            [(Vec::new(), fast.disagreed)],
        );
        let names = {
            let world = self.control_plane.world();
            interfaces(&world, |_, _| None)
        };
        let named = |(eni, sides): &(EniIndex, [DirectionCounters; 2])| {
            let interface = names.get(eni)?;
            Some((interface.id.clone(), interface.vpc.clone(), *sides))
        };
        let interfaces: Vec<_> = reading.interfaces.iter().filter_map(named).collect();
        type Measure = fn(Count) -> u64;
        type Classes = fn(&DirectionCounters) -> Vec<(String, Count)>;
        let families: [(&str, &str, Measure, Classes); 4] = [
            (
                "openvpc_interface_bytes_total",
                "IP bytes at an interface: all, accepted, rejected, shown by no flow log, or without a flow cell (a part of accepted and rejected).",
                |count| count.bytes,
                |side| classes(side).collect(),
            ),
            (
                "openvpc_interface_packets_total",
                "Packets at an interface, as its bytes.",
                |count| count.packets,
                |side| classes(side).collect(),
            ),
            (
                "openvpc_interface_unlogged_bytes_total",
                "IP bytes at an interface that no flow log shows, by why.",
                |count| count.bytes,
                |side| unlogged(side).collect(),
            ),
            (
                "openvpc_interface_unlogged_packets_total",
                "Packets at an interface that no flow log shows, by why.",
                |count| count.packets,
                |side| unlogged(side).collect(),
            ),
        ];
        for (name, help, measure, classes) in families {
            let of_interface =
                |(interface, vpc, sides): &(String, String, [DirectionCounters; 2])| {
                    let (interface, vpc) = (interface.clone(), vpc.clone());
                    let sides = [("ingress", sides[0]), ("egress", sides[1])];
                    sides.into_iter().flat_map(move |(direction, side)| {
                        let (interface, vpc) = (interface.clone(), vpc.clone());
                        classes(&side).into_iter().map(move |(class, count)| {
                            let labels = vec![
                                ("interface", interface.clone()),
                                ("vpc", vpc.clone()),
                                ("direction", direction.to_owned()),
                                ("class", class),
                            ];
                            (labels, measure(count))
                        })
                    })
                };
            page.family(
                name,
                "counter",
                help,
                interfaces.iter().flat_map(of_interface),
            );
        }
        page.gauge(
            "openvpc_tracked_flows",
            "Flows that connection tracking knows.",
            reading.tracked,
        );
        page.gauge(
            "openvpc_flow_cells",
            "Flows that are counted for flow logs.",
            reading.cells,
        );
    }

    /// Under the names that CloudWatch gives to a NAT gateway's metrics.
    fn nat_gateways(&self, page: &mut Page, reading: &Counters) {
        let names: BTreeMap<EniIndex, [String; 2]> = {
            let world = self.control_plane.world();
            let regions = world.regions.values();
            let named = regions.flat_map(|region| {
                region.nat_gateways.values().filter_map(|gateway| {
                    let eni = region.network_interfaces.get(&gateway.network_interface?)?;
                    let names = [gateway.id.to_string(), gateway.vpc.to_string()];
                    Some((EniIndex(eni.serial), names))
                })
            });
            named.collect()
        };
        let of_each = |measure: fn(&NatGatewayCounters) -> u64| {
            let counted = reading.nat_gateways.iter();
            counted.map(move |(eni, counted)| (*eni, measure(counted)))
        };
        let labelled = |(eni, value): (EniIndex, u64)| {
            let [gateway, vpc] = names.get(&eni)?.clone();
            Some((vec![("nat_gateway", gateway), ("vpc", vpc)], value))
        };
        page.family(
            "openvpc_nat_gateway_active_connections",
            "gauge",
            "Flows that a NAT gateway translates now (ActiveConnectionCount).",
            of_each(|counted| u64::from(counted.active)).filter_map(labelled),
        );
        page.family(
            "openvpc_nat_gateway_error_port_allocation_total",
            "counter",
            "Packets that a NAT gateway had no port for (ErrorPortAllocation).",
            of_each(|counted| counted.error_port_allocation).filter_map(labelled),
        );
    }

    fn control(&self, page: &mut Page) {
        let (revision, instances) = {
            let world = self.control_plane.world();
            let regions = world.regions.values();
            let instances = regions.flat_map(|region| region.instances.values());
            let wanted = instances.filter(|instance| instance.state.wants_sandbox());
            (world.revision, wanted.count() as u64)
        };
        page.gauge(
            "openvpc_revision",
            "The newest revision of the configuration.",
            revision,
        );
        page.gauge(
            "openvpc_applied_revision",
            "The revision that the data path enforces.",
            *self.applied.borrow(),
        );
        page.gauge(
            "openvpc_instances",
            "Instances that run or are about to.",
            instances,
        );
        let (kept, passed) = (self.live_flows.len() as u64, self.live_flows.end());
        page.family(
            "openvpc_flow_records_total",
            "counter",
            "Flow records that the live view has seen.",
            [(Vec::new(), passed)],
        );
        page.gauge(
            "openvpc_flow_records_kept",
            "Flow records in memory for openvpc flows.",
            kept,
        );
        let calls = self.calls.0.lock().unwrap_or_else(PoisonError::into_inner);
        page.family(
            "openvpc_api_calls_total",
            "counter",
            "API calls answered, by service and HTTP status.",
            calls.iter().map(|((service, status), number)| {
                let labels = vec![
                    ("service", (*service).to_owned()),
                    ("status", status.to_string()),
                ];
                (labels, *number)
            }),
        );
    }
}

/// What no flow log shows of a direction's traffic, by the names of the engine's classes; those that there were.
fn unlogged(side: &DirectionCounters) -> impl Iterator<Item = (String, Count)> + use<> {
    let classes = UnloggedClass::ALL.map(|class| (format!("{class:?}"), side.unlogged(class)));
    let were = |(_, count): &(String, Count)| count.packets > 0;
    classes.into_iter().filter(were)
}

/// All of a direction's traffic, and what it is made of.
fn classes(side: &DirectionCounters) -> impl Iterator<Item = (String, Count)> + use<> {
    let mut unlogged = Count::default();
    side.unlogged.iter().for_each(|count| unlogged.add(*count));
    [
        ("wire", side.wire),
        ("accept", side.accept),
        ("reject", side.reject),
        ("unlogged", unlogged),
        ("overflow", side.overflow),
    ]
    .map(|(class, count)| (class.to_owned(), count))
    .into_iter()
}

type Labels = Vec<(&'static str, String)>;

/// The text under way.
#[derive(Default)]
struct Page(String);

impl Page {
    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help, [(Vec::new(), value)]);
    }

    fn family<V: Display>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, V)>,
    ) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let labels: Vec<String> = labels
                .iter()
                .map(|(label, value)| format!("{label}=\"{}\"", escape(value)))
                .collect();
            let _ = match labels.is_empty() {
                true => writeln!(self.0, "{name} {value}"),
                false => writeln!(self.0, "{name}{{{}}} {value}", labels.join(",")),
            };
        }
    }
}

fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_reads_as_the_format_has_it() {
        let mut page = Page::default();
        let labels = vec![
            ("service", "e\"c\\2".to_owned()),
            ("status", "200".to_owned()),
        ];
        page.family("calls_total", "counter", "Calls.", [(labels, 3)]);
        page.gauge("revision", "Revision.", 7);
        let text = "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total{service=\"e\\\"c\\\\2\",status=\"200\"} 3\n# HELP revision Revision.\n# TYPE revision gauge\nrevision 7\n";
        assert_eq!(page.0, text);
    }

    #[test]
    fn callers_make_no_series_of_their_own() {
        let calls = Calls::default();
        for service in ["ec2", "ec2", "evil-1", "evil-2"] {
            calls.count(service, 200);
        }
        let calls = calls.0.lock().unwrap();
        let seen: Vec<_> = calls
            .iter()
            .map(|((service, _), n)| (*service, *n))
            .collect();
        assert_eq!(seen, [("ec2", 2), ("other", 2)]);
    }
}
