//! Internet gateways.

use serde::{Deserialize, Serialize};

use crate::{AccountId, InternetGatewayId, VpcId};

/// An internet gateway, attached to at most one VPC (`IGW-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    pub id: InternetGatewayId,
    pub owner: AccountId,
    pub vpc: Option<VpcId>,
}
