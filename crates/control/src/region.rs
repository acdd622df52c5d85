//! Actions on regions.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
