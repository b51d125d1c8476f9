//! Colours of a line: the sixteen of every terminal, on whatever background it has. Of those only
//! such are used as can be read on light and on dark ones.

use std::ops::Range;

use crate::shell::highlight::Part;

const END: &str = "\u{1b}[0m";

/// What begins the colour of a part.
const fn begin(part: Part) -> &'static str {
    match part {
        Part::Plain => "",
        Part::Command => "\u{1b}[32m",
        Part::Name | Part::Option => "\u{1b}[36m",
        Part::Text => "\u{1b}[35m",
        Part::Variable => "\u{1b}[34m",
        Part::File => "\u{1b}[4m",
        Part::Sign => "\u{1b}[1m",
        Part::Comment => "\u{1b}[2m",
        // Underlined too: not everybody tells red from green.
        Part::Wrong => "\u{1b}[1;4;31m",
    }
}

/// The line with each part in its colour.
pub(super) fn line(text: &str, parts: &[(Range<usize>, Part)]) -> String {
    let mut coloured = String::with_capacity(text.len() + 8 * parts.len());
    for (span, part) in parts {
        let (begin, text) = (begin(*part), text.get(span.clone()).unwrap_or_default());
        let end = if begin.is_empty() { "" } else { END };
        coloured.extend([begin, text, end]);
    }
    coloured
}

/// What the last line failed with.
pub(super) fn failure(text: &str) -> String {
    format!("\u{1b}[31m{text}{END}")
}

/// What is said about the line, and is not part of it.
pub(super) fn hint(text: &str) -> String {
    format!("\u{1b}[2m{text}{END}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::highlight::highlight;
    use crate::shell::samples::catalogue;
    use proptest::prelude::*;

    #[test]
    fn each_part_has_its_colour() {
        let text = "list zones nmae=1";
        let coloured = line(text, &highlight(&catalogue(), text));
        assert_eq!(
            coloured,
            "\u{1b}[32mlist\u{1b}[0m \u{1b}[32mzones\u{1b}[0m \u{1b}[1;4;31mnmae=\u{1b}[0m1"
        );
    }

    proptest! {
        #[test]
        fn the_text_stays_as_it_is(text in "([a-z=]{1,6}|list|'|#|;|\\PC| ){0,12}") {
            let coloured = line(&text, &highlight(&catalogue(), &text));
            let mut left = coloured.clone();
            for part in [Part::Command, Part::Name, Part::Text, Part::Variable, Part::File,
                Part::Sign, Part::Comment, Part::Wrong] {
                left = left.replace(begin(part), "");
            }
            prop_assert_eq!(left.replace(END, ""), text);
        }
    }
}
