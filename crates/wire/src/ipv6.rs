//! IPv6 extension headers (RFC 8200 §4): walked in a fixed number of steps, or refused.

use crate::packet::{Fragment, ParseError, be16, be32};

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;
const NO_NEXT_HEADER: u8 = 59;

/// Extension headers looked at before giving up. Real traffic bears one or two.
const HEADERS_MAX: usize = 6;

/// Where the chain led.
pub(crate) struct Chain {
    /// The upper-layer protocol.
    pub protocol: u8,
    /// Start of the upper-layer header.
    pub l4: usize,
    /// The fragment header, if there was one.
    pub fragment: Option<Fragment>,
}

/// Follows the chain that begins with header `next` at offset `at` of `frame`, which ends where the packet ends.
pub(crate) fn walk_chain(frame: &[u8], mut next: u8, mut at: usize) -> Result<Chain, ParseError> {
    let mut fragment = None;
    let mut destination_options = 0;
    for position in 0..=HEADERS_MAX {
        match next {
            HOP_BY_HOP if position != 0 => return Err(ParseError::HeaderChain),
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | FRAGMENT if position == HEADERS_MAX => {
                return Err(ParseError::HeaderChain);
            }
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => {
                let header = frame.get(at..at + 8).ok_or(ParseError::HeaderChain)?;
                // RFC 5095: type 0 is deprecated; any other that still has segments left chooses the path.
                if next == ROUTING && (header[2] == 0 || header[3] != 0) {
                    return Err(ParseError::SourceRouted);
                }
                if next == DESTINATION_OPTIONS {
                    destination_options += 1;
                    if destination_options > 2 {
                        return Err(ParseError::HeaderChain);
                    }
                }
                next = header[0];
                at += (usize::from(header[1]) + 1) * 8;
            }
            FRAGMENT => {
                let header = frame.get(at..at + 8).ok_or(ParseError::HeaderChain)?;
                if fragment.is_some() {
                    return Err(ParseError::HeaderChain);
                }
                let field = be16(header, 2);
                let found = Fragment {
                    id: be32(header, 4),
                    offset: field & 0xfff8,
                    more: field & 1 != 0,
                };
                next = header[0];
                at += 8;
                fragment = Some(found);
                if found.offset != 0 {
                    break;
                }
            }
            _ => break,
        }
        if at > frame.len() {
            return Err(ParseError::HeaderChain);
        }
    }
    if next == NO_NEXT_HEADER {
        return Err(ParseError::HeaderChain);
    }
    Ok(Chain {
        protocol: next,
        l4: at,
        fragment,
    })
}
