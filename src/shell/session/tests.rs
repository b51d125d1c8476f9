//! Lines from the words to what is printed.

use super::*;
use crate::shell::ask::Choice;
use crate::shell::samples::{FAST, Sample, Shared};

mod loops;
mod variables;

struct Ran {
    step: Step,
    results: String,
    messages: String,
}

fn ran_with(look: Look, run: impl FnOnce(&mut Session<'_>) -> Step) -> Ran {
    let (results, messages) = (Shared::default(), Shared::default());
    let sample = Sample::new();
    let out = Out::new(Box::new(results.clone()), Box::new(messages.clone()));
    let mut session = Session::new(&sample, out, look);
    let step = run(&mut session);
    let text = |shared: Shared| String::from_utf8(shared.0.take()).unwrap();
    Ran { step, results: text(results), messages: text(messages) }
}

fn ran(line: &str) -> Ran {
    ran_with(Look::default(), |session| session.text(line))
}

fn scripted(script: &str) -> Ran {
    ran_with(Look::default(), |session| Step::Next(session.script(script.as_bytes())))
}

const DONE: Step = Step::Next(Status::Done);

#[test]
fn a_list_is_shown_as_asked() {
    let csv = ran("list zones filter=name -o csv");
    assert_eq!((csv.step, csv.results.as_str()), (DONE, "name\nsandbox\n"));
    assert_eq!(csv.messages, "");
    assert!(ran("list zones").results.starts_with("{\n"));
    let table = ran_with(Look { terminal: true, ..Look::default() }, |s| s.text("list zones"));
    assert!(table.results.starts_with("+-"), "{}", table.results);
    assert_eq!(ran("set output csv; list zones filter=name").results, "name\nsandbox\n");
}

#[test]
fn names_are_resolved_and_the_only_zone_is_filled_in() {
    let made = ran("create vpc name=web vpcofferingid=fast -o csv filter=id");
    assert_eq!(made.step, DONE, "{}", made.messages);
    assert_eq!(made.results, format!("id\n{FAST}\n"));
    assert_eq!(made.messages, "zoneid=sandbox (the only zone)\n");
}

#[test]
fn a_wrong_line_is_pointed_at() {
    let wrong = ran("list zones nmae=x");
    assert_eq!(wrong.step, Step::Next(Status::Misused));
    assert_eq!(
        wrong.messages,
        "error: `list zones` has no parameter `nmae`; did you mean `name`?\n  \
         list zones nmae=x\n             ^^^^\n"
    );
    assert_eq!(wrong.results, "");
    assert!(ran("list 'zones").messages.contains("the quote ' is never closed"));
    assert!(ran("create vpc").messages.contains("needs `name` and `vpcofferingid` as well"));
}

#[test]
fn arguments_are_not_pointed_at() {
    let args = ["list", "zones", "nmae=x"].map(str::to_owned);
    let wrong = ran_with(Look::default(), |session| Step::Next(session.argv(&args)));
    assert_eq!(wrong.messages.lines().count(), 1);
}

#[test]
fn a_refusal_says_its_codes_and_its_job() {
    let refused = ran("delete zone id=sandbox");
    assert_eq!(refused.step, Step::Next(Status::Refused));
    assert_eq!(
        refused.messages,
        "error (431/4350) InvalidParameterValueException: The zone is in use\njob job-1\n"
    );
}

#[test]
fn a_line_ends_at_its_first_failure() {
    let both = ran("list banana; list zones");
    assert_eq!((both.step, both.results.as_str()), (Step::Next(Status::Misused), ""));
    assert_eq!(ran("exit; list zones").step, Step::Leave(Status::Done));
    assert_eq!(ran("").step, DONE);
}

#[test]
fn a_script_stops_where_it_fails() {
    let script = "# zones\nlist zones filter=name \\\n  -o csv\n\nlist banana\nlist zones\n";
    let ran = scripted(script);
    assert_eq!(ran.step, Step::Next(Status::Misused));
    assert_eq!(ran.results, "name\nsandbox\n");
    assert!(ran.messages.starts_with("error: line 5: unknown command"), "{}", ran.messages);
    assert_eq!(scripted("exit\nlist banana\n").step, DONE);
    assert!(scripted("list 'zones\n").messages.contains("line 1: the quote"));
}

#[test]
fn answers_go_to_files_and_programs() {
    let dir = std::env::temp_dir().join(format!("capuchin-session-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join("a");
    let line = format!("list zones filter=name -o csv > '{}'", path.display());
    assert_eq!(ran(&line).step, DONE);
    assert_eq!(ran(&line.replace('>', ">>")).step, DONE);
    assert_eq!(fs::read_to_string(&path).unwrap(), "name\nsandbox\nname\nsandbox\n");
    let piped = format!("list zones -o csv filter=name | tail -1 > '{}'", path.display());
    assert_eq!(ran(&piped).step, DONE);
    assert_eq!(fs::read_to_string(&path).unwrap(), "sandbox\n");
    fs::remove_dir_all(&dir).unwrap();
    assert_eq!(ran("list zones > /nowhere/a").step, Step::Next(Status::Unavailable));
    assert_eq!(ran("list zones | exit 3").step, Step::Next(Status::Foreign(3)));
    assert_eq!(ran("!exit 3").step, Step::Next(Status::Foreign(3)));
}

#[test]
fn who_does_not_wait_gets_the_job() {
    let line = "create vpc name=a vpcofferingid=fast zoneid=sandbox -o csv";
    assert_eq!(ran(line).results.lines().next(), Some("id,name"));
    let job = format!("id,jobid\n{FAST},job-7\n");
    assert_eq!(ran(&format!("{line} --no-wait")).results, job);
    let look = Look { no_wait: true, ..Look::default() };
    assert_eq!(ran_with(look, |session| session.text(line)).results, job);
    let line = "disassociate ip address id=7 --no-wait -o csv; list zones -o csv filter=name";
    assert_eq!(ran(line).results, "jobid\njob-7\nname\nsandbox\n");
}

#[test]
fn rows_are_chosen_and_sorted_in_every_format() {
    for format in Format::ALL {
        let none = ran(&format!("list zones -o {format} where name=nowhere"));
        let some = ran(&format!("list zones sort=-name filter=name -o {format} where name~SAND"));
        assert_eq!((none.step, some.step), (DONE, DONE), "{}", some.messages);
        assert!(!none.results.contains("sandbox") && some.results.contains("sandbox"), "{format}");
    }
    let wrong = ran("list zones where nmae=x");
    assert_eq!((wrong.step, wrong.results.as_str()), (Step::Next(Status::Misused), ""));
    assert!(wrong.messages.ends_with("\n  list zones where nmae=x\n                   ^^^^\n"));
    assert!(ran("create vpc name=a where b=c").messages.contains("lists nothing"));
    assert!(ran("create vpc name=a sort=b").messages.contains("no parameter `sort`"));
    let argv = ["list", "zones", "where", "name=sandbox", "-o", "csv"].map(str::to_owned);
    let one_shot = ran_with(Look::default(), |session| Step::Next(session.argv(&argv)));
    assert!(one_shot.results.contains("sandbox"), "{}", one_shot.messages);
}

#[test]
fn help_is_a_result() {
    for line in ["help create vpc", "create vpc -h", "help createVPC"] {
        assert!(ran(line).results.starts_with("create vpc (createVPC)"), "{line}");
    }
    assert!(ran("version").results.starts_with("capuchin "));
}

/// Answers what was prepared, then leaves; remembers what was asked.
#[derive(Default)]
struct Somebody {
    answers: RefCell<Vec<&'static str>>,
    prompts: RefCell<Vec<String>>,
}

impl Somebody {
    fn saying(answers: &[&'static str]) -> Self {
        let answers = answers.iter().rev().copied().collect();
        Self { answers: RefCell::new(answers), prompts: RefCell::default() }
    }

    fn next(&self, prompt: &str) -> Option<String> {
        self.prompts.borrow_mut().push(prompt.to_owned());
        self.answers.borrow_mut().pop().map(str::to_owned)
    }
}

impl Person for Somebody {
    fn asked(&self, prompt: &str, _: &dyn Fn() -> Vec<Choice>) -> Option<String> {
        self.next(prompt)
    }

    fn unseen(&self, prompt: &str) -> Option<String> {
        self.next(&format!("unseen {prompt}"))
    }
}

/// What `line` brings where somebody answers, the prompts, and the calls but those of lists.
fn attended(line: &str, answers: &[&'static str], script: bool) -> (Ran, Vec<String>, Vec<String>) {
    let (results, messages) = (Shared::default(), Shared::default());
    let (sample, somebody) = (Sample::new(), Somebody::saying(answers));
    let out = Out::new(Box::new(results.clone()), Box::new(messages.clone()));
    let session = Session::new(&sample, out, Look::default());
    let mut session = session.with_person(Some(&somebody));
    let step = match script {
        true => Step::Next(session.script(line.as_bytes())),
        false => session.text(line),
    };
    let text = |shared: Shared| String::from_utf8(shared.0.take()).unwrap();
    let calls = sample.calls.take().into_iter().filter(|call| !call.starts_with("list")).collect();
    let ran = Ran { step, results: text(results), messages: text(messages) };
    (ran, somebody.prompts.take(), calls)
}

#[test]
fn what_is_missing_is_asked_for() {
    let answers = ["web", "", "nope", "Default VPC offering"];
    let (ran, prompts, calls) = attended("create vpc -o csv", &answers, false);
    assert_eq!(ran.step, DONE, "{}", ran.messages);
    let offering = "vpcofferingid (what it is for): ";
    assert_eq!(prompts, ["name (what it is for): ", offering, offering, offering]);
    assert!(ran.messages.starts_with("zoneid=sandbox (the only zone)\n"), "{}", ran.messages);
    assert!(ran.messages.contains("vpcofferingid may be "), "{}", ran.messages);
    assert!(ran.messages.contains("error: vpcofferingid=`nope`"), "{}", ran.messages);
    assert_eq!(ran.messages.matches("the only zone").count(), 1);
    assert_eq!(calls.len(), 1);
}

#[test]
fn who_leaves_a_question_leaves_the_call() {
    let (ran, _, calls) = attended("create vpc; list zones", &["web"], false);
    assert_eq!((ran.step, ran.results.as_str()), (Step::Next(Status::Interrupted), ""));
    assert!(ran.messages.ends_with("nothing was done\n"), "{}", ran.messages);
    assert_eq!(calls, [""; 0]);
}

#[test]
fn a_script_asks_nobody() {
    let (ran, prompts, calls) = attended("create vpc\n", &["web"], true);
    assert_eq!(ran.step, Step::Next(Status::Misused));
    assert!(ran.messages.contains("needs `name` and `vpcofferingid`"), "{}", ran.messages);
    assert_eq!((prompts.len(), calls.len()), (0, 0));
    let (_, prompts, calls) = attended("disassociate ip address id=203.0.113.2\n", &[], true);
    assert_eq!((prompts.len(), calls.len()), (0, 1));
}

#[test]
fn what_ends_something_is_done_after_a_yes_only() {
    let line = "disassociate ip address id=203.0.113.2";
    for (answers, status, called) in [
        (vec!["y"], Status::Done, 1),
        (vec!["YES"], Status::Done, 1),
        (vec!["n"], Status::Refused, 0),
        (vec![""], Status::Refused, 0),
        (vec![], Status::Interrupted, 0),
    ] {
        let (ran, prompts, calls) = attended(line, &answers, false);
        assert_eq!((ran.step, calls.len()), (Step::Next(status), called), "{answers:?}");
        assert_eq!(prompts, ["Really? [y/N] "]);
        assert!(ran.messages.contains("disassociate ip address "), "{}", ran.messages);
        assert_eq!(ran.messages.contains("nothing was done"), called == 0);
    }
}

#[test]
fn who_is_sure_is_not_asked() {
    for line in [
        "disassociate ip address id=203.0.113.2 -y",
        "disassociate ip address --yes id=203.0.113.2",
        "set confirm off; disassociate ip address id=203.0.113.2",
    ] {
        let (ran, prompts, calls) = attended(line, &[], false);
        assert_eq!((ran.step, prompts.len(), calls.len()), (DONE, 0, 1), "{line}");
    }
}

#[test]
fn a_script_inside_the_session_stops_where_it_fails() {
    let dir = std::env::temp_dir().join(format!("capuchin-source-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join("a");
    let line = format!("source {}; list zones filter=name -o csv", path.display());
    fs::write(&path, "list zones filter=name -o csv\n").unwrap();
    assert_eq!(ran(&line).results, "name\nsandbox\nname\nsandbox\n");
    fs::write(&path, "\ndelete zone id=sandbox\nlist zones\n").unwrap();
    let failed = ran(&line);
    assert_eq!((failed.step, failed.results.as_str()), (Step::Next(Status::Refused), ""));
    assert!(failed.messages.ends_with("/a` was left at line 2\n"), "{}", failed.messages);
    fs::write(&path, format!("source {}\n", path.display())).unwrap();
    let endless = ran(&line);
    assert_eq!(endless.step, Step::Next(Status::Misused));
    assert!(endless.messages.contains("line 1: "), "{}", endless.messages);
    assert!(endless.messages.contains("16 scripts inside each other"), "{}", endless.messages);
    fs::remove_dir_all(&dir).unwrap();
    assert!(ran(&line).messages.contains("cannot be read"));
}
