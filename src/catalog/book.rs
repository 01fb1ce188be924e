//! Whether costs can be counted with a price book: every figure of it, its units against the embedded one's.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::Value;

use super::{Catalog, Instance, Prices};
use crate::invalid::Invalid;

impl Prices {
    /// Whether costs can be counted with them.
    ///
    /// # Errors
    /// Names the first field with which they can't.
    pub fn check(&self) -> Result<(), Invalid> {
        check_date("date", &self.date)?;
        if self.region.trim().is_empty() {
            return Err(Invalid::new("region", "must name the region, such as eu-central-1"));
        }
        let (own, embedded) = (serde_json::to_value(self), serde_json::to_value(&Catalog::embedded().prices));
        if let (Ok(own), Ok(embedded)) = (own, embedded) {
            check_figures("", &own, &embedded)?;
        }
        let factor = &self.sage_maker;
        if factor.instance_factor_low.value > factor.instance_factor_high.value {
            let reason = format!("must be at most instanceFactorHigh, {}", factor.instance_factor_high.value);
            return Err(Invalid::new("sageMaker.instanceFactorLow.value", reason));
        }
        check_instances(&self.instances)
    }
}

/// All figures below a field, in the order of their names.
fn check_figures(path: &str, own: &Value, embedded: &Value) -> Result<(), Invalid> {
    let Value::Object(fields) = own else { return Ok(()) };
    let Some(unit) = embedded.get("unit").and_then(Value::as_str) else {
        return fields.iter().try_for_each(|(name, field)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            check_figures(&path, field, &embedded[name])
        });
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    // What is no number, such as an infinity, has no value here.
    let value = fields.get("value").and_then(Value::as_f64);
    let at = |name: &str| format!("{path}.{name}");
    if unit.starts_with('%') {
        if !value.is_some_and(|value| (0.0..=100.0).contains(&value)) {
            return Err(Invalid::new(at("value"), "must be a percentage from 0 to 100"));
        }
    } else if !value.is_some_and(|value| value > 0.0) {
        return Err(Invalid::new(at("value"), "must be a number above 0"));
    }
    if text("unit") != unit {
        return Err(Invalid::new(at("unit"), format!("{:?} must be {unit:?}", text("unit"))));
    }
    check_date(&at("date"), text("date"))
}

fn check_date(field: &str, date: &str) -> Result<(), Invalid> {
    match date.parse::<Date>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Invalid::new(field, format!("{date:?} must be a date such as 2026-01-31"))),
    }
}

fn check_instances(instances: &[Instance]) -> Result<(), Invalid> {
    let mut names = BTreeSet::new();
    for (index, instance) in instances.iter().enumerate() {
        let refused = |field: &str, reason: &str| {
            Err(Invalid::new(format!("instances[{index}]{field}"), reason.to_owned()))
        };
        let sizes = [instance.hour, instance.vcpu, instance.memory];
        if !sizes.iter().all(|size| *size > 0.0 && size.is_finite()) {
            return refused("", "hour, vcpu and memory must be above 0");
        }
        if !(instance.times >= 1.0 && instance.times.is_finite()) {
            return refused(".times", "must be at least 1");
        }
        let parts = [
            instance.gpus,
            instance.gpu_memory,
            instance.neuron,
            instance.slices,
            instance.nvme,
            instance.efa,
        ];
        if !parts.iter().all(|part| *part >= 0.0 && part.is_finite()) {
            return refused("", "gpus, gpuMemory, neuron, slices, nvme and efa must be 0 or more");
        }
        if instance.name.trim().is_empty() {
            return refused(".name", "must name the instance type, such as m7i.large");
        }
        if !names.insert(instance.name.as_str()) {
            return refused(".name", &format!("{} is there twice", instance.name));
        }
    }
    if !instances.iter().any(|i| i.gpus == 0.0 && i.neuron == 0.0 && !i.arm && !i.named) {
        let reason = "names no x86 instance without accelerator to price nodes with";
        return Err(Invalid::new("instances", reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The embedded book as a file, with one line changed.
    fn refused(from: &str, to: &str) -> (String, String) {
        let embedded = Catalog::embedded();
        let text = serde_yaml_ng::to_string(&embedded.prices).unwrap();
        assert!(embedded.with_prices(&text).is_ok());
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{from}");
        let error = embedded.with_prices(&changed).unwrap_err();
        let line = changed.lines().nth(error.line - 1).unwrap_or_default().trim().to_owned();
        (error.field.unwrap_or_default(), line)
    }

    #[test]
    fn every_figure_of_a_price_book_is_checked() {
        for (from, to, field) in [
            ("region: us-east-1", "region: ''", "region"),
            ("date: 2026-11-24", "date: 24.11.2026", "date"),
            ("value: 0.04048", "value: -1", "fargate.vcpuHour.value"),
            ("value: 0.04048", "value: 0", "fargate.vcpuHour.value"),
            ("value: 0.04048", "value: .inf", "fargate.vcpuHour.value"),
            ("unit: USD/vCPU-h", "unit: EUR/h", "fargate.vcpuHour.unit"),
            ("value: 70.0", "value: 170", "fargate.spotDiscountMost.value"),
            ("value: 1.15", "value: 1.5", "sageMaker.instanceFactorLow.value"),
            ("name: m7i.large", "name: c7i.large", "instances[1].name"),
            ("name: m7i.large", "name: ''", "instances[1].name"),
            ("times: 96.0", "times: 0", "instances[0].times"),
        ] {
            let (at, line) = refused(from, to);
            assert_eq!((at.as_str(), line.trim_start_matches("- ")), (field, to));
        }
    }
}
