//! Egress-only internet gateways.

use serde::{Deserialize, Serialize};

use crate::{AccountId, EgressOnlyInternetGatewayId, VpcId};

/// An egress-only internet gateway: IPv6 out and its answers back, nothing else in. It is attached
/// from birth to death (`EO-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressOnlyInternetGateway {
    pub id: EgressOnlyInternetGatewayId,
    pub owner: AccountId,
    pub vpc: VpcId,
}
