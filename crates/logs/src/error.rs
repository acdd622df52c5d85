//! Every refusal of the service, worded in one place.

use std::path::PathBuf;

/// An error as the JSON 1.1 protocol shows it: `{"__type": kind, "message": message}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct LogsError {
    /// `ResourceNotFoundException` and the like.
    pub kind: &'static str,
    pub message: String,
}

impl LogsError {
    /// The HTTP status: 400 for refusals, 500 when the service itself failed.
    pub fn status(&self) -> u16 {
        match self.kind {
            "ServiceUnavailableException" => 500,
            _ => 400,
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        self.kind == "ResourceNotFoundException"
    }

    fn new(kind: &'static str, message: impl Into<String>) -> LogsError {
        LogsError {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> LogsError {
        LogsError::new("InvalidParameterException", message)
    }

    /// A value that breaks a constraint of the service model.
    pub(crate) fn constraint(member: &str, value: &str, constraint: &str) -> LogsError {
        LogsError::invalid(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
        ))
    }

    pub(crate) fn missing(member: &str) -> LogsError {
        LogsError::invalid(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    }

    pub(crate) fn serialization(message: impl Into<String>) -> LogsError {
        LogsError::new("SerializationException", message)
    }

    pub(crate) fn unknown_operation(operation: &str) -> LogsError {
        LogsError::new(
            "UnknownOperationException",
            format!("The operation {operation} is not implemented by openvpc"),
        )
    }

    pub(crate) fn no_group() -> LogsError {
        LogsError::new(
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        )
    }

    pub(crate) fn no_stream() -> LogsError {
        LogsError::new(
            "ResourceNotFoundException",
            "The specified log stream does not exist.",
        )
    }

    pub(crate) fn no_resource() -> LogsError {
        LogsError::new(
            "ResourceNotFoundException",
            "The specified resource does not exist.",
        )
    }

    pub(crate) fn group_exists() -> LogsError {
        LogsError::new(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        )
    }

    pub(crate) fn stream_exists() -> LogsError {
        LogsError::new(
            "ResourceAlreadyExistsException",
            "The specified log stream already exists",
        )
    }

    pub(crate) fn too_many_tags() -> LogsError {
        LogsError::new(
            "TooManyTagsException",
            "A resource can have no more than 50 tags.",
        )
    }

    /// The disk, or the database on it; a full disk is named, so that the caller knows what to do.
    fn storage(error: &redb::Error) -> LogsError {
        let message = match error {
            redb::Error::Io(io) if openvpc_disk::is_want_of_room(io) => {
                "The disk beneath this CloudWatch Logs is full: nothing was stored. Delete log groups or make room, and try again.".to_owned()
            }
            other => format!("log storage: {other}"),
        };
        LogsError::new("ServiceUnavailableException", message)
    }

    pub(crate) fn limit_exceeded() -> LogsError {
        LogsError::new("LimitExceededException", "Resource limit exceeded.")
    }
}

/// redb has an error type per verb; all of them mean that the service failed.
macro_rules! unavailable {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for LogsError {
            fn from(error: redb::$error) -> Self {
                LogsError::storage(&error.into())
            }
        }
    )*};
}
unavailable!(TransactionError, TableError, StorageError, CommitError);

impl From<serde_json::Error> for LogsError {
    /// A stored row that does not read back.
    fn from(error: serde_json::Error) -> Self {
        LogsError::new(
            "ServiceUnavailableException",
            format!("log storage: {error}"),
        )
    }
}

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot use the log file {}: {what}; move it away to start with empty logs", path.display())]
    Unusable { path: PathBuf, what: String },
    #[error(
        "the log file {} has format {found}, and this openvpc reads format {expected}; use the version that wrote it, or move it away to start with empty logs",
        path.display()
    )]
    UnknownFormat {
        path: PathBuf,
        found: u64,
        expected: u64,
    },
}
