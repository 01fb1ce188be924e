//! Rights that manifests grant: those of several files under one name, and those of an account without a namespace.

use std::collections::{HashMap, HashSet, hash_map};

use super::{
    manifest::{Manifests, Place, Severity, Source, Trouble},
    neighbour::{TargetRef, What},
    object::Object,
    rbac::{Bound, Subject},
};

/// Which binding or role: its kind, namespace and name, and of a binding the role.
type RightsOf = ((&'static str, String, String), Option<TargetRef>);

impl Manifests {
    /// Notes each binding of an account whose namespace is left out, which only a tool such as kustomize fills in.
    pub fn name_unplaced(&mut self) {
        let unplaced = |(place, object): &(Place, Object)| {
            let Object::Neighbour(near) = object else { return None };
            let What::Binding(binding) = &near.what else { return None };
            let is_unplaced =
                |subject: &Subject| matches!(subject.bound(&near.namespace), Some(Bound::Unplaced(_)));
            let nth = binding.subjects.iter().position(is_unplaced)?;
            let field = format!("subjects[{nth}].namespace");
            let named = format!("{} {}", near.what.kind(), near.name);
            Some(Trouble {
                source: Source { file: place.source.file.clone(), line: place.line_of(&field) },
                severity: Severity::Note,
                reason: format!(
                    "{named}: {field}: missing, and the API server requires it; read as an account of any namespace"
                ),
                unfinished: None,
            })
        };
        let notes: Vec<Trouble> = self.objects.iter().filter_map(unplaced).collect();
        self.troubles.extend(notes);
    }

    /// Unites the bindings and roles of one name, and notes those that differ. Files of several variants may lie in one
    /// folder: what one of them grants must not vanish behind the next.
    pub fn unite_rights(&mut self) {
        let mut kept: Vec<(Place, Object)> = Vec::with_capacity(self.objects.len());
        let mut first: HashMap<(&'static str, String, String), Source> = HashMap::new();
        // By their roles, too: no API server lets a binding change its role, so that one of another role is of another variant.
        let mut seen: HashMap<RightsOf, (usize, HashSet<Subject>)> = HashMap::new();
        for (place, mut object) in std::mem::take(&mut self.objects) {
            let Object::Neighbour(near) = &mut object else {
                kept.push((place, object));
                continue;
            };
            let role = match &near.what {
                What::Binding(binding) => Some(binding.role_ref.clone()),
                What::Role(_) => None,
                _ => {
                    kept.push((place, object));
                    continue;
                }
            };
            let (kind, name) = (near.what.kind(), near.name.clone());
            let named = (kind, near.namespace.clone(), name.clone());
            let before = match first.entry(named.clone()) {
                hash_map::Entry::Occupied(first) => Some(first.get().clone()),
                hash_map::Entry::Vacant(first) => {
                    first.insert(place.source.clone());
                    None
                }
            };
            let mut is_new = true;
            match seen.entry((named, role)) {
                hash_map::Entry::Occupied(mut of) => {
                    let (at, held) = of.get_mut();
                    if let Some((_, Object::Neighbour(other))) = kept.get_mut(*at) {
                        is_new = other.what.unite(&near.what, held);
                    }
                }
                hash_map::Entry::Vacant(of) => {
                    of.insert((kept.len(), HashSet::new()));
                    if let (true, What::Binding(binding)) = (before.is_some(), &near.what) {
                        near.name = format!("{name} of {} {}", binding.role_ref.kind, binding.role_ref.name);
                    }
                    kept.push((place.clone(), object));
                }
            }
            if let Some(source) = before.filter(|_| is_new) {
                let reason =
                    format!("{kind} {name} is given again at {}, and differs: both count", place.source);
                self.troubles.push(Trouble { source, severity: Severity::Note, reason, unfinished: None });
            }
        }
        self.objects = kept;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Rights of one name are met once for each, however many subjects or roles they have.
    #[test]
    fn ten_times_the_rights_of_one_name_take_no_hundred_times_as_long() {
        let binding = |role: usize, subjects: usize| {
            let subjects: String =
                (0..subjects).map(|n| format!("- {{kind: User, name: u{role}-{n}}}\n")).collect();
            format!(
                "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: all}}\n\
                 roleRef: {{kind: Role, name: r{role}}}\nsubjects:\n{subjects}"
            )
        };
        let twice = |subjects| binding(1, subjects) + &binding(2, subjects).replace("name: r2", "name: r1");
        let roles = |count: usize| -> String { (0..count).map(|role| binding(role, 1)).collect() };
        let took = |text: String| {
            let mut read = Manifests::default();
            read.text("rights.yaml", &text);
            let once = || {
                let mut again = Manifests { objects: read.objects.clone(), ..Manifests::default() };
                let start = Instant::now();
                again.unite_rights();
                start.elapsed()
            };
            (0..10).map(|_| once()).min()
        };
        for (few, many) in [(twice(1_000), twice(10_000)), (roles(1_000), roles(10_000))] {
            let (few, many) = (took(few), took(many));
            assert!(many < few.map(|few| few * 40), "{many:?} for ten times as many as in {few:?}");
        }
    }
}
