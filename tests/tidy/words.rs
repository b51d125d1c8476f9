//! Words that do not belong in the tree, each with what to write instead.

use super::complaint;
use super::source::{Source, find_word, line_at};

/// Where a word is free to stand.
#[derive(Clone, Copy)]
enum Free {
    Nowhere,
    /// In tests and benchmarks.
    Tests,
    /// In `src/cli`, `src/bench`, `src/fuzzing`, `src/sim/cluster`, `tests` and `benches`: the rest
    /// gets its time from the context.
    Edges,
}

use Free::{Edges, Nowhere, Tests};

/// Banned in code; strings and comments may say them.
const CODE: &[(&str, Free, &str)] = &[
    ("dbg!(", Nowhere, "`tracing::debug!`"),
    ("todo!(", Nowhere, "the finished code, or no code"),
    ("unimplemented!(", Nowhere, "the finished code, or an error"),
    (".unwrap()", Tests, "`?`, `let else` or `unwrap_or`"),
    (".expect(", Tests, "`?` or `let else`"),
    ("thread::sleep", Nowhere, "a channel, a condition or a timeout"),
    ("println!", Tests, "`writeln!` to the writer that was given"),
    ("eprintln!", Tests, "`writeln!` to the writer that was given"),
    ("SystemTime::now", Edges, "the clock of the context"),
    ("Instant::now", Edges, "the clock of the context"),
    ("Timestamp::now", Edges, "the clock of the context"),
    ("Zoned::now", Edges, "the clock of the context"),
    ("#[ignore", Nowhere, "a test that runs, or none"),
    ("allow(dead_code", Nowhere, "less code"),
    ("expect(dead_code", Nowhere, "less code"),
    ("super::super", Nowhere, "`crate::room::`"),
];

/// Banned in code and in comments.
const PROSE: &[(&str, Free, &str)] =
    &[("FIXME", Nowhere, "the repair, or an issue"), ("XXX", Nowhere, "the repair, or an issue")];

/// Names every banned word in the file with its replacement.
pub(super) fn banned(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (view, table) in [(&source.code, CODE), (&source.prose, PROSE)] {
        for (word, free, instead) in table {
            let lines = find_word(view, word).into_iter().map(|at| line_at(view, at));
            for line in lines.filter(|&line| !is_free(*free, source, line)) {
                let text = format!("`{word}`, use {instead} instead");
                complaints.push(complaint(source, line, &text));
            }
        }
    }
    complaints
}

fn is_free(free: Free, source: &Source, line: usize) -> bool {
    match free {
        Nowhere => false,
        Tests => source.in_tests(line),
        Edges => {
            ["src/cli/", "src/bench/", "src/fuzzing/", "src/sim/cluster/", "tests/", "benches/"]
                .iter()
                .any(|at| source.path.starts_with(at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        banned(&Source::new(path, text)).len()
    }

    #[test]
    fn every_banned_word_is_found() {
        for (word, _, instead) in CODE {
            let found = banned(&Source::new("src/net/a.rs", &format!("//! A.\n{word}\n")));
            assert_eq!(found, [format!("src/net/a.rs:2: `{word}`, use {instead} instead")]);
        }
        for (word, ..) in PROSE {
            assert_eq!(count("tests/a.rs", &format!("// {word}: later\n")), 1, "{word}");
        }
    }

    #[test]
    fn strings_comments_and_longer_words_are_free() {
        assert_eq!(count("src/net/a.rs", "// never .unwrap() here\nf(\"todo!( XXX\");\n"), 0);
        assert_eq!(count("src/net/a.rs", "a.unwrap_or(1);\nmy_println!();\n"), 0);
    }

    #[test]
    fn tests_may_panic_and_print_but_not_sleep() {
        let text = "#[cfg(test)]\nmod tests {\n    fn a() { b.unwrap(); println!(); }\n}\n";
        assert_eq!(count("src/net/a.rs", text), 0);
        assert_eq!(count("src/net/a.rs", "fn a() { b.unwrap(); }\n"), 1);
        assert_eq!(count("tests/a.rs", "fn a() { b.expect(\"c\"); }\n"), 0);
        assert_eq!(count("tests/a.rs", "std::thread::sleep(a);\n"), 1);
    }

    #[test]
    fn time_is_read_at_the_edges_only() {
        let text = "let now = Instant::now();\n";
        let counts = ["src/cli/run.rs", "benches/a.rs", "src/engine/a.rs"].map(|p| count(p, text));
        assert_eq!(counts, [0, 0, 1]);
        let test = format!("#[cfg(test)]\nmod tests {{\n    {text}}}\n");
        assert_eq!(count("src/engine/a.rs", &test), 1);
    }
}
