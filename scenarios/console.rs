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
