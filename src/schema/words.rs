//! The parameters of a call as they came: names without regard to letter case, values as text.

use std::collections::BTreeMap;

/// Names and values of a call's parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words(BTreeMap<String, String>);

impl Words {
    /// Adds a parameter; of several with one name the last counts, as in CloudStack. The name is
    /// lower-cased up to a `.`: what follows it is the key of a map entry and keeps its case.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        let name = match name.split_once('.') {
            Some((map, key)) => format!("{}.{key}", map.to_ascii_lowercase()),
            None => name.to_ascii_lowercase(),
        };
        self.0.insert(name, value.into());
    }

    /// The value of the parameter `name`, which is lower-case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The entries `name[i].key`, grouped by index in ascending order.
    pub(crate) fn entries(&self, name: &str) -> Vec<Vec<(&str, &str)>> {
        let mut groups: BTreeMap<u64, Vec<(&str, &str)>> = BTreeMap::new();
        for (word, value) in self.iter() {
            let parts = word
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('['))
                .and_then(|rest| rest.split_once("]."));
            if let Some((index, key)) = parts
                && let Ok(index) = index.parse()
            {
                groups.entry(index).or_default().push((key, value));
            }
        }
        groups.into_values().collect()
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Words {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut words = Self::default();
        for (name, value) in pairs {
            words.set(name.as_ref(), value);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_but_keys_of_maps_do() {
        let words: Words = [("ZoneId", "1"), ("Details[0].Key", "x")].into_iter().collect();
        assert_eq!(words.get("zoneid"), Some("1"));
        assert_eq!(words.entries("details"), [vec![("Key", "x")]]);
    }

    #[test]
    fn entries_are_grouped_by_index() {
        let words: Words =
            [("t[7].key", "b"), ("t[0].key", "a"), ("t[0].value", "1"), ("tx[0].key", "no")]
                .into_iter()
                .collect();
        assert_eq!(words.entries("t"), [vec![("key", "a"), ("value", "1")], vec![("key", "b")]]);
    }
}
