//! Analyses of paths: started here, ended by the daemon, kept until they are deleted.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::{self, Entity};
use crate::request::{required, unsupported};
use crate::tags::{self, TagSpecification};

impl Describe for NetworkInsightsAnalysis {
    const LIST: &'static str = "NetworkInsightsAnalyses";
    const IDS: &'static str = "NetworkInsightsAnalysisIds";
    const PAGE: (i64, i64) = (1, 100);
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<NetworkInsightsAnalysis>] = &[
        ("path-found", |analysis, _| path_found(analysis).iter().map(bool::to_string).collect()),
        ("status", |analysis, _| vec![analysis.state.as_str().to_owned()]),
        (PATH_FILTER, |analysis, _| vec![analysis.path.to_string()]),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let mut rendered = json!({
            "NetworkInsightsAnalysisId": self.id,
            "NetworkInsightsAnalysisArn": entity::arn(cx.region_name(), self),
            "NetworkInsightsPathId": self.path,
            "StartDate": self.started_at,
            "Status": self.state.as_str(),
            "Tags": tag_set(cx, self.id),
        });
        match &self.state {
            AnalysisState::Running => {}
            AnalysisState::Failed { message } => rendered["StatusMessage"] = json!(message),
            AnalysisState::Succeeded {
                path_found,
                findings,
            } => {
                rendered["NetworkPathFound"] = json!(path_found);
                let findings = serde_json::from_str::<Value>(findings);
                let members = findings.unwrap_or_default();
                for (name, value) in members.as_object().into_iter().flatten() {
                    rendered[name] = value.clone();
                }
            }
        }
        rendered
    }
}

/// Stands for the request's member `NetworkInsightsPathId`.
const PATH_FILTER: &str = "network-insights-path-id";

fn path_found(analysis: &NetworkInsightsAnalysis) -> Option<bool> {
    match analysis.state {
        AnalysisState::Succeeded { path_found, .. } => Some(path_found),
        AnalysisState::Running | AnalysisState::Failed { .. } => None,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StartRequest {
    network_insights_path_id: Option<String>,
    additional_accounts: Option<Vec<String>>,
    filter_in_arns: Option<Vec<String>>,
    filter_out_arns: Option<Vec<String>>,
    tag_specifications: Vec<TagSpecification>,
}

/// Begins an analysis, which the configuration of its answer's revision is asked for.
pub fn start(cx: &mut Cx, req: StartRequest) -> Result<Value, Error> {
    let kind = NetworkInsightsAnalysis::TAG_TYPE;
    let tags = tags::at_creation(&req.tag_specifications, kind, &[])?;
    unsupported(&req.additional_accounts, "additionalAccount")?;
    unsupported(&req.filter_in_arns, "filterInArn")?;
    unsupported(&req.filter_out_arns, "filterOutArn")?;
    let path = required(&req.network_insights_path_id, "networkInsightsPathId")?;
    let path = cx.find::<NetworkInsightsPath>(path)?.id;
    let count = cx.own::<NetworkInsightsAnalysis>().count();
    if count >= cx.quotas().network_insights_analyses_per_region {
        return Err(Error::limit_exceeded(
            "NetworkInsightsAnalysisLimitExceeded",
            "network insights analyses",
        ));
    }
    let analysis = NetworkInsightsAnalysis {
        id: cx.new_id(),
        owner: cx.account().clone(),
        path,
        started_at: cx.now(),
        state: AnalysisState::Running,
    };
    cx.put(analysis.clone());
    cx.set_tags(analysis.id, tags);
    Ok(json!({"NetworkInsightsAnalysis": analysis.render(cx)}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    network_insights_analysis_id: Option<String>,
}

pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let id = &req.network_insights_analysis_id;
    let id = required(id, "networkInsightsAnalysisId")?;
    let id = cx.find::<NetworkInsightsAnalysis>(id)?.id;
    cx.delete::<NetworkInsightsAnalysis>(id);
    Ok(json!({"NetworkInsightsAnalysisId": id}))
}

pub fn describe_analyses(cx: &mut Cx, mut input: Value) -> Result<Value, Error> {
    for name in ["AnalysisStartTime", "AnalysisEndTime"] {
        unsupported(&input[name].as_str(), name)?;
    }
    if let Some(path) = input["NetworkInsightsPathId"].as_str() {
        let path = cx.find::<NetworkInsightsPath>(path)?.id;
        let filter = json!({"Name": PATH_FILTER, "Values": [path]});
        match &mut input["Filters"] {
            Value::Array(filters) => filters.push(filter),
            filters => *filters = json!([filter]),
        }
    }
    describe::<NetworkInsightsAnalysis>(cx, &input)
}
