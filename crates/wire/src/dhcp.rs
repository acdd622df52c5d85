//! DHCP for IPv4 (RFC 2131, RFC 2132): the client's questions and the server's answers. The codec is smoltcp's.

use std::net::Ipv4Addr;

use smoltcp::wire::{DhcpMessageType, DhcpOption, DhcpPacket, DhcpRepr, EthernetAddress};

use crate::Mac;
use crate::ip::{self, Envelope};
use crate::packet::Packet;

/// The server's UDP port.
pub const SERVER_PORT: u16 = 67;
/// The client's UDP port.
pub const CLIENT_PORT: u16 = 68;

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An offer.
    Discover,
    /// This address; `None` when it names none at all.
    Request(Option<Ipv4Addr>),
    /// Options only.
    Inform,
}

/// A client's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it wants.
    pub wish: Wish,
    /// The server it chose, if it chose one.
    pub server: Option<Ipv4Addr>,
    /// Transaction.
    pub transaction: u32,
    /// Its hardware address.
    pub client: Mac,
    /// The address it already uses, or unspecified.
    pub client_ip: Ipv4Addr,
    /// It cannot receive unicast yet.
    pub broadcast: bool,
}

impl Question {
    /// Reads a client's message; `None` for anything a server does not answer.
    pub fn parse(frame: &[u8], packet: &Packet) -> Option<Question> {
        let payload = frame.get(packet.l4 + 8..packet.end)?;
        let message = DhcpPacket::new_checked(payload).ok()?;
        let repr = DhcpRepr::parse(&message).ok()?;
        if !repr.relay_agent_ip.is_unspecified() {
            return None;
        }
        let wish = match repr.message_type {
            DhcpMessageType::Discover => Wish::Discover,
            DhcpMessageType::Request => {
                let named = (!repr.client_ip.is_unspecified()).then_some(repr.client_ip);
                Wish::Request(repr.requested_ip.or(named))
            }
            DhcpMessageType::Inform => Wish::Inform,
            _ => return None,
        };
        Some(Question {
            wish,
            server: repr.server_identifier,
            transaction: repr.transaction_id,
            client: Mac(repr.client_hardware_address.0),
            client_ip: repr.client_ip,
            broadcast: repr.broadcast,
        })
    }
}

/// A server's answer.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// OFFER or ACK with this configuration.
    Configure(&'a Lease<'a>),
    /// NAK: the address is not for this client.
    Refuse,
}

/// The configuration of one interface.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// Its address.
    pub address: Ipv4Addr,
    /// Its subnet's mask.
    pub mask: Ipv4Addr,
    /// Default gateway, which is also the server.
    pub router: Ipv4Addr,
    /// Seconds.
    pub duration_secs: u32,
    /// Option 26.
    pub mtu: u16,
    /// Options 6, 12, 15, 42 … as (code, value), values of at most 255 bytes.
    pub options: &'a [(u8, &'a [u8])],
}

/// Emits the answer to `question` from `server` (address and Ethernet address); an answer whose options do not fit is
/// not sent.
pub fn emit(
    out: &mut Vec<u8>,
    question: &Question,
    answer: Answer<'_>,
    server: Ipv4Addr,
    server_mac: Mac,
) -> bool {
    let message_type = match (answer, question.wish) {
        (Answer::Refuse, _) => DhcpMessageType::Nak,
        (Answer::Configure(_), Wish::Discover) => DhcpMessageType::Offer,
        (Answer::Configure(_), Wish::Request(_) | Wish::Inform) => DhcpMessageType::Ack,
    };
    let mut repr = DhcpRepr {
        message_type,
        transaction_id: question.transaction,
        secs: 0,
        client_hardware_address: EthernetAddress(question.client.0),
        client_ip: question.client_ip,
        your_ip: Ipv4Addr::UNSPECIFIED,
        server_ip: Ipv4Addr::UNSPECIFIED,
        router: None,
        subnet_mask: None,
        relay_agent_ip: Ipv4Addr::UNSPECIFIED,
        broadcast: question.broadcast,
        requested_ip: None,
        client_identifier: None,
        server_identifier: Some(server),
        parameter_request_list: None,
        dns_servers: None,
        max_size: None,
        lease_duration: None,
        renew_duration: None,
        rebind_duration: None,
        additional_options: &[],
    };
    let mut options = Vec::new();
    let mut destination = Ipv4Addr::BROADCAST;
    let mut destination_mac = Mac::BROADCAST;
    let mtu;
    if let Answer::Configure(lease) = answer {
        repr.router = Some(lease.router);
        repr.subnet_mask = Some(lease.mask);
        mtu = lease.mtu.to_be_bytes();
        options.push(DhcpOption {
            kind: 26,
            data: &mtu,
        });
        options.extend(
            lease
                .options
                .iter()
                .map(|(kind, data)| DhcpOption { kind: *kind, data }),
        );
        if question.wish != Wish::Inform {
            repr.your_ip = lease.address;
            repr.lease_duration = Some(lease.duration_secs);
        }
        // RFC 2131 §4.1: to the address in use, else by broadcast if asked, else to the address being given.
        if !question.client_ip.is_unspecified() {
            (destination, destination_mac) = (question.client_ip, question.client);
        } else if !question.broadcast {
            (destination, destination_mac) = (lease.address, question.client);
        }
    }
    repr.additional_options = &options;
    let mut payload = vec![0u8; repr.buffer_len().max(300)];
    if repr
        .emit(&mut DhcpPacket::new_unchecked(&mut payload[..]))
        .is_err()
    {
        return false;
    }
    let envelope = Envelope {
        source_mac: server_mac,
        destination_mac,
        source: server.into(),
        destination: destination.into(),
    };
    ip::emit_udp(out, &envelope, SERVER_PORT, CLIENT_PORT, &payload);
    true
}
