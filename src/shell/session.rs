//! A session: carries out lines, one after the other.

mod asking;
mod lists;
mod loops;
mod queried;
mod script;
mod sourced;
mod told;
mod variables;
mod watch;

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::rc::Rc;

use serde_json::{Value as Json, json};

use super::ask::Person;
use super::line::{Line, Word, split_argv};
use super::options::{self, Options};
use super::out::Out;
use super::pager::Pager;
use super::place::{Place, Written};
use super::query::{Ended, Query};
use super::render::{Format, Human, Shape, View, render, terminal_width};
use super::resolve::Unresolved;
use super::set::{self, Effect, Plain};
use super::show::{self, Pen};
use super::sift::{self, Wanted};
use super::status::Status;
use super::variables::Variables;
use super::wrong::Wrong;
use super::{check, command, foreign, help};
use crate::model::Time;
use crate::schema::{Kind, Spec};
use crate::transport::{Answer, Transport};

use lists::List;
pub(crate) use watch::Tty;

/// How answers are shown where a line does not say it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Look {
    /// The format; by default a table on a terminal and JSON elsewhere.
    pub(crate) format: Option<Format>,
    /// Whether results go to a terminal.
    pub(crate) terminal: bool,
    pub(crate) colour: bool,
    /// Whether the answer to an asynchronous call is its job, not the job's result.
    pub(crate) no_wait: bool,
    /// Whether calls are shown instead of sent.
    pub(crate) dry_run: bool,
    /// Whether nobody is asked before something is ended.
    pub(crate) sure: bool,
    /// Whether pictures are to be drawn in plain ASCII.
    pub(crate) ascii: bool,
    /// Whether tables show times and sizes as they came.
    pub(crate) exact: bool,
    /// What long answers go through.
    pub(crate) pager: Pager,
    /// Whether there are colours also where there is no terminal.
    pub(crate) colour_anywhere: bool,
    /// The keys that lines are edited with.
    pub(crate) keys: set::Keys,
    /// Whether a dollar is a dollar, as for CloudMonkey, and never begins a variable.
    pub(crate) literal_dollar: bool,
    pub(crate) clock: Clock,
    pub(crate) tty: Tty,
}

/// Tells the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(pub(crate) fn() -> Time);

impl Default for Clock {
    /// One that has stopped.
    fn default() -> Self {
        Self(Time::default)
    }
}

/// Carries out lines.
pub(crate) struct Session<'t> {
    transport: &'t dyn Transport,
    pub(crate) out: Out,
    look: Look,
    /// What `set` sets.
    settable: &'t dyn set::Options,
    /// Whom to ask, if anybody.
    person: Option<&'t dyn Person>,
    /// The line of the script that is carried out.
    place: Option<usize>,
    /// How many scripts it is in that `source` began.
    depth: usize,
    /// How many loops it is in, and whether there was one: Ctrl-C does not end us from then on.
    loops: usize,
    has_looped: bool,
    /// Shared with who completes lines.
    variables: Rc<RefCell<Variables>>,
    /// Whether answers are kept for the commands that follow.
    keeps: bool,
    /// Whether nobody reads the results any more.
    unread: bool,
    /// The code that the API refused the last call with.
    refusal: Option<i64>,
}

/// Whether there is more to do after a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Next(Status),
    Leave(Status),
}

/// Columns of a picture that goes to no terminal.
const PLAIN_WIDTH: usize = 80;

/// What is known of the answer to `wait`: jobs have all kinds of results.
static JOB: Spec = Spec { kind: Kind::Object, ..Spec::BLANK };
const ALL_OF_JOB: Shown<'static> = Shown { spec: &JOB, filter: &[], exclude: &[], query: None };

/// What a command answers with.
enum Reply {
    Text(String),
    Answer(Answer),
}

/// What is shown of an answer.
#[derive(Clone, Copy)]
struct Shown<'f> {
    spec: &'static Spec,
    filter: &'f [String],
    exclude: &'f [String],
    /// What is asked of it.
    query: Option<&'f Query>,
}

