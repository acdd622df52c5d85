//! The region as the laboratory keeps it, both engines, and the way into them.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_engine::{
    AclEntry, ConntrackTimeouts, Count, DhcpOptions, Direction, Engine, Eni, EniIndex, EniKind,
    FlowCell, Frame, GatewayId, Limits, LoadBalancerNode, Mac, NetworkAcl, NetworkAclIndex,
    Offload, OutsideHost, PortId, PrivateIpv4, Route, RouteTable, RouteTableIndex, RuleRef,
    SecurityGroup, SecurityGroupIndex, Snapshot, SnapshotParts, Subnet, SubnetIndex, Target, Time,
    Trace, Verdict, Vpc, VpcIndex,
};

use crate::check;
use crate::fast::SoftPath;
use crate::rules::{RuleText, security_rule};

/// What the laboratory knows of a VPC.
pub(crate) struct VpcState {
    pub ipv4: Ipv4Net,
    pub ipv6: Option<Ipv6Net>,
    pub internet_gateway: bool,
    pub dns_support: bool,
    pub ipv6_preferred_secs: Option<u32>,
    /// Routes of the gateway's own table, if it has one.
    pub edge: Option<Vec<(IpNet, Target)>>,
    pub egress_only_gateway: Option<GatewayId>,
}

/// What it knows of a subnet.
pub(crate) struct SubnetState {
    pub vpc: usize,
    pub ipv4: Ipv4Net,
    pub ipv6: Option<Ipv6Net>,
    pub routes: Vec<(IpNet, Target)>,
    pub inbound: Vec<AclEntry>,
    pub outbound: Vec<AclEntry>,
    /// Its zone is lost.
    pub lost: bool,
}

/// What it knows of an interface.
pub(crate) struct EniState {
    pub subnet: usize,
    pub ipv4: Vec<PrivateIpv4>,
    pub ipv6: Vec<Ipv6Addr>,
    pub rules: Vec<RuleText>,
    pub groups: Vec<String>,
    pub source_dest_check: bool,
    pub kind: EniKind,
    /// What it listens for, if it is the node of a load balancer.
    pub node: Option<LoadBalancerNode>,
}

/// A frame that arrived somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub port: PortId,
    pub bytes: Vec<u8>,
}

pub(crate) struct World {
    pub vpcs: Vec<VpcState>,
    pub subnets: Vec<SubnetState>,
    pub enis: Vec<EniState>,
    pub groups: BTreeMap<String, Vec<RuleText>>,
    pub outside: Vec<Vec<IpAddr>>,
    pub public_services: Vec<IpAddr>,
    pub engine: Engine,
    /// The engine that remembers no verdicts, and tells how it came to them.
    pub plain: Engine,
    /// The engine whose verdicts are replayed by a fast path, and that path.
    pub fast: Engine,
    pub soft: SoftPath,
    pub now: Time,
    pub dirty: bool,
    pub next_id: u16,
    pub gateways: u64,
    pub logged: HashMap<EniIndex, Vec<FlowCell>>,
    /// IP packets and bytes that a capture at each port would show.
    pub captured: HashMap<(PortId, Direction), Count>,
    generation: u64,
}

impl World {
    pub fn new(limits: Limits) -> World {
        let (mut fast, soft) = (Engine::new(limits), SoftPath::default());
        fast.set_fast_path(Box::new(soft.clone()));
        World {
            fast,
            soft,
            vpcs: Vec::new(),
            subnets: Vec::new(),
            enis: Vec::new(),
            groups: BTreeMap::new(),
            outside: Vec::new(),
            public_services: Vec::new(),
            engine: Engine::new(limits),
            plain: Engine::new(limits),
            now: Time::from_secs(1_000),
            dirty: true,
            next_id: 1,
            gateways: 0,
            logged: HashMap::new(),
            captured: HashMap::new(),
            generation: 0,
        }
    }

    pub fn eni_mac(index: usize) -> Mac {
        Mac([2, 0, 0, 1, (index >> 8) as u8, index as u8])
    }

