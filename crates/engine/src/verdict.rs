//! What becomes of a frame, and why. A drop is not an error: the reasons are closed, counted and traced.

use serde::{Deserialize, Serialize};

use crate::counters::UnloggedClass;
use crate::ids::PortId;

/// The engine's answer to one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The frame was rewritten in place and leaves through `port`. A datagram that had to be cut leaves its later
    /// fragments in [`crate::Engine::next_extra`].
    Forward {
        /// Where it leaves.
        port: PortId,
    },
    /// The packet leaves through `port` in the other IP version: the frame is [`crate::Engine::translated`]. Later fragments
    /// as above.
    Translated {
        /// Where it leaves.
        port: PortId,
    },
    /// Others leave through `port` in the frame's place: they are in [`crate::Engine::next_extra`].
    Replaced {
        /// Where they leave.
        port: PortId,
    },
    /// The router answers: the bytes are in [`crate::Engine::reply`] and go back out of the port the frame came from.
    Reply,
    /// Nothing leaves; counted under the reason.
    Drop(DropReason),
}

impl Verdict {
    /// The port by which the packet leaves, or what goes in its place.
    pub fn port(self) -> Option<PortId> {
        match self {
            Verdict::Forward { port }
            | Verdict::Translated { port }
            | Verdict::Replaced { port } => Some(port),
            Verdict::Reply | Verdict::Drop(_) => None,
        }
    }
}

/// The station of the walk that decided something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Port, Ethernet and header checks, anti-spoofing.
    Admit,
    /// What the router answers itself.
    Local,
    /// Later fragments follow the first.
    Fragment,
    /// Known flows.
    Conntrack,
    /// Rules of the interface's groups.
    SecurityGroup,
    /// Entries at the subnet edge.
    NetworkAcl,
    /// Longest prefix.
    Route,
    /// 1:1 translation and the gateway's own rules.
    InternetGateway,
    /// IPv6 out, its answers in.
    EgressOnlyInternetGateway,
    /// Translation of addresses and ports.
    NatGateway,
    /// The connection between two VPCs.
    Peering,
    /// The way to a service that a VPC need not leave.
    GatewayEndpoint,
    /// From an interface endpoint to its service, and back.
    VpcEndpoint,
    /// Whom a connection goes to.
    LoadBalancer,
    /// Source/destination check and hand-over at the receiving port.
    Deliver,
}

macro_rules! drop_reasons {
    ($( $(#[$doc:meta])* $name:ident: $stage:ident, $log:expr; )+) => {
        /// Why a frame went nowhere.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum DropReason { $( $(#[$doc])* $name, )+ }

        impl DropReason {
            /// All reasons, in the order of their discriminants.
            pub const ALL: &[DropReason] = &[ $( DropReason::$name, )+ ];

            /// The stage that decides it.
            pub const fn stage(self) -> Stage {
                match self { $( DropReason::$name => Stage::$stage, )+ }
            }

            /// How the interface that decided it accounts for the packet.
            pub const fn account(self) -> Account {
                match self { $( DropReason::$name => $log, )+ }
            }

            /// A stable name, as the variant is written.
            pub const fn name(self) -> &'static str {
                match self { $( DropReason::$name => stringify!($name), )+ }
            }
        }
    };
}

/// Where a dropped packet shows up in the counters of the interface at which it was dropped (I-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// A flow record with action REJECT.
    Reject,
    /// No record; this class.
    Unlogged(UnloggedClass),
    /// Decided after the sender's interface accepted it: the sender's record stays ACCEPT, no other interface saw it.
    AfterAccept,
}

use Account::{AfterAccept, Reject, Unlogged};

