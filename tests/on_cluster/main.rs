//! Berth on a real cluster: the chart installed by Helm, the webhook reached through its Service, kubectl as users have it.
//!
//! One cluster for all, so the cases run one after the other and in this order; those after a case that failed still run.

mod admission;
mod chart;
mod cluster;
mod profiles;

use libtest_mimic::{Arguments, Trial};

macro_rules! cases {
    ($($module:ident: $($case:ident),* $(,)?;)*) => {
        vec![$($(Trial::test(
            concat!(stringify!($module), "::", stringify!($case)),
            || { $module::$case(); Ok(()) },
        )),*),*]
    };
}

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let cases = cases! {
        chart: helm_4_installs_into_a_restricted_namespace, the_webhook_lets_through_what_it_cant_answer,
            the_operator_may_do_no_more_than_it_needs;
        admission: applying_the_shop_prints_warnings, a_first_deployment_warns_as_the_notes_say,
            namespaces_that_are_left_out_get_no_warning;
        profiles: every_workload_gets_a_status, a_status_is_what_the_scan_says, columns_say_what_matters,
            the_report_reads_the_cluster, what_is_not_a_profile_is_refused, nothing_is_written_at_rest,
            an_answer_in_the_spec_is_kept_and_counts, an_answer_as_annotation_warns_and_counts,
            a_profile_may_come_first, a_deleted_workload_takes_its_profile;
        admission: a_change_that_matters_not_gets_no_warning, a_broken_review_kills_nothing;
        chart: health_and_metrics_are_served, the_operator_is_small_and_its_log_is_json,
            an_upgrade_keeps_admission_working, upgrades_keep_what_the_operator_filled_in,
            uninstalling_leaves_no_webhook, helm_3_installs_over_what_was_kept_and_uninstalls;
    };
    let conclusion = libtest_mimic::run(&arguments, cases);
    cluster::stop(conclusion.has_failed());
    conclusion.exit();
}
