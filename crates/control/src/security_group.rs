//! Actions on security groups.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
