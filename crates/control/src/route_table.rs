//! Actions on route tables.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
