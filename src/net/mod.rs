//! Placeholder of the room `net`.
