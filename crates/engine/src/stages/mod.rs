//! The stations of a packet's walk, one file each. A station reads the snapshot and the packet and decides; the order
//! in which they are asked is in `pipeline.rs` alone.

pub(crate) mod admit;
pub(crate) mod conntrack;
pub(crate) mod deliver;
pub(crate) mod dhcpv6;
pub(crate) mod egress_only_internet_gateway;
pub(crate) mod fragment;
pub(crate) mod gateway_endpoint;
pub(crate) mod internet_gateway;
pub(crate) mod load_balancer;
pub(crate) mod local;
pub(crate) mod middle;
pub(crate) mod nat_gateway;
pub(crate) mod network_acl;
pub(crate) mod outside;
pub(crate) mod peering;
pub(crate) mod proxy_protocol;
pub(crate) mod public_zone;
pub(crate) mod route;
pub(crate) mod security_group;
pub(crate) mod services;
pub(crate) mod vpc_endpoint;
