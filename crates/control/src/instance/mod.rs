//! Actions on instances. What happens to them without a call is in [`crate::lifecycle`].
//!
//! [`run`] launches, [`state`] starts, stops, reboots and terminates, [`attributes`] and [`profile`] change what they are;
//! [`types`] and [`images`] list what can be launched.

mod attributes;
mod images;
mod profile;
mod run;
mod state;
pub mod types;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, listing, select, tag_set};
use crate::network_interface::{
    association, attachment, connection_tracking, has_dns_hostnames, render_address,
};
use crate::request::{read, without_empty};
use crate::security_group::render_groups;
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("RunInstances", |cx, input| {
        run::run(cx, read(without_empty(input))?)
    }),
    ("TerminateInstances", |cx, input| {
        state::terminate(cx, read(input)?)
    }),
    ("StartInstances", |cx, input| state::start(cx, read(input)?)),
    ("StopInstances", |cx, input| state::stop(cx, read(input)?)),
    ("RebootInstances", |cx, input| {
        state::reboot(cx, read(input)?)
    }),
    ("DescribeInstances", |cx, input| {
        describe_instances(cx, &input)
    }),
    ("DescribeInstanceStatus", |cx, input| {
        state::describe_status(cx, &input)
    }),
    ("GetConsoleOutput", |cx, input| {
        state::console_output(cx, read(input)?)
    }),
    ("DescribeInstanceAttribute", |cx, input| {
        attributes::describe(cx, read(input)?)
    }),
    ("ModifyInstanceAttribute", |cx, input| {
        attributes::modify(cx, read(input)?)
    }),
    ("ModifyInstanceMetadataOptions", |cx, input| {
        attributes::modify_metadata_options(cx, read(input)?)
    }),
    ("DescribeInstanceCreditSpecifications", |cx, input| {
        attributes::credit_specifications(cx, &input)
    }),
    ("AssociateIamInstanceProfile", |cx, input| {
        profile::associate(cx, read(input)?)
    }),
    ("ReplaceIamInstanceProfileAssociation", |cx, input| {
        profile::replace(cx, read(input)?)
    }),
    ("DisassociateIamInstanceProfile", |cx, input| {
        profile::disassociate(cx, read(input)?)
    }),
    ("DescribeIamInstanceProfileAssociations", |cx, input| {
        profile::describe(cx, &input)
    }),
    ("DescribeInstanceTypes", |cx, input| {
        types::describe(cx, &input)
    }),
    ("DescribeImages", |cx, input| images::describe(cx, &input)),
    ("DescribeVolumes", |_, input| {
        images::describe_volumes(&input)
    }),
];

const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    "x86_64"
};

/// DescribeInstances: instances of a page, gathered by the launch that they came from.
fn describe_instances(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let (instances, token) = select::<Instance>(cx, input)?;
    let mut launches: Vec<(ReservationId, Vec<&Instance>)> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for instance in instances {
        let at = *place
            .entry(instance.reservation.to_string())
            .or_insert(launches.len());
        if at == launches.len() {
            launches.push((instance.reservation, Vec::new()));
        }
        launches[at].1.push(instance);
    }
    let reservations = launches.into_iter().map(|(id, mut instances)| {
        instances.sort_unstable_by_key(|i| i.launch_index);
        render_reservation(cx, id, &instances)
    });
    Ok(listing("Reservations", reservations.collect(), token))
}

fn render_reservation(cx: &Cx, id: ReservationId, instances: &[&Instance]) -> Value {
    json!({
        "ReservationId": id,
        "OwnerId": cx.account(),
        "Groups": [],
        "Instances": instances.iter().map(|i| i.render(cx)).collect::<Value>(),
    })
}

