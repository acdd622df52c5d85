//! S3: HTTP requests answered in process, over a store in a folder of its own. Whatever the key, nothing is written outside
//! of that folder, and what was put is what is got.

use std::path::Path;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::BodyExt;
use openvpc_services::s3::{Body, Front, S3 as Service, Store};
use openvpc_services::{Ask, BadKey, Denied, Gatekeeper, Key};
use tokio::runtime::Runtime;

use crate::Target;

/// Method, path and query, headers, a line each, an empty line, the body.
pub const S3: Target = Target {
    name: "s3",
    run: s3,
    seeds: || {
        let of = |text: &str| text.as_bytes().to_vec();
        vec![
            (
                "put",
                of("PUT\n/bucket/a%2F..%2Fb\nx-amz-meta-a:b\n\nbytes"),
            ),
            (
                "list",
                of(
                    "GET\n/bucket?list-type=2&prefix=a&delimiter=%2F&max-keys=3&encoding-type=url\n\n",
                ),
            ),
            (
                "delete_many",
                of(
                    "POST\n/bucket?delete\n\n<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>",
                ),
            ),
            (
                "copy",
                of("PUT\n/bucket/c\nx-amz-copy-source:/bucket/a?versionId=1\n\n"),
            ),
            (
                "range",
                of("GET\n/bucket/a\nrange:bytes=1-3\nif-none-match:\"x\"\n\n"),
            ),
            ("upload", of("POST\n/bucket/a?uploads\n\n")),
            (
                "part",
                of("PUT\n/bucket/a?partNumber=10001&uploadId=x\n\nbytes"),
            ),
            (
                "complete",
                of(
                    "POST\n/bucket/a?uploadId=x\n\n<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"x\"</ETag></Part></CompleteMultipartUpload>",
                ),
            ),
            (
                "tags",
                of(
                    "PUT\n/bucket?tagging\n\n<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
                ),
            ),
            (
                "chunked",
                of(
                    "PUT\n/bucket/k\nx-amz-content-sha256:STREAMING-UNSIGNED-PAYLOAD-TRAILER\ncontent-encoding:aws-chunked\nx-amz-decoded-content-length:5\nx-amz-trailer:x-amz-checksum-crc32\n\n5\r\nbytes\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
                ),
            ),
        ]
    },
};

struct Open;

impl Gatekeeper for Open {
    fn secret(&self, _: &str) -> Option<String> {
        None
    }
    fn key(&self, _: &str, _: Option<&str>) -> Result<Key, BadKey> {
        Err(BadKey::Unknown)
    }
    fn judge(&self, _: Ask) -> Result<(), Denied> {
        Ok(())
    }
}

/// Kept for all inputs: what one left behind, the next one finds, as in life.
struct Lab {
    runtime: Runtime,
    front: Front,
    outer: tempfile::TempDir,
}

impl Lab {
    fn new() -> Lab {
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("inner");
        std::fs::create_dir(&inner).expect("a folder");
        let store = Arc::new(Store::open_unsynced(&inner).expect("a store"));
        store
            .make_bucket("bucket", "123456789012", "us-east-1")
            .expect("a bucket");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        Lab {
            runtime,
            front: Service::new(store, Arc::new(Open)).front(),
            outer,
        }
    }
}

fn s3(bytes: &[u8]) {
    thread_local! {
        static LAB: Lab = Lab::new();
    }
    let at = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = at.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let Ok(head) = std::str::from_utf8(head) else {
        return;
    };
    let mut lines = head.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (Ok(method), Ok(uri)) = (line().parse::<Method>(), line().parse::<Uri>()) else {
        return;
    };
    let mut request = Request::new(Body::from(body.to_vec()));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    let headers = request.headers_mut();
    headers.insert("host", HeaderValue::from_static("localhost"));
    headers.insert("content-length", HeaderValue::from(body.len()));
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
            && name != "content-length"
        {
            headers.append(name, value);
        }
    }
    LAB.with(|lab| {
        lab.runtime.block_on(async {
            let Ok(answer) = lab.front.call(request).await else {
                return;
            };
            assert!(
                answer.status().as_u16() < 500 || answer.status() == 501,
                "{answer:?}"
            );
            // A body may break off, if the store says so half-way.
            let _ = answer.into_body().collect().await;
        });
        stays_inside(lab.outer.path());
    });
}

/// The store's folder is all there is, and in it only what the store names.
fn stays_inside(outer: &Path) {
    let names = |path: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(path).expect("a folder");
        entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    };
    assert_eq!(names(outer), ["inner"]);
    assert_eq!(names(&outer.join("inner")), ["blobs"]);
}