    pub fn router_mac(subnet: usize) -> Mac {
        Mac([2, 0, 0, 2, (subnet >> 8) as u8, subnet as u8])
    }

    pub fn outside_mac(host: usize) -> Mac {
        Mac([2, 0, 0, 3, 0, host as u8])
    }

    pub fn link_mac(host: usize) -> Mac {
        Mac([2, 0, 0, 4, 0, host as u8])
    }

    /// The subnet of an address, made (a /24, a /64) if there is none yet.
    pub fn subnet_for(&mut self, vpc: usize, address: Ipv4Addr) -> usize {
        let known = self
            .subnets
            .iter()
            .position(|subnet| subnet.vpc == vpc && subnet.ipv4.contains(&address));
        known.unwrap_or_else(|| self.add_subnet(vpc, Ipv4Net::new(address, 24).unwrap().trunc()))
    }

    pub fn add_subnet(&mut self, vpc: usize, ipv4: Ipv4Net) -> usize {
        let number = self.subnets.len();
        let ipv6 = self.vpcs[vpc].ipv6.map(|block| {
            let base = u128::from(block.network()) | ((number as u128 + 1) << 64);
            Ipv6Net::new(base.into(), 64).unwrap()
        });
        let mut routes = vec![(IpNet::V4(self.vpcs[vpc].ipv4), Target::Local)];
        routes.extend(
            self.vpcs[vpc]
                .ipv6
                .map(|block| (IpNet::V6(block), Target::Local)),
        );
        if self.vpcs[vpc].internet_gateway {
            routes.push(("0.0.0.0/0".parse().unwrap(), Target::InternetGateway));
            routes.push(("::/0".parse().unwrap(), Target::InternetGateway));
        }
        let open = |text| vec![crate::rules::acl_entry(text, RuleRef(100))];
        let both = |v4, v6| [open(v4), open(v6)].concat();
        self.subnets.push(SubnetState {
            vpc,
            ipv4,
            ipv6,
            routes,
            inbound: both("100 allow all from 0.0.0.0/0", "101 allow all from ::/0"),
            outbound: both("100 allow all to 0.0.0.0/0", "101 allow all to ::/0"),
            lost: false,
        });
        self.dirty = true;
        number
    }

    /// Compiles and installs what changed since the last frame.
    /// Installs what was changed.
    pub fn settle(&mut self) {
        if !self.dirty {
            return;
        }
        self.generation += 1;
        let snapshot = Arc::new(Snapshot::new(self.parts()).expect("the laboratory fits together"));
        for engine in [&mut self.engine, &mut self.plain, &mut self.fast] {
            engine.install(snapshot.clone());
        }
        self.dirty = false;
    }

