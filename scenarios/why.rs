//! "Why does this packet not arrive?": the answer, the wire, and the AWS CLI's own analyzer, on the same network.

use std::process::Output;

use serde_json::Value;

use crate::support::{Network, Privilege, User, eventually};

/// A database and a web server that may not yet ask it; `db` listens.
fn two_tiers(user: &User) -> (Network, [String; 2], String) {
    let network = user.network();
    let group = |name: &str| {
        let words = format!(
            "ec2 create-security-group --group-name {name} --description {name} --vpc-id {}",
            network.vpc
        );
        user.text(&words, "/GroupId")
    };
    let (web_group, db_group) = (group("web"), group("db"));
    let named = |name: &str| {
        format!("--tag-specifications ResourceType=instance,Tags=[{{Key=Name,Value={name}}}]")
    };
    let web = user.launch(&format!(
        "--subnet-id {} --security-group-ids {web_group} --private-ip-address 10.0.1.10 {}",
        network.subnets[0],
        named("web")
    ));
    let db = user.launch(&format!(
        "--subnet-id {} --security-group-ids {db_group} --private-ip-address 10.0.2.20 {}",
        network.subnets[1],
        named("db")
    ));
    (network, [web, db], db_group)
}

fn why(user: &User, words: &str) -> (Option<i32>, Value) {
    let output = openvpc(user, &format!("why {words} --output json"));
    let answer = serde_json::from_slice(&output.stdout);
    let answer = answer.unwrap_or_else(|_| panic!("{words}: {output:?}"));
    (output.status.code(), answer)
}

fn openvpc(user: &User, words: &str) -> Output {
    let arguments: Vec<&str> = words.split_whitespace().collect();
    let folder = std::env::temp_dir();
    let mut command = user.daemon.openvpc(&arguments);
    command.current_dir(folder).output().unwrap()
}

fn applied(user: &User) {
    assert!(openvpc(user, "wait-applied").status.success());
}

/// Runs the commands that an answer offers, as a person would paste them.
fn paste(user: &User, answer: &Value) {
    let commands = answer["changes"][0]["commands"].as_array().unwrap();
    for command in commands {
        let words = command.as_str().unwrap().strip_prefix("aws ").unwrap();
        user.aws(&words.replace('\'', ""));
    }
    applied(user);
}

