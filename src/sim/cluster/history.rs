//! What callers were told and when, and whether that can all be true.
//!
//! A call takes effect at one moment between its start and its end. A call whose outcome nobody
//! knows may have taken effect at any moment from its start on, or never. From that follows when
//! an address was held for certain, and when it may have been held; the judge compares both with
//! each other, with the limits, and with the rows that are there when everybody has stopped.

use std::collections::BTreeMap;
use std::fmt;

/// Microseconds since the run began.
pub(super) type Moment = u64;
/// The end of what has not ended.
const NEVER: Moment = Moment::MAX;

/// What a client asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// An address for a network, a certain one or any.
    Take(Option<String>),
    /// That these addresses are given back, all or none.
    Give(Vec<String>),
    /// Who holds an address.
    Look(String),
    /// That the account may have so many.
    Limit(u64),
    /// Anything else.
    Other(&'static str),
}

/// What became of it, as far as the client knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It was done; with the address that was given, or the account that holds it.
    Done(Option<String>),
    /// The account has as many as it may.
    Over,
    /// No address was free, or not the one that was named.
    Exhausted,
    /// The store could not do it, and nothing was changed.
    Failed(String),
    /// Nobody answered, or nobody knows.
    Unknown(String),
}

/// A call with its answer.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) client: usize,
    pub(super) account: usize,
    pub(super) server: usize,
    pub(super) ask: Ask,
    pub(super) from: Moment,
    pub(super) to: Moment,
    pub(super) outcome: Outcome,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, account, server, ask, from, to, outcome } = self;
        write!(
            f,
            "{from:>10} - {to:>10}  client {client} of account {account} at server {server}"
        )?;
        write!(f, ": {ask:?} -> {outcome:?}")
    }
}

impl Call {
    /// Whether it is about an address, or may be.
    fn concerns(&self, ip: &str) -> bool {
        match (&self.ask, &self.outcome) {
            (Ask::Give(all), _) => all.iter().any(|one| one == ip),
            (Ask::Look(one) | Ask::Take(Some(one)), _) => one == ip,
            (Ask::Take(None), Outcome::Done(given)) => given.as_deref() == Some(ip),
            (Ask::Take(None), Outcome::Unknown(_)) => true,
            _ => false,
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(self.outcome, Outcome::Unknown(_))
    }
}

/// Somebody's hold of an address.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hold {
    pub(super) ip: String,
    pub(super) client: usize,
    pub(super) account: usize,
    /// Between these it began.
    begun: (Moment, Moment),
    /// Between these it ended.
    ended: (Moment, Moment),
    /// Whether nobody knows that it ended.
    doubtful: bool,
}

impl Hold {
    /// Whether it lasted through this moment for certain.
    fn is_certain(&self, at: Moment) -> bool {
        self.begun.1 <= at && at < self.ended.0
    }

    fn may_be(&self, at: Moment) -> bool {
        self.begun.0 <= at && at <= self.ended.1
    }
}

/// How often the limit of an account was set, oldest first: from, certain from, value.
type Limits = Vec<(Moment, Moment, u64)>;

/// The judge: it knows the holds of all times, and what is said of them.
#[derive(Default)]
pub(super) struct Judge {
    /// Addresses that there are.
    size: usize,
    holds: Vec<Hold>,
    limits: BTreeMap<usize, Limits>,
    /// All calls, for the report of an anomaly.
    calls: Vec<Call>,
}

/// What cannot be.
#[derive(Debug)]
pub(super) struct Anomaly(pub(super) String);

impl Judge {
    /// A judge where there are so many addresses.
    pub(super) fn new(size: usize) -> Self {
        Self { size, ..Self::default() }
    }

