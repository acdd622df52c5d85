//! The public zone: AWS services with addresses on the internet, of the range for benchmarks (RFC 2544).

use std::net::Ipv4Addr;

/// A service that instances reach at a public address, the same for every region (choice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicService {
    /// As in `<service>.<region>.amazonaws.com`.
    pub name: &'static str,
    /// Of S3 and DynamoDB: in AWS's prefix list of the service ([`crate::aws_prefix_lists`]).
    pub address: Ipv4Addr,
    /// Whether `<service>.amazonaws.com` exists too.
    pub global: bool,
}

/// All of them.
pub fn public_services() -> [PublicService; 6] {
    let service = |name, third, last, global| PublicService {
        name,
        address: Ipv4Addr::new(198, 18, third, last),
        global,
    };
    [
        service("s3", 10, 10, true),
        service("dynamodb", 20, 10, false),
        service("logs", 30, 10, false),
        service("sts", 30, 11, true),
        service("iam", 30, 12, true),
        service("ec2", 30, 13, true),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_prefix_lists;

    #[test]
    fn services_with_a_prefix_list_have_addresses_in_it() {
        for list in aws_prefix_lists() {
            let service = public_services()
                .into_iter()
                .find(|service| service.name == list.service)
                .unwrap();
            assert!(list.cidr.contains(&service.address), "{}", service.name);
        }
    }
}
