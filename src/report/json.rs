//! The JSON document: the workloads as status has them, and the platform's own verdict.

use serde::Serialize;

use super::{
    form::{Form, Platform, Report, Written},
    groups::Groups,
    overview::Overview,
    record::Record,
};
use crate::{decide::platform::PlatformVerdict, printable};

pub const FORM: Form = Form {
    name: "json",
    help: "Everything, in one document, as the status of a profile has it",
    groups: true,
    write,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<'a> {
    workloads: &'a [Record],
    /// Null where nobody gave one: it isn't worked out from decisions alone.
    platform: Option<&'a PlatformVerdict>,
    /// In place of the one, where there are several clusters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<Named<'a>>,
    /// Which to move first, and whom to ask what.
    #[serde(skip_serializing_if = "Option::is_none")]
    overview: Option<Overview<'a>>,
    /// How many workloads aren't in it.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<&'a Groups>,
}

#[derive(Serialize)]
struct Named<'a> {
    cluster: Option<&'a str>,
    #[serde(flatten)]
    verdict: &'a PlatformVerdict,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl<'a> Document<'a> {
    pub fn of(report: &'a Report<'a>) -> Self {
        let (platform, platforms) = match report.platforms {
            [] => (None, Vec::new()),
            [one] => (Some(&one.verdict), Vec::new()),
            several => (None, several.iter().map(named).collect()),
        };
        let overview = report.overview.then(|| Overview::of(report.records));
        Document {
            workloads: report.records,
            platform,
            platforms,
            overview,
            groups: report.groups.as_ref(),
            left_out: report.left_out,
        }
    }
}

fn named(platform: &Platform) -> Named<'_> {
    Named { cluster: platform.cluster.as_deref(), verdict: &platform.verdict }
}

fn write(report: &Report<'_>) -> Written {
    Ok(printable::json(&serde_json::to_string_pretty(&Document::of(report))?).into_owned())
}
