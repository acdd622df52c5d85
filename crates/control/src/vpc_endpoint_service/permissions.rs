//! Who may know of an endpoint service, and connect to it (`EP-4`): the owner's account always, others by name: an account, a
//! user or role of one, or everybody.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::listing;
use crate::elb::clip;
use crate::filters::Filters;
use crate::paging::Page;
use crate::request::required;

/// Principals of one service (AWS: no published bound; choice).
const PRINCIPALS_MAX: usize = 1_000;

/// Whether the caller may connect to a service.
pub fn is_allowed(cx: &Cx, service: &VpcEndpointService) -> bool {
    let root = format!("arn:aws:iam::{}:root", cx.account());
    let names = |principal: &String| {
        principal == "*" || *principal == root || cx.identity() == Some(principal.as_str())
    };
    service.owner == *cx.account() || service.allowed_principals.keys().any(names)
}

/// The account that an ARN names; none for what is no ARN of a principal.
fn account_of(principal: &str) -> Option<&str> {
    let rest = principal.strip_prefix("arn:aws:iam::")?;
    let (account, who) = rest.split_once(':')?;
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let known = who == "root" || who.starts_with("user/") || who.starts_with("role/");
    (digits && known).then_some(account)
}

fn kind(principal: &str) -> &'static str {
    match principal.rsplit(':').next() {
        Some("*") => "All",
        Some("root") => "Account",
        Some(who) if who.starts_with("user/") => "User",
        _ => "Role",
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    service_id: Option<String>,
    add_allowed_principals: Vec<String>,
    remove_allowed_principals: Vec<String>,
}

/// Endpoints that are there already stay.
pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let id = required(&req.service_id, "serviceId")?;
    let mut service = cx.find::<VpcEndpointService>(id)?.clone();
    let named = req.add_allowed_principals.iter();
    for principal in named.chain(&req.remove_allowed_principals) {
        if principal != "*" && account_of(principal).is_none() {
            return Err(Error::new(
                "InvalidPrincipal",
                format!("The principal '{}' is not valid", clip(principal)),
            ));
        }
    }
    let mut added = Vec::new();
    for principal in &req.add_allowed_principals {
        if !service.allowed_principals.contains_key(principal) {
            let permission = cx.new_id();
            service
                .allowed_principals
                .insert(principal.clone(), permission);
            added.push(render(&service, principal, permission));
        }
    }
    for principal in &req.remove_allowed_principals {
        service.allowed_principals.remove(principal);
    }
    if service.allowed_principals.len() > PRINCIPALS_MAX {
        return Err(Error::limit_exceeded(
            "VpcEndpointServicePermissionLimitExceeded",
            "allowed principals of a VPC endpoint service",
        ));
    }
    cx.put(service);
    Ok(json!({"AddedPrincipals": added, "ReturnValue": true}))
}

fn render(
    service: &VpcEndpointService,
    principal: &str,
    permission: VpcEndpointServicePermissionId,
) -> Value {
    json!({
        "PrincipalType": kind(principal),
        "Principal": principal,
        "ServicePermissionId": permission,
        "ServiceId": service.id,
    })
}

pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &["principal", "principal-type"])?;
    let page = Page::read(cx, "AllowedPrincipals", input, (5, 1000))?;
    let id = input["ServiceId"].as_str().unwrap_or_default();
    let service = cx.find::<VpcEndpointService>(id)?;
    let rows = service.allowed_principals.iter().filter(|(principal, _)| {
        let values = |name: &str| match name {
            "principal" => vec![(*principal).clone()],
            _ => vec![kind(principal).to_owned()],
        };
        filters.pass(Tags::new, values)
    });
    let rows = rows.map(|(principal, permission)| {
        let mut row = render(service, principal, *permission);
        row["Tags"] = json!([]);
        (principal.clone(), row)
    });
    let (rows, token) = page.take(rows)?;
    Ok(listing("AllowedPrincipals", rows, token))
}