drop_reasons! {
    /// The port was never attached, or was detached (I-4).
    PortNotAttached: Admit, Unlogged(UnloggedClass::NotAttached);
    /// No snapshot is installed, or it does not know the port (I-4).
    NoPolicy: Admit, Unlogged(UnloggedClass::NotAttached);
    /// The interface's availability zone is lost.
    ZoneLost: Admit, Unlogged(UnloggedClass::NotAttached);
    /// Shorter than an Ethernet header.
    RuntFrame: Admit, Unlogged(UnloggedClass::NonIp);
    /// Neither IPv4, IPv6 nor ARP: VLAN, LLDP, STP, 802.3 … (I-3).
    UnknownEtherType: Admit, Unlogged(UnloggedClass::NonIp);
    /// The Ethernet source is not the interface's own (I-1).
    ForeignMac: Admit, Unlogged(UnloggedClass::Spoofed);
    /// Sent to an Ethernet address that nobody on the subnet has.
    UnknownMac: Admit, Unlogged(UnloggedClass::Undeliverable);
    /// Header fields that contradict each other or the frame's length.
    Malformed: Admit, Unlogged(UnloggedClass::Malformed);
    /// IPv4 header checksum.
    BadChecksum: Admit, Unlogged(UnloggedClass::Malformed);
    /// IPv4 source routing, or an IPv6 routing header with segments left.
    SourceRouted: Admit, Unlogged(UnloggedClass::Malformed);
    /// More IPv6 extension headers than are looked at, or a chain that does not end in the first fragment (RFC 7112).
    HeaderChain: Admit, Unlogged(UnloggedClass::Malformed);
    /// Offload state that does not fit the headers.
    BadOffload: Admit, Unlogged(UnloggedClass::Malformed);
    /// A source that may never leave a port: loopback, link-local, multicast, mapped … (I-2).
    MartianSource: Admit, Unlogged(UnloggedClass::Spoofed);
    /// The interface does not own the source address and is checked (ENI-2).
    SourceCheck: Admit, Unlogged(UnloggedClass::Spoofed);
    /// Longer than the VPC's MTU.
    OverMtu: Admit, Unlogged(UnloggedClass::Malformed);
    /// An IPv4 group or broadcast destination (SUB-2: no broadcast).
    Multicast: Local, Unlogged(UnloggedClass::Multicast);
    /// ARP that asks for nobody known, or is not a request (I-3).
    ArpUnanswered: Local, Unlogged(UnloggedClass::NonIp);
    /// Neighbour or router discovery that the router does not answer (I-3).
    NdpUnanswered: Local, Unlogged(UnloggedClass::Ndp);
    /// DHCP that the router does not answer: foreign hardware address, server messages … (I-3).
    DhcpUnanswered: Local, Unlogged(UnloggedClass::Dhcp);
    /// Resolver, metadata or time service: nothing answers there, not on this port, or not in this VPC (DNS-1).
    LocalServiceAbsent: Local, Unlogged(UnloggedClass::LocalService);
    /// The table of identities is full of busy ones.
    IdentityTableFull: Local, Unlogged(UnloggedClass::LocalService);
    /// From the services port, and no answer of a service to an identity that still holds.
    UnknownIdentity: Local, AfterAccept;
    /// Something other than an echo request to the router itself.
    RouterAddress: Local, Unlogged(UnloggedClass::Router);
    /// A destination that is never routed: link-local, loopback, unspecified, mapped (RT-8, I-15).
    UnroutableDestination: Local, Unlogged(UnloggedClass::LocalService);
    /// An ICMP redirect: only one's own router may send one, and it never does.
    IcmpRedirect: Local, Unlogged(UnloggedClass::Router);
    /// A later fragment whose first one is unknown or did not pass (I-12).
    FragmentWithoutFirst: Fragment, Unlogged(UnloggedClass::Fragment);
    /// A first fragment without the whole transport header.
    TinyFragment: Fragment, Unlogged(UnloggedClass::Fragment);
    /// Overlap, repetition, bad length or end beyond 65,535: the datagram is lost (I-12).
    FragmentOverlap: Fragment, Unlogged(UnloggedClass::Fragment);
    /// Too many datagrams in fragments from this port.
    FragmentTableFull: Fragment, Unlogged(UnloggedClass::Fragment);
    /// A TCP packet that opens nothing and belongs to no connection, or comes after its end.
    NoConnection: Conntrack, Reject;
    /// An ICMP error that quotes no live flow of the receiver (I-11).
    UnrelatedIcmpError: Conntrack, Reject;
    /// The interface's allowance of tracked flows is used up.
    ConntrackFull: Conntrack, Unlogged(UnloggedClass::ConntrackFull);
    /// No egress rule of the sender's groups matches.
    SecurityGroupEgress: SecurityGroup, Reject;
    /// No ingress rule of the receiver's groups matches.
    SecurityGroupIngress: SecurityGroup, Reject;
    /// The ACL of the sender's subnet denies outbound.
    NetworkAclOutbound: NetworkAcl, Reject;
    /// The ACL of the receiver's subnet denies inbound.
    NetworkAclInbound: NetworkAcl, Reject;
    /// No route matches.
    NoRoute: Route, AfterAccept;
    /// The route's target is gone (RT-9).
    Blackhole: Route, AfterAccept;
    /// Nobody in the VPC owns the destination.
    NoSuchHost: Route, AfterAccept;
    /// The packet came back to the interface it left.
    RouteLoop: Route, AfterAccept;
    /// TTL or hop limit used up, and no error could be sent for it.
    TtlExceeded: Route, AfterAccept;
    /// Too long for the path, and no error could be sent for it.
    PacketTooBig: InternetGateway, AfterAccept;
    /// The source has no public address (IGW-2) or is no interface of the VPC (IGW-3).
    NoPublicAddress: InternetGateway, AfterAccept;
    /// Private source or destination at the internet gateway (IGW-3).
    PrivateAtGateway: InternetGateway, AfterAccept;
    /// Nobody on the simulated internet has the destination.
    NoInternetHost: InternetGateway, AfterAccept;
    /// The receiver's subnet does not send the reply to a gateway to the internet (IGW-4).
    NoReturnRoute: InternetGateway, AfterAccept;
    /// The source is no interface of the VPC, at the egress-only gateway (EO-22).
    EgressOnlyForeignSource: EgressOnlyInternetGateway, AfterAccept;
    /// Link-local, unique local or multicast destination at the egress-only gateway (EO-32).
    EgressOnlyDestination: EgressOnlyInternetGateway, AfterAccept;
    /// From the internet, and no answer to a live flow that an interface opened through the egress-only gateway
    /// (EO-24, EO-25, EO-27, EO-28).
    EgressOnlyUnsolicited: EgressOnlyInternetGateway, AfterAccept;
    /// Neither TCP, UDP nor ICMP, an ICMP query other than echo, or IPv6 to outside of 64:ff9b::/96, at a NAT gateway (NAT-4,
    /// NAT-11).
    NatProtocol: NatGateway, AfterAccept;
    /// A TCP or ICMP fragment at a NAT gateway (NAT-4).
    NatFragment: NatGateway, AfterAccept;
    /// The source lies outside the gateway's VPC (NAT-9).
    NatForeignSource: NatGateway, AfterAccept;
    /// To a NAT gateway, and no answer to a flow that it translates (NAT-4).
    NatUnsolicited: NatGateway, AfterAccept;
    /// No port is free for a new flow (NAT-5).
    ErrorPortAllocation: NatGateway, AfterAccept;
    /// To an address inside of 64:ff9b::/96 that never travels (NAT-11).
    Nat64Destination: NatGateway, AfterAccept;
    /// What IPv4 or IPv6 has no word for: an ICMP error of a kind of its own, or with a bad checksum; a packet that grows too
    /// long; one that was translated already (NAT-11, RFC 7915).
    Nat64Untranslatable: NatGateway, AfterAccept;
    /// TCP that opens nothing and of which the gateway knows nothing, and no reset could be sent for it (NAT-6).
    NatNoConnection: NatGateway, AfterAccept;
    /// To an address outside the blocks of the far VPC: nothing is passed on there (PCX-34).
    PeeringNotTransitive: Peering, AfterAccept;
    /// Neither TCP nor an echo request over IPv4, at a gateway endpoint (GE-26).
    GatewayEndpointProtocol: GatewayEndpoint, AfterAccept;
    /// The source is no interface of the endpoint's VPC (GE-30).
    GatewayEndpointForeignSource: GatewayEndpoint, AfterAccept;
    /// Longer than a VPC endpoint carries (00 §12); no error is sent.
    GatewayEndpointTooBig: GatewayEndpoint, AfterAccept;
    /// Nobody has the destination, though it is in the service's prefix list.
    GatewayEndpointNoService: GatewayEndpoint, AfterAccept;
    /// The table of identities is full of busy ones.
    GatewayEndpointFull: GatewayEndpoint, AfterAccept;
    /// Not TCP over IPv4, to an interface endpoint (IP-3).
    EndpointProtocol: VpcEndpoint, AfterAccept;
    /// Longer than an interface endpoint carries (IP-5).
    EndpointOverMtu: VpcEndpoint, AfterAccept;
    /// Nobody stands behind the endpoint, or not yet (IE-8).
    EndpointUnused: VpcEndpoint, AfterAccept;
    /// The table of identities is full of busy ones, or the endpoint has its share of it.
    EndpointFull: VpcEndpoint, AfterAccept;
    /// From a service, and no answer to a flow of its endpoint (IP-4).
    EndpointUnsolicited: VpcEndpoint, AfterAccept;
    /// Neither TCP nor an ICMP error about it, or in fragments, at a load balancer's node.
    BalancerProtocol: LoadBalancer, AfterAccept;
    /// To a port at which a load balancer has no listener, and no reset could be sent for it (IP-3).
    BalancerNoListener: LoadBalancer, AfterAccept;
    /// No target of the node lives (EP-9), and no reset could be sent for it.
    BalancerNoTarget: LoadBalancer, AfterAccept;
    /// TCP that opens nothing and of which the load balancer knows nothing, and no reset could be sent for it.
    BalancerNoConnection: LoadBalancer, AfterAccept;
    /// An ICMP error about no flow of the load balancer.
    BalancerUnsolicited: LoadBalancer, AfterAccept;
    /// The receiver's port is not attached.
    ReceiverNotAttached: Deliver, AfterAccept;
    /// The receiver does not own the destination address and is checked (ENI-2).
    DestinationCheck: Deliver, Unlogged(UnloggedClass::DestinationCheck);
}

impl DropReason {
    /// Whether a flow log shows REJECT for it.
    pub const fn shows_reject(self) -> bool {
        matches!(self.account(), Account::Reject)
    }
}
