//! Requests that botocore signed are believed; with any signed part changed they are not.

use chrono::TimeZone;
use serde_json::Value;

use super::*;

/// 2025-01-02T03:04:05Z, when all vectors were signed.
fn signed_at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 1, 2, 3, 4, 5).unwrap()
}

/// A request that owns its parts, so that tests can change them.
#[derive(Clone, Debug, PartialEq)]
struct Owned {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Owned {
    fn verify_at(
        &self,
        now: DateTime<Utc>,
        credential: Option<Credential<'_>>,
    ) -> Result<Identity, Refusal> {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let Self {
            method,
            path,
            query,
            body,
            ..
        } = self;
        let received = Received {
            method,
            path,
            query,
            headers: &headers,
            body: body.as_bytes(),
        };
        Claim::read(&received)?.verify(&received, now, |key| credential.filter(|_| key == "test"))
    }

    fn verify(&self) -> Result<Identity, Refusal> {
        self.verify_at(signed_at(), Some(self.credential()))
    }

    /// The key of the vectors, with the token of those that carry one.
    fn credential(&self) -> Credential<'_> {
        let header = self
            .headers
            .iter()
            .find(|(name, _)| name == "x-amz-security-token");
        let presigned = self
            .query
            .contains("X-Amz-Security-Token")
            .then_some("a+b/c=");
        let session_token = header.map(|(_, value)| value.as_str()).or(presigned);
        Credential {
            secret_key: "test",
            account: "123456789012",
            session_token,
        }
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self
            .headers
            .iter_mut()
            .find(|(key, _)| key == name)
            .unwrap()
            .1
    }

    fn signed_headers(&self) -> Vec<String> {
        let text = self
            .headers
            .iter()
            .find(|(name, _)| name == "authorization")
            .map(|(_, value)| value);
        let text = text.unwrap_or(&self.query).replace("%3B", ";");
        let list = text
            .split("SignedHeaders=")
            .nth(1)
            .unwrap()
            .split([',', '&'])
            .next()
            .unwrap();
        list.split(';').map(str::to_owned).collect()
    }
}

fn vectors() -> Vec<Owned> {
    let lines = include_str!("../../tests/golden/signed.jsonl").lines();
    let vectors: Vec<_> = lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let headers = line["headers"].as_object().unwrap();
            Owned {
                method: text(&line["method"]),
                path: text(&line["path"]),
                query: text(&line["query"]),
                headers: headers
                    .iter()
                    .map(|(name, value)| (name.clone(), text(value)))
                    .collect(),
                body: text(&line["body"]),
            }
        })
        .collect();
    assert!(vectors.len() >= 9);
    vectors
}

/// A signed EC2 call.
fn call() -> Owned {
    vectors().remove(0)
}

#[test]
fn botocores_signatures_are_believed() {
    for vector in vectors() {
        let identity = vector
            .verify()
            .unwrap_or_else(|refusal| panic!("{refusal:?}: {vector:?}"));
        assert_eq!(
            (identity.access_key.as_str(), identity.account.as_str()),
            ("test", "123456789012")
        );
    }
    let scopes: Vec<_> = vectors()[..4]
        .iter()
        .map(|vector| vector.verify().unwrap())
        .collect();
    let scopes: Vec<_> = scopes
        .iter()
        .map(|id| (id.service.as_str(), id.region.as_str()))
        .collect();
    assert_eq!(
        scopes,
        [
            ("ec2", "us-east-1"),
            ("ec2", "eu-central-1"),
            ("sts", "us-east-1"),
            ("logs", "us-west-2")
        ]
    );
}

#[test]
fn our_own_signature_is_believed() {
    let headers = [
        ("host".to_owned(), "h".to_owned()),
        ("content-type".to_owned(), "t".to_owned()),
    ];
    let request = SigningRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: b"Action=A",
        region: "us-east-1",
        service: "ec2",
        access_key: "test",
        secret_key: "test",
        now: signed_at(),
    };
    let headers = headers.clone().into_iter().chain(sign(&request)).collect();
    let owned = Owned {
        method: "POST".into(),
        path: "/".into(),
        query: String::new(),
        headers,
        body: "Action=A".into(),
    };
    owned.verify().unwrap();
}