impl<'t> Session<'t> {
    pub(crate) fn new(transport: &'t dyn Transport, out: Out, look: Look) -> Self {
        Self {
            transport,
            out,
            look,
            settable: &Plain,
            person: None,
            place: None,
            depth: 0,
            loops: 0,
            has_looped: false,
            variables: Rc::default(),
            keeps: true,
            unread: false,
            refusal: None,
        }
    }

    /// A session whose options are these.
    pub(crate) fn with_options(self, settable: &'t dyn set::Options) -> Self {
        Self { settable, ..self }
    }

    pub(crate) fn transport(&self) -> &'t dyn Transport {
        self.transport
    }

    /// How answers are shown.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// What a line that ended so failed with, if it failed: the API's code, else the exit code.
    pub(crate) fn failure(&self, status: Status) -> Option<i64> {
        match status {
            Status::Done => None,
            Status::Refused => Some(self.refusal.unwrap_or(i64::from(status.code()))),
            _ => Some(status.code().into()),
        }
    }

    /// Carries out one command whose words were taken apart already.
    pub(crate) fn argv(&mut self, args: &[String]) -> Status {
        let line = split_argv(args);
        self.keeps = false;
        match self.line(&line, &args.join(" ")) {
            Ok(Step::Next(status) | Step::Leave(status)) => status,
            Err(wrong) => self.complain(&wrong, None),
        }
    }

    /// Carries out a command, with values in place of its variables.
    fn line(&mut self, line: &Line, source: &str) -> Result<Step, Wrong> {
        if self.look.literal_dollar {
            return self.filled(line, source);
        }
        let filled = self.values(line)?;
        self.filled(filled.as_ref().unwrap_or(line), source)
    }

    /// Carries out a command that has no variables any more.
    fn filled(&mut self, line: &Line, source: &str) -> Result<Step, Wrong> {
        if let Some(bang) = &line.bang {
            let ended = foreign::run(&bang.text);
            return Ok(Step::Next(ended.unwrap_or_else(|error| self.lost(&error))));
        }
        let (words, mut options) = options::take(&line.words)?;
        if let Some(step) = self.own(line, &words, source, options)? {
            return Ok(step);
        }
        let found = command::find(self.transport.catalogue(), &words)?;
        let rest = words.get(found.words..).unwrap_or_default();
        let (rest, condition) = sift::split(rest);
        let call = check::read(found.spec, rest, source, &|path| fs::read_to_string(path))?;
        let query = queried::query(&call, options, source)?;
        let wanted = Wanted::read(found.spec, &call.sort, condition, source)?;
        options.no_wait = call.no_wait.unwrap_or(options.no_wait || self.look.no_wait);
        options.dry_run |= self.look.dry_run;
        let words = match self.completed(found.spec, call.words)? {
            Ok(words) => words,
            Err(failure) => return Ok(Step::Next(self.failed(&failure))),
        };
        if options.dry_run {
            let shown = self.transport.rehearse(found.spec, &words);
            let shown = shown.ok_or_else(|| {
                Wrong::new("`--dry-run` shows what a server would be sent, and there is none here")
            })?;
            return Ok(Step::Next(self.say(line, shown)));
        }
        if let Some(status) = self.sure(found.spec, &words, options) {
            return Ok(Step::Next(status));
        }
        let (filter, exclude) = (&call.filter, &call.exclude);
        let shown = Shown { spec: found.spec, filter, exclude, query: query.as_ref() };
        if found.spec.kind == Kind::List && !found.spec.is_async() {
            let list = List { shown, words, options, wanted: &wanted };
            return self.list(line, list).map(Step::Next);
        }
        let answer = if options.no_wait {
            self.transport.start(found.spec, &words)
        } else {
            self.transport.call(found.spec, &words)
        };
        Ok(Step::Next(match answer {
            Ok(answer) => {
                self.remember(found.spec, &answer, options);
                self.deliver(line, &Reply::Answer(answer), shown, options)
            }
            Err(failure) => self.refused(found.spec, &failure),
        }))
    }

    /// Carries out the shell's own commands.
    fn own(
        &mut self,
        line: &Line,
        words: &[Word],
        source: &str,
        options: Options,
    ) -> Result<Option<Step>, Wrong> {
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        let text = match texts.as_slice() {
            _ if options.help => help::help(self.transport.catalogue(), words)?,
            ["help", ..] => {
                help::help(self.transport.catalogue(), words.get(1..).unwrap_or_default())?
            }
            ["exit" | "quit"] => return Ok(Some(Step::Leave(Status::Done))),
            ["show" | "explain", ..] => return self.show(line, words, source, options).map(Some),
            ["watch", ..] => return self.watch(line, source).map(Some),
            ["wait", job] => {
                let options = Options { no_wait: false, ..options };
                let status = match self.transport.wait(job) {
                    Ok(answer) => {
                        self.remember(&JOB, &answer, options);
                        self.deliver(line, &Reply::Answer(answer), ALL_OF_JOB, options)
                    }
                    Err(failure) => self.failed(&failure),
                };
                return Ok(Some(Step::Next(status)));
            }
            ["source", _] => return self.source(words).map(|status| Some(Step::Next(status))),
            ["sync"] => return Ok(Some(Step::Next(self.learn()?))),
            ["version"] => concat!("capuchin ", env!("CARGO_PKG_VERSION"), "\n").to_owned(),
            ["set", "-v", ..] => {
                return self.assign(line, words).map(|status| Some(Step::Next(status)));
            }
            ["unset", ..] => return self.unset(words).map(|()| Some(Step::Next(Status::Done))),
            ["for", ..] => return Err(loops::alone(words)),
            ["set"] => set::list(&self.settable.shown(self.look)),
            ["set", ..] if command::find(self.transport.catalogue(), words).is_err() => {
                self.set(words.get(1..).unwrap_or_default())?;
                return Ok(Some(Step::Next(Status::Done)));
            }
            _ => return Ok(None),
        };
        Ok(Some(Step::Next(self.say(line, text))))
    }

    /// Learns what the server can do.
    fn learn(&mut self) -> Result<Status, Wrong> {
        let learned = self
            .transport
            .learn()
            .ok_or_else(|| Wrong::new("there is no server to learn from; -p or -u names one"))?;
        Ok(match learned {
            Ok(count) => {
                let many = if count == 1 { "" } else { "s" };
                self.out.message(format_args!("The server has {count} API{many}."));
                Status::Done
            }
            Err(failure) => self.failed(&failure),
        })
    }

    /// Sets an option of the session.
    fn set(&mut self, words: &[Word]) -> Result<(), Wrong> {
        let Some((name, value)) = set::read(words) else { return Ok(()) };
        let done = self.settable.set(&name, &value).map_err(|why| set::wrong(words, why))?;
        match done.0 {
            Effect::Nothing => {}
            Effect::Format(format) => self.look.format = Some(format),
            Effect::Wait(wait) => self.look.no_wait = !wait,
            Effect::Confirm(confirm) => self.look.sure = !confirm,
            Effect::Keys(keys) => self.look.keys = keys,
            Effect::Humanise(humanise) => self.look.exact = !humanise,
            Effect::Pager(pager) => self.look.pager = pager,
            Effect::Look(look) => self.look = look,
        }
        if let Some(said) = done.1 {
            self.out.message(format_args!("{said}"));
        }
        Ok(())
    }

    /// Draws a picture.
    fn show(
        &mut self,
        line: &Line,
        words: &[Word],
        source: &str,
        options: Options,
    ) -> Result<Step, Wrong> {
        if options.format.is_some() {
            let text = "a picture has no other format than `--svg FILE`; lists have `-o`";
            return Err(Wrong::new(text));
        }
        let terminal = self.look.terminal && line.pipe.is_none() && line.redirect.is_none();
        let width = if terminal { terminal_width() } else { None };
        let pen = Pen {
            width: width.unwrap_or(PLAIN_WIDTH),
            cut: width.is_some(),
            colour: self.look.has_colour(terminal),
            ascii: self.look.ascii,
        };
        match show::show(self.transport, words, source, pen, (self.look.clock.0)()) {
            Ok(show::Shown::Text(text)) => Ok(Step::Next(self.say(line, text))),
            Ok(show::Shown::Written(said)) => {
                self.out.message(format_args!("{said}"));
                Ok(Step::Next(Status::Done))
            }
            Err(Unresolved::Wrong(wrong)) => Err(wrong),
            Err(Unresolved::Failed(failure)) => Ok(Step::Next(self.failed(&failure))),
        }
    }

    fn say(&mut self, line: &Line, text: String) -> Status {
        self.deliver(line, &Reply::Text(text), ALL_OF_JOB, Options::default())
    }

    /// Brings the reply to where the line says.
    fn deliver(
        &mut self,
        line: &Line,
        reply: &Reply,
        shown: Shown<'_>,
        options: Options,
    ) -> Status {
        let (look, pages) = (self.look, self.pages(options));
        let mut place = Place::new(line, &mut self.out);
        let terminal = look.terminal && place.is_results();
        let (view, format) = shown.view(look, options, terminal);
        let shown = match reply {
            Reply::Text(text) => place.write_all(text.as_bytes()).map(|()| Ended::Done),
            Reply::Answer(answer) => {
                place.page(pages.filter(|_| terminal));
                queried::through(shown.query, terminal, &mut place, |out| {
                    match job_only(answer).filter(|_| options.no_wait) {
                        Some(job) => {
                            render(format, &job, &View { shape: Shape::Flat, ..view }, out)
                        }
                        None => render(format, &answer.body, &view, out),
                    }
                })
            }
        };
        let (ended, written) = queried::apart(shown);
        let written = place.end(written);
        self.ended(ended, written)
    }

    fn written(&mut self, written: Written) -> Status {
        match written {
            Written::Done(status) => status,
            Written::Unread => {
                self.unread = true;
                Status::Done
            }
            Written::Lost(why) => {
                self.out.error(format_args!("{why}"));
                Status::Unavailable
            }
        }
    }

    fn lost(&mut self, error: &io::Error) -> Status {
        self.out.error(format_args!("the system's shell cannot be used: {error}"));
        Status::Unavailable
    }

    /// Says what is wrong with a line, and where if it was typed.
    fn complain(&mut self, wrong: &Wrong, typed: Option<&str>) -> Status {
        let place = self.place.map(|line| format!("line {line}: ")).unwrap_or_default();
        self.out.error(format_args!("{place}{wrong}"));
        if let Some(pointer) = typed.and_then(|source| wrong.pointer(source)) {
            self.out.message(format_args!("{pointer}"));
        }
        Status::Misused
    }
}

