//! Pictures where people would rather look than read: `show capacity`, `show map`, `show topology`
//! and `show history`; and `explain`, which says why.
//!
//! [`ask`] asks for rows, by list calls alone, so that any server will do; [`capacity`], [`map`],
//! [`topology`] and [`history`] make a [`mod@scene`] of them; [`canvas`] draws it on the terminal
//! and [`svg`] into a file. Between the questions and the two drawings everything is pure.

mod ask;
mod atlas;
mod canvas;
mod capacity;
mod explain;
mod file;
mod forecast;
mod held;
mod hilbert;
mod history;
mod map;
mod scene;
mod spark;
mod svg;
mod target;
#[cfg(test)]
mod tests;
mod tone;
mod topology;
mod words;

use std::path::Path;

pub(crate) use canvas::Pen;
pub(crate) use words::{PICTURES, draws, help, named, subject};

use super::resolve::{Unresolved, resolve};
use super::wrong::Wrong;
use crate::model::Time;
use crate::text::quoted;
use crate::transport::Transport;
use ask::Ask;
use scene::Scene;
use words::Order;

/// What comes of a command that draws.
#[derive(Debug)]
pub(crate) enum Shown {
    /// The picture, for the terminal.
    Text(String),
    /// What is to be said about the file that was written.
    Written(String),
}

/// Draws what the words behind `show` say. `source` is the text that their spans count in.
pub(crate) fn show(
    transport: &dyn Transport,
    words: &[super::line::Word],
    source: &str,
    pen: Pen,
    now: Time,
) -> Result<Shown, Unresolved> {
    let mut order = words::read(words, source).map_err(Unresolved::Wrong)?;
    resolve(transport, order.spec, &mut order.words)?;
    let scene = scene(transport, &order, now)?;
    let Some(path) = order.words.get("svg") else {
        let pen = Pen { ascii: pen.ascii || order.ascii, ..pen };
        return Ok(Shown::Text(canvas::text(&scene, pen)));
    };
    let drawn = svg::svg(&scene);
    file::write(Path::new(path), &drawn).map_err(|error| {
        let text = format!("the picture cannot be written to {}: {error}", quoted(path));
        Unresolved::Wrong(Wrong::new(text))
    })?;
    Ok(Shown::Written(format!("The picture is in {}.", quoted(path))))
}

fn scene(transport: &dyn Transport, order: &Order, now: Time) -> Result<Scene, Unresolved> {
    let ask = Ask::new(transport);
    let given = |name: &str| order.words.get(name);
    let subject = given("target").or_else(|| given("address")).or_else(|| given("network"));
    let subject = subject.or_else(|| given("router"));
    let subject = subject.unwrap_or_default();
    let mut scene = match order.spec.name {
        "showCapacity" => {
            let facts = capacity::ask(&ask, given("zoneid"), order.days, now)?;
            capacity::draw(&facts, now)
        }
        "explainAddress" => explain::address::explain(&ask, subject)?,
        "explainNetwork" => {
            let under = explain::network::Under::read(given("mtu"), given("over"))?;
            explain::network::explain(&ask, subject, under)?
        }
        "explainRouter" => explain::router::explain(&ask, subject)?,
        "showMap" => atlas::map(&ask, subject, given("zoneid"))?,
        "showTopology" => topology::draw(&topology::ask(&ask, given("vpc"), given("zoneid"))?),
        _ => history::draw(&history::ask(&ask, subject)?, now),
    };
    scene.notes.extend(ask.missing());
    Ok(scene)
}