/// Each change of one part.
fn changes(vector: &Owned) -> Vec<Owned> {
    let mut changed = Vec::new();
    let mut change = |edit: &dyn Fn(&mut Owned)| {
        let mut copy = vector.clone();
        edit(&mut copy);
        assert_ne!(&copy, vector);
        changed.push(copy);
    };
    change(&|v| v.method.push('X'));
    change(&|v| v.method = v.method.to_lowercase());
    change(&|v| v.path.push_str("/x"));
    change(&|v| v.body.push('x'));
    change(&|v| v.query.push_str("&x=1"));
    change(&|v| v.headers.push(("X-Amz-New".into(), "1".into())));
    change(&|v| v.headers.retain(|(name, _)| name != "host"));
    change(&|v| v.headers.push(("Host".into(), "evil".into())));
    if !vector.body.is_empty() {
        change(&|v| v.body.clear());
        change(&|v| v.body.replace_range(0..1, "\u{1}"));
    }
    for name in vector.signed_headers() {
        change(&|v| v.header(&name).push('x'));
        change(&|v| v.headers.retain(|(key, _)| *key != name));
        change(&|v| v.headers.push((name.to_uppercase(), "again".into())));
    }
    // Every character of the signature and of what surrounds it.
    if vector
        .headers
        .iter()
        .any(|(name, _)| name == "authorization")
    {
        let len = vector
            .headers
            .iter()
            .find(|(name, _)| name == "authorization")
            .unwrap()
            .1
            .len();
        for at in 0..len {
            change(&|v| {
                let text = v.header("authorization");
                let other = if &text[at..=at] == "0" { "1" } else { "0" };
                text.replace_range(at..=at, other);
            });
        }
    }
    for at in 0..vector.query.len() {
        change(&|v| {
            let other = if &v.query[at..=at] == "0" { "1" } else { "0" };
            v.query.replace_range(at..=at, other);
        });
    }
    changed
}

#[test]
fn any_change_of_a_signed_part_is_refused() {
    for vector in vectors() {
        for changed in changes(&vector) {
            let outcome = changed.verify();
            assert!(outcome.is_err(), "{changed:?}");
        }
    }
}

#[test]
fn an_escaped_plus_is_not_a_plus() {
    let mut vector = vectors()
        .into_iter()
        .find(|vector| vector.query.contains("%2Bc"))
        .unwrap();
    vector.verify().unwrap();
    vector.query = vector.query.replace("%2Bc", "+c");
    assert_eq!(vector.verify(), Err(Refusal::Mismatch));
    vector.query = vector.query.replace("+c", "%2bc");
    vector.verify().unwrap();
}

#[test]
fn a_signature_holds_for_fifteen_minutes_either_way() {
    let at = |seconds| {
        call().verify_at(
            signed_at() + TimeDelta::seconds(seconds),
            Some(call().credential()),
        )
    };
    for within in [-900, -1, 0, 900] {
        at(within).unwrap();
    }
    for beyond in [-901, 901, 86_400 * 365, -86_400 * 365] {
        assert_eq!(at(beyond), Err(Refusal::Expired), "{beyond}");
    }
}

#[test]
fn a_presigned_request_holds_as_long_as_it_says() {
    let vector = vectors()
        .into_iter()
        .find(|vector| vector.query.contains("X-Amz-Expires=60&"))
        .unwrap();
    let at = |seconds| {
        vector.verify_at(
            signed_at() + TimeDelta::seconds(seconds),
            Some(vector.credential()),
        )
    };
    at(60).unwrap();
    assert_eq!(at(61), Err(Refusal::Expired));
    for bad in ["0", "604801", "-1", "x", ""] {
        let mut copy = vector.clone();
        copy.query = copy.query.replace("Expires=60", &format!("Expires={bad}"));
        assert!(
            matches!(copy.verify(), Err(Refusal::Unreadable(_))),
            "{bad}"
        );
    }
}

