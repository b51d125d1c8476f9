//! Choosing among the candidates that were listed: Tab puts in one after the other, Shift-Tab goes
//! back, and Enter or Right takes the one that is there.

use std::sync::{Arc, Mutex, PoisonError};

use rustyline::history::History;
use rustyline::{
    Cmd, ConditionalEventHandler, Editor, Event, EventContext, EventHandler, Helper, KeyCode,
    KeyEvent, Modifiers, Movement, RepeatCount,
};

/// The choice, shared by the keys that change it.
#[derive(Clone, Default)]
pub(super) struct Choice(Arc<Mutex<Option<Offer>>>);

/// Candidates that were listed.
struct Offer {
    /// The line in front of them, and behind them.
    before: String,
    behind: String,
    texts: Vec<String>,
    /// What stands between the two until one is chosen: what was typed, or what all begin with.
    listed: String,
    chosen: Option<usize>,
}

impl Choice {
    /// Candidates for the text from `start` to `at`; the editor lists them.
    pub(super) fn offer(&self, line: &str, start: usize, at: usize, texts: Vec<String>) {
        let part = |range: &str| range.to_owned();
        let before = line.get(..start).map(part).unwrap_or_default();
        let behind = line.get(at..).map(part).unwrap_or_default();
        let typed = line.get(start..at).unwrap_or_default();
        // As the editor does: it puts in what all have in common if that is longer.
        let common = common(&texts);
        let listed = if common.len() > typed.len() { common } else { typed }.to_owned();
        let offer = Offer { before, behind, texts, listed, chosen: None };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(offer).filter(|offer| offer.texts.len() > 1);
    }

    /// Gives the keys to the editor.
    pub(super) fn bind<H: Helper, I: History>(&self, editor: &mut Editor<H, I>) {
        let keys = [
            (KeyEvent(KeyCode::Tab, Modifiers::NONE), Key::Next),
            (KeyEvent(KeyCode::BackTab, Modifiers::NONE), Key::Back),
            (KeyEvent(KeyCode::Enter, Modifiers::NONE), Key::Take),
            (KeyEvent(KeyCode::Right, Modifiers::NONE), Key::Take),
        ];
        for (event, key) in keys {
            let handler = Handler { choice: self.clone(), key };
            editor.bind_sequence(event, EventHandler::Conditional(Box::new(handler)));
        }
    }

    /// What the key does to the line; nothing if it means what it always does.
    fn press(&self, key: Key, line: &str, at: usize) -> Option<Step> {
        let mut offer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let step = offer.as_mut().and_then(|offer| offer.press(key, line, at));
        // Whatever else was pressed meanwhile: these are no candidates for what is there now.
        if !matches!(step, Some(Step::Put(_))) {
            *offer = None;
        }
        step
    }
}

#[derive(Clone, Copy)]
enum Key {
    Next,
    Back,
    Take,
}

#[derive(Debug, PartialEq)]
enum Step {
    /// Stands from now on before the cursor.
    Put(String),
    /// What is there stays.
    Taken,
}

impl Offer {
    fn press(&mut self, key: Key, line: &str, at: usize) -> Option<Step> {
        let (left, right) = line.split_at_checked(at)?;
        let there = left.strip_prefix(&self.before).filter(|_| right == self.behind)?;
        let as_left = match self.chosen {
            Some(chosen) => self.texts.get(chosen).is_some_and(|text| text == there),
            None => there == self.listed,
        };
        if !as_left {
            return None;
        }
        let last = self.texts.len() - 1;
        let next = match (key, self.chosen) {
            (Key::Take, chosen) => return chosen.map(|_| Step::Taken),
            (Key::Next, Some(chosen)) => (chosen + 1) % self.texts.len(),
            (Key::Next, None) => 0,
            (Key::Back, Some(0)) => last,
            (Key::Back, Some(chosen)) => chosen - 1,
            (Key::Back, None) => last,
        };
        let text = format!("{}{}", self.before, self.texts.get(next)?);
        self.chosen = Some(next);
        Some(Step::Put(text))
    }
}

/// What all texts begin with.
fn common(texts: &[String]) -> &str {
    let Some((first, others)) = texts.split_first() else { return "" };
    let same = |other: &String| {
        let pairs = first.chars().zip(other.chars()).take_while(|(a, b)| a == b);
        pairs.map(|(a, _)| a.len_utf8()).sum::<usize>()
    };
    let length = others.iter().map(same).min().unwrap_or(first.len());
    first.get(..length).unwrap_or_default()
}

struct Handler {
    choice: Choice,
    key: Key,
}

impl ConditionalEventHandler for Handler {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, ctx: &EventContext<'_>) -> Option<Cmd> {
        match self.choice.press(self.key, ctx.line(), ctx.pos())? {
            Step::Taken => Some(Cmd::Noop),
            Step::Put(text) => Some(Cmd::Replace(Movement::BeginningOfBuffer, Some(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(text: &str) -> Option<Step> {
        Some(Step::Put(text.to_owned()))
    }

    fn offered() -> Choice {
        let choice = Choice::default();
        choice.offer("list vp", 5, 7, vec!["vpcofferings ".into(), "vpcs ".into()]);
        choice
    }

    #[test]
    fn tab_goes_round_and_shift_tab_back() {
        let choice = offered();
        assert_eq!(choice.press(Key::Next, "list vpc", 8), put("list vpcofferings "));
        assert_eq!(choice.press(Key::Next, "list vpcofferings ", 18), put("list vpcs "));
        assert_eq!(choice.press(Key::Next, "list vpcs ", 10), put("list vpcofferings "));
        assert_eq!(choice.press(Key::Back, "list vpcofferings ", 18), put("list vpcs "));
        assert_eq!(choice.press(Key::Take, "list vpcs ", 10), Some(Step::Taken));
        assert_eq!(choice.press(Key::Next, "list vpcs ", 10), None);
        assert_eq!(offered().press(Key::Back, "list vpc", 8), put("list vpcs "));
    }

    #[test]
    fn who_types_on_chooses_no_more() {
        for (line, at) in [("list vpco", 9), ("list vp", 7), ("create", 6), ("list vpc x", 8)] {
            assert_eq!(offered().press(Key::Next, line, at), None, "{line}");
        }
        assert_eq!(offered().press(Key::Take, "list vpc", 8), None);
        let choice = offered();
        assert_eq!(choice.press(Key::Next, "list vpc", 8), put("list vpcofferings "));
        assert_eq!(choice.press(Key::Next, "list vpcofferings x", 19), None);
    }

    #[test]
    fn one_candidate_is_no_choice() {
        let choice = Choice::default();
        choice.offer("list zo", 5, 7, vec!["zones ".into()]);
        assert_eq!(choice.press(Key::Next, "list zones ", 11), None);
    }
}