impl Look {
    /// Whether what goes to a terminal, or elsewhere, is coloured.
    fn has_colour(self, terminal: bool) -> bool {
        terminal && self.colour || self.colour_anywhere
    }

    /// The format of an answer.
    fn format(self, options: Options, terminal: bool) -> Format {
        let preferred = if terminal { Format::Table } else { Format::Json };
        options.format.or(self.format).unwrap_or(preferred)
    }
}

impl<'f> Shown<'f> {
    /// How it is shown, and in which format: a query reads JSON.
    fn view(self, look: Look, options: Options, terminal: bool) -> (View<'f>, Format) {
        let format = match self.query {
            Some(_) => Format::Json,
            None => look.format(options, terminal),
        };
        let human = terminal && !look.exact && !options.exact;
        let view = View {
            shape: shape(self.spec),
            columns: self.spec.columns,
            filter: self.filter,
            exclude: self.exclude,
            width: if terminal { terminal_width() } else { None },
            colour: look.has_colour(terminal),
            human: human.then(|| Human { now: (look.clock.0)(), fields: self.spec.fields }),
        };
        (view, format)
    }
}

fn shape(spec: &'static Spec) -> Shape<'static> {
    match spec.kind {
        Kind::List => Shape::List { key: spec.key },
        Kind::Object => Shape::Object { key: spec.key },
        Kind::Success => Shape::Success,
        Kind::Flat => Shape::Flat,
    }
}

/// The answer to an asynchronous call for those who do not wait.
fn job_only(answer: &Answer) -> Option<Json> {
    let job = answer.job.as_ref()?;
    Some(match &answer.made {
        Some(made) => json!({ "id": made, "jobid": job }),
        None => json!({ "jobid": job }),
    })
}

#[cfg(test)]
mod tests;
