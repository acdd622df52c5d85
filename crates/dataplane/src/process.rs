//! What the process is made of: the data path, the hosts, and the services' namespace.

use std::sync::{Mutex, MutexGuard, PoisonError};

use openvpc_engine::Limits;
use openvpc_host::{
    DataPath, DataPathHandle, FastPorts, HostEvent, Hosts, HostsConfig, PortKind, ServiceNamespace,
};

use crate::protocol::{Config, DataPathChoice};

/// All of it. Dropping ends every host first, then closes the ports.
pub(crate) struct Machinery {
    hosts: Mutex<Option<Hosts>>,
    pub handle: DataPathHandle,
    pub services: ServiceNamespace,
    /// Whether the kernel forwards.
    pub is_fast: bool,
    /// What carries packets and why, for people.
    pub data_path: String,
    _data_path: DataPath,
}

impl Machinery {
    /// Builds it.
    ///
    /// # Errors
    /// What this machine does not allow, in a sentence.
    pub(crate) fn build(
        config: &Config,
        on_event: impl Fn(HostEvent) + Send + 'static,
    ) -> Result<Machinery, String> {
        // Nobody outside can then aim packets at one bucket of a table.
        let limits = Limits {
            hash_seed: rand::random(),
            ..Limits::default()
        };
        let (fast_ports, why_not) = choose(config)?;
        let (data_path, handle) = DataPath::start(limits, fast_ports.clone())
            .map_err(|e| format!("cannot start the data path: {e}"))?;
        let hosts = HostsConfig {
            port_kind: None,
            fast_ports: fast_ports.clone(),
            hidden: config.hidden.clone(),
            share_home: config.share_home,
            certificate_authority: Some(config.certificate_authority.clone()),
            on_event: Box::new(on_event),
        };
        let hosts = Hosts::start(hosts, handle.clone()).map_err(|error| error.to_string())?;
        let kind = hosts.port_kind();
        let is_fast = fast_ports.is_some();
        let services = ServiceNamespace::start(kind, fast_ports, config.public.clone(), &handle)
            .map_err(|e| format!("cannot start the link-local services: {e}"))?;
        Ok(Machinery {
            hosts: Mutex::new(Some(hosts)),
            handle,
            services,
            is_fast,
            data_path: describe(config, kind, &why_not),
            _data_path: data_path,
        })
    }

    /// The hosts, until they are ended.
    pub(crate) fn hosts(&self) -> MutexGuard<'_, Option<Hosts>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every host with all its processes.
    pub(crate) fn end_hosts(&self) {
        let hosts = self.hosts().take();
        drop(hosts);
    }
}

/// The kernel's part of the data path, if it is wanted and allowed; and why it is not, if it is not.
fn choose(config: &Config) -> Result<(Option<FastPorts>, String), String> {
    let attempt = || match config.is_root {
        true => FastPorts::start().map_err(|error| error.to_string()),
        false => Err("the kernel refuses eBPF to all but root".to_owned()),
    };
    match config.data_path {
        DataPathChoice::User => Ok((None, String::new())),
        DataPathChoice::Auto => Ok(match attempt() {
            Ok(ports) => (Some(ports), String::new()),
            Err(why) => (None, format!("; not ebpf: {why}")),
        }),
        DataPathChoice::Ebpf => match attempt() {
            Ok(ports) => Ok((Some(ports), String::new())),
            Err(why) => Err(format!(
                "the ebpf data path cannot run here ({why}): use --data-path user, or auto"
            )),
        },
    }
}

fn describe(config: &Config, ports: PortKind, why_not: &str) -> String {
    let why = match (ports, config.is_root) {
        (PortKind::Fast, _) => {
            return "ebpf (veth ports; the kernel forwards what the engine has decided)".to_owned();
        }
        (PortKind::Tap, _) => "TAP ports, since /dev/net/tun may be opened",
        (PortKind::Packet, true) => {
            "veth ports with AF_PACKET, since /dev/net/tun may not be opened"
        }
        (PortKind::Packet, false) => {
            "veth ports with AF_PACKET in a user namespace, since this user may not open /dev/net/tun"
        }
    };
    format!("user ({why}{why_not})")
}
