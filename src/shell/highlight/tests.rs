//! What is told of the parts of a line, and that it is told of all of it.

use super::*;
use crate::shell::samples::catalogue;
use crate::transport::built_in;
use proptest::prelude::*;

/// The parts that are something, as `text:Part`.
fn parts(line: &str) -> Vec<String> {
    let parts = highlight(&catalogue(), line);
    let told = parts.into_iter().filter(|(_, part)| *part != Part::Plain);
    told.map(|(span, part)| format!("{}:{part:?}", &line[span])).collect()
}

#[test]
fn commands_and_parameters_are_told_from_values() {
    assert_eq!(
        parts("list zones name=x 'available'=true filter=id,name"),
        [
            "list:Command",
            "zones:Command",
            "name=:Name",
            "'available'=:Name",
            "true:Text",
            "filter=:Name"
        ]
    );
    assert_eq!(parts("createVPC details.a=b"), ["createVPC:Command", "details.a=:Name"]);
    assert_eq!(parts("list public ip addresses")[3], "addresses:Command");
    assert_eq!(parts("help create vpc")[2], "vpc:Command");
    assert_eq!(parts("watch 5 list zones"), ["watch:Command", "list:Command", "zones:Command"]);
    assert_eq!(parts("set output csv"), ["set:Command", "output:Name"]);
    assert_eq!(parts("source a.txt"), ["source:Command", "a.txt:File"]);
}

#[test]
fn unknown_words_are_wrong() {
    assert_eq!(parts("lsit zones"), ["lsit:Wrong"]);
    assert_eq!(parts("list zonse"), ["list:Command", "zonse:Wrong"]);
    assert_eq!(parts("list zones nmae=x")[2], "nmae=:Wrong");
    assert_eq!(parts("list zones name=x name=y")[3], "name=:Wrong");
    assert_eq!(parts("list zones foo ")[2], "foo:Wrong");
    assert_eq!(parts("list zones available=maybe ")[3], "maybe:Wrong");
    assert_eq!(parts("list public ip addresses state=gone ")[5], "gone:Wrong");
    assert_eq!(parts("list zones -o xml ")[2..], ["-o:Option", "xml:Wrong"]);
    assert_eq!(parts("list zones -x ")[2], "-x:Wrong");
    assert_eq!(parts("create vpc where name=x")[2], "where:Wrong");
    assert_eq!(parts("show banana "), ["show:Command", "banana:Wrong"]);
}

#[test]
fn what_can_become_right_is_not_wrong_yet() {
    for line in [
        "l",
        "li",
        "hel",
        "list z",
        "list publici",
        "list vpc off",
        "list zones na",
        "list zones wh",
        "list zones fil",
        "list zones available=t",
        "list zones -o js",
        "list zones -o",
        "create vpc details.",
        "list zones >",
        "list zones |",
        "list zones name=x \\",
        "show cap",
        "!",
    ] {
        let parts = parts(line);
        assert!(!parts.iter().any(|part| part.ends_with("Wrong")), "{line}: {parts:?}");
    }
    assert_eq!(parts("list z name=x")[1], "z:Wrong");
}

#[test]
fn quotes_that_are_open_are_shown() {
    assert_eq!(parts("list zones name='a b'")[3], "'a b':Text");
    assert_eq!(parts("list zones name='a b")[3..], ["':Wrong", "a b:Text"]);
    assert_eq!(parts("list zones name=\"a\nb")[3], "\":Wrong");
    assert_eq!(parts("list zones name=x || y")[3], "||:Wrong");
}

#[test]
fn signs_comments_and_files_are_told() {
    let line = "list zones > out.csv; list zones | grep '#' # x\n# all\nlist zones >> 'a b'";
    let expected = [
        "list:Command",
        "zones:Command",
        ">:Sign",
        "out.csv:File",
        ";:Sign",
        "list:Command",
        "zones:Command",
        "|:Sign",
        "# all:Comment",
        "list:Command",
        "zones:Command",
        ">>:Sign",
        "'a b':File",
    ];
    assert_eq!(parts(line), expected);
    assert_eq!(parts("!ls # x"), ["!:Sign"]);
    assert_eq!(parts("# name='"), ["# name=':Comment"]);
    assert_eq!(
        parts("list zones name=@f id=$zone")[2..],
        ["name=:Name", "@f:File", "id=:Name", "$zone:Variable"]
    );
}

#[test]
fn conditions_and_pictures_are_told() {
    assert_eq!(
        parts("list zones where (name~x or not id=y) and nope=z")[2..],
        ["where:Sign", "name:Name", "or:Sign", "not:Sign", "id:Name", "and:Sign"]
    );
    assert_eq!(
        parts("show map web zoneid=x --svg a.svg")[..],
        ["show:Command", "map:Command", "zoneid=:Name", "--svg:Option", "a.svg:File"]
    );
}

proptest! {
    #[test]
    fn every_byte_is_told_of_once(
        line in "([a-z]{1,6}|list|zones|name=|'|\"|\\\\|\\||>|;|#|!|\\$x|\\PC|\n| ){0,12}",
    ) {
        let parts = highlight(&catalogue(), &line);
        let mut at = 0;
        for (span, _) in &parts {
            prop_assert_eq!(span.start, at);
            prop_assert!(line.get(span.clone()).is_some_and(|text| !text.is_empty()), "{:?}", span);
            at = span.end;
        }
        prop_assert_eq!(at, line.len());
    }

    #[test]
    fn nothing_is_wrong_with_the_examples(at in 0_usize..917) {
        let catalogue = built_in();
        let phrase = &catalogue.phrases()[at];
        let spec = catalogue.find(phrase.name).unwrap();
        for line in [spec.example.to_owned(), phrase.words.join(" "), phrase.name.to_owned()] {
            for (span, part) in highlight(&catalogue, &line) {
                prop_assert_ne!(part, Part::Wrong, "{} in {}", &line[span], line);
            }
        }
    }
}
