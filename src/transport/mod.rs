//! Placeholder of the room `transport`.
