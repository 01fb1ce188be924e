//! The platform's verdict as people read it, above or below the workloads.

use super::wrap::hanging;
use crate::decide::platform::{FeatureUse, PlatformFeature, PlatformVerdict};

/// The widest line.
const WIDTH: usize = 100;
/// Features that are named.
const FEATURES_MAX: usize = 5;

/// The verdict alone.
pub fn sentence(platform: &PlatformVerdict) -> String {
    hanging(&format!("{}: {}", platform.verdict, platform.summary), 0, 2, WIDTH)
}

/// The verdict with its reasons, one below the other.
pub fn text(platform: &PlatformVerdict) -> String {
    let mut lines = vec![sentence(platform)];
    let features = [features(platform), own_features(platform)];
    let reasons = platform.reasons.iter().map(|reason| &reason.message).chain(features.iter().flatten());
    lines.extend(reasons.map(|reason| hanging(reason, 2, 4, WIDTH)));
    lines.join("\n")
}

/// What of Kubernetes is used, for people to ask whether it's needed.
fn features(platform: &PlatformVerdict) -> Option<String> {
    let of = |of: &FeatureUse| format!("{} ({})", of.feature, of.workloads);
    list("Used beyond Deployment and Service", platform.features.iter().map(of))
}

fn own_features(platform: &PlatformVerdict) -> Option<String> {
    let of = |of: &PlatformFeature| format!("{} ({})", of.feature, of.objects);
    list("Used by the platform itself", platform.platform_features.iter().map(of))
}

fn list(what: &str, mut features: impl ExactSizeIterator<Item = String>) -> Option<String> {
    let named: Vec<String> = features.by_ref().take(FEATURES_MAX).collect();
    let more = if features.len() > 0 { format!(" and {} more", features.len()) } else { String::new() };
    (!named.is_empty()).then(|| format!("{what}: {}{more}.", named.join(", ")))
}
