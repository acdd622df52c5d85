//! How much the engine may keep. Every table has a bound, and what happens at the bound is counted.

/// Upper bounds of the engine's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tracked connections per network interface; the packet that would need one more is dropped
    /// (`ConntrackFull`), as AWS drops past `conntrack_allowance_exceeded`.
    pub conntrack_per_eni_max: u32,
    /// Flow cells per network interface; traffic beyond is counted as overflow, which a flow log declares as SKIPDATA.
    pub flow_cells_per_eni_max: u32,
    /// Datagrams in reassembly view per port.
    pub fragments_per_port_max: u32,
    /// Remembered verdicts; the whole cache is emptied when it is full, which changes no verdict.
    pub cache_entries_max: u32,
    /// Identities known to the services (D10); the packet that would need one more is dropped (`IdentityTableFull`)
    /// unless an idle one can be forgotten.
    pub identities_max: u32,
    /// Flows per NAT gateway; the packet that would need one more counts as `ErrorPortAllocation`.
    pub nat_flows_per_gateway_max: u32,
    /// Secret of the hash functions, so that nobody can choose colliding flows; random in a daemon.
    pub hash_seed: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            conntrack_per_eni_max: 65_536,
            flow_cells_per_eni_max: 65_536,
            fragments_per_port_max: 256,
            // As many as a hash table of 2^18 places takes.
            cache_entries_max: 229_376,
            identities_max: 65_536,
            nat_flows_per_gateway_max: 262_144,
            hash_seed: 0x6f70_656e_7670_6300,
        }
    }
}
