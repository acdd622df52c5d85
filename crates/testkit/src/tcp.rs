//! A TCP conversation, segment by segment.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use crate::frames::L4;
use crate::host::Host;
use crate::outcome::Outcome;
use crate::packets::Shot;
use crate::world::World;

/// Both ends of one connection.
pub struct Call {
    world: Rc<RefCell<World>>,
    client: Host,
    server: Host,
    ports: (u16, u16),
    /// Whom the client calls, and at which port, where it is not the server itself.
    called: Option<(Host, u16)>,
    /// What the server knows the client as: what it saw last, once it saw something.
    client_as: (IpAddr, u16),
    ipv4: bool,
    /// Where the client calls and where the server is, if they are not the server's own address.
    through: Option<(IpAddr, IpAddr)>,
    sent: [u32; 2],
    /// Bytes before the client's own that the server still waits for.
    unheard: u32,
}

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

impl Call {
    pub(crate) fn new(world: Rc<RefCell<World>>, client: &Host, server: &Host, port: u16) -> Call {
        let mut lab = world.borrow_mut();
        lab.next_id += 1;
        let ephemeral = 32_768 + lab.next_id;
        drop(lab);
        let ipv4 = client.has_ipv4() && server.has_ipv4();
        Call {
            world,
            client_as: (client.address_for(server, ipv4), ephemeral),
            client: client.clone(),
            server: server.clone(),
            ports: (ephemeral, port),
            called: None,
            ipv4,
            through: None,
            sent: [1_000_000, 2_000_000],
            unheard: 0,
        }
    }

    /// The client calls somebody who stands before the server.
    pub fn calling(mut self, front: &Host, port: u16) -> Call {
        self.called = Some((front.clone(), port));
        self
    }

    /// From this port of the client.
    pub fn from_port(mut self, port: u16) -> Call {
        (self.ports.0, self.client_as.1) = (port, port);
        self
    }

    /// Over IPv6.
    pub fn over_ipv6(mut self) -> Call {
        self.ipv4 = false;
        self.client_as.0 = self.client.address(false);
        self
    }

    /// By an endpoint, to a service that listens at an address of the public zone.
    pub fn through(mut self, endpoint: &Host, service: &str) -> Call {
        self.through = Some((endpoint.address(self.ipv4), service.parse().unwrap()));
        self
    }

    /// With a service of the public zone, by its address.
    pub fn to_service(mut self, address: &str) -> Call {
        let address = address.parse().unwrap();
        self.through = Some((address, address));
        self
    }

    /// SYN, SYN-ACK, ACK; all must arrive.
    #[track_caller]
    pub fn handshake(&mut self) {
        let (client, server) = (self.client.clone(), self.server.clone());
        self.syn().reaches(&server);
        self.syn_ack().reaches(&client);
        self.client(ACK, 0).reaches(&server);
    }

    /// FIN both ways and the last ACK; all must arrive.
    #[track_caller]
    pub fn close(&mut self) {
        let (client, server) = (self.client.clone(), self.server.clone());
        self.client(FIN | ACK, 0).reaches(&server);
        self.server(FIN | ACK, 0).reaches(&client);
        self.client(ACK, 0).reaches(&server);
    }

    /// The client's SYN.
    pub fn syn(&mut self) -> Outcome {
        self.client(SYN, 0)
    }

    /// The server's SYN-ACK.
    pub fn syn_ack(&mut self) -> Outcome {
        self.server(SYN | ACK, 0)
    }

    /// The client's reset.
    pub fn client_reset(&mut self) -> Outcome {
        self.client(RST, 0)
    }

    /// The server's reset, in answer to a SYN.
    pub fn server_refuses(&mut self) -> Outcome {
        self.server(RST | ACK, 0)
    }

    /// A segment of the client.
    pub fn client(&mut self, flags: u8, payload: usize) -> Outcome {
        let (called, port) = match &self.called {
            Some((front, port)) => (front, *port),
            None => (&self.server, self.ports.1),
        };
        let to = match self.through {
            Some((endpoint, _)) => endpoint,
            None => called.address_for(&self.client, self.ipv4),
        };
        let from = self.client.address(self.ipv4);
        let ports = (self.ports.0, port);
        let sent = self.segment(0, (from, to), ports, flags, payload);
        if sent.verdict().port() == Some(self.server.port()) {
            self.client_as = (sent.packet().source, sent.segment().source_port);
        }
        sent
    }

    /// A segment of the server.
    pub fn server(&mut self, flags: u8, payload: usize) -> Outcome {
        let from = match self.through {
            Some((_, service)) => service,
            None => self.server.address(self.ipv4),
        };
        let (to, port) = self.client_as;
        let ports = (self.ports.1, port);
        self.segment(1, (from, to), ports, flags, payload)
    }

    /// Sequence numbers that client and server will use next.
    pub fn next_sequences(&self) -> [u32; 2] {
        self.sent
    }

    /// From now on the server acknowledges so many bytes less than the client has said.
    pub fn server_misses(&mut self, bytes: u32) {
        self.unheard = bytes;
    }

    /// The client is to say its last so many bytes again.
    pub fn rewind_client(&mut self, bytes: u32) {
        self.sent[0] = self.sent[0].wrapping_sub(bytes);
    }

    /// The client's port.
    pub fn client_port(&self) -> u16 {
        self.ports.0
    }

    fn segment(
        &mut self,
        side: usize,
        ends: (IpAddr, IpAddr),
        ports: (u16, u16),
        flags: u8,
        payload: usize,
    ) -> Outcome {
        let host = if side == 0 {
            &self.client
        } else {
            &self.server
        };
        let acknowledgement = if flags & ACK != 0 {
            self.sent[1 - side].wrapping_sub(self.unheard * side as u32)
        } else {
            0
        };
        let l4 = L4::Tcp {
            ports,
            sequence: self.sent[side],
            acknowledgement,
            flags,
            payload: vec![0x2a; payload],
        };
        let other = match (&self.called, side) {
            (Some((front, _)), 0) => front,
            (None, 0) => &self.server,
            _ => &self.client,
        };
        let shot = Shot::new(host, other, self.ipv4, l4);
        let shot = shot
            .from_address(&ends.0.to_string())
            .to_address(&ends.1.to_string());
        let length = payload as u32 + u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        self.sent[side] = self.sent[side].wrapping_add(length);
        Outcome::of(self.world.clone(), shot)
    }
}
