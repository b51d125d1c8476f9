//! What people type.

use crate::fuzzing::text;
use crate::shell::line::{
    Line, Statement, naming, parse, partial, quote, script, split_argv, unfinished,
};

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
    match script(&text) {
        Err(error) => assert!(is_inside(&error.span) && !error.span.is_empty(), "{error:?}"),
        Ok(statements) => statements.iter().for_each(|statement| repeated(statement, &text)),
    }
    unfinished(&text);
    if let Some((reference, start)) = naming(&text) {
        assert!(text.get(start..).is_some_and(|typed| typed.starts_with('$')), "{reference}");
    }
    let (line, _) = partial(&text);
    assert!(line.words.iter().all(|word| is_inside(&word.span)), "{line:?}");
    let args: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(split_argv(&args).words.len(), args.len());
}

/// Values put in place of variables stay what they are, in loops and outside.
fn repeated(statement: &Statement, text: &str) {
    let line = match statement {
        Statement::Command(line) => line,
        Statement::Loop(of) => {
            of.body.iter().for_each(|inner| repeated(inner, text));
            &of.over
        }
    };
    // The worst value is all that was typed.
    let filled = line.filled(|slot| {
        assert_eq!(text.get(slot.span.clone()), Some(slot.reference.to_string().as_str()));
        Ok::<_, ()>(text.to_owned())
    });
    let Ok(Some(Line { words, .. })) = filled else { return };
    assert_eq!(words.len(), line.words.len());
    for (word, typed) in words.iter().zip(&line.words) {
        assert_eq!(word.named(), typed.text);
        assert_eq!(word.assignment().is_some(), typed.assignment().is_some());
        assert!(word.slots.iter().all(|slot| word.text.get(slot.at.clone()) == Some(text)));
    }
}
