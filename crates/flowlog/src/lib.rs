//! Flow cells → flow-log records, without I/O: time and readings arrive as arguments.
//!
//! The engine counts cumulatively (D6); a [`Reading`] is what came since the reading before. The
//! [`Aggregator`] adds readings up per flow log and interface, and closes a window when its
//! [`Aggregator::deadline`] has come: records in AWS's text format, or as columns, packed into [`Batch`]es. The daemon's loop is:
//!
//! ```text
//! at the deadline:      close(Reading::take(engine, now, wall))  → batches → spool → sinks
//! at a change of plan:  read(Reading::take(…)); configure(plan)
//! ```
//!
//! Reading before configuring makes a new flow log see nothing of the time before it, and a deleted
//! interface lose nothing.
//!
//! Windows neither overlap nor gap, whatever the wall clock does ([`clock`]). Bounded: beyond
//! [`RECORDS_MAX`] per window an interface's further flows are declared as SKIPDATA.
//!
//! Source: VPC user guide, "Flow log records"; spec rows `FL-1` to `FL-8`, `CW-1`, `CW-2`.

#![forbid(unsafe_code)]

mod aggregate;
mod batch;
pub mod clock;
mod columns;

mod field;
mod flows;
mod format;
mod names;
mod order;
mod plan;
mod reading;
mod record;
mod text;
mod words;

pub use aggregate::{Aggregator, Closed, RECORDS_MAX};
pub use batch::{Batch, Records};
pub use columns::{Column, Columns, Values};
pub use field::{Field, Kind};
pub use format::{DEFAULT_FORMAT, Format, FormatError};
pub use names::{Names, NoNames, RuleText};
pub use plan::{Bucket, Destination, FileFormat, Filter, FlowLog, Interface, Plan};
pub use reading::{End, Reading};
pub use record::{Flow, Record, Status, Told};
pub use text::address_text;
pub use words::{WordEnds, Words, word_ends};
