//! Enumerations in a sentence: "`a`, `b` or `c`".

/// Returns the items, each in back quotes, the last two joined by "or".
pub(crate) fn or_list(items: &[&str]) -> String {
    joined(items, "or")
}

/// Returns the items, each in back quotes, the last two joined by "and".
pub(crate) fn and_list(items: &[&str]) -> String {
    joined(items, "and")
}

fn joined(items: &[&str], conjunction: &str) -> String {
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 && at + 1 == items.len() {
            text.push(' ');
            text.push_str(conjunction);
            text.push(' ');
        } else if at > 0 {
            text.push_str(", ");
        }
        text.push('`');
        text.push_str(item);
        text.push('`');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_english() {
        assert_eq!(or_list(&[]), "");
        assert_eq!(or_list(&["a"]), "`a`");
        assert_eq!(or_list(&["a", "b"]), "`a` or `b`");
        assert_eq!(or_list(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(and_list(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
