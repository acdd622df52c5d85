//! The order to run a command in a sandbox, as the sandbox's first process reads it.

use openvpc_host::{ExecRequest, WindowSize};

use super::Input;
use crate::Target;

/// A number of arguments, then the strings.
pub const EXEC: Target = Target {
    name: "exec",
    run: exec,
    seeds: || {
        let of = |arguments: &[&str], environment: &[&str]| {
            let mut request = ExecRequest::new(arguments.iter().copied());
            request.environment = environment.iter().map(Into::into).collect();
            let (_, strings) = request.encode(1).expect("a command");
            [&[arguments.len() as u8][..], &strings].concat()
        };
        vec![
            ("ping", of(&["ping", "-c", "1", "10.0.1.11"], &[])),
            ("nothing", vec![0, b'x', 0, b'y', 0]),
            ("environment", of(&["sh"], &["A=b", "C="])),
        ]
    },
};

fn exec(bytes: &[u8]) {
    let mut input = Input(bytes);
    let count = usize::from(input.byte());
    let terminal = (count % 2 == 0).then_some(WindowSize {
        rows: 24,
        columns: 80,
    });
    let Some(request) = ExecRequest::decode(count, terminal, input.0) else {
        return;
    };
    assert!(count > 0, "nothing to run");
    assert_eq!(request.arguments.len(), count);
    if let Ok((_, strings)) = request.encode(7) {
        assert_eq!(strings, input.0);
        assert_eq!(
            ExecRequest::decode(count, terminal, &strings),
            Some(request)
        );
    }
}
