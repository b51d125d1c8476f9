//! Points in time, as CloudStack writes them.

use jiff::Timestamp;
use jiff::fmt::strtime;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Time(i64);

impl Time {
    /// The point `millis` milliseconds after the epoch.
    pub(crate) const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub(crate) const fn millis(self) -> i64 {
        self.0
    }

    /// The point `seconds` later (earlier when negative); stays at the end of the scale.
    pub(crate) const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// How many hours the clocks of a time zone of this name are ahead of UTC then; those of a zone
    /// that the system does not know are not.
    pub(crate) fn hours_ahead(self, zone: &str) -> f32 {
        let ahead = || {
            let zone = jiff::tz::TimeZone::get(zone).ok()?;
            let offset = zone.to_offset(Timestamp::from_millisecond(self.0).ok()?);
            i16::try_from(offset.seconds() / 60).ok()
        };
        f32::from(ahead().unwrap_or_default()) / 60.0
    }

    /// The date and the minute on the clocks where the program runs.
    pub(crate) fn local(self) -> String {
        let shown = Timestamp::from_millisecond(self.0).and_then(|time| {
            let zoned = time.to_zoned_datetime(jiff::tz::TimeZone::system());
            strtime::format("%Y-%m-%d %H:%M", &zoned)
        });
        shown.unwrap_or_else(|_| self.to_string())
    }

    /// Reads `2026-11-23T00:28:00+0000`, an RFC 3339 time, or `2026-11-23` and
    /// `2026-11-23 00:28:00` taken as UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Some(Self(time.as_millisecond()));
        }
        if let Ok(time) = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text) {
            return Some(Self(time.as_millisecond()));
        }
        let civil = text
            .parse::<jiff::civil::DateTime>()
            .or_else(|_| text.parse::<jiff::civil::Date>().map(Into::into))
            .ok()?;
        let time = jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self(time.as_millisecond()))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = Timestamp::from_millisecond(self.0)
            .and_then(|time| strtime::format("%Y-%m-%dT%H:%M:%S%z", time));
        match shown {
            Ok(text) => f.write_str(&text),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_it_is_written() {
        let time = Time::parse("2026-11-23T00:28:00+0000").unwrap();
        assert_eq!(time.to_string(), "2026-11-23T00:28:00+0000");
        assert_eq!(Time::parse("2026-11-23T00:28:00Z"), Some(time));
        assert_eq!(Time::parse("2026-11-23T01:28:00+01:00"), Some(time));
        assert_eq!(Time::parse("2026-11-23 00:28:00"), Some(time));
        assert_eq!(Time::parse("2026-11-23"), Some(time.plus_seconds(-28 * 60)));
        assert_eq!(Time::parse("soon"), None);
    }

    #[test]
    fn clocks_are_ahead_by_zone_and_season() {
        let [winter, summer] = ["2026-01-02", "2026-07-02"].map(|day| Time::parse(day).unwrap());
        assert_eq!(format!("{:?}", winter.hours_ahead("Europe/Berlin")), "1.0");
        assert_eq!(format!("{:?}", summer.hours_ahead("Europe/Berlin")), "2.0");
        assert_eq!(format!("{:?}", winter.hours_ahead("America/St_Johns")), "-3.5");
        assert_eq!(format!("{:?}", winter.hours_ahead("Middle/Earth")), "0.0");
        assert_eq!(format!("{:?}", winter.hours_ahead("UTC")), "0.0");
    }

    #[test]
    fn no_number_is_too_large_to_show() {
        assert_eq!(Time::from_millis(i64::MAX).to_string(), format!("{}ms", i64::MAX));
    }
}
