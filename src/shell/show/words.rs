//! The commands that draw, as people say them, and what can be said about each.

use std::fmt::Write as _;
use std::ops::Range;

use crate::schema::{Completes, Kind, Param, Spec, Words};
use crate::shell::help::row;
use crate::shell::line::Word;
use crate::shell::phrase::spaced;
use crate::shell::wrong::Wrong;
use crate::shell::{check, command};
use crate::text::{nearest, or_list, quoted};

/// Days that a forecast looks back, and the most that can be asked for.
const DAYS: (i64, i64) = (30, 366);

const fn param(name: &'static str, about: &'static str, completes: Completes) -> Param {
    Param { name, about, wire: "string", required: false, completes, length: 4096 }
}

const ZONE: Param = Param {
    wire: "uuid",
    ..param("zoneid", "the zone to show, all when left out", Completes::ListedBy("listZones"))
};
const SVG: Param =
    param("svg", "the file to draw into as SVG, instead of the terminal", Completes::Nothing);

const fn picture(
    name: &'static str,
    about: &'static str,
    own: &'static [Param],
    example: &'static str,
) -> Spec {
    Spec { name, about, own, example, kind: Kind::Flat, class: "picture", ..Spec::BLANK }
}

/// The commands that draw, described as the APIs are.
pub(crate) static PICTURES: &[Spec] = &[
    picture(
        "explainAddress",
        "Says who holds an address, since when and what for, why it is not free, and what to do.",
        &[
            Param {
                required: true,
                ..param("address", "the address, or its id", Completes::Nothing)
            },
            SVG,
        ],
        "explain address 203.0.113.2",
    ),
    picture(
        "explainNetwork",
        "Says what a network is in need of: its state, addresses, limits and MTU.",
        &[
            Param {
                required: true,
                ..param("network", "the network, by id or name", Completes::Nothing)
            },
            param("mtu", "the MTU of the physical network, 1500 when left out", Completes::Nothing),
            param(
                "over",
                "what is outside where packets are encapsulated, ipv4 when left out",
                Completes::Choices(&["ipv4", "ipv6"]),
            ),
            SVG,
        ],
        "explain network web mtu=9000",
    ),
    picture(
        "explainRouter",
        "Says which addresses a router has, in which networks, why it has none, and what to do.",
        &[
            Param {
                required: true,
                ..param(
                    "router",
                    "the router, by id or name, or the network or VPC that it routes",
                    Completes::Nothing,
                )
            },
            SVG,
        ],
        "explain router r-3-VM",
    ),
    picture(
        "showCapacity",
        "Shows how full every pool is, and when it will be full.",
        &[
            ZONE,
            param(
                "days",
                "the days that the forecast looks back; 30 when left out",
                Completes::Nothing,
            ),
            SVG,
        ],
        "show capacity zoneid=sandbox",
    ),
    picture(
        "showHistory",
        "Shows who held an address, and when.",
        &[
            Param {
                required: true,
                ..param("address", "the address, or its id", Completes::Nothing)
            },
            SVG,
        ],
        "show history 203.0.113.2",
    ),
    picture(
        "showMap",
        "Shows how the addresses of a range, a network or a VPC are used.",
        &[
            Param {
                required: true,
                ..param(
                    "target",
                    "a range (id, first address, VLAN or CIDR), a network or VPC (id or name), or \
                     an IPv6 prefix",
                    Completes::Nothing,
                )
            },
            ZONE,
            SVG,
        ],
        "show map 203.0.113.2",
    ),
    picture(
        "showTopology",
        "Shows zones, networks, VPCs and what is in them as a tree.",
        &[
            param(
                "vpc",
                "the VPC that alone is shown, by id or name",
                Completes::ListedBy("listVPCs"),
            ),
            ZONE,
            SVG,
        ],
        "show topology",
    ),
];

/// Whether a command that begins with this word draws.
pub(crate) fn draws(word: &str) -> bool {
    word.eq_ignore_ascii_case("show") || word.eq_ignore_ascii_case("explain")
}

/// The command that draws which these words name, `show` or `explain` and one word more.
pub(crate) fn named(words: &[Word]) -> Option<&'static Spec> {
    let [first, second, ..] = words else { return None };
    let name = command::joined(&[first.clone(), second.clone()]);
    PICTURES.iter().find(|spec| spec.name.eq_ignore_ascii_case(&name))
}

/// The parameter that a word without a name gives.
pub(crate) fn subject(spec: &Spec) -> Option<&'static Param> {
    spec.own
        .iter()
        .find(|param| matches!(param.name, "address" | "network" | "router" | "target" | "vpc"))
}

/// A picture as it was asked for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) spec: &'static Spec,
    pub(super) words: Words,
    pub(super) days: i64,
    pub(super) ascii: bool,
}

