//! One flow record, typed: as a live cell gives it, or as a recorded line says it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use openvpc_engine::{Action, Direction};
use openvpc_flowlog::{Field, Interface, Kind};
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::decimal;

/// What a record says of the interface that saw the flow. Many records share one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    pub account: Option<Box<str>>,
    pub interface: Option<Box<str>>,
    pub vpc: Option<Box<str>>,
    pub subnet: Option<Box<str>>,
    pub instance: Option<Box<str>>,
    pub region: Option<Box<str>>,
    pub zone: Option<Box<str>>,
}

impl Place {
    /// As the recorder knows an interface.
    pub fn of(interface: &Interface) -> Place {
        let some = |text: &str| Some(text.into());
        Place {
            account: some(&interface.account),
            interface: some(&interface.id),
            vpc: some(&interface.vpc),
            subnet: some(&interface.subnet),
            instance: interface.instance.as_deref().map(Into::into),
            region: some(&interface.region),
            zone: interface.az_id.as_deref().map(Into::into),
        }
    }
}

impl Place {
    /// What a field says; `None` for fields that are not of the interface.
    fn name(&self, field: Field) -> Option<Option<&str>> {
        let name = match field {
            Field::AccountId => &self.account,
            Field::InterfaceId => &self.interface,
            Field::VpcId => &self.vpc,
            Field::SubnetId => &self.subnet,
            Field::InstanceId => &self.instance,
            Field::Region => &self.region,
            Field::AzId => &self.zone,
            _ => return None,
        };
        Some(name.as_deref())
    }

    fn name_mut(&mut self, field: Field) -> Option<&mut Option<Box<str>>> {
        Some(match field {
            Field::AccountId => &mut self.account,
            Field::InterfaceId => &mut self.interface,
            Field::VpcId => &mut self.vpc,
            Field::SubnetId => &mut self.subnet,
            Field::InstanceId => &mut self.instance,
            Field::Region => &mut self.region,
            Field::AzId => &mut self.zone,
            _ => return None,
        })
    }
}

/// `log-status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogStatus {
    #[default]
    Ok,
    NoData,
    SkipData,
}

/// One record. What a format does not show, or shows as `-`, is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub place: Arc<Place>,
    pub status: LogStatus,
    pub version: Option<u8>,
    pub source: Option<IpAddr>,
    pub destination: Option<IpAddr>,
    pub packet_source: Option<IpAddr>,
    pub packet_destination: Option<IpAddr>,
    pub source_port: Option<u16>,
    pub destination_port: Option<u16>,
    pub protocol: Option<u8>,
    pub packets: Option<u64>,
    pub bytes: Option<u64>,
    /// Unix seconds.
    pub start: Option<i64>,
    /// Unix seconds.
    pub end: Option<i64>,
    pub action: Option<Action>,
    pub direction: Option<Direction>,
    pub tcp_flags: Option<u8>,
    pub traffic_path: Option<u8>,
    /// Fields that nothing here looks into, as they were written, in the order of [`Field::ALL`].
    pub others: Vec<(Field, Box<str>)>,
}

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

/// A field that does not say what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {text:?} is not {wanted}")]
pub struct BadField {
    pub field: &'static str,
    pub text: String,
    pub wanted: &'static str,
}

impl BadField {
    #[cold]
    pub(crate) fn new(field: Field, text: &str, wanted: &'static str) -> BadField {
        BadField {
            field: field.name(),
            text: text.chars().take(64).collect(),
            wanted,
        }
    }
}

impl Default for Row {
    fn default() -> Row {
        Row::at(Arc::default())
    }
}

impl Row {
    /// A record of an interface that says nothing yet.
    pub fn at(place: Arc<Place>) -> Row {
        Row {
            place,
            status: LogStatus::Ok,
            version: None,
            source: None,
            destination: None,
            packet_source: None,
            packet_destination: None,
            source_port: None,
            destination_port: None,
            protocol: None,
            packets: None,
            bytes: None,
            start: None,
            end: None,
            action: None,
            direction: None,
            tcp_flags: None,
            traffic_path: None,
            others: Vec::new(),
        }
    }

