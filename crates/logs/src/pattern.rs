//! Filter patterns. AWS: CloudWatch Logs user guide, "Filter pattern syntax".
//!
//! Understood: terms, `"quoted phrases"`, `-exclusions`, `?alternatives`, and space-delimited
//! patterns `[a, b = x*, c > 5 && c < 9, ...]`. Refused in words: JSON patterns `{ … }`, regular
//! expressions `%…%`, and alternatives mixed with other terms, whose meaning AWS leaves open.

use std::str::FromStr;

use crate::LogsError;

/// Longest pattern. AWS: FilterLogEvents.
const PATTERN_LEN_MAX: usize = 1_024;

/// A pattern that a message matches or not. Letter case counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// All of `with`, none of `without`.
    Terms {
        with: Vec<String>,
        without: Vec<String>,
    },
    /// At least one.
    Any(Vec<String>),
    /// Fields in their order.
    Fields(Fields),
}

/// A space-delimited pattern; the ellipsis stands for any number of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    before: Vec<Field>,
    /// What follows the ellipsis, if there is one.
    after: Option<Vec<Field>>,
}

/// Conditions on one field: any of all of.
type Field = Vec<Vec<Condition>>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl FromStr for Pattern {
    type Err = LogsError;

    fn from_str(text: &str) -> Result<Pattern, LogsError> {
        let text = text.trim();
        if text.len() > PATTERN_LEN_MAX {
            return Err(LogsError::constraint(
                "filterPattern",
                "(too long)",
                "have length less than or equal to 1024",
            ));
        }
        if text.starts_with('{') {
            return Err(invalid("JSON patterns are not supported by openvpc"));
        }
        match text.strip_prefix('[') {
            Some(inner) => {
                let inner = inner
                    .strip_suffix(']')
                    .ok_or_else(|| invalid("] is missing"))?;
                Ok(Pattern::Fields(parse_fields(inner)?))
            }
            None => parse_terms(text),
        }
    }
}

fn invalid(what: &str) -> LogsError {
    LogsError::invalid(format!("Invalid filter pattern: {what}"))
}

fn parse_terms(text: &str) -> Result<Pattern, LogsError> {
    let (mut with, mut without, mut any) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let list = match first {
            '-' => &mut without,
            '?' => &mut any,
            _ => &mut with,
        };
        rest = rest.strip_prefix(['-', '?']).unwrap_or(rest);
        let (term, after) = match rest.strip_prefix('"') {
            Some(quoted) => cut_quoted(quoted)?,
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let term = &rest[..end];
                if term.starts_with('%') {
                    return Err(invalid("regular expressions are not supported by openvpc"));
                }
                let word = |c: char| c.is_alphanumeric() || c == '_';
                if term.is_empty() || !term.chars().all(word) {
                    return Err(invalid(&format!(
                        "put the term {term} in double quotation marks"
                    )));
                }
                (term.to_owned(), &rest[end..])
            }
        };
        list.push(term);
        rest = after.trim_start();
    }
    match (any.is_empty(), with.is_empty() && without.is_empty()) {
        (true, _) => Ok(Pattern::Terms { with, without }),
        (false, true) => Ok(Pattern::Any(any)),
        (false, false) => Err(invalid("?terms cannot be combined with other terms")),
    }
}

/// The text up to the closing quotation mark, and what follows it.
fn cut_quoted(text: &str) -> Result<(String, &str), LogsError> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    Err(invalid("a quotation mark is not closed"))
}

fn parse_fields(text: &str) -> Result<Fields, LogsError> {
    let (mut before, mut after) = (Vec::new(), None);
    for part in split_outside_quotes(text, ",") {
        if part.trim() == "..." {
            if after.replace(Vec::new()).is_some() {
                return Err(invalid("only one ... can be given"));
            }
            continue;
        }
        after
            .as_mut()
            .unwrap_or(&mut before)
            .push(parse_field(part)?);
    }
    Ok(Fields { before, after })
}

