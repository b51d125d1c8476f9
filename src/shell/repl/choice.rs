//! Choosing among the candidates that were listed: Tab puts in one after the other, Shift-Tab goes
//! back, and Enter or Right takes the one that is there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::history::History;
use rustyline::{
    Cmd, ConditionalEventHandler, Editor, Event, EventContext, EventHandler, Helper, KeyCode,
    KeyEvent, Modifiers, RepeatCount,
};

/// The choice, shared by the keys that change it.
#[derive(Clone, Default)]
pub(super) struct Choice(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    offer: Option<Offer>,
    /// Whether the next step goes back.
    back: bool,
}

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
    /// Candidates for the text from `start` to `at`; the editor lists them and puts in what is
    /// returned: what they have in common, if that is longer than what was typed.
    pub(super) fn offer(&self, line: &str, start: usize, at: usize, texts: Vec<String>) -> String {
        let part = |range: &str| range.to_owned();
        let before = line.get(..start).map(part).unwrap_or_default();
        let behind = line.get(at..).map(part).unwrap_or_default();
        let typed = line.get(start..at).unwrap_or_default();
        let common = common(&texts);
        let listed = if common.len() > typed.len() { common } else { typed }.to_owned();
        let offer = Offer { before, behind, texts, listed: listed.clone(), chosen: None };
        self.lock().offer = Some(offer).filter(|offer| offer.texts.len() > 1);
        listed
    }

    /// The candidate that Tab puts in now, and where it begins; nothing if none was listed for
    /// what is there.
    pub(super) fn next(&self, line: &str, at: usize) -> Option<(usize, String)> {
        let mut state = self.lock();
        let back = std::mem::take(&mut state.back);
        let found = state.offer.as_mut().and_then(|offer| offer.next(line, at, back));
        if found.is_none() {
            state.offer = None;
        }
        found
    }

    /// Takes the candidate that is there; whether there is one.
    fn take(&self, line: &str, at: usize) -> bool {
        let offer = self.lock().offer.take();
        offer.is_some_and(|offer| offer.chosen.is_some() && offer.is_there(line, at))
    }

    /// Gives the keys to the editor. Tab itself asks for candidates, which are the next one here.
    pub(super) fn bind<H: Helper, I: History>(&self, editor: &mut Editor<H, I>) {
        for (code, key) in [
            (KeyCode::BackTab, Key::Back),
            (KeyCode::Enter, Key::Take),
            (KeyCode::Right, Key::Take),
        ] {
            let handler = Handler { choice: self.clone(), key };
            let event = KeyEvent(code, Modifiers::NONE);
            editor.bind_sequence(event, EventHandler::Conditional(Box::new(handler)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy)]
enum Key {
    Back,
    Take,
}

impl Offer {
    /// Whether the line is as it was left.
    fn is_there(&self, line: &str, at: usize) -> bool {
        let Some((left, right)) = line.split_at_checked(at) else { return false };
        let there = left.strip_prefix(self.before.as_str()).filter(|_| right == self.behind);
        let left_as = match self.chosen {
            Some(chosen) => self.texts.get(chosen),
            None => Some(&self.listed),
        };
        there.is_some_and(|there| left_as.is_some_and(|left| left == there))
    }

    fn next(&mut self, line: &str, at: usize, back: bool) -> Option<(usize, String)> {
        if !self.is_there(line, at) {
            return None;
        }
        let count = self.texts.len();
        let next = match (back, self.chosen) {
            (false, Some(chosen)) => (chosen + 1) % count,
            (false, None) => 0,
            (true, Some(0) | None) => count.saturating_sub(1),
            (true, Some(chosen)) => chosen - 1,
        };
        let text = self.texts.get(next)?.clone();
        self.chosen = Some(next);
        Some((self.before.len(), text))
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
        match self.key {
            Key::Back => {
                self.choice.lock().back = true;
                Some(Cmd::Complete)
            }
            Key::Take => self.choice.take(ctx.line(), ctx.pos()).then_some(Cmd::Noop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Choice {
        let choice = Choice::default();
        let texts = vec!["vpcofferings ".into(), "vpcs ".into()];
        assert_eq!(choice.offer("list vp", 5, 7, texts), "vpc");
        choice
    }

    /// What is put in behind the verb.
    fn put(text: &str) -> (usize, String) {
        (5, text.to_owned())
    }

    #[test]
    fn tab_goes_round_and_shift_tab_back() {
        let choice = offered();
        assert_eq!(choice.next("list vpc", 8), Some(put("vpcofferings ")));
        assert_eq!(choice.next("list vpcofferings ", 18), Some(put("vpcs ")));
        assert_eq!(choice.next("list vpcs ", 10), Some(put("vpcofferings ")));
        choice.lock().back = true;
        assert_eq!(choice.next("list vpcofferings ", 18), Some(put("vpcs ")));
        assert!(choice.take("list vpcs ", 10));
        assert_eq!(choice.next("list vpcs ", 10), None);
        let choice = offered();
        choice.lock().back = true;
        assert_eq!(choice.next("list vpc", 8), Some(put("vpcs ")));
    }

    #[test]
    fn who_types_on_chooses_no_more() {
        for (line, at) in [("list vpco", 9), ("list vp", 7), ("create", 6), ("list vpc x", 8)] {
            assert_eq!(offered().next(line, at), None, "{line}");
        }
        assert!(!offered().take("list vpc", 8));
        let choice = offered();
        assert_eq!(choice.next("list vpc", 8), Some(put("vpcofferings ")));
        assert_eq!(choice.next("list vpcofferings x", 19), None);
    }

    #[test]
    fn one_candidate_is_no_choice() {
        let choice = Choice::default();
        assert_eq!(choice.offer("list zo", 5, 7, vec!["zones ".into()]), "zones ");
        assert_eq!(choice.next("list zones ", 11), None);
    }
}
