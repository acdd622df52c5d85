//! What the command line asks about reachability: `why`, `plan` and `assert`, answered on a copy of the world.

use std::sync::Arc;

use openvpc_compile::Compiler;
use openvpc_host::outside;
use openvpc_model::World;
use openvpc_reach::plan::{Ground, forecast};
use openvpc_reach::{Ask, Host, Workshop, expect};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::control_plane::{ControlPlane, now};

/// A question.
#[derive(Debug, Serialize, Deserialize)]
pub enum Question {
    /// `openvpc why`.
    Why(Ask),
    /// `openvpc plan`: the plan comes as a file beside the message.
    Plan { region: String, account: String },
    /// `openvpc assert`: the expectations come as a file beside the message.
    Assert,
    /// The world without its identities, for a question to be asked again.
    World,
}

/// The hosts of the simulated internet, as questions know them.
pub fn hosts() -> Vec<Host> {
    let host = |host: &outside::Outside| Host {
        name: host.name.to_owned(),
        dns_name: host.dns_name(),
        engine: Arc::new(host.engine_host()),
    };
    outside::ALL.iter().map(host).collect()
}

/// A copy of the world without its identities, which have no say about packets and whose secrets nobody is to see, and a
/// compiler that goes on from it.
pub fn copy(control_plane: &ControlPlane) -> (World, Compiler) {
    let world = control_plane.world();
    (world.without_identities(), control_plane.compiler(&world))
}

/// Answers a question; `file` is what came beside it.
///
/// # Errors
/// A sentence for the user.
pub fn answer(
    control_plane: &ControlPlane,
    question: Question,
    file: Option<String>,
) -> Result<Value, String> {
    let (world, compiler) = copy(control_plane);
    let workshop = Workshop {
        settings: control_plane.settings(),
        hosts: &hosts(),
        now: now(),
        compiler,
    };
    let file = || file.ok_or_else(|| "a file was to come with the question".to_owned());
    let answer = match question {
        Question::Why(ask) => serde_json::to_value(ask.answer(&workshop, &world)?),
        Question::Plan { region, account } => {
            let account = account.parse().map_err(|_| {
                format!("{account:?} is no account: an account is a number of 12 digits")
            })?;
            let ground = Ground {
                workshop: &workshop,
                region: &region,
                account: &account,
            };
            serde_json::to_value(forecast(&ground, &world, &file()?)?)
        }
        Question::Assert => {
            let expectations = expect::parse(&file()?)?;
            serde_json::to_value(expect::check(&workshop, &world, &expectations)?)
        }
        Question::World => serde_json::to_value(world),
    };
    answer.map_err(|error| error.to_string())
}
