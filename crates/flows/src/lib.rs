//! What people ask of flow records: watch them live, filter, rank, query, draw, export, and replay them against another
//! configuration.
//!
//! A [`Row`] is one record, whether a live cell counted it ([`live`]) or a recorded line says it ([`recorded`]); all the
//! rest works on rows. Without I/O but for the readers that a caller gives.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod address;
mod decimal;
pub mod filter;
pub mod ipfix;
mod lines;
pub mod live;
mod parquet_rows;
pub mod plot;
pub mod recorded;
pub mod replay;
pub mod ring;
pub mod row;
pub mod sql;
pub mod top;

pub use filter::Filter;
pub use live::Places;
pub use recorded::{Columns, ReadError, Recorded};
pub use ring::{Portion, Ring};
pub use row::{LogStatus, Place, Row};
