//! AWS STS: who am I.

use openvpc_ec2::Error;
use serde_json::{Value, json};

use crate::Caller;

/// Serves one STS call. Nothing in STS changes the world.
///
/// # Errors
/// `UnsupportedOperation` for an action that is not built.
pub fn handle_sts(caller: &Caller, action: &str, _input: &Value) -> Result<Value, Error> {
    match action {
        "GetCallerIdentity" => Ok(json!({
            "UserId": caller.user_id,
            "Account": caller.account.as_str(),
            "Arn": caller.arn,
        })),
        _ => Err(Error::not_built(action)),
    }
}
