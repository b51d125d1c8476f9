//! `where`: a condition that rows are to meet.
//!
//! `state=Allocated and (account~dev or not vlan>=100)`: `=` and `!=` compare texts, `~` and `!~`
//! look for a part in any case, `<`, `<=`, `>` and `>=` compare as [`order`](super::order) does.
//! `and` binds closer than `or`, `not` closest of all. A field that a row has not is empty: it is
//! neither less nor more than anything.

use std::ops::Range;

use super::order::by_value;
use super::pieces::{Op, Piece, What, pieces};
use crate::shell::line::Word;
use crate::shell::wrong::Wrong;
use crate::text::quoted;

/// Brackets and `not` inside one another at most.
const DEEPEST: usize = 64;

/// What a row is to meet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Test(Test),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Test {
    pub(super) field: String,
    /// Where the field stands in the line.
    pub(super) span: Range<usize>,
    op: Op,
    value: String,
}

impl Condition {
    /// Reads the words behind `where`, which stands there; `source` is what spans count in.
    pub(crate) fn read(at: Range<usize>, words: &[Word], source: &str) -> Result<Self, Wrong> {
        let pieces = pieces(words, source)?;
        let end = pieces.last().map_or(at.clone(), |last| last.span.clone());
        if pieces.is_empty() {
            let text = "`where` has no condition; write it like `where state=Allocated`";
            return Err(Wrong::at(at, text));
        }
        let mut reader = Reader { pieces: &pieces, at: 0, end, depth: 0 };
        let condition = reader.any()?;
        match reader.peek() {
            None => Ok(condition),
            Some(Piece { what: What::Close, span, .. }) => {
                Err(Wrong::at(span.clone(), "there is no `(` to this `)`"))
            }
            Some(piece) => {
                let text = "a condition ended before this; `and` or `or` joins it to the next, and \
                            `filter=` and the like stand before `where`";
                Err(Wrong::at(piece.span.clone(), text))
            }
        }
    }

    /// Whether a row meets it, whose fields have these texts.
    pub(crate) fn holds<'t>(&self, text: &dyn Fn(&str) -> std::borrow::Cow<'t, str>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(text)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(text)),
            Self::Not(part) => !part.holds(text),
            Self::Test(test) => test.holds(&text(&test.field)),
        }
    }

    /// Hands all comparisons on.
    pub(super) fn each(
        &mut self,
        take: &mut dyn FnMut(&mut Test) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter_mut().try_for_each(|part| part.each(take))
            }
            Self::Not(part) => part.each(take),
            Self::Test(test) => take(test),
        }
    }
}

impl Test {
    fn holds(&self, text: &str) -> bool {
        let order = |wanted: fn(std::cmp::Ordering) -> bool| {
            !text.is_empty() && wanted(by_value(text, &self.value))
        };
        match self.op {
            Op::Is => self.is(text),
            Op::IsNot => !self.is(text),
            Op::Has => self.has(text),
            Op::HasNot => !self.has(text),
            Op::Less => order(std::cmp::Ordering::is_lt),
            Op::LessOrSame => order(std::cmp::Ordering::is_le),
            Op::More => order(std::cmp::Ordering::is_gt),
            Op::MoreOrSame => order(std::cmp::Ordering::is_ge),
        }
    }

    fn is(&self, text: &str) -> bool {
        let is_flag = matches!(text, "true" | "false");
        text == self.value || is_flag && text.eq_ignore_ascii_case(&self.value)
    }

    fn has(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.value.to_lowercase())
    }
}

struct Reader<'p> {
    pieces: &'p [Piece],
    at: usize,
    /// The last piece, which is pointed at where one is missing.
    end: Range<usize>,
    depth: usize,
}

