//! Tests of `flow_log.rs`.
