//! RunInstances: one or many instances, each with its interfaces, all or none.

use std::collections::BTreeMap;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::Value;

use super::attributes::{MetadataRequest, check_shutdown_behavior, check_user_data};
use super::profile::Specification;
use super::{render_reservation, types};
use crate::Cx;
use crate::entity::Entity;
use crate::ids::parse_id;
use crate::network_interface::addresses::FreeAddresses;
use crate::network_interface::create::{InterfaceSpec, Ipv6, check_quota};
use crate::network_interface::find_changeable;
use crate::pools;
use crate::request::{required, unsupported};
use crate::security_group::{default_vpc, find_by_name};
use crate::subnet::available_addresses;
use crate::tags::{self, TagSpecification};

/// What AWS lets people tag in this call. Volumes and spot requests do not exist here; their tags
/// are passed over.
const TAGGABLE: [&str; 4] = [
    "instance",
    "network-interface",
    "volume",
    "spot-instances-request",
];

/// Members about storage and hardware are passed over: a sandbox has none of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunRequest {
    image_id: Option<String>,
    instance_type: Option<String>,
    min_count: Option<i64>,
    max_count: Option<i64>,
    subnet_id: Option<String>,
    security_group_ids: Vec<String>,
    security_groups: Vec<String>,
    private_ip_address: Option<String>,
    ipv6_address_count: Option<i64>,
    ipv6_addresses: Vec<Ipv6>,
    network_interfaces: Vec<LaunchInterface>,
    placement: Option<Placement>,
    key_name: Option<String>,
    user_data: Option<String>,
    client_token: Option<String>,
    disable_api_termination: Option<bool>,
    instance_initiated_shutdown_behavior: Option<String>,
    metadata_options: MetadataRequest,
    iam_instance_profile: Specification,
    tag_specifications: Vec<TagSpecification>,
    launch_template: Option<Value>,
    instance_market_options: Option<Value>,
}

/// One `NetworkInterface.N`: a new interface, or an existing one by id.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LaunchInterface {
    #[serde(flatten)]
    spec: InterfaceSpec,
    device_index: Option<i64>,
    network_interface_id: Option<String>,
    associate_public_ip_address: Option<bool>,
    delete_on_termination: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Placement {
    availability_zone: Option<String>,
}

pub fn run(cx: &mut Cx, req: RunRequest) -> Result<Value, Error> {
    let plan = Plan::judge(cx, &req)?;
    let mut interfaces = req.interfaces(cx)?;
    interfaces.sort_by_key(|i| i.device_index);
    check_interfaces(&interfaces, plan.count, &plan.template.instance_type)?;
    let new = interfaces
        .iter()
        .filter(|i| i.network_interface_id.is_none())
        .count();
    check_quota(cx, new * plan.count)?;
    let mut launch = Launch {
        free: BTreeMap::new(),
        zone: None,
    };
    if let Some(zone) = req
        .placement
        .as_ref()
        .and_then(|p| p.availability_zone.clone())
    {
        launch.zone = Some(zone);
    }
    check_room(cx, &interfaces, launch.zone.as_deref(), req.max_count)?;
    let mut made = Vec::with_capacity(plan.count);
    for launch_index in 0..plan.count as u32 {
        let id: InstanceId = cx.new_id();
        let mut eth0 = None;
        for interface in &interfaces {
            let eni = launch.interface(cx, interface, id, interfaces.len() == 1)?;
            if interface.network_interface_id.is_none() {
                cx.put(eni.clone());
                cx.set_tags(eni.id, plan.interface_tags.clone());
            } else {
                cx.put(eni.clone());
            }
            eth0.get_or_insert(eni);
        }
        let eth0 = eth0.ok_or_else(Error::internal)?;
        let profile = match req.iam_instance_profile.is_empty() {
            true => None,
            false => Some(req.iam_instance_profile.associate(cx)?),
        };
        let instance = Instance {
            id,
            profile,
            launch_index,
            vpc: eth0.vpc,
            subnet: eth0.subnet,
            primary_interface: eth0.id,
            associate_public_ip: eth0.auto_public_ip.is_some(),
            ..plan.template.clone()
        };
        cx.put(instance.clone());
        cx.set_tags(id, plan.instance_tags.clone());
        made.push(instance);
    }
    let made: Vec<&Instance> = made.iter().collect();
    Ok(render_reservation(cx, plan.template.reservation, &made))
}

