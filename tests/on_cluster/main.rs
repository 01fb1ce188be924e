//! Berth on a real cluster: the chart installed by Helm, the webhook reached through its Service, kubectl as users have it.
//!
//! One cluster for all, so the cases run one after the other and in this order; those after a case that failed still run.

mod admission;
mod breaking;
mod chart;
mod cluster;
mod doctor;
mod faults;
mod given_certificates;
mod kinds;
mod observed;
mod privileges;
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
            the_operator_may_do_no_more_than_it_needs, who_edits_a_namespace_reads_and_answers_there;
        admission: applying_the_shop_prints_warnings, a_first_deployment_warns_as_the_notes_say,
            namespaces_that_are_left_out_get_no_warning;
        profiles: every_workload_gets_a_status, a_status_is_what_the_scan_says, columns_say_what_matters,
            the_report_reads_the_cluster, what_is_not_a_profile_is_refused, nothing_is_written_at_rest,
            an_answer_in_the_spec_is_kept_and_counts, an_answer_as_annotation_warns_and_counts,
            a_profile_may_come_first, a_deleted_workload_takes_its_profile;
        admission: a_pod_of_its_own_is_judged_and_a_deployments_is_not, a_change_that_matters_not_gets_no_warning, a_broken_review_kills_nothing,
            a_platform_profile_is_followed_live, a_namespace_in_deny_refuses_until_there_is_a_reason;
        kinds: what_is_installed_later_counts_and_what_is_removed_counts_no_more;
        chart: health_and_metrics_are_served, the_operator_is_small_and_its_log_is_json;
        observed: what_pods_use_and_where_they_run_is_told;
        chart: an_upgrade_keeps_admission_working;
        doctor: a_sound_installation_has_no_fault;
        faults: a_leader_told_to_stop_drops_no_request_and_hands_over_at_once, a_killed_leader_is_followed_by_another,
            killing_all_replicas_blocks_nobody, a_frozen_leader_is_followed_by_another_and_writes_no_more,
            a_certificate_that_comes_due_is_renewed_without_a_dropped_request,
            a_deleted_certificate_is_replaced_under_load, an_api_server_that_was_away_finds_all_as_it_was,
            an_api_server_that_is_down_under_load_loses_nothing, labels_that_change_during_a_rollout_count;
        privileges: nothing_was_refused_and_nothing_is_granted_without_use;
        doctor: each_fault_is_named_with_what_to_do;
        given_certificates: a_secret_that_another_fills_is_served_and_followed,
            cert_manager_makes_the_certificate_and_renews_it;
        chart: upgrades_keep_what_the_operator_filled_in,
            uninstalling_leaves_no_webhook, helm_3_installs_over_what_was_kept_and_uninstalls;
    };
    let conclusion = libtest_mimic::run(&arguments, cases);
    cluster::stop(conclusion.has_failed());
    conclusion.exit();
}
