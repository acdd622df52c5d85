//! S3 as a client sees it, by HTTP requests that are answered in process. They are unsigned, and
//! meet a gatekeeper that lets everyone in: signatures are the scenarios' business.
//!
//! Bad input, item by item:
//!
//! | Item | Test |
//! |---|---|
//! | keys `..`, `../x`, `/x`, `//`, `.`, `%2e%2e/`, `\\`, NUL, newline, U+2028, Windows names, 1,024 and 1,025 bytes | `hostile_keys_stay_in_their_bucket` |
//! | `x` beside `x/`, two Unicode normal forms, a bucket named like an internal folder, copy source with `?versionId` | `keys_and_buckets_are_not_paths` |
//! | XML: DOCTYPE, entity bomb, 10⁵ levels, 1,001 keys to delete, part numbers 0 and 10,001 | `bad_bodies` |

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use openvpc_services::s3::{Body, Front, S3, Store};
use openvpc_services::{Ask, BadKey, Denied, Gatekeeper, Key, Place};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

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

struct Lab {
    s3: Front,
}

impl Lab {
    /// In a folder, but without waiting for the disk.
    fn unsynced(dir: &std::path::Path) -> Lab {
        let store = Arc::new(Store::open_unsynced(dir).unwrap());
        store
            .make_bucket("bucket", "123456789012", "us-east-1")
            .unwrap();
        Lab::over(store)
    }

    fn over(store: Arc<Store>) -> Lab {
        Lab {
            s3: S3::new(store, Arc::new(Open)).front(),
        }
    }

    fn on(place: &Place, reserve: u64) -> Lab {
        let store = Arc::new(Store::open_with_reserve(place, reserve).unwrap());
        store
            .make_bucket("bucket", "123456789012", "us-east-1")
            .unwrap();
        Lab::over(store)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (StatusCode, Vec<u8>) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-length", body.len());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self
            .s3
            .call(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let status = answer.status();
        (
            status,
            answer
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec(),
        )
    }

    async fn put(&self, key: &str, body: &[u8]) -> (StatusCode, String) {
        let path = format!("/bucket/{}", utf8_percent_encode(key, NON_ALPHANUMERIC));
        let (status, body) = self.ask(Method::PUT, &path, &[], body.to_vec()).await;
        (status, String::from_utf8(body).unwrap())
    }

    async fn get(&self, key: &str) -> (StatusCode, Vec<u8>) {
        let path = format!("/bucket/{}", utf8_percent_encode(key, NON_ALPHANUMERIC));
        self.ask(Method::GET, &path, &[], Vec::new()).await
    }

    async fn list(&self, query: &str) -> String {
        let (status, body) = self
            .ask(
                Method::GET,
                &format!("/bucket?list-type=2&{query}"),
                &[],
                Vec::new(),
            )
            .await;
        assert_eq!(status, 200);
        String::from_utf8(body).unwrap()
    }
}

fn keys(list: &str) -> Vec<&str> {
    list.split("<Key>")
        .skip(1)
        .map(|rest| rest.split("</Key>").next().unwrap())
        .collect()
}

fn files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// 10,000 keys made of what has led out of other stores' folders: each is an object of its own,
/// every byte of it comes back, and no file lies where it should not.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_stay_in_their_bucket() {
    let pieces = [
        "..",
        "../",
        "/",
        "//",
        ".",
        "%2e%2e/",
        "\\",
        "\0",
        "\n",
        "x",
        "x/",
        "\u{2028}",
        "é",
        "e\u{301}",
        "CON",
        "blobs",
        "index.redb",
        "&lt;",
        "\u{10ffff}",
        " ",
        "+",
        "?",
        "#",
        "A",
        "a",
    ];
    let parent = tempfile::tempdir().unwrap();
    let lab = Lab::unsynced(&parent.path().join("inner"));
    let mut wanted = std::collections::BTreeSet::new();
    'all: for a in pieces {
        for b in pieces {
            for c in pieces {
                wanted.insert(format!("{a}{b}{c}"));
                if wanted.len() == 10_000 {
                    break 'all;
                }
            }
        }
    }
    assert_eq!(wanted.len(), 10_000);
    for key in &wanted {
        assert_eq!(lab.put(key, key.as_bytes()).await.0, 200, "{key:?}");
    }
    for key in &wanted {
        assert_eq!(
            lab.get(key).await,
            (StatusCode::OK, key.as_bytes().to_vec()),
            "{key:?}"
        );
    }
    let longest = "k".repeat(1024);
    assert_eq!(lab.put(&longest, b"").await.0, 200);
    assert_eq!(lab.put(&"k".repeat(1025), b"").await.0, 400);
    for file in files(parent.path()) {
        let inside = file.strip_prefix(parent.path().join("inner")).unwrap();
        let name = inside.to_str().unwrap();
        assert!(
            name.starts_with("blobs/") && name.len() == "blobs/".len() + 32,
            "{name}"
        );
    }
}

