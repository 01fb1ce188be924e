//! Workloads taken together: by team, namespace, target, or feature of Kubernetes.
//!
//! Present costs add up: each row is a share of what is paid now. Savings don't: what a group saves depends on who else
//! leaves, and so is said of a workload and of the cluster alone.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{form::Platform, record::Record};
use crate::{
    amount,
    catalog::Target,
    decide::{Interval, Verdict},
};

/// What workloads are taken together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The team that the workload's label names, else its namespace
    Team,
    /// The namespace, with its cluster where there are several
    Namespace,
    /// The recommended target
    Target,
    /// What whole clusters use of Kubernetes beyond Deployment and Service; not known of a selection
    Feature,
}

#[derive(Debug, Serialize)]
pub struct Groups {
    pub by: By,
    pub of: Vec<Group>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub name: String,
    pub workloads: usize,
    /// Not known of a feature: a cluster's status names only the first of its users.
    #[serde(flatten)]
    pub judged: Option<Judged>,
    /// Of a feature, the first users by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
}

/// What the decisions of a group come to.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub misplaced: usize,
    pub undetermined: usize,
    pub exempt: usize,
    pub open_questions: usize,
    /// Where they run now, of all that have a recommendation.
    pub current_monthly_cost: Interval,
    /// Without a recommendation, and so without a price.
    pub unpriced: usize,
    pub targets: BTreeMap<Target, usize>,
}

impl Groups {
    /// Those with the most misplaced workloads first.
    pub fn of(by: By, records: &[Record], platforms: &[Platform]) -> Groups {
        let mut groups = match by {
            By::Feature => features(platforms),
            _ => judged(by, records),
        };
        let misplaced = |group: &Group| group.judged.as_ref().map_or(0, |judged| judged.misplaced);
        groups.sort_by(|a, b| {
            let most = misplaced(b).cmp(&misplaced(a)).then(b.workloads.cmp(&a.workloads));
            most.then_with(|| a.name.cmp(&b.name))
        });
        Groups { by, of: groups }
    }

    /// The columns that people read.
    pub fn header(&self) -> Vec<&'static str> {
        match self.by {
            By::Team => vec!["Team", "Workloads", "Misplaced", "Undetermined", "Questions", "$ now", "Fits"],
            By::Namespace => {
                vec!["Namespace", "Workloads", "Misplaced", "Undetermined", "Questions", "$ now", "Fits"]
            }
            By::Target => vec!["Fits", "Workloads", "Misplaced", "Undetermined", "Questions", "$ now"],
            By::Feature => vec!["Feature", "Workloads", "Used by"],
        }
    }

    /// One row for each group, as wide as the header.
    pub fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        self.of.iter().map(|group| {
            let mut row = vec![group.name.clone(), group.workloads.to_string()];
            if let Some(judged) = &group.judged {
                let counts = [judged.misplaced, judged.undetermined, judged.open_questions];
                row.extend(counts.map(|count| count.to_string()));
                let cost = judged.current_monthly_cost;
                row.push(amount::write_range(cost.low, cost.high));
                row.extend((self.by != By::Target).then(|| judged.fits()));
            } else {
                row.push(group.users());
            }
            row
        })
    }

    /// What has to be known to read the figures.
    pub fn note(&self) -> Option<String> {
        if self.by == By::Feature {
            return self.of.is_empty().then(|| {
                "Features are known of whole clusters: of these, no verdict is there, or only a part is shown."
                    .to_owned()
            });
        }
        let unpriced: usize = self.of.iter().filter_map(|g| Some(g.judged.as_ref()?.unpriced)).sum();
        let without = match unpriced {
            0 => String::new(),
            1 => "; 1 workload without a recommendation has no price".to_owned(),
            some => format!("; {some} workloads without a recommendation have no price"),
        };
        Some(format!("$ now is a month's cost where they run, with their share of the cluster{without}."))
    }
}

impl Judged {
    /// The recommended targets, the one of the most workloads first.
    pub fn fits(&self) -> String {
        let mut targets: Vec<(&Target, &usize)> = self.targets.iter().collect();
        targets.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        targets.iter().map(|(target, count)| format!("{count} {target}")).collect::<Vec<_>>().join(", ")
    }

    fn take(&mut self, record: &Record) {
        let decision = &record.decision;
        match decision.verdict {
            _ if record.own => {}
            Verdict::Misplaced => self.misplaced += 1,
            Verdict::Undetermined => self.undetermined += 1,
            Verdict::Exempt => self.exempt += 1,
            Verdict::WellPlaced => {}
        }
        self.open_questions += decision.open_questions.len();
        match &decision.recommendation {
            Some(best) => {
                *self.targets.entry(best.target).or_default() += 1;
                self.current_monthly_cost = (self.current_monthly_cost + best.current_monthly_cost).rounded();
            }
            None => self.unpriced += 1,
        }
    }
}

impl Group {
    fn users(&self) -> String {
        let more = self.workloads.saturating_sub(self.used_by.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", self.used_by.join(", "))
    }
}

fn judged(by: By, records: &[Record]) -> Vec<Group> {
    let several = records.windows(2).any(|two| two[0].cluster != two[1].cluster);
    let mut groups: BTreeMap<String, (usize, Judged)> = BTreeMap::new();
    for record in records {
        let name = match by {
            By::Team => record.team().unwrap_or(&record.namespace).to_owned(),
            By::Target => record.target().map_or_else(|| "none".to_owned(), |target| target.to_string()),
            By::Namespace | By::Feature => match record.cluster.as_ref().filter(|_| several) {
                Some(cluster) => format!("{cluster}/{}", record.namespace),
                None => record.namespace.clone(),
            },
        };
        let (workloads, judged) = groups.entry(name).or_default();
        *workloads += 1;
        judged.take(record);
    }
    let group =
        |(name, (workloads, judged))| Group { name, workloads, judged: Some(judged), used_by: Vec::new() };
    groups.into_iter().map(group).collect()
}

/// As the clusters' own verdicts have them.
fn features(platforms: &[Platform]) -> Vec<Group> {
    let mut groups: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for platform in platforms {
        for used in &platform.verdict.features {
            let (workloads, users) = groups.entry(&used.feature).or_default();
            *workloads += used.workloads as usize;
            let cluster = platform.cluster.as_ref().filter(|_| platforms.len() > 1);
            users.extend(used.used_by.iter().map(|user| match cluster {
                Some(cluster) => format!("{cluster}/{user}"),
                None => user.clone(),
            }));
        }
    }
    let group = |(name, (workloads, used_by)): (&str, _)| Group {
        name: name.to_owned(),
        workloads,
        judged: None,
        used_by,
    };
    groups.into_iter().map(group).collect()
}
