//! `ClientToken`: the same token with the same arguments gets the same answer, once made.

use openvpc_ec2::Error;
use openvpc_model::{ClientToken, Event};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Cx, Handler};

/// AWS: up to 64 ASCII characters.
const TOKEN_BYTES_MAX: usize = 64;

/// Runs a handler, unless the request's client token was used before.
///
/// # Errors
/// The handler's; `InvalidParameterValue` for a token that is too long or not ASCII;
/// `IdempotentParameterMismatch` for one that was used with other arguments.
pub fn once(cx: &mut Cx, action: &str, input: Value, handler: Handler) -> Result<Value, Error> {
    let Some(token) = input["ClientToken"].as_str().filter(|t| !t.is_empty()) else {
        return handler(cx, input);
    };
    if token.len() > TOKEN_BYTES_MAX || !token.is_ascii() {
        return Err(Error::invalid_value("clientToken", token));
    }
    let token = token.to_owned();
    let arguments = digest(&input);
    let earlier = cx.stored_region().client_tokens.iter().find(|known| {
        known.token == token && known.action == action && known.account == *cx.account()
    });
    if let Some(earlier) = earlier {
        if earlier.arguments != arguments {
            return Err(Error::idempotent_parameter_mismatch(&token));
        }
        return serde_json::from_str(&earlier.answer).map_err(|_| Error::internal());
    }
    let answer = handler(cx, input)?;
    let used = ClientToken {
        account: cx.account().clone(),
        action: action.to_owned(),
        token,
        arguments,
        answer: answer.to_string(),
        at: cx.now(),
    };
    cx.emit(Event::ClientTokenPut(used));
    Ok(answer)
}

/// SHA-256 of the arguments without `DryRun`, hex.
fn digest(input: &Value) -> String {
    let mut arguments = input.clone();
    if let Value::Object(members) = &mut arguments {
        members.remove("DryRun");
    }
    let digest = Sha256::digest(arguments.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
