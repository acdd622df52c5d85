//! Resource ids: a fixed prefix and 17 lower-case hex digits (8 for ids from before 2018).
//!
//! Source: AWS EC2 user guide, "Resource IDs".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de, ser};

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid id: \"{text}\" (expecting \"{prefix}...\")")]
pub struct ParseIdError {
    /// What was given.
    pub text: String,
    /// The prefix that was expected, with its hyphen.
    pub prefix: &'static str,
}

/// The number in an id and how many digits it is written with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Digits {
    value: u128,
    width: u8,
}

impl Digits {
    /// 17 digits carry 68 bits.
    const BITS: u128 = (1 << 68) - 1;

    fn parse(text: &str) -> Option<Digits> {
        let width = text.len() as u8;
        let lower_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !lower_hex || !matches!(text.len(), 8 | 17) {
            return None;
        }
        let value = u128::from_str_radix(text, 16).ok()?;
        Some(Digits { value, width })
    }
}

/// Declares one id type per resource kind, so that a subnet id can never stand for a VPC id.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Digits);

        impl $name {
            /// The text before the hex digits, with its hyphen.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a 17-digit id of the low 68 bits of `random`.
            pub fn from_random(random: u128) -> Self {
                $name(Digits { value: random & Digits::BITS, width: 17 })
            }

            /// The low 64 of its bits.
            pub fn low_bits(self) -> u64 {
                self.0.value as u64
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{:0width$x}", $prefix, self.0.value, width = self.0.width as usize)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix($prefix)
                    .and_then(Digits::parse)
                    .map($name)
                    .ok_or_else(|| ParseIdError { text: text.to_owned(), prefix: $prefix })
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

ids! {
    /// A VPC.
    VpcId = "vpc-";
    /// An IPv4 or IPv6 block of a VPC.
    VpcCidrAssociationId = "vpc-cidr-assoc-";
    /// A subnet.
    SubnetId = "subnet-";
    /// An IPv6 block of a subnet.
    SubnetCidrAssociationId = "subnet-cidr-assoc-";
    /// A part of a subnet that addresses are not picked from.
    SubnetCidrReservationId = "scr-";
    /// A route table.
    RouteTableId = "rtb-";
    /// The bond between a route table and a subnet, a gateway or the VPC as its main table.
    RouteTableAssociationId = "rtbassoc-";
    /// An internet gateway.
    InternetGatewayId = "igw-";
    /// An egress-only internet gateway.
    EgressOnlyInternetGatewayId = "eigw-";
    /// A NAT gateway.
    NatGatewayId = "nat-";
    /// A VPC peering connection.
    VpcPeeringConnectionId = "pcx-";
    /// A VPC endpoint.
    VpcEndpointId = "vpce-";
    /// A VPC endpoint service of somebody's own.
    VpcEndpointServiceId = "vpce-svc-";
    /// What lets somebody know of one.
    VpcEndpointServicePermissionId = "vpce-svc-perm-";
    /// Somebody who wants to be told of connections to one, or of an endpoint.
    ConnectionNotificationId = "vpce-nfn-";
    /// An Elastic IP address.
    AllocationId = "eipalloc-";
    /// The bond between an Elastic IP address and a private address of a network interface.
    AddressAssociationId = "eipassoc-";
    /// A network interface.
    NetworkInterfaceId = "eni-";
    /// The bond between a network interface and an instance.
    AttachmentId = "eni-attach-";
    /// A security group.
    SecurityGroupId = "sg-";
    /// One rule of a security group.
    SecurityGroupRuleId = "sgr-";
    /// A network ACL.
    NetworkAclId = "acl-";
    /// The bond between a network ACL and a subnet.
    NetworkAclAssociationId = "aclassoc-";
    /// A managed prefix list.
    PrefixListId = "pl-";
    /// A DHCP options set.
    DhcpOptionsId = "dopt-";
    /// An instance.
    InstanceId = "i-";
    /// The bond between an instance and an instance profile.
    ProfileAssociationId = "iip-assoc-";
    /// The launch request that instances came from.
    ReservationId = "r-";
    /// A machine image.
    ImageId = "ami-";
    /// A path that Reachability Analyzer analyses.
    NetworkInsightsPathId = "nip-";
    /// An analysis of such a path.
    NetworkInsightsAnalysisId = "nia-";
    /// A flow log.
    FlowLogId = "fl-";
}

impl PrefixListId {
    /// An id of 8 digits, as AWS's own lists have.
    pub fn from_short(number: u32) -> PrefixListId {
        PrefixListId(Digits {
            value: u128::from(number),
            width: 8,
        })
    }
}

/// A 12-digit AWS account number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    /// Whom the journal names for what an operator did, who is nobody's account.
    pub fn operator() -> AccountId {
        AccountId("000000000000".to_owned())
    }

    /// The account as text, 12 decimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(AccountId(text.to_owned()))
        } else {
            Err(ParseIdError {
                text: text.to_owned(),
                prefix: "12 digits",
            })
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = ParseIdError;
    fn try_from(text: String) -> Result<Self, ParseIdError> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> String {
        id.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        for text in [
            "vpc-0123456789abcdef0",
            "vpc-1a2b3c4d",
            "vpc-00000000000000001",
        ] {
            assert_eq!(text.parse::<VpcId>().unwrap().to_string(), text);
        }
        let id = VpcId::from_random(u128::MAX);
        assert_eq!(id.to_string(), "vpc-fffffffffffffffff");
        assert_eq!(
            serde_json::from_str::<VpcId>("\"vpc-1a2b3c4d\"")
                .unwrap()
                .to_string(),
            "vpc-1a2b3c4d"
        );
    }

    #[test]
    fn what_is_not_an_id_is_refused_in_words() {
        for text in [
            "",
            "vpc-",
            "vpc-1a2b3c4",
            "vpc-1A2B3C4D",
            "subnet-1a2b3c4d",
            "vpc-0123456789abcdef",
            "vpc-+123456789abcdef0",
            "vpc-é23456789abcdef",
        ] {
            let refusal = text.parse::<VpcId>().unwrap_err();
            assert_eq!(
                refusal.to_string(),
                format!("Invalid id: \"{text}\" (expecting \"vpc-...\")")
            );
        }
        assert!("12345678901".parse::<AccountId>().is_err());
        assert!("123456789012".parse::<AccountId>().is_ok());
    }
}
