//! The engine's names for things: small dense numbers. `compile` keeps the table that leads back to AWS ids.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl Index for $name {
            fn slot(self) -> usize {
                self.0 as usize
            }
            fn from_slot(slot: usize) -> $name {
                $name(slot as u32)
            }
        }
    )+};
}

/// A number that names a place in a [`Dense`] table.
pub trait Index: Copy {
    /// The place as an offset.
    fn slot(self) -> usize;
    /// The inverse of [`Index::slot`].
    fn from_slot(slot: usize) -> Self;
}

index! {
    /// A VPC. Part of every address key: two VPCs may use the same CIDR.
    VpcIndex,
    /// A region.
    RegionIndex,
    /// A subnet.
    SubnetIndex,
    /// A network interface: its world-wide serial, never reused.
    EniIndex,
    /// A security group.
    SecurityGroupIndex,
    /// A network ACL.
    NetworkAclIndex,
    /// A route table.
    RouteTableIndex,
}

/// A gateway that keeps flows: a number that means the same one in every snapshot, and never another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GatewayId(pub u64);

/// A reference that `compile` chose for one rule, entry or route; traces carry it, the engine never reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleRef(pub u32);

impl Index for RuleRef {
    fn slot(self) -> usize {
        self.0 as usize
    }
    fn from_slot(slot: usize) -> RuleRef {
        RuleRef(slot as u32)
    }
}

/// A place where frames enter and leave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PortId {
    /// The port of a network interface.
    Eni(EniIndex),
    /// The point-to-point link of a host in the simulated internet.
    Outside(u16),
    /// The one port behind which resolver, metadata and time service live (D10).
    Services,
}

impl fmt::Debug for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortId::Eni(eni) => write!(f, "eni#{}", eni.0),
            PortId::Outside(host) => write!(f, "outside#{host}"),
            PortId::Services => f.write_str("services"),
        }
    }
}

/// A point on the caller's monotonic clock, in nanoseconds since any fixed origin.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct Time(pub u64);

impl Time {
    /// A point `seconds` after the origin.
    pub const fn from_secs(seconds: u64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    /// Nanoseconds from `earlier` to here, 0 if `earlier` is later.
    pub const fn since(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// A point `seconds` later.
    pub const fn plus_secs(self, seconds: u64) -> Time {
        Time(self.0.saturating_add(seconds.saturating_mul(1_000_000_000)))
    }
}

/// A table with holes, keyed by an [`Index`].
#[derive(Clone, Debug)]
pub struct Dense<I, T> {
    slots: Vec<Option<T>>,
    index: PhantomData<I>,
}

impl<I, T> Default for Dense<I, T> {
    fn default() -> Dense<I, T> {
        Dense {
            slots: Vec::new(),
            index: PhantomData,
        }
    }
}

impl<I: Index, T> Dense<I, T> {
    /// Puts `value` at `index`, growing the table as needed, and returns what was there.
    pub fn insert(&mut self, index: I, value: T) -> Option<T> {
        if index.slot() >= self.slots.len() {
            self.slots.resize_with(index.slot() + 1, || None);
        }
        self.slots[index.slot()].replace(value)
    }

    /// Adds `value` at the end and returns its place.
    pub fn push(&mut self, value: T) -> I {
        self.slots.push(Some(value));
        I::from_slot(self.slots.len() - 1)
    }

    /// Takes out what is at `index`.
    pub fn remove(&mut self, index: I) -> Option<T> {
        self.slots.get_mut(index.slot())?.take()
    }

    /// What is at `index`, if anything.
    #[inline]
    pub fn get(&self, index: I) -> Option<&T> {
        self.slots.get(index.slot())?.as_ref()
    }

    /// What is at `index`, to be changed.
    #[inline]
    pub fn get_mut(&mut self, index: I) -> Option<&mut T> {
        self.slots.get_mut(index.slot())?.as_mut()
    }

    /// All entries, ascending, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (I, &mut T)> {
        self.slots
            .iter_mut()
            .enumerate()
            .filter_map(|(slot, value)| Some((I::from_slot(slot), value.as_mut()?)))
    }

    /// All entries, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(slot, value)| Some((I::from_slot(slot), value.as_ref()?)))
    }
}

impl<I: Index, T> FromIterator<(I, T)> for Dense<I, T> {
    fn from_iter<S: IntoIterator<Item = (I, T)>>(items: S) -> Dense<I, T> {
        let mut table = Dense::default();
        for (index, value) in items {
            table.insert(index, value);
        }
        table
    }
}
