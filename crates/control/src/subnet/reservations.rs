//! Subnet CIDR reservations: parts of a subnet that addresses are not picked from.

use ipnet::IpNet;
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::tag_set;
use crate::entity::Entity;
use crate::filters::Filters;
use crate::paging::Page;
use crate::request::{ipv4_cidr, ipv6_cidr, required};
use crate::tags::{self, TagSpecification};

/// AWS: "Subnet CIDR reservations" in the VPC quotas.
const RESERVATIONS_MAX: usize = 50;
const DESCRIPTION_CHARS_MAX: usize = 255;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateSubnetCidrReservationRequest {
    subnet_id: Option<String>,
    cidr: Option<String>,
    reservation_type: Option<String>,
    description: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

pub fn create_subnet_cidr_reservation(
    cx: &mut Cx,
    req: CreateSubnetCidrReservationRequest,
) -> Result<Value, Error> {
    let subnet = cx.find::<Subnet>(required(&req.subnet_id, "subnetId")?)?;
    let cidr = reservable(cx, subnet, required(&req.cidr, "cidr")?)?;
    let subnet = subnet.id;
    let kind = match required(&req.reservation_type, "reservationType")? {
        "prefix" => ReservationKind::Prefix,
        "explicit" => ReservationKind::Explicit,
        other => return Err(Error::invalid_value("reservationType", other)),
    };
    let description = req.description;
    if let Some(text) = description
        .as_deref()
        .filter(|d| d.chars().count() > DESCRIPTION_CHARS_MAX)
    {
        return Err(Error::invalid_value("description", text));
    }
    let tags = tags::at_creation(
        &req.tag_specifications,
        SubnetCidrReservation::TAG_TYPE,
        &[],
    )?;
    let reservation = SubnetCidrReservation {
        id: cx.new_id(),
        owner: cx.account().clone(),
        subnet,
        cidr,
        kind,
        description,
    };
    cx.put(reservation.clone());
    cx.set_tags(reservation.id, tags);
    Ok(json!({"SubnetCidrReservation": render(cx, &reservation)}))
}

/// Reads a block that lies in one of the subnet's and beside its other reservations.
fn reservable(cx: &Cx, subnet: &Subnet, text: &str) -> Result<IpNet, Error> {
    let cidr = match text.contains(':') {
        true => IpNet::V6(ipv6_cidr(text, "cidr")?),
        false => IpNet::V4(ipv4_cidr(text, "cidr")?),
    };
    let ipv6 = subnet.ipv6_cidr_blocks.iter().map(|b| IpNet::V6(b.cidr));
    let mut blocks = ipv6.chain(subnet.cidr.map(IpNet::V4));
    let refuse = |why: &str| Err(Error::invalid_value_because("cidr", text, why));
    if !blocks.any(|block| block.contains(&cidr)) {
        return refuse("It is not within a CIDR block of the subnet.");
    }
    let siblings = cx.all::<SubnetCidrReservation>();
    let siblings: Vec<_> = siblings.filter(|r| r.subnet == subnet.id).collect();
    if siblings
        .iter()
        .any(|r| r.cidr.contains(&cidr) || cidr.contains(&r.cidr))
    {
        return refuse("It overlaps with another reservation.");
    }
    match siblings.len() {
        0..RESERVATIONS_MAX => Ok(cidr),
        _ => refuse("The subnet has no room for another reservation."),
    }
}

fn render(cx: &Cx, reservation: &SubnetCidrReservation) -> Value {
    json!({
        "SubnetCidrReservationId": reservation.id,
        "SubnetId": reservation.subnet,
        "Cidr": reservation.cidr,
        "ReservationType": reservation.kind.as_str(),
        "OwnerId": reservation.owner,
        "Description": reservation.description,
        "Tags": tag_set(cx, reservation.id),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteSubnetCidrReservationRequest {
    subnet_cidr_reservation_id: Option<String>,
}

pub fn delete_subnet_cidr_reservation(
    cx: &mut Cx,
    req: DeleteSubnetCidrReservationRequest,
) -> Result<Value, Error> {
    let text = required(&req.subnet_cidr_reservation_id, "subnetCidrReservationId")?;
    let reservation = cx.find::<SubnetCidrReservation>(text)?;
    let rendered = render(cx, reservation);
    let id = reservation.id;
    cx.delete::<SubnetCidrReservation>(id);
    Ok(json!({"DeletedSubnetCidrReservation": rendered}))
}

pub fn get_subnet_cidr_reservations(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &["reservationType", "subnet-id"])?;
    let page = Page::read(cx, "SubnetCidrReservations", input, (5, 1000))?;
    let subnet = input["SubnetId"].as_str().map(str::to_owned);
    let subnet = cx.find::<Subnet>(required(&subnet, "subnetId")?)?.id;
    let reservations = cx.own::<SubnetCidrReservation>().filter(|r| {
        let values = |name: &str| match name {
            "reservationType" => vec![r.kind.as_str().to_owned()],
            "subnet-id" => vec![r.subnet.to_string()],
            _ => Vec::new(),
        };
        r.subnet == subnet && filters.pass(|| cx.tags(r.id).clone(), values)
    });
    let (page, token) = page.take(reservations.map(|r| (r.id, r)))?;
    let (ipv4, ipv6): (Vec<_>, Vec<_>) = page
        .into_iter()
        .partition(|r| matches!(r.cidr, IpNet::V4(_)));
    let render = |list: Vec<&SubnetCidrReservation>| {
        list.into_iter().map(|r| render(cx, r)).collect::<Value>()
    };
    Ok(json!({
        "SubnetIpv4CidrReservations": render(ipv4),
        "SubnetIpv6CidrReservations": render(ipv6),
        "NextToken": token,
    }))
}
