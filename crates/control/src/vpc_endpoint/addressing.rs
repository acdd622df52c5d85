//! Which families an interface endpoint has addresses of, and which its names tell (`IE-1`, `IpAddressType`,
//! `DnsRecordIpType`).
//!
//! Source: AWS PrivateLink guide, "IP address types", "DNS record IP type". Endpoints of the type `ipv6` are for
//! IPv6-only subnets, and those of the others are not.

use openvpc_ec2::Error;
use openvpc_model::*;

use super::request::DnsOptions;
use crate::Cx;
use crate::elb::clip;
use crate::network_interface::addresses::FreeAddresses;

/// What a request asks for, if it says so and the service has it.
///
/// # Errors
/// `InvalidParameter`.
pub fn families(
    cx: &Cx,
    service: &EndpointService,
    text: Option<&str>,
) -> Result<Option<EndpointIpAddressType>, Error> {
    let families = match text {
        None | Some("") => return Ok(None),
        Some("ipv4") => EndpointIpAddressType::Ipv4,
        Some("dualstack") => EndpointIpAddressType::Dualstack,
        Some("ipv6") => EndpointIpAddressType::Ipv6,
        Some(other) => {
            return Err(Error::invalid_parameter(format!(
                "The IP address type {} is not valid",
                clip(other)
            )));
        }
    };
    match (families, service) {
        (EndpointIpAddressType::Ipv4, _)
        | (
            EndpointIpAddressType::Dualstack | EndpointIpAddressType::Ipv6,
            EndpointService::Aws(_),
        ) => Ok(Some(families)),
        (_, EndpointService::Customer(_)) => Err(Error::invalid_parameter(format!(
            "The IP address type {} is not supported by the service {}",
            families.as_str(),
            service.name(cx.region_name())
        ))),
    }
}

/// That a subnet has what the endpoint's interface in it needs.
///
/// # Errors
/// `InvalidParameter`.
pub fn check_subnet(subnet: &Subnet, families: EndpointIpAddressType) -> Result<(), Error> {
    let needed = match families {
        EndpointIpAddressType::Ipv4 if !subnet.is_ipv6_only() => return Ok(()),
        EndpointIpAddressType::Ipv6 if subnet.is_ipv6_only() => return Ok(()),
        EndpointIpAddressType::Ipv4 => "has no IPv4 CIDR block",
        EndpointIpAddressType::Dualstack if subnet.is_ipv6_only() => "has no IPv4 CIDR block",
        EndpointIpAddressType::Dualstack if !subnet.ipv6_cidr_blocks.is_empty() => return Ok(()),
        EndpointIpAddressType::Dualstack => "has no IPv6 CIDR block",
        EndpointIpAddressType::Ipv6 => "is not an IPv6 only subnet",
    };
    Err(Error::invalid_parameter(format!(
        "Subnet {} {needed}, which VPC endpoints of the IP address type {} need",
        subnet.id,
        families.as_str()
    )))
}

/// Gives the interfaces of an endpoint the addresses of other families.
///
/// # Errors
/// `InvalidParameter`; a subnet without a free address.
pub fn change(
    cx: &mut Cx,
    own: &mut InterfaceEndpoint,
    families: EndpointIpAddressType,
) -> Result<(), Error> {
    for (subnet, eni) in &own.network_interfaces {
        let subnet = cx.get::<Subnet>(*subnet).cloned();
        let eni = cx.get::<NetworkInterface>(*eni).cloned();
        let (Some(subnet), Some(mut eni)) = (subnet, eni) else {
            continue;
        };
        check_subnet(&subnet, families)?;
        match families {
            EndpointIpAddressType::Ipv4 => eni.ipv6_addresses.clear(),
            EndpointIpAddressType::Dualstack | EndpointIpAddressType::Ipv6 => {
                let address = FreeAddresses::of(cx, &subnet).pick_ipv6(cx)?;
                eni.ipv6_addresses.push(address);
            }
        }
        cx.put(eni);
    }
    own.ip_address_type = families;
    // What names told of before may not be there any more.
    own.dns_record_ip_type = None;
    Ok(())
}

/// Says which families names are to tell, if the request does.
///
/// # Errors
/// `InvalidParameter` for one that the endpoint has no addresses of.
pub fn set_records(own: &mut InterfaceEndpoint, options: Option<&DnsOptions>) -> Result<(), Error> {
    let text = options.and_then(|options| options.dns_record_ip_type.as_deref());
    let records = match text {
        None | Some("") => return Ok(()),
        Some("service-defined") => None,
        Some("ipv4") => Some(EndpointIpAddressType::Ipv4),
        Some("dualstack") => Some(EndpointIpAddressType::Dualstack),
        Some("ipv6") => Some(EndpointIpAddressType::Ipv6),
        Some(other) => {
            return Err(Error::invalid_parameter(format!(
                "The DNS record IP type {} is not valid",
                clip(other)
            )));
        }
    };
    let families = own.ip_address_type;
    match records {
        Some(records) if families != EndpointIpAddressType::Dualstack && records != families => {
            Err(Error::invalid_parameter(format!(
                "The DNS record IP type {} does not fit the IP address type {}",
                records.as_str(),
                families.as_str()
            )))
        }
        _ => {
            own.dns_record_ip_type = records;
            Ok(())
        }
    }
}
