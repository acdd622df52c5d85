//! `openvpc`: the Amazon VPC, running for real on a Linux machine.
//!
//! This crate is wiring and nothing else: flags, listeners and the threads between the floors.
//! What a call means is `control`'s, what happens to a packet is `engine`'s.

#![forbid(unsafe_code)]

mod cli;
mod client;
mod daemon;
mod demo;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A sandbox's first process is this same program, and so is the data plane: they must take their own road before any
    // thread exists and before an argument is read.
    openvpc_host::main_if_init();
    openvpc_dataplane::main_if_data_plane();
    cli::run()
}
