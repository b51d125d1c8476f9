//! What people type.

use crate::fuzzing::text;
use crate::shell::line::{parse, partial, quote, split_argv};

/// A script.
pub fn line(data: &[u8]) {
    let text = text(data);
    let is_inside = |span: &std::ops::Range<usize>| text.get(span.clone()).is_some();
    match parse(&text) {
        Err(error) => {
            assert!(is_inside(&error.span) && !error.span.is_empty(), "{error:?}");
            assert!(!error.to_string().is_empty());
        }
        Ok(lines) => {
            for line in &lines {
                assert!(!line.is_empty());
                for word in &line.words {
                    assert!(is_inside(&word.span), "{word:?}");
                    let assignment = word.assignment();
                    assert!(assignment.is_none_or(|found| is_inside(&found.span)), "{word:?}");
                }
                let spans = [
                    line.redirect.as_ref().map(|to| &to.span),
                    line.pipe.as_ref().map(|foreign| &foreign.span),
                    line.bang.as_ref().map(|foreign| &foreign.span),
                ];
                assert!(spans.into_iter().flatten().all(is_inside), "{line:?}");
            }
            // A command whose words are quoted is the same command.
            for line in lines.iter().filter(|line| !line.words.is_empty()) {
                let words = || line.words.iter().map(|word| word.text.clone());
                let quoted: Vec<_> = words().map(|word| quote(&word).into_owned()).collect();
                let again = parse(&quoted.join(" ")).unwrap_or_default();
                let found = again.iter().flat_map(|line| &line.words);
                let found: Vec<_> = found.map(|word| word.text.clone()).collect();
                assert_eq!(found, words().collect::<Vec<_>>(), "typed as {quoted:?}");
            }
        }
    }
    let (line, _) = partial(&text);
    assert!(line.words.iter().all(|word| is_inside(&word.span)), "{line:?}");
    let args: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(split_argv(&args).words.len(), args.len());
}
