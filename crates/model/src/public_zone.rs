//! The public zone: AWS services with addresses on the internet, of the range for benchmarks (RFC 2544).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

/// A service that instances reach at a public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicService {
    /// As in `<service>.<region>.amazonaws.com`.
    pub name: &'static str,
    /// The region that is asked at this address.
    pub region: &'static str,
    /// Of S3 and DynamoDB: in AWS's prefix list of the service ([`crate::aws_prefix_lists`]).
    pub address: Ipv4Addr,
    /// Whether its name is `<service>.amazonaws.com`.
    pub is_global: bool,
    /// Whether its name is `<service>.<region>.amazonaws.com`.
    pub is_regional: bool,
}

/// The region whose services answer to names without a region.
const GLOBAL_REGION: &str = "us-east-1";

/// The others, in the order of their blocks: append, never insert.
const REGIONS: [&str; 16] = [
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "sa-east-1",
];

/// The public addresses of one region's services (spec 07, "Public service ranges"; those of other regions than us-east-1
/// are a choice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicBlocks {
    pub region: &'static str,
    pub s3: Ipv4Net,
    pub dynamodb: Ipv4Net,
    /// All other services.
    pub others: Ipv4Net,
}

/// The blocks of every region that has any.
pub fn public_blocks() -> impl Iterator<Item = PublicBlocks> {
    let block = |third| Ipv4Net::new_assert(Ipv4Addr::new(198, 18, third, 0), 24);
    let blocks = move |region, [s3, dynamodb, others]: [u8; 3]| PublicBlocks {
        region,
        s3: block(s3),
        dynamodb: block(dynamodb),
        others: block(others),
    };
    let thirds = (40..).step_by(3).map(|first| [first, first + 1, first + 2]);
    let rest = REGIONS.into_iter().zip(thirds);
    std::iter::once((GLOBAL_REGION, [10, 20, 30]))
        .chain(rest)
        .map(move |(region, thirds)| blocks(region, thirds))
}

/// All services of all regions.
pub fn public_services() -> Vec<PublicService> {
    public_blocks().flat_map(services_of).collect()
}

fn services_of(blocks: PublicBlocks) -> impl Iterator<Item = PublicService> {
    let region = blocks.region;
    let host = |block: Ipv4Net, number| Ipv4Addr::from(u32::from(block.network()) | number);
    let service = move |name, block, number, may_be_global| PublicService {
        name,
        region,
        address: host(block, number),
        is_global: may_be_global && region == GLOBAL_REGION,
        // Identities belong to no region.
        is_regional: name != "iam",
    };
    let all = [
        service("s3", blocks.s3, 10, true),
        service("dynamodb", blocks.dynamodb, 10, false),
        service("logs", blocks.others, 10, false),
        service("sts", blocks.others, 11, true),
        service("iam", blocks.others, 12, true),
        service("ec2", blocks.others, 13, true),
    ];
    all.into_iter()
        .filter(|service| service.is_global || service.is_regional)
}

/// The service that an address belongs to, as AWS publishes its ranges and flow logs show them (`pkt-dst-aws-service`).
pub fn aws_service_of(address: IpAddr) -> Option<&'static str> {
    let IpAddr::V4(address) = address else {
        return None;
    };
    let has = |blocks: &PublicBlocks| {
        let all = [blocks.s3, blocks.dynamodb, blocks.others];
        all.iter().any(|block| block.contains(&address))
    };
    let blocks = public_blocks().find(has)?;
    Some(match address {
        address if blocks.s3.contains(&address) => "S3",
        address if blocks.dynamodb.contains(&address) => "DYNAMODB",
        _ => {
            let known = services_of(blocks).find(|service| service.address == address);
            match known {
                Some(service) if service.name == "ec2" => "EC2",
                _ => "AMAZON",
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::aws_prefix_lists;

    #[test]
    fn services_with_a_prefix_list_have_addresses_in_it() {
        for list in aws_prefix_lists() {
            let service = public_services()
                .into_iter()
                .find(|service| service.name == list.service && service.region == list.region)
                .unwrap();
            assert!(list.cidr.contains(&service.address), "{}", service.name);
        }
    }

    /// Spec 07.
    #[test]
    fn us_east_1_has_the_published_addresses() {
        let of = |name| {
            let mut all = public_services().into_iter();
            let found = all.find(|service| service.name == name);
            found.unwrap().address.to_string()
        };
        assert_eq!(of("s3"), "198.18.10.10");
        assert_eq!(of("dynamodb"), "198.18.20.10");
        assert_eq!(of("logs"), "198.18.30.10");
    }

    /// `GE-22`.
    #[test]
    fn no_two_regions_share_an_address_and_iam_has_one() {
        let all = public_services();
        let addresses: HashSet<Ipv4Addr> = all.iter().map(|service| service.address).collect();
        assert_eq!(addresses.len(), all.len());
        let blocks = public_blocks().flat_map(|b| [b.s3, b.dynamodb, b.others]);
        let blocks: Vec<Ipv4Net> = blocks.collect();
        assert_eq!(blocks.iter().collect::<HashSet<_>>().len(), 3 * 17);
        assert_eq!(all.iter().filter(|s| s.name == "iam").count(), 1);
        assert_eq!(all.iter().filter(|s| s.name == "s3").count(), 17);
    }

    #[test]
    fn flow_logs_know_whose_an_address_is() {
        for (address, service) in [
            ("198.18.10.77", Some("S3")),
            ("198.18.20.10", Some("DYNAMODB")),
            ("198.18.30.13", Some("EC2")),
            ("198.18.30.10", Some("AMAZON")),
            ("198.18.49.10", Some("S3")),
            ("198.18.9.1", None),
            ("10.0.0.1", None),
            ("2001:db8::1", None),
        ] {
            assert_eq!(
                aws_service_of(address.parse().unwrap()),
                service,
                "{address}"
            );
        }
    }
}
