//! libFuzzer's program: `OPENVPC_FUZZ_TARGET` says which target. Started by `cargo xtask fuzz`.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let run = RUN.get_or_init(|| {
        let name = std::env::var("OPENVPC_FUZZ_TARGET").unwrap_or_default();
        match openvpc_fuzz::target(&name) {
            Some(target) => target.run,
            None => panic!("OPENVPC_FUZZ_TARGET names no target: {name:?}"),
        }
    });
    run(bytes);
});
