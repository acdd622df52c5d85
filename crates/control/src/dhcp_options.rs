//! Actions on dhcp optionss.

use crate::Action;

pub const ACTIONS: &[Action] = &[];
