//! Tests of the handlers, one file per resource, rows of the specification in their names.

mod flow_log;
mod instance;
mod network_acl;
mod network_interface;
mod security_group;
mod vpc;
