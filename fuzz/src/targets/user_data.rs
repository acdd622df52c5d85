//! User data: what an instance reads at its first boot, from whoever launched it.

use openvpc_host::user_data::{Content, parts};

use crate::Target;

/// Bytes of user data, decoded.
pub const USER_DATA: Target = Target {
    name: "user_data",
    run,
    seeds,
};

/// `#!/bin/sh\necho packed\n`, packed by gzip.
const PACKED: [u8; 42] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 83, 86, 212, 79, 202, 204, 211, 47, 206, 224, 74, 77, 206,
    200, 87, 40, 72, 76, 206, 78, 77, 225, 2, 0, 247, 12, 215, 61, 22, 0, 0, 0,
];

fn run(data: &[u8]) {
    let found = parts(data);
    assert!(found.len() <= 33);
    assert_eq!(found.is_empty(), data.is_empty() || !any(data), "{found:?}");
    let mut bytes = 0;
    for part in &found {
        assert!(!part.name.is_empty() && part.name.chars().all(|c| !c.is_control()));
        match &part.content {
            Content::Script(script) => {
                assert!(script.starts_with(b"#!"));
                bytes += script.len();
            }
            Content::Skipped(reason) => assert!(!reason.is_empty() && reason.len() < 400),
        }
    }
    assert!(
        bytes <= (1 << 20) + 4 * data.len(),
        "{bytes} bytes of scripts"
    );
}

/// A message may have no parts at all; nothing else comes to nothing.
fn any(data: &[u8]) -> bool {
    let begins = |name: &[u8]| {
        data.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    !(begins(b"content-type:") || begins(b"mime-version:") || data.starts_with(&[0x1f, 0x8b]))
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let message = "Content-Type: multipart/mixed; boundary=\"x\"\r\nMIME-Version: 1.0\r\n\r\n--x\r\nContent-Type: text/x-shellscript;\r\n charset=us-ascii\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"a.sh\"\r\n\r\nIyEvYmluL3NoCg==\r\n--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\n\n#!/bin/sh\n--y--\r\n--x\r\nContent-Type: text/cloud-config\r\n\r\n#cloud-config\r\n--x--\r\n";
    vec![
        ("script", b"#!/bin/sh\necho hello\n".to_vec()),
        ("packed", PACKED.to_vec()),
        ("message", message.as_bytes().to_vec()),
        ("cloud_config", b"#cloud-config\nruncmd: [ls]\n".to_vec()),
    ]
}
