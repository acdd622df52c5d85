//! Who a key is and what it may: the root keys of the command line, those of IAM, and temporary ones.
//!
//! A root may do everything in its account. Everybody else is judged here before a call reaches its service; S3 and
//! DynamoDB ask through their gatekeeper.

use std::sync::Arc;

use openvpc_ec2::Error;
use openvpc_iam::access::{Access, EndpointPolicy};
use openvpc_iam::judge::{self, Denial, Evaluator, Request};
use openvpc_iam::principal::{Known, look_up_key, policies_of};
use openvpc_iam::{Principal, keys, permission, sessions, sts};
use openvpc_model::{Secret, VpcEndpoint, VpcEndpointId, World};
use openvpc_services::{BadKey, Origin};
use serde_json::Value;

use super::control_plane::{ControlPlane, Identity, now};
use super::credentials::Credentials;

/// Keys and permissions of everyone.
#[derive(Clone)]
pub struct Authority {
    roots: Credentials,
    control_plane: Arc<ControlPlane>,
    evaluator: Arc<dyn Evaluator>,
}

impl Authority {
    pub fn new(
        roots: Credentials,
        control_plane: Arc<ControlPlane>,
        evaluator: Arc<dyn Evaluator>,
    ) -> Authority {
        Authority {
            roots,
            control_plane,
            evaluator,
        }
    }

    pub fn evaluator(&self) -> &dyn Evaluator {
        &*self.evaluator
    }