    /// The region as the engine wants it.
    fn parts(&self) -> SnapshotParts {
        let mut parts = SnapshotParts {
            generation: self.generation,
            public_services: self.public_services.clone(),
            ..SnapshotParts::default()
        };
        for vpc in &self.vpcs {
            let edge_table = vpc.edge.as_ref().map(|routes| {
                let table = RouteTable::new(routes.iter().map(|(destination, target)| Route {
                    destination: *destination,
                    target: *target,
                    reference: RuleRef(900),
                }));
                parts.route_tables.push(Arc::new(table))
            });
            let dhcp = DhcpOptions {
                domain_name: Some("ec2.internal".to_owned()),
                domain_name_servers: vec![Ipv4Addr::from(u32::from(vpc.ipv4.network()) + 2)],
                ipv6_name_servers: vec!["fd00:ec2::253".parse().unwrap()],
                ipv6_ntp_servers: vec!["fd00:ec2::123".parse().unwrap()],
                ipv6_preferred_secs: vpc.ipv6_preferred_secs,
                ..DhcpOptions::default()
            };
            let vpc = Vpc {
                ipv4: vec![vpc.ipv4],
                ipv6: vpc.ipv6.into_iter().collect(),
                internet_gateway: vpc.internet_gateway,
                edge_table,
                egress_only_gateway: vpc.egress_only_gateway,
                dns_support: vpc.dns_support,
                dhcp: Arc::new(dhcp),
            };
            let _: VpcIndex = parts.vpcs.push(Arc::new(vpc));
        }
        for (number, subnet) in self.subnets.iter().enumerate() {
            let (inbound, outbound) = (subnet.inbound.clone(), subnet.outbound.clone());
            let network_acl: NetworkAclIndex = parts
                .network_acls
                .push(Arc::new(NetworkAcl { inbound, outbound }));
            let routes = subnet
                .routes
                .iter()
                .enumerate()
                .map(|(place, (destination, target))| Route {
                    destination: *destination,
                    target: *target,
                    reference: RuleRef(1_000 + place as u32),
                });
            let route_table: RouteTableIndex =
                parts.route_tables.push(Arc::new(RouteTable::new(routes)));
            let _: SubnetIndex = parts.subnets.push(Arc::new(Subnet {
                vpc: VpcIndex(subnet.vpc as u32),
                ipv4: Some(subnet.ipv4),
                ipv6: subnet.ipv6,
                router_mac: World::router_mac(number),
                network_acl,
                route_table,
                lost: subnet.lost,
            }));
        }
        let names: Vec<&String> = self.groups.keys().collect();
        let named = |name: &str| {
            let place = names
                .iter()
                .position(|known| *known == name)
                .expect("a group of this name");
            SecurityGroupIndex(place as u32)
        };
        let group = |rules: &[RuleText]| {
            let mut group = SecurityGroup::default();
            for (place, rule) in rules.iter().enumerate() {
                let side = if rule.ingress {
                    &mut group.ingress
                } else {
                    &mut group.egress
                };
                side.push(security_rule(&rule.text, RuleRef(place as u32), named));
            }
            Arc::new(group)
        };
        for rules in self.groups.values() {
            let _: SecurityGroupIndex = parts.security_groups.push(group(rules));
        }
        for (number, eni) in self.enis.iter().enumerate() {
            // A load balancer may have no group at all.
            let ungrouped = eni.node.is_some() && eni.rules.is_empty();
            let own = (!ungrouped).then(|| parts.security_groups.push(group(&eni.rules)));
            let groups = eni.groups.iter().map(|name| named(name)).chain(own);
            let state = Eni {
                vpc: VpcIndex(self.subnets[eni.subnet].vpc as u32),
                subnet: SubnetIndex(eni.subnet as u32),
                mac: World::eni_mac(number),
                ipv4: eni.ipv4.clone(),
                ipv6: eni.ipv6.clone(),
                security_groups: groups.collect(),
                source_dest_check: eni.source_dest_check,
                kind: eni.kind,
                hostname: format!("host-{number}"),
                timeouts: ConntrackTimeouts::default(),
            };
            let index = EniIndex(number as u32);
            if let Some(node) = &eni.node {
                parts.load_balancers.insert(index, Arc::new(node.clone()));
            }
            parts.enis.insert(index, Arc::new(state));
        }
        for (number, addresses) in self.outside.iter().enumerate() {
            parts.outside.push(Arc::new(OutsideHost {
                mac: World::outside_mac(number),
                addresses: addresses.clone(),
                router_mac: World::link_mac(number),
                router_ipv4: Ipv4Addr::new(192, 0, 0, 1),
                router_ipv6: "2001:db8:ffff::1".parse().unwrap(),
            }));
        }
        parts
    }

