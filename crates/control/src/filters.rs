//! `Filter.N`: values are OR-ed, filters AND-ed, `*` and `?` are wildcards, `\` escapes.

use openvpc_ec2::Error;
use openvpc_model::Tags;
use serde::Deserialize;
use serde_json::Value;

/// AWS: at most 200 values over all filters of a request.
const VALUES_MAX: usize = 200;

/// The filters of one request, their names known to the action.
#[derive(Debug, Default)]
pub struct Filters(Vec<Filter>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Filter {
    name: String,
    values: Vec<String>,
}

impl Filters {
    /// Reads the member `Filters` of a request.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a name that is neither in `known` nor about tags;
    /// `MissingParameter` without name or value; `FilterLimitExceeded`.
    pub fn read(input: &Value, known: &[&str]) -> Result<Filters, Error> {
        let filters = match &input["Filters"] {
            Value::Null => Vec::new(),
            filters => Vec::<Filter>::deserialize(filters)
                .map_err(|e| Error::invalid_parameter_value(e.to_string()))?,
        };
        for (n, filter) in filters.iter().enumerate() {
            if filter.name.is_empty() {
                return Err(Error::missing_parameter(&format!("Filter.{}.Name", n + 1)));
            }
            if !known.contains(&filter.name.as_str()) && !is_about_tags(&filter.name) {
                return Err(Error::invalid_filter(&filter.name));
            }
            if filter.values.is_empty() {
                return Err(Error::missing_parameter(&format!("Filter.{}.Value", n + 1)));
            }
        }
        if filters.iter().map(|f| f.values.len()).sum::<usize>() > VALUES_MAX {
            return Err(Error::new(
                "FilterLimitExceeded",
                format!("The maximum number of filter values is {VALUES_MAX}."),
            ));
        }
        Ok(Filters(filters))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a resource passes: `values` tells what it has under a filter's name.
    pub fn pass(&self, tags: impl Fn() -> Tags, values: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|filter| {
            let candidates = match filter.name.as_str() {
                "tag-key" => tags().into_keys().collect(),
                name => match name.strip_prefix("tag:") {
                    Some(key) => tags().remove(key).into_iter().collect(),
                    None => values(name),
                },
            };
            filter
                .values
                .iter()
                .any(|pattern| candidates.iter().any(|text| matches(pattern, text)))
        })
    }
}

fn is_about_tags(name: &str) -> bool {
    name == "tag-key" || name.strip_prefix("tag:").is_some_and(|key| !key.is_empty())
}

/// Whether a text is of a pattern: `*` any run, `?` any one character, `\` the next literally.
///
/// Time is bounded by the product of the lengths; no recursion.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<Token> = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on after the latest `*` has swallowed one character more.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Any) => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(Token::One) => {
                (p, t) = (p + 1, t + 1);
                continue;
            }
            Some(Token::Literal(c)) if *c == text[t] => {
                (p, t) = (p + 1, t + 1);
                continue;
            }
            Some(Token::Literal(_)) | None => {}
        }
        let Some((after, swallowed)) = retry else {
            return false;
        };
        retry = Some((after, swallowed + 1));
        (p, t) = (after, swallowed + 1);
    }
    pattern[p..].iter().all(|token| *token == Token::Any)
}

#[derive(PartialEq)]
enum Token {
    Any,
    One,
    Literal(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut chars = pattern.chars();
    let mut tokens = Vec::with_capacity(pattern.len());
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Literal(chars.next().unwrap_or('\\')),
            c => Token::Literal(c),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_escapes() {
        for (pattern, text, wanted) in [
            ("web", "web", true),
            ("web", "Web", false),
            ("web", "web1", false),
            ("web*", "web", true),
            ("*b", "web", true),
            ("w*b*", "web-b", true),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaa", false),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("a\\?c", "a?c", true),
            ("a\\?c", "abc", false),
            ("\\\\", "\\", true),
            ("", "", true),
            ("*", "", true),
            ("?", "é", true),
        ] {
            assert_eq!(
                matches(pattern, text),
                wanted,
                "{pattern:?} against {text:?}"
            );
        }
    }
}
