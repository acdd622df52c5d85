//! Texts with `*`, `?` and `${variables}` (IAM user guide, "IAM policy elements: Variables and tags").

use std::borrow::Cow;

use super::wildcard::stands_for;
use crate::judge::Request;

const ARN_PARTS: usize = 6;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// `*`
    Any,
    /// `?`
    One,
    Char(char),
    /// `${key}` and its default.
    Variable(String, Option<String>),
}

impl Piece {
    /// Whether it stands for one character.
    pub fn is(&self, c: char, fold_case: bool) -> bool {
        match self {
            Piece::One => true,
            Piece::Char(wanted) if fold_case => wanted.eq_ignore_ascii_case(&c),
            Piece::Char(wanted) => *wanted == c,
            Piece::Any | Piece::Variable(..) => false,
        }
    }
}

/// A text that stands for texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    /// What every text that it stands for begins with, which tells most of the others apart at once.
    prefix: String,
}

impl Pattern {
    /// Reads a text; `variables` says whether the document's version knows them, `wildcards` whether the place does.
    pub fn new(text: &str, variables: bool, wildcards: bool) -> Pattern {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if variables
                && let Some((inner, after)) =
                    rest.strip_prefix("${").and_then(|r| r.split_once('}'))
            {
                pieces.push(variable(inner));
                rest = after;
                continue;
            }
            pieces.push(match c {
                '*' if wildcards => Piece::Any,
                '?' if wildcards => Piece::One,
                c => Piece::Char(c),
            });
            rest = &rest[c.len_utf8()..];
        }
        let prefix = pieces.iter().map_while(|piece| match piece {
            Piece::Char(c) => Some(*c),
            Piece::Any | Piece::One | Piece::Variable(..) => None,
        });
        let prefix = prefix.collect();
        Pattern { pieces, prefix }
    }

    /// Whether a text is one that it stands for. A variable that the request does not have stands for none.
    pub fn matches(&self, text: &str, fold_case: bool, request: &Request) -> bool {
        // Most statements are about something else, and most others need no more than this.
        let begins = match fold_case {
            true => text
                .as_bytes()
                .get(..self.prefix.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(self.prefix.as_bytes())),
            false => text.starts_with(&self.prefix),
        };
        if !begins {
            return false;
        }
        let fixed = self.prefix.chars().count();
        match &self.pieces[fixed..] {
            [] => return text.len() == self.prefix.len(),
            [Piece::Any] => return true,
            _ => {}
        }
        let Some(pieces) = self.resolve(request) else {
            return false;
        };
        let text: Vec<char> = text.chars().collect();
        stands_for(&pieces, &text, fold_case)
    }

    /// As [`Pattern::matches`] for an ARN: its six parts are compared each for itself, so no wildcard reaches over a
    /// colon.
    pub fn matches_arn(&self, arn: &str, request: &Request) -> bool {
        let Some(pieces) = self.resolve(request) else {
            return false;
        };
        let arn: Vec<char> = arn.chars().collect();
        let is_colon = |piece: &Piece| *piece == Piece::Char(':');
        let wanted: Vec<&[Piece]> = pieces.splitn(ARN_PARTS, is_colon).collect();
        let found: Vec<&[char]> = arn.splitn(ARN_PARTS, |c| *c == ':').collect();
        wanted.len() == found.len()
            && wanted
                .iter()
                .zip(found)
                .all(|(wanted, found)| stands_for(wanted, found, false))
    }

    /// The one text that it stands for, if there is but one whoever asks.
    pub fn fixed(&self) -> Option<String> {
        let chars = self.pieces.iter().map(|piece| match piece {
            Piece::Char(c) => Some(*c),
            Piece::Any | Piece::One | Piece::Variable(..) => None,
        });
        chars.collect()
    }

    /// The text without wildcards; none when a variable is missing.
    pub fn text(&self, request: &Request) -> Option<String> {
        let pieces = self.resolve(request)?;
        let chars = pieces.iter().map(|piece| match piece {
            Piece::Any => '*',
            Piece::One => '?',
            Piece::Char(c) => *c,
            Piece::Variable(..) => '$',
        });
        Some(chars.collect())
    }

    fn resolve(&self, request: &Request) -> Option<Cow<'_, [Piece]>> {
        let is_variable = |piece: &Piece| matches!(piece, Piece::Variable(..));
        if !self.pieces.iter().any(is_variable) {
            return Some(Cow::Borrowed(&self.pieces));
        }
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            match piece {
                Piece::Variable(key, default) => {
                    let mut values = values(request, key);
                    // A key of several values is no variable.
                    let value = match (values.next(), values.next()) {
                        (Some(value), None) => value,
                        _ => default.as_deref()?,
                    };
                    pieces.extend(value.chars().map(Piece::Char));
                }
                other => pieces.push(other.clone()),
            }
        }
        Some(Cow::Owned(pieces))
    }
}

fn variable(inner: &str) -> Piece {
    if let "*" | "?" | "$" = inner {
        return Piece::Char(inner.chars().next().unwrap_or('$'));
    }
    match inner.split_once(',') {
        Some((key, default)) => {
            let default = default.trim().trim_matches('\'');
            Piece::Variable(key.trim().to_owned(), Some(default.to_owned()))
        }
        None => Piece::Variable(inner.trim().to_owned(), None),
    }
}

/// What a request has under a key, whose case does not count (`GP-5`).
pub fn values<'r>(request: &Request<'r>, key: &str) -> impl Iterator<Item = &'r str> {
    let context = request.context.iter();
    context
        .filter(move |(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value.as_str())
}
