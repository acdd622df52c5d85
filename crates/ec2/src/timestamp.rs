//! ISO 8601 as AWS writes it, and the forms that its clients send.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// `2025-01-02T03:04:05.000Z` from milliseconds since 1970. `None` beyond year 9999.
pub fn format(unix_millis: i64) -> Option<String> {
    let time = DateTime::<Utc>::from_timestamp_millis(unix_millis)?;
    let text = time.to_rfc3339_opts(SecondsFormat::Millis, true);
    (text.len() == "2025-01-02T03:04:05.000Z".len()).then_some(text)
}

/// Milliseconds since 1970 of a time with zone, a time in UTC, or a day.
pub fn parse(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(time.and_utc().timestamp_millis());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_form_both_ways() {
        assert_eq!(
            format(1_735_787_045_000).unwrap(),
            "2025-01-02T03:04:05.000Z"
        );
        for text in [
            "2025-01-02T03:04:05.000Z",
            "2025-01-02T03:04:05Z",
            "2025-01-02T04:04:05+01:00",
            "2025-01-02T03:04:05",
        ] {
            assert_eq!(parse(text), Some(1_735_787_045_000), "{text}");
        }
        assert_eq!(parse("1970-01-02"), Some(86_400_000));
        for text in ["", "now", "2025-13-01", "2025-01-02T25:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(format(i64::MAX), None);
    }
}
