//! The world as the API describes it: the page shows what `aws ec2 describe-…` shows, in the same words.

use hyper::StatusCode;
use openvpc_control::Caller;
use openvpc_model::{AccountId, World};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};

use super::{Console, Refusal};
use crate::daemon::control_plane::now;

/// What is described of an account in a region.
const ACTIONS: [&str; 15] = [
    "DescribeVpcs",
    "DescribeSubnets",
    "DescribeRouteTables",
    "DescribeInternetGateways",
    "DescribeEgressOnlyInternetGateways",
    "DescribeNatGateways",
    "DescribeVpcPeeringConnections",
    "DescribeVpcEndpoints",
    "DescribeNetworkInterfaces",
    "DescribeInstances",
    "DescribeSecurityGroups",
    "DescribeNetworkAcls",
    "DescribeFlowLogs",
    "DescribeAddresses",
    "DescribePrefixLists",
];

impl Console {
    /// Where there is something to look at, and the hosts outside. Accounts and regions that nobody has used yet are
    /// offered last.
    pub(super) fn scope(&self) -> Value {
        let world = self.control_plane.world();
        let is_used = |region: &str| {
            world
                .regions
                .get(region)
                .is_some_and(|one| !one.vpcs.is_empty())
        };
        let settings = self.control_plane.settings();
        let mut regions: Vec<&str> = settings
            .regions
            .iter()
            .map(|region| region.name.as_str())
            .collect();
        regions.sort_by_key(|region| !is_used(region));
        let used = world
            .regions
            .values()
            .flat_map(|region| &region.bootstrapped_accounts);
        let mut accounts: Vec<&AccountId> = used.chain(&self.accounts).collect();
        accounts.sort();
        accounts.dedup();
        let outside = openvpc_host::outside::ALL.iter().map(
            |host| json!({"name": host.name, "addresses": [host.ipv4.to_string(), host.ipv6.to_string()]}),
        );
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "regions": regions,
            "accounts": accounts,
            "outside": outside.collect::<Vec<_>>(),
        })
    }

    /// Every description of one account in one region, as it is durable.
    pub(super) async fn describe(
        &self,
        region: Option<&str>,
        account: Option<&str>,
    ) -> Result<Value, Refusal> {
        let region = region.ok_or_else(|| Refusal::bad("which region?"))?;
        let account: AccountId = account
            .and_then(|account| account.parse().ok())
            .ok_or_else(|| Refusal::bad("which account? Twelve digits name one"))?;
        if self.control_plane.settings().region(region).is_none() {
            return Err(Refusal::bad("there is no such region here"));
        }
        let (described, revision) = {
            let world = self.control_plane.world();
            (self.described(&world, region, &account), world.revision)
        };
        let durable = self.control_plane.store().wait_durable(revision).await;
        durable.map_err(|error| Refusal(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
        Ok(described)
    }

    fn described(&self, world: &World, region: &str, account: &AccountId) -> Value {
        let mut all = Map::new();
        all.insert("revision".to_owned(), world.revision.into());
        let known = world.regions.get(region);
        // The first call of an account makes its default VPC, and a console makes nothing.
        if known.is_none_or(|known| !known.bootstrapped_accounts.contains(account)) {
            return all.into();
        }
        let mut rng = StdRng::seed_from_u64(0);
        for action in ACTIONS {
            let mut caller = Caller {
                region,
                account: account.clone(),
                identity: None,
                now: now(),
                rng: &mut rng,
                bucket: None,
            };
            let settings = self.control_plane.settings();
            let outcome = openvpc_control::handle(world, settings, &mut caller, action, json!({}));
            // What is not served yet is not there.
            if let Ok(outcome) = outcome
                && let Value::Object(answer) = outcome.response
            {
                all.extend(answer);
            }
        }
        all.into()
    }
}
