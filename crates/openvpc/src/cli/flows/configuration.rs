//! What a replay judges against: a world, as it is, as it was exported, or as calls would make it.

use std::path::Path;
use std::sync::Arc;

use openvpc_compile::Compiled;
use openvpc_control::{Caller, Settings};
use openvpc_engine::{EniIndex, VpcIndex};
use openvpc_flows::replay::Configuration;
use openvpc_host::outside;
use openvpc_model::{AccountId, Entry, World};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::Value;

use crate::cli::world;

/// Of a file with a world or calls.
const FILE_LEN_MAX: u64 = 512 * 1024 * 1024;

/// One API call, as a line of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    #[serde(alias = "Action")]
    action: String,
    /// In the API's member names, as `--cli-input-json` takes them.
    #[serde(alias = "Parameters", default)]
    parameters: Value,
    #[serde(alias = "Region")]
    region: Option<String>,
    #[serde(alias = "Account")]
    account: Option<String>,
}

/// A world, compiled.
pub struct Judge {
    pub names: openvpc_compile::Names,
    pub configuration: Configuration,
}

impl Judge {
    /// `current`, a world in a file, or calls in a file, which are made on a copy of `base` or else of the running world.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn of(against: &str, base: Option<&Path>, socket: &Path) -> Result<Judge, String> {
        let base = || match base {
            Some(file) => {
                let none = || format!("{} is no world: openvpc world prints one", file.display());
                read_world(&read(file)?).ok_or_else(none)?
            }
            None => world::fetch(socket),
        };
        let world = match against {
            "current" => base()?,
            file => {
                let text = read(Path::new(file))?;
                match read_world(&text) {
                    Some(world) => world?,
                    None => with_calls(base()?, &text).map_err(|e| format!("{file}: {e}"))?,
                }
            }
        };
        let hosts = outside::ALL.iter();
        let hosts = hosts.map(|host| Arc::new(host.engine_host())).collect();
        let Compiled { snapshot, names } =
            openvpc_compile::compile(&world, hosts).map_err(|e| e.to_string())?;
        let regions = world.regions.values();
        let enis = regions.flat_map(|region| region.network_interfaces.values());
        let interfaces = enis.map(|eni| (eni.id.to_string(), EniIndex(eni.serial)));
        let vpcs = (0..).map_while(|number| {
            let index = VpcIndex(number);
            Some((names.vpc(index)?.to_string(), index))
        });
        let configuration = Configuration {
            interfaces: interfaces.collect(),
            vpcs: vpcs.collect(),
            snapshot: Arc::new(snapshot),
        };
        Ok(Judge {
            names,
            configuration,
        })
    }
}

fn read(file: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let len = std::fs::metadata(file).map_err(told)?.len();
    if len > FILE_LEN_MAX {
        return Err(format!(
            "{}: longer than {FILE_LEN_MAX} bytes",
            file.display()
        ));
    }
    std::fs::read_to_string(file).map_err(told)
}

/// A world, if the text looks like one.
fn read_world(text: &str) -> Option<Result<World, String>> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("regions")?;
    Some(serde_json::from_value(value).map_err(|e| format!("not a world: {e}")))
}

/// The world after the calls, which are judged as if their account's root made them.
fn with_calls(mut world: World, text: &str) -> Result<World, String> {
    let settings = Settings::default();
    let mut rng = StdRng::seed_from_u64(world.revision);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |what: String| format!("line {}: {what}", number + 1);
        let call: Call = serde_json::from_str(line).map_err(|e| at(e.to_string()))?;
        let region = call.region.as_deref().unwrap_or("us-east-1");
        let account = call.account.as_deref().unwrap_or("123456789012");
        let account: AccountId = account
            .parse()
            .map_err(|_| at(format!("{account:?} is no account")))?;
        let now = chrono::Utc::now().timestamp_millis();
        let mut caller = Caller {
            region,
            account: account.clone(),
            now,
            // Nothing is delivered from here.
            bucket: Some(openvpc_control::Bucket::Accepts),
            rng: &mut rng,
        };
        let outcome = openvpc_control::handle(
            &world,
            &settings,
            &mut caller,
            &call.action,
            call.parameters,
        )
        .map_err(|e| at(format!("{}: {}: {}", call.action, e.code(), e.message())))?;
        if !outcome.events.is_empty() {
            world.apply(Entry {
                revision: world.revision + 1,
                at: now,
                region: region.to_owned(),
                account,
                action: call.action,
                events: outcome.events,
            });
        }
    }
    Ok(world)
}
