//! Records as Parquet (`S3-6`): one column a field, named with `_` for `-`, of the type that the guide gives it.
//!
//! The columns are the lines of the text form, typed: there is one way only in which a record is rendered. What a line
//! shows as `-` is null in a column of numbers and `-` in one of texts.

use std::sync::Arc;

use bytes::Bytes;
use openvpc_flowlog::{Format, Kind, WordEnds};
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type, TypePtr};

/// Records that are held in columns before they are written.
const ROWS_MAX: usize = 131_072;

/// The values of one column.
enum Column {
    Int32(Vec<i32>, Vec<i16>),
    Int64(Vec<i64>, Vec<i16>),
    Text(Vec<ByteArray>, Vec<i16>),
}

/// Writes lines of a format as a file.
pub(crate) fn write(
    format: &Format,
    texts: impl IntoIterator<Item = Bytes>,
) -> Result<Vec<u8>, String> {
    let told = |error: ParquetError| error.to_string();
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
    let properties = properties.build();
    let schema = schema(format).map_err(told)?;
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).map_err(told)?;
    let mut columns = empty(format);
    let mut rows = 0;
    for text in texts {
        let (mut at, mut ends) = (0, WordEnds::of(&text));
        while at < text.len() {
            at = take_line(&text, at, &mut ends, &mut columns)?;
            rows += 1;
            if rows == ROWS_MAX {
                flush(&mut file, &mut columns).map_err(told)?;
                rows = 0;
            }
        }
    }
    if rows > 0 {
        flush(&mut file, &mut columns).map_err(told)?;
    }
    file.into_inner().map_err(told)
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

fn empty(format: &Format) -> Vec<Column> {
    let fields = format.fields().iter();
    fields
        .map(|field| match field.kind() {
            Kind::Int32 => Column::Int32(Vec::new(), Vec::new()),
            Kind::Int64 => Column::Int64(Vec::new(), Vec::new()),
            Kind::Text => Column::Text(Vec::new(), Vec::new()),
        })
        .collect()
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
    fn push(&mut self, text: &Bytes, from: usize, to: usize) -> Result<(), String> {
        let word = &text[from..to];
        match self {
            Column::Text(values, defined) => {
                // Much repeats itself from line to line, and what is the same is the less to copy and to compare.
                let value = match values.last() {
                    Some(last) if last.data() == word => last.clone(),
                    _ => ByteArray::from(text.slice(from..to)),
                };
                values.push(value);
                defined.push(1);
            }
            Column::Int32(_, defined) | Column::Int64(_, defined) if word == b"-" => {
                defined.push(0);
            }
            Column::Int32(values, defined) => {
                values.push(i32::try_from(number(word)?).unwrap_or(i32::MAX));
                defined.push(1);
            }
            Column::Int64(values, defined) => {
                values.push(number(word)?);
                defined.push(1);
            }
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

fn flush(
    file: &mut SerializedFileWriter<Vec<u8>>,
    columns: &mut [Column],
) -> Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    for column in columns {
        let Some(mut writer) = group.next_column()? else {
            break;
        };
        match (writer.untyped(), column) {
            (ColumnWriter::Int32ColumnWriter(writer), Column::Int32(values, defined)) => {
                writer.write_batch(values, Some(defined), None)?;
                values.clear();
                defined.clear();
            }
            (ColumnWriter::Int64ColumnWriter(writer), Column::Int64(values, defined)) => {
                writer.write_batch(values, Some(defined), None)?;
                values.clear();
                defined.clear();
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Column::Text(values, defined)) => {
                writer.write_batch(values, Some(defined), None)?;
                values.clear();
                defined.clear();
            }
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        }
        writer.close()?;
    }
    group.close()?;
    Ok(())
}
