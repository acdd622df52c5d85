//! The nouns of a VPC: resources that cannot be built wrong, and how events change them.
//!
//! This floor knows no XML, no socket, no clock and no randomness: ids, times and random numbers
//! arrive as arguments from above. [`World`] is a pure function of the ordered journal of
//! [`Entry`]s; replaying the same entries gives the same world, byte for byte.

#![forbid(unsafe_code)]

mod address;
mod dhcp_options;
pub mod dns_name;
mod egress_only_internet_gateway;
mod elb_id;
mod event;
mod flow_log;
mod flow_log_format;
mod iam;
mod ids;
mod instance;
mod internet_gateway;
mod load_balancer;
mod nat_gateway;
mod network_acl;
mod network_insights;
mod network_interface;
mod prefix_list;
mod public_zone;
mod region;
mod route_table;
mod security_group;
mod subnet;
mod subnet_cidr_reservation;
mod table;
mod target_group;
mod vpc;
mod vpc_endpoint;
mod vpc_endpoint_service;
mod vpc_peering_connection;
mod world;

pub use address::*;
pub use dhcp_options::*;
pub use egress_only_internet_gateway::*;
pub use elb_id::*;
pub use event::*;
pub use flow_log::*;
pub use flow_log_format::*;
pub use iam::*;
pub use ids::*;
pub use instance::*;
pub use internet_gateway::*;
pub use load_balancer::*;
pub use nat_gateway::*;
pub use network_acl::*;
pub use network_insights::*;
pub use network_interface::*;
pub use prefix_list::*;
pub use public_zone::*;
pub use region::*;
pub use route_table::*;
pub use security_group::*;
pub use subnet::*;
pub use subnet_cidr_reservation::*;
pub use table::*;
pub use target_group::*;
pub use vpc::*;
pub use vpc_endpoint::*;
pub use vpc_endpoint_service::*;
pub use vpc_peering_connection::*;
pub use world::*;

/// Milliseconds since the Unix epoch, UTC. Wall-clock time, for records and answers only.
pub type UnixMillis = i64;