    /// Makes it a record of an interface that says nothing yet.
    pub(crate) fn start_over(&mut self, place: &Arc<Place>) {
        if !Arc::ptr_eq(&self.place, place) {
            self.place = place.clone();
        }
        self.status = LogStatus::Ok;
        self.version = None;
        self.source = None;
        self.destination = None;
        self.packet_source = None;
        self.packet_destination = None;
        self.source_port = None;
        self.destination_port = None;
        self.protocol = None;
        self.packets = None;
        self.bytes = None;
        self.start = None;
        self.end = None;
        self.action = None;
        self.direction = None;
        self.tcp_flags = None;
        self.traffic_path = None;
        self.others.clear();
    }

    /// Sets a field to what a record says; `-` leaves it unset.
    ///
    /// # Errors
    /// [`BadField`] for a text that the field cannot hold.
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), BadField> {
        self.take(field, text.as_bytes(), 0..text.len())
            .map_err(|wanted| BadField::new(field, text, wanted))
    }

    /// The same of a word where it lies in a line, with no more to hand back than what was wanted: it is asked for every word.
    pub(crate) fn take(
        &mut self,
        field: Field,
        line: &[u8],
        at: Range<usize>,
    ) -> Result<(), &'static str> {
        let word = &line[at.clone()];
        match self.take_word(field, word, line, at) {
            // It says nothing, which is looked for only in what is neither number nor address.
            Err(_) if word == b"-" => Ok(()),
            outcome => outcome,
        }
    }

    #[inline(always)]
    fn take_word(
        &mut self,
        field: Field,
        word: &[u8],
        line: &[u8],
        at: Range<usize>,
    ) -> Result<(), &'static str> {
        match field {
            Field::Version => self.version = Some(number(line, at).ok_or("a version")?),
            Field::Srcaddr => return take_address(&mut self.source, line, at),
            Field::Dstaddr => return take_address(&mut self.destination, line, at),
            Field::PktSrcaddr => return take_address(&mut self.packet_source, line, at),
            Field::PktDstaddr => return take_address(&mut self.packet_destination, line, at),
            Field::Srcport => self.source_port = Some(number(line, at).ok_or(PORT)?),
            Field::Dstport => self.destination_port = Some(number(line, at).ok_or(PORT)?),
            Field::Protocol => self.protocol = Some(number(line, at).ok_or("a protocol number")?),
            Field::Packets => self.packets = Some(count(line, at).ok_or(COUNT)?),
            Field::Bytes => self.bytes = Some(count(line, at).ok_or(COUNT)?),
            Field::Start => self.start = Some(number(line, at).ok_or(TIME)?),
            Field::End => self.end = Some(number(line, at).ok_or(TIME)?),
            Field::TcpFlags => self.tcp_flags = Some(number(line, at).ok_or("TCP flags")?),
            Field::TrafficPath => self.traffic_path = Some(number(line, at).ok_or("a path")?),
            Field::Action => {
                self.action = Some(match word {
                    b"ACCEPT" => Action::Accept,
                    b"REJECT" => Action::Reject,
                    _ => return Err("ACCEPT or REJECT"),
                });
            }
            Field::FlowDirection => {
                self.direction = Some(match word {
                    b"ingress" => Direction::Ingress,
                    b"egress" => Direction::Egress,
                    _ => return Err("ingress or egress"),
                });
            }
            Field::LogStatus => {
                self.status = match word {
                    b"OK" => LogStatus::Ok,
                    b"NODATA" => LogStatus::NoData,
                    b"SKIPDATA" => LogStatus::SkipData,
                    _ => return Err("OK, NODATA or SKIPDATA"),
                };
            }
            Field::AccountId
            | Field::InterfaceId
            | Field::VpcId
            | Field::SubnetId
            | Field::InstanceId
            | Field::Region
            | Field::AzId => self.take_name(field, word)?,
            // Told by the addresses.
            Field::Type if matches!(word, b"IPv4" | b"IPv6") => {}
            _ if word == b"-" => {}
            _ => self.keep(field, text(word)?),
        }
        Ok(())
    }

    /// Rows of one interface share its place: nothing is copied for what it says already.
    fn take_name(&mut self, field: Field, word: &[u8]) -> Result<(), &'static str> {
        let said = Some(word).filter(|word| *word != b"-");
        let known = self.place.name(field).flatten();
        if known.map(str::as_bytes) != said {
            let said = said.map(text).transpose()?;
            if let Some(name) = Arc::make_mut(&mut self.place).name_mut(field) {
                *name = said.map(Into::into);
            }
        }
        Ok(())
    }

    /// What a field says; `None` where a record shows `-`.
    pub fn get(&self, field: Field) -> Option<Value<'_>> {
        let text = |text: &'static str| Some(Value::Text(Cow::Borrowed(text)));
        if let Some(name) = self.place.name(field) {
            return name.map(|name| Value::Text(Cow::Borrowed(name)));
        }
        match field {
            Field::Version => self.version.map(|v| Value::Number(v.into())),
            Field::Srcaddr => shown(self.source),
            Field::Dstaddr => shown(self.destination),
            Field::PktSrcaddr => shown(self.packet_source),
            Field::PktDstaddr => shown(self.packet_destination),
            Field::Srcport => self.source_port.map(|v| Value::Number(v.into())),
            Field::Dstport => self.destination_port.map(|v| Value::Number(v.into())),
            Field::Protocol => self.protocol.map(|v| Value::Number(v.into())),
            Field::Packets => self.packets.map(|v| Value::Number(v as i64)),
            Field::Bytes => self.bytes.map(|v| Value::Number(v as i64)),
            Field::Start => self.start.map(Value::Number),
            Field::End => self.end.map(Value::Number),
            Field::TcpFlags => self.tcp_flags.map(|v| Value::Number(v.into())),
            Field::TrafficPath => self.traffic_path.map(|v| Value::Number(v.into())),
            Field::Action => text(action_name(self.action?)),
            Field::FlowDirection => text(direction_name(self.direction?)),
            Field::LogStatus => text(match self.status {
                LogStatus::Ok => "OK",
                LogStatus::NoData => "NODATA",
                LogStatus::SkipData => "SKIPDATA",
            }),
            Field::Type if self.source.is_some() && self.other(field).is_none() => {
                text(match self.source?.is_ipv4() {
                    true => "IPv4",
                    false => "IPv6",
                })
            }
            _ => {
                let text = self.other(field)?;
                match (field.kind(), text.parse()) {
                    (Kind::Int32 | Kind::Int64, Ok(number)) => Some(Value::Number(number)),
                    _ => Some(Value::Text(Cow::Borrowed(text))),
                }
            }
        }
    }

    /// In the order of the fields, whatever the order in which they came.
    fn keep(&mut self, field: Field, text: &str) {
        let earlier = |(known, _): &(Field, Box<str>)| (*known as usize) < field as usize;
        let at = self.others.partition_point(earlier);
        match self.others.get_mut(at) {
            Some((known, said)) if *known == field => *said = text.into(),
            _ => self.others.insert(at, (field, text.into())),
        }
    }

    fn other(&self, field: Field) -> Option<&str> {
        let found = self.others.iter().find(|(known, _)| *known == field);
        found.map(|(_, text)| &**text)
    }

    /// The source as the packet bears it.
    pub fn true_source(&self) -> Option<IpAddr> {
        self.packet_source.or(self.source)
    }

    /// The destination as the packet bears it.
    pub fn true_destination(&self) -> Option<IpAddr> {
        self.packet_destination.or(self.destination)
    }
}