impl Describe for Instance {
    const LIST: &'static str = "Instances";
    const IDS: &'static str = "InstanceIds";
    const IDS_FORBID_PAGING: bool = true;
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<Instance>] = &[
        ("instance-id", |i, _| vec![i.id.to_string()]),
        ("instance-state-name", |i, _| vec![i.state.code_and_name().1.to_owned()]),
        ("instance-state-code", |i, _| vec![i.state.code_and_name().0.to_string()]),
        ("instance-type", |i, _| vec![i.instance_type.clone()]),
        ("image-id", |i, _| vec![i.image.to_string()]),
        ("architecture", |_, _| vec![ARCHITECTURE.to_owned()]),
        ("availability-zone", |i, cx| zone(cx, i).into_iter().collect()),
        ("client-token", |i, _| i.client_token.iter().cloned().collect()),
        ("key-name", |i, _| i.key_name.iter().cloned().collect()),
        ("launch-index", |i, _| vec![i.launch_index.to_string()]),
        ("owner-id", |i, _| vec![i.owner.to_string()]),
        ("reservation-id", |i, _| vec![i.reservation.to_string()]),
        ("subnet-id", |i, _| vec![i.subnet.to_string()]),
        ("vpc-id", |i, _| vec![i.vpc.to_string()]),
        ("private-ip-address", |i, cx| primary(cx, i).and_then(|e| Some(e.primary_ip()?.to_string())).into_iter().collect()),
        ("private-dns-name", |i, cx| primary(cx, i).map(|e| host_name(cx, i, e)).into_iter().collect()),
        ("ip-address", |i, cx| public_ip(cx, i).map(|ip| ip.to_string()).into_iter().collect()),
        ("dns-name", |i, cx| public_dns_name(cx, i).into_iter().collect()),
        ("group-id", |i, cx| groups(cx, i).iter().map(|g| g.to_string()).collect()),
        ("group-name", |i, cx| group_names(cx, i)),
        ("instance.group-id", |i, cx| groups(cx, i).iter().map(|g| g.to_string()).collect()),
        ("instance.group-name", |i, cx| group_names(cx, i)),
        ("iam-instance-profile.arn", |i, _| i.profile.iter().map(|p| p.arn.clone()).collect()),
        ("iam-instance-profile.id", |i, _| i.profile.iter().map(|p| p.profile_id.clone()).collect()),
        ("iam-instance-profile.name", |i, _| i.profile.iter().map(|p| p.profile.clone()).collect()),
        ("source-dest-check", |i, cx| primary(cx, i).map(|e| e.source_dest_check.to_string()).into_iter().collect()),
        ("network-interface.network-interface-id", |i, cx| interfaces(cx, i, |e| vec![e.id.to_string()])),
        ("network-interface.subnet-id", |i, cx| interfaces(cx, i, |e| vec![e.subnet.to_string()])),
        ("network-interface.vpc-id", |i, cx| interfaces(cx, i, |e| vec![e.vpc.to_string()])),
        ("network-interface.mac-address", |i, cx| interfaces(cx, i, |e| vec![e.mac.to_string()])),
        ("network-interface.group-id", |i, cx| interfaces(cx, i, |e| e.security_groups.iter().map(|g| g.to_string()).collect())),
        ("network-interface.private-ip-address", |i, cx| interfaces(cx, i, |e| e.primary_ip().iter().map(|ip| ip.to_string()).collect())),
        ("network-interface.addresses.private-ip-address", |i, cx| interfaces(cx, i, |e| e.private_ips.iter().map(|ip| ip.to_string()).collect())),
        ("network-interface.ipv6-addresses.ipv6-address", |i, cx| interfaces(cx, i, |e| e.ipv6_addresses.iter().map(|ip| ip.to_string()).collect())),
        ("state-reason-code", |i, _| i.state_reason.iter().map(|(code, _)| code.clone()).collect()),
        ("tenancy", |_, _| vec!["default".to_owned()]),
        ("root-device-name", |_, _| vec![images::ROOT_DEVICE.to_owned()]),
        ("root-device-type", |_, _| vec!["ebs".to_owned()]),
        ("virtualization-type", |_, _| vec!["hvm".to_owned()]),
        ("hypervisor", |_, _| vec!["xen".to_owned()]),
        ("monitoring-state", |_, _| vec!["disabled".to_owned()]),
    ];

    /// A terminated instance has no network any more: AWS leaves VPC, subnet and addresses out.
    fn render(&self, cx: &Cx) -> Value {
        let interfaces = cx.interfaces_of(self.id);
        let eth0 = primary(cx, self);
        let is_gone = self.state == InstanceState::Terminated;
        let (code, name) = self.state.code_and_name();
        let user_initiated = self
            .state_reason
            .as_ref()
            .is_some_and(|(code, _)| code == state::USER_INITIATED.0);
        let mut item = json!({
            "InstanceId": self.id,
            "ImageId": self.image,
            "InstanceType": self.instance_type,
            "AmiLaunchIndex": self.launch_index,
            "LaunchTime": self.launched_at,
            "State": {"Code": code, "Name": name},
            "StateTransitionReason": if user_initiated { "User initiated" } else { "" },
            "StateReason": self.state_reason.as_ref().map(|(code, message)| json!({"Code": code, "Message": message})),
            "Placement": {"AvailabilityZone": zone(cx, self), "GroupName": "", "Tenancy": "default"},
            "Monitoring": {"State": "disabled"},
            "KeyName": self.key_name,
            "ClientToken": self.client_token.as_deref().unwrap_or_default(),
            "Architecture": ARCHITECTURE,
            "Hypervisor": "xen",
            "VirtualizationType": "hvm",
            "RootDeviceName": images::ROOT_DEVICE,
            "RootDeviceType": "ebs",
            "BlockDeviceMappings": [],
            "ProductCodes": [],
            "EbsOptimized": false,
            "EnaSupport": true,
            "PlatformDetails": "Linux/UNIX",
            "MetadataOptions": attributes::render_metadata_options(&self.metadata_options),
            "PrivateDnsName": "",
            "PublicDnsName": public_dns_name(cx, self).unwrap_or_default(),
            "SecurityGroups": render_groups(cx, &groups(cx, self)),
            "NetworkInterfaces": interfaces.iter().map(|eni| render_interface(cx, eni)).collect::<Value>(),
            "Tags": tag_set(cx, self.id),
        });
        if !is_gone {
            item["IamInstanceProfile"] = json!(self.profile.as_ref().map(profile::render_profile));
            item["VpcId"] = json!(self.vpc);
            item["SubnetId"] = json!(self.subnet);
        }
        if let Some(eth0) = eth0 {
            item["PrivateIpAddress"] = json!(eth0.primary_ip());
            item["PrivateDnsName"] = json!(host_name(cx, self, eth0));
            item["PublicIpAddress"] = json!(public_ip(cx, self));
            item["Ipv6Address"] = json!(eth0.ipv6_addresses.first());
            item["SourceDestCheck"] = json!(eth0.source_dest_check);
        }
        item
    }
}

