//! Recorded flow logs: the files that AWS and this daemon deliver, line by line.
//!
//! Text, plain or gzip, or Parquet. The columns of text come from the header line that objects in S3 begin with (`S3-2`), else from the format that
//! the caller names, else they are the default format's. A line may begin with the time at which CloudWatch Logs exported
//! it. Lines of JSON, as `openvpc flows --output json` prints them, are read too. Nothing here trusts its input: lines
//! have a bound, a bad line is told and passed over.
//!
//! Source: VPC user guide, "Flow log records", "Flow log files"; CloudWatch Logs user guide, "Exporting log data".

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use openvpc_flowlog::{DEFAULT_FORMAT, Field, Format, Words};

pub use crate::lines::LINE_LEN_MAX;
use crate::lines::{self, Fault, Line, Lines};
use crate::parquet_rows::{self, Rows};
use crate::row::{BadField, Place, Row, field_named};

const BUFFER_LEN: usize = 256 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// What programs of Windows put before a text; where files were joined, lines within it begin so too.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why a line is not a record.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Reading ends here.
    #[error("line {line}: {source}")]
    Io { line: u64, source: io::Error },
    #[error("line {line}: longer than {LINE_LEN_MAX} bytes")]
    TooLong { line: u64 },
    #[error("line {line}: not UTF-8")]
    NotText { line: u64 },
    #[error("line {line}: {found} columns where {wanted} were to be")]
    Columns {
        line: u64,
        found: usize,
        wanted: usize,
    },
    #[error("line {line}: {source}")]
    Field { line: u64, source: BadField },
    #[error("line {line}: {source}")]
    Json {
        line: u64,
        source: serde_json::Error,
    },
}

impl ReadError {
    /// Whether there is nothing more to read.
    pub fn is_final(&self) -> bool {
        matches!(self, ReadError::Io { .. })
    }
}

/// Which column is which field; columns that nobody knows yet are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Option<Field>>);

impl Columns {
    /// The columns of a format.
    pub fn of(format: &Format) -> Columns {
        Columns(format.fields().iter().copied().map(Some).collect())
    }

    /// Reads a header line: names of fields, of which the first is known.
    pub fn of_header(line: &str) -> Option<Columns> {
        let is_name = |name: &str| {
            let mut bytes = name.bytes();
            bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        };
        let names = || line.split_ascii_whitespace();
        let first = field_named(names().next()?).is_some();
        (first && names().all(is_name)).then(|| Columns(names().map(field_named).collect()))
    }
}

impl Columns {
    /// The same, of which only some fields are read.
    fn only(mut self, wanted: Option<&[Field]>) -> Columns {
        if let Some(wanted) = wanted {
            for column in &mut self.0 {
                *column = column.filter(|field| wanted.contains(field));
            }
        }
        self
    }
}

impl Default for Columns {
    fn default() -> Columns {
        let fields = DEFAULT_FORMAT.parse::<Format>();
        fields.map_or(Columns(Vec::new()), |format| Columns::of(&format))
    }
}

/// The records of one file: an iterator, or one by one in a place of the caller's.
pub struct Recorded<'r> {
    input: Input<'r>,
    columns: Columns,
    line: u64,
    place: Arc<Place>,
    ended: bool,
    /// Fields to read; all without.
    wanted: Option<&'static [Field]>,
}

enum Input<'r> {
    Lines(Lines<'r>),
    Parquet(Rows),
}

