//! What an operator may set: regions and zones, address pools, quotas.

use ipnet::{Ipv4Net, Ipv6Net};
use openvpc_model::dns_name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Settings of the control plane; the defaults are a whole, usable world.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Those that are served. To the others the account has not opted in.
    pub regions: Vec<RegionInfo>,
    /// Elastic and auto-assigned public addresses, over all regions.
    pub public_pool: Ipv4Net,
    /// VPC IPv6 blocks (/56), over all regions.
    pub ipv6_pool: Ipv6Net,
    pub quotas: Quotas,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            regions: RegionInfo::all(),
            public_pool: Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
            ipv6_pool: Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0x1234, 0, 0, 0, 0, 0), 48),
            quotas: Quotas::default(),
        }
    }
}

impl Settings {
    /// Serves these regions and no others.
    ///
    /// # Errors
    /// A sentence for the user, if one of them is not known or there is none.
    pub fn serving(mut self, names: &[String]) -> Result<Settings, String> {
        let all = RegionInfo::all();
        if let Some(unknown) = names
            .iter()
            .find(|name| all.iter().all(|r| r.name != **name))
        {
            let known: Vec<String> = all.into_iter().map(|region| region.name).collect();
            return Err(format!(
                "there is no region {unknown:?}; there are {}",
                known.join(", ")
            ));
        }
        self.regions = all;
        self.regions.retain(|region| names.contains(&region.name));
        match self.regions.is_empty() {
            true => Err("at least one region is to be served".to_owned()),
            false => Ok(self),
        }
    }

    /// The region of that name.
    pub fn region(&self, name: &str) -> Option<&RegionInfo> {
        self.regions.iter().find(|r| r.name == name)
    }
}

/// A region and its zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionInfo {
    /// Such as `us-east-1`.
    pub name: String,
    pub zones: Vec<Zone>,
}

impl RegionInfo {
    /// Every region that is known, served or not.
    pub fn all() -> Vec<RegionInfo> {
        REGIONS.iter().map(RegionInfo::from_row).collect()
    }

    fn from_row(&(name, id_prefix, zones): &(&str, &str, u8)) -> RegionInfo {
        let zone = |n: u8| Zone {
            name: format!("{name}{}", char::from(b'a' + n)),
            id: format!("{id_prefix}-az{}", n + 1),
        };
        RegionInfo {
            name: name.to_owned(),
            zones: (0..zones).map(zone).collect(),
        }
    }

    /// The zone of that name.
    pub fn zone(&self, name: &str) -> Option<&Zone> {
        self.zones.iter().find(|z| z.name == name)
    }

    /// The domain of private host names (`DNS-2`).
    pub fn private_domain(&self) -> String {
        dns_name::private_domain(&self.name)
    }

    /// The private host name of a private address (`DNS-2`).
    pub fn private_dns_name(&self, address: Ipv4Addr) -> String {
        dns_name::private_dns_name(&self.name, address)
    }

    /// The public host name of a public address (`DNS-3`).
    pub fn public_dns_name(&self, address: Ipv4Addr) -> String {
        dns_name::public_dns_name(&self.name, address)
    }
}

/// An availability zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Such as `us-east-1a`.
    pub name: String,
    /// Such as `use1-az1`.
    pub id: String,
}

/// How many of each an account may have: AWS's default quotas (spec 00 §13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotas {
    pub vpcs_per_region: usize,
    pub subnets_per_vpc: usize,
    pub ipv4_blocks_per_vpc: usize,
    pub ipv6_blocks_per_vpc: usize,
    pub route_tables_per_vpc: usize,
    /// Per address family, local routes not counted.
    pub routes_per_table: usize,
    pub internet_gateways_per_region: usize,
    pub egress_only_internet_gateways_per_region: usize,
    /// Failed and deleted ones not counted.
    pub nat_gateways_per_zone: usize,
    /// Private addresses of one NAT gateway, the primary counted.
    pub addresses_per_nat_gateway: usize,
    /// Elastic IP addresses of one NAT gateway, the primary's counted.
    pub elastic_addresses_per_nat_gateway: usize,
    pub active_peerings_per_vpc: usize,
    pub gateway_endpoints_per_region: usize,
    pub gateway_endpoints_per_vpc: usize,
    pub interface_endpoints_per_vpc: usize,
    /// Unanswered requests of an account in a region.
    pub outstanding_peering_requests: usize,
    /// Network Load Balancers.
    pub load_balancers_per_region: usize,
    pub listeners_per_load_balancer: usize,
    pub target_groups_per_region: usize,
    pub endpoint_services_per_region: usize,
    pub targets_per_target_group: usize,
    pub addresses_per_region: usize,
    pub security_groups_per_region: usize,
    /// Per direction and address family.
    pub rules_per_security_group: usize,
    pub security_groups_per_interface: usize,
    pub network_acls_per_vpc: usize,
    pub prefix_lists_per_region: usize,
    /// Per direction and address family, the closing deny counted.
    pub entries_per_network_acl: usize,
    pub interfaces_per_region: usize,
    pub private_addresses_per_interface: usize,
    pub instances_per_region: usize,
    pub dhcp_options_per_region: usize,
    pub flow_logs_per_resource: usize,
    pub network_insights_paths_per_region: usize,
    pub network_insights_analyses_per_region: usize,
}

