//! When a cron schedule runs. The time zone moves runs within a day and can't change their number.

use croner::{Cron, parser::CronParser};
use jiff::{SignedDuration, civil::date, tz::TimeZone};

use crate::{amount, catalog::SECONDS_A_MONTH};

/// Months in the year that runs are counted over.
const MONTHS: f64 = 12.0;
const DAYS: i32 = 365;
/// With the leap day that only every fourth year has.
const FOUR_YEARS: i32 = 4 * DAYS + 1;
/// Seconds.
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// What a schedule says of its runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Runs {
    /// The mean over a year, or over four where the day is in a leap year only.
    pub a_month: f64,
    /// Seconds between the two runs that are the closest, where there are two.
    pub shortest_gap: Option<f64>,
}

/// Reads a schedule as the API server does: five fields, a word such as `@daily`, or `@every 5m`.
///
/// # Errors
/// Says what is wrong with a schedule that the API server would refuse.
pub fn read(schedule: &str) -> Result<Runs, String> {
    if let Some(every) = schedule.trim().strip_prefix("@every ") {
        let seconds = amount::seconds(every).filter(|_| !every.contains('d'));
        // The controller rounds to whole seconds.
        let gap = seconds.ok_or_else(|| format!("{every:?} isn't a duration such as 5m"))?.floor().max(1.0);
        return Ok(Runs { a_month: SECONDS_A_MONTH / gap, shortest_gap: Some(gap) });
    }
    let fields = match schedule.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    };
    let parts: Vec<&str> = fields.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else {
        return Err(format!(
            "{schedule:?} has {} fields, a schedule such as \"0 3 * * *\" has 5",
            parts.len()
        ));
    };
    // Before croner reads them: it takes more.
    for (field, has_names, last) in
        [(minute, false, 59), (hour, false, 23), (day, false, 31), (month, true, 12), (weekday, true, 6)]
    {
        plain(field, has_names, last)?;
    }
    // A field of commas alone is read, and no time is in it.
    if [minute, hour, day, month, weekday].iter().any(|field| listed(field).next().is_none()) {
        return Ok(Runs { a_month: 0.0, shortest_gap: None });
    }
    // Minutes, hours and days don't depend on each other, so that each is enough to count by itself.
    let minutes = at(&parse(&format!("{} 0 * * *", open(minute, 59)))?, MINUTE, 60);
    let hours = at(&parse(&format!("0 {} * * *", open(hour, 23)))?, HOUR, 24);
    let times: Vec<f64> =
        hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour + minute)).collect();
    let on = parse(&format!("0 0 {} {} {}", open(day, 31), open(month, 12), open(weekday, 6)))?;
    let (mut days, mut years) = (at(&on, DAY, DAYS), 1.0);
    let mut period = DAYS;
    if days.is_empty() {
        (days, years, period) = (at(&on, DAY, FOUR_YEARS), 4.0, FOUR_YEARS);
    }
    Ok(Runs {
        a_month: times.len() as f64 * days.len() as f64 / (years * MONTHS),
        shortest_gap: shortest_gap(&times, &days, period),
    })
}

/// What stands between commas: the API server skips what is empty.
fn listed(field: &str) -> impl Iterator<Item = &str> {
    field.split(',').filter(|part| !part.is_empty())
}

/// The API server knows numbers, names, ranges and steps, and no Sunday of 7; croner knows more.
fn plain(field: &str, has_names: bool, last: u32) -> Result<(), String> {
    let is_plain = |value: &str| match value.parse::<u32>() {
        Ok(number) => number <= last,
        Err(_) if value.bytes().all(|byte| byte.is_ascii_alphabetic()) => has_names && value.len() == 3,
        Err(_) => matches!(value, "*" | "?"),
    };
    let ranges = listed(field).map(|part| part.split_once('/').map_or(part, |(range, _)| range));
    match ranges.flat_map(|range| range.split('-')).find(|value| !is_plain(value)) {
        Some(value) => Err(format!("{value:?} in {field:?} is nothing that Kubernetes reads")),
        None => Ok(()),
    }
}

/// `5/15` is every fifteenth from the fifth on, and `?` is any: croner wants a range and a star.
fn open(field: &str, last: u32) -> String {
    let part = |part: &str| match part.split_once('/') {
        Some((first, step)) if first.parse::<u32>().is_ok() => format!("{first}-{last}/{step}"),
        _ => part.replace('?', "*"),
    };
    listed(field).map(part).collect::<Vec<_>>().join(",")
}

