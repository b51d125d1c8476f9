//! How the colours of cells look: as characters, on a terminal, and in a file.

use super::scene::{Grade, Tone};

/// A colour of a terminal, as its number in an escape sequence.
pub(super) type Paint = &'static str;

/// The colours of tiers, in turn: of a terminal, then of a file on light and on dark ground.
const TIERS: [(Paint, &str, &str); 6] = [
    ("34", "#3b6fd4", "#6f9bf0"),
    ("32", "#2f9a5c", "#55c483"),
    ("35", "#9a4fc0", "#c184e0"),
    ("33", "#b98a16", "#e0b548"),
    ("36", "#2294a3", "#4cc3d2"),
    ("31", "#cc4f45", "#ee8379"),
];

/// The character of a cell: one that every terminal has, or a nicer one.
pub(super) fn glyph(tone: Tone, ascii: bool) -> char {
    let (plain, nice) = match tone {
        Tone::Outside => (' ', ' '),
        Tone::Free | Tone::Level(0) => ('.', '\u{b7}'),
        Tone::Allocated => ('#', '\u{25a0}'),
        Tone::SourceNat => ('S', 'S'),
        Tone::StaticNat => ('N', 'N'),
        Tone::Reserved => ('R', 'R'),
        Tone::System => ('Y', 'Y'),
        Tone::Gateway => ('G', 'G'),
        Tone::Edge => ('x', '\u{d7}'),
        Tone::Level(1 | 2) => (':', '\u{2591}'),
        Tone::Level(3 | 4) => ('+', '\u{2592}'),
        Tone::Level(5..=7) => ('*', '\u{2593}'),
        Tone::Level(_) => ('#', '\u{2588}'),
        Tone::Block(number) => {
            let letter = char::from(b'A' + number % 26);
            (letter, letter)
        }
        Tone::Mixed => ('+', '+'),
    };
    if ascii { plain } else { nice }
}

/// The colour of a cell on a terminal.
pub(super) fn paint(tone: Tone) -> Paint {
    match tone {
        Tone::Outside | Tone::Free | Tone::Level(0) | Tone::Edge => "90",
        Tone::Allocated => "34",
        Tone::SourceNat => "1;35",
        Tone::StaticNat => "1;36",
        Tone::Reserved => "1;33",
        Tone::System => "1;31",
        Tone::Gateway => "1;32",
        Tone::Level(1..=4) => "32",
        Tone::Level(5..=7) => "33",
        Tone::Level(_) => "31",
        Tone::Block(number) => tier(number).0,
        Tone::Mixed => "1",
    }
}

/// The colour of a bar on a terminal.
pub(super) fn bar_paint(grade: Grade) -> Paint {
    match grade {
        Grade::Good => "32",
        Grade::Alert => "33",
        Grade::Critical => "31",
    }
}

/// The colour of a cell in a file: on light ground, and on dark.
pub(super) fn fill(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Outside => ("#f4f5f7", "#1b1f24"),
        Tone::Free | Tone::Level(0) => ("#dde1e6", "#363c44"),
        Tone::Allocated => ("#3b6fd4", "#6f9bf0"),
        Tone::SourceNat => ("#9a4fc0", "#c184e0"),
        Tone::StaticNat => ("#2294a3", "#4cc3d2"),
        Tone::Reserved => ("#d9a520", "#e8bf55"),
        Tone::System => ("#cc4f45", "#ee8379"),
        Tone::Gateway => ("#2f9a5c", "#55c483"),
        Tone::Edge => ("#9aa3ad", "#6b7480"),
        Tone::Level(1) => ("#c6dbef", "#26405c"),
        Tone::Level(2) => ("#a6cbe8", "#2b5480"),
        Tone::Level(3) => ("#7fb3dd", "#316aa3"),
        Tone::Level(4) => ("#5b9bd0", "#3f83c6"),
        Tone::Level(5) => ("#3f82c0", "#5f9fdc"),
        Tone::Level(6) => ("#2a67a8", "#88b9ea"),
        Tone::Level(7) => ("#1b4d8a", "#b3d2f3"),
        Tone::Level(_) => ("#b3261e", "#ff7a6e"),
        Tone::Block(number) => (tier(number).1, tier(number).2),
        Tone::Mixed => ("#57606a", "#b1bac4"),
    }
}

/// The class of a cell in a file.
pub(super) fn class(tone: Tone) -> String {
    match tone {
        Tone::Outside => "outside".into(),
        Tone::Free => "free".into(),
        Tone::Allocated => "allocated".into(),
        Tone::SourceNat => "sourcenat".into(),
        Tone::StaticNat => "staticnat".into(),
        Tone::Reserved => "reserved".into(),
        Tone::System => "system".into(),
        Tone::Gateway => "gateway".into(),
        Tone::Edge => "edge".into(),
        Tone::Level(level) => format!("level{level}"),
        Tone::Block(number) => format!("tier{}", usize::from(number) % TIERS.len()),
        Tone::Mixed => "mixed".into(),
    }
}

fn tier(number: u8) -> (Paint, &'static str, &'static str) {
    let at = usize::from(number) % TIERS.len();
    TIERS.get(at).copied().unwrap_or(("34", "#3b6fd4", "#6f9bf0"))
}