/// What all instances of a launch have in common, judged before anything is made.
struct Plan {
    count: usize,
    /// An instance but for its id, place and interface.
    template: Instance,
    instance_tags: Tags,
    interface_tags: Tags,
}

impl Plan {
    fn judge(cx: &mut Cx, req: &RunRequest) -> Result<Plan, Error> {
        unsupported(&req.launch_template, "launchTemplate")?;
        unsupported(&req.instance_market_options, "instanceMarketOptions")?;
        let image = parse_id::<ImageId>(required(&req.image_id, "imageId")?)?;
        let instance_type = req.instance_type.as_deref().unwrap_or(types::DEFAULT);
        if !types::exists(instance_type) {
            return Err(Error::invalid_parameter_value(format!(
                "Invalid value '{instance_type}' for InstanceType."
            )));
        }
        let count = count(cx, req)?;
        if let Some(data) = req.user_data.as_deref() {
            check_user_data(data)?;
        }
        let behavior = req
            .instance_initiated_shutdown_behavior
            .as_deref()
            .unwrap_or("stop");
        check_shutdown_behavior(behavior)?;
        let mut metadata_options = MetadataOptions::default();
        req.metadata_options.lay_over(&mut metadata_options)?;
        let tags_for = |kind| tags::at_creation(&req.tag_specifications, kind, &TAGGABLE);
        let (instance_tags, interface_tags) = (
            tags_for(Instance::TAG_TYPE)?,
            tags_for(NetworkInterface::TAG_TYPE)?,
        );
        let template = Instance {
            id: InstanceId::from_random(0),
            owner: cx.account().clone(),
            reservation: cx.new_id(),
            launch_index: 0,
            image,
            instance_type: instance_type.to_owned(),
            state: InstanceState::Pending,
            state_reason: None,
            vpc: VpcId::from_random(0),
            subnet: SubnetId::from_random(0),
            primary_interface: NetworkInterfaceId::from_random(0),
            key_name: req.key_name.clone(),
            booted: false,
            reboots: 0,
            user_data: req.user_data.clone().filter(|data| !data.is_empty()),
            launched_at: cx.now(),
            terminated_at: None,
            client_token: req.client_token.clone(),
            associate_public_ip: false,
            disable_api_termination: req.disable_api_termination == Some(true),
            shutdown_behavior: behavior.to_owned(),
            metadata_options,
            profile: None,
        };
        Ok(Plan {
            count,
            template,
            instance_tags,
            interface_tags,
        })
    }
}

/// As many as wanted and the quota has room for, but not fewer than the least.
fn count(cx: &Cx, req: &RunRequest) -> Result<usize, Error> {
    let least = req
        .min_count
        .ok_or_else(|| Error::missing_parameter("MinCount"))?;
    let most = req
        .max_count
        .ok_or_else(|| Error::missing_parameter("MaxCount"))?;
    if least < 1 {
        return Err(Error::invalid_value("minCount", &least.to_string()));
    }
    if most < least {
        return Err(Error::invalid_value("maxCount", &most.to_string()));
    }
    let quota = cx.quotas().instances_per_region;
    let living = |i: &&Instance| i.state != InstanceState::Terminated;
    let room = quota.saturating_sub(cx.own::<Instance>().filter(living).count());
    if usize::try_from(least).is_ok_and(|least| least <= room) {
        return Ok(usize::try_from(most).map_or(room, |most| most.min(room)));
    }
    Err(Error::new(
        "InstanceLimitExceeded",
        format!("You have requested more instances ({least}) than your limit of {quota} allows."),
    ))
}

