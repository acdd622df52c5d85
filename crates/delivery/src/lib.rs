//! Flow records on their way from a closed window to their sink, and the objects that S3 gets. They wait in the form in which
//! the sink wants them: lines, or columns for Parquet.
//!
//! A closed window's lines first enter the [`Spool`], durably and all at once; what counted them is forgotten only then.
//! From there each flow log's lines go to its sink in their order, and leave the spool when the sink has them. A crash
//! in between repeats the last step, which the sinks do not double: a log stream knows a batch's id, an object has the
//! same name again ([`object_key`]). So every line arrives exactly once, or its loss is declared: what the spool has no
//! room for becomes SKIPDATA.
//!
//! Source: VPC user guide, "Publish flow logs to Amazon S3"; spec rows `S3-1` to `S3-6`.

#![forbid(unsafe_code)]

mod courier;
mod key;
mod object;
mod parquet_object;
mod portion;
mod spool;

pub use courier::{Courier, Refusal, Service, Sinks};
pub use key::{PERIOD_SECS, object_key, period_of};
pub use object::{Object, RAW_LEN_MAX_BYTES, object};
pub use portion::{Portion, Sink, portions};
pub use spool::{Begun, Filling, Limits, Outline, Place, ReadTo, Spool, SpoolError, Waiting};
