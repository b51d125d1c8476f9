//! The room of the person at the terminal: what was typed, and how the answer looks.
//!
//! Everything here is pure (text in, text out) except [`out`], which owns the two streams.

pub(crate) mod line;
pub(crate) mod out;
pub(crate) mod render;
