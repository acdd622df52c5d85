//! Requests that no honest client sends, over a bare socket to a real daemon: each is refused in its dialect or means what
//! it says, nothing is answered with 5xx, and the daemon goes on serving.
//!
//! | Item | Test |
//! |---|---|
//! | NUL, invalid UTF-8, `+` vs `%20`, double encoding | `forms_mean_one_thing` |
//! | duplicate parameters, Action twice (query and body), Version absent and odd | `forms_mean_one_thing` |
//! | signed by header and by query | `a_signature_in_two_places_is_none` |
//! | Host missing, absolute URI, HTTP/1.0 | `requests_of_odd_form` |
//! | Content-Length twice, with chunked | `a_body_has_one_length` |
//! | 8 KiB header × 1,000 | `headers_have_a_bound` |
//! | MaxResults −1, 0, 10⁹; forged or another account's NextToken | `pages_are_of_a_size_and_ones_own` |
//! | DryRun on everything | `a_dry_run_of_anything_changes_nothing` |
//! | ids of other accounts | `control`: `anothers_resource_is_not_found` |
//! | `0.0.0.0/33`, `10.0.0.1/8`, `::/0` for IPv4, unicode digits | `blocks_that_are_none` |
//! | JSON: 1e999, 10⁵ deep, BOM | `json_that_is_none` |
//! | XML bodies, S3 keys | `services`: `bad_bodies`, `hostile_keys_stay_in_their_bucket`, `keys_and_buckets_are_not_paths` |
//! | duplicate keys in a policy, 1e999 and the like there | `iam`: `it_refuses_what_two_readers_may_differ_about` |

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use openvpc_ec2::generated::EC2;
use openvpc_ec2::sigv4::{SigningRequest, sign};
use openvpc_ec2::table::Action;

use crate::support::{Daemon, Options, Privilege};

/// What came back.
struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    /// The code of a refusal, in XML or JSON.
    fn code(&self) -> &str {
        let between = |start: &str, end: &str| {
            let rest = self.text.split_once(start)?.1;
            Some(rest.split_once(end)?.0)
        };
        between("<Code>", "</Code>")
            .or_else(|| between("\"__type\":\"", "\""))
            .unwrap_or_default()
    }

    fn tag(&self, name: &str) -> String {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let rest = self.text.split_once(&start).map(|(_, rest)| rest);
        let value = rest.and_then(|rest| rest.split_once(&end));
        value
            .unwrap_or_else(|| panic!("no {name}: {}", self.text))
            .0
            .to_owned()
    }

    fn revision(&self) -> String {
        let header = self.text.split_once("x-openvpc-revision: ");
        let value = header.and_then(|(_, rest)| rest.split_once("\r\n"));
        value.expect("a revision").0.to_owned()
    }
}

struct Client {
    daemon: Daemon,
    key: String,
}

impl Client {
    fn new() -> Client {
        Client {
            daemon: Daemon::start_with(Options {
                privilege: Privilege::Own,
                arguments: vec!["--credential=other:secret:210987654321".to_owned()],
                ..Options::default()
            }),
            key: "test".to_owned(),
        }
    }

    fn host(&self) -> &str {
        self.daemon.endpoint().strip_prefix("http://").unwrap()
    }

