//! The time of day and the running time combined: a fixed point of the wall clock plus the time elapsed since. It owns
//! the timestamps of events and the waiting for a point in time. Running time is tokio's, so a paused clock in a test
//! stops everything. If the system's time changes while the program runs, no timestamp moves.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::time::Instant;

use crate::domain::time::Millis;

/// Reads the time and waits for it. Clones show the same time. It can be created outside a runtime; only
/// [`sleep_until`](Self::sleep_until) needs one.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Millis,
    started: Instant,
}

impl Clock {
    /// The clock of the process. It reads the system's time of day once: all clocks of a process show the same time, so
    /// their timestamps can be compared even if the system's time changes meanwhile.
    pub fn system() -> Self {
        static ORIGIN: OnceLock<(Millis, std::time::Instant)> = OnceLock::new();
        let (epoch, started) = *ORIGIN.get_or_init(|| {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            (Millis(0) + since_epoch, std::time::Instant::now())
        });
        Self { epoch, started: Instant::from_std(started) }
    }

    /// A clock that starts at a given time of day, for tests. If created inside a runtime whose clock is paused, it is
    /// paused too.
    pub fn fixed(epoch: Millis) -> Self {
        Self { epoch, started: Instant::now() }
    }

    /// The current time; never decreases.
    pub fn now(&self) -> Millis {
        self.epoch + self.started.elapsed()
    }

    /// The instant of running time that corresponds to a time of day; the clock's start for all earlier times.
    pub fn instant(&self, time: Millis) -> Instant {
        // tokio itself uses a point 30 years ahead for "never"; anything later would overflow.
        const NEVER: Duration = Duration::from_secs(86_400 * 365 * 30);
        self.started + time.since(self.epoch).min(NEVER)
    }

    /// Waits until a time of day; returns at once if it has passed.
    pub async fn sleep_until(&self, time: Millis) {
        tokio::time::sleep_until(self.instant(time)).await;
    }
}

/// Formats a time as RFC 3339 in UTC with milliseconds, such as `2026-03-01T12:00:00.250Z`; for records and JSON.
pub fn rfc3339(time: Millis) -> String {
    format!("{:.3}", timestamp(time))
}

/// Formats a time in the machine's time zone, to the second, such as `2026-03-01 09:00:00`; for people.
pub fn local_date_time(time: Millis) -> String {
    in_zone(time, TimeZone::system(), "%Y-%m-%d %H:%M:%S")
}

/// Formats the time of day in the machine's time zone, such as `09:00:00`; for people.
pub fn local_time(time: Millis) -> String {
    in_zone(time, TimeZone::system(), "%H:%M:%S")
}

/// The beginning of a day in the machine's time zone; the day is given as `2026-11-01`.
pub fn local_midnight(day: &str) -> Option<Millis> {
    midnight(day, TimeZone::system())
}

fn midnight(day: &str, zone: TimeZone) -> Option<Millis> {
    let has_form = day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day: Date = has_form.then_some(day)?.parse().ok()?;
    Some(Millis(day.to_zoned(zone).ok()?.timestamp().as_millisecond()))
}

fn in_zone(time: Millis, zone: TimeZone, form: &str) -> String {
    timestamp(time).to_zoned(zone).strftime(form).to_string()
}

fn timestamp(time: Millis) -> Timestamp {
    let bound = if time.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(time.0).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_fixed_clock_runs_with_the_paused_time() {
        let clock = Clock::fixed(Millis(1_000));
        assert_eq!(clock.now(), Millis(1_000));
        tokio::time::advance(Duration::from_millis(250)).await;
        assert_eq!(clock.now(), Millis(1_250));
        clock.sleep_until(Millis(5_000)).await;
        assert_eq!(clock.now(), Millis(5_000));
        clock.sleep_until(Millis(2_000)).await;
        assert_eq!(clock.now(), Millis(5_000));
    }

    #[test]
    fn all_clocks_of_a_process_have_one_origin() {
        let (one, other) = (Clock::system(), Clock::system());
        assert_eq!((one.epoch, one.started), (other.epoch, other.started));
    }

    #[test]
    fn it_is_created_outside_a_runtime_and_tolerates_any_time() {
        let clock = Clock::system();
        assert!(clock.now() >= Millis(1_700_000_000_000));
        assert!(clock.instant(Millis(i64::MAX)) > clock.instant(Millis(i64::MIN)));
    }

    #[test]
    fn a_day_begins_at_midnight_where_the_machine_is() {
        let zone = || TimeZone::fixed(jiff::tz::offset(-3));
        assert_eq!(midnight("2026-03-01", zone()), Some(Millis(1_772_366_400_000 - 9 * 3_600_000)));
        for wrong in ["2026-02-30", "2026-3-1", "yesterday", "2026-03-01T12:00", "20260301"] {
            assert_eq!(midnight(wrong, zone()), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_written_for_records_and_for_people() {
        assert_eq!(rfc3339(Millis(1_772_366_400_250)), "2026-03-01T12:00:00.250Z");
        assert_eq!(rfc3339(Millis(1_772_366_400_000)), "2026-03-01T12:00:00.000Z");
        assert!(rfc3339(Millis(i64::MAX)).starts_with("9999-"));
        let zone = TimeZone::fixed(jiff::tz::offset(-3));
        assert_eq!(in_zone(Millis(1_772_366_400_250), zone, "%Y-%m-%d %H:%M:%S"), "2026-03-01 09:00:00");
    }
}
