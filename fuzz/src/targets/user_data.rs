//! `host::user_data`: what an instance is to run at its first boot, plain, packed or in a MIME message.

use openvpc_host::user_data::{Content, parts};

use crate::Target;

/// User data as decoded from the API's base64.
pub const USER_DATA: Target = Target {
    name: "user_data",
    run,
    seeds: || {
        let text = |text: &str| text.as_bytes().to_vec();
        vec![
            ("script", text("#!/bin/sh\necho hello\n")),
            ("gzip", PACKED.to_vec()),
            ("cloud_config", text(CLOUD_CONFIG)),
            ("mime", text(MESSAGE)),
            ("include", text("#include\nhttp://example.com/x\n")),
        ]
    },
};

const CLOUD_CONFIG: &str = "#cloud-config\nhostname: web\nwrite_files:\n- path: /tmp/a\n  permissions: '0644'\n  content: |\n    one\n    two\n- path: /tmp/b\n  encoding: b64\n  content: aGVsbG8=\nruncmd:\n- [sh, -c, 'echo one']\n- echo two\n";

const MESSAGE: &str = "Content-Type: multipart/mixed; boundary=\"//\"\r\nMIME-Version: 1.0\r\n\r\n--//\r\nContent-Type: text/cloud-config; charset=\"us-ascii\"\r\nContent-Disposition: attachment; filename=\"cloud-config.txt\"\r\n\r\n#cloud-config\nruncmd: [echo one]\r\n--//\r\nContent-Type: text/x-shellscript;\r\n charset=\"us-ascii\"\r\nContent-Transfer-Encoding: base64\r\n\r\nIyEvYmluL3NoCmVj\r\naG8gb25lCg==\r\n--//\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n#!/bin/sh\n--x--\r\n--//--\r\n";

/// `#!/bin/sh\necho hello\n`, by gzip.
const PACKED: &[u8] = &[
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0x01, 0x15, 0, 0xea, 0xff, b'#', b'!', b'/', b'b',
    b'i', b'n', b'/', b's', b'h', b'\n', b'e', b'c', b'h', b'o', b' ', b'h', b'e', b'l', b'l',
    b'o', b'\n', 0x79, 0xd4, 0x3f, 0x17, 0x15, 0, 0, 0,
];

/// Never more than 33 parts, nor more than it may unpack; what is run names its interpreter; names can be shown.
fn run(bytes: &[u8]) {
    let found = parts(bytes);
    assert!(found.len() <= 33);
    assert!(!bytes.is_empty() || found.is_empty());
    let mut all = 0;
    for part in found {
        assert!(!part.name.is_empty() && part.name.chars().count() <= 64);
        assert!(!part.name.chars().any(char::is_control));
        match part.content {
            Content::Script(script) => {
                assert!(script.starts_with(b"#!"));
                all += script.len();
            }
            Content::Skipped(reason) => {
                assert!(!reason.is_empty() && reason.len() < 400);
            }
        }
    }
    assert!(all <= bytes.len() + (1 << 20));
}