const ADDRESS: &str = "an IP address";
const PORT: &str = "a port";
const COUNT: &str = "a count";
const TIME: &str = "a time in Unix seconds";

fn text(word: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(word).map_err(|_| "text")
}

/// A number in decimal; `parse` for what is longer than usual, or signed.
#[inline(always)]
fn number<T: TryFrom<u64> + FromStr>(line: &[u8], at: Range<usize>) -> Option<T> {
    match decimal::number(line, at.clone()) {
        Some(number) => T::try_from(number).ok(),
        None => parsed(&line[at]),
    }
}

#[cold]
fn parsed<T: FromStr>(word: &[u8]) -> Option<T> {
    text(word).ok()?.parse().ok()
}

/// What a signed column of 64 bits holds, as AWS's Parquet and every SQL engine have it.
#[inline(always)]
fn count(line: &[u8], at: Range<usize>) -> Option<u64> {
    number(line, at).filter(|count| i64::try_from(*count).is_ok())
}

#[inline(always)]
fn take_address(
    place: &mut Option<IpAddr>,
    line: &[u8],
    at: Range<usize>,
) -> Result<(), &'static str> {
    match decimal::ipv4(line, at.clone()) {
        Some(address) => *place = Some(IpAddr::V4(address)),
        None => *place = Some(parsed(&line[at]).ok_or(ADDRESS)?),
    }
    Ok(())
}

