//! Did you mean: the candidate closest to a mistyped word.

/// Words longer than this many characters get no suggestion: nobody mistypes so much, and the
/// comparison costs the product of both lengths.
const LONGEST: usize = 128;

/// The price of one wrong character, in points.
const EDIT: usize = 10;

/// Returns the candidate closest to `word`, or nothing when none is close.
///
/// Case does not count. Among equally close candidates the shortest wins, then the first.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    ranked(word, candidates).into_iter().next().map(|(_, candidate)| candidate)
}

/// Returns up to `max` candidates close to `word`, the closest first.
pub(crate) fn nearest_many<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    max: usize,
) -> Vec<&'a str> {
    let mut found = ranked(word, candidates);
    let best = found.first().map_or(0, |(cost, _)| *cost);
    // Beside a slip of one letter nobody meant what is three letters off.
    found.retain(|(cost, _)| *cost <= best + EDIT);
    found.truncate(max);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

fn ranked<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<(usize, &'a str)> {
    let word = folded(word);
    if word.is_empty() || word.len() > LONGEST {
        return Vec::new();
    }
    let mut found: Vec<(usize, usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let letters = folded(candidate);
            cost(&word, &letters).map(|cost| (cost, letters.len(), candidate))
        })
        .collect();
    found.sort_by_key(|&(cost, len, _)| (cost, len));
    found.into_iter().map(|(cost, _, candidate)| (cost, candidate)).collect()
}

fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Returns how far `candidate` is, in points, or nothing when it is too far to be meant.
///
/// A word cut short is a likelier slip than a wrong letter repeated, so a prefix costs one edit
/// and a substring one and a half, plus one point for each character left out.
fn cost(word: &[char], candidate: &[char]) -> Option<usize> {
    let edits = distance(word, candidate);
    let near = (edits <= tolerance(word.len())).then_some(edits * EDIT);
    let extra = candidate.len().saturating_sub(word.len());
    let inside = if word.len() >= 2 && candidate.starts_with(word) {
        Some(EDIT + extra)
    } else if word.len() >= 3 && candidate.windows(word.len()).any(|part| part == word) {
        Some(EDIT + EDIT / 2 + extra)
    } else {
        None
    };
    near.into_iter().chain(inside).min()
}

/// Returns how many edits a word of `len` characters may be away: a third of it, at least one
/// (none for a single letter, which is close to everything) and at most four.
fn tolerance(len: usize) -> usize {
    if len < 2 { 0 } else { (len / 3).clamp(1, 4) }
}

/// Returns the Damerau-Levenshtein distance in its restricted form: insertions, deletions,
/// substitutions and swaps of two neighbours, no substring edited twice.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = above[j] + usize::from(a != b);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APIS: &[&str] = &["listNetworks", "listZones", "createZone", "deleteZone", "listVPCs"];

    #[test]
    fn suggests_what_was_meant() {
        let guess = |word| nearest(word, APIS.iter().copied());
        assert_eq!(guess("listzone"), Some("listZones"));
        assert_eq!(guess("lsitZones"), Some("listZones"));
        assert_eq!(guess("LISTVPC"), Some("listVPCs"));
        assert_eq!(guess("network"), Some("listNetworks"));
        assert_eq!(guess("craeteZnoe"), Some("createZone"));
        assert_eq!(guess("banana"), None);
        assert_eq!(guess(""), None);
        assert_eq!(guess(&"z".repeat(5000)), None);
    }

    #[test]
    fn a_prefix_beats_two_typos_but_not_one() {
        assert_eq!(nearest("network", ["metwork", "networkid"]), Some("metwork"));
        assert_eq!(nearest("network", ["metwark", "networkid"]), Some("networkid"));
        assert_eq!(nearest("lit", ["split", "list"]), Some("list"));
        assert_eq!(nearest("x", ["y", "z"]), None);
    }

    #[test]
    fn many_are_in_order_of_closeness() {
        let found = nearest_many("zone", APIS.iter().copied(), 2);
        assert_eq!(found, ["listZones", "createZone"]);
        let found = nearest_many("list zonse", ["list zones", "list pods", "list roles"], 3);
        assert_eq!(found, ["list zones"]);
    }

    #[test]
    fn distance_counts_a_swap_once() {
        let edits = |a: &str, b: &str| distance(&folded(a), &folded(b));
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("zone", "zoen"), 1);
        assert_eq!(edits("same", "same"), 0);
    }
}
