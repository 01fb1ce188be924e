//! Runs a month from a cron schedule. The time zone moves runs within a day and can't change their number.

use croner::{Cron, parser::CronParser};
use jiff::{civil::date, tz::TimeZone};

/// Months in the year that runs are counted over.
const MONTHS: f64 = 12.0;

/// Runs a month, the mean over a year.
///
/// # Errors
/// Says what is wrong with a schedule that the API server would refuse.
pub fn runs_a_month(schedule: &str) -> Result<f64, String> {
    let fields = match schedule.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    };
    let parts: Vec<&str> = fields.split_whitespace().collect();
    let [minute, hour, days @ ..] = parts.as_slice() else {
        return Err(format!("{schedule:?} isn't a schedule such as \"0 3 * * *\""));
    };
    if days.len() != 3 {
        return Err(format!("{schedule:?} has {} fields, a schedule has 5", parts.len()));
    }
    // Minutes and hours don't depend on the day, so that a day and a year are enough to count.
    let within_a_day = parse(&format!("{minute} {hour} * * *"))?;
    let days = parse(&format!("0 0 {}", days.join(" ")))?;
    Ok(count(&within_a_day, 1) * count(&days, 365) / MONTHS)
}

fn parse(pattern: &str) -> Result<Cron, String> {
    CronParser::new().parse(pattern).map_err(|error| error.to_string())
}

/// Occurrences in the days from the start of 2026, a year without a leap day.
fn count(cron: &Cron, days: i32) -> f64 {
    let start = date(2026, 1, 1);
    let end = start.checked_add(jiff::Span::new().days(days)).unwrap_or(start);
    let (Ok(from), Ok(until)) = (start.to_zoned(TimeZone::UTC), end.to_zoned(TimeZone::UTC)) else {
        return 0.0;
    };
    let mut runs = 0.0;
    let mut next = cron.find_next_occurrence(&from, true);
    while let Ok(time) = next {
        if time >= until {
            break;
        }
        runs += 1.0;
        next = cron.find_next_occurrence(&time, false);
    }
    runs
}

/// Whether a time zone's name is one that the API server accepts.
pub fn is_time_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_runs_of_a_month() {
        for (schedule, runs) in [
            ("0 3 * * *", 365.0 / 12.0),
            ("*/5 * * * *", 288.0 * 365.0 / 12.0),
            ("0 0 1 * *", 1.0),
            ("@hourly", 24.0 * 365.0 / 12.0),
            ("30 9-17 * * 1-5", 9.0 * 261.0 / 12.0),
            ("0 0 29 2 *", 0.0),
        ] {
            assert!((runs_a_month(schedule).unwrap() - runs).abs() < 1e-9, "{schedule}");
        }
    }

    #[test]
    fn refuses_what_isnt_a_schedule() {
        for schedule in ["", "daily", "61 * * * *", "* * * *", "* * * * * *"] {
            assert!(runs_a_month(schedule).is_err(), "{schedule}");
        }
        assert!(is_time_zone("Europe/Berlin") && !is_time_zone("Mars/Olympus"));
    }
}
