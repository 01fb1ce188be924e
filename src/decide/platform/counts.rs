//! Who runs what: counts by target, namespace, team and feature, sorted and cut to a page.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    FeatureUse, GroupCount, LIST_MAX, Named, NamedWorkload, TargetCount, USERS_MAX,
    member::{Member, Need},
};
use crate::{catalog::Target, decide::Verdict};

/// What the members come to, without money.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub workloads: u32,
    pub services: u32,
    /// Those that are advised to leave.
    pub leaving: u32,
    pub teams: u32,
    pub namespaces: u32,
    pub need: Named,
    pub may_need: Named,
    pub nowhere: Named,
    pub own: Named,
    pub by_target: Vec<TargetCount>,
    pub by_namespace: Vec<GroupCount>,
    pub by_team: Vec<GroupCount>,
    pub features: Vec<FeatureUse>,
    pub truncated: bool,
    verdicts: Vec<(Verdict, u32)>,
}

impl Counts {
    /// Of what teams run and of what is the platform's own, each in order.
    pub fn of(teams: &[&Member], own: &[&Member]) -> Counts {
        let mut counts = Counts { workloads: size(teams), ..Counts::default() };
        counts.services = count(teams, |member| member.service);
        counts.leaving = count(teams, |member| member.leaves_for().is_some());
        counts.verdicts = [Verdict::Misplaced, Verdict::Undetermined, Verdict::Exempt]
            .map(|verdict| (verdict, count(teams, |member| member.verdict == verdict)))
            .to_vec();
        counts.need = counts.named(teams, |member| match &member.need {
            Need::Yes(why) => Some(why),
            _ => None,
        });
        counts.may_need = counts.named(teams, |member| match &member.need {
            Need::Unknown(question) => Some(question),
            _ => None,
        });
        counts.nowhere = counts.named(teams, |member| match &member.need {
            Need::Nowhere(why) => Some(why),
            _ => None,
        });
        counts.own = counts.named(own, |member| member.own);
        counts.by_target = by_target(teams);
        (counts.namespaces, counts.by_namespace) = counts.groups(teams, |member| &member.subject.namespace);
        (counts.teams, counts.by_team) = counts.groups(teams, |member| &member.team);
        counts.features = counts.features(teams);
        counts
    }

    pub fn of_verdict(&self, verdict: Verdict) -> u32 {
        self.verdicts.iter().find(|(of, _)| *of == verdict).map_or(0, |(_, count)| *count)
    }

    fn named<'a, T: AsRef<str>>(
        &mut self,
        members: &[&'a Member],
        why: impl Fn(&'a Member) -> Option<T>,
    ) -> Named {
        let all: Vec<NamedWorkload> = members
            .iter()
            .filter_map(|member| {
                let because = why(member)?.as_ref().to_owned();
                Some(NamedWorkload { workload: member.handle(), because })
            })
            .collect();
        Named { count: size(&all), workloads: self.cut(all) }
    }

    /// The largest first, then by name.
    fn groups<'a>(
        &mut self,
        members: &[&'a Member],
        name: impl Fn(&'a Member) -> &'a String,
    ) -> (u32, Vec<GroupCount>) {
        let mut groups: BTreeMap<&String, Vec<&Member>> = BTreeMap::new();
        for member in members {
            groups.entry(name(member)).or_default().push(member);
        }
        let mut groups: Vec<GroupCount> = groups
            .into_iter()
            .map(|(name, of)| GroupCount {
                name: name.clone(),
                workloads: size(&of),
                misplaced: count(&of, |member| member.verdict == Verdict::Misplaced),
                need_kubernetes: count(&of, |member| matches!(member.need, Need::Yes(_))),
            })
            .collect();
        groups.sort_by(|a, b| b.workloads.cmp(&a.workloads).then_with(|| a.name.cmp(&b.name)));
        (size(&groups), self.cut(groups))
    }

    fn features(&mut self, members: &[&Member]) -> Vec<FeatureUse> {
        let mut users: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
        for member in members {
            for feature in &member.features {
                users.entry(feature).or_default().insert(member.handle());
            }
        }
        let mut features: Vec<FeatureUse> = users
            .into_iter()
            .map(|(feature, users)| FeatureUse {
                feature: feature.clone(),
                workloads: u32::try_from(users.len()).unwrap_or(u32::MAX),
                used_by: users.into_iter().take(USERS_MAX).collect(),
            })
            .collect();
        features.sort_by(|a, b| b.workloads.cmp(&a.workloads).then_with(|| a.feature.cmp(&b.feature)));
        self.cut(features)
    }

    fn cut<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        self.truncated |= list.len() > LIST_MAX;
        list.truncate(LIST_MAX);
        list
    }
}

fn by_target(members: &[&Member]) -> Vec<TargetCount> {
    Target::ALL
        .into_iter()
        .map(|target| TargetCount { target, workloads: count(members, |m| m.target == Some(target)) })
        .filter(|of| of.workloads > 0)
        .collect()
}

fn size<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

fn count(members: &[&Member], of: impl Fn(&Member) -> bool) -> u32 {
    u32::try_from(members.iter().filter(|member| of(member)).count()).unwrap_or(u32::MAX)
}