impl Quotas {
    /// Changes one by its name, such as `vpcs-per-region`.
    ///
    /// # Errors
    /// A sentence for the user, if there is none of that name.
    pub fn set(&mut self, name: &str, number: usize) -> Result<(), String> {
        let mut all = serde_json::to_value(&*self).map_err(|error| error.to_string())?;
        let known = all.as_object_mut().into_iter().flatten();
        let shown = |field: &str| field.replace('_', "-");
        let mut names = Vec::new();
        let mut found = false;
        for (field, value) in known {
            if shown(field) == name {
                *value = Value::from(number);
                found = true;
            }
            names.push(shown(field));
        }
        if !found {
            return Err(format!(
                "there is no quota {name:?}; there are {}",
                names.join(", ")
            ));
        }
        *self = serde_json::from_value(all).map_err(|error| error.to_string())?;
        Ok(())
    }
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            vpcs_per_region: 5,
            subnets_per_vpc: 200,
            ipv4_blocks_per_vpc: 5,
            ipv6_blocks_per_vpc: 5,
            route_tables_per_vpc: 200,
            routes_per_table: 50,
            internet_gateways_per_region: 5,
            egress_only_internet_gateways_per_region: 5,
            nat_gateways_per_zone: 5,
            addresses_per_nat_gateway: 8,
            elastic_addresses_per_nat_gateway: 2,
            active_peerings_per_vpc: 50,
            gateway_endpoints_per_region: 20,
            gateway_endpoints_per_vpc: 255,
            interface_endpoints_per_vpc: 50,
            outstanding_peering_requests: 25,
            load_balancers_per_region: 50,
            listeners_per_load_balancer: 50,
            target_groups_per_region: 3_000,
            endpoint_services_per_region: 20,
            targets_per_target_group: 1_000,
            addresses_per_region: 5,
            security_groups_per_region: 2_500,
            rules_per_security_group: 60,
            security_groups_per_interface: 5,
            network_acls_per_vpc: 200,
            prefix_lists_per_region: 100,
            entries_per_network_acl: 20,
            interfaces_per_region: 5_000,
            private_addresses_per_interface: 50,
            instances_per_region: 1_000,
            dhcp_options_per_region: 1_000,
            flow_logs_per_resource: 250,
            network_insights_paths_per_region: 100,
            network_insights_analyses_per_region: 1_000,
        }
    }
}

/// Region, prefix of its zone ids, number of zones. AWS: "Regions and Availability Zones".
const REGIONS: &[(&str, &str, u8)] = &[
    ("ap-northeast-1", "apne1", 3),
    ("ap-northeast-2", "apne2", 3),
    ("ap-northeast-3", "apne3", 3),
    ("ap-south-1", "aps1", 3),
    ("ap-southeast-1", "apse1", 3),
    ("ap-southeast-2", "apse2", 3),
    ("ca-central-1", "cac1", 3),
    ("eu-central-1", "euc1", 3),
    ("eu-north-1", "eun1", 3),
    ("eu-west-1", "euw1", 3),
    ("eu-west-2", "euw2", 3),
    ("eu-west-3", "euw3", 3),
    ("sa-east-1", "sae1", 3),
    ("us-east-1", "use1", 6),
    ("us-east-2", "use2", 3),
    ("us-west-1", "usw1", 2),
    ("us-west-2", "usw2", 4),
];
