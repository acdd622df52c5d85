//! Actions on network interfaces.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
