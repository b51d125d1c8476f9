//! `capuchin passwd`: the operator at the machine sets a user's password.

use std::io::{self, IsTerminal};

use crate::cli::clock;
use crate::cli::store::Embedded;
use crate::engine::{hash, set_password};
use crate::schema::Fault;
use crate::shell::Status;
use crate::shell::out::Out;
use crate::text::Secret;

/// Asks for the password and sets it.
pub(crate) fn run(store: &Embedded, user: &str, domain: Option<&str>) -> Status {
    let wrong = |why: &str, status| {
        Out::std().error(format_args!("{why}"));
        status
    };
    let password = match ask() {
        Ok(Some(password)) => password,
        Ok(None) => return wrong("the two passwords differ", Status::Misused),
        Err(why) => return wrong(&format!("no password could be read: {why}"), Status::Misused),
    };
    if password.expose().is_empty() {
        return wrong("the password is empty", Status::Misused);
    }
    match set(store, (user, domain), &password) {
        Ok(Ok(())) => Status::Done,
        Ok(Err(fault)) => wrong(&fault.text, Status::Refused),
        Err(why) => wrong(&why, Status::Unavailable),
    }
}

/// Reads the password: at a terminal twice and unseen, else the first line. None if the two
/// differ.
fn ask() -> io::Result<Option<Secret>> {
    if io::stdin().is_terminal() {
        let first = asked("Password: ")?;
        let second = asked("Again: ")?;
        return Ok((first == second).then(|| Secret::new(first)));
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(Some(Secret::new(line.trim_end_matches(['\r', '\n']))))
}

/// What a person types at the terminal, unseen.
pub(crate) fn asked(prompt: &str) -> io::Result<String> {
    rpassword::prompt_password(prompt)
}

fn set(
    store: &Embedded,
    (user, domain): (&str, Option<&str>),
    password: &Secret,
) -> Result<Result<(), Fault>, String> {
    let salt = clock::random().map_err(|why| format!("the system has no random numbers: {why}"))?;
    let hash = hash(password, salt).ok_or("there is no memory to hash the password")?;
    let (user, domain) = (user.to_owned(), domain.map(str::to_owned));
    let now = clock::now();
    let engine = store.engine()?;
    Ok(engine.store().write(move |tx| set_password(tx, &user, domain.as_deref(), &hash, now)))
}
