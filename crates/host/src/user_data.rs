//! User data as a booting instance reads it: a script, several of them in a MIME message, either of them compressed.
//!
//! Sources: EC2 user guide, "Run commands when you launch an EC2 instance with user data input"; cloud-init, "User-data
//! formats"; RFC 2045 and RFC 2046. What is no script is named and skipped, never guessed at. No I/O here.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;

/// Unpacked, all together.
const UNPACKED_MAX: usize = 1 << 20;
/// Parts of all messages together; what follows is told as one.
const PARTS_MAX: usize = 32;
/// Messages inside of messages.
const DEPTH_MAX: usize = 3;
/// Header lines of one part.
const HEADERS_MAX: usize = 64;

/// One part of user data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As its message names it, else `part-001` and so on, as cloud-init counts.
    pub name: String,
    /// What is to become of it.
    pub content: Content,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// To be run, by the interpreter that its first line names.
    Script(Vec<u8>),
    /// Not run, for this reason.
    Skipped(String),
}

/// Takes user data apart. Nothing of nothing; never more than 33 parts.
pub fn parts(data: &[u8]) -> Vec<Part> {
    let mut reader = Reader {
        parts: Vec::new(),
        room: UNPACKED_MAX,
    };
    if !data.is_empty() {
        reader.read(data, &Headers::default(), 0);
    }
    reader.parts
}

struct Reader {
    parts: Vec<Part>,
    /// Bytes that may still be unpacked.
    room: usize,
}

impl Reader {
    fn read(&mut self, data: &[u8], headers: &Headers, depth: usize) {
        if self.parts.len() >= PARTS_MAX {
            return self.overflow();
        }
        if data.starts_with(&[0x1f, 0x8b]) {
            return match self.unpack(data) {
                Ok(unpacked) if depth < DEPTH_MAX => self.read(&unpacked, headers, depth + 1),
                Ok(_) => self.skip(headers, "it is packed too deep"),
                Err(reason) => self.skip(headers, reason),
            };
        }
        let own = Headers::of_message(data);
        if let Some((own, body)) = own {
            return match own.boundary() {
                Some(boundary) if depth < DEPTH_MAX => self.message(body, &boundary, depth),
                Some(_) => self.skip(headers, "messages in it are nested too deep"),
                None => self.body(&own, body),
            };
        }
        self.single(data, headers);
    }

    /// RFC 2046 §5.1.1: what stands between the boundaries.
    fn message(&mut self, body: &[u8], boundary: &[u8], depth: usize) {
        for part in between(body, boundary) {
            if self.parts.len() >= PARTS_MAX {
                return self.overflow();
            }
            let (headers, body) = Headers::read(part);
            match headers.boundary() {
                Some(inner) if depth < DEPTH_MAX => self.message(body, &inner, depth + 1),
                Some(_) => self.skip(&headers, "messages in it are nested too deep"),
                None => self.body(&headers, body),
            }
        }
    }

    /// A part with headers of its own.
    fn body(&mut self, headers: &Headers, body: &[u8]) {
        let encoding = headers.encoding.to_ascii_lowercase();
        let decoded = match encoding.as_str() {
            "" | "7bit" | "8bit" | "binary" => body.to_vec(),
            "base64" => {
                let packed: Vec<u8> = body
                    .iter()
                    .copied()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .collect();
                match STANDARD.decode(packed) {
                    Ok(decoded) => decoded,
                    Err(_) => return self.skip(headers, "its base64 does not decode"),
                }
            }
            other => {
                let reason = format!("the transfer encoding {other:.40} is not supported");
                return self.skip(headers, &reason);
            }
        };
        let unpacked = match decoded.starts_with(&[0x1f, 0x8b]) {
            true => self.unpack(&decoded),
            false => Ok(decoded),
        };
        match unpacked {
            Ok(content) => self.single(&content, headers),
            Err(reason) => self.skip(headers, reason),
        }
    }

    /// One thing, by its declared type, or by how it begins where that says nothing.
    fn single(&mut self, data: &[u8], headers: &Headers) {
        let kind = headers.kind.to_ascii_lowercase();
        let skipped = match kind.as_str() {
            ""
            | "text/plain"
            | "application/octet-stream"
            | "application/gzip"
            | "application/x-gzip" => of_beginning(data),
            "text/x-shellscript"
            | "text/x-shellscript-per-instance"
            | "text/x-shellscript-per-once" => (!data.starts_with(b"#!"))
                .then(|| "its first line names no interpreter (#!)".to_owned()),
            other => Some(format!("{other:.60} is not supported")),
        };
        match skipped {
            Some(reason) => self.skip(headers, &reason),
            None => self.add(headers, Content::Script(data.to_vec())),
        }
    }

