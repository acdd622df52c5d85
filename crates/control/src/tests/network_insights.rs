//! Reachability Analyzer: paths and analyses (spec 00 §14; spec 06, Insights).

use openvpc_model::{AnalysisState, Event};
use serde_json::{Value, json};

use crate::lifecycle;
use crate::testing::{Bench, count, text};

/// A bench with two interfaces; their ids.
fn two_ends() -> (Bench, [String; 2]) {
    let mut bench = Bench::new();
    let answer = bench.ok("DescribeSubnets", json!({}));
    let subnet = text(&answer, "/Subnets/0/SubnetId");
    let ends = [0, 1].map(|_| {
        let answer = bench.ok("CreateNetworkInterface", json!({"SubnetId": subnet}));
        text(&answer, "/NetworkInterface/NetworkInterfaceId")
    });
    (bench, ends)
}

fn create(bench: &mut Bench, more: Value, [source, destination]: &[String; 2]) -> String {
    let mut input = json!({
        "Source": source, "Destination": destination, "Protocol": "tcp", "ClientToken": source,
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = bench.ok("CreateNetworkInsightsPath", input);
    text(&answer, "/NetworkInsightsPath/NetworkInsightsPathId")
}

#[test]
fn a_path_is_shown_as_it_was_made() {
    let (mut bench, ends) = two_ends();
    let path = create(&mut bench, json!({"DestinationPort": 443}), &ends);
    let answer = bench.ok(
        "DescribeNetworkInsightsPaths",
        json!({"NetworkInsightsPathIds": [path]}),
    );
    let shown = &answer["NetworkInsightsPaths"][0];
    assert_eq!(shown["Source"], json!(ends[0]));
    assert_eq!(shown["DestinationPort"], json!(443));
    assert_eq!(shown["Protocol"], "tcp");
    assert!(shown["FilterAtSource"].is_null());
    let arn = text(shown, "/DestinationArn");
    let wanted = format!(":network-interface/{}", ends[1]);
    assert!(arn.ends_with(&wanted), "{arn}");
    for (filter, found) in [
        (json!({"Name": "source", "Values": [ends[0]]}), 1),
        (json!({"Name": "destination-port", "Values": ["443"]}), 1),
        (json!({"Name": "protocol", "Values": ["udp"]}), 0),
    ] {
        let answer = bench.ok("DescribeNetworkInsightsPaths", json!({"Filters": [filter]}));
        assert_eq!(count(&answer, "NetworkInsightsPaths"), found);
    }
}

#[test]
fn what_no_path_can_be_is_refused() {
    let (mut bench, [source, destination]) = two_ends();
    for (change, code) in [
        (json!({"Source": null}), "MissingParameter"),
        (json!({"Destination": null}), "MissingParameter"),
        (json!({"Protocol": "icmp"}), "InvalidParameterValue"),
        (
            json!({"Source": "vpc-00000000000000001"}),
            "InvalidParameterValue",
        ),
        (
            json!({"Source": "i-00000000000000001"}),
            "InvalidInstanceID.NotFound",
        ),
        (json!({"DestinationPort": 65_536}), "InvalidParameterValue"),
        (json!({"SourceIp": "10.0.0"}), "InvalidParameterValue"),
        (
            json!({"DestinationPort": 1, "FilterAtSource": {"SourceAddress": "10.0.0.1"}}),
            "InvalidParameterCombination",
        ),
        (
            json!({"FilterAtSource": {"SourcePortRange": {"FromPort": 2, "ToPort": 1}}}),
            "InvalidParameterValue",
        ),
    ] {
        let mut input = json!({
            "Source": source, "Destination": destination, "Protocol": "tcp", "ClientToken": "",
        });
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        let refused = bench.refused("CreateNetworkInsightsPath", input);
        assert_eq!(refused, code, "{change}");
    }
}

#[test]
fn an_analysis_runs_until_the_daemon_ends_it() {
    let (mut bench, ends) = two_ends();
    let path = create(&mut bench, json!({}), &ends);
    let start = json!({"NetworkInsightsPathId": path, "ClientToken": "a"});
    let answer = bench.ok("StartNetworkInsightsAnalysis", start);
    let analysis = text(
        &answer,
        "/NetworkInsightsAnalysis/NetworkInsightsAnalysisId",
    );
    assert_eq!(answer["NetworkInsightsAnalysis"]["Status"], "running");
    let region = &bench.world.regions["us-east-1"];
    let running: Vec<_> = lifecycle::running_analyses(region).map(|a| a.id).collect();
    assert_eq!(running.len(), 1);
    let state = AnalysisState::Succeeded {
        path_found: false,
        findings: json!({"Explanations": [{"ExplanationCode": "NO_PATH"}]}).to_string(),
    };
    let ended: Vec<Event> = lifecycle::analysis_ended(region, running[0], state);
    bench.apply("NetworkInsightsAnalysisEnded", ended);
    let region = &bench.world.regions["us-east-1"];
    let again = lifecycle::analysis_ended(region, running[0], AnalysisState::Running);
    assert_eq!(again, [], "an end is final");
    let answer = bench.ok(
        "DescribeNetworkInsightsAnalyses",
        json!({"NetworkInsightsPathId": path, "Filters": [{"Name": "path-found", "Values": ["false"]}]}),
    );
    let shown = &answer["NetworkInsightsAnalyses"][0];
    assert_eq!(shown["Status"], "succeeded");
    assert_eq!(shown["NetworkPathFound"], false);
    assert_eq!(shown["Explanations"][0]["ExplanationCode"], "NO_PATH");

    let delete = json!({"NetworkInsightsPathId": path});
    let refused = bench.refused("DeleteNetworkInsightsPath", delete.clone());
    assert_eq!(refused, "AnalysisExistsForNetworkInsightsPath");
    let delete_analysis = json!({"NetworkInsightsAnalysisId": analysis});
    bench.ok("DeleteNetworkInsightsAnalysis", delete_analysis.clone());
    bench.ok("DeleteNetworkInsightsPath", delete.clone());
    for (action, input, code) in [
        (
            "DeleteNetworkInsightsAnalysis",
            delete_analysis,
            "InvalidNetworkInsightsAnalysisId.NotFound",
        ),
        (
            "DeleteNetworkInsightsPath",
            delete,
            "InvalidNetworkInsightsPathId.NotFound",
        ),
    ] {
        assert_eq!(bench.refused(action, input), code);
    }
}

#[test]
fn another_account_sees_neither_path_nor_analysis() {
    let (mut bench, ends) = two_ends();
    let path = create(&mut bench, json!({}), &ends);
    bench.account = "210987654321".parse().unwrap();
    let ids = json!({"NetworkInsightsPathIds": [path]});
    let refused = bench.refused("DescribeNetworkInsightsPaths", ids);
    assert_eq!(refused, "InvalidNetworkInsightsPathId.NotFound");
    let answer = bench.ok("DescribeNetworkInsightsPaths", json!({}));
    assert_eq!(count(&answer, "NetworkInsightsPaths"), 0);
}
