//! Actions on route tables and whom they serve (`RT-1`, `RT-11`, `RT-12`, `RT-13`).

use ipnet::IpNet;
use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::defaults;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::ids::{not_found, parse_id};
use crate::request::{done, read, required, unsupported};
use crate::route;
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateRouteTable", |cx, input| create_route_table(cx, read(input)?)),
    ("DeleteRouteTable", |cx, input| delete_route_table(cx, read(input)?)),
    ("DescribeRouteTables", |cx, input| describe::<RouteTable>(cx, &input)),
    ("AssociateRouteTable", |cx, input| associate_route_table(cx, read(input)?)),
    ("DisassociateRouteTable", |cx, input| disassociate_route_table(cx, read(input)?)),
    ("ReplaceRouteTableAssociation", |cx, input| replace_association(cx, read(input)?)),
];

impl Describe for RouteTable {
    const LIST: &'static str = "RouteTables";
    const IDS: &'static str = "RouteTableIds";
    const PAGE: (i64, i64) = (5, 100);
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<RouteTable>] = &[
        ("route-table-id", |t, _| vec![t.id.to_string()]),
        ("vpc-id", |t, _| vec![t.vpc.to_string()]),
        ("owner-id", |t, _| vec![t.owner.to_string()]),
        ("association.route-table-association-id", |t, _| t.associations.iter().map(|a| a.id.to_string()).collect()),
        ("association.route-table-id", |t, _| t.associations.iter().map(|_| t.id.to_string()).collect()),
        ("association.main", |t, _| t.associations.iter().map(|a| (a.target == AssociationTarget::Main).to_string()).collect()),
        ("association.subnet-id", |t, cx| of_associations(t, cx, "SubnetId")),
        ("association.gateway-id", |t, cx| of_associations(t, cx, "GatewayId")),
        ("route.destination-cidr-block", |t, cx| of_routes(t, cx, "DestinationCidrBlock")),
        ("route.destination-ipv6-cidr-block", |t, cx| of_routes(t, cx, "DestinationIpv6CidrBlock")),
        ("route.destination-prefix-list-id", |t, cx| of_routes(t, cx, "DestinationPrefixListId")),
        ("route.gateway-id", |t, cx| of_routes(t, cx, "GatewayId")),
        ("route.egress-only-internet-gateway-id", |t, cx| of_routes(t, cx, "EgressOnlyInternetGatewayId")),
        ("route.instance-id", |t, cx| of_routes(t, cx, "InstanceId")),
        ("route.network-interface-id", |t, cx| of_routes(t, cx, "NetworkInterfaceId")),
        ("route.nat-gateway-id", |t, cx| of_routes(t, cx, "NatGatewayId")),
        ("route.transit-gateway-id", |t, cx| of_routes(t, cx, "TransitGatewayId")),
        ("route.vpc-peering-connection-id", |t, cx| of_routes(t, cx, "VpcPeeringConnectionId")),
        ("route.origin", |t, cx| of_routes(t, cx, "Origin")),
        ("route.state", |t, cx| of_routes(t, cx, "State")),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let routes = self.routes.iter().map(|r| route::render(cx, self.vpc, r));
        let associations = self
            .associations
            .iter()
            .map(|a| render_association(self, a));
        json!({
            "RouteTableId": self.id,
            "VpcId": self.vpc,
            "OwnerId": self.owner,
            "Routes": routes.collect::<Value>(),
            "Associations": associations.collect::<Value>(),
            "PropagatingVgws": [],
            "Tags": tag_set(cx, self.id),
        })
    }
}

fn render_association(table: &RouteTable, association: &RouteTableAssociation) -> Value {
    let mut rendered = json!({
        "RouteTableAssociationId": association.id,
        "RouteTableId": table.id,
        "Main": association.target == AssociationTarget::Main,
        "AssociationState": {"State": "associated"},
    });
    match association.target {
        AssociationTarget::Main => {}
        AssociationTarget::Subnet(id) => rendered["SubnetId"] = json!(id),
        AssociationTarget::InternetGateway(id) => rendered["GatewayId"] = json!(id),
    }
    rendered
}

fn of_routes(table: &RouteTable, cx: &Cx, member: &str) -> Vec<String> {
    let rendered = table.routes.iter().map(|r| route::render(cx, table.vpc, r));
    members(rendered, member)
}

fn of_associations(table: &RouteTable, _: &Cx, member: &str) -> Vec<String> {
    let rendered = table
        .associations
        .iter()
        .map(|a| render_association(table, a));
    members(rendered, member)
}

