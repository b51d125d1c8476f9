//! Placeholder of the room `model`.

pub(crate) mod setting;
pub(crate) mod setting_table;
#[cfg(test)]
mod setting_tests;
