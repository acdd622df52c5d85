//! The public zone's addresses and names (D9): the same for every VPC and for the internet.

use std::net::IpAddr;

use openvpc_dns::{Addresses, Public};
use openvpc_engine::identity::service_ipv6;
use openvpc_model::public_services;

/// What the engine leads to the services; over IPv6, for those who come by an endpoint.
pub fn public_service_addresses() -> Vec<IpAddr> {
    let services = public_services().into_iter();
    let each = services.flat_map(|service| {
        let ipv6 = service_ipv6(service.address);
        [IpAddr::from(service.address), ipv6.into()]
    });
    each.collect()
}

/// Gives the services of these regions their names: `<service>.<region>.amazonaws.com`, the global ones of some, and
/// every name below that of S3, for each may be a bucket (virtual-hosted style); below `ddb`, for each may be an account.
/// A name leads to the addresses of the region that it names (`GE-22`).
pub fn name_public_services<'a>(regions: impl IntoIterator<Item = &'a str>, public: &mut Public) {
    let regions: Vec<&str> = regions.into_iter().collect();
    let services = public_services().into_iter();
    for service in services.filter(|service| regions.contains(&service.region)) {
        let addresses = Addresses::of(&[service.address.into()]);
        let regional = format!(".{}.amazonaws.com", service.region);
        let domains = [
            service.is_regional.then_some(regional),
            service.is_global.then(|| ".amazonaws.com".to_owned()),
        ];
        for domain in domains.into_iter().flatten() {
            let name = format!("{}{domain}", service.name);
            match service.name {
                "s3" => {
                    let dual = format!("s3.dualstack{domain}");
                    for name in [&name, &dual] {
                        public.families.insert(name.clone(), addresses.clone());
                    }
                    public.names.insert(dual, addresses.clone());
                }
                "dynamodb" => {
                    let accounts = format!("ddb{domain}");
                    public.families.insert(accounts, addresses.clone());
                }
                _ => {}
            }
            public.names.insert(name, addresses.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_names_are_of_global_services_only() {
        let mut public = Public::default();
        name_public_services(["us-east-1", "eu-west-1"], &mut public);
        for name in [
            "s3.us-east-1.amazonaws.com",
            "s3.amazonaws.com",
            "dynamodb.eu-west-1.amazonaws.com",
            "logs.us-east-1.amazonaws.com",
            "sts.amazonaws.com",
            "iam.amazonaws.com",
            "ec2.eu-west-1.amazonaws.com",
        ] {
            assert!(public.names.contains_key(name), "{name}");
        }
        assert!(!public.names.contains_key("dynamodb.amazonaws.com"));
        assert!(!public.names.contains_key("iam.us-east-1.amazonaws.com"));
        assert!(!public.names.contains_key("s3.mars-1.amazonaws.com"));
        assert!(public.families.contains_key("s3.eu-west-1.amazonaws.com"));
        assert!(public.families.contains_key("ddb.eu-west-1.amazonaws.com"));
        let of = |name: &str| public.names[name].ipv4.clone();
        assert_eq!(of("s3.amazonaws.com"), of("s3.us-east-1.amazonaws.com"));
        assert_ne!(
            of("s3.eu-west-1.amazonaws.com"),
            of("s3.us-east-1.amazonaws.com")
        );
    }
}
