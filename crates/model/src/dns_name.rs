//! The names that AWS gives to addresses and instances (`DNS-2`, `DNS-3`): what the API shows, what a host is called and
//! what the resolver answers all come from here.

use std::net::Ipv4Addr;

use crate::InstanceId;

/// The domain of private host names in a region.
pub fn private_domain(region: &str) -> String {
    match region {
        "us-east-1" => "ec2.internal".to_owned(),
        name => format!("{name}.compute.internal"),
    }
}

/// The private host name of a private address, such as `ip-10-0-1-5.ec2.internal`.
pub fn private_dns_name(region: &str, address: Ipv4Addr) -> String {
    format!("{}.{}", private_label(address), private_domain(region))
}

/// The first label of a private host name, such as `ip-10-0-1-5`.
pub fn private_label(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("ip-{a}-{b}-{c}-{d}")
}

/// The resource name of an instance, such as `i-0123456789abcdef0.ec2.internal`.
pub fn resource_dns_name(region: &str, instance: InstanceId) -> String {
    format!("{instance}.{}", private_domain(region))
}

/// What an instance is called: after its first IPv4 address, or without one after itself.
pub fn host_dns_name(region: &str, ipv4: Option<Ipv4Addr>, instance: InstanceId) -> String {
    match ipv4 {
        Some(address) => private_dns_name(region, address),
        None => resource_dns_name(region, instance),
    }
}

/// The domain of public host names in a region.
pub fn public_domain(region: &str) -> String {
    match region {
        "us-east-1" => "compute-1.amazonaws.com".to_owned(),
        name => format!("{name}.compute.amazonaws.com"),
    }
}

/// The public host name of a public address, such as `ec2-203-0-113-25.compute-1.amazonaws.com`.
pub fn public_dns_name(region: &str, address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("ec2-{a}-{b}-{c}-{d}.{}", public_domain(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_region() {
        let (private, public) = (Ipv4Addr::new(10, 0, 1, 5), Ipv4Addr::new(203, 0, 113, 25));
        assert_eq!(
            private_dns_name("us-east-1", private),
            "ip-10-0-1-5.ec2.internal"
        );
        assert_eq!(
            private_dns_name("eu-west-1", private),
            "ip-10-0-1-5.eu-west-1.compute.internal"
        );
        assert_eq!(
            public_dns_name("us-east-1", public),
            "ec2-203-0-113-25.compute-1.amazonaws.com"
        );
        assert_eq!(
            public_dns_name("eu-west-1", public),
            "ec2-203-0-113-25.eu-west-1.compute.amazonaws.com"
        );
    }
}
