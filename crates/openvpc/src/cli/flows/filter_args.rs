//! Filters as flags, in the words of the fields.

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use openvpc_flows::Filter;
use openvpc_flows::filter::{Ports, parse_block, parse_ports, parse_protocol};

/// All flags that are given must hold; one given several times holds if one of its values does.
#[derive(Args)]
#[command(next_help_heading = "Which records")]
pub struct FilterArgs {
    /// Of this interface.
    #[arg(long, value_name = "eni-ID")]
    eni: Vec<String>,
    /// Of interfaces in this VPC.
    #[arg(long, value_name = "vpc-ID")]
    vpc: Vec<String>,
    /// Of interfaces in this subnet.
    #[arg(long, value_name = "subnet-ID")]
    subnet: Vec<String>,
    /// Of this instance's interfaces.
    #[arg(long, value_name = "i-ID")]
    instance: Vec<String>,
    /// From this address or block, as recorded or as in the packet.
    #[arg(long, value_name = "CIDR", value_parser = parse_block)]
    src: Vec<IpNet>,
    /// To this address or block.
    #[arg(long, value_name = "CIDR", value_parser = parse_block)]
    dst: Vec<IpNet>,
    /// From or to this address or block.
    #[arg(long, value_name = "CIDR", value_parser = parse_block)]
    address: Vec<IpNet>,
    /// Either port.
    #[arg(long, value_name = "PORT[-PORT]", value_parser = parse_ports)]
    port: Vec<Ports>,
    #[arg(long, value_name = "PORT[-PORT]", value_parser = parse_ports)]
    srcport: Vec<Ports>,
    #[arg(long, value_name = "PORT[-PORT]", value_parser = parse_ports)]
    dstport: Vec<Ports>,
    /// tcp, udp, icmp, icmpv6, … or a number.
    #[arg(long, value_name = "PROTOCOL", value_parser = parse_protocol)]
    protocol: Vec<u8>,
    #[arg(long, value_enum, ignore_case = true)]
    action: Option<ActionArg>,
    /// The same as --action reject.
    #[arg(long, conflicts_with = "action")]
    rejected: bool,
    /// Seen from the interface.
    #[arg(long, value_enum, ignore_case = true)]
    direction: Option<DirectionArg>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum ActionArg {
    Accept,
    Reject,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum DirectionArg {
    Ingress,
    Egress,
}

impl FilterArgs {
    pub fn filter(&self) -> Filter {
        Filter {
            interfaces: self.eni.clone(),
            vpcs: self.vpc.clone(),
            subnets: self.subnet.clone(),
            instances: self.instance.clone(),
            sources: self.src.clone(),
            destinations: self.dst.clone(),
            addresses: self.address.clone(),
            ports: self.port.clone(),
            source_ports: self.srcport.clone(),
            destination_ports: self.dstport.clone(),
            protocols: self.protocol.clone(),
            accepted: self.action == Some(ActionArg::Accept),
            rejected: self.rejected || self.action == Some(ActionArg::Reject),
            ingress: self.direction == Some(DirectionArg::Ingress),
            egress: self.direction == Some(DirectionArg::Egress),
        }
    }
}
