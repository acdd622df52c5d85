//! Reachability Analyzer's answers, out of the engine's explanations: components, headers, and AWS's explanation codes.
//! AWS: Reachability Analyzer guide, "Explanation codes"; EC2 API, `NetworkInsightsAnalysis`.

mod component;
mod explanation;

use openvpc_compile::Changes;
use openvpc_engine::Explanation;
use openvpc_model::{
    AnalysisState, InternetGatewayId, NetworkInsightsPath, PathProtocol, Region, RuleTraffic, World,
};
use serde_json::{Value, json};

use crate::flow::{Flow, SOURCE_PORT, Traffic};
use crate::place::{At, Place, of_address, resolve};
use crate::reason::Stop;
use crate::scene::{Scene, find_interface};
use crate::workshop::Workshop;

/// Ports that are asked about when a path names none.
const PORTS_MAX: usize = 32;
/// The first port that is asked about then.
const FIRST_PORT: u16 = 80;

/// What an analysis of a path finds in a world.
pub fn analyze(
    workshop: &Workshop<'_>,
    world: &World,
    region_name: &str,
    path: &NetworkInsightsPath,
) -> AnalysisState {
    let found = Analyst {
        workshop,
        world,
        region_name,
        path,
    }
    .find();
    match found {
        Ok((path_found, findings)) => AnalysisState::Succeeded {
            path_found,
            findings: findings.to_string(),
        },
        Err(message) => AnalysisState::Failed { message },
    }
}

struct Analyst<'a> {
    workshop: &'a Workshop<'a>,
    world: &'a World,
    region_name: &'a str,
    path: &'a NetworkInsightsPath,
}