impl<'r> Recorded<'r> {
    /// Reads a file; `columns` are those of a file without a header.
    ///
    /// # Errors
    /// If its first bytes cannot be read, or the footer of Parquet.
    pub fn open(input: impl Read + 'r, columns: Columns) -> io::Result<Recorded<'r>> {
        let mut input = BufReader::with_capacity(BUFFER_LEN, input);
        let begin = input.fill_buf()?;
        let input = if begin.starts_with(&GZIP) {
            Input::Lines(Lines::of(MultiGzDecoder::new(input)))
        } else if begin.starts_with(&parquet_rows::MAGIC) {
            Input::Parquet(Rows::open(input)?)
        } else {
            Input::Lines(Lines::of(input))
        };
        Ok(Recorded {
            input,
            columns,
            line: 0,
            place: Arc::default(),
            ended: false,
            wanted: None,
        })
    }

    /// The same, of which only some fields are read: of a line as of a file of columns, whatever else it says is passed over
    /// unread, so that a line which says something wrong there is a record.
    #[must_use]
    pub fn only(mut self, wanted: &'static [Field]) -> Recorded<'r> {
        self.wanted = Some(wanted);
        self.columns = self.columns.only(self.wanted);
        if let Input::Parquet(rows) = &mut self.input {
            rows.only(wanted);
        }
        self
    }

    /// Reads the next record into a row, whatever that says; `None` at the end. After an error the row means nothing.
    ///
    /// # Errors
    /// A line that is no record; reading goes on behind it, unless the error is final.
    pub fn read(&mut self, row: &mut Row) -> Option<Result<(), ReadError>> {
        while !self.ended {
            row.start_over(&self.place);
            let outcome = match &mut self.input {
                Input::Lines(lines) => {
                    self.line += 1;
                    let line = self.line;
                    match lines.next(self.columns.0.len()) {
                        None => None,
                        Some(Ok(text)) => match parse(text, &self.columns, line, row) {
                            Ok(Parsed::Row) => Some(Ok(())),
                            Ok(Parsed::Nothing) => continue,
                            Ok(Parsed::Header(columns)) => {
                                self.columns = columns.only(self.wanted);
                                self.place = Arc::default();
                                continue;
                            }
                            Err(error) => Some(Err(error)),
                        },
                        Some(Err(Fault::TooLong)) => Some(Err(ReadError::TooLong { line })),
                        Some(Err(Fault::Io(source))) => Some(Err(ReadError::Io { line, source })),
                    }
                }
                Input::Parquet(rows) => {
                    self.line += 1;
                    let line = self.line;
                    rows.next_into(row).map(|outcome| match outcome {
                        Ok(said) => said.map_err(|source| ReadError::Field { line, source }),
                        Err(source) => Err(ReadError::Io { line, source }),
                    })
                }
            };
            match &outcome {
                None => self.ended = true,
                Some(Err(error)) => self.ended = error.is_final(),
                Some(Ok(())) => {
                    if !Arc::ptr_eq(&row.place, &self.place) {
                        self.place = row.place.clone();
                    }
                }
            }
            return outcome;
        }
        None
    }
}

impl Iterator for Recorded<'_> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Result<Row, ReadError>> {
        let mut row = Row::default();
        self.read(&mut row).map(|outcome| outcome.map(|()| row))
    }
}

/// What a line says.
enum Parsed {
    /// A record, which is in the row.
    Row,
    Header(Columns),
    /// It is blank.
    Nothing,
}

fn parse(text: Line<'_>, columns: &Columns, line: u64, row: &mut Row) -> Result<Parsed, ReadError> {
    let Line { text, words } = text;
    // Most lines begin with a number, and neither a header does nor JSON.
    if let (Some(words), Some(b'0'..=b'9')) = (words, text.first())
        && !is_exported(text)
    {
        return read_regular(columns, text, words, line, row);
    }
    let text = std::str::from_utf8(text).map_err(|_| ReadError::NotText { line })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let text = text.trim_ascii();
    let Some(first) = text.as_bytes().first() else {
        return Ok(Parsed::Nothing);
    };
    if *first == b'{' {
        *row = serde_json::from_str(text).map_err(|source| ReadError::Json { line, source })?;
        return Ok(Parsed::Row);
    }
    if first.is_ascii_lowercase()
        && let Some(columns) = Columns::of_header(text)
    {
        return Ok(Parsed::Header(columns));
    }
    read_columns(columns, text, line, row)
}

/// Most lines are of the interface of the line before: their place is copied only where they say another one.
fn read_regular(
    columns: &Columns,
    text: &[u8],
    words: lines::Words<'_>,
    line: u64,
    row: &mut Row,
) -> Result<Parsed, ReadError> {
    for (nth, field) in columns.0.iter().enumerate() {
        if let Some(field) = field {
            let range = words.range(nth);
            row.take(*field, text, range.clone()).map_err(|wanted| {
                match std::str::from_utf8(text) {
                    Err(_) => ReadError::NotText { line },
                    Ok(text) => {
                        let word = text.get(range).unwrap_or_default();
                        let source = BadField::new(*field, word, wanted);
                        ReadError::Field { line, source }
                    }
                }
            })?;
        }
    }
    Ok(Parsed::Row)
}

/// The same of a line with whatever space between its words, and a time before them.
fn read_columns(
    columns: &Columns,
    text: &str,
    line: u64,
    row: &mut Row,
) -> Result<Parsed, ReadError> {
    let texts = || Words::of(text).skip(usize::from(is_exported(text.as_bytes())));
    let (mut fields, mut rest) = (columns.0.iter(), texts());
    loop {
        match (fields.next(), rest.next()) {
            (Some(Some(field)), Some(text)) => row
                .set(*field, text)
                .map_err(|source| ReadError::Field { line, source })?,
            (Some(None), Some(_)) => {}
            (None, None) => return Ok(Parsed::Row),
            _ => {
                let (found, wanted) = (texts().count(), columns.0.len());
                return Err(ReadError::Columns {
                    line,
                    found,
                    wanted,
                });
            }
        }
    }
}

