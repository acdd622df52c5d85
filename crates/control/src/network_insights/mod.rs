//! Actions of Reachability Analyzer (spec 00 §14; spec 06, Insights). What an analysis finds is not judged here: it is
//! `running` until the daemon has asked the engine ([`crate::lifecycle::analysis_ended`]).

mod analysis;
mod path;

use crate::Action;
use crate::request::read;

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateNetworkInsightsPath", |cx, input| path::create(cx, read(input)?)),
    ("DeleteNetworkInsightsPath", |cx, input| path::delete(cx, read(input)?)),
    ("DescribeNetworkInsightsPaths", |cx, input| path::describe_paths(cx, &input)),
    ("StartNetworkInsightsAnalysis", |cx, input| analysis::start(cx, read(input)?)),
    ("DeleteNetworkInsightsAnalysis", |cx, input| analysis::delete(cx, read(input)?)),
    ("DescribeNetworkInsightsAnalyses", analysis::describe_analyses),
];
