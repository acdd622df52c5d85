//! Tests of `network_acl.rs`.