fn shown<'a>(address: Option<IpAddr>) -> Option<Value<'a>> {
    Some(Value::Text(Cow::Owned(address?.to_string())))
}

/// `ACCEPT` or `REJECT`.
pub fn action_name(action: Action) -> &'static str {
    match action {
        Action::Accept => "ACCEPT",
        Action::Reject => "REJECT",
    }
}

/// `ingress` or `egress`.
pub fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

/// A row is written as an object of AWS's field names, numbers as numbers; fields that say nothing are left out.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in Field::ALL {
            match self.get(*field) {
                Some(Value::Number(number)) => map.serialize_entry(field.name(), &number)?,
                Some(Value::Text(text)) => map.serialize_entry(field.name(), &text)?,
                None => {}
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
        let fields = BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
        let mut row = Row::default();
        for (name, value) in fields {
            let field = field_named(&name)
                .ok_or_else(|| de::Error::custom(format!("unknown field {name:?}")))?;
            let set = match value {
                serde_json::Value::String(text) => row.set(field, &text),
                other => row.set(field, &other.to_string()),
            };
            set.map_err(de::Error::custom)?;
        }
        Ok(row)
    }
}

/// The field of a name, written with `-` as in formats or with `_` as in tables.
pub fn field_named(name: &str) -> Option<Field> {
    let same = |field: &&Field| {
        let known = field.name();
        known.len() == name.len()
            && known
                .bytes()
                .zip(name.bytes())
                .all(|(known, given)| known == given || (known == b'-' && given == b'_'))
    };
    Field::ALL.iter().find(same).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_are_those_of_the_standard_library() {
        for text in [
            "0",
            "7",
            "65535",
            "65536",
            "",
            "-",
            "+5",
            "-5",
            "1x",
            "18446744073709551615",
            "99999999999999999999",
        ] {
            let at = || 0..text.len();
            let line = text.as_bytes();
            assert_eq!(number::<u16>(line, at()), text.parse().ok(), "{text:?}");
            assert_eq!(number::<u64>(line, at()), text.parse().ok(), "{text:?}");
            assert_eq!(number::<i64>(line, at()), text.parse().ok(), "{text:?}");
        }
        for text in [
            "10.0.1.5",
            "255.255.255.255",
            "0.0.0.0",
            "256.0.0.1",
            "01.2.3.4",
            "1.2.3",
            "1.2.3.4.5",
            "1..2.3",
            ".1.2.3",
            "1.2.3.",
            "1.2.3.4x",
            "1000.1.1.1",
            "2001:db8::1",
            "::ffff:1.2.3.4",
            "",
            "::",
        ] {
            let mut address = None;
            let taken = take_address(&mut address, text.as_bytes(), 0..text.len());
            assert_eq!(address, text.parse().ok(), "{text:?}");
            assert_eq!(taken.is_ok(), address.is_some(), "{text:?}");
        }
    }
}
