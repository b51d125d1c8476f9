//! Draws a picture on a terminal: with block characters, or in plain ASCII where it must.

use std::fmt::Write as _;

use super::hilbert;
use super::scene::{Bar, Branch, Cell, Cells, Entry, Grade, Layout, Part, Scene, Strip, Table};
use super::spark;
use super::tone::{self, Paint, glyph};
use crate::shell::render::{truncate, width};
use crate::text::{printable, shorten};

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pen {
    /// Columns.
    pub(crate) width: usize,
    /// Whether what is wider is cut off: nobody scrolls sideways there.
    pub(crate) cut: bool,
    pub(crate) colour: bool,
    /// Whether it shows nothing but ASCII.
    pub(crate) ascii: bool,
}

/// Eighths of a block, from an eighth to the whole.
const EIGHTHS: [char; 8] = [
    '\u{258f}', '\u{258e}', '\u{258d}', '\u{258c}', '\u{258b}', '\u{258a}', '\u{2589}', '\u{2588}',
];
/// Columns of a bar at least and at most.
const BAR: (usize, usize) = (10, 60);
/// Rows of a map of single addresses that are not too many.
const ROWS: usize = 24;
/// The ground that colours stand on is not ours, so what is faint is so by attribute.
const FAINT: Paint = "2";
const BOLD: Paint = "1";
/// Ends a colour.
const PLAIN: &str = "\u{1b}[0m";

/// The picture as text.
pub(super) fn text(scene: &Scene, pen: Pen) -> String {
    let bars: Vec<&Bar> = scene.parts.iter().filter_map(Part::bars).flatten().collect();
    let widest = |text: fn(&Bar) -> String| bars.iter().map(|bar| width(&text(bar))).max();
    let label = widest(|bar| printable(&bar.label).into_owned()).unwrap_or(0);
    let columns = (label.min(pen.width * 2 / 5), widest(Bar::numbers).unwrap_or(0));
    let mut page = Page { pen, text: String::new(), paint: "" };
    page.line(&[(BOLD, &scene.title)]);
    for part in &scene.parts {
        match part {
            Part::Heading(text) => page.heading(text),
            Part::Bars(bars) => page.bars(bars, columns),
            Part::Cells(cells) => page.cells(cells),
            Part::Legend(entries) => page.legend(entries),
            Part::Tree(branches) => page.tree(branches),
            Part::Strip(strip) => page.strip(strip),
            Part::Table(table) => page.table(table),
        }
    }
    if !scene.notes.is_empty() {
        page.text.push('\n');
    }
    for note in &scene.notes {
        page.wrapped(note);
    }
    page.text
}

struct Page {
    pen: Pen,
    text: String,
    /// The last colour.
    paint: Paint,
}

impl Page {
    /// Text in a colour, or as it is. What has the colour of the text before it goes on in it:
    /// some lines are slow.
    fn painted(&mut self, paint: Paint, text: &str) {
        if !self.pen.colour || paint.is_empty() || text.is_empty() {
            self.text.push_str(text);
            return;
        }
        let before = self.text.strip_suffix(PLAIN).map(str::len);
        match before.filter(|_| self.paint == paint) {
            Some(end) => self.text.truncate(end),
            None => {
                let _ = write!(self.text, "\u{1b}[{paint}m");
            }
        }
        self.text.push_str(text);
        self.text.push_str(PLAIN);
        self.paint = paint;
    }

    fn end(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        self.text.push('\n');
    }

    /// A line of texts from elsewhere, cut off where the terminal ends.
    fn line(&mut self, pieces: &[(Paint, &str)]) {
        let mut left = self.pen.width;
        for (paint, text) in pieces {
            let text = fitting(self.pen, text, left);
            left = left.saturating_sub(width(&text));
            self.painted(paint, &text);
        }
        self.end();
    }

    fn heading(&mut self, text: &str) {
        self.text.push('\n');
        self.line(&[(BOLD, text)]);
    }

