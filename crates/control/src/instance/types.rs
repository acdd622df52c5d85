//! Instance types. Sandboxes are all alike, so every type that AWS has may be launched; what a type
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

/// Of the types of x86_64 of today; Graviton has one, which nothing here shows.
const THREADS_PER_CORE: u32 = 2;

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

/// Families that AWS offers or has offered; those of whole machines for one purpose (`mac`, `u-`) go by their prefix.
const FAMILIES: &str = "a1 c1 c3 c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex \
    c8g c8gd c8gn c8i c8i-flex cc2 cr1 d2 d3 d3en dl1 dl2q f1 f2 g2 g3 g3s g4ad g4dn g5 g5g g6 g6e g6f gr6 gr6f h1 hpc6a \
    hpc6id hpc7a hpc7g hs1 i2 i3 i3en i4g i4i i7i i7ie i8g i8ge im4gn inf1 inf2 is4gen m1 m2 m3 m4 m5 m5a m5ad m5d m5dn \
    m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8g m8gd m8i m8i-flex p2 p3 p3dn p4d p4de p5 p5e \
    p5en r3 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz r8g r8gd r8i \
    r8i-flex t1 t2 t3 t3a t4g trn1 trn1n trn2 vt1 x1 x1e x2gd x2idn x2iedn x2iezn x8g z1d";

/// Whether AWS could offer such a type: a family that it knows, with a size that exists.
pub fn exists(text: &str) -> bool {
    let Some((family, size)) = text.split_once('.') else {
        return false;
    };
    let special = ["mac", "u-", "u7i"].iter().any(|p| family.starts_with(p));
    let known = FAMILIES.split_ascii_whitespace().any(|f| f == family);
    let xlarge = size.strip_suffix("xlarge");
    let times = xlarge.is_some_and(|times| {
        times.is_empty() || times.parse().is_ok_and(|n: u16| (2..=112).contains(&n))
    });
    let metal = size == "metal"
        || size
            .strip_prefix("metal-")
            .is_some_and(|m| m.ends_with("xl"));
    let size = match size {
        "nano" => family.starts_with('t'),
        "micro" | "small" | "medium" | "large" => true,
        _ => times || metal,
    };
    (known || special) && size
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
    if let Some(unknown) = types.iter().find(|name| !exists(name)) {
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
        "VCpuInfo": {
            "DefaultVCpus": limits.vcpus,
            "DefaultCores": limits.vcpus / THREADS_PER_CORE,
            "DefaultThreadsPerCore": THREADS_PER_CORE,
        },
        "EbsInfo": {"EbsOptimizedSupport": "default", "EncryptionSupport": "supported", "NvmeSupport": "required"},
        "PlacementGroupInfo": {"SupportedStrategies": ["partition", "spread"]},
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

#[cfg(test)]
mod tests {
    use super::exists;

    #[test]
    fn a_type_is_a_known_family_with_a_size() {
        for text in [
            "t3.nano",
            "m5.24xlarge",
            "c7i-flex.large",
            "m5.metal",
            "u-6tb1.112xlarge",
        ] {
            assert!(exists(text), "{text}");
        }
        for text in [
            "t9.nano",
            "t3.huge",
            "m5.1xlarge",
            "m5.nano",
            "m5",
            ".large",
            "m5.",
            "M5.large",
        ] {
            assert!(!exists(text), "{text}");
        }
    }
}