fn parse_field(text: &str) -> Result<Field, LogsError> {
    if text.contains(['(', ')', '%']) {
        return Err(invalid(
            "parentheses and regular expressions are not supported by openvpc",
        ));
    }
    let alternatives = split_outside_quotes(text, "||");
    if let [only] = &alternatives[..]
        && find_operator(only).is_none()
    {
        return match is_name(only.trim()) {
            true => Ok(Vec::new()),
            false => Err(invalid(&format!("{} is not a field name", only.trim()))),
        };
    }
    alternatives
        .into_iter()
        .map(|all| {
            split_outside_quotes(all, "&&")
                .into_iter()
                .map(parse_condition)
                .collect()
        })
        .collect()
}

fn parse_condition(text: &str) -> Result<Condition, LogsError> {
    let (at, sign, operator) =
        find_operator(text).ok_or_else(|| invalid(&format!("{} compares nothing", text.trim())))?;
    if !is_name(text[..at].trim()) {
        return Err(invalid(&format!(
            "{} is not a field name",
            text[..at].trim()
        )));
    }
    let value = text[at + sign.len()..].trim();
    let value = match value.strip_prefix('"') {
        Some(quoted) => match cut_quoted(quoted)? {
            (value, "") => value,
            (_, rest) => return Err(invalid(&format!("{rest} follows a quoted value"))),
        },
        None if value.is_empty() || value.contains(char::is_whitespace) => {
            return Err(invalid(&format!("{} needs one value", text.trim())));
        }
        None => value.to_owned(),
    };
    let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
    if ordered && number(&value).is_none() {
        return Err(invalid(&format!("{value} is not a number")));
    }
    Ok(Condition { operator, value })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "_-.$".contains(c))
}

fn find_operator(text: &str) -> Option<(usize, &'static str, Operator)> {
    let at = text.find(['=', '!', '<', '>'])?;
    let signs = [
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ];
    let (sign, operator) = signs
        .into_iter()
        .find(|(sign, _)| text[at..].starts_with(sign))?;
    Some((at, sign, operator))
}

fn split_outside_quotes<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut start, mut quoted, mut at) = (Vec::new(), 0, false, 0);
    while let Some(c) = text[at..].chars().next() {
        if !quoted && text[at..].starts_with(separator) {
            parts.push(&text[start..at]);
            at += separator.len();
            start = at;
            continue;
        }
        quoted ^= c == '"';
        at += c.len_utf8();
    }
    parts.push(&text[start..]);
    parts
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

impl Pattern {
    /// Whether a message is wanted.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Pattern::Terms { with, without } => {
                with.iter().all(|term| message.contains(term.as_str()))
                    && !without.iter().any(|term| message.contains(term.as_str()))
            }
            Pattern::Any(terms) => terms.iter().any(|term| message.contains(term.as_str())),
            Pattern::Fields(fields) => fields.match_all(&split_message(message)),
        }
    }
}

impl Fields {
    fn match_all(&self, found: &[&str]) -> bool {
        let all = |fields: &[Field], found: &[&str]| {
            fields
                .iter()
                .zip(found)
                .all(|(field, value)| match_field(field, value))
        };
        match &self.after {
            None => self.before.len() == found.len() && all(&self.before, found),
            Some(after) => {
                self.before.len() + after.len() <= found.len()
                    && all(&self.before, found)
                    && all(after, &found[found.len() - after.len()..])
            }
        }
    }
}

fn match_field(field: &Field, value: &str) -> bool {
    field.is_empty()
        || field
            .iter()
            .any(|all| all.iter().all(|condition| condition.holds(value)))
}

impl Condition {
    fn holds(&self, found: &str) -> bool {
        let ordered = |holds: fn(&f64, &f64) -> bool| match (number(found), number(&self.value)) {
            (Some(found), Some(bound)) => holds(&found, &bound),
            _ => false,
        };
        match self.operator {
            Operator::Equal => glob(&self.value, found),
            Operator::NotEqual => !glob(&self.value, found),
            Operator::Less => ordered(f64::lt),
            Operator::LessOrEqual => ordered(f64::le),
            Operator::Greater => ordered(f64::gt),
            Operator::GreaterOrEqual => ordered(f64::ge),
        }
    }
}

/// Whether `text` is `pattern`, in which `*` stands for anything. Linear but for the searches.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(tail)
}

