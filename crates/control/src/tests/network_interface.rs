//! Tests of `network_interface.rs`.