    fn unpack(&mut self, data: &[u8]) -> Result<Vec<u8>, &'static str> {
        let mut unpacked = Vec::new();
        let limit = self.room as u64 + 1;
        let read = GzDecoder::new(data).take(limit).read_to_end(&mut unpacked);
        match read {
            Ok(len) if len > self.room => Err("it unpacks to more than 1 MiB"),
            Ok(len) => {
                self.room -= len;
                Ok(unpacked)
            }
            Err(_) => Err("it is not whole (gzip)"),
        }
    }

    fn skip(&mut self, headers: &Headers, reason: &str) {
        self.add(headers, Content::Skipped(reason.to_owned()));
    }

    fn add(&mut self, headers: &Headers, content: Content) {
        let name = match headers.name.is_empty() {
            true => format!("part-{:03}", self.parts.len() + 1),
            false => headers.name.clone(),
        };
        self.parts.push(Part { name, content });
    }

    fn overflow(&mut self) {
        if self.parts.len() == PARTS_MAX {
            let reason = format!("it and all after it: {PARTS_MAX} parts are read");
            self.skip(&Headers::default(), &reason);
        }
    }
}

/// Why something without a type of its own is not run; nothing for a script.
fn of_beginning(data: &[u8]) -> Option<String> {
    if data.starts_with(b"#!") {
        return None;
    }
    let formats: [(&[u8], &str); 5] = [
        (b"#cloud-config", "cloud-config"),
        (b"#include", "an include file"),
        (b"#cloud-boothook", "a cloud-boothook"),
        (b"#part-handler", "a part handler"),
        (b"## template:", "a template"),
    ];
    let found = formats.iter().find(|(begins, _)| data.starts_with(begins));
    Some(match found {
        Some((_, what)) => format!("{what} is not supported"),
        None => "it is no script (#!)".to_owned(),
    })
}

/// The headers of a message or a part that count.
#[derive(Default)]
struct Headers {
    /// Media type without parameters.
    kind: String,
    /// Parameters of the type.
    parameters: String,
    encoding: String,
    name: String,
}

impl Headers {
    /// The headers and body of a whole message: data that begins with MIME's own headers.
    fn of_message(data: &[u8]) -> Option<(Headers, &[u8])> {
        let begins = |name: &[u8]| {
            data.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        (begins(b"content-type:") || begins(b"mime-version:")).then(|| Headers::read(data))
    }

    /// Reads header lines, folded ones together, up to the empty one; returns what follows.
    fn read(mut data: &[u8]) -> (Headers, &[u8]) {
        let mut lines: Vec<String> = Vec::new();
        while !data.is_empty() {
            let (line, rest) = next_line(data);
            data = rest;
            if line.is_empty() {
                break;
            }
            let text = String::from_utf8_lossy(line);
            let folded = line.first().is_some_and(|first| b" \t".contains(first));
            let has_room = lines.len() < HEADERS_MAX;
            match lines.last_mut().filter(|_| folded) {
                Some(last) => {
                    last.push(' ');
                    last.push_str(text.trim());
                }
                None if has_room => lines.push(text.into_owned()),
                None => {}
            }
        }
        let mut headers = Headers::default();
        for line in lines {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "content-type" => {
                    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
                    headers.kind = kind.trim().to_owned();
                    headers.parameters = parameters.to_owned();
                }
                "content-transfer-encoding" => headers.encoding = value.to_owned(),
                "content-disposition" => {
                    let (_, parameters) = value.split_once(';').unwrap_or((value, ""));
                    let name = parameter(parameters, "filename").unwrap_or_default();
                    // It is shown, never opened.
                    let clean = name.chars().filter(|c| !c.is_control()).take(64);
                    headers.name = clean.collect();
                }
                _ => {}
            }
        }
        (headers, data)
    }

    /// What separates the parts of a multipart message.
    fn boundary(&self) -> Option<Vec<u8>> {
        let multipart = self
            .kind
            .get(..10)
            .is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
        let boundary = parameter(&self.parameters, "boundary").filter(|text| !text.is_empty());
        multipart.then_some(boundary?.into_bytes())
    }
}

/// A parameter of a header's value (RFC 2045 §5.1), quoted or not.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (key, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let (found, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => match value.find(';') {
                Some(end) => value.split_at(end),
                None => (value, ""),
            },
        };
        if key
            .trim_matches([' ', ';', '\t'])
            .eq_ignore_ascii_case(name)
        {
            return Some(found.trim().to_owned());
        }
        rest = after;
    }
}

