//! Interface endpoints: network interfaces that stand for a service (`IE-1` to `IE-12`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::Value;

use super::request::{CreateRequest, ModifyRequest};
use crate::Cx;

/// Writes the endpoint down, with its interfaces.
pub fn create(_cx: &mut Cx, _req: &CreateRequest, _endpoint: VpcEndpoint) -> Result<(), Error> {
    Err(not_built())
}

/// Writes a changed endpoint down; its policy is changed already.
pub fn modify(_cx: &mut Cx, _req: &ModifyRequest, _endpoint: VpcEndpoint) -> Result<(), Error> {
    Err(not_built())
}

/// Deletes what belongs to an endpoint that is about to be deleted.
pub fn delete(_cx: &mut Cx, _endpoint: &InterfaceEndpoint) {}

/// Fills in what a gateway endpoint does not have.
pub fn render(_cx: &Cx, _endpoint: &VpcEndpoint, _own: &InterfaceEndpoint, _rendered: &mut Value) {}

fn not_built() -> Error {
    Error::unsupported_operation("VPC endpoints of the type Interface are not built yet.")
}
