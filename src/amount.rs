//! Amounts as people write them: quantities (`500m`, `2Gi`), durations (`200ms`, `2h`), money, and back.

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

/// Seconds of `200ms`, `30s`, `20m`, `2h`, `3d` or their sums, and of what people write beside it: `1 hour`, `PT20M`.
pub fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let other = || text.parse::<SignedDuration>().ok().map(|duration| duration.as_secs_f64());
    let seconds = sum_of_units(text).or_else(other)?;
    (seconds > 0.0 && seconds.is_finite()).then_some(seconds)
}

/// What the pattern in the custom resource's schema allows: it and this agree.
fn sum_of_units(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| c.is_ascii_alphabetic())?);
        let (unit, behind) =
            behind.split_at(behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len()));
        let whole =
            number.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let factor = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok().filter(|_| whole)? * factor;
        rest = behind;
    }
    (!text.is_empty()).then_some(sum)
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

/// A number with two significant digits behind the first: `0.0123`, `3.2`, `41`.
pub fn write_number(value: f64) -> String {
    if value == 0.0 || value >= 100.0 {
        return format!("{value:.0}");
    }
    let digits = (1 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Dollars: `$0.42`, `$41`, `$1,234`.
pub fn write_dollars(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let value = value.abs();
    if value < 10.0 {
        return format!("{sign}${value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}${text}")
}

/// An interval of dollars: `$41`, `$41 to $63`.
pub fn write_range(low: f64, high: f64) -> String {
    let (low, high) = (write_dollars(low), write_dollars(high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// What a move does to the bill: `saves $5 to $9`, `costs $40 more`, `saves up to $5 or costs up to $40 more`.
pub fn write_saving(low: f64, high: f64) -> String {
    if low >= 0.0 {
        format!("saves {}", write_range(low, high))
    } else if high <= 0.0 {
        format!("costs {} more", write_range(0.0 - high, 0.0 - low))
    } else {
        format!("saves up to {} or costs up to {} more", write_dollars(high), write_dollars(0.0 - low))
    }
}

/// A number with at most two decimals and no trailing zeros.
pub fn trim(value: f64) -> String {
    // Most are whole, and those are written far quicker so.
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return (value as i64).to_string();
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saving_that_is_a_cost_is_called_one() {
        assert_eq!(write_saving(12.0, 30.0), "saves $12 to $30");
        assert_eq!(write_saving(-40.0, -40.0), "costs $40 more");
        assert_eq!(write_saving(-90.0, 0.0), "costs $0.00 to $90 more");
        assert_eq!(write_saving(-40.0, 15.0), "saves up to $15 or costs up to $40 more");
    }

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
        assert_eq!(seconds("1d"), Some(86_400.0));
        assert_eq!(seconds("1d12h1.5m"), Some(129_690.0));
        assert_eq!(seconds("1 hour"), Some(3600.0));
        for text in ["20", "soon", "-3s", "", "s", "1.s", ".5s", "1..5s", "0s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_people_write() {
        assert_eq!((write_gib(12.0), write_gib(0.5)), ("12Gi".into(), "512Mi".into()));
        assert_eq!((write_cpu(0.25), write_cpu(1.5)), ("250m".into(), "1.5".into()));
        assert_eq!((write_seconds(0.2), write_seconds(1200.0)), ("200ms".into(), "20m".into()));
        assert_eq!(
            (write_number(0.012_34), write_number(3.24), write_number(41.0)),
            ("0.012".into(), "3.2".into(), "41".into())
        );
        assert_eq!((write_dollars(1234.4), write_dollars(-3.5)), ("$1,234".into(), "-$3.50".into()));
        assert_eq!((write_range(41.1, 41.2), write_range(1.0, 20.0)), ("$41".into(), "$1.00 to $20".into()));
    }
}