/// An interface as its instance shows it.
fn render_interface(cx: &Cx, eni: &NetworkInterface) -> Value {
    let addresses: Value = eni
        .private_ips
        .iter()
        .map(|ip| render_short_address(cx, eni, *ip))
        .collect();
    let bond = attachment::render(cx, eni).map(|mut bond| {
        if let Value::Object(members) = &mut bond {
            members.retain(|name, _| !["InstanceId", "InstanceOwnerId"].contains(&name.as_str()));
        }
        bond
    });
    let ipv6 = eni
        .ipv6_addresses
        .iter()
        .map(|ip| json!({"Ipv6Address": ip, "IsPrimaryIpv6": false}));
    json!({
        "NetworkInterfaceId": eni.id,
        "SubnetId": eni.subnet,
        "VpcId": eni.vpc,
        "Description": eni.description,
        "OwnerId": eni.owner,
        "Status": "in-use",
        "MacAddress": eni.mac.to_string(),
        "PrivateIpAddress": eni.primary_ip(),
        "PrivateDnsName": addresses[0]["PrivateDnsName"],
        "SourceDestCheck": eni.source_dest_check,
        "ConnectionTrackingConfiguration": connection_tracking::render(&eni.connection_tracking),
        "InterfaceType": eni.kind.as_str(),
        "Groups": render_groups(cx, &eni.security_groups),
        "Attachment": bond,
        "Association": addresses[0]["Association"],
        "PrivateIpAddresses": addresses,
        "Ipv6Addresses": ipv6.collect::<Value>(),
    })
}

/// Here AWS does not tell allocation and association ids.
fn render_short_address(cx: &Cx, eni: &NetworkInterface, ip: std::net::Ipv4Addr) -> Value {
    let mut address = render_address(cx, eni, ip);
    if let Value::Object(association) = &mut address["Association"] {
        association.retain(|name, _| !["AllocationId", "AssociationId"].contains(&name.as_str()));
    }
    address
}

/// The interface with device index 0, while there is one.
fn primary<'c>(cx: &'c Cx, instance: &Instance) -> Option<&'c NetworkInterface> {
    let bound = |eni: &&NetworkInterface| {
        eni.attachment
            .as_ref()
            .is_some_and(|a| a.instance == instance.id)
    };
    cx.get::<NetworkInterface>(instance.primary_interface)
        .filter(bound)
}

fn interfaces(
    cx: &Cx,
    instance: &Instance,
    part: fn(&NetworkInterface) -> Vec<String>,
) -> Vec<String> {
    cx.interfaces_of(instance.id)
        .into_iter()
        .flat_map(part)
        .collect()
}

fn zone(cx: &Cx, instance: &Instance) -> Option<String> {
    cx.get::<Subnet>(instance.subnet)
        .map(|subnet| subnet.availability_zone.clone())
}

fn groups(cx: &Cx, instance: &Instance) -> Vec<SecurityGroupId> {
    primary(cx, instance)
        .map(|eni| eni.security_groups.clone())
        .unwrap_or_default()
}

fn group_names(cx: &Cx, instance: &Instance) -> Vec<String> {
    let groups = groups(cx, instance);
    let groups = groups.iter().filter_map(|id| cx.get::<SecurityGroup>(*id));
    groups.map(|g| g.name.clone()).collect()
}

fn host_name(cx: &Cx, instance: &Instance, eth0: &NetworkInterface) -> String {
    dns_name::host_dns_name(cx.region_name(), eth0.primary_ip(), instance.id)
}

fn public_ip(cx: &Cx, instance: &Instance) -> Option<std::net::Ipv4Addr> {
    let eth0 = primary(cx, instance)?;
    association(cx, eth0, eth0.primary_ip()?).map(|a| a.public_ip)
}

fn public_dns_name(cx: &Cx, instance: &Instance) -> Option<String> {
    let ip = public_ip(cx, instance).filter(|_| has_dns_hostnames(cx, instance.vpc))?;
    Some(cx.region_info().public_dns_name(ip))
}
