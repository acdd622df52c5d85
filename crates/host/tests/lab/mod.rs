//! A subnet with two instances and the internet's two hosts, on real interfaces, under the real engine.

pub mod transfer;

use std::collections::BTreeSet;
use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use openvpc_engine::*;
use openvpc_host::{
    Command, DataPath, DataPathHandle, ExecRequest, FastPorts, HostEvent, Hosts, HostsConfig,
    InterfaceSpec, Ipv4, Ipv6, LaunchSpec, Network, PortKind, Status, outside,
};

pub const A: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 10);
pub const B: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 11);
pub const B6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x1234, 0x1a01, 0, 0, 0, 0x11);
const ROUTER: Mac = Mac([0x02, 0, 0, 0, 0, 0xfe]);

pub struct Lab {
    // Dropped in this order: hosts first.
    pub hosts: Hosts,
    pub data_path: DataPathHandle,
    _thread: DataPath,
}

impl Lab {
    pub fn new(kind: PortKind) -> Self {
        Self::start(kind, |event| eprintln!("  {event:?}"))
    }

    /// Without a word of what happens.
    pub fn quiet(kind: PortKind) -> Self {
        Self::start(kind, drop)
    }

    fn start(kind: PortKind, on_event: fn(HostEvent)) -> Self {
        let fast_ports = (kind == PortKind::Fast).then(|| FastPorts::start().unwrap());
        let (thread, data_path) = DataPath::start(Limits::default(), fast_ports.clone()).unwrap();
        data_path
            .install(Arc::new(Snapshot::new(world()).unwrap()))
            .wait()
            .unwrap();
        let config = HostsConfig {
            port_kind: Some(kind),
            fast_ports,
            hidden: vec!["/var/lib".into()],
            certificate_authority: None,
            share_home: false,
            on_event: Box::new(on_event),
        };
        let hosts = Hosts::start(config, data_path.clone()).unwrap();
        Self {
            hosts,
            data_path,
            _thread: thread,
        }
    }

    pub fn launch_instance(&self, name: &str, serial: u32) {
        self.hosts
            .launch(instance(name, serial))
            .wait()
            .unwrap()
            .unwrap();
    }

    pub fn launch_outside(&self) {
        for host in outside::ALL {
            self.hosts
                .launch(host.launch_spec())
                .wait()
                .unwrap()
                .unwrap();
        }
    }

    /// Runs a shell line; answers its status and what it printed.
    pub fn sh(&self, host: &str, line: &str) -> (Status, String) {
        self.exec(host, ExecRequest::new(["sh", "-c", line]))
    }

    pub fn exec(&self, host: &str, request: ExecRequest) -> (Status, String) {
        let (mut output, writer) = std::io::pipe().unwrap();
        let stdin = std::fs::File::open("/dev/null").unwrap();
        let streams = [
            stdin.into(),
            writer.try_clone().unwrap().into(),
            writer.into(),
        ];
        let command = self
            .hosts
            .exec(host, request, Some(streams))
            .wait()
            .unwrap()
            .unwrap();
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        (command.exit.wait().unwrap(), text)
    }

    /// Starts a command and waits for its first output; it ends when what is answered is dropped.
    pub fn background(&self, host: &str, request: ExecRequest) -> Command {
        let (mut output, writer) = std::io::pipe().unwrap();
        let null = || {
            std::fs::File::options()
                .read(true)
                .write(true)
                .open("/dev/null")
                .unwrap()
                .into()
        };
        let command = self
            .hosts
            .exec(host, request, Some([null(), writer.into(), null()]));
        let command = command.wait().unwrap().unwrap();
        output.read_exact(&mut [0]).unwrap();
        command
    }

    /// Runs a shell line again and again until it succeeds, for a bounded time.
    #[track_caller]
    pub fn eventually(&self, host: &str, line: &str) {
        for _ in 0..100 {
            if self.sh(host, line).0 == Status::Exited(0) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let (_, text) = self.sh(host, "exec 2>&1; ip addr; ip rule; ip route show table all");
        panic!("never: {line}\n{text}");
    }

    /// Runs a shell line that must succeed; answers what it printed.
    #[track_caller]
    pub fn ok(&self, host: &str, line: &str) -> String {
        let (status, text) = self.sh(host, line);
        assert_eq!(status, Status::Exited(0), "{line}: {text}");
        text
    }
}

pub fn instance(name: &str, serial: u32) -> LaunchSpec {
    LaunchSpec {
        name: name.to_owned(),
        hostname: format!("ip-10-0-1-{}", 9 + serial),
        interfaces: vec![interface(0, serial)],
        nameservers: vec![],
        reboots: 0,
    }
}

/// `eth<index>`, to the engine's interface `serial`.
pub fn interface(index: u16, serial: u32) -> InterfaceSpec {
    InterfaceSpec {
        index,
        port: PortId::Eni(EniIndex(serial)),
        mac: mac(serial).0,
        mtu: 9001,
        network: Network {
            ipv4: Ipv4::Dhcp,
            secondary_ipv4: vec![],
            ipv6: Ipv6::Dhcp(vec![ipv6(serial)]),
        },
    }
}

fn mac(serial: u32) -> Mac {
    Mac([0x02, 0, 0, 0, 1, serial as u8])
}

fn ipv6(serial: u32) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(B6) - 2 + u128::from(serial))
}

