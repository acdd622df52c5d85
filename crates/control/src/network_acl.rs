//! Actions on network acls.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