/// Bad input, the rest of the keys: one beside its own "folder", two that differ by Unicode's normal form only, a bucket
/// named like an internal folder, a copy source of a version.
#[tokio::test(flavor = "multi_thread")]
async fn keys_and_buckets_are_not_paths() {
    let parent = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open_unsynced(&parent.path().join("inner")).unwrap());
    for bucket in ["bucket", "blobs", "inner"] {
        store
            .make_bucket(bucket, "123456789012", "us-east-1")
            .unwrap();
    }
    let lab = Lab::over(store);
    for key in ["x", "x/", "x//", "é", "e\u{301}"] {
        assert_eq!(lab.put(key, key.as_bytes()).await.0, 200, "{key:?}");
    }
    assert_eq!(keys(&lab.list("").await).len(), 5);
    assert_eq!(
        lab.ask(Method::DELETE, "/bucket/x%2F", &[], vec![]).await.0,
        204
    );
    assert_eq!(lab.get("x").await.0, 200);
    assert_eq!(lab.get("x//").await.0, 200);
    for name in [
        "..",
        "%2e%2e",
        "a%2F..%2Fb",
        "A",
        "a_b",
        "a..b",
        "192.168.5.4",
        "%00abc",
    ] {
        let path = format!("/{name}/k");
        let (put, body) = lab.ask(Method::PUT, &path, &[], b"x".to_vec()).await;
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(matches!(put.as_u16(), 400 | 404), "{name}: {put} {body}");
    }
    let put = lab.ask(Method::PUT, "/blobs/k", &[], b"other".to_vec());
    assert_eq!(put.await.0, 200);
    assert_eq!(lab.get("k").await.0, 404);
    for (source, status) in [
        ("/bucket/x", 200),
        ("bucket/x", 200),
        ("/bucket/%C3%A9", 200),
        ("/bucket/x?versionId=1", 404),
        ("/bucket/../inner", 404),
        ("bucket", 400),
        ("", 400),
    ] {
        let headers = [("x-amz-copy-source", source)];
        let (copied, body) = lab.ask(Method::PUT, "/bucket/copy", &headers, vec![]).await;
        assert_eq!(
            copied,
            status,
            "{source}: {}",
            String::from_utf8_lossy(&body)
        );
    }
    let strays = files(parent.path());
    assert!(
        strays
            .iter()
            .all(|file| file.starts_with(parent.path().join("inner/blobs"))),
        "{strays:?}"
    );
}

