//! What strangers send, thrown at what reads it: each target takes any bytes and panics where a
//! promise is broken. For `fuzz/`; the tests run each of them briefly.

#[cfg(test)]
mod brief;
mod desk;
mod files;
mod typed;
mod wire;

pub use desk::{login, request};
pub use files::{entries, profile};
pub use typed::line;
pub use wire::{answer, params, signature, writing};

/// The text that the bytes are, with what is no UTF-8 replaced.
fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// The first line, and all that follows it.
fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (data.get(..at).unwrap_or_default(), data.get(at + 1..).unwrap_or_default()),
        None => (data, &[]),
    }
}
