//! The engine, shelved as the AWS guides are. Each test runs with and without remembered verdicts at once (see
//! `openvpc-testkit`).

#![allow(clippy::unwrap_used, clippy::type_complexity)]

mod admission;
mod bad_input;
mod dhcpv6;
mod egress_only_internet_gateway;
mod endpoint_service;
mod extension_headers;
mod fast_path;
mod flow_log_records;
mod gateway_endpoint;
mod icmp_errors;
mod internet_gateway_basics;
mod isolation;
mod load_balancer;
mod lost_zone;
mod middlebox_routing;
mod nacl_basics;
mod nat64;
mod nat_gateway;
mod peering;
mod properties;
mod public_zone;
mod routing;
mod security_group_tracking;
mod services;
mod subnet_router;
mod vpc_endpoint;