fn world() -> SnapshotParts {
    let mut parts = SnapshotParts {
        generation: 1,
        ..SnapshotParts::default()
    };
    let reference = RuleRef(0);
    let route = |destination: &str, target| Route {
        destination: destination.parse().unwrap(),
        target,
        reference,
    };
    let route_table = parts.route_tables.push(Arc::new(RouteTable::new([
        route("10.0.0.0/16", Target::Local),
        route("2001:db8:1234:1a00::/56", Target::Local),
        route("0.0.0.0/0", Target::InternetGateway),
        route("::/0", Target::InternetGateway),
    ])));
    let entries: Vec<AclEntry> = ["0.0.0.0/0", "::/0"]
        .map(|cidr| AclEntry {
            reference,
            rule_number: 100,
            allow: true,
            traffic: Traffic::All,
            cidr: cidr.parse().unwrap(),
        })
        .into();
    let network_acl = parts.network_acls.push(Arc::new(NetworkAcl {
        inbound: entries.clone(),
        outbound: entries,
    }));
    let rules: Vec<SecurityRule> = [
        Peer::Ipv4("0.0.0.0/0".parse().unwrap()),
        Peer::Ipv6("::/0".parse().unwrap()),
    ]
    .map(|peer| SecurityRule {
        reference,
        traffic: Traffic::All,
        peer,
    })
    .into();
    let group = parts.security_groups.push(Arc::new(SecurityGroup {
        ingress: rules.clone(),
        egress: rules,
    }));
    let vpc = parts.vpcs.push(Arc::new(Vpc {
        ipv4: vec!["10.0.0.0/16".parse().unwrap()],
        ipv6: vec!["2001:db8:1234:1a00::/56".parse().unwrap()],
        internet_gateway: true,
        edge_table: None,
        egress_only_gateway: None,
        dns_support: true,
        dhcp: Arc::new(DhcpOptions {
            domain_name: Some("ec2.internal".into()),
            domain_name_servers: vec![Ipv4Addr::new(10, 0, 0, 2)],
            ..DhcpOptions::default()
        }),
    }));
    let subnet = parts.subnets.push(Arc::new(Subnet {
        vpc,
        ipv4: Some("10.0.1.0/24".parse().unwrap()),
        ipv6: Some("2001:db8:1234:1a01::/64".parse().unwrap()),
        router_mac: ROUTER,
        network_acl,
        route_table,
        lost: false,
    }));
    for serial in 1..=12 {
        let last = 9 + serial as u8;
        let eni = Eni {
            vpc,
            subnet,
            mac: mac(serial),
            ipv4: vec![PrivateIpv4 {
                address: Ipv4Addr::new(10, 0, 1, last),
                public: Some(Ipv4Addr::new(192, 0, 2, last)),
            }],
            ipv6: vec![ipv6(serial)],
            security_groups: vec![group],
            kind: Default::default(),
            source_dest_check: true,
            hostname: format!("ip-10-0-1-{last}"),
            timeouts: ConntrackTimeouts::default(),
        };
        parts.enis.insert(EniIndex(serial), Arc::new(eni));
    }
    parts.outside = outside::engine_hosts();
    parts
}

/// Every process below `of`.
pub fn descendants(of: u32) -> BTreeSet<u32> {
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?
            .1
            .split_ascii_whitespace()
            .nth(1)?
            .parse()
            .ok()
    };
    let all: Vec<u32> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    let mut found = BTreeSet::from([of]);
    loop {
        let more: Vec<u32> = all
            .iter()
            .copied()
            .filter(|pid| {
                !found.contains(pid) && parent(*pid).is_some_and(|parent| found.contains(&parent))
            })
            .collect();
        if more.is_empty() {
            found.remove(&of);
            return found;
        }
        found.extend(more);
    }
}

/// A field of a process's memory account, in KiB.
pub fn memory_kib(pid: u32, field: &str) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
