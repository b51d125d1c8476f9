//! Draws a terminal's screen as SVG, readable on light and on dark ground.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// Pixels of a character: across and down, and from its top to the line that it stands on.
const WIDE: f32 = 8.0;
const HIGH: f32 = 18.0;
const FOOT: f32 = 13.5;
/// Pixels around the text.
const MARGIN: f32 = 14.0;

/// The sixteen colours of a terminal, on light and on dark ground.
const COLOURS: [(&str, &str); 16] = [
    ("#24292f", "#484f58"),
    ("#cf222e", "#ff7b72"),
    ("#116329", "#3fb950"),
    ("#7d4e00", "#d29922"),
    ("#0969da", "#58a6ff"),
    ("#8250df", "#bc8cff"),
    ("#1b7c83", "#39c5cf"),
    ("#6e7781", "#b1bac4"),
    ("#57606a", "#6e7681"),
    ("#a40e26", "#ffa198"),
    ("#1a7f37", "#56d364"),
    ("#633c01", "#e3b341"),
    ("#218bff", "#79c0ff"),
    ("#a475f9", "#d2a8ff"),
    ("#3192aa", "#56d4dd"),
    ("#8c959f", "#ffffff"),
];
const STYLE: &str = "\
text{font:13.3px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
white-space:pre}
.text{fill:#1f2328}
.ground{fill:#f6f8fa}
.bold{font-weight:bold}
.dim{opacity:0.62}
.under{text-decoration:underline}
";
const DARK: &str = "\
.text{fill:#e6edf3}
.ground{fill:#0d1117}
";

/// How characters look that look the same.
#[derive(Clone, PartialEq)]
struct Look {
    colour: String,
    ground: Option<String>,
    more: &'static str,
}

/// The screen as a file.
pub(super) fn svg(screen: &Screen) -> String {
    let (_, columns) = screen.size();
    let rows: Vec<String> = screen.rows(0, columns.get()).collect();
    let used = rows.iter().rposition(|row| !row.trim().is_empty()).map_or(1, |last| last + 1);
    let wide = f32::from(columns.get()) * WIDE + 2.0 * MARGIN;
    let mut body = String::new();
    let mut high = 2.0 * MARGIN;
    for row in (0..u16::MAX).take(used) {
        draw(screen, row, &mut body);
        high += HIGH;
    }
    let (mut light, mut dark) = (String::new(), String::new());
    for (number, (on_light, on_dark)) in COLOURS.iter().enumerate() {
        if body.contains(&format!("c{number}\"")) || body.contains(&format!("c{number} ")) {
            let _ = writeln!(light, ".c{number}{{fill:{on_light}}}");
            let _ = writeln!(dark, ".c{number}{{fill:{on_dark}}}");
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" \
         viewBox=\"0 0 {wide} {high}\" role=\"img\">\n<style>\n{STYLE}{light}\
         @media (prefers-color-scheme: dark){{\n{DARK}{dark}}}\n</style>\n\
         <rect class=\"ground\" width=\"{wide}\" height=\"{high}\" rx=\"8\"/>\n{body}</svg>\n"
    )
}

/// Draws a row: what looks the same in one piece.
fn draw(screen: &Screen, row: u16, body: &mut String) {
    let (_, columns) = screen.size();
    let mut piece: Option<(u16, Look, String, u16)> = None;
    for column in 0..columns.get() {
        let Some(cell) = screen.cell(row, column) else { continue };
        if cell.is_wide_continuation() {
            continue;
        }
        let look = look(cell);
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let cells = if cell.is_wide() { 2 } else { 1 };
        match &mut piece {
            Some((_, of, so_far, count)) if *of == look => {
                so_far.push_str(text);
                *count += cells;
            }
            other => {
                if let Some(done) = other.take() {
                    put(row, &done, body);
                }
                *other = Some((column, look, text.to_owned(), cells));
            }
        }
    }
    if let Some(done) = piece {
        put(row, &done, body);
    }
}

fn put(row: u16, (column, look, text, cells): &(u16, Look, String, u16), body: &mut String) {
    let top = MARGIN + f32::from(row) * HIGH;
    let (x, y) = (MARGIN + f32::from(*column) * WIDE, top + FOOT);
    if let Some(ground) = &look.ground {
        let wide = f32::from(*cells) * WIDE;
        let _ = writeln!(
            body,
            "<rect class=\"{ground}\" x=\"{x}\" y=\"{top}\" width=\"{wide}\" height=\"{HIGH}\"/>"
        );
    }
    let shown = text.trim_end();
    if shown.is_empty() {
        return;
    }
    let blank = u16::try_from(text.len() - shown.len()).unwrap_or(0);
    let wide = f32::from(cells - blank) * WIDE;
    let text = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let Look { colour, more, .. } = look;
    let _ = writeln!(
        body,
        "<text class=\"{colour}{more}\" x=\"{x}\" y=\"{y}\" textLength=\"{wide}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{text}</text>"
    );
}

fn look(cell: &Cell) -> Look {
    let (front, back) = match cell.inverse() {
        true => (cell.bgcolor(), cell.fgcolor()),
        false => (cell.fgcolor(), cell.bgcolor()),
    };
    let inverse = cell.inverse();
    let colour = named(front, if inverse { "ground" } else { "text" });
    let ground = match (back, inverse) {
        (Color::Default, false) => None,
        (back, _) => Some(named(back, "text")),
    };
    let more = match (cell.bold(), cell.dim(), cell.underline()) {
        (_, true, _) => " dim",
        (true, ..) => " bold",
        (_, _, true) => " under",
        _ => "",
    };
    Look { colour, ground, more }
}

/// The class of a colour; what is none of the sixteen is drawn by the nearest.
fn named(colour: Color, default: &str) -> String {
    let number = match colour {
        Color::Default => return default.to_owned(),
        Color::Idx(number @ 0..16) => number,
        Color::Idx(number @ 232..) => {
            if number < 244 {
                8
            } else {
                7
            }
        }
        Color::Idx(number) => {
            let cube = number - 16;
            nearest([cube / 36, cube / 6 % 6, cube % 6].map(|part| part * 51))
        }
        Color::Rgb(red, green, blue) => nearest([red, green, blue]),
    };
    format!("c{number}")
}

fn nearest(parts: [u8; 3]) -> u8 {
    let most = parts.into_iter().max().unwrap_or(0);
    let bits = (0..3).zip(parts).filter(|(_, part)| *part > most / 2);
    let hue: u8 = bits.map(|(bit, _)| 1 << bit).sum();
    if most < 64 { 0 } else { hue + 8 * u8::from(most > 192) }
}