fn members(rendered: impl Iterator<Item = Value>, member: &str) -> Vec<String> {
    rendered
        .filter_map(|item| item[member].as_str().map(str::to_owned))
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateRouteTableRequest {
    vpc_id: Option<String>,
    client_token: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

fn create_route_table(cx: &mut Cx, req: CreateRouteTableRequest) -> Result<Value, Error> {
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    let tags = tags::at_creation(&req.tag_specifications, RouteTable::TAG_TYPE, &[])?;
    let tables = cx.all::<RouteTable>().filter(|t| t.vpc == vpc.id);
    if tables.count() >= cx.quotas().route_tables_per_vpc {
        return Err(Error::limit_exceeded(
            "RouteTableLimitExceeded",
            "route tables for this VPC",
        ));
    }
    let table = RouteTable {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc: vpc.id,
        routes: defaults::local_routes(&vpc),
        associations: Vec::new(),
    };
    cx.put(table.clone());
    cx.set_tags(table.id, tags);
    let mut answer = json!({"RouteTable": table.render(cx)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = Value::String(token);
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RouteTableRequest {
    route_table_id: Option<String>,
}

fn delete_route_table(cx: &mut Cx, req: RouteTableRequest) -> Result<Value, Error> {
    let text = required(&req.route_table_id, "routeTableId")?;
    let table = cx.find::<RouteTable>(text)?;
    if !table.associations.is_empty() {
        return Err(Error::dependency_violation(Resource::RouteTable, text));
    }
    let id = table.id;
    cx.delete::<RouteTable>(id);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AssociateRouteTableRequest {
    route_table_id: Option<String>,
    subnet_id: Option<String>,
    gateway_id: Option<String>,
    public_ipv4_pool: Option<String>,
}

fn associate_route_table(cx: &mut Cx, req: AssociateRouteTableRequest) -> Result<Value, Error> {
    unsupported(&req.public_ipv4_pool, "PublicIpv4Pool")?;
    let mut table = cx
        .find::<RouteTable>(required(&req.route_table_id, "routeTableId")?)?
        .clone();
    let target = match (&req.subnet_id, &req.gateway_id) {
        (Some(_), Some(_)) => return Err(Error::exclusive("subnetId", "gatewayId")),
        (Some(id), None) => AssociationTarget::Subnet(cx.find::<Subnet>(id)?.id),
        (None, Some(id)) => AssociationTarget::InternetGateway(gateway(cx, id)?),
        (None, None) => return Err(Error::missing_parameter("subnetId")),
    };
    check_fit(cx, &table, target)?;
    if let Some(same) = table.associations.iter().find(|a| a.target == target) {
        return Ok(associated("AssociationId", same.id));
    }
    let mut tables = cx.all::<RouteTable>();
    if tables.any(|t| t.associations.iter().any(|a| a.target == target)) {
        return Err(Error::new(
            "Resource.AlreadyAssociated",
            format!(
                "the specified association for route table {} conflicts with an existing association",
                table.id
            ),
        ));
    }
    drop(tables);
    let id = cx.new_id();
    table
        .associations
        .push(RouteTableAssociation { id, target });
    cx.put(table);
    Ok(associated("AssociationId", id))
}

fn associated(member: &str, id: RouteTableAssociationId) -> Value {
    json!({member: id, "AssociationState": {"State": "associated"}})
}

/// An internet gateway by the id of whatever kind of gateway.
fn gateway(cx: &Cx, text: &str) -> Result<InternetGatewayId, Error> {
    match cx.find::<InternetGateway>(text) {
        Ok(igw) => Ok(igw.id),
        Err(_) => Err(Error::not_found(Resource::Gateway, text)),
    }
}

/// Whether a table may serve a target: of the same VPC, and an edge table's routes lead nowhere
/// but to local or an interface (`RT-12`).
fn check_fit(cx: &Cx, table: &RouteTable, target: AssociationTarget) -> Result<(), Error> {
    let (vpc, name) = match target {
        AssociationTarget::Main => return Ok(()),
        AssociationTarget::Subnet(id) => {
            let subnet = cx.get::<Subnet>(id);
            (subnet.map(|s| s.vpc), format!("subnet {id}"))
        }
        AssociationTarget::InternetGateway(id) => {
            let igw = cx.get::<InternetGateway>(id);
            (igw.and_then(|g| g.vpc), format!("network gateway {id}"))
        }
    };
    if vpc != Some(table.vpc) {
        return Err(Error::invalid_parameter_value(format!(
            "route table {} and {name} belong to different networks",
            table.id
        )));
    }
    match target {
        AssociationTarget::InternetGateway(_) => {
            let mut routes = table.routes.iter();
            routes.try_for_each(|r| check_edge_route(cx, table.vpc, r.destination, r.target))
        }
        AssociationTarget::Main | AssociationTarget::Subnet(_) => Ok(()),
    }
}

/// Whether an edge table may have a route (`RT-12`): its destination is a whole block of the VPC
/// or of a subnet, its target local or an interface.
///
/// # Errors
/// `RouteNotSupported` for the target, `InvalidParameterValue` for the destination.
pub fn check_edge_route(
    cx: &Cx,
    vpc: VpcId,
    destination: RouteDestination,
    target: RouteTarget,
) -> Result<(), Error> {
    match target {
        RouteTarget::Local | RouteTarget::NetworkInterface(_) => {}
        RouteTarget::InternetGateway(_)
        | RouteTarget::NatGateway(_)
        | RouteTarget::EgressOnlyInternetGateway(_)
        | RouteTarget::VpcPeeringConnection(_)
        | RouteTarget::VpcEndpoint(_) => {
            return Err(Error::new(
                "RouteNotSupported",
                "A gateway route table can only route to local or to a network interface.",
            ));
        }
    }
    let whole = |net| is_vpc_block(cx, vpc, net) || is_subnet_block(cx, vpc, net);
    if destination.network().is_some_and(whole) {
        return Ok(());
    }
    Err(Error::invalid_parameter_value(format!(
        "The destination {destination} of a gateway route table must be a whole CIDR block \
         of the VPC or of one of its subnets."
    )))
}

/// Whether a network is exactly one of a VPC's blocks.
pub fn is_vpc_block(cx: &Cx, vpc: VpcId, net: IpNet) -> bool {
    let Some(vpc) = cx.get::<Vpc>(vpc) else {
        return false;
    };
    let ipv4 = vpc.cidr_blocks.iter().map(|b| IpNet::V4(b.cidr));
    let ipv6 = vpc.ipv6_cidr_blocks.iter().map(|b| IpNet::V6(b.cidr));
    ipv4.chain(ipv6).any(|block| block == net)
}

/// Whether a network is exactly one of the blocks of a VPC's subnets.
pub fn is_subnet_block(cx: &Cx, vpc: VpcId, net: IpNet) -> bool {
    cx.all::<Subnet>().filter(|s| s.vpc == vpc).any(|s| {
        let mut ipv6 = s.ipv6_cidr_blocks.iter();
        s.cidr.map(IpNet::V4) == Some(net) || ipv6.any(|b| IpNet::V6(b.cidr) == net)
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AssociationRequest {
    association_id: Option<String>,
    route_table_id: Option<String>,
}

/// The caller's table that holds an association, and what it serves by it.
fn holder(cx: &Cx, text: &str) -> Result<(RouteTable, RouteTableAssociation), Error> {
    let id = parse_id::<RouteTableAssociationId>(text)?;
    cx.own::<RouteTable>()
        .find_map(|t| Some((t, t.associations.iter().find(|a| a.id == id)?)))
        .map(|(table, association)| (table.clone(), association.clone()))
        .ok_or_else(|| not_found::<RouteTableAssociationId>(text))
}

fn disassociate_route_table(cx: &mut Cx, req: AssociationRequest) -> Result<Value, Error> {
    let text = required(&req.association_id, "associationId")?;
    let (mut table, association) = holder(cx, text)?;
    if association.target == AssociationTarget::Main {
        return Err(Error::invalid_parameter_value(format!(
            "cannot disassociate the main route table association {text}"
        )));
    }
    table.associations.retain(|a| a.id != association.id);
    cx.put(table);
    done()
}

/// Gives what one table serves to another, under a new association; on the main association this
/// chooses a new main table (`RT-11`).
fn replace_association(cx: &mut Cx, req: AssociationRequest) -> Result<Value, Error> {
    let (mut old, association) = holder(cx, required(&req.association_id, "associationId")?)?;
    let text = required(&req.route_table_id, "routeTableId")?;
    let new = cx.find::<RouteTable>(text)?;
    if new.vpc != old.vpc {
        return Err(Error::invalid_parameter_value(format!(
            "route table {} and route table {text} belong to different networks",
            old.id
        )));
    }
    let new = new.id;
    old.associations.retain(|a| a.id != association.id);
    cx.put(old);
    let mut new = cx
        .get::<RouteTable>(new)
        .cloned()
        .ok_or_else(Error::internal)?;
    check_fit(cx, &new, association.target)?;
    let id = cx.new_id();
    new.associations.push(RouteTableAssociation {
        id,
        target: association.target,
    });
    cx.put(new);
    Ok(associated("NewAssociationId", id))
}
