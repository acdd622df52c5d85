//! XML text, written by hand: elements without attributes and escaped character data.

/// Opens or closes nothing by itself: a growing document.
#[derive(Debug, Default)]
pub(crate) struct Document(String);

impl Document {
    pub(crate) fn new() -> Self {
        Self(r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned() + "\n")
    }

    pub(crate) fn open(&mut self, element: &str) {
        self.0.push('<');
        self.0.push_str(element);
        self.0.push('>');
    }

    pub(crate) fn open_with_namespace(&mut self, element: &str, namespace: &str) {
        self.0.extend(["<", element, " xmlns=\"", namespace, "\">"]);
    }

    pub(crate) fn close(&mut self, element: &str) {
        self.0.push_str("</");
        self.0.push_str(element);
        self.0.push('>');
    }

    pub(crate) fn empty(&mut self, element: &str) {
        self.0.extend(["<", element, "/>"]);
    }

    /// `<element>text</element>`.
    pub(crate) fn text(&mut self, element: &str, text: &str) {
        self.open(element);
        escape(&mut self.0, text);
        self.close(element);
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// Whether XML 1.0 §2.2 can carry the character at all.
pub(crate) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Character data: markup escaped, and `\r`, which a parser would turn into `\n`. What XML
/// cannot carry becomes U+FFFD.
fn escape(out: &mut String, text: &str) {
    // Nearly all text: nothing to look at twice.
    let is_plain =
        |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"');
    if text.bytes().all(is_plain) {
        return out.push_str(text);
    }
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let replacement = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\r' => "&#13;",
            c if !is_char(c) => "\u{fffd}",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(replacement);
        plain = at + c.len_utf8();
    }
    out.push_str(&text[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn character_data_survives_a_parser() {
        let mut out = String::new();
        escape(&mut out, "a<b>&\"c\"\r\né\u{0}\u{ffff}]]>");
        assert_eq!(
            out,
            "a&lt;b&gt;&amp;&quot;c&quot;&#13;\né\u{fffd}\u{fffd}]]&gt;"
        );
    }
}
