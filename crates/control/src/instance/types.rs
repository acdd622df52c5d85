//! Instance types. Sandboxes are all alike, so every well-formed type may be launched; what a type
//! says of itself follows from its size. AWS: EC2 user guide, "IP addresses per network interface".

use openvpc_ec2::Error;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::listing;
use crate::filters::Filters;
use crate::paging::Page;

/// The type of a launch that names none, as on AWS.
pub const DEFAULT: &str = "m1.small";

/// What DescribeInstanceTypes lists when no type is named.
const LISTED: [&str; 14] = [
    "c5.large",
    "c5.xlarge",
    "m5.2xlarge",
    "m5.large",
    "m5.xlarge",
    "r5.large",
    "r5.xlarge",
    "t2.micro",
    "t3.2xlarge",
    "t3.large",
    "t3.medium",
    "t3.micro",
    "t3.nano",
    "t3.small",
];

/// What a size can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub interfaces: usize,
    pub addresses_per_interface: usize,
    pub vcpus: u32,
    pub memory_mib: u64,
}

/// The limits of a type, from its size.
pub fn limits_of(instance_type: &str) -> Limits {
    let size = instance_type.rsplit('.').next().unwrap_or_default();
    let (interfaces, addresses_per_interface, vcpus, memory_mib) = match size {
        "nano" => (2, 2, 2, 512),
        "micro" => (2, 2, 2, 1 << 10),
        "small" => (3, 4, 2, 2 << 10),
        "medium" => (3, 6, 2, 4 << 10),
        "large" => (3, 10, 2, 8 << 10),
        "xlarge" => (4, 15, 4, 16 << 10),
        "2xlarge" => (4, 15, 8, 32 << 10),
        "4xlarge" => (8, 30, 16, 64 << 10),
        _ => (15, 50, 48, 192 << 10),
    };
    Limits {
        interfaces,
        addresses_per_interface,
        vcpus,
        memory_mib,
    }
}

/// Whether a text has the form of a type: `family.size`.
pub fn is_well_formed(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 32
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.split_once('.')
        .is_some_and(|(family, size)| part(family) && part(size))
}

const FILTERS: [&str; 12] = [
    "instance-type",
    "current-generation",
    "bare-metal",
    "burstable-performance-supported",
    "free-tier-eligible",
    "hypervisor",
    "processor-info.supported-architecture",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-vcpus",
    "memory-info.size-in-mib",
];

pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &FILTERS)?;
    let page = Page::read(cx, "InstanceTypes", input, (5, 100))?;
    let named = input["InstanceTypes"].as_array().into_iter().flatten();
    let mut types: Vec<String> = named
        .map(|name| name.as_str().unwrap_or_default().to_owned())
        .collect();
    if let Some(unknown) = types.iter().find(|name| !is_well_formed(name)) {
        return Err(Error::new(
            "InvalidInstanceType",
            format!("The following supplied instance types do not exist: [{unknown}]"),
        ));
    }
    if types.is_empty() {
        types = LISTED.iter().map(|name| (*name).to_owned()).collect();
    }
    types.sort_unstable();
    types.dedup();
    let found = types
        .into_iter()
        .filter(|name| filters.pass(openvpc_model::Tags::new, |filter| values(name, filter)))
        .map(|name| (name.clone(), render(&name)));
    let (rendered, token) = page.take(found)?;
    Ok(listing("InstanceTypes", rendered, token))
}

fn values(name: &str, filter: &str) -> Vec<String> {
    let limits = limits_of(name);
    let value = match filter {
        "instance-type" => name.to_owned(),
        "current-generation" => is_current(name).to_string(),
        "bare-metal" => "false".to_owned(),
        "burstable-performance-supported" => name.starts_with('t').to_string(),
        "free-tier-eligible" => name.ends_with(".micro").to_string(),
        "hypervisor" => "nitro".to_owned(),
        "processor-info.supported-architecture" => super::ARCHITECTURE.to_owned(),
        "supported-root-device-type" => "ebs".to_owned(),
        "supported-usage-class" => "on-demand".to_owned(),
        "supported-virtualization-type" => "hvm".to_owned(),
        "vcpu-info.default-vcpus" => limits.vcpus.to_string(),
        _ => limits.memory_mib.to_string(),
    };
    vec![value]
}

fn is_current(name: &str) -> bool {
    !["m1.", "t1.", "c1.", "m2."]
        .iter()
        .any(|old| name.starts_with(old))
}

fn render(name: &str) -> Value {
    let limits = limits_of(name);
    json!({
        "InstanceType": name,
        "CurrentGeneration": is_current(name),
        "FreeTierEligible": name.ends_with(".micro"),
        "SupportedUsageClasses": ["on-demand"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedVirtualizationTypes": ["hvm"],
        "BareMetal": false,
        "Hypervisor": "nitro",
        "ProcessorInfo": {"SupportedArchitectures": [super::ARCHITECTURE]},
        "VCpuInfo": {"DefaultVCpus": limits.vcpus},
        "MemoryInfo": {"SizeInMiB": limits.memory_mib},
        "InstanceStorageSupported": false,
        "NetworkInfo": {
            "MaximumNetworkInterfaces": limits.interfaces,
            "MaximumNetworkCards": 1,
            "DefaultNetworkCardIndex": 0,
            "NetworkCards": [{"NetworkCardIndex": 0, "MaximumNetworkInterfaces": limits.interfaces}],
            "Ipv4AddressesPerInterface": limits.addresses_per_interface,
            "Ipv6AddressesPerInterface": limits.addresses_per_interface,
            "Ipv6Supported": true,
            "EnaSupport": "supported",
            "EfaSupported": false,
        },
        "HibernationSupported": false,
        "BurstablePerformanceSupported": name.starts_with('t'),
        "DedicatedHostsSupported": false,
        "AutoRecoverySupported": false,
    })
}
