//! `LogFormat`: which fields, in which order.

use std::fmt;
use std::str::FromStr;

use crate::Field;

/// The fourteen fields of version 2, in their order.
pub const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// A parsed format; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    fields: Vec<Field>,
    version: u8,
}

/// Why a text is not a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("the log format has no fields")]
    Empty,
    #[error("{0:?} is not a field in the form ${{field}}")]
    NotAField(String),
    #[error("unknown field {0:?}")]
    UnknownField(String),
}

impl Format {
    /// The fields in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What the `version` field shows: the highest version among the fields.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// Whether a field is shown.
    pub fn shows(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Format, FormatError> {
        let fields = text
            .split_ascii_whitespace()
            .map(parse_field)
            .collect::<Result<Vec<_>, _>>()?;
        let version = fields
            .iter()
            .map(|field| field.version())
            .max()
            .ok_or(FormatError::Empty)?;
        Ok(Format { fields, version })
    }
}

fn parse_field(token: &str) -> Result<Field, FormatError> {
    let name = token
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .ok_or_else(|| FormatError::NotAField(token.to_owned()))?;
    let known = Field::ALL.iter().find(|field| field.name() == name);
    known
        .copied()
        .ok_or_else(|| FormatError::UnknownField(name.to_owned()))
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, field) in self.fields.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}${{{}}}", field.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_format_is_the_fourteen_fields_of_version_2() {
        let format: Format = DEFAULT_FORMAT.parse().unwrap();
        assert_eq!(format.version(), 2);
        assert_eq!(format.fields(), &Field::ALL[..14]);
        assert_eq!(format.to_string(), DEFAULT_FORMAT);
    }

    #[test]
    fn the_version_is_the_highest_of_the_fields() {
        for (text, version) in [
            ("${srcaddr}", 2),
            ("${version} ${vpc-id} ${flow-direction}", 5),
            ("${version} ${vpc-id} ${flow-direction} ${reject-reason}", 8),
            ("${interface-type}", 11),
        ] {
            assert_eq!(text.parse::<Format>().unwrap().version(), version, "{text}");
        }
    }

    #[test]
    fn what_is_no_format_is_refused() {
        let refusal = |text: &str| text.parse::<Format>().unwrap_err().to_string();
        assert_eq!(refusal(" "), "the log format has no fields");
        assert_eq!(
            refusal("${version},${start}"),
            "unknown field \"version},${start\""
        );
        assert_eq!(
            refusal("srcaddr"),
            "\"srcaddr\" is not a field in the form ${field}"
        );
        assert_eq!(refusal("${colour}"), "unknown field \"colour\"");
    }
}
