//! Actions on instances.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
