//! Actions on flow logs.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