impl RunRequest {
    /// The interfaces of each instance: as listed, or one made of the request's own members.
    fn interfaces(&self, cx: &Cx) -> Result<Vec<LaunchInterface>, Error> {
        if !self.network_interfaces.is_empty() {
            let said = [
                (self.subnet_id.is_some(), "subnet ID"),
                (!self.security_group_ids.is_empty(), "security groups"),
                (!self.security_groups.is_empty(), "security groups"),
                (self.private_ip_address.is_some(), "private address"),
                (self.ipv6_address_count.is_some(), "IPv6 address count"),
                (!self.ipv6_addresses.is_empty(), "IPv6 addresses"),
            ];
            if let Some((_, what)) = said.iter().find(|(said, _)| *said) {
                return Err(Error::invalid_parameter_combination(format!(
                    "Network interfaces and an instance-level {what} may not be specified on the \
                     same request"
                )));
            }
            return Ok(self.network_interfaces.clone());
        }
        let mut groups = self.security_group_ids.clone();
        if !self.security_groups.is_empty() {
            if self.subnet_id.is_some() {
                return Err(Error::invalid_parameter_combination(
                    "The parameter groupName cannot be used with the parameter subnet",
                ));
            }
            for name in &self.security_groups {
                groups.push(find_by_name(cx, name)?.id.to_string());
            }
        }
        let spec = InterfaceSpec {
            subnet_id: self.subnet_id.clone(),
            groups,
            private_ip_address: self.private_ip_address.clone(),
            ipv6_addresses: self.ipv6_addresses.clone(),
            ipv6_address_count: self.ipv6_address_count,
            ..InterfaceSpec::default()
        };
        Ok(vec![LaunchInterface {
            spec,
            device_index: Some(0),
            ..LaunchInterface::default()
        }])
    }
}

/// What a list of interfaces may not say, sorted by device index.
fn check_interfaces(
    interfaces: &[LaunchInterface],
    count: usize,
    instance_type: &str,
) -> Result<(), Error> {
    if interfaces.iter().any(|i| i.device_index.is_none()) {
        return Err(Error::missing_parameter("networkInterface.deviceIndex"));
    }
    if let Some(bad) = interfaces.iter().find(|i| device_index(i).is_err()) {
        device_index(bad)?;
    }
    if interfaces.first().is_none_or(|i| i.device_index != Some(0)) {
        return Err(Error::invalid_parameter_combination(
            "One network interface must have device index 0.",
        ));
    }
    if interfaces
        .windows(2)
        .any(|pair| pair[0].device_index == pair[1].device_index)
    {
        return Err(Error::invalid_parameter_value(
            "Each network interface requires a unique device index.",
        ));
    }
    if interfaces.len() > types::limits_of(instance_type).interfaces {
        return Err(Error::new(
            "AttachmentLimitExceeded",
            format!(
                "Interface count {} exceeds the limit for {instance_type}",
                interfaces.len()
            ),
        ));
    }
    for interface in interfaces {
        let is_existing = interface.network_interface_id.is_some();
        let names_addresses = interface.spec.private_ip_address.is_some()
            || !interface.spec.private_ip_addresses.is_empty()
            || !interface.spec.ipv6_addresses.is_empty();
        if count > 1 && (is_existing || names_addresses) {
            return Err(Error::invalid_parameter_combination(
                "An existing network interface or a named address may not be specified when \
                 launching more than one instance.",
            ));
        }
        if interface.associate_public_ip_address.is_some() {
            let why = match (interfaces.len(), is_existing) {
                (1, false) => continue,
                (1, true) => "can only be specified for a new network interface",
                _ => "cannot be specified when launching with multiple network interfaces",
            };
            return Err(Error::invalid_parameter_combination(format!(
                "The associatePublicIPAddress parameter {why}."
            )));
        }
    }
    Ok(())
}

fn device_index(interface: &LaunchInterface) -> Result<u16, Error> {
    let index = interface.device_index.unwrap_or_default();
    u16::try_from(index).map_err(|_| Error::invalid_value("deviceIndex", &index.to_string()))
}

/// Whether the subnets have an address for each instance that is wanted: fewer are not launched for want of addresses.
///
/// # Errors
/// `InsufficientFreeAddressesInSubnet`.
fn check_room(
    cx: &Cx,
    interfaces: &[LaunchInterface],
    zone: Option<&str>,
    wanted: Option<i64>,
) -> Result<(), Error> {
    let wanted = usize::try_from(wanted.unwrap_or_default()).unwrap_or(usize::MAX);
    let mut needed: BTreeMap<SubnetId, (&Subnet, usize)> = BTreeMap::new();
    for interface in interfaces
        .iter()
        .filter(|i| i.network_interface_id.is_none())
    {
        let subnet = match &interface.spec.subnet_id {
            Some(id) => cx.find::<Subnet>(id)?,
            None => default_subnet(cx, zone)?,
        };
        needed.entry(subnet.id).or_insert((subnet, 0)).1 += 1;
    }
    for (subnet, each) in needed.into_values() {
        // IPv6 has room for all.
        if !subnet.is_ipv6_only() && wanted.saturating_mul(each) > available_addresses(cx, subnet) {
            return Err(Error::insufficient_free_addresses(&subnet.id.to_string()));
        }
    }
    Ok(())
}