#[test]
fn unknown_keys_wrong_secrets_and_missing_signatures_are_told_apart() {
    assert_eq!(
        call().verify_at(signed_at(), None),
        Err(Refusal::UnknownKey)
    );
    let wrong = Credential {
        secret_key: "tesu",
        account: "1",
        session_token: None,
    };
    assert_eq!(
        call().verify_at(signed_at(), Some(wrong)),
        Err(Refusal::Mismatch)
    );
    let mut bare = call();
    bare.headers.retain(|(name, _)| name != "authorization");
    assert_eq!(bare.verify(), Err(Refusal::Missing));
    for (refusal, service, code, status) in [
        (Refusal::Missing, "", "MissingAuthenticationToken", 403),
        (Refusal::UnknownKey, "ec2", "AuthFailure", 401),
        (Refusal::UnknownKey, "sts", "InvalidClientTokenId", 403),
        (
            Refusal::UnknownKey,
            "logs",
            "UnrecognizedClientException",
            400,
        ),
        (Refusal::Mismatch, "ec2", "SignatureDoesNotMatch", 403),
        (Refusal::Mismatch, "logs", "InvalidSignatureException", 400),
        (Refusal::Expired, "ec2", "RequestExpired", 400),
        (Refusal::KeyExpired, "ec2", "RequestExpired", 400),
        (Refusal::KeyExpired, "iam", "ExpiredToken", 403),
        (
            Refusal::KeyExpired,
            "dynamodb",
            "ExpiredTokenException",
            400,
        ),
        (Refusal::Unreadable("x"), "ec2", "IncompleteSignature", 400),
    ] {
        let error = refusal.error(service);
        assert_eq!((error.code(), error.status()), (code, status));
    }
}

#[test]
fn a_temporary_key_needs_its_token() {
    let vector = &vectors()[1];
    let with = |session_token| {
        let credential = Credential {
            session_token,
            ..vector.credential()
        };
        vector.verify_at(signed_at(), Some(credential))
    };
    with(Some("a+session/token==")).unwrap();
    assert_eq!(with(Some("another")), Err(Refusal::UnknownKey));
    assert_eq!(with(None), Err(Refusal::UnknownKey));
    let plain = call();
    let wanting = Credential {
        session_token: Some("t"),
        ..plain.credential()
    };
    assert_eq!(
        plain.verify_at(signed_at(), Some(wanting)),
        Err(Refusal::UnknownKey)
    );
}

#[test]
fn what_can_be_read_two_ways_is_refused() {
    let refused = |edit: &dyn Fn(&mut Owned)| {
        let mut vector = call();
        edit(&mut vector);
        assert!(
            matches!(vector.verify(), Err(Refusal::Unreadable(_))),
            "{vector:?}"
        );
    };
    refused(&|v| {
        v.headers
            .push(("Authorization".into(), "AWS4-HMAC-SHA256 x".into()))
    });
    refused(&|v| {
        v.headers
            .push(("X-Amz-Date".into(), "20250102T030405Z".into()))
    });
    refused(&|v| v.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256".into());
    refused(&|v| *v.header("authorization") = "Basic dGVzdDp0ZXN0".into());
    refused(&|v| *v.header("authorization") = "AWS4-HMAC-SHA256".into());
    refused(&|v| *v.header("x-amz-date") = "20250102".into());
    refused(&|v| v.header("authorization").push_str(", Signature=0"));
    refused(&|v| {
        *v.header("authorization") = v
            .header("authorization")
            .replace("content-type;host", "host;content-type")
    });
    refused(&|v| *v.header("authorization") = v.header("authorization").replace("host;", ""));
    refused(&|v| *v.header("authorization") = v.header("authorization").replace(";x-amz-date", ""));
    refused(&|v| {
        *v.header("authorization") = v.header("authorization").replace("20250102/", "20250103/")
    });
}

#[test]
fn a_declared_payload_hash_must_be_the_bodys() {
    let mut vector = call();
    vector
        .headers
        .push(("x-amz-content-sha256".into(), "UNSIGNED-PAYLOAD".into()));
    *vector.header("authorization") = vector
        .header("authorization")
        .replace("host;x-amz-date", "host;x-amz-content-sha256;x-amz-date");
    assert_eq!(vector.verify(), Err(Refusal::Mismatch));
}

mod arbitrary {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_never_panic(authorization in ".*", date in "[0-9TZ]{0,20}", query in ".*", name in ".*", value in any::<Vec<u8>>()) {
            let headers = [
                ("authorization", authorization.as_bytes()),
                ("x-amz-date", date.as_bytes()),
                ("host", b"h"),
                (name.as_str(), value.as_slice()),
            ];
            for headers in [&headers[..], &headers[1..]] {
                let received = Received { method: "GET", path: "/", query: &query, headers, body: &value };
                if let Ok(claim) = Claim::read(&received) {
                    prop_assert!(claim.verify(&received, signed_at(), |_| None).is_err());
                }
            }
        }
    }
}
