//! Records as Parquet (`S3-6`): one column a field, named with `_` for `-`, of the type that the guide gives it.
//!
//! The columns are the lines of the text form, typed: there is one way only in which a record is rendered. What a line
//! shows as `-` is null in a column of numbers and `-` in one of texts.

use std::sync::Arc;

use bytes::Bytes;
use openvpc_flowlog::{Format, Kind, WordEnds};
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion,
};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

/// Lines that are taken apart before their columns are written: so few that they and their words stay in the processor's cache.
const LINES_AT_ONCE: usize = 1_024;
const GROUP_ROWS_MAX: usize = 128 * LINES_AT_ONCE;

/// Writes lines of a format as a file.
pub(crate) fn write(
    format: &Format,
    texts: impl IntoIterator<Item = Bytes>,
) -> Result<Vec<u8>, String> {
    let told = |error: ParquetError| error.to_string();
    let properties = Arc::new(properties(format));
    let schema = schema(format).map_err(told)?;
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, properties.clone()).map_err(told)?;
    let mut lines = Lines::of(format, texts.into_iter());
    while lines.take()? > 0 {
        write_group(&mut file, &properties, &mut lines)?;
    }
    file.into_inner().map_err(told)
}

fn properties(format: &Format) -> WriterProperties {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_writer_version(WriterVersion::PARQUET_1_0);
    // Whoever looks for times or counts passes over what has none; the least and the greatest of texts help nobody.
    let words = format.fields().iter();
    let words = words.filter(|field| field.kind() == Kind::Text);
    let properties = words.fold(properties, |properties, field| {
        let column = ColumnPath::from(column_name(field.name()));
        properties.set_column_statistics_enabled(column, EnabledStatistics::None)
    });
    properties.build()
}

/// Writes the lines that have been taken, and more, as a group of rows: all its columns grow together, each in a place of
/// its own.
fn write_group(
    file: &mut SerializedFileWriter<Vec<u8>>,
    properties: &WriterPropertiesPtr,
    lines: &mut Lines<impl Iterator<Item = Bytes>>,
) -> Result<(), String> {
    let told = |error: ParquetError| error.to_string();
    let descriptions = file.schema_descr().columns().to_vec();
    let places = descriptions.iter().map(|_| TrackedWrite::new(Vec::new()));
    let mut places: Vec<TrackedWrite<Vec<u8>>> = places.collect();
    let writers = descriptions.into_iter().zip(&mut places);
    let mut writers: Vec<ColumnWriter<'_>> = writers
        .map(|(description, place)| {
            let pages = Box::new(SerializedPageWriter::new(place));
            get_column_writer(description, properties.clone(), pages)
        })
        .collect();
    let mut rows = 0;
    loop {
        for (column, writer) in lines.columns.iter_mut().zip(&mut writers) {
            column.write(writer).map_err(told)?;
        }
        rows += LINES_AT_ONCE;
        if rows == GROUP_ROWS_MAX || lines.take()? == 0 {
            break;
        }
    }
    let closed = writers.into_iter().map(ColumnWriter::close);
    let closed: Vec<ColumnCloseResult> = closed.collect::<Result<_, _>>().map_err(told)?;
    let mut group = file.next_row_group().map_err(told)?;
    for (place, closed) in places.into_iter().zip(closed) {
        let column = Bytes::from(place.into_inner().map_err(told)?);
        group.append_column(&column, closed).map_err(told)?;
    }
    group.close().map_err(told)?;
    Ok(())
}

fn column_name(field: &str) -> String {
    field.replace('-', "_")
}

fn schema(format: &Format) -> Result<TypePtr, ParquetError> {
    let column = |name: &str, kind: Kind| {
        let name = column_name(name);
        let column = match kind {
            Kind::Int32 => Type::primitive_type_builder(&name, Physical::INT32)
                .with_converted_type(ConvertedType::INT_32),
            Kind::Int64 => Type::primitive_type_builder(&name, Physical::INT64)
                .with_converted_type(ConvertedType::INT_64),
            Kind::Text => Type::primitive_type_builder(&name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String)),
        };
        column.with_repetition(Repetition::OPTIONAL).build()
    };
    let fields = format.fields().iter();
    let columns = fields
        .map(|field| column(field.name(), field.kind()).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    let group = Type::group_type_builder("flow_log_record").with_fields(columns);
    Ok(Arc::new(group.build()?))
}

