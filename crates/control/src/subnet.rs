//! Actions on subnets.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
