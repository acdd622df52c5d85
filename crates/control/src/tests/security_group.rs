//! Tests of `security_group.rs`.
