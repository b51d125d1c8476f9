//! Completion against a server: nobody waits for a slow one, and what it answers is kept.

use super::*;
use std::time::{Duration, Instant};

#[test]
fn a_slow_server_is_not_waited_for_and_answers_the_next_tab() {
    let capuchin = Capuchin::new();
    let server = Script::new([delayed(4000, body(200, zones())), delayed(600, body(200, zones()))]);
    let ask = || {
        let mut run = capuchin.args(["complete", "capuchin list zones id="]);
        for (name, value) in
            [("CAPUCHIN_URL", server.url()), ("CAPUCHIN_KEY", KEY), ("CAPUCHIN_SECRET", SECRET)]
        {
            run = run.env(name, value);
        }
        run.env("CAPUCHIN_CLOCK", "2026-01-02T03:00:00Z").text()
    };
    let began = Instant::now();
    assert_eq!(ask(), "\tstill asking the server\u{2026}\n");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let mut offered = ask();
    while offered.starts_with('\t') && began.elapsed() < Duration::from_secs(20) {
        offered = ask();
    }
    assert_eq!(offered, format!("id=a \t{ZONE}\n"));
    // Asked once by the process that did not wait and once by the one that did.
    assert_eq!(server.requests().len(), 2);
    let request = &server.requests()[1];
    assert_eq!((request.param("pagesize").as_str(), request.param("page").as_str()), ("100", "1"));
    let kept = capuchin.dir().join("home/.cache/capuchin");
    for entry in std::fs::read_dir(kept).expect("a cache").flatten() {
        use std::os::unix::fs::PermissionsExt;
        let mode = entry.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{entry:?}");
    }
}
