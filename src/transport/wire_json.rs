//! Answers as JSON.

use serde_json::Value as Json;

/// One object with one key.
pub(crate) fn write(key: &str, body: &Json) -> Vec<u8> {
    let mut text = Vec::with_capacity(256);
    // Writing to memory does not fail, and a `Json` always has a text.
    let _ = serde_json::to_writer(&mut text, &std::collections::BTreeMap::from([(key, body)]));
    text
}