fn parse(pattern: &str) -> Result<Cron, String> {
    CronParser::new().parse(pattern).map_err(|error| error.to_string())
}

/// Seconds from the start of 2026, a year without a leap day, to each of so many steps that a pattern matches. croner is
/// never asked for the next match: it would look for the 30th of February through thousands of years.
fn at(cron: &Cron, step: f64, steps: i32) -> Vec<f64> {
    let Ok(start) = date(2026, 1, 1).to_zoned(TimeZone::UTC) else { return Vec::new() };
    let seconds = (0..steps).map(|index| f64::from(index) * step);
    let matches = |seconds: &f64| {
        let time = start.checked_add(SignedDuration::from_secs_f64(*seconds));
        time.is_ok_and(|time| cron.is_time_matching(&time).unwrap_or(false))
    };
    seconds.filter(matches).collect()
}

/// Between two runs of a day, or the last of one day and the first of the next that has any.
fn shortest_gap(times: &[f64], days: &[f64], period: i32) -> Option<f64> {
    let (first, last) = (times.first()?, times.last()?);
    let within = if days.is_empty() { &[] } else { times }.windows(2).map(|pair| pair[1] - pair[0]);
    // The period's first day that runs follows its last one.
    let again = days.first().map(|day| day + f64::from(period) * DAY);
    let days: Vec<f64> = days.iter().copied().chain(again).collect();
    let between = days.windows(2).map(|pair| pair[1] - pair[0] - last + first);
    within.chain(between).min_by(f64::total_cmp)
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
            ("5/15 * * * *", 96.0 * 365.0 / 12.0),
            ("5,10/20 2/6 ? * ?", 16.0 * 365.0 / 12.0),
            ("0 0 1 * *", 1.0),
            ("@hourly", 24.0 * 365.0 / 12.0),
            ("@every 5m", 12.0 * 730.0),
            ("@every 1h30m", 730.0 / 1.5),
            ("30 9-17 * * 1-5", 9.0 * 261.0 / 12.0),
            ("0 0 29 2 *", 1.0 / 48.0),
            ("0 0 30 2 *", 0.0),
            ("*/2 , * * *", 0.0),
            ("0 3 , * *", 0.0),
            ("0 1,,5, * * *", 2.0 * 365.0 / 12.0),
            ("0 0 * JAN-mar Mon-Fri", 64.0 / 12.0),
        ] {
            let found = read(schedule).unwrap().a_month;
            assert!((found - runs).abs() < 1e-6, "{schedule}: {found}");
        }
    }

    #[test]
    fn the_shortest_gap_is_the_one_that_runs_meet_in() {
        for (schedule, minutes) in [
            ("*/5 * * * *", 5.0),
            ("0,10 3 * * *", 10.0),
            ("55 23 * * *", 1440.0),
            ("0 0,23 * * *", 60.0),
            ("0 3 * * 1-5", 1440.0),
            ("0 3 * * 1", 7.0 * 1440.0),
            ("0 0 1 1 *", 365.0 * 1440.0),
            ("*/7 * * * *", 4.0),
            ("0 0 29 2 *", 1461.0 * 1440.0),
            ("@every 90s", 1.5),
        ] {
            assert_eq!(read(schedule).unwrap().shortest_gap, Some(minutes * 60.0), "{schedule}");
        }
        assert_eq!(read("0 0 30 2 *").unwrap().shortest_gap, None);
    }

    #[test]
    fn refuses_what_isnt_a_schedule() {
        for schedule in [
            "",
            "daily",
            "61 * * * *",
            "* * * *",
            "* * * * * *",
            "@every",
            "@every soon",
            "@every 1d",
            "5/x * * * *",
            "0 0 L * *",
            "0 0 1W * *",
            "0 0 * * 5#2",
            "0 0 * * 7",
            "0 0 * * 1-7",
            "0 0 MON * *",
            "0 /2 * * *",
            "0 - * * *",
            "MON 3 * * *",
        ] {
            assert!(read(schedule).is_err(), "{schedule}");
        }
        assert!(is_time_zone("Europe/Berlin") && !is_time_zone("Mars/Olympus"));
    }
}