impl Analyst<'_> {
    fn find(&self) -> Result<(bool, Value), String> {
        let region = self.world.regions.get(self.region_name);
        let region = region.ok_or_else(|| "the region is empty".to_owned())?;
        if let Some(code) = self.without_ends(region) {
            let explanation = json!({"ExplanationCode": code});
            return Ok((false, json!({"Explanations": [explanation]})));
        }
        let mut first = None;
        let mut compiler = self.workshop.compiler_of(self.world);
        let (hosts, none) = (self.workshop.hosts, Changes::default());
        for port in self.ports(region) {
            let flow = self.flow(port)?;
            let imagined = flow.imagined();
            let scene = Scene::following(self.world, hosts, &imagined, &mut compiler, &none);
            let mut scene = scene.map_err(|error| error.to_string())?;
            let question = flow.question(self.world, &scene.hosts)?;
            let explanation = scene.ask(&question);
            let findings = self.findings(&scene, &flow, &explanation);
            if explanation.is_reachable() {
                return Ok((true, findings));
            }
            first.get_or_insert(findings);
        }
        first
            .map(|findings| (false, findings))
            .ok_or_else(|| "there is no port to ask about".to_owned())
    }

    /// The code of an analysis one of whose ends is gone.
    fn without_ends(&self, region: &Region) -> Option<&'static str> {
        let is_there = |id: &String| {
            let gateway = id.parse::<InternetGatewayId>().ok();
            gateway.map_or_else(
                || resolve(self.world, self.workshop.hosts, id).is_ok(),
                |id| region.internet_gateways.contains_key(&id),
            )
        };
        let mut ends = [Some(&self.path.source), self.path.destination.as_ref()].into_iter();
        let gone = ends.any(|end| end.is_some_and(|id| !is_there(id)));
        gone.then_some("NO_SOURCE_OR_DESTINATION")
    }

    fn findings(&self, scene: &Scene<'_>, flow: &Flow, explanation: &Explanation) -> Value {
        let forward = component::components(scene, self.region_name, &explanation.forward);
        let mut findings = json!({"ForwardPathComponents": forward});
        if let Some(back) = &explanation.back {
            let back = component::components(scene, self.region_name, back);
            findings["ReturnPathComponents"] = json!(back);
        }
        if let Some(stop) = Stop::of(explanation) {
            let explained = explanation::explain(scene, self.region_name, flow, &stop);
            findings["Explanations"] = json!([explained]);
            findings["AlternatePathHints"] = self.hints(scene, flow, explanation);
        }
        findings
    }

    /// Gateways and peering connections of the source's VPC that the path did not take.
    fn hints(&self, scene: &Scene<'_>, flow: &Flow, explanation: &Explanation) -> Value {
        let At::Interface(id, _) = flow.source.at else {
            return json!([]);
        };
        let Some((_, region, eni)) = find_interface(scene.world, id) else {
            return json!([]);
        };
        let taken = component::components(scene, self.region_name, &explanation.forward);
        let taken: Vec<&Value> = taken.iter().map(|c| &c["Component"]["Id"]).collect();
        let gateways = region.internet_gateways.values();
        let gateways = gateways.filter(|gateway| gateway.vpc == Some(eni.vpc));
        let nat = region.nat_gateways.values();
        let nat = nat.filter(|nat| nat.is_live() && nat.vpc == eni.vpc);
        let peerings = region.vpc_peering_connections.values();
        let peerings =
            peerings.filter(|peering| peering.is_active() && peering.far_end(eni.vpc).is_some());
        let candidates = gateways
            .map(|gateway| component::of(self.region_name, gateway))
            .chain(nat.map(|nat| component::of(self.region_name, nat)))
            .chain(peerings.map(|peering| component::of(self.region_name, peering)));
        let hints = candidates.filter(|candidate| !taken.contains(&&candidate["Id"]));
        hints
            .map(|hint| json!({"ComponentId": hint["Id"], "ComponentArn": hint["Arn"]}))
            .collect()
    }

    fn flow(&self, port: u16) -> Result<Flow, String> {
        let path = self.path;
        let traffic = match path.protocol {
            PathProtocol::Tcp => Traffic::Tcp(port),
            PathProtocol::Udp => Traffic::Udp(port),
        };
        let source = self.place(&path.source, path.at_source.source_address)?;
        let told = path.at_source.destination_address;
        let told = told.or(path.at_destination.destination_address);
        let destination = match &path.destination {
            Some(id) => self.place(id, told)?,
            None => {
                let address = told.ok_or_else(|| "the path has no destination".to_owned())?;
                Place {
                    label: address.to_string(),
                    // Whose an address is depends on where it is looked at from.
                    at: match of_address(self.world, self.workshop.hosts, address.into()) {
                        At::Interface(..) => At::Address(address.into()),
                        at => at,
                    },
                }
            }
        };
        let ports = path
            .at_source
            .source_ports
            .or(path.at_destination.source_ports);
        Ok(Flow {
            source,
            destination,
            traffic,
            source_port: ports.map_or(SOURCE_PORT, |(from, to)| SOURCE_PORT.clamp(from, to)),
            ipv6: false,
        })
    }

    /// A gateway stands for the internet, at whichever address the path names.
    fn place(&self, id: &str, address: Option<std::net::Ipv4Addr>) -> Result<Place, String> {
        let address = address.map(std::net::IpAddr::V4);
        if id.starts_with(InternetGatewayId::PREFIX) {
            let at = match address {
                Some(address) => of_address(self.world, self.workshop.hosts, address),
                None => At::Host(0),
            };
            return Ok(Place {
                label: id.to_owned(),
                at,
            });
        }
        let place = resolve(self.world, self.workshop.hosts, id);
        let place = place.map_err(|unresolved| unresolved.to_string())?;
        Ok(match place.at {
            At::Interface(eni, None) => Place {
                at: At::Interface(eni, address),
                ..place
            },
            At::Interface(..) | At::Host(_) | At::Address(_) | At::Imagined(_) => place,
        })
    }

    /// The port of the path; without one, those at which rules of the destination's groups begin.
    fn ports(&self, region: &Region) -> Vec<u16> {
        let filters = [self.path.at_source, self.path.at_destination];
        let told = filters.iter().find_map(|filter| filter.destination_ports);
        let (from, to) = told.unwrap_or((0, u16::MAX));
        if from == to {
            return vec![from];
        }
        let place = self.path.destination.as_ref();
        let place = place.and_then(|id| resolve(self.world, self.workshop.hosts, id).ok());
        let eni = match place.map(|place| place.at) {
            Some(At::Interface(id, _)) => region.network_interfaces.get(&id),
            Some(At::Host(_) | At::Address(_) | At::Imagined(_)) | None => None,
        };
        let groups = eni.map(|eni| eni.security_groups.as_slice()).unwrap_or(&[]);
        let groups = groups
            .iter()
            .filter_map(|id| region.security_groups.get(id));
        let rules = groups.flat_map(|group| &group.rules);
        let ports = rules.filter_map(|rule| match rule.traffic {
            RuleTraffic::Tcp { from, .. } | RuleTraffic::Udp { from, .. } => Some(from),
            RuleTraffic::All
            | RuleTraffic::Icmp { .. }
            | RuleTraffic::Icmpv6 { .. }
            | RuleTraffic::Protocol(_) => None,
        });
        let mut ports: Vec<u16> = [FIRST_PORT]
            .into_iter()
            .chain(ports)
            .map(|port| port.clamp(from, to))
            .take(PORTS_MAX)
            .collect();
        ports.dedup();
        ports
    }
}
