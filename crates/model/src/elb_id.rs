//! Ids of Elastic Load Balancing: 16 lower-case hex digits, which stand in ARNs and DNS names behind a resource's name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de, ser};

/// Declares an id type; as text it bears its kind, so that no two kinds share one in tables of all resources.
macro_rules! elb_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Makes an id of the low 64 bits of `random`.
            pub fn from_random(random: u128) -> Self {
                $name(random as u64)
            }

            /// As ARNs have it.
            pub fn hex(self) -> String {
                format!("{:016x}", self.0)
            }

            /// Reads what [`Self::hex`] writes.
            pub fn from_hex(text: &str) -> Option<Self> {
                let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                let number = u64::from_str_radix(text, 16).ok()?;
                (hex && text.len() == 16).then_some($name(number))
            }

            pub fn bits(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}/{:016x}", $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                text.strip_prefix(concat!($prefix, "/"))
                    .and_then(Self::from_hex)
                    .ok_or_else(|| format!("not the id of a {}: {text:?}", $prefix))
            }
        }

        impl Serialize for $name {
            fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

elb_ids! {
    /// A load balancer.
    LoadBalancerId = "loadbalancer";
    /// A listener of a load balancer.
    ListenerId = "listener";
    /// A target group.
    TargetGroupId = "targetgroup";
}
