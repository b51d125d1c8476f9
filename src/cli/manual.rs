//! `capuchin man` and `capuchin docs`: what is generated from the descriptions of commands.

use std::fs;
use std::path::Path;

use crate::cli::args;
use crate::cli::run::{misused, print};
use crate::shell::out::Out;
use crate::shell::{Status, docs, man};
use crate::transport::catalogue;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints a page of the manual, the program's own if none is named.
pub(crate) fn page(name: Option<&str>) -> Status {
    match name {
        None | Some("capuchin") => print(&man::man(&catalogue(), &args::items(), VERSION)),
        Some(name) => match man::page(&catalogue(), name, VERSION) {
            Ok(page) => print(&page),
            Err(why) => misused(&why),
        },
    }
}

/// Prints the reference of all commands, or writes it to a file.
pub(crate) fn docs(file: Option<&Path>) -> Status {
    let text = docs::docs(&catalogue(), VERSION);
    let Some(file) = file else { return print(&text) };
    match fs::write(file, text) {
        Ok(()) => Status::Done,
        Err(why) => {
            let file = file.display();
            Out::std().error(format_args!("the file {file} cannot be written: {why}"));
            Status::Unavailable
        }
    }
}
