//! Checks of the Markdown files.

use super::complaint;
use super::source::{Source, numbered};

/// A document has one title and opens with it.
pub(super) fn title(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut fenced = false;
    for (number, line) in numbered(&source.text) {
        fenced ^= line.trim_start().starts_with("```");
        let title = !fenced && line.starts_with("# ");
        if number == 1 && !title {
            complaints.push(complaint(source, 1, "no title, use `# ` on the first line"));
        }
        if number > 1 && title {
            complaints.push(complaint(source, number, "second title, use `## `"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_title_comes_first() {
        let good = "# Title\n\n## Part\n\n```sh\n# comment\n```\n";
        assert_eq!(title(&Source::new("A.md", good)), [""; 0]);
        let bad = "Words\n\n# Title\n";
        assert_eq!(
            title(&Source::new("A.md", bad)),
            ["A.md:1: no title, use `# ` on the first line", "A.md:3: second title, use `## `"]
        );
    }
}
