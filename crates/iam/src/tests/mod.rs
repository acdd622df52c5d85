//! Tests of the handlers, as the IAM user guide tells them.

mod access;
mod differential;
mod entities;
mod policies;
mod principals;
mod random;
mod sts;
