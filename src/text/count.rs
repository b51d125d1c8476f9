//! A number with its noun: "1 address", "3 addresses".

use std::fmt;

/// A count of things; displays as the number followed by the noun in the form that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    n: u64,
    one: &'static str,
    many: &'static str,
}

impl Count {
    /// Counts `n` things called `one` alone and `many` in any other number, zero included.
    pub(crate) const fn new(n: u64, one: &'static str, many: &'static str) -> Self {
        Self { n, one, many }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.n, if self.n == 1 { self.one } else { self.many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_the_only_singular() {
        let say = |n| Count::new(n, "address", "addresses").to_string();
        assert_eq!(say(0), "0 addresses");
        assert_eq!(say(1), "1 address");
        assert_eq!(say(3), "3 addresses");
    }
}
