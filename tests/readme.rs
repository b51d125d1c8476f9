//! The examples in the README do what they say.

use crate::harness::Capuchin;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

#[test]
fn examples_in_the_readme_work() {
    let capuchin = Capuchin::new();
    let home = capuchin.dir().to_string_lossy();
    let cases = trycmd::TestCases::new();
    cases.env("HOME", &*home).env("XDG_DATA_HOME", &*home).case("README.md").run();
}

/// The block of a file that follows a marker.
fn block<'a>(text: &'a str, marker: &str) -> &'a str {
    let (_, rest) = text.split_once(marker).expect("the marker");
    let (_, rest) = rest.split_once("```sh\n").expect("a block behind it");
    rest.split_once("```").expect("the end of the block").0
}

/// Around the block: the program that was built, on a port that is free, and the client `cs`,
/// which waits for the server as a person would.
const AROUND: &str = r#"
set -eu
port() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
capuchin() {
    case "$1" in
        serve) exec "$PROGRAM" serve --listen "127.0.0.1:$PORT" >log 2>&1 ;;
        keys) "$PROGRAM" "$@" --endpoint "http://127.0.0.1:$PORT/client/api" ;;
        *) "$PROGRAM" "$@" ;;
    esac
}
cs() {
    until port; do kill -0 $!; done
    "$PYTHON" -m cs "$@"
}
trap 'kill $! && wait' EXIT
"#;

#[test]
fn the_server_is_set_up_and_used_as_the_readme_says() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).expect("README.md");
    let block = block(&readme, "<!-- the block is run by tests/readme.rs -->");
    let python = crate::server::clients::python();
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let port = free.expect("a free port").port().to_string();
    let capuchin = Capuchin::new();
    let program = capuchin.run("").command().get_program().to_owned();
    let mut bash = Command::new("bash");
    let script = [AROUND, block].concat();
    bash.args(["-c", &script]).current_dir(capuchin.dir()).env_clear();
    bash.envs(capuchin.run("").command().get_envs().filter_map(|(k, v)| Some((k, v?))));
    bash.env("PROGRAM", program).env("PORT", port).env("PYTHON", python);
    let output = bash.output().expect("bash");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, complaints) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{script}\n{said}\n{complaints}");
    // Whatever the clients print, each of them names the zone.
    let calls = block.lines().filter(|line| line.contains("sandbox")).count();
    assert!(calls >= 2, "the block shows no client:\n{block}");
    assert_eq!(said.matches("\"name\": \"sandbox\"").count(), calls, "{said}\n{complaints}");
}
