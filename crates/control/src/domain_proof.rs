//! The proof that a private DNS name of an endpoint service is its provider's: what is to be looked for in DNS, and what
//! finding it, or not, makes of the name (`EP-7`).
//!
//! Looking is the daemon's; a provider asks for it by StartVpcEndpointServicePrivateDnsVerification.

use openvpc_model::{AccountId, DnsNameState, Event, Region, UnixMillis, VpcEndpointServiceId};

/// How long the record is looked for before the proof has failed. AWS: PrivateLink guide, "Manage DNS names": up to ten
/// minutes.
pub const PATIENCE_MILLIS: UnixMillis = 600_000;

/// A record to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainProof {
    pub service: VpcEndpointServiceId,
    pub owner: AccountId,
    /// The name of the TXT record.
    pub name: String,
    /// What it must say.
    pub value: String,
    /// When its provider asked for it.
    pub asked_at: UnixMillis,
}

/// All that is to be looked for in a region.
pub fn wanted(region: &Region) -> impl Iterator<Item = DomainProof> + '_ {
    region.vpc_endpoint_services.values().filter_map(|service| {
        let own = service.private_dns_name.as_ref()?;
        let pending = own.state == DnsNameState::PendingVerification;
        let asked_at = own.asked_at.filter(|_| pending)?;
        let domain = own.name.strip_prefix("*.").unwrap_or(&own.name);
        Some(DomainProof {
            service: service.id,
            owner: service.owner.clone(),
            name: format!("{}.{domain}", own.record),
            value: own.value.clone(),
            asked_at,
        })
    })
}

/// Writes down that these texts were found under the record's name. A name that is another one by now, or was asked for
/// anew, stays as it is.
pub fn looked(
    region: &Region,
    proof: &DomainProof,
    found: &[String],
    now: UnixMillis,
) -> Vec<Event> {
    if !wanted(region).any(|still| still == *proof) {
        return Vec::new();
    }
    let state = match found.contains(&proof.value) {
        true => DnsNameState::Verified,
        false if now - proof.asked_at >= PATIENCE_MILLIS => DnsNameState::Failed,
        false => return Vec::new(),
    };
    let service = region.vpc_endpoint_services.get(&proof.service);
    let changed = service.cloned().map(|mut service| {
        if let Some(own) = &mut service.private_dns_name {
            own.state = state;
        }
        Event::VpcEndpointServicePut(service)
    });
    changed.into_iter().collect()
}