/// Bad input, XML bodies: what two readers may read differently, or what only grows, is refused; nothing is deleted.
#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies() {
    let parent = tempfile::tempdir().unwrap();
    let lab = Lab::unsynced(&parent.path().join("inner"));
    assert_eq!(lab.put("a", b"1").await.0, 200);
    let delete = |inside: &str| format!("<Delete>{inside}</Delete>");
    let object = "<Object><Key>a</Key></Object>";
    let lol: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for (what, body) in [
        ("nothing", String::new()),
        ("text", "x".to_owned()),
        ("another document", "<Tagging></Tagging>".to_owned()),
        (
            "cut short",
            "<Delete><Object><Key>a</Key></Object>".to_owned(),
        ),
        (
            "wrong end",
            "<Delete><Object><Key>a</Key></Delete></Object>".to_owned(),
        ),
        ("DOCTYPE", format!("<!DOCTYPE Delete>{}", delete(object))),
        (
            "external entity",
            format!(
                "<!DOCTYPE Delete [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}",
                delete("<Object><Key>&x;</Key></Object>")
            ),
        ),
        (
            "entity bomb",
            format!(
                "<!DOCTYPE Delete [<!ENTITY l0 \"a\">{lol}]>{}",
                delete("<Object><Key>&l9;</Key></Object>")
            ),
        ),
        (
            "unknown entity",
            delete("<Object><Key>&nobody;</Key></Object>"),
        ),
        ("no objects", delete("")),
        ("1,001 keys", delete(&object.repeat(1_001))),
        ("100,000 levels", delete(&deep)),
        (
            "a key too long",
            delete(&format!(
                "<Object><Key>{}</Key></Object>",
                "k".repeat(1_025)
            )),
        ),
    ] {
        let body = body.into_bytes();
        let (status, answer) = lab.ask(Method::POST, "/bucket?delete", &[], body).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(
            status == 400 || answer.contains("<Error>"),
            "{what}: {status} {answer}"
        );
        assert_eq!(lab.get("a").await.0, 200, "{what}: {answer}");
    }
    // Parts have numbers from 1 to 10,000, and manifests what was sent.
    let (_, begun) = lab
        .ask(Method::POST, "/bucket/m?uploads", &[], vec![])
        .await;
    let begun = String::from_utf8(begun).unwrap();
    let id = begun
        .split("<UploadId>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    for number in ["0", "10001", "-1", "1e3", "4294967297", ""] {
        let path = format!("/bucket/m?partNumber={number}&uploadId={id}");
        let (status, answer) = lab.ask(Method::PUT, &path, &[], b"x".to_vec()).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(status, 400, "{number}: {answer}");
    }
    let part =
        |number: &str| format!("<Part><PartNumber>{number}</PartNumber><ETag>\"x\"</ETag></Part>");
    for parts in [
        String::new(),
        part("0"),
        part("1"),
        part("10001"),
        part("1").repeat(2),
        part("x"),
    ] {
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let path = format!("/bucket/m?uploadId={id}");
        let (status, answer) = lab.ask(Method::POST, &path, &[], body.into_bytes()).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(status, 400, "{parts}: {answer}");
    }
    assert_eq!(lab.get("m").await.0, 404);
}

/// API reference, ListObjectsV2: "Listing keys using the prefix and delimiter parameters".
#[tokio::test(flavor = "multi_thread")]
async fn lists_roll_up_what_a_delimiter_ends() {
    let lab = Lab::on(&Place::Memory, 0);
    for key in [
        "sample.jpg",
        "photos/2006/January/sample.jpg",
        "photos/2006/February/sample2.jpg",
        "photos/2006/readme",
        "Z",
    ] {
        assert_eq!(lab.put(key, b"1").await.0, 200);
    }
    let root = lab.list("delimiter=/").await;
    assert_eq!(keys(&root), ["Z", "sample.jpg"], "in the order of bytes");
    assert!(
        root.contains("<CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>"),
        "{root}"
    );
    let year = lab.list("delimiter=/&prefix=photos/2006/").await;
    assert_eq!(keys(&year), ["photos/2006/readme"]);
    assert_eq!(year.matches("<CommonPrefixes>").count(), 2);

    // A page at a time shows the same.
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = lab
            .list(&format!(
                "delimiter=/&prefix=photos/2006/&max-keys=1{token}"
            ))
            .await;
        seen.push(page.clone());
        let Some(rest) = page.split("<NextContinuationToken>").nth(1) else {
            break;
        };
        token = format!("&continuation-token={}", rest.split('<').next().unwrap());
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

/// User guide, "Conditional writes".
#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_conditional_puts_wins() {
    let lab = Arc::new(Lab::on(&Place::Memory, 0));
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let lab = lab.clone();
            tokio::spawn(async move {
                lab.ask(
                    Method::PUT,
                    "/bucket/lock",
                    &[("if-none-match", "*")],
                    b"me".to_vec(),
                )
                .await
                .0
            })
        })
        .collect();
    let mut won = 0;
    for tried in tries {
        match tried.await.unwrap().as_u16() {
            200 => won += 1,
            status => assert_eq!(status, 412),
        }
    }
    assert_eq!(won, 1);
}

