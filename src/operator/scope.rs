//! Which workloads Berth profiles.

use crate::observe::{Key, is_system};

/// Every workload but the system's own and Berth's. (Those with an owner never get as far: the index leaves them out.)
#[derive(Clone, Debug)]
pub struct Scope {
    own_namespace: String,
}

impl Scope {
    pub fn new(own_namespace: impl Into<String>) -> Self {
        Scope { own_namespace: own_namespace.into() }
    }

    pub fn profiles(&self, key: &Key) -> bool {
        !is_system(&key.namespace) && key.namespace != self.own_namespace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Kind;

    #[test]
    fn the_system_and_berth_are_left_out() {
        let scope = Scope::new("berth-system");
        let profiles = |namespace: &str| {
            scope.profiles(&Key {
                namespace: namespace.to_owned(),
                kind: Kind::Deployment,
                name: "web".to_owned(),
            })
        };
        assert!(profiles("shop") && profiles("default"));
        assert!(!profiles("kube-system") && !profiles("berth-system"));
    }
}
