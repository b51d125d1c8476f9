//! Whether what is typed means a word: its beginning, the beginning of a part of it, a piece of
//! it, or letters of it in their order. Of all words only those that match best are meant, so
//! that what they have in common can be put in.

/// How a word matches, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It begins so.
    Start,
    /// A part of it begins so: `dev` of `web-dev`.
    PartStart,
    /// It has the text in it.
    Inside,
    /// It has the letters in their order, the first at the start of a part.
    Scattered,
}

/// How `whole` matches what is typed, whatever the letter case; nothing if it does not.
pub(super) fn fit(typed: &str, whole: &str) -> Option<Fit> {
    if starts(whole, typed) {
        return Some(Fit::Start);
    }
    let typed: Vec<char> = typed.chars().flat_map(char::to_lowercase).collect();
    let whole: Vec<char> = whole.chars().flat_map(char::to_lowercase).collect();
    let begins_part = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| whole.get(at));
        before.is_none_or(|before| !before.is_alphanumeric())
    };
    let mut places = (0..whole.len()).filter(|&at| begins_part(at));
    let rest = |at: usize| whole.get(at..).unwrap_or_default();
    if places.clone().any(|at| rest(at).starts_with(&typed)) {
        return Some(Fit::PartStart);
    }
    if typed.len() < 2 {
        return None;
    }
    if whole.windows(typed.len()).any(|part| part == typed) {
        return Some(Fit::Inside);
    }
    let scattered = |at: usize| rest(at).first() == typed.first() && has_in_order(rest(at), &typed);
    places.any(scattered).then_some(Fit::Scattered)
}

/// Whether `whole` begins with what is typed, whatever the letter case.
pub(super) fn starts(whole: &str, typed: &str) -> bool {
    whole.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

/// Whether the letters are in `whole` in this order.
pub(super) fn has_in_order(whole: &[char], letters: &[char]) -> bool {
    let mut rest = whole.iter();
    letters.iter().all(|letter| rest.any(|other| other == letter))
}

/// Those of the items that match best.
pub(crate) fn best<T>(
    typed: &str,
    items: impl IntoIterator<Item = T>,
    word: impl Fn(&T) -> &str,
) -> Vec<T> {
    let fitting = items.into_iter().filter_map(|item| Some((fit(typed, word(&item))?, item)));
    only_best(fitting)
}

/// Those of the items whose rank is the least.
pub(super) fn only_best<R: Ord + Copy, T>(items: impl IntoIterator<Item = (R, T)>) -> Vec<T> {
    let (mut least, mut kept) = (None, Vec::new());
    for (rank, item) in items {
        if least.is_some_and(|least| least < rank) {
            continue;
        }
        if least.is_some_and(|least| rank < least) {
            kept.clear();
        }
        least = Some(rank);
        kept.push(item);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_in_four_ways() {
        assert_eq!(fit("", "web"), Some(Fit::Start));
        assert_eq!(fit("WE", "web-dev"), Some(Fit::Start));
        assert_eq!(fit("dev", "web-Dev"), Some(Fit::PartStart));
        assert_eq!(fit("b-d", "web-dev"), Some(Fit::Inside));
        assert_eq!(fit("wdv", "web-dev"), Some(Fit::Scattered));
        assert_eq!(fit("dvw", "web-dev"), None);
        assert_eq!(fit("e", "web"), None);
        assert_eq!(fit("eb", "we-b"), None);
        assert_eq!(fit("\u{e4}x", "a\u{df}"), None);
        assert_eq!(fit("\u{4eac}", "\u{6771} \u{4eac}"), Some(Fit::PartStart));
    }

    #[test]
    fn only_the_best_are_meant() {
        let words = ["web-dev", "dev", "devel", "diverse"];
        assert_eq!(best("dev", words, |word| word), ["dev", "devel"]);
        assert_eq!(best("ev", words, |word| word), ["web-dev", "dev", "devel"]);
        assert_eq!(best("dvs", words, |word| word), ["diverse"]);
        assert_eq!(best("q", words, |word| word), [""; 0]);
    }
}
