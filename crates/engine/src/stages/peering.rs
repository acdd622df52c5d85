//! The peering connection: from one VPC straight into another, without translation and without a way beyond
//! (PCX-34 … PCX-37).
//!
//! Nothing is passed on in the far VPC: its route tables are not asked, so its gateways, endpoints and own peers stay
//! out of reach, and its router and resolver are nobody's addresses. Reads: the far VPC's blocks, the owners of its
//! addresses. Exits: `PeeringNotTransitive`, `NoSuchHost`, neither of which any interface logs.

use std::net::IpAddr;

use crate::defects::{Defect, planted};
use crate::ids::{PortId, VpcIndex};
use crate::route::Peering;
use crate::snapshot::Snapshot;
use crate::stages::deliver::{self, Way};
use crate::stages::internet_gateway;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk};

/// MTU between regions (PCX-37); within one it is the VPC's own.
const BETWEEN_REGIONS_MTU: u16 = 1_500;

/// Takes a packet across, to whoever in the far VPC owns its destination.
pub(crate) fn cross(walk: &mut Walk<'_>, peering: Peering) -> Result<PortId, Exit> {
    if peering.between_regions {
        internet_gateway::check_size(walk, BETWEEN_REGIONS_MTU)?;
    }
    let destination = walk.facts.destination;
    let inside = is_inside(walk.snapshot, peering.far, destination);
    if !inside && !planted(Defect::PeeringTransitive) {
        return Err(Exit::Between(DropReason::PeeringNotTransitive));
    }
    let owner = match walk.snapshot.owner(peering.far, destination) {
        None if planted(Defect::PeeringTransitive) => {
            let mut all = walk.snapshot.parts().enis.iter();
            let owner = all.find(|(_, eni)| eni.owns(destination));
            owner.map(|(index, _)| index)
        }
        owner => owner,
    };
    let owner = owner.ok_or(Exit::Between(DropReason::NoSuchHost))?;
    walk.step(Stage::Peering, walk.in_port, Decision::Pass, None);
    let way = match planted(Defect::PeeringWithoutAcl) {
        true => Way::SameSubnet,
        false => Way::AcrossSubnets,
    };
    deliver::to_interface(walk, owner, way)
}

fn is_inside(snapshot: &Snapshot, vpc: VpcIndex, address: IpAddr) -> bool {
    let Some(vpc) = snapshot.parts().vpcs.get(vpc) else {
        return false;
    };
    match address {
        IpAddr::V4(address) => vpc.ipv4.iter().any(|block| block.contains(&address)),
        IpAddr::V6(address) => vpc.ipv6.iter().any(|block| block.contains(&address)),
    }
}
