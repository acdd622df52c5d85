//! Reachability Analyzer: paths to analyse, and analyses of them. AWS: Reachability Analyzer guide.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{AccountId, NetworkInsightsAnalysisId, NetworkInsightsPathId, UnixMillis};

/// A path whose reachability can be analysed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsPath {
    pub id: NetworkInsightsPathId,
    pub owner: AccountId,
    /// Id of an instance, a network interface or an internet gateway.
    pub source: String,
    /// The same; none where an address alone says whither.
    pub destination: Option<String>,
    pub protocol: PathProtocol,
    pub at_source: PathFilter,
    pub at_destination: PathFilter,
    /// The addresses and the port were given as parameters of their own, not in a filter at the source.
    pub is_plain: bool,
    pub created_at: UnixMillis,
}

/// AWS analyses these two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathProtocol {
    Tcp,
    Udp,
}

impl PathProtocol {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PathProtocol::Tcp => "tcp",
            PathProtocol::Udp => "udp",
        }
    }
}

/// What packets of a path look like at one of its ends; absent is any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathFilter {
    pub source_address: Option<Ipv4Addr>,
    pub destination_address: Option<Ipv4Addr>,
    /// Both ends included.
    pub source_ports: Option<(u16, u16)>,
    /// Both ends included.
    pub destination_ports: Option<(u16, u16)>,
}

impl PathFilter {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == PathFilter::default()
    }
}

/// One analysis of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsAnalysis {
    pub id: NetworkInsightsAnalysisId,
    pub owner: AccountId,
    pub path: NetworkInsightsPathId,
    pub started_at: UnixMillis,
    pub state: AnalysisState,
}

/// How far an analysis is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnalysisState {
    /// Until the configuration of its time is enforced and was asked.
    Running,
    Succeeded {
        path_found: bool,
        /// The members of the answer that tell the way, as JSON text.
        findings: String,
    },
    Failed {
        message: String,
    },
}

impl AnalysisState {
    /// The value on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            AnalysisState::Running => "running",
            AnalysisState::Succeeded { .. } => "succeeded",
            AnalysisState::Failed { .. } => "failed",
        }
    }
}
