//! Placeholder of the room `api`.
