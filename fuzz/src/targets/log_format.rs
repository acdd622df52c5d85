//! `LogFormat`: two readers, the API's and the recorder's, which must agree.

use openvpc_flowlog::Format;
use openvpc_model::{DEFAULT_LOG_FORMAT, log_format_version, parse_log_format};

use crate::Target;

/// A format as text.
pub const LOG_FORMAT: Target = Target {
    name: "log_format",
    run: log_format,
    seeds: || {
        vec![
            ("default", DEFAULT_LOG_FORMAT.as_bytes().to_vec()),
            ("custom", b"${version} ${vpc-id} ${flow-direction}".to_vec()),
            (
                "newest",
                b"${pkt-srcaddr}\t${reject-reason}  ${interface-type}".to_vec(),
            ),
            ("no_field", b"${version ${} $ {x} ${a b} version".to_vec()),
        ]
    },
};

fn log_format(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let accepted = parse_log_format(text);
    let recorded = text.parse::<Format>();
    // What the API takes, the recorder can write.
    if let Ok(fields) = &accepted {
        let format = recorded.as_ref().expect("what the API accepted");
        assert_eq!(format.fields().len(), fields.len());
        assert_eq!(format.version(), log_format_version(fields));
    }
    if let Ok(format) = recorded {
        let again: Format = format.to_string().parse().expect("its own text");
        assert_eq!(again, format);
    }
}
