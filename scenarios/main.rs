//! The user guide, as tests: a real daemon, real namespaces, real packets, real clients.
//!
//! Every scenario starts a daemon of its own. Those that name a [`support::Privilege`] run twice,
//! as the user who runs the tests and as one without any privilege.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

mod accounting;
mod ansible;
mod bad_requests;
mod command_line;
mod console;
mod demos;
mod durability;
mod endpoint_services;
mod fast_path;
mod faults;
mod first_packet;
mod flow_log_sinks;
mod flow_logs;
mod flows;
mod full_disk;
mod gateway_endpoint;
mod guide;
mod hostile_dns;
mod iam;
mod instance_lifecycle;
mod instance_metadata;
mod interface_endpoints;
mod ipv6;
mod ipv6_only;
mod isolation;
mod link_local_services;
mod load_balancer;
mod middlebox;
mod nat64;
mod nat_gateways;
mod network_interfaces;
mod objects;
mod peering;
mod peering_configurations;
mod public_zone;
mod regions;
mod resolver;
mod routing;
mod s3_elsewhere;
mod sdk;
mod static_stability;
mod terraform;
mod why;
