//! What a replay judges against: a world, as it is, as it was exported, or as a plan would make it.

use std::path::Path;
use std::sync::Arc;

use openvpc_compile::{Compiled, Compiler};
use openvpc_control::Settings;
use openvpc_engine::{EniIndex, VpcIndex};
use openvpc_flows::replay::Configuration;
use openvpc_host::outside;
use openvpc_model::World;
use openvpc_reach::Workshop;
use openvpc_reach::plan::{Ground, carry_out};
use serde_json::Value;

use crate::cli::world;

/// Of a file with a world or a plan.
const FILE_LEN_MAX: u64 = 512 * 1024 * 1024;

/// A world, compiled.
pub struct Judge {
    pub world: World,
    pub names: openvpc_compile::Names,
    pub configuration: Configuration,
}

impl Judge {
    /// `current`, a world in a file, or a plan in a file, which is tried on a copy of `base` or else of the running world.
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
                    None => with_plan(&base()?, &text).map_err(|e| format!("{file}: {e}"))?,
                }
            }
        };
        let hosts = outside::engine_hosts();
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
            world,
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

/// The world as a plan would make it: `terraform show -json`, or API calls as JSON lines.
fn with_plan(world: &World, text: &str) -> Result<World, String> {
    let settings = Settings::default();
    let account = "123456789012"
        .parse()
        .map_err(|_| "no account".to_owned())?;
    let region = std::env::var("AWS_DEFAULT_REGION").unwrap_or_else(|_| "us-east-1".to_owned());
    let workshop = Workshop {
        settings: &settings,
        hosts: &[],
        now: chrono::Utc::now().timestamp_millis(),
        compiler: Compiler::default(),
    };
    let ground = Ground {
        workshop: &workshop,
        region: &region,
        account: &account,
    };
    let (world, forecast) = carry_out(&ground, world, text)?;
    for refused in &forecast.refused {
        eprintln!("openvpc: would be refused: {refused}");
    }
    for assumed in &forecast.assumed {
        eprintln!("openvpc: assumed: {assumed}");
    }
    Ok(world)
}
