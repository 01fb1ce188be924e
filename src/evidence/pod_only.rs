//! What a Pod may say for which elsewhere there is another place, or none: names and DNS, profiles of the node,
//! kernel parameters, hooks, names of copies.

use std::fmt::Arguments;

use crate::{
    evidence::{scaling, size, ties},
    facts::{Signal, Trait},
    observe::{
        Kind, Observed, Workload,
        neighbour::What,
        pod::{Container, Profile, SeLinuxOptions, WindowsOptions},
    },
};

/// Where AppArmor's profiles were written before they had a field.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Whom tokens are for that say nothing here: roles of AWS, and proxies of a mesh.
const TOLD_ELSEWHERE: &[&str] = &["sts.amazonaws.com", POD_IDENTITY, "istio-ca", "identity.l5d.io"];

/// Whom the token is for by which EKS gives a Pod its role.
const POD_IDENTITY: &str = "pods.eks.amazonaws.com";

/// Conditions of load balancers, which tell the same of a task.
const OF_LOAD_BALANCERS: &[&str] = &["target-health.elbv2.k8s.aws/", "target-health.alb.ingress.k8s.aws/"];

/// Kernel parameters that a kubelet lets Pods set unasked (Kubernetes documentation, sysctls).
const SAFE: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

pub fn signals(observed: &Observed) -> Vec<Signal> {
    let workload = &*observed.workload;
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    let mut found = Vec::new();
    let mut add = |what, field: String, value: &str| {
        found.push(Signal { what, field, value: value.to_owned() });
    };
    if let Some(alias) = spec.host_aliases.first() {
        add(Trait::HostAlias, format!("{pod}.hostAliases"), &alias.ip);
    }
    if let Some(server) = spec.dns_config.as_ref().and_then(|dns| dns.nameservers.first()) {
        add(Trait::NameServer, format!("{pod}.dnsConfig.nameservers"), server);
    }
    if let Some(domain) = spec.subdomain.as_deref().filter(|domain| !domain.is_empty()) {
        add(Trait::Subdomain, format!("{pod}.subdomain"), domain);
    } else if let Some(name) = spec.hostname.as_deref().filter(|name| !name.is_empty()) {
        // With a subdomain others call it by that name.
        add(Trait::Hostname, format!("{pod}.hostname"), name);
    }
    if spec.host_users == Some(false) {
        add(Trait::UserNamespace, format!("{pod}.hostUsers"), "false");
    }
    gates(workload, &mut add);
    for (index, volume) in spec.volumes.iter().enumerate() {
        let at = format_args!("{pod}.volumes[{index}]");
        if let Some(image) = &volume.image {
            let reference = image.reference.as_deref().unwrap_or("an image");
            add(Trait::ImageVolume, format!("{at}.image.reference"), reference);
        }
        let sources = volume.projected.iter().flat_map(|projected| &projected.sources).enumerate();
        for (number, source) in sources {
            let audience = source.service_account_token.as_ref().and_then(|token| token.audience.as_deref());
            if let Some(audience) =
                audience.filter(|audience| !TOLD_ELSEWHERE.contains(audience) && !ties::is_the_api(audience))
            {
                let at = format!("{at}.projected.sources[{number}].serviceAccountToken");
                add(Trait::IssuedToken, at, audience);
            } else if audience == Some(POD_IDENTITY) {
                let at = format!("{at}.projected.sources[{number}].serviceAccountToken");
                add(Trait::PodIdentity, at, POD_IDENTITY);
            }
        }
    }
    if spec.share_process_namespace == Some(true) {
        add(Trait::SharedPids, format!("{pod}.shareProcessNamespace"), "true");
    }
    if let Some(name) = spec.scheduler_name.as_deref().filter(|name| *name != "default-scheduler") {
        add(Trait::Feature, "schedulerName".to_owned(), name);
    }
    if let Some(context) = &spec.security_context {
        let at = format_args!("{pod}.securityContext");
        let all_privileged = spec.containers.iter().chain(&spec.init_containers).all(is_privileged);
        profiles(at, (&context.seccomp_profile, &context.app_armor_profile), all_privileged, &mut add);
        selinux(at, context.se_linux_options.as_deref(), &mut add);
        windows(at, context.windows_options.as_deref(), &mut add);
        for sysctl in &context.sysctls {
            let is_safe = SAFE.contains(&sysctl.name.as_str());
            if !is_safe {
                add(Trait::UnsafeSysctl, format!("{at}.sysctls"), &sysctl.name);
            }
            add(Trait::Sysctl, format!("{at}.sysctls"), &sysctl.name);
        }
    }
    for (list, containers) in [("containers", &spec.containers), ("initContainers", &spec.init_containers)] {
        for (index, container) in containers.iter().enumerate() {
            of_container(container, format_args!("{pod}.{list}[{index}]"), &mut add);
        }
    }
    let annotations = &workload.template.metadata.annotations;
    let template = workload.key.kind.pod_metadata_path();
    for (name, value) in annotations.iter().filter(|(name, _)| name.starts_with(APP_ARMOR)) {
        let is_of = |container: &&Container| name.strip_prefix(APP_ARMOR) == Some(&container.name);
        let mut containers = spec.containers.iter().chain(&spec.init_containers);
        let what = match value.as_str() {
            "unconfined" if containers.find(is_of).is_some_and(is_privileged) => continue,
            "unconfined" => Trait::Unconfined,
            profile if profile.starts_with("localhost/") => Trait::AppArmorProfile,
            _ => continue,
        };
        add(what, format!("{template}.annotations[{name}]"), value);
    }
    found.extend(named_copies(observed));
    found.extend(named_runs(workload));
    found
}

