//! A question in the words of the command line, and a question that can be asked again later.

use openvpc_model::World;
use serde::{Deserialize, Serialize};

use crate::flow::{Flow, SOURCE_PORT, Traffic, split_port};
use crate::place::resolve;
use crate::record;
use crate::report::Report;
use crate::scene::Host;
use crate::why::why;
use crate::workshop::Workshop;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// About a flow that might be.
    Flow {
        source: String,
        /// With `:PORT`.
        destination: String,
        /// tcp with a port, else icmp, unless told.
        protocol: Option<String>,
        source_port: Option<u16>,
        ipv6: bool,
    },
    /// About one that a flow log has recorded.
    Record { line: String },
}

impl Ask {
    /// The flow that is meant, and what is to be said about it.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn flow(&self, world: &World, hosts: &[Host]) -> Result<(Flow, Vec<String>), String> {
        let (source, destination, protocol, source_port, ipv6) = match self {
            Ask::Record { line } => return record::flow(world, hosts, line),
            Ask::Flow {
                source,
                destination,
                protocol,
                source_port,
                ipv6,
            } => (source, destination, protocol, source_port, ipv6),
        };
        let (destination, port) = split_port(destination)?;
        let traffic = match (protocol, port) {
            (Some(protocol), port) => Traffic::new(protocol, port)?,
            (None, Some(port)) => Traffic::Tcp(port),
            (None, None) => Traffic::Icmp,
        };
        let place =
            |text: &str| resolve(world, hosts, text).map_err(|unresolved| unresolved.to_string());
        let flow = Flow {
            source: place(source)?,
            destination: place(destination)?,
            traffic,
            source_port: source_port.unwrap_or(SOURCE_PORT),
            ipv6: *ipv6,
        };
        Ok((flow, Vec::new()))
    }

    /// The answer in a world.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn answer(&self, workshop: &Workshop<'_>, world: &World) -> Result<Report, String> {
        let (flow, notes) = self.flow(world, workshop.hosts)?;
        let mut report = why(workshop, world, &flow)?;
        report.notes.splice(0..0, notes);
        Ok(report)
    }
}

/// A question on whose answer the wire did not agree: all that it takes to ask it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// The world, without identities.
    pub world: World,
    pub ask: Ask,
    /// Whether the answer was "reachable".
    pub explained: bool,
    /// Whether an answer came back on the wire.
    pub answered: bool,
}

impl Disagreement {
    /// Asks again; whether the answer is now what the wire said.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn is_settled(&self, workshop: &Workshop<'_>) -> Result<bool, String> {
        let report = self.ask.answer(workshop, &self.world)?;
        Ok(report.reachable == self.answered)
    }
}