fn wire_and_answer_agree(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let (_, [_, db], _) = two_tiers(&user);
    applied(&user);
    let (code, answer) = why(&user, "web db:5432 --probe");
    assert_eq!(code, Some(1));
    assert_eq!(answer["drop_reason"], "SecurityGroupIngress");
    assert_eq!(answer["probe"]["answered"], false);
    assert_eq!(answer["probe"]["agrees"], true, "{answer:#}");
    // What is offered works, on the wire too.
    paste(&user, &answer);
    let (code, answer) = why(&user, "web db:5432 --probe");
    assert_eq!(code, Some(0), "{answer:#}");
    assert_eq!(
        answer["probe"]["answered"], true,
        "refused by the host at the other end"
    );
    assert_eq!(answer["probe"]["agrees"], true);

    let text = openvpc(&user, "why web db:5432");
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("web → db tcp/5432: reachable"), "{text}");
    for line in ["security group out", "network ACL in", "delivery"] {
        assert!(text.contains(line), "{line} in {text}");
    }

    // From outside: neither address nor rule.
    let (code, answer) = why(&user, "internet db:5432");
    assert_eq!(code, Some(1));
    assert!(
        answer["because"]
            .as_str()
            .unwrap()
            .contains("no public address")
    );

    // A record of what was refused.
    let eni = user.text(
        &format!("ec2 describe-instances --instance-ids {db}"),
        "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let line = format!("2 123456789012 {eni} 10.0.1.10 10.0.2.20 50000 22 6 1 60 1 2 REJECT OK");
    let arguments = ["why", "--output", "json", "--flow", &line];
    let output = user.daemon.openvpc(&arguments).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(answer["drop_reason"], "SecurityGroupIngress");

    for words in [
        "why nobody db:1",
        "why web db:x",
        "why web db:1 --protocol icmp",
        "why web",
    ] {
        let output = openvpc(&user, words);
        assert_eq!(output.status.code(), Some(2), "{words}: {output:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn wire_and_answer_agree_as_whoever_runs_this() {
    wire_and_answer_agree(Privilege::Own);
}

#[test]
fn wire_and_answer_agree_without_privileges() {
    wire_and_answer_agree(Privilege::Rootless);
}

/// Reachability Analyzer guide, "Getting started using the AWS CLI".
#[test]
fn the_stock_cli_analyses_a_path() {
    let user = User::of_new_daemon(Privilege::Own);
    let (_, [web, db], db_group) = two_tiers(&user);
    let path = user.text(
        &format!(
            "ec2 create-network-insights-path --source {web} --destination {db} --protocol tcp --destination-port 5432"
        ),
        "/NetworkInsightsPath/NetworkInsightsPathId",
    );
    let analyse = || {
        let words =
            format!("ec2 start-network-insights-analysis --network-insights-path-id {path}");
        let id = user.text(&words, "/NetworkInsightsAnalysis/NetworkInsightsAnalysisId");
        eventually("the analysis ends", || {
            let words = format!(
                "ec2 describe-network-insights-analyses --network-insights-analysis-ids {id}"
            );
            let analysis = user.aws(&words)["NetworkInsightsAnalyses"][0].clone();
            (analysis["Status"] == "succeeded").then_some(analysis)
        })
    };
    let analysis = analyse();
    assert_eq!(analysis["NetworkPathFound"], false);
    let explained = &analysis["Explanations"][0];
    assert_eq!(explained["ExplanationCode"], "SG_HAS_NO_RULES");
    assert_eq!(
        explained["SecurityGroups"][0]["Id"],
        Value::from(db_group.as_str())
    );
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {db_group} --protocol tcp --port 5432 --cidr 10.0.1.0/24"
    ));
    let analysis = analyse();
    assert_eq!(analysis["NetworkPathFound"], true, "{analysis:#}");
    let forward = analysis["ForwardPathComponents"].as_array().unwrap();
    let ids: Vec<&str> = forward
        .iter()
        .map(|component| component["Component"]["Id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.first(), Some(&web.as_str()));
    assert_eq!(ids.last(), Some(&db.as_str()));
    let kinds: Vec<&str> = ids.iter().map(|id| id.split('-').next().unwrap()).collect();
    assert_eq!(
        kinds,
        ["i", "eni", "sg", "acl", "rtb", "acl", "sg", "eni", "i"],
        "the packet's walk"
    );
    assert!(
        !analysis["ReturnPathComponents"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let refused = user.aws_refused(&format!(
        "ec2 delete-network-insights-path --network-insights-path-id {path}"
    ));
    assert!(
        refused.contains("AnalysisExistsForNetworkInsightsPath"),
        "{refused}"
    );
}

/// Before a change is made, and in CI.
#[test]
fn plans_and_expectations_are_judged_by_the_same_engine() {
    let user = User::of_new_daemon(Privilege::Own);
    let (_, _, db_group) = two_tiers(&user);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let plan = file(
        "calls.jsonl",
        &format!(
            "{{\"action\": \"AuthorizeSecurityGroupIngress\", \"parameters\": {{\"GroupId\": \"{db_group}\", \
             \"IpPermissions\": [{{\"IpProtocol\": \"tcp\", \"FromPort\": 5432, \"ToPort\": 5432, \
             \"IpRanges\": [{{\"CidrIp\": \"10.0.1.10/32\"}}]}}]}}}}\n"
        ),
    );
    let output = openvpc(&user, &format!("plan {plan} --output json"));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let forecast: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(forecast["opens"][0]["traffic"], "tcp/5432");
    assert_eq!(
        forecast["opens"].as_array().unwrap().len(),
        1,
        "{forecast:#}"
    );

    let expectations = file(
        "network.expect",
        "web -> db:5432 allowed\ninternet -> db denied\n",
    );
    let junit = folder.path().join("report.xml").display().to_string();
    let words = format!("assert {expectations} --junit {junit}");
    let output = openvpc(&user, &words);
    assert_eq!(
        output.status.code(),
        Some(1),
        "nothing of the plan was kept"
    );
    let report = std::fs::read_to_string(&junit).unwrap();
    assert!(
        report.contains("tests=\"2\" failures=\"1\" errors=\"0\""),
        "{report}"
    );
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {db_group} --protocol tcp --port 5432 --cidr 10.0.1.10/32"
    ));
    assert_eq!(openvpc(&user, &words).status.code(), Some(0));
    let broken = file("broken.expect", "web -> db:5432 perhaps\n");
    assert_eq!(
        openvpc(&user, &format!("assert {broken}")).status.code(),
        Some(2)
    );
}

/// Runs the page's commands in one shell, and holds what they print against what the page shows. Ids differ from run to
/// run. `UPDATE_DOCS=1` writes what they print into the page, with the ids left out.
#[test]
fn the_page_in_the_docs_is_true() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/why.md");
    let text = std::fs::read_to_string(page).unwrap();
    let user = User::of_new_daemon(Privilege::Own);
    let printed = run_page(&user, &text);
    let mut shown = String::new();
    let mut printed = printed.into_iter();
    let mut in_console = false;
    for line in text.lines() {
        let fence = line.starts_with("```");
        in_console = match (fence, in_console) {
            (true, false) => line == "```console",
            (true, true) => false,
            (false, inside) => inside,
        };
        if in_console && !line.starts_with("$ ") && !fence {
            continue;
        }
        shown.push_str(line);
        shown.push('\n');
        if in_console && !fence {
            shown.push_str(&without_ids(&printed.next().unwrap()));
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page, &shown).unwrap();
    }
    let text = std::fs::read_to_string(page).unwrap();
    assert_eq!(without_ids(&shown), without_ids(&text));
}

/// What each command of the `console` blocks prints.
fn run_page(user: &User, text: &str) -> Vec<String> {
    let mut script = String::from("export PS1=; set -u\n");
    let mut fence = "";
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some("") => fence = "",
            Some(kind) => fence = kind,
            None => match (fence, line.strip_prefix("$ ")) {
                ("sh", _) => script.push_str(&format!("{line} || exit 9\n")),
                ("console", Some(command)) => {
                    script.push_str(&format!("echo '@@'; {command} 2>&1\n"));
                }
                _ => {}
            },
        }
    }
    let aws = crate::support::aws_cli(&user.daemon);
    let openvpc = user.daemon.openvpc(&[]);
    let words = |command: &std::process::Command| {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| format!("{word:?} ")).collect::<String>()
    };
    let functions = format!(
        "aws() {{ {} \"$@\"; }}\nopenvpc() {{ {} \"$@\"; }}\n",
        words(&aws),
        words(&openvpc)
    );
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(functions + &script);
    for (name, value) in aws.get_envs().chain(openvpc.get_envs()) {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let output = shell.output().unwrap();
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    assert_ne!(output.status.code(), Some(9), "{output:?}");
    let mut parts = printed.split("@@\n");
    parts.next();
    parts.map(str::to_owned).collect()
}

/// The text with each run of 17 hexadecimal digits replaced.
fn without_ids(text: &str) -> String {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut words = String::new();
    for word in text.split_inclusive(|c: char| !is_hex(c)) {
        let digits = word.trim_end_matches(|c: char| !is_hex(c));
        match digits.len() {
            17 => words.push_str(&word.replace(digits, "…")),
            _ => words.push_str(word),
        }
    }
    words
}
