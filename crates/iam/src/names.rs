//! Names, paths and tags, as IAM takes them (IAM user guide, "IAM and AWS STS quotas", "Name requirements").

use openvpc_ec2::Error;
use openvpc_model::Tags;
use serde::Deserialize;

use crate::refuse::{constraint, invalid_input, limit, validation};

const TAGS_MAX: usize = 50;
const TAG_KEY_LEN_MAX: usize = 128;
const TAG_VALUE_LEN_MAX: usize = 256;
const PATH_LEN_MAX: usize = 512;

/// That a text may be a name. `member` is the request's, in lower camel case.
///
/// # Errors
/// `ValidationError`.
pub fn check_name(name: &str, member: &str, len_max: usize) -> Result<(), Error> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty() {
        return Err(constraint(
            member,
            name,
            "have length greater than or equal to 1",
        ));
    }
    if !name.chars().all(is_fine) {
        return Err(validation(format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
        )));
    }
    if name.len() > len_max {
        let must = format!("have length less than or equal to {len_max}");
        return Err(constraint(member, name, &must));
    }
    Ok(())
}

/// The path of a request; `/` when there is none.
///
/// # Errors
/// `ValidationError`.
pub fn path(given: Option<String>) -> Result<String, Error> {
    let path = given.unwrap_or_else(|| "/".to_owned());
    let is_whole = path.starts_with('/') && path.ends_with('/') && path != "//";
    if !is_whole || !path.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Err(validation(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ));
    }
    if path.len() > PATH_LEN_MAX {
        return Err(constraint(
            "path",
            &path,
            "have length less than or equal to 512",
        ));
    }
    Ok(path)
}

/// Whether a name is taken: IAM keeps the case of names and does not tell names apart by it.
pub fn is_taken<'a>(name: &str, mut names: impl Iterator<Item = &'a String>) -> bool {
    names.any(|known| known.eq_ignore_ascii_case(name))
}

/// One `Tags.member.N`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// `before` with more tags laid over it.
///
/// # Errors
/// `ValidationError`, `InvalidInput` for a key that is there twice, `LimitExceeded`.
pub fn tagged(before: &Tags, more: Vec<Tag>) -> Result<Tags, Error> {
    let mut tags = before.clone();
    let mut seen = Tags::new();
    for Tag { key, value } in more {
        if key.is_empty() || key.chars().count() > TAG_KEY_LEN_MAX {
            let must = "have length from 1 to 128";
            return Err(constraint("tags.member.key", &key, must));
        }
        if value.chars().count() > TAG_VALUE_LEN_MAX {
            let must = "have length less than or equal to 256";
            return Err(constraint("tags.member.value", &value, must));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid_input(
                "Tag keys beginning with aws: are reserved for AWS use.",
            ));
        }
        if seen.insert(key.to_lowercase(), String::new()).is_some() {
            return Err(invalid_input(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.retain(|known, _| !known.eq_ignore_ascii_case(&key));
        tags.insert(key, value);
    }
    if tags.len() > TAGS_MAX {
        return Err(limit("The number of tags has reached the maximum limit."));
    }
    Ok(tags)
}
