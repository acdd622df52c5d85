//! Whom a question is about: instance, interface, address, DNS name, Name tag, outside host, or `internet`.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use openvpc_model::{
    InstanceId, NetworkInterface, NetworkInterfaceId, Region, World, dns_name, public_services,
};

use crate::scene::{Host, instance_of};

/// Candidates that an ambiguous name lists.
const CANDIDATES_MAX: usize = 8;

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As it was asked for.
    pub label: String,
    /// What it is.
    pub at: At,
}

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// An interface, by one of its addresses, private or public, if that was written.
    Interface(NetworkInterfaceId, Option<IpAddr>),
    /// A host outside, by its number.
    Host(u16),
    /// An address that is looked at from wherever the other end is.
    Address(IpAddr),
    /// An address of the internet that nobody has.
    Imagined(IpAddr),
}

/// A name that does not say whom it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// As it was asked for.
    pub text: String,
    /// Those it could mean, each with an id that is unambiguous.
    pub candidates: Vec<String>,
    /// There are several candidates, rather than none.
    pub ambiguous: bool,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match (self.ambiguous, self.candidates.is_empty()) {
            (true, _) => write!(f, "{text:?} could be any of these; name one by its id:")?,
            (false, true) => write!(
                f,
                "nobody is called {text:?}: name an instance (i-…), an interface (eni-…), an address, a Name tag, \
                 an outside host or `internet`"
            )?,
            (false, false) => write!(f, "nobody is called {text:?}; did you mean")?,
        }
        for candidate in &self.candidates {
            write!(f, "\n  {candidate}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Unresolved {}

/// Finds whom a text means. A Name tag goes before the name of an outside host, which its DNS name always finds.
///
/// # Errors
/// Nobody, or several.
pub fn resolve(world: &World, hosts: &[Host], text: &str) -> Result<Place, Unresolved> {
    let place = |at| {
        Ok(Place {
            label: text.to_owned(),
            at,
        })
    };
    if text == "internet" {
        return place(At::Host(0));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return place(of_address(world, hosts, address));
    }
    let named = Named::of(world, text);
    let named: Vec<Found> = interfaces(world)
        .filter(|(name, region, eni)| named.has(name, region, eni))
        .collect();
    match named.as_slice() {
        [(_, _, eni)] => return place(At::Interface(eni.id, None)),
        [] => {}
        several => {
            return Err(Unresolved {
                text: text.to_owned(),
                candidates: several.iter().take(CANDIDATES_MAX).map(describe).collect(),
                ambiguous: true,
            });
        }
    }
    let is_host = |host: &Host| host.name == text || host.dns_name == text;
    if let Some(number) = hosts.iter().position(is_host) {
        return place(At::Host(number as u16));
    }
    if let Some(address) = public_service(text) {
        return place(At::Address(address.into()));
    }
    Err(Unresolved {
        text: text.to_owned(),
        candidates: alike(world, hosts, text),
        ambiguous: false,
    })
}

type Found<'w> = (&'w str, &'w Region, &'w NetworkInterface);

fn interfaces(world: &World) -> impl Iterator<Item = Found<'_>> {
    world.regions.iter().flat_map(|(name, region)| {
        let all = region.network_interfaces.values();
        all.map(move |eni| (name.as_str(), region, eni))
    })
}

/// The Name tag of a resource.
pub fn name_of<'w>(region: &'w Region, id: &str) -> Option<&'w str> {
    region.tags.get(id)?.get("Name").map(String::as_str)
}

/// What a text can be the name of, found once instead of at each interface.
struct Named<'t> {
    text: &'t str,
    interface: Option<NetworkInterfaceId>,
    instance: Option<InstanceId>,
    /// Those with a Name tag of the text.
    interfaces: HashSet<NetworkInterfaceId>,
    instances: HashSet<InstanceId>,
}

