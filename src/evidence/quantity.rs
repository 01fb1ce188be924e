//! Kubernetes quantities (`500m`, `2Gi`), durations (`200ms`, `2h`) and how amounts are written for people.

use jiff::SignedDuration;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// The number that a quantity stands for, in its base unit, or nothing when it isn't one.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, suffix) = match text[split..].chars().next() {
        // An exponent, not exa: 1e3 has digits behind it, 1E has none.
        Some('e' | 'E')
            if text[split + 1..].starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+')) =>
        {
            (text, "")
        }
        _ => text.split_at(split),
    };
    let number: f64 = digits.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024f64.powi(2),
        "Gi" => 1024f64.powi(3),
        "Ti" => 1024f64.powi(4),
        "Pi" => 1024f64.powi(5),
        "Ei" => 1024f64.powi(6),
        _ => return None,
    };
    let value = number * factor;
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// A quantity of bytes in GiB.
pub fn gib(text: &str) -> Option<f64> {
    parse(text).map(|bytes| bytes / GIB)
}

/// Seconds of `200ms`, `30s`, `20m`, `2h` or their sums.
pub fn seconds(text: &str) -> Option<f64> {
    let duration: SignedDuration = text.trim().parse().ok()?;
    let seconds = duration.as_secs_f64();
    (seconds > 0.0).then_some(seconds)
}

/// GiB as a quantity: `12Gi`, `512Mi`.
pub fn write_gib(gib: f64) -> String {
    if gib >= 1.0 { format!("{}Gi", trim(gib)) } else { format!("{}Mi", trim(gib * 1024.0)) }
}

/// vCPU as a quantity: `2`, `500m`.
pub fn write_cpu(vcpu: f64) -> String {
    if vcpu >= 1.0 { trim(vcpu) } else { format!("{}m", trim(vcpu * 1000.0)) }
}

/// Seconds as people write them: `200ms`, `30s`, `20m`, `2h`, `3d`.
pub fn write_seconds(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1.0 => (s * 1000.0, "ms"),
        s if s < 120.0 => (s, "s"),
        s if s < 7200.0 => (s / 60.0, "m"),
        s if s < 172_800.0 => (s / 3600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    format!("{}{unit}", trim(value))
}

/// A number with at most two decimals and no trailing zeros.
pub fn trim(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_api_server_reads() {
        for (text, value) in [
            ("500m", 0.5),
            ("2", 2.0),
            (".5", 0.5),
            ("1e3", 1000.0),
            ("1E", 1e18),
            ("64Mi", 67_108_864.0),
            ("1k", 1000.0),
        ] {
            assert_eq!(parse(text), Some(value), "{text}");
        }
        for text in ["", "many", "1 Gi", "12GiB", "-1", "1e", "NaN", "inf"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(seconds("200ms"), Some(0.2));
        assert_eq!(seconds("20m"), Some(1200.0));
        assert_eq!(seconds("2h"), Some(7200.0));
        for text in ["20", "soon", "-3s", ""] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_people_write() {
        assert_eq!((write_gib(12.0), write_gib(0.5)), ("12Gi".into(), "512Mi".into()));
        assert_eq!((write_cpu(0.25), write_cpu(1.5)), ("250m".into(), "1.5".into()));
        assert_eq!((write_seconds(0.2), write_seconds(1200.0)), ("200ms".into(), "20m".into()));
    }
}
