//! Times, sizes and counts as people say them: for tables on a terminal, where nobody copies them
//! into another program.

use std::borrow::Cow;

use crate::model::Time;
use crate::schema::{Field, Unit};

/// What is needed to say them so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Human<'a> {
    pub(crate) now: Time,
    /// The fields as the API describes them.
    pub(crate) fields: &'a [Field],
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Human<'_> {
    /// What the field counts in.
    pub(super) fn unit(&self, name: &str) -> Unit {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map_or(Unit::Plain, Field::unit)
    }

    /// The text of a cell in short; what is not of its kind stays as it is.
    pub(super) fn text<'t>(&self, unit: Unit, text: &'t str) -> Cow<'t, str> {
        let short = match unit {
            Unit::Plain => None,
            Unit::Time => Time::parse(text).map(|time| self.time(time)),
            Unit::Bytes => text.parse().ok().map(bytes),
            Unit::Count => grouped(text),
        };
        short.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// How long ago or ahead it is within a day, else the local date.
    fn time(&self, time: Time) -> String {
        let past = self.now.millis().saturating_sub(time.millis());
        let (count, unit) = match past.saturating_abs() {
            ..SECOND => return "now".to_owned(),
            away @ ..MINUTE => (away / SECOND, "s"),
            away @ ..HOUR => (away / MINUTE, "min"),
            away @ ..DAY => (away / HOUR, "h"),
            _ => return time.local(),
        };
        if past > 0 { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
    }
}

/// A size with three digits at most before its unit.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    // Tenths of the unit, in whole numbers: nothing is lost on the way.
    let (mut tenths, mut name) = (u128::from(count) * 10, "B");
    for unit in UNITS {
        if tenths < 10_235 {
            break;
        }
        (tenths, name) = ((tenths + 512) / 1024, unit);
    }
    match tenths {
        ..100 => format!("{}.{} {name}", tenths / 10, tenths % 10),
        _ => format!("{} {name}", (tenths + 5) / 10),
    }
}

/// Long numbers in groups of three digits.
fn grouped(text: &str) -> Option<String> {
    let is_long = text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = text.chars().enumerate();
    let group = |(at, digit): (usize, char)| {
        let gap = at > 0 && (text.len() - at).is_multiple_of(3);
        gap.then_some(',').into_iter().chain([digit])
    };
    is_long.then(|| digits.flat_map(group).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T18:44:02+0000";

    fn said(unit: Unit, text: &str) -> String {
        let human = Human { now: Time::parse(NOW).unwrap(), fields: &[] };
        human.text(unit, text).into_owned()
    }

    #[test]
    fn times_of_a_day_are_told_from_now() {
        for (time, short) in [
            ("2026-11-23T18:44:02+0000", "now"),
            ("2026-11-23T18:43:20+0000", "42 s ago"),
            ("2026-11-23T18:41:01+0000", "3 min ago"),
            ("2026-11-23T19:41:01+0100", "3 min ago"),
            ("2026-11-22T18:44:03+0000", "23 h ago"),
            ("2026-11-23T18:50:02+0000", "in 6 min"),
            ("2026-11-24T18:44:01+0000", "in 23 h"),
            ("soon", "soon"),
            ("", ""),
        ] {
            assert_eq!(said(Unit::Time, time), short, "{time}");
        }
        let far = Time::parse("2026-11-20T12:00:00+0000").unwrap();
        assert_eq!(said(Unit::Time, "2026-11-20T12:00:00+0000"), far.local());
        assert_eq!(far.local().len(), "2026-11-20 12:00".len());
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (size, short) in [
            ("0", "0 B"),
            ("1023", "1023 B"),
            ("1024", "1.0 KiB"),
            ("1536", "1.5 KiB"),
            ("10240", "10 KiB"),
            ("1048064", "1.0 MiB"),
            ("5368709120", "5.0 GiB"),
            ("18446744073709551615", "16 EiB"),
            ("-1", "-1"),
            ("1.5", "1.5"),
        ] {
            assert_eq!(said(Unit::Bytes, size), short, "{size}");
        }
    }

    #[test]
    fn long_counts_are_grouped() {
        for (count, short) in [
            ("0", "0"),
            ("9999", "9999"),
            ("65536", "65,536"),
            ("1234567", "1,234,567"),
            ("18446744073709551616", "18,446,744,073,709,551,616"),
            ("-10000", "-10000"),
            ("99999.5", "99999.5"),
        ] {
            assert_eq!(said(Unit::Count, count), short, "{count}");
        }
    }

    #[test]
    fn only_what_the_table_of_apis_says_is_put_in_short() {
        let field = |name, wire| Field { name, about: "", wire };
        let fields = [field("created", "date"), field("size", "long"), field("vlan", "string")];
        let human = Human { now: Time::default(), fields: &fields };
        let units = ["created", "size", "vlan", "other"].map(|name| human.unit(name));
        assert_eq!(units, [Unit::Time, Unit::Bytes, Unit::Plain, Unit::Plain]);
    }
}