fn of_container(container: &Container, at: Arguments<'_>, add: &mut impl FnMut(Trait, String, &str)) {
    if let Some(context) = &container.security_context {
        let at = format_args!("{at}.securityContext");
        let profiles_of = (&context.seccomp_profile, &context.app_armor_profile);
        profiles(at, profiles_of, is_privileged(container), add);
        selinux(at, context.se_linux_options.as_deref(), add);
        if context.proc_mount.as_deref() == Some("Unmasked") {
            add(Trait::ProcMount, format!("{at}.procMount"), "Unmasked");
        }
        windows(at, context.windows_options.as_deref(), add);
    }
    if let Some(variable) = container.env.node_address.as_ref().filter(|_| !size::is_injected(container)) {
        add(Trait::NodeAddress, format!("{at}.env[{variable}]"), "status.hostIP");
    }
    let hooks = container.lifecycle.as_ref();
    for (is_there, hook) in [
        (hooks.is_some_and(|hooks| hooks.pre_stop.is_some()), "preStop"),
        (hooks.is_some_and(|hooks| hooks.post_start.is_some()), "postStart"),
    ] {
        if is_there {
            add(Trait::Hook, format!("{at}.lifecycle"), hook);
        }
    }
}

/// What others open: what a load balancer's controller says has its match wherever there is a load balancer.
fn gates(workload: &Workload, add: &mut impl FnMut(Trait, String, &str)) {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    let is_own = |condition: &str| OF_LOAD_BALANCERS.iter().any(|prefix| condition.starts_with(prefix));
    let mut conditions = spec.readiness_gates.iter().map(|gate| &*gate.condition_type);
    if let Some(condition) = conditions.find(|condition| !is_own(condition)) {
        add(Trait::Gate, format!("{pod}.readinessGates"), condition);
    }
    if let Some(gate) = spec.scheduling_gates.first() {
        add(Trait::Gate, format!("{pod}.schedulingGates"), &gate.name);
    }
}

fn selinux(at: Arguments<'_>, options: Option<&SeLinuxOptions>, add: &mut impl FnMut(Trait, String, &str)) {
    let Some(SeLinuxOptions { type_, level, role, user }) = options else { return };
    let said = [("type", type_), ("level", level), ("role", role), ("user", user)];
    let mut said = said.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    if let Some((name, value)) = said.find(|(_, value)| !value.is_empty()) {
        add(Trait::SelinuxLabel, format!("{at}.seLinuxOptions.{name}"), value);
    }
}

