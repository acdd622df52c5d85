//! Refusals in S3's words.

use std::borrow::Cow;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode};

use super::index::IndexError;

/// A refusal by its code, with the status that AWS gives it.
pub fn refuse(code: &str, status: u16, message: impl Into<Cow<'static, str>>) -> S3Error {
    let known = S3ErrorCode::from_bytes(code.as_bytes());
    let code = known.unwrap_or_else(|| S3ErrorCode::Custom(code.into()));
    let mut error = S3Error::with_message(code, message);
    if let Ok(status) = StatusCode::from_u16(status) {
        error.set_status_code(status);
    }
    error
}

pub fn no_such_bucket() -> S3Error {
    refuse("NoSuchBucket", 404, "The specified bucket does not exist")
}

pub fn no_such_key() -> S3Error {
    refuse("NoSuchKey", 404, "The specified key does not exist.")
}

pub fn no_such_upload() -> S3Error {
    refuse(
        "NoSuchUpload",
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    )
}

pub fn precondition_failed() -> S3Error {
    refuse(
        "PreconditionFailed",
        412,
        "At least one of the pre-conditions you specified did not hold",
    )
}

pub fn invalid_argument(message: impl Into<Cow<'static, str>>) -> S3Error {
    refuse("InvalidArgument", 400, message)
}

/// A fault of the disk: a full one is named, so that the caller knows what to do.
pub fn disk(error: &std::io::Error) -> S3Error {
    match openvpc_disk::is_want_of_room(error) {
        true => refuse(
            "InsufficientStorage",
            507,
            "The disk beneath this S3 is full: nothing was stored. Delete objects or make room, and try again.",
        ),
        false => {
            tracing::error!(%error, "the object store's disk");
            refuse(
                "InternalError",
                500,
                "We encountered an internal error. Please try again.",
            )
        }
    }
}

impl From<IndexError> for S3Error {
    fn from(error: IndexError) -> S3Error {
        if let IndexError::Database(source) = &error
            && let redb::Error::Io(io) = source.as_ref()
        {
            return disk(io);
        }
        tracing::error!(%error, "the object store's index");
        refuse(
            "InternalError",
            500,
            "We encountered an internal error. Please try again.",
        )
    }
}
