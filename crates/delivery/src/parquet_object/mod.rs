//! Records as Parquet (`S3-6`): one column a field, named with `_` for `-`, of the type that the guide gives it.
//!
//! Values come as columns from where records are told; what comes as lines (a declaration of what was given up, and what an
//! earlier version has left in the spool) is made columns first. What a line shows as `-` is null in a column of numbers and
//! `-` in one of texts.

mod column;
mod dictionary;
mod hybrid;

use std::sync::Arc;

use openvpc_flowlog::{Columns, Format, Kind, Records};
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use column::{Part, Scratch};

/// Rows of one group, but for those that come with its last.
const GROUP_ROWS_MAX: usize = 1 << 17;

/// Writes records of a format as a file.
pub(crate) fn write(
    format: &Format,
    records: impl IntoIterator<Item = Records>,
) -> Result<Vec<u8>, String> {
    let told = |error: ParquetError| error.to_string();
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .build();
    let schema = schema(format).map_err(told)?;
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).map_err(told)?;
    let mut scratch = Scratch::new();
    let (mut group, mut rows) = (Vec::new(), 0);
    for records in records {
        let columns = columns(format, records)?;
        rows += columns.rows;
        group.push(columns);
        if rows >= GROUP_ROWS_MAX {
            write_group(format, &mut file, &group, &mut scratch).map_err(told)?;
            group.clear();
            rows = 0;
        }
    }
    if rows > 0 {
        write_group(format, &mut file, &group, &mut scratch).map_err(told)?;
    }
    file.into_inner().map_err(told)
}

/// Records as columns of their format, and nothing else.
fn columns(format: &Format, records: Records) -> Result<Columns, String> {
    let columns = match records {
        Records::Columns(columns) => columns,
        Records::Lines(text) => Columns::of_lines(format, &text)?,
    };
    let fields = format.fields();
    let mut of_fields = fields.iter().zip(&columns.columns);
    let are_whole = columns.columns.len() == fields.len()
        && of_fields.all(|(field, column)| column.is_whole(field.kind(), columns.rows));
    match are_whole {
        true => Ok(columns),
        false => Err("columns are not those of their format".to_owned()),
    }
}

/// Writes records as a group of rows.
fn write_group(
    format: &Format,
    file: &mut SerializedFileWriter<Vec<u8>>,
    records: &[Columns],
    scratch: &mut Scratch,
) -> Result<(), ParquetError> {
    let descriptions = file.schema_descr().columns().to_vec();
    let mut group = file.next_row_group()?;
    let kinds = format.fields().iter().map(|field| field.kind());
    for (nth, (kind, description)) in kinds.zip(&descriptions).enumerate() {
        let parts = records.iter().map(|columns| Part {
            rows: columns.rows,
            column: &columns.columns[nth],
        });
        let parts: Vec<Part> = parts.collect();
        let (pages, closed) = column::write(kind, &parts, description, scratch)?;
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
