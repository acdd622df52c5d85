//! The public zone's addresses and names (D9): the same for every VPC and for the internet.

use std::net::IpAddr;

use openvpc_dns::{Addresses, Public};
use openvpc_model::public_services;

/// What the engine leads to the services.
pub(crate) fn addresses() -> Vec<IpAddr> {
    let services = public_services().into_iter();
    services.map(|service| service.address.into()).collect()
}

/// Gives the services their names in these regions: `<service>.<region>.amazonaws.com`, the global ones of some, and
/// every name below that of S3, for each may be a bucket (virtual-hosted style); below `ddb`, for each may be an account.
pub fn name_public_services<'a>(regions: impl IntoIterator<Item = &'a str>, public: &mut Public) {
    let services = public_services();
    let domains = regions
        .into_iter()
        .map(|region| format!(".{region}.amazonaws.com"));
    for domain in domains.chain([".amazonaws.com".to_owned()]) {
        for service in services {
            if domain == ".amazonaws.com" && !service.global {
                continue;
            }
            let addresses = Addresses::of(&[service.address.into()]);
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
            public.names.insert(name, addresses);
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
        assert!(!public.names.contains_key("s3.mars-1.amazonaws.com"));
        assert!(public.families.contains_key("s3.eu-west-1.amazonaws.com"));
        assert!(public.families.contains_key("ddb.eu-west-1.amazonaws.com"));
    }
}
