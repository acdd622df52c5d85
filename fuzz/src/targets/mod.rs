//! The doors, each with what must hold behind it.

mod control;
mod dns;
mod engine;
mod exec;
mod frame;
mod link;
mod log_format;
mod logs;
mod nat64;
mod policy;
mod query;
mod reach;
mod recorded_flows;
mod s3;
mod sigv4;
mod user_data;

use crate::Target;

/// All of them.
pub const TARGETS: &[Target] = &[
    frame::FRAME,
    frame::EDIT,
    nat64::NAT64,
    link::ARP_NDP,
    link::DHCP,
    link::DHCPV6,
    engine::ENGINE,
    dns::QUERY,
    dns::ANSWER,
    query::QUERY,
    sigv4::SIGV4,
    control::CONTROL,
    logs::LOGS,
    log_format::LOG_FORMAT,
    recorded_flows::RECORDED_FLOWS,
    policy::POLICY,
    s3::S3,
    exec::EXEC,
    user_data::USER_DATA,
    reach::PLAN,
    reach::EXPECTATIONS,
    reach::FLOW_RECORD,
];

/// Reads numbers off the front of the input; zeros when it is used up.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
