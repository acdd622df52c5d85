//! What tests send.

use openvpc_engine::{Mac, Offload, PortId};

use crate::frames::{FrameSpec, L4, build};
use crate::host::Host;

/// One or more frames from one host, and the way to answer them.
#[derive(Clone, Debug)]
pub struct Shot {
    pub(crate) port: PortId,
    pub(crate) from: Option<Host>,
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) offload: Offload,
    pub(crate) spec: Option<FrameSpec>,
}

/// One echo request over IPv4, or over IPv6 if one of the two has no IPv4 address. Each call is a new process with a new
/// identifier.
pub fn ping(from: &Host, to: &Host) -> Shot {
    ping_family(from, to, from.has_ipv4() && to.has_ipv4())
}

fn ping_family(from: &Host, to: &Host, ipv4: bool) -> Shot {
    let mut world = from.world.borrow_mut();
    world.next_id += 1;
    let [high, low] = world.next_id.to_be_bytes();
    drop(world);
    let mut message = vec![if ipv4 { 8 } else { 128 }, 0, 0, 0, high, low, 0, 1];
    message.extend((0..56).map(|n| n as u8));
    Shot::new(from, to, ipv4, L4::Icmp(message))
}

/// A UDP datagram with 32 bytes, over the family that [`ping`] takes.
pub fn udp(from: &Host, to: &Host, source_port: u16, destination_port: u16) -> Shot {
    let payload = vec![0x55; 32];
    Shot::new(
        from,
        to,
        from.has_ipv4() && to.has_ipv4(),
        L4::Udp {
            ports: (source_port, destination_port),
            payload,
        },
    )
}

/// A bare SYN, from a fixed ephemeral port.
pub fn syn(from: &Host, to: &Host, port: u16) -> Shot {
    let l4 = L4::Tcp {
        ports: (40_000, port),
        sequence: 1_000,
        acknowledgement: 0,
        flags: 2,
        payload: Vec::new(),
    };
    Shot::new(from, to, from.has_ipv4() && to.has_ipv4(), l4)
}

impl Shot {
    /// Any transport between two hosts.
    pub fn new(from: &Host, to: &Host, ipv4: bool, l4: L4) -> Shot {
        let destination = to.address_for(from, ipv4);
        let spec = FrameSpec {
            source_mac: from.mac(),
            destination_mac: from.next_mac(destination),
            source: from.address(ipv4),
            destination,
            ttl: 64,
            l4,
        };
        Shot::of(from, spec)
    }

    fn of(from: &Host, spec: FrameSpec) -> Shot {
        Shot {
            port: from.port(),
            from: Some(from.clone()),
            frames: vec![build(&spec)],
            offload: Offload::default(),
            spec: Some(spec),
        }
    }

    /// A frame as it is.
    pub fn raw(from: &Host, bytes: Vec<u8>) -> Shot {
        Shot {
            port: from.port(),
            from: Some(from.clone()),
            frames: vec![bytes],
            offload: Offload::default(),
            spec: None,
        }
    }

    /// Over IPv6.
    pub fn over_ipv6(self, to: &Host) -> Shot {
        let (from, spec) = (self.from.clone().unwrap(), self.spec.clone().unwrap());
        match spec.l4 {
            L4::Icmp(_) => ping_family(&from, to, false),
            l4 => Shot::new(&from, to, false, l4),
        }
    }

    /// The same again and again.
    pub fn times(mut self, count: usize) -> Shot {
        self.frames = vec![self.frames[0].clone(); count];
        self
    }

    /// With another IP source.
    pub fn from_address(self, source: &str) -> Shot {
        self.change(|spec| spec.source = source.parse().unwrap())
    }

    /// With another IP destination.
    pub fn to_address(self, destination: &str) -> Shot {
        let from = self.from.clone().unwrap();
        self.change(|spec| {
            spec.destination = destination.parse().unwrap();
            spec.destination_mac = from.next_mac(spec.destination);
        })
    }

    /// To another Ethernet address.
    pub fn to_mac(self, mac: Mac) -> Shot {
        self.change(|spec| spec.destination_mac = mac)
    }

    /// From another Ethernet address.
    pub fn from_mac(self, mac: Mac) -> Shot {
        self.change(|spec| spec.source_mac = mac)
    }

    /// With another TTL.
    pub fn ttl(self, ttl: u8) -> Shot {
        self.change(|spec| spec.ttl = ttl)
    }

    /// With the sender's offloads still to be done.
    pub fn offload(mut self, offload: Offload) -> Shot {
        self.offload = offload;
        self
    }

    /// With the bytes of the (first) frame edited.
    pub fn edit(mut self, edit: impl FnOnce(&mut Vec<u8>)) -> Shot {
        edit(&mut self.frames[0]);
        self
    }

    /// The bytes of the first frame.
    pub fn bytes(&self) -> &[u8] {
        &self.frames[0]
    }

    fn change(mut self, change: impl FnOnce(&mut FrameSpec)) -> Shot {
        let spec = self.spec.as_mut().expect("a frame built from words");
        change(spec);
        let count = self.frames.len();
        self.frames = vec![build(spec); count];
        self
    }
}