/// User guide, "Conditional deletes": another object than the one that is meant stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_conditional_delete_spares_another_object() {
    let lab = Lab::on(&Place::Memory, 0);
    lab.put("k", b"hello").await;
    let own = "\"5d41402abc4b2a76b9719d911017c592\"";
    let delete = async |etag: &str| {
        let headers = [("if-match", etag)];
        let answer = lab.ask(Method::DELETE, "/bucket/k", &headers, vec![]);
        answer.await.0.as_u16()
    };
    assert_eq!(delete("\"0\"").await, 412);
    assert_eq!(lab.get("k").await.0, 200);
    assert_eq!(delete(own).await, 204);
    assert_eq!(lab.get("k").await.0, 404);
    assert_eq!(
        delete(own).await,
        204,
        "what is not there needs no deleting"
    );
}

/// User guide, "Verifying bucket ownership with bucket owner condition".
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_another_owner_than_expected_serves_nothing() {
    let lab = Lab::on(&Place::Memory, 0);
    lab.put("k", b"hello").await;
    let bucket = "x-amz-expected-bucket-owner";
    let source = "x-amz-source-expected-bucket-owner";
    for (owner, status) in [("123456789012", 200), ("444455556666", 403)] {
        let headers = [(bucket, owner)];
        for method in [Method::GET, Method::PUT] {
            let answer = lab.ask(method, "/bucket/k", &headers, vec![]);
            assert_eq!(answer.await.0.as_u16(), status, "{owner}");
        }
        let headers = [("x-amz-copy-source", "/bucket/k"), (source, owner)];
        let answer = lab.ask(Method::PUT, "/bucket/copy", &headers, vec![]);
        assert_eq!(answer.await.0.as_u16(), status, "{owner}");
    }
}

/// What is not built is refused, not pretended; what is true already may be said.
#[tokio::test(flavor = "multi_thread")]
async fn wishes_are_fulfilled_or_refused() {
    let lab = Lab::on(&Place::Memory, 0);
    for (name, value, code) in [
        ("x-amz-acl", "private", ""),
        ("x-amz-acl", "bucket-owner-full-control", ""),
        ("x-amz-acl", "public-read", "AccessControlListNotSupported"),
        ("x-amz-grant-read", "id=1", "AccessControlListNotSupported"),
        ("x-amz-server-side-encryption", "AES256", ""),
        ("x-amz-server-side-encryption", "aws:kms", "NotImplemented"),
        ("x-amz-storage-class", "STANDARD", ""),
        ("x-amz-storage-class", "GLACIER", "NotImplemented"),
        ("x-amz-storage-class", "COPPER", "InvalidStorageClass"),
        ("x-amz-tagging", "a=b", "NotImplemented"),
        ("x-amz-write-offset-bytes", "5", "NotImplemented"),
    ] {
        let (status, body) = lab
            .ask(Method::PUT, "/bucket/k", &[(name, value)], b"x".to_vec())
            .await;
        let body = String::from_utf8(body).unwrap();
        match code {
            "" => assert_eq!(status, 200, "{name}: {value}: {body}"),
            code => assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}"),
        }
    }
    // Nor does what is said to a part of S3 that is not here become an object.
    for query in [
        "renameObject",
        "renameObject=&x-id=RenameObject",
        "encryption",
    ] {
        let path = format!("/bucket/k?{query}");
        let (status, _) = lab.ask(Method::PUT, &path, &[], b"other".to_vec()).await;
        assert_eq!(status, 501, "{query}");
    }
    assert_eq!(lab.get("k").await.1, b"x");
}

