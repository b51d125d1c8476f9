//! Which of two texts comes first: numbers by value, names, addresses and versions as people
//! count them.

use std::cmp::Ordering;

/// Compares two texts by value if both are numbers, and in natural order otherwise.
pub(super) fn by_value(a: &str, b: &str) -> Ordering {
    match number(a).zip(number(b)) {
        Some((a, b)) => a.compare(&b),
        None => natural(a, b),
    }
}

/// Compares digits in the texts as the numbers that they make, so that 10.0.0.9 comes before
/// 10.0.0.10, and letters without their case.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let ((x, left_rest), (y, right_rest)) = (digits(left), digits(right));
            match whole(x, y) {
                Ordering::Equal => (left, right) = (left_rest, right_rest),
                other => return other,
            }
            continue;
        }
        match x.to_lowercase().cmp(y.to_lowercase()) {
            Ordering::Equal => {}
            other => return other,
        }
        left = left.get(x.len_utf8()..).unwrap_or_default();
        right = right.get(y.len_utf8()..).unwrap_or_default();
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Whether the text is a number in decimal digits.
pub(super) fn is_number(text: &str) -> bool {
    number(text).is_some()
}

/// A number as its digits: none is too long.
struct Number<'t> {
    is_negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

fn number(text: &str) -> Option<Number<'_>> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fraction = if are_digits(fraction) { fraction.trim_end_matches('0') } else { return None };
    are_digits(whole).then_some(Number { is_negative, whole, fraction })
}

impl Number<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        let size = whole(self.whole, other.whole).then_with(|| self.fraction.cmp(other.fraction));
        match (self.is_negative, other.is_negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            _ if self.is_zero() && other.is_zero() => Ordering::Equal,
            (is_negative, _) => {
                if is_negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }

    fn is_zero(&self) -> bool {
        self.fraction.is_empty() && self.whole.bytes().all(|digit| digit == b'0')
    }
}

/// Compares whole numbers of any length.
fn whole(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_count_like_this() {
        for rising in [
            &["9", "10", "100"][..],
            &["-10", "-9.5", "-0.1", "0", "0.25", "0.3", "18446744073709551617"],
            &["10.0.0.9", "10.0.0.10", "10.0.1.1", "192.0.2.1"],
            &["4.9.3", "4.19.0", "4.19.0.1", "4.20.0"],
            &["Web1", "web2", "web10", "web10a"],
            &["2026-01-09T10:00:00+0000", "2026-11-02T09:00:00+0000"],
        ] {
            assert!(rising.windows(2).all(|two| by_value(two[0], two[1]).is_lt()), "{rising:?}");
        }
        assert!(by_value("1.50", "01.5").is_eq() && by_value("-0", "0").is_eq());
        assert!(is_number("-3.5") && !is_number("1.2.3") && !is_number("") && !is_number("1e3"));
    }

    proptest! {
        #[test]
        fn the_order_is_one(a in "[0-9a-cA-C.]{0,6}", b in "[0-9a-cA-C.]{0,6}",
                            c in "[0-9a-cA-C.]{0,6}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            if natural(&a, &b).is_le() && natural(&b, &c).is_le() {
                prop_assert!(natural(&a, &c).is_le());
            }
        }
    }
}
