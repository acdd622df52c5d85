//! Actions on internet gateways.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