    /// Holds that last, as far as is known.
    pub(super) fn open(&self) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(|hold| hold.ended.0 == NEVER)
    }

    /// Judges the calls of a round, at whose end at `now` all callers had stopped and the store had
    /// these `rows`: addresses and the accounts that hold them.
    pub(super) fn judge(
        &mut self,
        mut calls: Vec<Call>,
        rows: &BTreeMap<String, usize>,
        now: Moment,
    ) -> Result<(), Anomaly> {
        calls.sort_by_key(|call| call.from);
        self.holds.retain(|hold| hold.ended.0 == NEVER);
        for call in &calls {
            self.note(call);
        }
        let oldest = self.calls.len().saturating_sub(20_000);
        self.calls.drain(..oldest);
        self.calls.extend(calls.iter().cloned());
        self.settle(&calls, rows, now)?;
        self.no_two_holders()?;
        self.within_limits(&calls)?;
        calls.iter().try_for_each(|call| self.justified(call, &calls))
    }

    /// Notes what a call did for certain, or may have ended.
    fn note(&mut self, call: &Call) {
        match (&call.ask, &call.outcome) {
            (Ask::Take(_), Outcome::Done(Some(ip))) => self.holds.push(Hold {
                ip: ip.clone(),
                client: call.client,
                account: call.account,
                begun: (call.from, call.to),
                ended: (NEVER, NEVER),
                doubtful: false,
            }),
            (Ask::Give(all), Outcome::Done(_) | Outcome::Unknown(_)) => {
                for ip in all {
                    self.end(ip, call);
                }
            }
            (Ask::Limit(max), Outcome::Done(_) | Outcome::Unknown(_)) => {
                let certain = if call.is_unknown() { NEVER } else { call.to };
                self.limits.entry(call.account).or_default().push((call.from, certain, *max));
            }
            _ => {}
        }
    }

    fn end(&mut self, ip: &str, call: &Call) {
        let own = |hold: &&mut Hold| hold.ip == ip && hold.client == call.client;
        if let Some(hold) = self.holds.iter_mut().rev().find(own) {
            let from = hold.ended.0.min(call.from);
            hold.ended = (from, call.to);
            hold.doubtful = call.is_unknown();
        }
    }

    /// Compares with the rows; what nobody knew is known then.
    fn settle(
        &mut self,
        calls: &[Call],
        rows: &BTreeMap<String, usize>,
        now: Moment,
    ) -> Result<(), Anomaly> {
        for hold in self.open() {
            if rows.get(&hold.ip) != Some(&hold.account) {
                let there = rows.get(&hold.ip);
                let text = format!(
                    "{} is lost: client {} of account {} holds it, the store says {there:?}",
                    hold.ip, hold.client, hold.account
                );
                return Err(self.anomaly(&hold.ip, &text));
            }
        }
        let mut doubts: Vec<&Call> =
            calls.iter().filter(|c| c.is_unknown() && matches!(c.ask, Ask::Take(_))).collect();
        for (ip, account) in rows {
            if self.open().any(|hold| hold.ip == *ip) {
                continue;
            }
            let same =
                |hold: &&mut Hold| hold.doubtful && hold.ip == *ip && hold.account == *account;
            if let Some(hold) = self.holds.iter_mut().rev().find(same) {
                (hold.ended, hold.doubtful) = ((NEVER, NEVER), false);
                continue;
            }
            self.found(ip, *account, &mut doubts, now)?;
        }
        for hold in self.holds.iter_mut().filter(|hold| hold.doubtful) {
            hold.ended.1 = now;
        }
        Ok(())
    }

    /// A row that no answer told of must be somebody's whose answer was lost.
    fn found(
        &mut self,
        ip: &str,
        account: usize,
        doubts: &mut Vec<&Call>,
        now: Moment,
    ) -> Result<(), Anomaly> {
        let named = Ask::Take(Some(ip.to_owned()));
        let fits = |call: &&Call| call.account == account && call.ask == named;
        let any = |call: &&Call| call.account == account && call.ask == Ask::Take(None);
        let at = doubts.iter().position(fits).or_else(|| doubts.iter().position(any));
        let Some(at) = at else {
            let text = format!("{ip} has leaked: account {account} has it and never asked for it");
            return Err(self.anomaly(ip, &text));
        };
        let call = doubts.swap_remove(at);
        self.holds.push(Hold {
            ip: ip.to_owned(),
            client: call.client,
            account,
            begun: (call.from, now),
            ended: (NEVER, NEVER),
            doubtful: false,
        });
        Ok(())
    }

    fn no_two_holders(&self) -> Result<(), Anomaly> {
        let mut by_ip: BTreeMap<&str, Vec<&Hold>> = BTreeMap::new();
        for hold in &self.holds {
            by_ip.entry(&hold.ip).or_default().push(hold);
        }
        for (ip, holds) in by_ip {
            for (at, one) in holds.iter().enumerate() {
                for other in holds.iter().skip(at + 1) {
                    // Neither can have ended before the other began.
                    if one.ended.0 > other.begun.1 && other.ended.0 > one.begun.1 {
                        let text = format!("{ip} has two holders at once: {one:?} and {other:?}");
                        return Err(self.anomaly(ip, &text));
                    }
                }
            }
        }
        Ok(())
    }

    /// The limits of an account that may have been in force between two moments.
    fn limits(&self, account: usize, from: Moment, to: Moment) -> (u64, u64) {
        let (mut least, mut most) = (u64::MAX, 0);
        let set = self.limits.get(&account).map_or(&[][..], Vec::as_slice);
        for (at, &(since, _, max)) in set.iter().enumerate() {
            let later = set.iter().skip(at + 1).map(|(_, certain, _)| *certain);
            let until = later.min().unwrap_or(NEVER);
            if since <= to && from <= until {
                (least, most) = (least.min(max), most.max(max));
            }
        }
        (least, most)
    }

    /// The last to join those who hold at one moment found all the others there.
    fn within_limits(&self, calls: &[Call]) -> Result<(), Anomaly> {
        for call in calls.iter().filter(|call| matches!(call.ask, Ask::Take(_))) {
            let at = call.to;
            let held = || {
                let own = self.holds.iter().filter(|hold| hold.account == call.account);
                own.filter(move |hold| hold.is_certain(at))
            };
            let last = held().map(|hold| hold.begun.0).max().unwrap_or(at);
            // Whoever joined before the round did so when other limits may have been in force.
            let joined = held().filter(|hold| hold.begun.0 >= calls[0].from).count();
            let (_, most) = self.limits(call.account, last, at);
            let count = held().count() as u64;
            if count > most && joined > 0 {
                let text = format!("account {} holds {count} and may have {most}", call.account);
                return Err(self.report(&text, |one| {
                    one.account == call.account && !matches!(one.ask, Ask::Look(_))
                }));
            }
        }
        Ok(())
    }

    /// Whether a refusal, and what was seen, can have been right at some moment of the call.
    fn justified(&self, call: &Call, calls: &[Call]) -> Result<(), Anomaly> {
        match (&call.ask, &call.outcome) {
            (Ask::Take(_), Outcome::Over) => {
                let (least, _) = self.limits(call.account, call.from, call.to);
                let most = self.most(call, calls, &|account, _| account == call.account);
                if most < least {
                    let text = format!("a limit of {least} refused when {most} were held: {call}");
                    return Err(self.report(&text, |one| one.account == call.account));
                }
            }
            (Ask::Take(None), Outcome::Exhausted) => {
                let most = self.most(call, calls, &|_, _| true);
                if most < self.size as u64 {
                    let text =
                        format!("no address, when {most} of {} were held: {call}", self.size);
                    return Err(self.report(&text, |_| true));
                }
            }
            (Ask::Take(Some(ip)), Outcome::Exhausted)
                if self.most(call, calls, &|_, held| held.is_none_or(|held| held == ip)) == 0 =>
            {
                return Err(self.anomaly(ip, &format!("refused though free: {call}")));
            }
            (Ask::Look(ip), Outcome::Done(seen)) => {
                return self.seen(call, calls, ip, seen.as_deref());
            }
            _ => {}
        }
        Ok(())
    }

    /// How many addresses may have been held at one moment of the call, by its account and name.
    fn most(
        &self,
        call: &Call,
        calls: &[Call],
        counts: &dyn Fn(usize, Option<&str>) -> bool,
    ) -> u64 {
        let during: Vec<&Hold> = self
            .holds
            .iter()
            .filter(|hold| counts(hold.account, Some(&hold.ip)))
            .filter(|hold| hold.begun.0 <= call.to && call.from <= hold.ended.1)
            .collect();
        let starts = during.iter().map(|hold| hold.begun.0).filter(|at| *at > call.from);
        let moments = starts.chain([call.from]);
        let held = |at| during.iter().filter(|hold| hold.may_be(at)).count() as u64;
        // Takes that nobody answered may have been done, and undone with a network.
        let doubts = calls.iter().filter(|one| {
            let Ask::Take(named) = &one.ask else { return false };
            one.is_unknown() && one.from <= call.to && counts(one.account, named.as_deref())
        });
        moments.map(held).max().unwrap_or(0) + doubts.count() as u64
    }

    fn seen(
        &self,
        call: &Call,
        calls: &[Call],
        ip: &str,
        seen: Option<&str>,
    ) -> Result<(), Anomaly> {
        let through =
            |hold: &&Hold| hold.ip == ip && hold.is_certain(call.from) && hold.is_certain(call.to);
        let holder = self.holds.iter().find(through);
        if let Some(hold) = holder
            && seen != Some(&*format!("a{}", hold.account))
        {
            let text = format!("{ip} was not seen with its holder {hold:?}: {call}");
            return Err(self.anomaly(ip, &text));
        }
        let free = self.most(call, calls, &|_, held| held.is_none_or(|held| held == ip)) == 0;
        if free && seen.is_some() {
            return Err(self.anomaly(ip, &format!("{ip} was seen held though free: {call}")));
        }
        Ok(())
    }

    fn anomaly(&self, ip: &str, text: &str) -> Anomaly {
        self.report(text, |call| call.concerns(ip))
    }

    /// The text with the calls that matter, the last ones at most.
    fn report(&self, text: &str, matters: impl Fn(&Call) -> bool) -> Anomaly {
        let calls: Vec<_> = self.calls.iter().filter(|call| matters(call)).collect();
        let last = calls.iter().skip(calls.len().saturating_sub(60));
        let lines: Vec<String> = last.map(ToString::to_string).collect();
        Anomaly(format!("{text}\n{}", lines.join("\n")))
    }
}