    /// Sends bytes and reads until the other side has said all it has to say.
    fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        // It may hang up before everything is sent.
        let _ = stream.write_all(bytes);
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        let text = String::from_utf8_lossy(&text).into_owned();
        let status = text.get(9..12).and_then(|code| code.parse().ok());
        Answer {
            status: status.unwrap_or(0),
            text,
        }
    }

    /// The headers of a signed request.
    fn signed(&self, service: &str, more: &[(&str, &str)], body: &[u8]) -> String {
        let secret = if self.key == "test" { "test" } else { "secret" };
        let mut headers = vec![("host".to_owned(), self.host().to_owned())];
        headers.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let signature = sign(&SigningRequest {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body,
            region: "us-east-1",
            service,
            access_key: &self.key,
            secret_key: secret,
            now: chrono::Utc::now(),
        });
        headers.extend(signature);
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect()
    }

    fn post(&self, service: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let headers = self.signed(service, more, body);
        let head = format!(
            "POST / HTTP/1.1\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat())
    }

    fn ec2(&self, form: &[u8]) -> Answer {
        let answer = self.post("ec2", &[], form);
        assert!((200..500).contains(&answer.status), "{}", answer.text);
        answer
    }

    /// `Action=…` with the version added.
    fn call(&self, form: &str) -> Answer {
        self.ec2(format!("{form}&Version=2016-11-15").as_bytes())
    }

    fn logs(&self, operation: &str, body: &[u8]) -> Answer {
        let target = format!("Logs_20140328.{operation}");
        let answer = self.post("logs", &[("x-amz-target", &target)], body);
        assert!((200..500).contains(&answer.status), "{}", answer.text);
        answer
    }

    /// After all that, an honest call is served.
    fn serves(&self) {
        assert_eq!(self.call("Action=DescribeVpcs").status, 200);
    }
}