impl<'p> Reader<'p> {
    fn peek(&self) -> Option<&'p Piece> {
        self.pieces.get(self.at)
    }

    fn next_is(&mut self, what: &What) -> bool {
        let is = self.peek().is_some_and(|piece| piece.what == *what);
        self.at += usize::from(is);
        is
    }

    fn any(&mut self) -> Result<Condition, Wrong> {
        let mut parts = vec![self.all()?];
        while self.next_is(&What::Or) {
            parts.push(self.all()?);
        }
        Ok(only(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Wrong> {
        let mut parts = vec![self.one()?];
        while self.next_is(&What::And) {
            parts.push(self.one()?);
        }
        Ok(only(parts, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, Wrong> {
        let Some(piece) = self.peek() else {
            let text = "a comparison is missing behind this, as `state=Allocated`";
            return Err(Wrong::at(self.end.clone(), text));
        };
        if self.depth >= DEEPEST {
            return Err(Wrong::at(piece.span.clone(), "there are too many brackets in brackets"));
        }
        self.at += 1;
        self.depth += 1;
        let read = match &piece.what {
            What::Not => self.one().map(|part| Condition::Not(Box::new(part))),
            What::Open => self.bracket(piece),
            What::Text(field) => self.test(field, piece).map(Condition::Test),
            _ => {
                let text = "a field must stand here, as in `state=Allocated`";
                Err(Wrong::at(piece.span.clone(), text))
            }
        };
        self.depth -= 1;
        read
    }

    fn bracket(&mut self, open: &Piece) -> Result<Condition, Wrong> {
        let inner = self.any()?;
        if self.next_is(&What::Close) {
            return Ok(inner);
        }
        match self.peek() {
            Some(piece) => {
                let text = "`and`, `or` or `)` must stand before this";
                Err(Wrong::at(piece.span.clone(), text))
            }
            None => Err(Wrong::at(open.span.clone(), "there is no `)` to this `(`")),
        }
    }

    fn test(&mut self, field: &str, piece: &Piece) -> Result<Test, Wrong> {
        let Some(Piece { what: What::Compare(op), span, .. }) = self.peek() else {
            let text = format!(
                "{} is not compared; write FIELD=VALUE, or one of != ~ !~ < <= > >= without a \
                 blank before it",
                quoted(field)
            );
            return Err(Wrong::at(piece.span.clone(), text));
        };
        self.at += 1;
        let value = self.value();
        if value.is_empty() && !matches!(op, Op::Is | Op::IsNot) {
            let text = "a value is missing behind this; \"\" is an empty one for = and !=";
            return Err(Wrong::at(span.clone(), text));
        }
        Ok(Test { field: field.to_owned(), span: piece.span.clone(), op: *op, value })
    }

    /// A value; what has no operator behind it belongs to it.
    fn value(&mut self) -> String {
        let Some(Piece { what: What::Value(first), quoted, .. }) = self.peek() else {
            return String::new();
        };
        self.at += 1;
        let mut value = first.clone();
        while let Some(Piece { what: What::Text(more), quoted: false, .. }) = self.peek() {
            let next = self.pieces.get(self.at + 1).map(|piece| &piece.what);
            let goes_on = match next {
                Some(What::Compare(_) | What::Open) => false,
                // Behind a word that is no keyword the next comparison may begin.
                Some(What::Text(_)) => self.is_prose(),
                _ => true,
            };
            if *quoted || !goes_on {
                break;
            }
            value.push(' ');
            value.push_str(more);
            self.at += 1;
        }
        value
    }

    /// Whether no comparison comes before the next `and`, `or` or `)`.
    fn is_prose(&self) -> bool {
        let ahead = self.pieces.get(self.at..).unwrap_or_default().iter();
        let mut ahead = ahead.map(|piece| &piece.what);
        !matches!(ahead.find(|what| !matches!(what, What::Text(_))), Some(What::Compare(_)))
    }
}

/// The only part, or all of them.
fn only(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() > 1 {
        return join(parts);
    }
    parts.pop().unwrap_or(Condition::All(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::{parse, split_argv};
    use proptest::prelude::*;
    use std::borrow::Cow;

    fn typed(line: &str) -> Result<Condition, Wrong> {
        let words = parse(line).unwrap().remove(0).words;
        Condition::read(words[0].span.clone(), &words[1..], line)
    }

    fn of(field: &str) -> Cow<'static, str> {
        Cow::Borrowed(match field {
            "state" => "Allocated",
            "account" => "web-dev",
            "name" => "my zone",
            "vlan" => "100",
            "open" => "true",
            "ip" => "10.0.0.10",
            "tags" => "env=prod",
            _ => "",
        })
    }

    #[test]
    fn conditions_hold_or_not() {
        for yes in [
            "state=Allocated and account~DEV",
            "state=Free or account!~prod",
            "not state=Free and not (vlan<100 or vlan>100)",
            "(vlan>=100 and vlan<=1000)",
            "vlan>9.5 and ip>10.0.0.9 and ip<10.0.0.100",
            "name='my zone'",
            "name=\"my zone\" and open=TRUE",
            "name=my zone and state=Allocated",
            "name = my zone",
            "(name=my zone)",
            "none= and none!=x and none='' and state!=''",
            "tags~env=prod",
            "state==Allocated OR state=x AND state=y",
            "!state=Free",
        ] {
            assert!(typed(&format!("where {yes}")).unwrap().holds(&of), "{yes}");
        }
        for no in
            ["state=allocated", "none<5", "none>5", "state=Allocated and vlan=99", "ip~10.0.1"]
        {
            assert!(!typed(&format!("where {no}")).unwrap().holds(&of), "{no}");
        }
    }

    #[test]
    fn a_program_may_quote_as_it_likes() {
        for words in [
            vec!["where", "name=my zone", "and", "state=Allocated"],
            vec!["where", "name=my zone and state=Allocated"],
            vec!["where", "name='my zone' and state=Allocated"],
        ] {
            let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
            let line = split_argv(&words);
            let read = Condition::read(0..5, &line.words[1..], &words.join(" ")).unwrap();
            assert!(matches!(&read, Condition::All(parts) if parts.len() == 2), "{read:?}");
            assert!(read.holds(&of));
        }
    }

    #[test]
    fn faults_are_pointed_at() {
        for (line, text, at) in [
            ("where", "no condition", "^^^^^"),
            ("where state", "`state` is not compared", "      ^^^^^"),
            ("where state=x and", "missing behind this", "              ^^^"),
            ("where state=x adn vlan=1", "ended before this", "              ^^^"),
            ("where state=x 'and' vlan=1", "ended before this", "              ^^^^^"),
            ("where (state=x", "no `)`", "      ^"),
            ("where state=x)", "no `(`", "             ^"),
            ("where and state=x", "a field must stand here", "      ^^^"),
            ("where vlan<", "a value is missing", "          ^"),
            ("where =x", "a field must stand here", "      ^"),
        ] {
            let wrong = typed(line).unwrap_err();
            assert!(wrong.text.contains(text), "{line}: {wrong}");
            assert_eq!(wrong.pointer(line).unwrap().lines().nth(1), Some(&*format!("  {at}")));
        }
        let deep = format!("where {}a=b", "(".repeat(100_000));
        assert!(typed(&deep).unwrap_err().text.contains("too many brackets"));
    }

    proptest! {
        #[test]
        fn any_words_are_survived(text in "(state|and|or|not|[=~!<>()'\"\\\\ x\u{e9}\n]){0,24}") {
            for words in [vec![text.clone()], text.split(' ').map(str::to_owned).collect()] {
                let line = split_argv(&words);
                if let Ok(condition) = Condition::read(0..0, &line.words, &words.join(" ")) {
                    condition.holds(&of);
                }
            }
            if let Ok(lines) = parse(&text) {
                for line in lines {
                    if let Err(wrong) = Condition::read(0..0, &line.words, &text) {
                        prop_assert!(wrong.pointer(&text).is_some());
                    }
                }
            }
        }

        #[test]
        fn a_quoted_value_is_that_value(value in "[a-z =~<>()\"\\\\]{1,12}") {
            let read = typed(&format!("where name='{value}'")).unwrap();
            let holds = read.holds(&|_: &str| Cow::Borrowed(value.as_str()));
            prop_assert!(holds);
        }
    }
}