fn windows(at: Arguments<'_>, options: Option<&WindowsOptions>, add: &mut impl FnMut(Trait, String, &str)) {
    if options.is_some_and(|options| options.host_process == Some(true)) {
        for what in [Trait::Privileged, Trait::HostProcess] {
            add(what, format!("{at}.windowsOptions.hostProcess"), "true");
        }
    }
    if let Some(name) = options.and_then(|options| options.gmsa_credential_spec_name.as_ref()) {
        add(Trait::DirectoryAccount, format!("{at}.windowsOptions.gmsaCredentialSpecName"), name);
    }
}

fn is_privileged(container: &Container) -> bool {
    container.security_context.as_ref().is_some_and(|context| context.privileged == Some(true))
}

/// Profiles that somebody puts on the node: those of the runtime are everywhere. What is privileged has none of them
/// wherever it runs, so that it turns none off.
fn profiles(
    at: Arguments<'_>,
    (seccomp, app_armor): (&Option<Box<Profile>>, &Option<Box<Profile>>),
    is_privileged: bool,
    add: &mut impl FnMut(Trait, String, &str),
) {
    let all = [
        (Trait::SeccompProfile, "seccompProfile", seccomp),
        (Trait::AppArmorProfile, "appArmorProfile", app_armor),
    ];
    for (what, name, profile) in all {
        let Some(profile) = profile else { continue };
        match profile.type_.as_str() {
            "Localhost" => {
                add(
                    what,
                    format!("{at}.{name}"),
                    profile.localhost_profile.as_deref().unwrap_or("Localhost"),
                );
            }
            "Unconfined" if !is_privileged => {
                add(Trait::Unconfined, format!("{at}.{name}.type"), "Unconfined")
            }
            _ => {}
        }
    }
}

/// Copies that have names which stay theirs, and a Service without an address by which others may call one of them. That
/// somebody does is seen where that Service tells of copies that aren't ready: only peers ask for those.
fn named_copies(observed: &Observed) -> Option<Signal> {
    let workload: &Workload = &observed.workload;
    let several = scaling::copies(observed).value().is_some_and(|copies| copies.max > 1.0);
    if workload.key.kind != Kind::StatefulSet || !several {
        return None;
    }
    let services = observed.neighbours.iter().filter_map(|near| match &near.what {
        What::Service(service) => Some((near.name.as_str(), service)),
        _ => None,
    });
    let headless = services.filter(|(_, service)| service.cluster_ip.as_deref() == Some("None"));
    let mut peers = headless.clone().filter(|(_, service)| service.publish_not_ready_addresses == Some(true));
    if let Some((name, _)) = peers.next() {
        let field = format!("Service {name} spec.publishNotReadyAddresses");
        return Some(Signal { what: Trait::CalledByName, field, value: "true".to_owned() });
    }
    let named = workload.service_name.as_deref().filter(|name| !name.is_empty());
    let value = named.or_else(|| headless.map(|(name, _)| name).next())?.to_owned();
    Some(Signal { what: Trait::NamedCopies, field: "spec.serviceName".to_owned(), value })
}

/// Copies of one run that find each other by number and domain, as those of distributed training do.
fn named_runs(workload: &Workload) -> Option<Signal> {
    let job = workload.job.as_ref()?;
    let is_indexed = job.completion_mode.as_deref() == Some("Indexed");
    let several = [job.parallelism, job.completions].iter().all(|count| count.is_some_and(|count| count > 1));
    let domain = workload.template.spec.subdomain.as_deref().filter(|domain| !domain.is_empty())?;
    let field = format!("{}.subdomain", workload.key.kind.pod_path());
    (is_indexed && several).then(|| Signal { what: Trait::NamedRuns, field, value: domain.to_owned() })
}
