//! `application/x-www-form-urlencoded` bytes to names and values, with bounds.
//!
//! Stands first in the walk of an API call. Strict where leniency would let two readers
//! disagree: a bad escape, bytes that are not UTF-8 and a repeated name are refused.

use std::borrow::Cow;

use crate::Error;

/// Longest body read, in bytes. AWS publishes no figure for EC2; user data (16 KiB, base64)
/// and 1,000 resource ids fit many times.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Most parameters in one request.
pub const PARAMETERS_MAX: usize = 10_000;

/// One `name=value`, decoded.
pub type Parameter<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Reads a query string or a body.
///
/// # Errors
/// `RequestEntityTooLarge`, `MalformedQueryString`.
pub fn parse(bytes: &[u8]) -> Result<Vec<Parameter<'_>>, Error> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(Error::request_too_large(BODY_BYTES_MAX));
    }
    let mut parameters = Vec::new();
    for pair in bytes
        .split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        if parameters.len() == PARAMETERS_MAX {
            return Err(Error::malformed_query(&format!(
                "more than {PARAMETERS_MAX} parameters"
            )));
        }
        let equals = pair.iter().position(|&byte| byte == b'=');
        let (name, value) = equals.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        parameters.push((unescape(name)?, unescape(value)?));
    }
    Ok(parameters)
}

/// `+` and `%XX` undone. Borrows when there is nothing to undo.
fn unescape(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    let not_utf8 = || Error::malformed_query("it is not UTF-8");
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(
            std::str::from_utf8(bytes).map_err(|_| not_utf8())?,
        ));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => {
                    return Err(Error::malformed_query(
                        "an escape is not % and two hex digits",
                    ));
                }
            },
            plain => plain,
        });
    }
    String::from_utf8(out)
        .map(Cow::Owned)
        .map_err(|_| not_utf8())
}

fn hex(byte: &u8) -> Option<u8> {
    char::from(*byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_and_escapes_are_undone_once() {
        let read = parse(b"A=1+2&B=%2B%2520&C&=d&&E=a=b").unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
            .collect();
        assert_eq!(
            read,
            [
                ("A", "1 2"),
                ("B", "+%20"),
                ("C", ""),
                ("", "d"),
                ("E", "a=b")
            ]
        );
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for bad in [
            &b"A=%"[..],
            b"A=%2",
            b"A=%zz",
            b"A=%ff",
            b"A=\xff",
            b"%c3=1",
        ] {
            assert_eq!(
                parse(bad).unwrap_err().code(),
                "MalformedQueryString",
                "{bad:?}"
            );
        }
    }

    #[test]
    fn size_and_count_are_bounded() {
        assert_eq!(
            parse(&vec![b'a'; BODY_BYTES_MAX + 1]).unwrap_err().code(),
            "RequestEntityTooLarge"
        );
        assert_eq!(
            parse(&b"a&".repeat(PARAMETERS_MAX)).unwrap().len(),
            PARAMETERS_MAX
        );
        assert_eq!(
            parse(&b"a&".repeat(PARAMETERS_MAX + 1)).unwrap_err().code(),
            "MalformedQueryString"
        );
    }
}
