//! Tests of the handlers, one file per resource, rows of the specification in their names.

mod address;
mod cascades;
mod dhcp_options;
mod egress_only_internet_gateway;
mod existence;
mod flow_log;
mod generic;
mod golden;
mod golden_instances;
mod instance;
mod instance_profile;
mod internet_gateway;
mod load_balancer;
mod nat_gateway;
mod network_acl;
mod network_insights;
mod network_interface;
mod prefix_list;
mod region;
mod route_table;
mod security_group;
mod subnet;
mod tags;
mod vpc;
mod vpc_endpoint;
mod vpc_peering_connection;