/// Whether a line begins as `2026-01-31T12:00:00.000Z` does: what an export of CloudWatch Logs puts before each event.
fn is_exported(line: &[u8]) -> bool {
    let begin = line.first_chunk::<20>();
    begin.is_some_and(|begin| begin[4] == b'-' && begin[10] == b'T' && begin[13] == b':')
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use openvpc_engine::{Action, Direction};

    use super::*;
    use crate::row::LogStatus;

    const SSH: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";

    fn rows(text: &str) -> Vec<Row> {
        let recorded = Recorded::open(text.as_bytes(), Columns::default()).unwrap();
        recorded.map(Result::unwrap).collect()
    }

    fn errors(text: &[u8]) -> Vec<String> {
        let recorded = Recorded::open(text, Columns::default()).unwrap();
        recorded
            .filter_map(Result::err)
            .map(|error| error.to_string())
            .collect()
    }

    /// VPC user guide, "Flow log record examples": accepted and rejected traffic, no data and skipped records.
    #[test]
    fn the_guides_records_are_read() {
        let rows = rows(&format!(
            "{SSH}\n\
             2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK\n\
             2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA\n\
             2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA\n"
        ));
        let statuses: Vec<_> = rows.iter().map(|row| (row.action, row.status)).collect();
        assert_eq!(
            statuses,
            [
                (Some(Action::Accept), LogStatus::Ok),
                (Some(Action::Reject), LogStatus::Ok),
                (None, LogStatus::NoData),
                (None, LogStatus::SkipData),
            ]
        );
        assert_eq!(rows[0].destination_port, Some(22));
        assert_eq!(rows[0].bytes, Some(4249));
        assert!(Arc::ptr_eq(&rows[0].place, &rows[1].place));
    }

    #[test]
    fn a_header_names_the_columns() {
        let rows = rows(
            "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction new-field\n\
             - eni-nat 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 ingress x\n\
             action tcp_flags\n\
             REJECT 2\n",
        );
        assert_eq!(rows[0].place.instance, None);
        assert_eq!(rows[0].packet_destination, "203.0.113.5".parse().ok());
        assert_eq!(rows[0].direction, Some(Direction::Ingress));
        assert_eq!(rows[1].tcp_flags, Some(2));
    }

    #[test]
    fn files_that_went_through_windows_are_read() {
        let file = "\u{feff}srcaddr dstaddr log-status\r\n10.0.0.1 10.0.0.2 OK\r\n10.0.0.1 10.0.0.3 OK\r\n";
        let sources = rows(&format!("{file}{file}"));
        let ends: Vec<_> = sources.iter().map(|row| row.destination).collect();
        let end = |host| Some([10, 0, 0, host].into());
        assert_eq!(ends, [end(2), end(3), end(2), end(3)]);
        assert_eq!(rows(&format!("\u{feff}{SSH}\r\n")), rows(SSH));
    }

    #[test]
    fn gzip_in_several_members_is_read_as_one_file() {
        let pack = |text: &str| {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let mut bytes = pack(&format!("{SSH}\n"));
        bytes.extend(pack(&format!("{SSH}\n")));
        let recorded = Recorded::open(bytes.as_slice(), Columns::default()).unwrap();
        assert_eq!(recorded.map(Result::unwrap).count(), 2);
    }

    #[test]
    fn exported_log_events_and_json_lines_are_read() {
        let row = &rows(SSH)[0];
        assert_eq!(rows(&format!("2014-12-14T04:06:50.000Z {SSH}"))[0], *row);
        assert_eq!(rows(&serde_json::to_string(row).unwrap())[0], *row);
    }

    #[test]
    fn fields_that_nobody_wants_are_passed_over() {
        let text = format!("{SSH}\nsrcaddr bytes log-status srcport\n10.0.0.1 40 OK ssh\n");
        let recorded = Recorded::open(text.as_bytes(), Columns::default()).unwrap();
        let rows: Vec<Row> = recorded
            .only(&[Field::Srcaddr])
            .map(Result::unwrap)
            .collect();
        let only = |source: &str| Row {
            source: source.parse().ok(),
            ..Row::default()
        };
        assert_eq!(rows, [only("172.31.16.139"), only("10.0.0.1")]);
    }

    #[test]
    fn a_bad_line_is_told_and_passed_over() {
        let long = "x".repeat(LINE_LEN_MAX + 10);
        let text = format!("{SSH} more\n{long}\n2 1 eni 10.0.0.1 ten 1 2 6 1 40 1 2 ACCEPT OK\n");
        let mut bytes = text.into_bytes();
        bytes.extend(b"\xff\n{}}\n");
        bytes.extend(SSH.as_bytes());
        assert_eq!(
            errors(&bytes),
            [
                "line 1: 15 columns where 14 were to be",
                "line 2: longer than 65536 bytes",
                "line 3: dstaddr: \"ten\" is not an IP address",
                "line 4: not UTF-8",
                "line 5: trailing characters at line 1 column 3",
            ]
        );
        let recorded = Recorded::open(bytes.as_slice(), Columns::default()).unwrap();
        assert_eq!(recorded.filter_map(Result::ok).count(), 1);
    }

    #[test]
    fn a_gzip_file_that_is_cut_short_ends_with_an_error() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..100 {
            writeln!(encoder, "{SSH}").unwrap();
        }
        let bytes = encoder.finish().unwrap();
        let cut = &bytes[..bytes.len() - 12];
        let mut recorded = Recorded::open(cut, Columns::default()).unwrap();
        assert!(recorded.any(|row| row.is_err_and(|error| error.is_final())));
        assert!(recorded.next().is_none());
    }
}
