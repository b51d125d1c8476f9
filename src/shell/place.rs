//! Where the results of a line go: to the stream of results, into a file or to a program.
//!
//! Nothing is opened before the first result, so that a call that fails leaves a file as it was
//! and starts no program.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};

use super::foreign::Fed;
use super::line::{Line, Redirect};
use super::out::Out;
use super::pager::Pages;
use super::status::Status;
use crate::text::quoted;

/// The place, which is written to.
pub(crate) struct Place<'p> {
    to: To<'p>,
    opened: Opened,
    /// What results go through that turn out to be long.
    pages: Option<Pages>,
}

enum To<'p> {
    Results(&'p mut Out),
    File(&'p Redirect),
    Program(&'p str),
}

enum Opened {
    Nothing,
    File(BufWriter<File>),
    Program(Fed),
}

/// How it went.
pub(crate) enum Written {
    /// All was written, or all that somebody wanted.
    Done(Status),
    /// Nobody reads the results any more.
    Unread,
    /// It was lost, and why.
    Lost(String),
}

impl<'p> Place<'p> {
    /// Where `line` says.
    pub(crate) fn new(line: &'p Line, out: &'p mut Out) -> Self {
        let to = match (&line.pipe, &line.redirect) {
            (Some(pipe), _) => To::Program(&pipe.text),
            (None, Some(redirect)) => To::File(redirect),
            (None, None) => To::Results(out),
        };
        Self { to, opened: Opened::Nothing, pages: None }
    }

    /// Lets long results go through a pager.
    pub(crate) fn page(&mut self, pages: Option<Pages>) {
        self.pages = pages;
    }

    /// Whether results go where all results go, which may be a terminal.
    pub(crate) fn is_results(&self) -> bool {
        matches!(self.to, To::Results(_))
    }

    fn open(&mut self) -> io::Result<&mut dyn Write> {
        if let Opened::Nothing = self.opened {
            match self.to {
                To::Results(_) => {}
                To::File(redirect) => self.opened = Opened::File(file(redirect)?),
                To::Program(command) => self.opened = Opened::Program(Fed::start(command)?),
            }
        }
        Ok(match (&mut self.opened, &mut self.to) {
            (Opened::File(file), _) => file,
            (Opened::Program(program), _) => program,
            (Opened::Nothing, To::Results(out)) => out.results(),
            (Opened::Nothing, _) => return Err(io::ErrorKind::NotConnected.into()),
        })
    }

    /// Ends the writing, which went like this.
    pub(crate) fn end(mut self, written: io::Result<()>) -> Written {
        if let (Some(pages), To::Results(out)) = (self.pages.take(), &mut self.to) {
            return end_pages(pages, written, out);
        }
        let written = written.and_then(|()| self.flush());
        match (written, self.opened) {
            // A program that has seen enough, as `head`, may end early.
            (Err(why), Opened::Program(program)) if why.kind() == io::ErrorKind::BrokenPipe => {
                ended(program)
            }
            (Ok(()), Opened::Program(program)) => ended(program),
            (Ok(()), _) => Written::Done(Status::Done),
            (Err(why), _) => match self.to {
                To::Results(_) if why.kind() == io::ErrorKind::BrokenPipe => Written::Unread,
                To::Results(_) => Written::Lost(format!("results could not be written: {why}")),
                To::File(redirect) => {
                    let path = quoted(&redirect.path);
                    Written::Lost(format!("the file {path} cannot be written: {why}"))
                }
                To::Program(_) => shell_lost(&why),
            },
        }
    }

    /// Ends the writing after a failure: what there is goes where it should.
    pub(crate) fn give_up(mut self) {
        // There is a failure to tell of already.
        if let (Some(pages), To::Results(out)) = (self.pages.take(), &mut self.to) {
            let _ = pages.end(out);
            return;
        }
        let _ = match &mut self.opened {
            Opened::Nothing => match self.to {
                To::Results(out) => out.results().flush(),
                To::File(_) | To::Program(_) => Ok(()),
            },
            Opened::File(file) => file.flush(),
            Opened::Program(program) => program.flush(),
        };
        if let Opened::Program(program) = self.opened {
            let _ = program.end();
        }
    }
}

/// Ends what may be in a pager. That a person has read enough of it is no failure.
fn end_pages(pages: Pages, written: io::Result<()>, out: &mut Out) -> Written {
    let lost = written.err().filter(|why| why.kind() != io::ErrorKind::BrokenPipe);
    match pages.end(out).err().or(lost) {
        None => Written::Done(Status::Done),
        Some(why) if why.kind() == io::ErrorKind::BrokenPipe => Written::Unread,
        Some(why) => Written::Lost(format!("results could not be shown: {why}")),
    }
}

fn ended(program: Fed) -> Written {
    program.end().map_or_else(|why| shell_lost(&why), Written::Done)
}

fn shell_lost(why: &io::Error) -> Written {
    Written::Lost(format!("the system's shell cannot be used: {why}"))
}

fn file(redirect: &Redirect) -> io::Result<BufWriter<File>> {
    let mut how = OpenOptions::new();
    how.create(true).write(true).append(redirect.append).truncate(!redirect.append);
    Ok(BufWriter::with_capacity(64 * 1024, how.open(&redirect.path)?))
}

impl Write for Place<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.pages {
            Some(pages) => pages.write(bytes),
            None => self.open()?.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.pages {
            Some(pages) => pages.flush(),
            None => self.open()?.flush(),
        }
    }
}
