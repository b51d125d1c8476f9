//! The room of the person at the terminal: what was typed, and how the answer looks.

pub(crate) mod line;