/// Texts, and columns with what has been taken from them.
struct Lines<T> {
    texts: T,
    text: Bytes,
    /// Where the text's next line begins.
    at: usize,
    columns: Vec<Column>,
}

/// Values of one column.
struct Column {
    values: Values,
    /// For each line whether there is a value.
    defined: Vec<i16>,
}

enum Values {
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Text(Vec<ByteArray>),
}

impl<T: Iterator<Item = Bytes>> Lines<T> {
    fn of(format: &Format, texts: T) -> Lines<T> {
        let column = |kind| Column {
            values: match kind {
                Kind::Int32 => Values::Int32(Vec::new()),
                Kind::Int64 => Values::Int64(Vec::new()),
                Kind::Text => Values::Text(Vec::new()),
            },
            defined: Vec::new(),
        };
        let fields = format.fields().iter();
        Lines {
            texts,
            text: Bytes::new(),
            at: 0,
            columns: fields.map(|field| column(field.kind())).collect(),
        }
    }

    /// Takes the next lines apart, in place of those before; how many there were.
    fn take(&mut self) -> Result<usize, String> {
        self.columns.iter_mut().for_each(Column::clear);
        let mut lines = 0;
        while lines < LINES_AT_ONCE {
            if self.at == self.text.len() {
                match self.texts.next() {
                    Some(text) => (self.text, self.at) = (text, 0),
                    None => break,
                }
            }
            let text = self.text.slice(self.at..);
            let (mut from, mut ends) = (0, WordEnds::of(&text));
            while from < text.len() && lines < LINES_AT_ONCE {
                from = take_line(&text, from, &mut ends, &mut self.columns)?;
                lines += 1;
            }
            self.at += from;
        }
        Ok(lines)
    }
}

/// Takes the line that begins at `at` apart, of which words end next at `ends`; where the next line begins.
fn take_line(
    text: &Bytes,
    at: usize,
    ends: &mut WordEnds<'_>,
    columns: &mut [Column],
) -> Result<usize, String> {
    let mut from = at;
    let last = columns.len() - 1;
    for (place, column) in columns.iter_mut().enumerate() {
        let wanted = match place == last {
            true => b'\n',
            false => b' ',
        };
        let Some(to) = ends.next().filter(|end| text[*end] == wanted) else {
            return Err("a line has not as many fields as its format".to_owned());
        };
        column.push(text, from, to)?;
        from = to + 1;
    }
    Ok(from)
}

impl Column {
    fn clear(&mut self) {
        match &mut self.values {
            Values::Int32(values) => values.clear(),
            Values::Int64(values) => values.clear(),
            Values::Text(values) => values.clear(),
        }
        self.defined.clear();
    }

    fn push(&mut self, text: &Bytes, from: usize, to: usize) -> Result<(), String> {
        let word = &text[from..to];
        match &mut self.values {
            Values::Text(values) => {
                // Much repeats itself from line to line, and what is the same is the less to copy and to compare.
                let value = match values.last() {
                    Some(last) if last.data() == word => last.clone(),
                    _ => ByteArray::from(text.slice(from..to)),
                };
                values.push(value);
            }
            _ if word == b"-" => {
                self.defined.push(0);
                return Ok(());
            }
            Values::Int32(values) => values.push(i32::try_from(number(word)?).unwrap_or(i32::MAX)),
            Values::Int64(values) => values.push(number(word)?),
        }
        self.defined.push(1);
        Ok(())
    }

    fn write(&mut self, writer: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let defined = Some(&self.defined[..]);
        match (writer, &self.values) {
            (ColumnWriter::Int32ColumnWriter(writer), Values::Int32(values)) => {
                writer.write_batch(values, defined, None)?;
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Int64(values)) => {
                writer.write_batch(values, defined, None)?;
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(values)) => {
                writer.write_batch(values, defined, None)?;
            }
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        }
        Ok(())
    }
}

fn number(word: &[u8]) -> Result<i64, String> {
    let mut value: i64 = 0;
    for byte in word {
        let digit = i64::from(byte.wrapping_sub(b'0'));
        if digit > 9 {
            return Err("a field of numbers shows something else".to_owned());
        }
        value = value.saturating_mul(10).saturating_add(digit);
    }
    Ok(value)
}