#[test]
fn forms_mean_one_thing() {
    let client = Client::new();
    let code = |form: &[u8]| client.ec2(form).code().to_owned();
    let version = b"&Version=2016-11-15";
    let with = |form: &[u8]| code(&[form, version].concat());
    for (form, expected) in [
        (
            &b"Action=DescribeVpcs&VpcId.1=%ff"[..],
            "MalformedQueryString",
        ),
        (
            b"Action=DescribeVpcs&VpcId.1=\xc3\x28",
            "MalformedQueryString",
        ),
        (b"Action=DescribeVpcs&VpcId.1=%zz", "MalformedQueryString"),
        (b"Action=DescribeVpcs&VpcId.1=%00", "InvalidParameterValue"),
        (
            b"Action=DescribeVpcs&VpcId.1=%E2%80%8B",
            "InvalidVpcID.Malformed",
        ),
        (
            b"Action=DescribeVpcs&VpcId.1=a&VpcId.1=a",
            "MalformedQueryString",
        ),
        (
            b"Action=DescribeVpcs&Action=DescribeVpcs",
            "MalformedQueryString",
        ),
        (
            b"Action=DescribeVpcs&Version=2016-11-15",
            "MalformedQueryString",
        ),
        (b"Action=%00", "InvalidAction"),
        (b"Action=", "InvalidAction"),
        (b"", "MissingAction"),
    ] {
        let shown = String::from_utf8_lossy(form);
        assert_eq!(with(form), expected, "{shown}");
    }
    for (form, expected) in [
        ("Action=DescribeVpcs", "MissingParameter"),
        ("Action=DescribeVpcs&Version=", "NoSuchVersion"),
        ("Action=DescribeVpcs&Version=2016-11-15+", "NoSuchVersion"),
        ("Action=DescribeVpcs&Version=1999-01-01", "NoSuchVersion"),
    ] {
        assert_eq!(code(form.as_bytes()), expected, "{form}");
    }
    // In the query and in the body: the signature covers the empty query only, and both are looked at.
    let body = b"Action=DescribeVpcs&Version=2016-11-15";
    let headers = client.signed("ec2", &[], body);
    let head = format!(
        "POST /?Action=DeleteVpc HTTP/1.1\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let answer = client.raw(&[head.as_bytes(), body].concat());
    assert_eq!(
        (answer.status, answer.code()),
        (403, "SignatureDoesNotMatch")
    );
    // A tag's value, as it is read back.
    let vpc = client
        .call("Action=CreateVpc&CidrBlock=10.0.0.0/16")
        .tag("vpcId");
    for (sent, read) in [
        ("a+b", "a b"),
        ("a%20b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%2520b", "a%20b"),
        ("%3Cb%3E%26%22", "&lt;b&gt;&amp;&quot;"),
        ("%C3%BC", "ü"),
    ] {
        let form = format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=k&Tag.1.Value={sent}");
        assert_eq!(client.call(&form).status, 200, "{sent}");
        let form = format!("Action=DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1={vpc}");
        let value = client.call(&form).tag("value");
        assert_eq!(value.replace('"', "&quot;"), read, "{sent}");
    }
    // What XML cannot say is not stored, or not said.
    for byte in ["%00", "%01", "%0B", "%EF%BF%BE"] {
        let form = format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=k&Tag.1.Value=a{byte}b");
        client.call(&form);
        let answer = client.call("Action=DescribeVpcs");
        let xml = answer.text.split_once("\r\n\r\n").unwrap().1;
        let allowed = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
        assert!(
            xml.chars().all(|c| allowed(c) && c != '\u{fffe}'),
            "{byte}: {xml}"
        );
    }
    client.serves();
}

#[test]
fn a_signature_in_two_places_is_none() {
    let client = Client::new();
    let body = b"Action=DescribeVpcs&Version=2016-11-15";
    let headers = client.signed("ec2", &[], body);
    let send = |query: &str, more: &str| {
        let head = format!(
            "POST /{query} HTTP/1.1\r\n{headers}{more}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        client.raw(&[head.as_bytes(), body].concat())
    };
    assert_eq!(send("", "").status, 200);
    let both = send("?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0", "");
    assert_eq!((both.status, both.code()), (400, "IncompleteSignature"));
    let twice = send("", "Authorization: AWS4-HMAC-SHA256 Credential=a\r\n");
    assert_eq!((twice.status, twice.code()), (400, "IncompleteSignature"));
    let dated = send("", "X-Amz-Date: 20200101T000000Z\r\n");
    assert_eq!((dated.status, dated.code()), (400, "IncompleteSignature"));
    client.serves();
}

#[test]
fn requests_of_odd_form() {
    let client = Client::new();
    let body = b"Action=DescribeVpcs&Version=2016-11-15";
    let headers = client.signed("ec2", &[], body);
    let send = |line: &str, headers: &str| {
        let head = format!(
            "{line}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        client.raw(&[head.as_bytes(), body].concat())
    };
    // RFC 9112 §3.2.2: a server takes the absolute form.
    let absolute = format!("POST {}/ HTTP/1.1", client.daemon.endpoint());
    assert_eq!(send(&absolute, &headers).status, 200);
    assert_eq!(send("POST / HTTP/1.0", &headers).status, 200);
    let hostless: String = headers
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("host:"))
        .collect();
    for version in ["1.0", "1.1"] {
        let answer = send(&format!("POST / HTTP/{version}"), &hostless);
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    let two_hosts = format!("{headers}host: elsewhere\r\n");
    assert_eq!(send("POST / HTTP/1.1", &two_hosts).status, 400);
    for line in [
        "POST /",
        "POST  / HTTP/1.1",
        "POST / HTTP/9.9",
        "\0 / HTTP/1.1",
        "POST /\u{fc} HTTP/1.1",
    ] {
        let answer = send(line, &headers);
        assert!(
            matches!(answer.status, 0 | 400 | 403),
            "{line:?}: {}",
            answer.text
        );
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"] {
        let answer = send(&format!("{method} / HTTP/1.1"), &headers);
        assert!(
            (400..500).contains(&answer.status),
            "{method}: {}",
            answer.text
        );
    }
    client.serves();
}

/// Two readers must not disagree about where a request ends (RFC 9112 §6.3): nothing behind it is answered.
#[test]
fn a_body_has_one_length() {
    let client = Client::new();
    let body = b"Action=DescribeVpcs&Version=2016-11-15";
    let headers = client.signed("ec2", &[], body);
    let smuggled = "GET /_openvpc/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for lengths in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: +5\r\n",
        "content-length: 5, 6\r\n",
        "content-length: -1\r\n",
        "content-length: 99999999999999999999\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: xchunked\r\n",
    ] {
        let head = format!("POST / HTTP/1.1\r\n{headers}{lengths}\r\n");
        let answer = client.raw(&[head.as_bytes(), b"0\r\n\r\n", smuggled.as_bytes()].concat());
        // With both, the chunks count, and the connection ends with the answer.
        assert!(
            matches!(answer.status, 0 | 400 | 403),
            "{lengths:?}: {}",
            answer.text
        );
        let answers = answer.text.matches("HTTP/1.1 ").count();
        assert!(
            answers <= 1 && !answer.text.contains("ok\n"),
            "{lengths:?}: {}",
            answer.text
        );
    }
    let chunked = |chunks: &str| {
        let head = format!(
            "POST / HTTP/1.1\r\n{headers}transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        );
        client.raw(format!("{head}{chunks}").as_bytes())
    };
    let whole = format!(
        "{:x}\r\n{}\r\n0\r\n\r\n",
        body.len(),
        String::from_utf8_lossy(body)
    );
    assert_eq!(chunked(&whole).status, 200);
    for broken in [
        "zz\r\n",
        "-1\r\n",
        "fffffffffffffffff\r\nx",
        "5\r\nabcdefgh\r\n0\r\n\r\n",
    ] {
        let answer = chunked(broken);
        assert!(
            matches!(answer.status, 0 | 400),
            "{broken:?}: {}",
            answer.text
        );
    }
    client.serves();
}

#[test]
fn headers_have_a_bound() {
    let client = Client::new();
    let header = format!("x-filler: {}\r\n", "a".repeat(8 * 1_024));
    let request = format!("POST / HTTP/1.1\r\nhost: x\r\n{}\r\n", header.repeat(1_000));
    let answer = client.raw(request.as_bytes());
    assert!(matches!(answer.status, 0 | 400 | 431), "{}", answer.text);
    let many: String = (0..1_000).map(|n| format!("x-{n}: a\r\n")).collect();
    let answer = client.raw(format!("POST / HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes());
    assert!(matches!(answer.status, 0 | 400 | 431), "{}", answer.text);
    let long = format!("POST /?{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000));
    let answer = client.raw(long.as_bytes());
    assert!(
        matches!(answer.status, 0 | 400 | 414 | 431),
        "{}",
        answer.text
    );
    client.serves();
}

#[test]
fn pages_are_of_a_size_and_ones_own() {
    let mut client = Client::new();
    for size in ["-1", "0", "4", "1001", "1000000000"] {
        let answer = client.call(&format!("Action=DescribeVpcs&MaxResults={size}"));
        assert_eq!(
            (answer.status, answer.code()),
            (400, "InvalidParameterValue"),
            "{size}"
        );
    }
    for size in ["9223372036854775808", "1e3", "٥", "5 ", "0x5", ""] {
        let answer = client.call(&format!("Action=DescribeSubnets&MaxResults={size}"));
        assert!(
            answer.status == 400 || size.is_empty(),
            "{size}: {}",
            answer.text
        );
    }
    let answer = client.call("Action=DescribeSubnets&MaxResults=5");
    let token = answer.tag("nextToken");
    let with = |client: &Client, list: &str, token: &str| {
        client
            .call(&format!(
                "Action=Describe{list}&MaxResults=5&NextToken={token}"
            ))
            .code()
            .to_owned()
    };
    assert_eq!(with(&client, "Subnets", &token), "");
    for forged in ["x", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAA", "eyJhIjoxfQ%3D%3D"] {
        assert_eq!(
            with(&client, "Subnets", forged),
            "InvalidNextToken",
            "{forged}"
        );
    }
    let flipped = format!(
        "{}{}",
        if token.starts_with('A') { 'B' } else { 'A' },
        &token[1..]
    );
    assert_eq!(with(&client, "Subnets", &flipped), "InvalidNextToken");
    assert_eq!(with(&client, "Vpcs", &token), "InvalidNextToken");
    client.key = "other".to_owned();
    assert_eq!(with(&client, "Subnets", &token), "InvalidNextToken");
    client.serves();
}

/// Every action there is, without and with a parameter of each: a refusal, and the same world as before.
#[test]
fn a_dry_run_of_anything_changes_nothing() {
    let client = Client::new();
    let before = client.call("Action=DescribeVpcs").revision();
    let has_dry_run = |action: &&Action| {
        let members = action.input.map_or(&[][..], |input| input.members);
        members.iter().any(|member| member.name == "DryRun")
    };
    for action in EC2.actions.iter().filter(has_dry_run) {
        let answer = client.call(&format!("Action={}&DryRun=true", action.name));
        assert_eq!(answer.status / 100, 4, "{}: {}", action.name, answer.text);
        assert!(
            !answer.code().is_empty(),
            "{}: {}",
            action.name,
            answer.text
        );
        assert_ne!(answer.code(), "InternalError", "{}", action.name);
    }
    for form in [
        "CreateVpc&CidrBlock=10.0.0.0/16",
        "CreateInternetGateway",
        "AllocateAddress&Domain=vpc",
        "RunInstances&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1&InstanceType=t3.micro",
    ] {
        let answer = client.call(&format!("Action={form}&DryRun=true"));
        assert!(
            answer.code() == "DryRunOperation" || answer.code().starts_with("InvalidAMIID"),
            "{form}: {}",
            answer.text
        );
    }
    let after = client.call("Action=DescribeVpcs").revision();
    assert_eq!(before, after);
}

#[test]
fn blocks_that_are_none() {
    let client = Client::new();
    let create = |block: &str| client.call(&format!("Action=CreateVpc&CidrBlock={block}"));
    for block in [
        "0.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0",
        "10.0.0/16",
        "010.0.0.0/16",
        "10.0.0.0/016",
        "10.0.0.0/+16",
        "10.0.0.0/16%20",
        "%2010.0.0.0/16",
        "::/0",
        "2001:db8::/56",
        "::ffff:10.0.0.0/112",
        "10.0.0.0/-1",
        "٠.0.0.0/16",
        "1０.0.0.0/16",
        "10.0.0.0/1６",
        "0x0a.0.0.0/16",
        "167772160/16",
        "10.0.0.0/16,10.1.0.0/16",
        "%00",
        "10.0.0.0/16%00",
    ] {
        let answer = create(block);
        assert_eq!(
            (answer.status, answer.code()),
            (400, "InvalidParameterValue"),
            "{block}"
        );
    }
    for block in [
        "0.0.0.0/0",
        "10.0.0.1/8",
        "10.0.0.0/29",
        "10.0.0.0/32",
        "0.0.0.0/32",
    ] {
        assert_eq!(create(block).code(), "InvalidVpc.Range", "{block}");
    }
    // VPC-2: host bits are dropped.
    assert_eq!(create("100.68.0.18/18").tag("cidrBlock"), "100.68.0.0/18");
    client.serves();
}

#[test]
fn json_that_is_none() {
    let client = Client::new();
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let deep_member = [&b"{\"logGroupName\":"[..], &deep, b"}"].concat();
    let bodies: [&[u8]; 11] = [
        b"",
        b"{",
        b"\xef\xbb\xbf{\"logGroupName\":\"g\"}",
        b"{\"limit\":1e999}",
        b"{\"limit\":NaN}",
        b"{\"logGroupName\":\"\xff\"}",
        b"{\"logGroupName\":\"\\ud800\"}",
        b"{\"logGroupName\":\"g\"} {}",
        b"{'logGroupName':'g'}",
        &deep,
        &deep_member,
    ];
    for body in bodies {
        let answer = client.logs("CreateLogGroup", body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(
            (answer.status, answer.code()),
            (400, "SerializationException"),
            "{shown}: {}",
            answer.text
        );
    }
    for body in [
        &b"[]"[..],
        b"1",
        b"\"x\"",
        b"{\"logGroupName\":1}",
        b"{\"logGroupName\":\"\\u0000\"}",
    ] {
        let answer = client.logs("CreateLogGroup", body);
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    assert!(
        !client
            .logs("DescribeLogGroups", b"{}")
            .text
            .contains("logGroupName")
    );
    client.serves();
}