/// Fields of a message: words, or what is within quotation marks or brackets.
fn split_message(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim_start();
    while let Some(first) = rest.chars().next() {
        let closing = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let enclosed = closing.and_then(|closing| Some((1, rest[1..].find(closing)? + 1)));
        let (from, to) =
            enclosed.unwrap_or((0, rest.find(char::is_whitespace).unwrap_or(rest.len())));
        fields.push(&rest[from..to]);
        rest = rest[to + from..].trim_start();
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    const REJECT: &str = "2 123456789010 eni-1 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK";

    fn matches(pattern: &str, message: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(message)
    }

    #[test]
    fn terms_as_the_guide_shows_them() {
        for (pattern, message, expected) in [
            ("", "anything", true),
            ("ERROR", "[ERROR 400] BAD REQUEST", true),
            ("error", "[ERROR 400] BAD REQUEST", false),
            ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true),
            ("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST", false),
            (
                "\"INTERNAL SERVER ERROR\"",
                "[ERROR 500] INTERNAL SERVER ERROR",
                true,
            ),
            (
                "\"SERVER INTERNAL\"",
                "[ERROR 500] INTERNAL SERVER ERROR",
                false,
            ),
            ("ERROR -ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST", true),
            ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false),
            ("-\"MISSING ARG\"", "[ERROR 419] MISSING ARGUMENTS", false),
            ("?ERROR ?ARGUMENTS", "[WARN] ARGUMENTS", true),
            ("?ERROR ?ARGUMENTS", "[WARN] nothing", false),
            ("\"a \\\"b\\\"\"", "a \"b\"", true),
            ("REJECT", REJECT, true),
            ("\"172.31.9.69\"", REJECT, true),
        ] {
            assert_eq!(
                matches(pattern, message),
                expected,
                "{pattern} on {message}"
            );
        }
    }

    #[test]
    fn fields_of_a_flow_record() {
        for (pattern, expected) in [
            (
                "[version, account, eni, source, destination, srcport, destport=\"3389\", protocol=\"6\", packets, bytes, windowstart, windowend, action=\"REJECT\", flowlogstatus]",
                true,
            ),
            (
                "[version, account, eni, source, destination, srcport, destport=\"22\", protocol=\"6\", packets, bytes, windowstart, windowend, action=\"REJECT\", flowlogstatus]",
                false,
            ),
            ("[..., action = REJECT, status]", true),
            ("[..., action = ACCEPT, status]", false),
            ("[version = 2, ...]", true),
            ("[a, b, ..., y, z = OK]", true),
            ("[a, b]", false),
            ("[a, b, eni, src = 172.31.* , ...]", true),
            ("[a, b, eni, src = 10.* || src = *.69, ...]", true),
            ("[a, b, eni, src = 10.* && src = *.69, ...]", false),
            (
                "[a, b, c, d, e, f, g, h, packets >= 20 && packets < 21, ...]",
                true,
            ),
            ("[a, b, c, d, e, f, g, h, packets > 20, ...]", false),
            ("[a, b, c, d, e, f, g, h, packets != 20, ...]", false),
            ("[a, b, c > 5, ...]", false),
        ] {
            assert_eq!(matches(pattern, REJECT), expected, "{pattern}");
        }
        let access = "127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";
        assert!(matches(
            "[ip, server, username, timestamp, request = *html*, status_code = 4*, bytes > 1000]",
            access
        ));
        assert!(!matches(
            "[ip, server, username, timestamp, request = *php*, status_code = 4*, bytes]",
            access
        ));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            "{ $.eventType = \"x\" }",
            "%ERR.*%",
            "a-b",
            "-",
            "\"open",
            "?a b",
            "[a, b",
            "[a b]",
            "[a, ..., b, ...]",
            "[a = ]",
            "[a > x]",
            "[a = b || c]",
            "[(a = b)]",
            "[,]",
        ] {
            let error = pattern.parse::<Pattern>().unwrap_err();
            assert_eq!(error.kind, "InvalidParameterException", "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_and_no_message_can_panic(pattern in "\\PC{0,40}", message in "\\PC{0,60}") {
            if let Ok(pattern) = pattern.parse::<Pattern>() {
                pattern.matches(&message);
            }
            let _ = format!("[{pattern}]").parse::<Pattern>().map(|pattern| pattern.matches(&message));
        }
    }
}
