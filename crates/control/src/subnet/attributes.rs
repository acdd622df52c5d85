//! What can be changed about a subnet, one attribute at a time (`SUB-5`).

use openvpc_ec2::Error;
use openvpc_model::Subnet;
use serde::Deserialize;
use serde_json::Value;

use crate::Cx;
use crate::request::{AttributeBool, done, required, unsupported};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifySubnetAttributeRequest {
    subnet_id: Option<String>,
    map_public_ip_on_launch: Option<AttributeBool>,
    assign_ipv6_address_on_creation: Option<AttributeBool>,
    enable_dns64: Option<AttributeBool>,
    enable_resource_name_dns_a_record_on_launch: Option<AttributeBool>,
    #[serde(rename = "EnableResourceNameDnsAAAARecordOnLaunch")]
    enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBool>,
    private_dns_hostname_type_on_launch: Option<String>,
    map_customer_owned_ip_on_launch: Option<AttributeBool>,
    customer_owned_ipv4_pool: Option<String>,
    enable_lni_at_device_index: Option<i64>,
    disable_lni_at_device_index: Option<AttributeBool>,
}

/// Changes exactly one attribute (`SUB-5`).
pub fn modify_subnet_attribute(
    cx: &mut Cx,
    req: ModifySubnetAttributeRequest,
) -> Result<Value, Error> {
    unsupported(
        &req.map_customer_owned_ip_on_launch,
        "MapCustomerOwnedIpOnLaunch",
    )?;
    unsupported(&req.customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool")?;
    unsupported(&req.enable_lni_at_device_index, "EnableLniAtDeviceIndex")?;
    unsupported(&req.disable_lni_at_device_index, "DisableLniAtDeviceIndex")?;
    let mut subnet = cx
        .find::<Subnet>(required(&req.subnet_id, "subnetId")?)?
        .clone();
    let mut changes = 0;
    let mut set = |field: &mut bool, wrapper: Option<AttributeBool>| {
        if let Some(value) = wrapper.and_then(|w| w.value) {
            *field = value;
            changes += 1;
        }
    };
    set(
        &mut subnet.map_public_ip_on_launch,
        req.map_public_ip_on_launch,
    );
    set(
        &mut subnet.assign_ipv6_address_on_creation,
        req.assign_ipv6_address_on_creation,
    );
    set(&mut subnet.enable_dns64, req.enable_dns64);
    set(
        &mut subnet.enable_resource_name_dns_a_record,
        req.enable_resource_name_dns_a_record_on_launch,
    );
    set(
        &mut subnet.enable_resource_name_dns_aaaa_record,
        req.enable_resource_name_dns_aaaa_record_on_launch,
    );
    if let Some(kind) = req.private_dns_hostname_type_on_launch {
        if !matches!(kind.as_str(), "ip-name" | "resource-name") {
            return Err(Error::invalid_value(
                "privateDnsHostnameTypeOnLaunch",
                &kind,
            ));
        }
        subnet.private_dns_hostname_type = kind;
        changes += 1;
    }
    match changes {
        0 => {
            return Err(Error::invalid_parameter_combination(
                "No attributes specified.",
            ));
        }
        1 => {}
        _ => {
            return Err(Error::invalid_parameter_combination(
                "Fields for multiple attribute types specified",
            ));
        }
    }
    if subnet.assign_ipv6_address_on_creation && subnet.ipv6_cidr_blocks.is_empty() {
        return Err(Error::invalid_value_because(
            "assignIpv6AddressOnCreation",
            "true",
            "The subnet does not have an IPv6 CIDR block.",
        ));
    }
    if subnet.is_ipv6_only() {
        check_ipv6_only(&subnet)?;
    }
    cx.put(subnet);
    done()
}

/// What an IPv6-only subnet cannot be.
fn check_ipv6_only(subnet: &Subnet) -> Result<(), Error> {
    let wrong = [
        (
            subnet.map_public_ip_on_launch,
            "mapPublicIpOnLaunch",
            "true",
        ),
        (
            !subnet.assign_ipv6_address_on_creation,
            "assignIpv6AddressOnCreation",
            "false",
        ),
        (
            subnet.private_dns_hostname_type != "resource-name",
            "privateDnsHostnameTypeOnLaunch",
            "ip-name",
        ),
        (
            subnet.enable_resource_name_dns_a_record,
            "enableResourceNameDnsARecordOnLaunch",
            "true",
        ),
    ];
    match wrong.into_iter().find(|(is_wrong, _, _)| *is_wrong) {
        None => Ok(()),
        Some((_, name, value)) => {
            let why = "The subnet is IPv6-only.";
            Err(Error::invalid_value_because(name, value, why))
        }
    }
}