/// What a launch keeps in mind from one interface to the next.
struct Launch {
    free: BTreeMap<SubnetId, FreeAddresses>,
    /// All interfaces lie in one zone: the one asked for, or the first interface's.
    zone: Option<String>,
}

impl Launch {
    /// Makes or takes one interface for an instance, bound to it.
    fn interface(
        &mut self,
        cx: &mut Cx,
        interface: &LaunchInterface,
        instance: InstanceId,
        is_only: bool,
    ) -> Result<NetworkInterface, Error> {
        let (mut eni, is_new) = match &interface.network_interface_id {
            Some(id) => (self.existing(cx, id)?, false),
            None => (self.new_interface(cx, interface, is_only)?, true),
        };
        eni.attachment = Some(Attachment {
            id: cx.new_id(),
            instance,
            device_index: device_index(interface)?,
            delete_on_termination: interface.delete_on_termination.unwrap_or(is_new),
            attached_at: cx.now(),
            state: AttachmentState::Attached,
        });
        Ok(eni)
    }

    fn existing(&mut self, cx: &Cx, id: &str) -> Result<NetworkInterface, Error> {
        let eni = find_changeable(cx, id)?;
        if eni.attachment.is_some() {
            let message = format!("Interface: [{id}] in use.");
            return Err(Error::new("InvalidNetworkInterface.InUse", message));
        }
        self.settle_zone(cx, &eni.availability_zone)?;
        Ok(eni)
    }

    fn new_interface(
        &mut self,
        cx: &mut Cx,
        interface: &LaunchInterface,
        is_only: bool,
    ) -> Result<NetworkInterface, Error> {
        let subnet = match &interface.spec.subnet_id {
            Some(id) => cx.find::<Subnet>(id)?.clone(),
            None => default_subnet(cx, self.zone.as_deref())?.clone(),
        };
        self.settle_zone(cx, &subnet.availability_zone)?;
        let free = self
            .free
            .entry(subnet.id)
            .or_insert_with(|| FreeAddresses::of(cx, &subnet));
        if subnet.is_ipv6_only() && interface.associate_public_ip_address == Some(true) {
            return Err(Error::invalid_parameter_combination(format!(
                "The associatePublicIPAddress parameter cannot be specified for the IPv6-only subnet {}.",
                subnet.id
            )));
        }
        let mut eni = interface.spec.make(cx, &subnet, free)?;
        let wants_public = interface
            .associate_public_ip_address
            .unwrap_or(subnet.map_public_ip_on_launch);
        if wants_public && is_only {
            eni.auto_public_ip = Some(pools::free_public_ip(cx)?);
        }
        Ok(eni)
    }

    fn settle_zone(&mut self, cx: &Cx, zone: &str) -> Result<(), Error> {
        match &self.zone {
            None => self.zone = Some(zone.to_owned()),
            Some(asked) if asked == zone => {}
            Some(asked) if cx.region_info().zone(asked).is_none() => return Err(no_zone(asked)),
            Some(asked) => {
                return Err(Error::invalid_parameter_value(format!(
                    "The availability zone of subnet or interface, {zone}, is not {asked}."
                )));
            }
        }
        Ok(())
    }
}

fn no_zone(zone: &str) -> Error {
    Error::invalid_parameter_value(format!("Invalid availability zone: [{zone}]"))
}

/// The default subnet of a zone, or of the first zone that has one.
fn default_subnet<'c>(cx: &'c Cx, zone: Option<&str>) -> Result<&'c Subnet, Error> {
    if let Some(zone) = zone.filter(|zone| cx.region_info().zone(zone).is_none()) {
        return Err(no_zone(zone));
    }
    let vpc = default_vpc(cx)?.id;
    cx.own::<Subnet>()
        .filter(|s| s.vpc == vpc && s.default_for_az)
        .filter(|s| zone.is_none_or(|zone| zone == s.availability_zone))
        .min_by(|a, b| a.availability_zone.cmp(&b.availability_zone))
        .ok_or_else(|| {
            Error::new(
                "MissingInput",
                format!("No subnets found for the default VPC '{vpc}'. Please specify a subnet."),
            )
        })
}
