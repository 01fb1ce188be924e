//! Any bytes as an AdmissionReview: the answer is a review or a reason, and nothing panics.
#![no_main]

use std::sync::{Arc, LazyLock};

use berth::{
    catalog::Catalog,
    operator::{Evaluator, View},
    policy::Policy,
    webhook::{Admission, Answer, Asked},
};
use libfuzzer_sys::fuzz_target;

static ADMISSION: LazyLock<Admission> = LazyLock::new(|| Admission {
    view: Arc::new(View::default()),
    evaluator: Evaluator::new(Catalog::embedded().clone(), Policy::default()),
    denied: None,
});

fuzz_target!(|body: &[u8]| {
    match ADMISSION.answer(Asked::ToWarn, body) {
        Answer::Review { body, decision } => {
            // The evaluator turns a panic into this, so that one object can't stop the webhook: here it counts.
            assert_ne!(decision, "failed");
            let review: serde_json::Value = serde_json::from_slice(&body).expect("an answer is JSON");
            assert_eq!(review["response"]["allowed"], true);
            for line in review["response"]["warnings"].as_array().into_iter().flatten() {
                assert!(line.as_str().is_some_and(|line| line.chars().count() <= 120), "{line}");
            }
        }
        Answer::Invalid(reason) => assert!(!reason.is_empty()),
    }
});
