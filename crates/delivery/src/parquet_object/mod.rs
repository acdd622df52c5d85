//! Records as Parquet (`S3-6`): one column a field, named with `_` for `-`, of the type that the guide gives it.
//!
//! The columns are the lines of the text form, typed: there is one way only in which a record is rendered. What a line
//! shows as `-` is null in a column of numbers and `-` in one of texts.

mod column;
mod dictionary;
mod hybrid;
mod number;

use std::sync::Arc;

use bytes::Bytes;
use openvpc_flowlog::{Format, Kind, word_ends};
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use column::{Column, Words};

/// Lines that are taken apart together: so few that they stay in the processor's cache.
const LINES_AT_ONCE: usize = 256;
/// Rows of one group, but for those that are taken apart with its last; all its columns are in memory until it is written.
const GROUP_ROWS_MAX: usize = 512 * LINES_AT_ONCE;

/// Writes lines of a format as a file.
pub(crate) fn write(
    format: &Format,
    texts: impl IntoIterator<Item = Bytes>,
) -> Result<Vec<u8>, String> {
    let told = |error: ParquetError| error.to_string();
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .build();
    let schema = schema(format).map_err(told)?;
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).map_err(told)?;
    let mut lines = Lines {
        texts: texts.into_iter(),
        text: Bytes::new(),
        at: 0,
        ends: Vec::new(),
    };
    loop {
        let kinds = format.fields().iter().map(|field| field.kind());
        let mut columns: Vec<Column> = kinds.map(Column::new).collect();
        if lines.take(&mut columns)? == 0 {
            break;
        }
        write_group(&mut file, columns).map_err(told)?;
    }
    file.into_inner().map_err(told)
}

/// Writes columns as a group of rows.
fn write_group(
    file: &mut SerializedFileWriter<Vec<u8>>,
    columns: Vec<Column>,
) -> Result<(), ParquetError> {
    let descriptions = file.schema_descr().columns().to_vec();
    let mut group = file.next_row_group()?;
    for (column, description) in columns.into_iter().zip(&descriptions) {
        let (pages, closed) = column.close(description)?;
        group.append_column(&pages, closed)?;
    }
    group.close()?;
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

/// Texts, and how far they have been taken apart.
struct Lines<T> {
    texts: T,
    text: Bytes,
    /// Where the text's next line begins.
    at: usize,
    /// Where words end in the lines from there on.
    ends: Vec<u32>,
}

impl<T: Iterator<Item = Bytes>> Lines<T> {
    /// Takes as many lines apart as a group has; how many there were.
    fn take(&mut self, columns: &mut [Column]) -> Result<usize, String> {
        let mut lines = 0;
        while lines < GROUP_ROWS_MAX {
            if self.at == self.text.len() {
                match self.texts.next() {
                    Some(text) => (self.text, self.at) = (text, 0),
                    None => break,
                }
                continue;
            }
            lines += self.take_some(columns)?;
        }
        Ok(lines)
    }

    /// Takes some of the text's lines apart, word by word of all of them: what is alike stands together then.
    fn take_some(&mut self, columns: &mut [Column]) -> Result<usize, String> {
        let text = &self.text[self.at..];
        let words = columns.len();
        word_ends(text, words * LINES_AT_ONCE, &mut self.ends);
        let lines = self.ends.len() / words;
        let ends_as = |end: &u32, wanted: u8| text[*end as usize] == wanted;
        let is_line = |ends: &[u32]| match ends {
            [spaces @ .., end] => {
                spaces.iter().all(|space| ends_as(space, b' ')) && ends_as(end, b'\n')
            }
            [] => false,
        };
        let mut of_lines = self.ends.chunks_exact(words);
        let are_lines = of_lines.by_ref().all(is_line);
        if lines == 0 || !are_lines || !of_lines.remainder().is_empty() {
            return Err("a line has not as many fields as its format".to_owned());
        }
        for (nth, column) in columns.iter_mut().enumerate() {
            column.add(&Words {
                text,
                ends: &self.ends,
                nth,
                of: words,
            })?;
        }
        self.at += self.ends.last().map_or(0, |end| *end as usize + 1);
        Ok(lines)
    }
}