/// A line without its end, and what follows it.
fn next_line(data: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[][..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// The stretches between boundary lines; the newline before a boundary belongs to it.
fn between<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut began): (Vec<&[u8]>, Option<usize>) = (Vec::new(), None);
    let mut at = 0;
    while at < body.len() && parts.len() <= PARTS_MAX {
        let (line, rest) = next_line(&body[at..]);
        let next = body.len() - rest.len();
        let marks = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary));
        let after = marks.map(|after| after.trim_ascii_end());
        if let Some(b"" | b"--") = after {
            if let Some(start) = began {
                let part = &body[start..at.max(start)];
                let part = part.strip_suffix(b"\n").unwrap_or(part);
                parts.push(part.strip_suffix(b"\r").unwrap_or(part));
            }
            if after == Some(b"--") {
                return parts;
            }
            began = Some(next);
        }
        at = next;
    }
    // A message whose end is missing has its last part all the same.
    if let Some(start) = began.filter(|start| *start < body.len()) {
        parts.push(&body[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn script(text: &str) -> Content {
        Content::Script(text.as_bytes().to_vec())
    }

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn contents(data: &[u8]) -> Vec<Content> {
        parts(data).into_iter().map(|part| part.content).collect()
    }

    fn reason(data: &[u8]) -> String {
        match contents(data).as_slice() {
            [Content::Skipped(reason)] => reason.clone(),
            other => panic!("not skipped: {other:?}"),
        }
    }

    #[test]
    fn a_script_is_run_plain_or_packed() {
        let text = "#!/bin/sh\necho hello\n";
        assert_eq!(contents(text.as_bytes()), [script(text)]);
        assert_eq!(contents(&packed(text.as_bytes())), [script(text)]);
        assert_eq!(contents(&packed(&packed(text.as_bytes()))), [script(text)]);
        assert!(parts(b"").is_empty());
    }

    /// As `cloud-init devel make-mime` and the user guide write them.
    const MESSAGE: &str = "Content-Type: multipart/mixed; boundary=\"//\"\r\nMIME-Version: 1.0\r\n\r\npreamble\r\n--//\r\nContent-Type: text/cloud-config; charset=\"us-ascii\"\r\nContent-Disposition: attachment; filename=\"cloud-config.txt\"\r\n\r\n#cloud-config\r\n--//\r\nContent-Type: text/x-shellscript;\r\n charset=\"us-ascii\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"userdata.txt\"\r\n\r\nIyEvYmluL3NoCmVj\r\naG8gb25lCg==\r\n--//\r\nContent-Type: text/x-shellscript\r\n\r\n#!/bin/sh\necho two\r\n--//--\r\nepilogue\r\n";

    #[test]
    fn a_mime_message_has_its_parts_one_after_the_other() {
        let found = parts(MESSAGE.as_bytes());
        let names: Vec<_> = found.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["cloud-config.txt", "userdata.txt", "part-003"]);
        let contents: Vec<_> = found.into_iter().map(|part| part.content).collect();
        assert_eq!(
            contents,
            [
                Content::Skipped("text/cloud-config is not supported".to_owned()),
                script("#!/bin/sh\necho one\n"),
                script("#!/bin/sh\necho two"),
            ]
        );
        assert_eq!(
            parts(&packed(MESSAGE.as_bytes())),
            parts(MESSAGE.as_bytes())
        );
    }

    #[test]
    fn what_is_no_script_says_so() {
        assert_eq!(
            reason(b"#cloud-config\nruncmd: []\n"),
            "cloud-config is not supported"
        );
        assert_eq!(reason(b"hello"), "it is no script (#!)");
        assert_eq!(
            reason(b"#include\nhttp://x/"),
            "an include file is not supported"
        );
        let half = packed(b"#!/bin/sh\n");
        assert_eq!(reason(&half[..half.len() - 9]), "it is not whole (gzip)");
        assert_eq!(
            reason(b"MIME-Version: 1.0\nContent-Type: text/x-shellscript\n\necho x\n"),
            "its first line names no interpreter (#!)"
        );
        let quoted = "Content-Type: text/x-shellscript\nContent-Transfer-Encoding: quoted-printable\n\n#!/bin/sh\n";
        assert_eq!(
            reason(quoted.as_bytes()),
            "the transfer encoding quoted-printable is not supported"
        );
        let bad = "Content-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n!!\n";
        assert_eq!(reason(bad.as_bytes()), "its base64 does not decode");
    }

    #[test]
    fn everything_is_bounded() {
        assert_eq!(
            reason(&packed(&vec![b'#'; 2 << 20])),
            "it unpacks to more than 1 MiB"
        );
        let mut deep = b"#!/bin/sh\n".to_vec();
        for _ in 0..DEPTH_MAX + 2 {
            deep = packed(&deep);
        }
        assert_eq!(reason(&deep), "it is packed too deep");
        let part = "--x\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n";
        let many = format!(
            "Content-Type: multipart/mixed; boundary=x\n\n{}",
            part.repeat(100)
        );
        let found = parts(many.as_bytes());
        assert_eq!(found.len(), PARTS_MAX + 1);
        let last = Content::Skipped("it and all after it: 32 parts are read".to_owned());
        assert_eq!(found[PARTS_MAX].content, last);
    }
}