/// API reference, GetObjectAttributes, GetObjectTagging, GetObjectAcl; and `Expires`, which is kept.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_tells_of_itself() {
    let lab = Lab::on(&Place::Memory, 0);
    let expires = "Wed, 21 Oct 2026 07:28:00 GMT";
    let headers = [("x-amz-checksum-crc32", "NhCmhg=="), ("expires", expires)];
    let put = lab.ask(Method::PUT, "/bucket/k", &headers, b"hello".to_vec());
    assert_eq!(put.await.0, 200);
    let ask = async |query: &str, headers: &[(&str, &str)]| {
        let path = format!("/bucket/k?{query}");
        let (status, body) = lab.ask(Method::GET, &path, headers, vec![]).await;
        assert_eq!(status, 200, "{query}");
        String::from_utf8(body).unwrap()
    };
    let asked = [("x-amz-object-attributes", "ETag,Checksum,ObjectSize")];
    let told = ask("attributes", &asked).await;
    for part in [
        "<ETag>\"5d41402abc4b2a76b9719d911017c592\"</ETag>",
        "<ChecksumCRC32>NhCmhg==</ChecksumCRC32>",
        "<ObjectSize>5</ObjectSize>",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("StorageClass"), "{told}");
    assert!(ask("tagging", &[]).await.contains("<TagSet"));
    assert!(ask("acl", &[]).await.contains("FULL_CONTROL"));
    let gone = lab.ask(Method::GET, "/bucket/none?tagging", &[], vec![]);
    assert_eq!(gone.await.0, 404);
    let request = Request::get("/bucket/k").header("host", "localhost");
    let answer = lab.s3.call(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.unwrap().headers()["expires"], expires);
}

/// A checksum that does not fit refuses the put, and what was there stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_checksum_changes_nothing() {
    let lab = Lab::on(&Place::Memory, 0);
    lab.put("k", b"before").await;
    for header in [
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha256",
    ] {
        let (status, body) = lab
            .ask(
                Method::PUT,
                "/bucket/k",
                &[(header, "AAAAAA==")],
                b"after".to_vec(),
            )
            .await;
        assert_eq!(status, 400);
        assert!(
            String::from_utf8(body)
                .unwrap()
                .contains("<Code>BadDigest</Code>")
        );
    }
    assert_eq!(lab.get("k").await.1, b"before");
    // "hello" has this CRC-32.
    let (status, _) = lab
        .ask(
            Method::PUT,
            "/bucket/k",
            &[("x-amz-checksum-crc32", "NhCmhg==")],
            b"hello".to_vec(),
        )
        .await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_cut_from_the_object() {
    let lab = Lab::on(&Place::Memory, 0);
    lab.put("k", b"0123456789").await;
    for (range, status, body) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=-3", 206, "789"),
        ("bytes=8-100", 206, "89"),
        ("bytes=10-", 416, ""),
    ] {
        let answer = lab
            .ask(Method::GET, "/bucket/k", &[("range", range)], Vec::new())
            .await;
        assert_eq!(answer.0.as_u16(), status, "{range}");
        if status == 206 {
            assert_eq!(answer.1, body.as_bytes(), "{range}");
        }
    }
}

/// A disk with less than the reserve refuses writes; reading and deleting go on, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Directory(dir.path().to_owned());
    Lab::on(&place, 0).put("kept", b"kept").await;
    let full = Arc::new(Store::open_with_reserve(&place, u64::MAX / 2).unwrap());
    let lab = Lab::over(full);
    let (status, body) = lab.put("new", b"new").await;
    assert_eq!(status.as_u16(), 507);
    assert!(body.contains("<Code>InsufficientStorage</Code>"), "{body}");
    assert_eq!(lab.get("kept").await.1, b"kept");
    let deleted = lab
        .ask(Method::DELETE, "/bucket/kept", &[], Vec::new())
        .await;
    assert_eq!(deleted.0, 204);
    assert_eq!(lab.get("kept").await.0, 404);
}

/// What a crash left half-written is gone after the next start; what was acknowledged is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_sweeps_what_nothing_names() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Directory(dir.path().to_owned());
    Lab::on(&place, 0).put("kept", b"kept").await;
    std::fs::write(dir.path().join("blobs").join("0".repeat(32)), b"half").unwrap();
    let store = Arc::new(Store::open(&place).unwrap());
    let lab = Lab::over(store);
    assert_eq!(lab.get("kept").await.1, b"kept");
    assert_eq!(files(&dir.path().join("blobs")).len(), 1);
}
