//! Calls that may be repeated: a caller names a call by a word, and the same call with the same
//! word is answered as the first one was, and makes nothing. The word, what was given and the
//! answer are written in the transaction of the call, so that neither is there without the other.
//!
//! A call that was refused made nothing, and its word is free for the next attempt.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::engine::passwords::hash;
use crate::engine::{Caller, Cx};
use crate::model::{Column, Time};
use crate::schema::{Fault, Spec, Words};
use crate::store::{StoreError, Tx};
use crate::text::{Secret, is_secret_name, quoted};

/// Words whose time is over that a call with one removes, and the collector at one time.
const SWEPT: i64 = 100;

/// A word, and what was given with it: the names of parameters, each with a hash of its value.
#[derive(Clone, Debug)]
pub(crate) struct ClientToken {
    word: String,
    given: BTreeMap<String, String>,
}

/// How a call was answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answered {
    /// The inner object of the answer, or of the job's result, as JSON.
    pub(crate) result: String,
    /// The id of the job.
    pub(crate) job: Option<String>,
    /// The id of what was made.
    pub(crate) made: Option<String>,
}

/// A call that was made before with the same word.
struct Before {
    command: String,
    given: String,
    answered: Answered,
    created: Time,
    ends: Time,
}

impl ClientToken {
    /// The word with what else is given. What the API does not know counts for nothing. Secrets
    /// are hashed as passwords are, which takes its time: not to be done in a transaction.
    pub(crate) fn new(word: &str, spec: &Spec, words: &Words, caller: &Caller) -> Self {
        let place = format!("{}\0{word}", caller.account_id);
        let is_known = |name: &str| {
            let end = name.find(['[', '.']).unwrap_or(name.len());
            name != "clienttoken" && spec.param(name.get(..end).unwrap_or(name)).is_some()
        };
        let known = words.iter().filter(|(name, _)| is_known(name));
        let given = known.map(|(name, value)| (name.to_owned(), hashed(&place, name, value)));
        Self { word: word.to_owned(), given: given.collect() }
    }
}

/// A value's hash, under a name and for one word of one account: equal values of different calls
/// are not seen to be equal.
fn hashed(place: &str, name: &str, value: &str) -> String {
    let digest = |text: String| Sha256::digest(text.as_bytes());
    if !is_secret_name(name) {
        return hex(digest(format!("{place}\0{name}\0{value}")).iter().take(16));
    }
    let salt = digest(format!("{place}\0{name}"));
    let salt = salt.first_chunk::<16>().copied().unwrap_or_default();
    // Without memory for it two values are not told apart, but neither is one told to anybody.
    hash(&Secret::new(value), salt).map_or_else(String::new, |hash| hex(hash.iter()))
}

fn hex<'b>(bytes: impl Iterator<Item = &'b u8>) -> String {
    let digits = bytes.flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

impl Cx<'_> {
    /// How the call was answered when it was made before with this word. Refuses another call.
    pub(crate) fn answered(&mut self, token: &ClientToken) -> Result<Option<Answered>, Fault> {
        let Some(before) = before(self.tx, self.caller.account_id, &token.word)? else {
            return Ok(None);
        };
        if before.ends <= self.now {
            return Ok(None);
        }
        match self.difference(token, &before) {
            None => Ok(Some(before.answered)),
            Some(what) => Err(Fault::invalid(format!(
                "Invalid parameter clienttoken: {} was used by {} at {}, {what}; repeat that call \
                 as it was, or use another word for another call",
                quoted(&token.word),
                before.command,
                before.created,
            ))),
        }
    }

    /// In what a call differs from one that was made before.
    fn difference(&self, token: &ClientToken, before: &Before) -> Option<String> {
        if before.command != self.command {
            return Some(format!("and this is {}", self.command));
        }
        let was: BTreeMap<String, String> = serde_json::from_str(&before.given).unwrap_or_default();
        let names = token.given.keys().chain(was.keys());
        let differs = |name: &&String| token.given.get(*name) != was.get(*name);
        let name = names.filter(differs).min()?;
        Some(match (token.given.contains_key(name), was.contains_key(name)) {
            (true, false) => format!("without the parameter {name}"),
            (false, _) => format!("with the parameter {name}, which is missing now"),
            _ => format!("with another value of the parameter {name}"),
        })
    }

    /// Keeps how a call with this word was answered.
    pub(crate) fn keep_answer(
        &mut self,
        token: &ClientToken,
        answered: &Answered,
    ) -> Result<(), Fault> {
        end_old_tokens(self.tx, self.now)?;
        let account = self.caller.account_id;
        let args = [account.into(), token.word.as_str().into()];
        // One whose time is over may stand there yet.
        self.tx.run("DELETE FROM client_token WHERE account_id = ? AND token = ?", &args)?;
        let given = serde_json::to_string(&token.given)
            .map_err(|why| Fault::internal("The call cannot be kept", why.to_string()))?;
        let seconds = self.setting_int("client.token.lifetime")?;
        let sql = "INSERT INTO client_token (account_id, token, command, given, result, job, made, \
                   created, ends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let row = [
            account.into(),
            token.word.as_str().into(),
            self.command.into(),
            given.as_str().into(),
            answered.result.as_str().into(),
            answered.job.to_cell(),
            answered.made.to_cell(),
            self.now.into(),
            self.now.plus_seconds(seconds).into(),
        ];
        self.tx.run(sql, &row)?;
        Ok(())
    }
}

fn before(tx: &mut Tx, account: i64, word: &str) -> Result<Option<Before>, StoreError> {
    let sql = "SELECT command, given, result, job, made, created, ends FROM client_token \
               WHERE account_id = ? AND token = ?";
    let mut found = None;
    tx.each(sql, &[account.into(), word.into()], |cell| {
        let answered = Answered {
            result: String::from_cell(cell(2))?,
            job: Option::from_cell(cell(3))?,
            made: Option::from_cell(cell(4))?,
        };
        found = Some(Before {
            command: String::from_cell(cell(0))?,
            given: String::from_cell(cell(1))?,
            answered,
            created: Time::from_cell(cell(5))?,
            ends: Time::from_cell(cell(6))?,
        });
        Ok(false)
    })?;
    Ok(found)
}

/// Removes words whose time is over, so many at one time; how many.
pub(crate) fn end_old_tokens(tx: &mut Tx, now: Time) -> Result<usize, StoreError> {
    let sql = "SELECT account_id, token FROM client_token WHERE ends <= ? ORDER BY ends LIMIT ?";
    let mut old = Vec::new();
    tx.each(sql, &[now.into(), SWEPT.into()], |cell| {
        old.push((i64::from_cell(cell(0))?, String::from_cell(cell(1))?));
        Ok(true)
    })?;
    for (account, word) in &old {
        let sql = "DELETE FROM client_token WHERE account_id = ? AND token = ?";
        tx.run(sql, &[(*account).into(), word.as_str().into()])?;
    }
    Ok(old.len())
}
