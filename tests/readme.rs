//! The examples in the README do what they say.

use crate::harness::Capuchin;

#[test]
fn examples_in_the_readme_work() {
    let capuchin = Capuchin::new();
    let home = capuchin.dir().to_string_lossy();
    let cases = trycmd::TestCases::new();
    cases.env("HOME", &*home).env("XDG_DATA_HOME", &*home).case("README.md").run();
}
