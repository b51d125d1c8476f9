//! Draws a picture as SVG: one file without anything from elsewhere, readable on light and on dark
//! ground, and the same for the same picture.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::hilbert;
use super::scene::{
    Bar, Branch, Cell, Cells, Entry, Grade, Layout, Part, Scene, Strip, Table, Tone,
};
use super::spark;
use super::tone::{class, fill, glyph};
use crate::shell::render::width;
use crate::text::{printable, shorten};

/// Pixels around the picture.
const MARGIN: usize = 24;
/// Pixels from a line of text to the next.
const LINE: usize = 20;
/// Pixels of a map, across, that are not too many.
const MAP: usize = 640;
/// Pixels of a bar, across.
const BAR: usize = 360;
/// Pixels of a curve, from its top to its foot.
const CURVE: usize = 28;
/// Characters of a text at most.
const TEXT: usize = 120;

const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}
.title{font-weight:bold;font-size:16px}
.head{font-weight:bold}
.faint{fill:#59636e}
.ground{fill:#ffffff}
.letter{font-size:10px;fill:#ffffff;text-anchor:middle;pointer-events:none}
.line{stroke:#b7bec7;fill:none}
.quarter{stroke:#59636e;fill:none}
.mark{stroke:#59636e;stroke-dasharray:2 2}
.bar{fill:#dde1e6}
.curve{stroke:#59636e;fill:none}
.under{fill-opacity:0.25}
.good{fill:#2f9a5c}
.alert{fill:#9a6700}
.critical{fill:#cc4f45}
";
const DARK: &str = "\
text{fill:#e6edf3}
.faint{fill:#9198a1}
.ground{fill:#0d1117}
.letter{fill:#0d1117}
.line{stroke:#4b535d}
.quarter{stroke:#9198a1}
.mark{stroke:#9198a1}
.bar{fill:#363c44}
.curve{stroke:#9198a1}
.good{fill:#55c483}
.alert{fill:#e0b548}
.critical{fill:#ee8379}
";

/// The picture as a file.
pub(super) fn svg(scene: &Scene) -> String {
    let bars: Vec<&Bar> = scene.parts.iter().filter_map(Part::bars).flatten().collect();
    let widest = |text: fn(&Bar) -> String| bars.iter().map(|bar| pixels(&text(bar), "")).max();
    let label = widest(|bar| shorten(&bar.label, 48).into_owned()).unwrap_or(0);
    let columns = (label, widest(Bar::numbers).unwrap_or(0));
    let mut page = Page { body: String::new(), y: MARGIN, right: 0, tones: BTreeMap::new() };
    page.y += 10;
    page.text(MARGIN, "title", &scene.title);
    page.y += LINE / 2;
    for part in &scene.parts {
        page.y += LINE / 2;
        match part {
            Part::Heading(text) => {
                page.y += LINE;
                page.text(MARGIN, "head", text);
                page.y += LINE / 4;
            }
            Part::Bars(bars) => page.bars(bars, columns),
            Part::Cells(cells) => page.cells(cells),
            Part::Legend(entries) => page.legend(entries),
            Part::Tree(branches) => page.tree(branches),
            Part::Strip(strip) => page.strip(strip),
            Part::Table(table) => page.table(table),
        }
    }
    page.y += LINE / 2;
    for note in &scene.notes {
        for line in wrapped(note) {
            page.y += LINE;
            page.text(MARGIN, "faint", &line);
        }
    }
    page.file(&scene.title)
}

struct Page {
    body: String,
    /// Where the last line of text stands.
    y: usize,
    /// The rightmost pixel that is used.
    right: usize,
    /// The colours that are used, by class.
    tones: BTreeMap<String, (&'static str, &'static str)>,
}

impl Page {
    fn file(self, title: &str) -> String {
        let (wide, high) = (self.right + MARGIN, self.y + MARGIN);
        let mut light = String::new();
        let mut dark = String::new();
        for (class, (on_light, on_dark)) in &self.tones {
            let _ = writeln!(light, ".{class}{{fill:{on_light}}}");
            let _ = writeln!(dark, ".{class}{{fill:{on_dark}}}");
        }
        let title = Escaped(title);
        let mut file = String::new();
        let _ = writeln!(
            file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" \
             viewBox=\"0 0 {wide} {high}\" role=\"img\">\n<title>{title}</title>\n<style>\n\
             {STYLE}{light}@media (prefers-color-scheme: dark){{\n{DARK}{dark}}}\n</style>\n\
             <rect class=\"ground\" width=\"{wide}\" height=\"{high}\"/>\n{body}</svg>",
            body = self.body
        );
        file
    }

    /// A text whose line is the current one; returns where it ends.
    fn text(&mut self, x: usize, class: &str, text: &str) -> usize {
        self.text_at(x, self.y, class, text)
    }

    fn text_at(&mut self, x: usize, y: usize, class: &str, text: &str) -> usize {
        let text = shorten(text, TEXT);
        let end = x + pixels(&text, class);
        self.right = self.right.max(end);
        let class = Class(class);
        let text = Escaped(&text);
        let _ = writeln!(
            self.body,
            "<text{class} x=\"{x}\" y=\"{y}\" xml:space=\"preserve\">{text}</text>"
        );
        end
    }

    fn rect(&mut self, class: &str, place: (usize, usize), size: (usize, usize), tip: &str) {
        let ((x, y), (wide, high)) = (place, size);
        self.right = self.right.max(x + wide);
        let class = Class(class);
        let _ = write!(
            self.body,
            "<rect{class} x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\""
        );
        let end = match tip {
            "" => "/>".to_owned(),
            tip => format!("><title>{}</title></rect>", Escaped(tip)),
        };
        let _ = writeln!(self.body, "{end}");
    }

    fn path(&mut self, class: &str, path: &str) {
        let _ = writeln!(self.body, "<path class=\"{class}\" d=\"{path}\"/>");
    }

    fn tone(&mut self, tone: Tone) -> String {
        let class = class(tone);
        self.tones.insert(class.clone(), fill(tone));
        class
    }

    fn bars(&mut self, bars: &[Bar], (label, numbers): (usize, usize)) {
        let left = MARGIN + label + 16;
        for bar in bars {
            self.y += LINE + 4;
            self.text(MARGIN, "", &shorten(&bar.label, 48));
            let top = self.y - 12;
            self.rect("bar", (left, top), (BAR, 15), "");
            let taken = part_of(bar.permille(), BAR).max(usize::from(bar.used > 0) * 2);
            let (grade, word) = match bar.grade() {
                Grade::Good => ("good", ""),
                Grade::Alert => ("alert", "alert"),
                Grade::Critical => ("critical", "critical"),
            };
            self.rect(grade, (left, top), (taken, 15), &bar.numbers());
            for part in [bar.alert, bar.critical] {
                let x = left + part_of(part, BAR);
                self.path("mark", &format!("M{x}.5 {}v21", top - 3));
            }
            let figures = bar.numbers();
            let x = left + BAR + 16 + numbers - pixels(&figures, "");
            let end = self.text(x, "", &figures);
            let percent = format!("{:>8} {word}", bar.percent());
            self.text(end + 8, grade_text(bar.grade()), percent.trim_end());
            self.past(bar, left);
            if !bar.about.is_empty() {
                self.y += LINE;
                self.text(left, "faint", &bar.about);
            }
        }
    }

    /// How it came to be so, as a curve.
    fn past(&mut self, bar: &Bar, left: usize) {
        let curve = spark::points(&bar.past, (BAR, CURVE));
        let Some((points, said)) = curve.zip(spark::said(&bar.past)) else { return };
        let top = self.y + 10;
        let mut path = String::new();
        for (x, y) in points {
            let step = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{step}{} {}", left + x, top + y);
        }
        let foot = top + CURVE;
        let class = match bar.grade() {
            Grade::Good => "good",
            Grade::Alert => "alert",
            Grade::Critical => "critical",
        };
        self.path(&format!("under {class}"), &format!("{path}V{foot}H{left}Z"));
        self.path("curve", &path);
        self.y += CURVE + 10;
        self.text(left + BAR + 16, "faint", &said);
    }

    fn cells(&mut self, cells: &Cells) {
        self.y += LINE / 2;
        match cells.layout {
            Layout::Rows => self.rows(cells),
            Layout::Hilbert(order) => self.hilbert(order, cells),
        }
        self.y += LINE / 2;
    }

    fn cell(&mut self, cells: &Cells, at: usize, cell: &Cell, place: (usize, usize), size: usize) {
        let class = self.tone(cell.tone);
        let from = cells.base + cells.step * at as u64;
        let name = match cells.step {
            1 if cells.scale == super::scene::Scale::V4 => cells.scale.label(from),
            step => cells.scale.block(from, step),
        };
        let tip = if cell.tip.is_empty() { name } else { format!("{name} {}", cell.tip) };
        self.rect(&class, place, (size, size), &tip);
        if size >= 12 {
            self.letter(cell.tone, place, size);
        }
    }

    /// The letter of a colour that has one: not everybody tells colours apart.
    fn letter(&mut self, tone: Tone, (x, y): (usize, usize), size: usize) {
        let letter = glyph(tone, true);
        if letter.is_ascii_uppercase() {
            let (x, y) = (x + size / 2, y + size / 2 + 4);
            let text = format!("<text class=\"letter\" x=\"{x}\" y=\"{y}\">{letter}</text>");
            let _ = writeln!(self.body, "{text}");
        }
    }

    fn rows(&mut self, cells: &Cells) {
        let count = cells.cells.len();
        let each = match count {
            0..=64 => 16,
            65..=1023 => 32,
            _ => 64,
        };
        let label = |at: usize| cells.scale.label(cells.base + cells.step * at as u64);
        let names = (0..count).step_by(each).map(|at| pixels(&label(at), "")).max().unwrap_or(0);
        let left = MARGIN + names + 12;
        let side = (MAP / each).clamp(10, 20);
        self.y += LINE / 2;
        for at in (0..each).step_by(8) {
            self.text(left + at * side, "faint", &format!("+{at}"));
        }
        let top = self.y + 8;
        for (at, cell) in cells.cells.iter().enumerate() {
            let (x, y) = (left + at % each * side, top + at / each * side);
            if at.is_multiple_of(each) {
                let name = label(at);
                let from = left - 12 - pixels(&name, "");
                // Where rows are low, not each of them can have a name.
                if side >= 14 || (at / each).is_multiple_of(2) {
                    self.text_at(from, y + side / 2 + 4, "faint", &name);
                }
            }
            self.cell(cells, at, cell, (x, y), side - 1);
        }
        self.y = top + count.div_ceil(each) * side;
    }

    fn hilbert(&mut self, order: u32, cells: &Cells) {
        let side = (MAP >> order).clamp(8, 40);
        let top = self.y;
        for (at, cell) in cells.cells.iter().enumerate() {
            let (x, y) = hilbert::point(order, at as u64);
            let place = |n: u64| usize::try_from(n).unwrap_or(0) * side;
            self.cell(cells, at, cell, (MARGIN + place(x), top + place(y)), side - 1);
        }
        let whole = side << order;
        let (middle, half) = (MARGIN + whole / 2 - 1, top + whole / 2 - 1);
        self.path("quarter", &format!("M{middle}.5 {top}v{whole}M{MARGIN} {half}.5h{whole}"));
        self.y = top + whole;
    }

    fn legend(&mut self, entries: &[Entry]) {
        let widest = entries.iter().map(|entry| pixels(&shorten(&entry.text, TEXT), "")).max();
        let column = widest.unwrap_or(0) + 44;
        let columns = (760 / column.max(1)).clamp(1, 6);
        for line in entries.chunks(columns) {
            self.y += LINE;
            for (at, entry) in line.iter().enumerate() {
                let x = MARGIN + at * column;
                let class = self.tone(entry.tone);
                self.rect(&class, (x, self.y - 11), (13, 13), "");
                self.letter(entry.tone, (x, self.y - 11), 13);
                self.text(x + 20, "", &entry.text);
            }
        }
    }

    fn tree(&mut self, branches: &[Branch]) {
        for branch in branches {
            self.branch(branch, MARGIN);
        }
    }

    /// Draws a branch; returns the height of its middle.
    fn branch(&mut self, branch: &Branch, x: usize) -> usize {
        self.y += LINE;
        let middle = self.y - 4;
        let end = self.text(x, if branch.within.is_empty() { "" } else { "head" }, &branch.name);
        if !branch.about.is_empty() {
            self.text(end + 12, "faint", &branch.about);
        }
        let mut last = None;
        let (stem, from) = (x + 6, self.y + 5);
        for inner in &branch.within {
            let at = self.branch(inner, x + 28);
            self.path("line", &format!("M{stem}.5 {at}.5h16"));
            last = Some(at);
        }
        if let Some(to) = last {
            self.path("line", &format!("M{stem}.5 {from}V{to}.5"));
        }
        middle
    }

    fn strip(&mut self, strip: &Strip) {
        self.y += LINE / 2;
        let class = self.tone(Tone::Free);
        self.rect(&class, (MARGIN, self.y), (MAP, 18), "");
        for span in &strip.spans {
            let (from, to) = (part_of(span.from, MAP), part_of(span.to, MAP));
            let class = self.tone(span.tone);
            let wide = to.saturating_sub(from).max(2);
            self.rect(&class, (MARGIN + from, self.y), (wide, 18), &span.text);
        }
        self.y += 18 + LINE - 4;
        let (from, to) = &strip.ends;
        self.text(MARGIN, "faint", from);
        self.text((MARGIN + MAP).saturating_sub(pixels(to, "")), "faint", to);
    }

    fn table(&mut self, table: &Table) {
        let wide = |text: &str| pixels(&shorten(text, TEXT), "");
        let widths: Vec<usize> = (0..table.head.len())
            .map(|at| {
                let rows = table.rows.iter().filter_map(|row| row.get(at));
                let widest = rows.map(|text| wide(text)).max().unwrap_or(0);
                widest.max(table.head.get(at).map_or(0, |head| pixels(head, "head")))
            })
            .collect();
        let head: Vec<_> = table.head.iter().map(|head| (*head).to_owned()).collect();
        let rows = [("head", &head)].into_iter().chain(table.rows.iter().map(|row| ("", row)));
        for (class, row) in rows {
            self.y += LINE;
            let mut x = MARGIN;
            for (text, width) in row.iter().zip(&widths) {
                self.text(x, class, text);
                x += width + 20;
            }
        }
    }
}

fn grade_text(grade: Grade) -> &'static str {
    match grade {
        Grade::Good => "",
        Grade::Alert => "alert",
        Grade::Critical => "critical",
    }
}

/// About how many pixels a text takes: the letters of such fonts are three fifths as wide as high.
fn pixels(text: &str, class: &str) -> usize {
    let tenths = if class == "title" { 98 } else { 79 };
    (width(&printable(text)) * tenths).div_ceil(10)
}

fn part_of(permille: u64, length: usize) -> usize {
    let part = usize::try_from(permille.min(1000)).unwrap_or(1000);
    length * part / 1000
}

/// A note in lines that are not too long.
fn wrapped(note: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in note.split(' ') {
        let full = lines.last().is_some_and(|line| line.len() + word.len() > 92);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}

/// The class of an element, if it has one.
struct Class<'c>(&'c str);

impl fmt::Display for Class<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " class=\"{}\"", self.0) }
    }
}

/// Text from elsewhere, as XML has it.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in printable(self.0).chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // What XML 1.0 cannot hold, escaped or not.
                '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_is_markup(text in any::<String>()) {
            let escaped = Escaped(&text).to_string();
            prop_assert!(!escaped.contains(['<', '>', '"']));
            prop_assert!(!escaped.chars().any(char::is_control));
            let known = ["amp;", "lt;", "gt;", "quot;"];
            for (_, rest) in escaped.match_indices('&').map(|(at, _)| escaped.split_at(at + 1)) {
                prop_assert!(known.iter().any(|entity| rest.starts_with(entity)));
            }
        }
    }

    #[test]
    fn what_a_server_says_is_text_wherever_it_stands() {
        let evil = "</text><script>alert(1)</script>\u{1b}[2J\u{202e}&\"";
        let branch = Branch::new(evil, evil);
        let legend = vec![Entry { tone: Tone::Free, text: evil.to_owned() }];
        let table = Table { head: vec!["what"], rows: vec![vec![evil.to_owned()]] };
        let parts = vec![Part::Tree(vec![branch]), Part::Legend(legend), Part::Table(table)];
        let file = svg(&Scene { title: evil.into(), parts, notes: vec![evil.into()] });
        assert!(!file.contains("<script"), "{file}");
        assert_eq!(
            file.matches('&').count(),
            file.matches("&amp;").count()
                + file.matches("&lt;").count()
                + file.matches("&gt;").count()
                + file.matches("&quot;").count()
        );
        assert!(!file.contains('\u{1b}') && !file.contains('\u{202e}'));
    }
}
