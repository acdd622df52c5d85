//! The console, as a browser shows it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Daemon, Options, Privilege, aws_cli, eventually, stdout_of};

struct Page {
    daemon: Daemon,
    address: String,
}

impl Page {
    fn open() -> Page {
        let arguments = ["--console", "127.0.0.1:0"].map(str::to_owned).to_vec();
        let daemon = Daemon::start_with(Options {
            privilege: Privilege::Rootless,
            arguments,
            ..Options::default()
        });
        let said = daemon.said.iter();
        let mut address = said.filter_map(|line| line.strip_prefix("console: http://"));
        let address = address.next().unwrap().trim_end_matches('/').to_owned();
        Page { daemon, address }
    }

    fn aws(&self, words: &str) -> String {
        let output = aws_cli(&self.daemon).args(words.split(' ')).output();
        stdout_of(&output.unwrap())
    }

    /// One request with these lines, as bytes on a socket: head and body of the answer.
    fn request(&self, line: &str, host: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_lowercase(), body.to_owned())
    }

    fn get(&self, path: &str) -> Value {
        let (head, body) = self.request(&format!("GET {path}"), &self.address);
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}\n{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The page's elements after its scripts have run for some seconds of its own time. None where there is no browser,
    /// which is for people's machines only.
    fn rendered(&self, place: &str) -> Option<String> {
        let Some(browser) = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|name| {
                Command::new(name)
                    .arg("--version")
                    .stdout(Stdio::null())
                    .status()
                    .is_ok()
            })
        else {
            assert!(
                std::env::var_os("CI").is_none(),
                "there is no browser to see the console with"
            );
            eprintln!("no chromium: the console is not looked at");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let output = Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args([
                "--window-size=1400,900",
                "--virtual-time-budget=8000",
                "--dump-dom",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("http://{}/{place}", self.address))
            .stderr(Stdio::null())
            .output();
        Some(String::from_utf8_lossy(&output.unwrap().stdout).into_owned())
    }
}

#[test]
fn the_console_reads_and_answers_nobody_elses_page() {
    let page = Page::open();
    let own = page.address.clone();
    let (head, body) = page.request("GET /", &own);
    assert!(
        head.starts_with("http/1.1 200") && body.contains("/console.js"),
        "{head}"
    );
    assert!(
        head.contains("content-security-policy: default-src 'none'; script-src 'self'"),
        "{head}"
    );
    assert!(!head.contains("access-control-allow"), "{head}");

    let (head, _) = page.request("GET /api/scope", "rebound.example");
    assert!(head.starts_with("http/1.1 421"), "{head}");
    for method in ["POST", "PUT", "DELETE"] {
        let (head, _) = page.request(&format!("{method} /api/scope"), &own);
        assert!(head.starts_with("http/1.1 405"), "{head}");
    }
    for path in [
        "/../Cargo.toml",
        "/api",
        "/index.html",
        "/api/describe",
        "/api/describe?region=us-east-1",
        "/api/describe?region=mars-1&account=123456789012",
        "/api/plot?last=soon",
        "/api/query",
        "/api/query?sql=DELETE+FROM+vpc_flow_logs",
        "/api/query?sql=SELECT+nothing+FROM+nowhere",
        "/api/query?sql=ATTACH+DATABASE+'/tmp/x'+AS+x",
    ] {
        let (head, _) = page.request(&format!("GET {path}"), &own);
        assert!(head.starts_with("http/1.1 40"), "{path}: {head}");
    }

    // Looking at an account that nobody has used yet does not make its default VPC.
    let unused = "/api/describe?region=us-east-1&account=123456789012";
    assert_eq!(page.get(unused)["Vpcs"], Value::Null);
    assert_eq!(page.get("/api/revision")["revision"], 0);
    let vpc = page.aws("ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text");
    let described = page.get(unused);
    let vpcs = described["Vpcs"].as_array().unwrap();
    assert!(vpcs.iter().any(|one| one["VpcId"] == *vpc), "{described}");
    assert!(
        described["Subnets"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
    assert_eq!(page.get("/api/scope")["regions"][0], "us-east-1");
    assert!(!described.to_string().contains("UserData"));
}

#[test]
fn a_browser_shows_the_map_the_resources_and_their_rules() {
    let page = Page::open();
    let name = |kind: &str, name: &str| {
        format!("--tag-specifications ResourceType={kind},Tags=[{{Key=Name,Value={name}}}]")
    };
    let vpc = page.aws(&format!(
        "ec2 create-vpc --cidr-block 10.0.0.0/16 {} --query Vpc.VpcId --output text",
        name("vpc", "shop")
    ));
    let subnet = page.aws(&format!(
        "ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24 {} --query Subnet.SubnetId --output text",
        name("subnet", "front"),
    ));
    // A name is text, whatever it says.
    let hostile = page.aws(&format!(
        "ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.2.0/24 {} --query Subnet.SubnetId --output text",
        name("subnet", "<img/src=x/onerror=alert(1)>"),
    ));
    let instance = page.aws(&format!(
        "ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --subnet-id {subnet} --private-ip-address 10.0.1.10 {} --query Instances[0].InstanceId --output text",
        name("instance", "web-1"),
    ));
    eventually("the instance runs", || {
        let state = page.aws(&format!("ec2 describe-instances --instance-ids {instance} --query Reservations[0].Instances[0].State.Name --output text"));
        (state == "running").then_some(())
    });
    let Some(map) = page.rendered("") else { return };
    for shown in [
        "shop",
        "10.0.0.0/16",
        "front",
        "private",
        "web-1",
        "10.0.1.10",
        "203.0.113.12",
    ] {
        assert!(map.contains(shown), "{shown} is not on the map:\n{map}");
    }
    assert!(!map.contains("<img"), "a name became markup");
    assert!(
        map.contains("&lt;img/src=x/onerror=alert(1)&gt;"),
        "{hostile} is not shown"
    );

    let selected = page.rendered(&format!("#map?selected={subnet}")).unwrap();
    for shown in [
        "Route table",
        "10.0.0.0/16",
        "local",
        "Network ACL",
        "allow",
        "the VPC's main table",
    ] {
        assert!(
            selected.contains(shown),
            "{shown} is not beside the map:\n{selected}"
        );
    }
    let table = page
        .rendered("#tables?kind=Instances&filter=state=run*")
        .unwrap();
    assert!(
        table.contains(&instance) && table.contains("running"),
        "{table}"
    );
    let none = page
        .rendered("#tables?kind=Instances&filter=state=stop*")
        .unwrap();
    assert!(
        !none.contains(&instance) && none.contains("nothing meets the filter"),
        "{none}"
    );
}

#[test]
fn a_browser_shows_what_was_recorded_and_answers_questions_about_it() {
    let page = Page::open();
    let subnet = page.aws("ec2 describe-subnets --query Subnets[0].SubnetId --output text");
    let instance = page.aws(&format!("ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --subnet-id {subnet} --query Instances[0].InstanceId --output text"));
    eventually("the instance runs", || {
        let state = page.aws(&format!("ec2 describe-instances --instance-ids {instance} --query Reservations[0].Instances[0].State.Name --output text"));
        (state == "running").then_some(())
    });
    let ping = ["exec", &instance, "--", "ping", "-c", "2", "203.0.113.12"];
    let output = page.daemon.openvpc(&ping).output().unwrap();
    assert!(output.status.success(), "{output:?}");

    let ask = "/api/query?sql=SELECT+dstaddr,+sum(packets)+AS+n+FROM+vpc_flow_logs+WHERE+dstaddr='203.0.113.12'+GROUP+BY+1";
    let both = serde_json::json!([["203.0.113.12", 2]]);
    let told = eventually("both pings are recorded", || {
        let told = page.get(ask);
        (told["rows"] == both).then_some(told)
    });
    assert_eq!(told["columns"], serde_json::json!(["dstaddr", "n"]));
    let plot = page.get("/api/plot?last=300");
    let bars = plot["bars"].as_array().unwrap();
    let accepted: u64 = bars.iter().filter_map(|bar| bar["accepted"].as_u64()).sum();
    assert!(accepted >= 4 * 84, "two requests and two replies: {plot}");
    let queries = page.get("/api/queries");
    assert!(queries.as_array().is_some_and(|all| all.len() >= 16));

    let sql = "SELECT+interface_id,+action+FROM+vpc_flow_logs+GROUP+BY+1,+2";
    let Some(history) = page.rendered(&format!("#history?sql={sql}")) else {
        return;
    };
    for shown in ["all that is kept", "eni-", "ACCEPT", "uplot"] {
        assert!(history.contains(shown), "{shown} is not shown:\n{history}");
    }
}

#[test]
fn regions_stand_side_by_side() {
    let page = Page::open();
    for (region, name) in [("us-east-1", "shop"), ("eu-west-1", "office")] {
        page.aws(&format!("--region {region} ec2 create-vpc --cidr-block 10.0.0.0/16 --tag-specifications ResourceType=vpc,Tags=[{{Key=Name,Value={name}}}]"));
    }
    let Some(map) = page.rendered("#map?region=*") else {
        return;
    };
    for shown in ["us-east-1", "shop", "eu-west-1", "office"] {
        assert!(map.contains(shown), "{shown} is not shown:\n{map}");
    }
    assert!(!map.contains("region sa-east-1"), "nothing is there");
}

/// A hundred ways to say "run this" in a name.
fn payloads() -> Vec<String> {
    let code = "document.documentElement.dataset.owned=1";
    let events = [
        "onerror",
        "onload",
        "onclick",
        "onfocus",
        "onmouseover",
        "ontoggle",
        "onstart",
        "onpageshow",
        "onanimationstart",
        "onbegin",
    ];
    let wrap = |event: &str| {
        [
            format!("<img src=x {event}={code}>"),
            format!("<svg {event}={code}>"),
            format!("\"><body {event}={code}>"),
            format!("'><details open {event}={code}>"),
            format!("</td><iframe srcdoc='<p {event}={code}>'>"),
            format!("<input autofocus {event}={code}>"),
            format!("</script><script x={event}>{code}</script>"),
            format!("<a href=javascript:{code} {event}={code}>x</a>"),
            format!("`${{{code}}}`<math {event}={code}>"),
            format!("&lt;img {event}={code}&gt;<object data=javascript:{code}>"),
        ]
    };
    events.into_iter().flat_map(wrap).collect()
}

#[test]
fn a_hundred_names_that_are_scripts_run_nothing() {
    let page = Page::open();
    let payloads = payloads();
    assert_eq!(payloads.len(), 100);
    let vpcs: Vec<String> = payloads
        .chunks(50)
        .map(|fifty| {
            let tags: Vec<Value> = fifty
                .iter()
                .enumerate()
                .map(|(at, value)| {
                    let key = if at == 0 {
                        "Name".to_owned()
                    } else {
                        format!("<b>{at}")
                    };
                    serde_json::json!({"Key": key, "Value": value})
                })
                .collect();
            let tags = serde_json::json!([{"ResourceType": "vpc", "Tags": tags}]).to_string();
            let mut create = aws_cli(&page.daemon);
            create.args(["ec2", "create-vpc", "--cidr-block", "10.0.0.0/16"]);
            create.args([
                "--tag-specifications",
                &tags,
                "--query",
                "Vpc.VpcId",
                "--output",
                "text",
            ]);
            stdout_of(&create.output().unwrap())
        })
        .collect();
    for vpc in &vpcs {
        for place in [
            format!("#map?selected={vpc}"),
            format!("#tables?selected={vpc}"),
        ] {
            let Some(shown) = page.rendered(&place) else {
                return;
            };
            assert!(
                shown.contains("dataset.owned=1"),
                "the names are shown:\n{shown}"
            );
            assert!(!shown.contains("data-owned"), "a name ran: {place}");
            for element in ["<img", "<iframe", "<object", "<math", "<body on", "<b>1"] {
                assert!(!shown.contains(element), "a name became {element}");
            }
        }
    }
    let hostile = payloads[6].replace(' ', "+");
    for place in [
        "why?src=",
        "flows?filter=",
        "tables?kind=",
        "map?region=",
        "history?sql=",
    ] {
        let shown = page.rendered(&format!("#{place}{hostile}")).unwrap();
        assert!(!shown.contains("data-owned"), "a link ran: {place}");
    }
}
