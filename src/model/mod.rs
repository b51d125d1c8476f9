//! Placeholder of the room `model`.
