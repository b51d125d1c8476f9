//! Placeholder of the room `shell`.