impl<'t> Named<'t> {
    fn of(world: &World, text: &'t str) -> Named<'t> {
        let mut named = Named {
            text,
            interface: text.parse().ok(),
            instance: text.parse().ok(),
            interfaces: HashSet::new(),
            instances: HashSet::new(),
        };
        for (id, tags) in world.regions.values().flat_map(|region| &region.tags) {
            if tags.get("Name").map(String::as_str) == Some(text) {
                named
                    .interfaces
                    .extend(id.parse::<NetworkInterfaceId>().ok());
                named.instances.extend(id.parse::<InstanceId>().ok());
            }
        }
        named
    }

    fn has(&self, region_name: &str, region: &Region, eni: &NetworkInterface) -> bool {
        if self.text.starts_with("eni-") {
            return self.interface == Some(eni.id);
        }
        let first = eni
            .attachment
            .as_ref()
            .filter(|bond| bond.device_index == 0);
        if let Some(attachment) = first {
            let id = attachment.instance;
            let is_host = |text: &str| text == dns_name::resource_dns_name(region_name, id);
            if self.instance == Some(id)
                || self.instances.contains(&id)
                || self.text.starts_with("i-") && self.text.contains('.') && is_host(self.text)
            {
                return true;
            }
        }
        self.interfaces.contains(&eni.id) || has_dns_name(region_name, region, eni, self.text)
    }
}

/// Whether a DNS name stands for an address of an interface.
fn has_dns_name(region_name: &str, region: &Region, eni: &NetworkInterface, text: &str) -> bool {
    let mut private = eni.private_ips.iter();
    text.contains('.')
        && private.any(|address| {
            let public = public_of(region, eni, *address);
            text == dns_name::private_dns_name(region_name, *address)
                || public
                    .is_some_and(|public| text == dns_name::public_dns_name(region_name, public))
        })
}

/// The public address that stands for a private one of an interface.
pub fn public_of(region: &Region, eni: &NetworkInterface, private: Ipv4Addr) -> Option<Ipv4Addr> {
    let elastic = region.addresses.values().find(|address| {
        address
            .association
            .as_ref()
            .is_some_and(|bond| bond.network_interface == eni.id && bond.private_ip == private)
    });
    match elastic {
        Some(address) => Some(address.public_ip),
        None => eni
            .auto_public_ip
            .filter(|_| eni.primary_ip() == Some(private)),
    }
}

/// An address is somebody's, if one interface alone has it; else it is looked at from where it is used.
pub fn of_address(world: &World, hosts: &[Host], address: IpAddr) -> At {
    let regions = world.regions.values();
    let elastic = regions.flat_map(|region| region.addresses.values());
    let elastic = elastic.filter(|elastic| IpAddr::V4(elastic.public_ip) == address);
    let holders =
        elastic.filter_map(|elastic| Some(elastic.association.as_ref()?.network_interface));
    let holders: Vec<NetworkInterfaceId> = holders.collect();
    let has = |(_, region, eni): &Found<'_>| match address {
        IpAddr::V4(address) => {
            eni.private_ips.contains(&address)
                || holders.contains(&eni.id)
                || eni.auto_public_ip == Some(address)
                    && eni.primary_ip().and_then(|ip| public_of(region, eni, ip)) == Some(address)
        }
        IpAddr::V6(address) => eni.ipv6_addresses.contains(&address),
    };
    let mut owners = interfaces(world).filter(has);
    if let Some((_, _, owner)) = owners.next() {
        return match owners.next() {
            None => At::Interface(owner.id, Some(address)),
            Some(_) => At::Address(address),
        };
    }
    if let Some(number) = hosts
        .iter()
        .position(|host| host.engine.addresses.contains(&address))
    {
        return At::Host(number as u16);
    }
    let service = public_services()
        .iter()
        .any(|service| IpAddr::V4(service.address) == address);
    match is_of_the_internet(world, address) && !service {
        true => At::Imagined(address),
        false => At::Address(address),
    }
}

fn is_of_the_internet(world: &World, address: IpAddr) -> bool {
    let mut vpcs = world
        .regions
        .values()
        .flat_map(|region| region.vpcs.values());
    let inside = vpcs.any(|vpc| match address {
        IpAddr::V4(address) => vpc.cidr_blocks.iter().any(|b| b.cidr.contains(&address)),
        IpAddr::V6(address) => vpc
            .ipv6_cidr_blocks
            .iter()
            .any(|b| b.cidr.contains(&address)),
    });
    let special = match address {
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.octets()[0] == 0
                || address.octets()[0] >= 224
        }
        IpAddr::V6(address) => (address.segments()[0] & 0xe000) != 0x2000,
    };
    !inside && !special
}

fn public_service(text: &str) -> Option<Ipv4Addr> {
    let mut services = public_services().into_iter();
    let service = services.find(|service| {
        let (name, region) = (service.name, service.region);
        (service.is_regional && text == format!("{name}.{region}.amazonaws.com"))
            || (service.is_global && text == format!("{name}.amazonaws.com"))
    })?;
    Some(service.address)
}

/// What people tell an interface by: its first address.
pub fn first_address(eni: &NetworkInterface) -> String {
    let ipv4 = eni.primary_ip().map(IpAddr::V4);
    let ipv6 = eni.ipv6_addresses.first().copied().map(IpAddr::V6);
    let first = ipv4.or(ipv6);
    first.map_or_else(|| "no address".to_owned(), |first| first.to_string())
}

/// An interface with what a person knows it by.
fn describe((_, region, eni): &Found<'_>) -> String {
    let instance = instance_of(region, eni).map(|instance| instance.id.to_string());
    let id = instance.unwrap_or_else(|| eni.id.to_string());
    let name = name_of(region, &id).map(|name| format!("  {name}"));
    let (address, vpc) = (first_address(eni), eni.vpc);
    format!("{id}  {address}  {vpc}{}", name.unwrap_or_default())
}

/// Names that begin alike or hold the text.
fn alike(world: &World, hosts: &[Host], text: &str) -> Vec<String> {
    let wanted = text.to_ascii_lowercase();
    let is_alike = |name: &str| {
        let name = name.to_ascii_lowercase();
        !wanted.is_empty() && (name.contains(&wanted) || wanted.contains(&name))
    };
    let named = interfaces(world).filter(|(_, region, eni)| {
        let instance = eni.attachment.as_ref().map(|a| a.instance);
        let instance = instance.map(|id: InstanceId| id.to_string());
        let ids = [instance, Some(eni.id.to_string())];
        let mut ids = ids.into_iter().flatten();
        ids.any(|id| name_of(region, &id).is_some_and(is_alike))
    });
    let hosts = hosts.iter().filter(|host| is_alike(&host.name));
    let named = named.map(|found| describe(&found));
    named
        .chain(hosts.map(|host| host.dns_name.clone()))
        .take(CANDIDATES_MAX)
        .collect()
}
