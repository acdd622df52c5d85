//! Tests of `instance.rs`.