    /// The world, as policies see it.
    pub fn world(&self) -> std::sync::RwLockReadGuard<'_, World> {
        self.control_plane.world()
    }

    /// The bearer of a key and its secret. Whether a session is over is for after the signature.
    pub fn look_up(&self, access_key: &str, token: Option<&str>) -> Option<Known> {
        if let (Some(root), None) = (self.roots.get(access_key), token) {
            return Some(Known {
                secret: Secret(root.secret.clone()),
                principal: Principal::root(root.account.clone()),
            });
        }
        look_up_key(&self.control_plane.world(), access_key, token)
    }

    /// What a key signs with, whatever token comes with it.
    pub fn secret(&self, access_key: &str) -> Option<String> {
        if let Some(known) = self.look_up(access_key, None) {
            return Some(known.secret.0);
        }
        let is_temporary = access_key.starts_with("ASIA") && keys::account_of(access_key).is_some();
        let world = self.control_plane.world();
        let session_key = world.iam.session_key.as_ref().filter(|_| is_temporary)?;
        Some(sessions::secret_of(session_key, access_key).0)
    }

    /// Whose a key is that has signed.
    ///
    /// # Errors
    /// Nobody's, or nobody's any more.
    pub fn principal(&self, access_key: &str, token: Option<&str>) -> Result<Principal, BadKey> {
        match self.look_up(access_key, token) {
            Some(known) if known.principal.is_expired(now()) => Err(BadKey::Expired),
            Some(known) => Ok(known.principal),
            None if token.is_some() || access_key.starts_with("ASIA") => Err(BadKey::BadToken),
            None => Err(BadKey::Unknown),
        }
    }

    /// Whether a caller's own policies let it make a call of EC2, IAM or STS.
    ///
    /// # Errors
    /// `UnauthorizedOperation` (EC2), `AccessDenied`.
    pub fn authorize(
        &self,
        identity: &Identity,
        origin: &Origin,
        service: &str,
        action: &str,
        input: &Value,
    ) -> Result<(), Error> {
        let Identity { region, principal } = identity;
        let free = principal.is_root()
            || (service == "sts" && sts::needs_no_permission(principal, action));
        // An endpoint's policy binds everyone.
        if free && origin.endpoint.is_none() {
            return Ok(());
        }
        let account = &principal.account;
        let (resources, more) = {
            let iam = &self.control_plane.world().iam;
            let resources = match service {
                "ec2" => permission::ec2_resources(region, account, action, input),
                "elbv2" => permission::elb_resources(region, account, action, input),
                "iam" => vec![permission::iam_resource(iam, principal, input)],
                _ => vec!["*".to_owned()],
            };
            let more = permission::also_needed(iam, principal, region, service, action, input);
            (resources, more)
        };
        let scope = match service {
            "elbv2" => "elasticloadbalancing",
            service => service,
        };
        let permission = format!("{scope}:{action}");
        let own = resources
            .into_iter()
            .map(|resource| (permission.as_str(), resource));
        for (permission, resource) in own.chain(more) {
            self.allowed(principal, origin, Some(region), permission, &resource)
                .map_err(|sentence| match service {
                    "ec2" => Error::new(
                        "UnauthorizedOperation",
                        format!("You are not authorized to perform this operation. {sentence}"),
                    ),
                    _ => Error::new("AccessDenied", sentence),
                })?;
        }
        Ok(())
    }

    /// Whether policies allow a caller one action on one resource of its account.
    ///
    /// # Errors
    /// The refusal's sentence.
    pub fn allowed(
        &self,
        principal: &Principal,
        origin: &Origin,
        region: Option<&str>,
        permission: &str,
        resource: &str,
    ) -> Result<(), String> {
        let question = Question {
            caller: Some(principal),
            origin,
            region,
            permission,
            resource,
            owner: principal.account.as_str(),
            resource_policy: None,
            keys: &[],
        };
        self.judge(&question)
            .map_err(|denial| judge::sentence(principal, permission, resource, &denial))
    }

    /// Whether all policies that have a say allow one request.
    ///
    /// # Errors
    /// Why not.
    pub fn judge(&self, question: &Question) -> Result<(), Denial> {
        let world = self.control_plane.world();
        let mut context = question.origin.context();
        match question.caller {
            Some(principal) => context.extend(principal.context(&world)),
            None => context.extend(anonymous()),
        }
        let mut add = |key: &str, value: &str| context.push((key.to_owned(), value.to_owned()));
        if let Some(region) = question.region {
            add("aws:RequestedRegion", region);
        }
        add("aws:ResourceAccount", question.owner);
        add(
            "aws:CurrentTime",
            &openvpc_ec2::timestamp::format(now()).unwrap_or_default(),
        );
        add("aws:EpochTime", &(now() / 1000).to_string());
        context.extend_from_slice(question.keys);
        let policies = question
            .caller
            .and_then(|caller| policies_of(&world, caller));
        let endpoint = question.origin.endpoint.as_deref();
        let access = Access {
            caller: question.caller,
            policies: policies.as_ref(),
            endpoint_policy: endpoint.map(|id| endpoint_policy(&world, id)),
            resource_policy: question.resource_policy,
            owner: question.owner,
            request: Request {
                action: question.permission,
                resource: question.resource,
                context: &context,
            },
        };
        access.decide(self.evaluator())
    }
}

/// What one request asks of the policies.
pub struct Question<'a> {
    /// None for an anonymous request.
    pub caller: Option<&'a Principal>,
    pub origin: &'a Origin,
    pub region: Option<&'a str>,
    pub permission: &'a str,
    pub resource: &'a str,
    /// The account that owns the resource.
    pub owner: &'a str,
    pub resource_policy: Option<&'a str>,
    /// Condition keys of the service's own.
    pub keys: &'a [(String, String)],
}

/// The policy of an endpoint, as it is now (`GP-6`). One that is gone lets nothing through.
fn endpoint_policy<'w>(world: &'w World, endpoint: &str) -> EndpointPolicy<'w> {
    let id = endpoint.parse::<VpcEndpointId>();
    let mut regions = world.regions.values();
    let found = id
        .ok()
        .and_then(|id| regions.find_map(|region| region.vpc_endpoints.get(&id)));
    EndpointPolicy {
        text: found.map_or(r#"{"Statement":[]}"#, VpcEndpoint::policy_document),
        is_gateways: found.is_none_or(|endpoint| endpoint.interface().is_none()),
    }
}

/// What conditions can ask of who has not signed.
fn anonymous() -> [(String, String); 2] {
    [
        ("aws:PrincipalType", "Anonymous"),
        ("aws:userid", "anonymous"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
}
