//! Interfaces of a running host: made, attached to the data path, taken away.

use super::{HostError, InterfaceSpec, State, Worker, system};
use crate::ports::Interface;
use crate::sandbox::protocol::{InterfaceConfig, Order as InitOrder};

/// An interface that exists.
pub(super) struct Link {
    pub spec: InterfaceSpec,
    /// The host's end of its veth pair.
    pub host_end: Option<u32>,
}

impl Link {
    /// Whether it is the interface that is wanted, perhaps with other addresses.
    fn is(&self, wanted: &InterfaceSpec) -> bool {
        let of = |spec: &InterfaceSpec| (spec.port, spec.mac, spec.mtu);
        of(&self.spec) == of(wanted)
    }
}

impl Worker {
    /// Makes a host's interfaces those of its specification. A host that is not that far yet gets them later.
    ///
    /// What goes stops passing frames before anything else happens. On failure those made so far stay, and a next call
    /// goes on from there.
    pub(super) fn furnish(&mut self, number: u64) -> Result<(), HostError> {
        let Some(host) = self.hosts.get_mut(&number) else {
            return Ok(());
        };
        if host.state == State::Building {
            return Ok(());
        }
        let wanted = &host.spec.interfaces;
        let gone: Vec<u16> = host
            .links
            .iter()
            .filter(|(index, link)| !wanted.iter().any(|w| w.index == **index && link.is(w)))
            .map(|(index, _)| *index)
            .collect();
        for index in gone {
            let Some(link) = host.links.remove(&index) else {
                continue;
            };
            // A data path that has stopped has closed its ports.
            let port = self.data_path.detach(link.spec.port).wait().ok().flatten();
            self.factory.unmake(port, link.host_end);
        }
        for spec in wanted {
            if let Some(link) = host.links.get_mut(&spec.index) {
                link.spec.network.clone_from(&spec.network);
                continue;
            }
            let interface = Interface {
                name: &InterfaceConfig::name(spec.index),
                mac: spec.mac,
                mtu: spec.mtu,
            };
            let made = self
                .factory
                .make(host.sandbox.pid(), host.sandbox.pidfd(), interface)
                .map_err(system("making the interface"))?;
            let attached = self.data_path.attach(spec.port, made.port).wait();
            let attached = attached
                .map_err(|_| HostError::Ended)
                .and_then(|outcome| outcome.map_err(system("attaching the interface")));
            if let Err(error) = attached {
                self.factory.unmake(None, made.host_end);
                return Err(error);
            }
            let link = Link {
                spec: spec.clone(),
                host_end: made.host_end,
            };
            host.links.insert(spec.index, link);
        }
        let configs = wanted.iter().map(|spec| InterfaceConfig {
            index: spec.index,
            mac: spec.mac,
            network: spec.network.clone(),
        });
        host.sandbox
            .order(&InitOrder::Interfaces(configs.collect()), &[], &[])
            .map_err(system("handing over the interfaces"))
    }
}