/// Reads the words of a command that begins with `show`.
pub(super) fn read(words: &[Word], source: &str) -> Result<Order, Wrong> {
    let spec = named(words).ok_or_else(|| unknown(words))?;
    let (rest, found) = sorted(spec, words.get(2..).unwrap_or_default())?;
    let mut call = check::read(spec, &rest, source, &|path| std::fs::read_to_string(path))?;
    if !call.filter.is_empty() || !call.exclude.is_empty() {
        return Err(Wrong::new("a picture has no fields to choose; leave filter and exclude out"));
    }
    for (name, text, span) in found.given {
        if call.words.get(name).is_some() {
            let text = format!("{name} is given twice; write it once");
            return Err(Wrong::at(span, text));
        }
        call.words.set(name, text);
    }
    let missing = check::missing(spec, &call.words);
    if !missing.is_empty() {
        return Err(check::incomplete(spec, &missing));
    }
    if call.words.get("svg").is_some_and(str::is_empty) {
        return Err(Wrong::new("svg needs a file's name behind the `=`"));
    }
    let days = days(call.words.get("days"))?;
    Ok(Order { spec, words: call.words, days, ascii: found.ascii })
}

#[derive(Default)]
struct Found {
    /// Parameters, their values, and where these stand.
    given: Vec<(&'static str, String, Range<usize>)>,
    ascii: bool,
}

/// Tells options and the words without a name from the assignments.
fn sorted(spec: &'static Spec, words: &[Word]) -> Result<(Vec<Word>, Found), Wrong> {
    let (mut rest, mut found) = (Vec::new(), Found::default());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "--ascii" if !word.quoted => found.ascii = true,
            "--svg" if !word.quoted => {
                let Some(path) = words.next() else {
                    return Err(Wrong::at(word.span.clone(), "`--svg` has no file behind it"));
                };
                found.given.push(("svg", path.text.clone(), path.span.clone()));
            }
            text if !word.quoted && text.starts_with("--svg=") => {
                let path = text.strip_prefix("--svg=").unwrap_or_default().to_owned();
                found.given.push(("svg", path, word.span.clone()));
            }
            text if !word.quoted && text.starts_with('-') => {
                let text = quoted(text);
                let said =
                    format!("unknown option {text}; a picture has `--svg FILE` and `--ascii`");
                return Err(Wrong::at(word.span.clone(), said));
            }
            _ if word.assignment().is_some() => rest.push(word.clone()),
            _ => match subject(spec) {
                Some(param) => {
                    found.given.push((param.name, word.text.clone(), word.span.clone()));
                }
                None => {
                    let command = command::spelled(spec);
                    let said = format!("`{command}` takes parameters of the form name=value only");
                    return Err(Wrong::at(word.span.clone(), said));
                }
            },
        }
    }
    Ok((rest, found))
}

fn days(text: Option<&str>) -> Result<i64, Wrong> {
    let (usual, most) = DAYS;
    let Some(text) = text else { return Ok(usual) };
    let days = text.parse().ok().filter(|days| (1..=most).contains(days));
    days.ok_or_else(|| Wrong::new(format!("days={}: give a number from 1 to {most}", quoted(text))))
}

fn nouns(verb: &str) -> Vec<String> {
    let spaced = PICTURES.iter().map(|spec| spaced(spec.name));
    let named = spaced.filter(|words| words.first().is_some_and(|first| first == verb));
    named.map(|mut words| words.split_off(1).join(" ")).collect()
}

fn unknown(words: &[Word]) -> Wrong {
    let verb = words.first().map_or_else(|| "show".to_owned(), |word| word.text.to_lowercase());
    let nouns = nouns(&verb);
    let all: Vec<_> = nouns.iter().map(String::as_str).collect();
    let Some(typed) = words.get(1) else {
        return Wrong::new(format!("`{verb}` needs what to {verb}: {}", or_list(&all)));
    };
    let near = nearest(&typed.text.to_lowercase(), all.iter().copied());
    let does = if verb == "show" { "it shows" } else { "it explains" };
    let hint = match near {
        Some(near) => format!("did you mean `{verb} {near}`?"),
        None => format!("{does} {}", or_list(&all)),
    };
    let text = format!("`{verb}` does not {verb} {}; {hint}", quoted(&typed.text));
    Wrong::at(typed.span.clone(), text)
}

/// Help about the command that these words name, or about all that draw.
pub(crate) fn help(words: &[Word]) -> Result<String, Wrong> {
    if words.len() < 2 {
        let mut text = String::new();
        let verb = words.first().map_or("show", |word| word.text.as_str()).to_lowercase();
        for spec in PICTURES.iter().filter(|spec| spec.name.starts_with(&verb)) {
            let _ = writeln!(text, "{:15} {}", command::spelled(spec), spec.about);
        }
        text.push_str("\n--svg FILE draws into a file; --ascii keeps to plain characters.\n");
        return Ok(text);
    }
    let spec = named(words).ok_or_else(|| unknown(words))?;
    let of_subject = subject(spec).map_or_else(String::new, |param| {
        let name = param.name.to_uppercase();
        if param.required { format!(" {name}") } else { format!(" [{name}]") }
    });
    let command = command::spelled(spec);
    let mut text = format!("{command}{of_subject} [name=value ...] [--svg FILE] [--ascii]\n\n");
    let _ = writeln!(text, "{}\n\nParameters:", spec.about);
    for param in spec.params() {
        row(&mut text, &format!("  {:8}", param.name), param.about);
    }
    let _ = writeln!(text, "\nExample:\n  {}", spec.example);
    Ok(text)
}