    fn wrapped(&mut self, note: &str) {
        let mut line = String::new();
        for word in note.split(' ') {
            if !line.is_empty() && width(&line) + 1 + width(word) > self.pen.width {
                self.line(&[(FAINT, &line)]);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&[(FAINT, &line)]);
    }

    fn bars(&mut self, bars: &[Bar], (label, numbers): (usize, usize)) {
        // Blanks, the percentage and its mark stand around a bar in any case.
        let rest = self.pen.width.saturating_sub(label + 16);
        // Where there is no room for numbers they stand in the next line.
        let apart = rest < BAR.0 + numbers + 2;
        let room = if apart { rest } else { rest - numbers - 2 };
        let length = room.min(BAR.1);
        for bar in bars {
            let name = fitting(Pen { cut: true, ..self.pen }, &bar.label, label);
            let _ = write!(self.text, "  {name}{}  ", blanks(label, &name));
            self.bar(bar, length);
            let figures = bar.numbers();
            if !apart {
                let _ = write!(self.text, "  {}{figures}", blanks(numbers, &figures));
            }
            let mark = match bar.grade() {
                Grade::Good => "",
                Grade::Alert => " !",
                Grade::Critical => " !!",
            };
            let percent = format!("  {:>7}{mark}", bar.percent());
            self.painted(if mark.is_empty() { "" } else { tone::bar_paint(bar.grade()) }, &percent);
            self.end();
            if apart {
                self.indented(label + 4, &figures);
            }
            self.past(label + 4, bar);
            if !bar.about.is_empty() {
                self.indented(label + 4, &bar.about);
            }
        }
    }

    /// How it came to be so.
    fn past(&mut self, left: usize, bar: &Bar) {
        let curve = spark::line(&bar.past, self.pen.ascii);
        let Some((curve, said)) = curve.zip(spark::said(&bar.past)) else { return };
        let left = left.min(self.pen.width.saturating_sub(width(&curve))).max(2);
        let _ = write!(self.text, "{}", blanks(left, ""));
        self.painted(tone::bar_paint(bar.grade()), &curve);
        let room = self.pen.width.saturating_sub(left + width(&curve) + 2);
        if width(&said) <= room {
            self.painted(FAINT, &format!("  {said}"));
            self.end();
        } else {
            self.end();
            self.indented(left, &said);
        }
    }

    /// A remark below something; it may begin further left if it needs to.
    fn indented(&mut self, left: usize, text: &str) {
        let left = left.min(self.pen.width.saturating_sub(width(text))).max(2);
        self.line(&[(FAINT, &format!("{}{text}", blanks(left, "")))]);
    }

    /// The bar itself: what is taken, and where the thresholds are.
    fn bar(&mut self, bar: &Bar, length: usize) {
        let steps = if self.pen.ascii { 1 } else { 8 };
        let filled = part_of(bar.permille(), length * steps);
        // What is more than nothing shows.
        let filled = if bar.used > 0 { filled.max(1) } else { filled };
        let mut taken = String::new();
        for _ in 0..filled / steps {
            taken.push(if self.pen.ascii { '#' } else { '\u{2588}' });
        }
        if let Some(eighth) = (filled % steps).checked_sub(1).and_then(|at| EIGHTHS.get(at)) {
            taken.push(*eighth);
        }
        let marks = [bar.alert, bar.critical].map(|part| part_of(part, length));
        let (dot, mark) = if self.pen.ascii { ('.', '|') } else { ('\u{b7}', '\u{250a}') };
        let shown = taken.chars().count();
        let free = (shown..length).map(|at| if marks.contains(&at) { mark } else { dot });
        let free: String = free.collect();
        self.painted(tone::bar_paint(bar.grade()), &taken);
        self.painted(FAINT, &free);
    }

    fn cells(&mut self, cells: &Cells) {
        self.text.push('\n');
        match cells.layout {
            Layout::Rows => self.rows(cells),
            Layout::Hilbert(order) => self.hilbert(order, cells),
        }
    }

    fn cell(&mut self, cell: &Cell, doubled: bool) {
        let glyph = glyph(cell.tone, self.pen.ascii);
        let text: String = std::iter::repeat_n(glyph, if doubled { 2 } else { 1 }).collect();
        self.painted(tone::paint(cell.tone), &text);
    }

    fn rows(&mut self, cells: &Cells) {
        let label = |at: usize| cells.scale.label(cells.base + cells.step * at as u64);
        let count = cells.cells.len();
        let names = (0..count).step_by(16).map(|at| width(&label(at))).max().unwrap_or(0);
        let room = self.pen.width.saturating_sub(names + 2);
        let (each, spaced) = per_row(count, room);
        let gap = if spaced { " " } else { "" };
        let _ = write!(self.text, "{}  ", blanks(names, ""));
        let apart = if spaced { 16 } else { 8 };
        let mut marks = String::new();
        for at in (0..each).step_by(8) {
            let _ = write!(marks, "{:<apart$}", format!("+{at}"));
        }
        self.painted(FAINT, marks.trim_end());
        self.end();
        for (row, line) in cells.cells.chunks(each).enumerate() {
            let name = label(row * each);
            self.painted(FAINT, &format!("{}{name}  ", blanks(names, &name)));
            for (at, cell) in line.iter().enumerate() {
                if at > 0 {
                    self.painted(tone::paint(cell.tone), gap);
                }
                self.cell(cell, false);
            }
            self.end();
        }
    }

    fn hilbert(&mut self, order: u32, cells: &Cells) {
        let side = 1 << order;
        let mut square = vec![None; side * side];
        for (at, cell) in cells.cells.iter().enumerate() {
            let (x, y) = hilbert::point(order, at as u64);
            let place = usize::try_from(y).unwrap_or(0) * side + usize::try_from(x).unwrap_or(0);
            if let Some(slot) = square.get_mut(place) {
                *slot = Some(cell);
            }
        }
        let doubled = self.pen.width >= 2 * side;
        for line in square.chunks(side) {
            for cell in line.iter().flatten() {
                self.cell(cell, doubled);
            }
            self.end();
        }
    }

    fn legend(&mut self, entries: &[Entry]) {
        self.text.push('\n');
        let texts: Vec<_> = entries.iter().map(|entry| printable(&entry.text)).collect();
        let widest = texts.iter().map(|text| width(text)).max().unwrap_or(0) + 5;
        let columns = (self.pen.width / widest.max(1)).clamp(1, 6);
        for line in entries.chunks(columns) {
            for (at, entry) in line.iter().enumerate() {
                let glyph = glyph(entry.tone, self.pen.ascii).to_string();
                self.painted(tone::paint(entry.tone), &glyph);
                let limit = self.pen.width.saturating_sub(2);
                let text = fitting(self.pen, &entry.text, limit);
                let pad = if at + 1 < line.len() { widest - 2 } else { 0 };
                let _ = write!(self.text, " {text}{}", blanks(pad, &text));
            }
            self.end();
        }
    }

    fn tree(&mut self, branches: &[Branch]) {
        self.text.push('\n');
        for branch in branches {
            self.branch(branch, "", "");
        }
    }

    fn branch(&mut self, branch: &Branch, first: &str, rest: &str) {
        let about = format!("  {}", branch.about);
        let about = if branch.about.is_empty() { "" } else { &about };
        // The lines of the tree are ours and are not made safe again.
        let left = self.pen.width.saturating_sub(width(first));
        self.painted(FAINT, first);
        let name = fitting(self.pen, &branch.name, left);
        let about = fitting(self.pen, about, left.saturating_sub(width(&name)));
        self.text.push_str(&name);
        self.painted(FAINT, &about);
        self.end();
        let last = branch.within.len().saturating_sub(1);
        for (at, inner) in branch.within.iter().enumerate() {
            let (fork, down) = match (self.pen.ascii, at == last) {
                (true, false) => ("|-- ", "|   "),
                (true, true) => ("`-- ", "    "),
                (false, false) => ("\u{251c}\u{2500} ", "\u{2502}  "),
                (false, true) => ("\u{2514}\u{2500} ", "   "),
            };
            self.branch(inner, &format!("{rest}{fork}"), &format!("{rest}{down}"));
        }
    }

    fn strip(&mut self, strip: &Strip) {
        self.text.push('\n');
        let length = self.pen.width.min(100);
        let mut at = 0;
        for span in &strip.spans {
            let from = part_of(span.from, length).max(at).min(length.saturating_sub(1));
            let to = part_of(span.to, length).max(from + 1).min(length);
            let idle = glyph(super::scene::Tone::Free, self.pen.ascii);
            self.painted(FAINT, &idle.to_string().repeat(from - at));
            let held = if self.pen.ascii { '#' } else { '\u{2588}' };
            self.painted(tone::paint(span.tone), &held.to_string().repeat(to.saturating_sub(from)));
            at = to.max(at);
        }
        let idle = glyph(super::scene::Tone::Free, self.pen.ascii);
        self.painted(FAINT, &idle.to_string().repeat(length.saturating_sub(at)));
        self.end();
        let (from, to) = &strip.ends;
        let gap = length.saturating_sub(width(from) + width(to));
        self.painted(FAINT, &format!("{from}{}{to}", " ".repeat(gap)));
        self.end();
    }

    fn table(&mut self, table: &Table) {
        self.text.push('\n');
        let columns = table.head.len();
        let cell = |row: &Vec<String>, at: usize| row.get(at).map_or(0, |text| width(text));
        let widths: Vec<usize> = (0..columns)
            .map(|at| {
                let widest = table.rows.iter().map(|row| cell(row, at)).max().unwrap_or(0);
                widest.max(table.head.get(at).map_or(0, |head| head.len()))
            })
            .collect();
        let head: Vec<String> = table.head.iter().map(|head| (*head).to_owned()).collect();
        self.row(&head, &widths, BOLD);
        for row in &table.rows {
            self.row(row, &widths, "");
        }
    }

    fn row(&mut self, row: &[String], widths: &[usize], paint: Paint) {
        let mut line = String::new();
        for (text, width) in row.iter().zip(widths) {
            let text = printable(text);
            let _ = write!(line, "{text}{}   ", blanks(*width, &text));
        }
        self.line(&[(paint, line.trim_end())]);
    }
}

/// Text made safe, and short enough where that matters.
fn fitting(pen: Pen, text: &str, limit: usize) -> String {
    let limit = if pen.cut { limit } else { usize::MAX };
    let text = printable(text).into_owned();
    if pen.ascii {
        let plain: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        return shorten(&plain, limit).into_owned();
    }
    if limit == 0 { String::new() } else { truncate(&text, limit).into_owned() }
}

/// The blanks that bring a text to a width.
fn blanks(to: usize, text: &str) -> String {
    " ".repeat(to.saturating_sub(width(text)))
}

/// Such a part, of a thousand, of a length; rounded down.
fn part_of(permille: u64, length: usize) -> usize {
    let part = usize::try_from(permille.min(1000)).unwrap_or(1000);
    length * part / 1000
}

/// How many cells stand in a row, and whether with blanks between them: rows are a power of two,
/// so that addresses begin them that people know.
fn per_row(count: usize, room: usize) -> (usize, bool) {
    let fitting = |room: usize| {
        let all = [64_usize, 32, 16, 8];
        all.into_iter().find(|each| *each <= room).unwrap_or(4)
    };
    // Few cells are rather a block than a line.
    let most = (count / 8).next_power_of_two().max(16);
    let spaced = fitting(room.div_ceil(2)).min(most);
    let dense = fitting(room).min(most);
    if count.div_ceil(spaced) <= ROWS || dense == spaced { (spaced, true) } else { (dense, false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_as_long_as_people_like_them() {
        assert_eq!(per_row(256, 64), (32, true));
        assert_eq!(per_row(256, 180), (32, true));
        assert_eq!(per_row(1024, 64), (64, false));
        assert_eq!(per_row(1024, 180), (64, true));
        assert_eq!(per_row(8, 64), (16, true));
        assert_eq!(per_row(8, 3), (4, true));
    }

    proptest! {
        #[test]
        fn rows_fit(count in 1_usize..4096, room in 16_usize..300) {
            let (each, spaced) = per_row(count, room);
            let columns = if spaced { 2 * each } else { each };
            prop_assert!(columns <= room + 1);
            prop_assert!(each.is_power_of_two());
        }
    }
}
