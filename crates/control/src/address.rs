//! Actions on addresss.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