    /// Sends one frame through both engines, which must agree; returns the verdict, its story, and what arrived where.
    pub fn transmit(
        &mut self,
        port: PortId,
        bytes: &[u8],
        offload: Offload,
    ) -> (Verdict, Trace, Vec<Arrived>) {
        self.settle();
        self.now = Time(self.now.0 + 1_000_000);
        self.capture(port, Direction::Egress, bytes);
        let (mut first, mut second) = (bytes.to_vec(), bytes.to_vec());
        let mut trace = Trace::default();
        let mut frame = Frame::with_offload(&mut first, offload);
        let mut again = Frame::with_offload(&mut second, offload);
        let verdict = self.engine.process(port, &mut frame, self.now);
        let plain = self
            .plain
            .process_traced(port, &mut again, self.now, &mut trace);
        assert_eq!(verdict, plain, "a remembered verdict differs: {trace:?}");
        assert_eq!(frame.bytes, again.bytes, "a remembered rewrite differs");
        let mut third = bytes.to_vec();
        let mut thrice = Frame::with_offload(&mut third, offload);
        let replayed = match self.soft.run(port, &mut thrice, self.now) {
            Some(port) => Verdict::Forward { port },
            None => self.fast.process(port, &mut thrice, self.now),
        };
        assert_eq!(replayed, plain, "a replayed verdict differs: {trace:?}");
        assert_eq!(thrice.bytes, again.bytes, "a replayed rewrite differs");
        let out = match verdict {
            Verdict::Forward { port } => {
                check::verify(frame.bytes, &frame.offload, Some(bytes));
                vec![Arrived {
                    port,
                    bytes: frame.bytes.to_vec(),
                }]
            }
            Verdict::Translated { port } => {
                let (bytes_out, offload) = self.engine.translated();
                assert_eq!((bytes_out, offload), self.plain.translated());
                assert_eq!((bytes_out, offload), self.fast.translated());
                check::verify(bytes_out, &offload, Some(bytes));
                vec![Arrived {
                    port,
                    bytes: bytes_out.to_vec(),
                }]
            }
            Verdict::Reply => {
                assert_eq!(self.engine.reply(), self.plain.reply());
                assert_eq!(self.fast.reply(), self.plain.reply());
                check::verify(self.engine.reply(), &Offload::default(), None);
                vec![Arrived {
                    port,
                    bytes: self.engine.reply().to_vec(),
                }]
            }
            Verdict::Replaced { .. } | Verdict::Drop(_) => Vec::new(),
        };
        let mut out = out;
        out.extend(self.extras());
        for arrived in &out {
            if !(offload.gso != openvpc_engine::GsoKind::None
                && verdict.port() == Some(arrived.port))
            {
                self.capture(arrived.port, Direction::Ingress, &arrived.bytes);
            }
        }
        (verdict, trace, out)
    }

    /// What both engines sent beside the frame they were asked about.
    fn extras(&mut self) -> Vec<Arrived> {
        let mut out = Vec::new();
        while let Some((port, bytes)) = self.engine.next_extra() {
            assert_eq!(self.plain.next_extra(), Some((port, bytes.clone())));
            assert_eq!(self.fast.next_extra(), Some((port, bytes.clone())));
            check::verify(&bytes, &Offload::default(), None);
            out.push(Arrived { port, bytes });
        }
        out
    }

    /// Lets time pass; what was sent meanwhile.
    pub fn wait_secs(&mut self, seconds: u64) -> Vec<Arrived> {
        self.now = self.now.plus_secs(seconds);
        self.engine.handle_timeout(self.now);
        self.plain.handle_timeout(self.now);
        self.fast.handle_timeout(self.now);
        let out = self.extras();
        for arrived in &out {
            self.capture(arrived.port, Direction::Ingress, &arrived.bytes);
        }
        out
    }

    fn capture(&mut self, port: PortId, direction: Direction, bytes: &[u8]) {
        let count = self.captured.entry((port, direction)).or_default();
        let ip = bytes.len() >= 14 && matches!(bytes[12..14], [0x08, 0x00] | [0x86, 0xdd]);
        count.packets += 1;
        count.bytes += if ip { bytes.len() as u64 - 14 } else { 0 };
    }

    /// Closes the window of every flow cell, in both engines, which must have the same.
    pub fn sweep(&mut self) {
        let mut cells = Vec::new();
        let mut again = Vec::new();
        self.engine
            .sweep_flows(self.now, |cell| cells.push(cell.clone()));
        self.plain
            .sweep_flows(self.now, |cell| again.push(cell.clone()));
        let mut thrice = Vec::new();
        self.fast
            .sweep_flows(self.now, |cell| thrice.push(cell.clone()));
        assert_eq!(cells, again, "flow cells depend on remembered verdicts");
        assert_eq!(thrice, again, "flow cells depend on the fast path");
        for cell in cells {
            self.logged.entry(cell.eni).or_default().push(cell);
        }
    }
}
