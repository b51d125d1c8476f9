//! No forgotten files: what lies in the tree is compiled, and what is for tests only is known.

use super::complaint;
use super::source::{Source, numbered};
use std::collections::BTreeMap;

/// Files reached by `mod` from the roots, with true for those that only tests compile.
type Reached = BTreeMap<String, bool>;

/// Names every file that no `mod` declares.
pub(super) fn unreachable(sources: &[Source], manifest: &str) -> Vec<String> {
    let reached = walk(sources, manifest);
    let forgotten = sources.iter().filter(|source| !reached.contains_key(&source.path));
    let text = "forgotten file, use it with `mod` or name it as a `path` in Cargo.toml";
    forgotten.map(|source| complaint(source, 1, text)).collect()
}

/// Marks the files that stand behind `#[cfg(test)] mod name;`.
pub(super) fn mark_tests(sources: &mut [Source], manifest: &str) {
    let reached = walk(sources, manifest);
    for source in sources {
        source.test_only |= reached.get(&source.path).is_some_and(|&test_only| test_only);
    }
}

fn walk(sources: &[Source], manifest: &str) -> Reached {
    let mut reached = Reached::new();
    for root in roots(manifest) {
        let folder = parent(&root).to_string();
        visit(sources, &root, &folder, false, &mut reached);
    }
    reached
}

/// The roots of crates: the usual two, and every `path` that the manifest names.
fn roots(manifest: &str) -> Vec<String> {
    let named = manifest.lines().filter_map(|line| line.trim().strip_prefix("path = \""));
    let named = named.filter_map(|rest| rest.split('"').next());
    ["src/lib.rs", "src/main.rs"].into_iter().chain(named).map(String::from).collect()
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn visit(sources: &[Source], path: &str, folder: &str, test_only: bool, reached: &mut Reached) {
    let Some(source) = sources.iter().find(|source| source.path == path) else { return };
    let seen = reached.entry(path.to_string()).or_insert(test_only);
    *seen &= test_only;
    for (name, in_tests) in declared(source) {
        let inside = format!("{folder}/{name}");
        for child in [format!("{inside}.rs"), format!("{inside}/mod.rs")] {
            visit(sources, &child, &inside, test_only || in_tests, reached);
        }
    }
}

/// Modules that the file declares without a body, with true for those of tests.
fn declared(source: &Source) -> Vec<(&str, bool)> {
    let mut modules = Vec::new();
    for (number, line) in numbered(&source.code) {
        let Some(head) = line.trim().strip_suffix(';') else { continue };
        let Some((before, name)) = head.rsplit_once("mod ") else { continue };
        if before.is_empty() || before.starts_with("pub") {
            modules.push((name, source.in_tests(number)));
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Vec<Source> {
        let files = [
            ("src/lib.rs", "mod net;\n#[cfg(test)]\nmod sim;\n"),
            ("src/net/mod.rs", "pub(crate) mod addr;\n// mod old;\n"),
            ("src/net/addr.rs", "#[cfg(test)]\nmod tests;\n"),
            ("src/net/addr/tests.rs", ""),
            ("src/net/old.rs", ""),
            ("src/sim/mod.rs", "mod seed;\n"),
            ("src/sim/seed.rs", ""),
            ("tests/lib.rs", "mod a;\n"),
            ("tests/a.rs", ""),
            ("tests/b.rs", ""),
        ];
        files.map(|(path, text)| Source::new(path, text)).into()
    }

    const MANIFEST: &str = "[[test]]\npath = \"tests/lib.rs\"\n";

    #[test]
    fn forgotten_files_are_found() {
        let text = "1: forgotten file, use it with `mod` or name it as a `path` in Cargo.toml";
        let expected = [format!("src/net/old.rs:{text}"), format!("tests/b.rs:{text}")];
        assert_eq!(unreachable(&tree(), MANIFEST), expected);
    }

    #[test]
    fn files_for_tests_are_marked() {
        let mut sources = tree();
        mark_tests(&mut sources, MANIFEST);
        let inside = sources.iter().filter(|s| s.path.starts_with("src/") && s.test_only);
        let paths: Vec<_> = inside.map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["src/net/addr/tests.rs", "src/sim/mod.rs", "src/sim/seed.rs"]);
    }
}
