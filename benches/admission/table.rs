//! The figures as a Markdown table, and the ratios that the two arms are compared by.

use crate::{
    load::{Load, Measured},
    reviews::Size,
    webhooks::Arm,
};

pub const HEAD: &str = "\
| webhook | review | load | p50 ms | p95 ms | p99 ms | answers/s | CPU s per 1,000 | memory MiB |
|---|---|---|---|---|---|---|---|---|";

pub fn row(arm: Arm, size: Size, bytes: usize, load: Load, measured: &Measured, memory: f64) -> String {
    let load = match load {
        Load::Rate(rate) => format!("{rate}/s"),
        Load::Saturation => "saturation".to_owned(),
    };
    format!(
        "| {} | {} {:.1} KB | {load} | {:.2} | {:.2} | {:.2} | {:.0} | {:.3} | {memory:.1} |",
        arm.name(),
        size.name(),
        bytes as f64 / 1e3,
        milliseconds(measured, 0.5),
        milliseconds(measured, 0.95),
        milliseconds(measured, 0.99),
        rate(measured),
        cpu(measured),
    )
}

/// The first arm over the second.
pub fn ratios(measured: &[Measured]) -> String {
    let [berth, empty] = measured else { return String::new() };
    let of = |figure: &dyn Fn(&Measured) -> f64| figure(berth) / figure(empty).max(f64::MIN_POSITIVE);
    format!(
        "| berth ÷ empty | | | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | |",
        of(&|m| milliseconds(m, 0.5)),
        of(&|m| milliseconds(m, 0.95)),
        of(&|m| milliseconds(m, 0.99)),
        of(&rate),
        of(&cpu),
    )
}

fn milliseconds(measured: &Measured, quantile: f64) -> f64 {
    measured.latency.value_at_quantile(quantile) as f64 / 1e6
}

fn rate(measured: &Measured) -> f64 {
    measured.answered as f64 / measured.seconds.max(f64::MIN_POSITIVE)
}

fn cpu(measured: &Measured) -> f64 {
    measured.cpu / (measured.answered.max(1) as f64) * 1e3
}
