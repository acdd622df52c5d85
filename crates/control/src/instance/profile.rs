//! Which role an instance has: its instance profile (EC2 user guide, "IAM roles for Amazon EC2").
//!
//! An association is settled when its call is answered. The metadata service hands out the role's credentials.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::listing;
use crate::filters::Filters;
use crate::ids::{not_found, parse_id};
use crate::paging::Page;
use crate::request::required;

/// `IamInstanceProfile`: a profile by ARN or by name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Specification {
    arn: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Request {
    instance_id: Option<String>,
    association_id: Option<String>,
    iam_instance_profile: Specification,
}

impl Specification {
    pub fn is_empty(&self) -> bool {
        self.arn.is_none() && self.name.is_none()
    }

    /// A new association with the profile that is named.
    ///
    /// # Errors
    /// `InvalidParameterCombination`, `InvalidParameterValue`, `MissingParameter`.
    pub fn associate(&self, cx: &mut Cx) -> Result<ProfileAssociation, Error> {
        let own = cx.iam().account(cx.account());
        let (profile, member, value) = match (&self.arn, &self.name) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid_parameter_combination(
                    "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
                ));
            }
            (None, None) => return Err(Error::missing_parameter("IamInstanceProfile")),
            (Some(arn), None) => {
                let profile = own.instance_profiles.values();
                let mut profile = profile.filter(|profile| arn_of(cx, profile) == *arn);
                (profile.next(), "arn", arn)
            }
            (None, Some(name)) => (own.instance_profiles.get(name), "name", name),
        };
        let Some(profile) = profile else {
            let noun = if member == "arn" { "ARN" } else { member };
            return Err(Error::invalid_value_because(
                &format!("iamInstanceProfile.{member}"),
                value,
                &format!("Invalid IAM Instance Profile {noun}"),
            ));
        };
        let arn = arn_of(cx, profile);
        if profile.role.is_none() {
            return Err(Error::invalid_parameter_value(format!(
                "IAM Instance Profile \"{arn}\" has no associated IAM Roles"
            )));
        }
        let (profile, profile_id) = (profile.entity.name.clone(), profile.entity.id.clone());
        Ok(ProfileAssociation {
            id: cx.new_id(),
            arn,
            profile,
            profile_id,
            at: cx.now(),
        })
    }
}

fn arn_of(cx: &Cx, profile: &InstanceProfile) -> String {
    profile.entity.arn(cx.account(), "instance-profile")
}

/// AssociateIamInstanceProfile.
pub fn associate(cx: &mut Cx, req: Request) -> Result<Value, Error> {
    let id = required(&req.instance_id, "InstanceId")?;
    let mut instance = cx.find::<Instance>(id)?.clone();
    if !lives(&instance) {
        let state = instance.state.code_and_name().1;
        return Err(Error::incorrect_state("IncorrectInstanceState", id, state));
    }
    if instance.profile.is_some() {
        return Err(Error::new(
            "IncorrectState",
            format!("There is an existing association for instance {id}"),
        ));
    }
    let made = req.iam_instance_profile.associate(cx)?;
    let answer = render(instance.id, &made, "associating");
    instance.profile = Some(made);
    cx.put(instance);
    Ok(json!({"IamInstanceProfileAssociation": answer}))
}

/// ReplaceIamInstanceProfileAssociation.
pub fn replace(cx: &mut Cx, req: Request) -> Result<Value, Error> {
    let mut instance = find(cx, &req)?;
    let made = req.iam_instance_profile.associate(cx)?;
    let answer = render(instance.id, &made, "associating");
    instance.profile = Some(made);
    cx.put(instance);
    Ok(json!({"IamInstanceProfileAssociation": answer}))
}

/// DisassociateIamInstanceProfile.
pub fn disassociate(cx: &mut Cx, req: Request) -> Result<Value, Error> {
    let mut instance = find(cx, &req)?;
    let gone = instance.profile.take();
    let answer = gone.map(|gone| render(instance.id, &gone, "disassociating"));
    cx.put(instance);
    Ok(json!({"IamInstanceProfileAssociation": answer}))
}

/// DescribeIamInstanceProfileAssociations.
pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    const LIST: &str = "IamInstanceProfileAssociations";
    let filters = Filters::read(input, &["instance-id", "state"])?;
    let mut wanted = Vec::new();
    for id in input["AssociationIds"].as_array().into_iter().flatten() {
        let id = id.as_str().unwrap_or_default();
        let parsed = parse_id::<ProfileAssociationId>(id)?;
        if !associations(cx).any(|(_, known)| known.id == parsed) {
            return Err(not_found::<ProfileAssociationId>(id));
        }
        wanted.push(parsed);
    }
    let page = Page::read(cx, LIST, input, (5, 1000))?;
    let mut found: Vec<_> = associations(cx)
        .filter(|(_, known)| wanted.is_empty() || wanted.contains(&known.id))
        .filter(|(instance, _)| {
            filters.pass(Tags::new, |name| match name {
                "instance-id" => vec![instance.id.to_string()],
                _ => vec!["associated".to_owned()],
            })
        })
        .map(|(instance, known)| (known.id, (instance, known)))
        .collect();
    found.sort_unstable_by_key(|(id, _)| *id);
    let (found, token) = page.take(found.into_iter())?;
    let found = found.into_iter();
    let shown = found.map(|(instance, known)| render(instance.id, known, "associated"));
    Ok(listing(LIST, shown.collect(), token))
}

fn associations<'c>(cx: &'c Cx) -> impl Iterator<Item = (&'c Instance, &'c ProfileAssociation)> {
    let living = cx.own::<Instance>().filter(|instance| lives(instance));
    living.filter_map(|instance| Some((instance, instance.profile.as_ref()?)))
}

fn lives(instance: &Instance) -> bool {
    !matches!(
        instance.state,
        InstanceState::Terminated | InstanceState::ShuttingDown
    )
}

/// The instance of the association that a request names.
fn find(cx: &Cx, req: &Request) -> Result<Instance, Error> {
    let id = required(&req.association_id, "AssociationId")?;
    let parsed = parse_id::<ProfileAssociationId>(id)?;
    let found = associations(cx).find(|(_, known)| known.id == parsed);
    let found = found.map(|(instance, _)| instance.clone());
    found.ok_or_else(|| not_found::<ProfileAssociationId>(id))
}

fn render(instance: InstanceId, association: &ProfileAssociation, state: &str) -> Value {
    json!({
        "AssociationId": association.id,
        "InstanceId": instance,
        "IamInstanceProfile": render_profile(association),
        "State": state,
        "Timestamp": association.at,
    })
}

/// As DescribeInstances shows it.
pub fn render_profile(association: &ProfileAssociation) -> Value {
    json!({"Arn": association.arn, "Id": association.profile_id})
}
