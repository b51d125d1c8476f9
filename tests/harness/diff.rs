//! Shows how two texts differ.

/// Both texts in full, and their lines with `-` for what was wanted, `+` for what was found.
pub(super) fn report(name: &str, wanted: &str, found: &str) -> String {
    let changes = lines(wanted, found);
    format!(
        "--- {name} wanted\n{wanted}--- {name} found\n{found}--- {name} difference\n{changes}---"
    )
}

/// Common lines at both ends, and between them all that was wanted before all that was found.
fn lines(wanted: &str, found: &str) -> String {
    let wanted: Vec<_> = wanted.split_inclusive('\n').collect();
    let found: Vec<_> = found.split_inclusive('\n').collect();
    let head = wanted.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let (rest, other) = (wanted[head..].iter().rev(), found[head..].iter().rev());
    let tail = rest.zip(other).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    let mut show = |mark: &str, lines: &[&str]| {
        for line in lines {
            let end = if line.ends_with('\n') { "" } else { "\n\\ no newline at the end\n" };
            text.extend([mark, " ", line, end]);
        }
    };
    show(" ", &wanted[..head]);
    show("-", &wanted[head..wanted.len() - tail]);
    show("+", &found[head..found.len() - tail]);
    show(" ", &wanted[wanted.len() - tail..]);
    text
}

/// A text that opens with a newline loses it, the indent that its lines share, and a last line of
/// blanks; any other text stays as it is.
pub(super) fn unindent(text: &str) -> String {
    let Some(text) = text.strip_prefix('\n') else { return text.into() };
    let text = text.trim_end_matches(' ');
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let indent = filled.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines = text.split_inclusive('\n');
    lines.map(|line| line.get(indent..).unwrap_or("\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_between_the_common_ends() {
        assert_eq!(lines("a\nb\nc\n", "a\nx\nc\n"), "  a\n- b\n+ x\n  c\n");
        assert_eq!(lines("a\n", "a\na\n"), "  a\n+ a\n");
        assert_eq!(lines("a\n", "a"), "- a\n+ a\n\\ no newline at the end\n");
        assert_eq!(lines("", ""), "");
    }

    #[test]
    fn reports_have_both_texts() {
        let text = report("stdout", "a\n", "b\n");
        assert!(text.contains("wanted\na\n") && text.contains("found\nb\n"), "{text}");
    }

    #[test]
    fn texts_are_unindented_when_they_open_with_a_newline() {
        assert_eq!(unindent("\n    a\n\n      b\n    "), "a\n\n  b\n");
        assert_eq!(unindent("  a\n"), "  a\n");
        assert_eq!(unindent("\na\n"), "a\n");
    }
}
