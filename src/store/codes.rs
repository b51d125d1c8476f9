//! What the numbers of the errors of a database server mean.

use crate::store::{Stale, StoreError};

/// What errors of files say when the disk is full.
const NO_ROOM: &[&str] = &["No space left", "Errcode: 28", "error 28 "];

/// Says in our words what the server said in its own.
pub(super) fn explain(code: u16, text: String) -> StoreError {
    match code {
        // Deadlock, lock wait; in a cluster also a commit that another one came before.
        1205 | 1213 | 1020 => StoreError::Contended(format!("{text} ({code})")),
        1062 => StoreError::Unique(text),
        1048 => refused(text),
        1264 | 1406 | 1451 | 1452 | 4025 => StoreError::Constraint(text),
        1021 | 1114 => StoreError::Full,
        _ if NO_ROOM.iter().any(|words| text.contains(words)) => StoreError::Full,
        1290 | 1792 | 1836 => StoreError::Refusing(text),
        1040 | 1203 | 1226 => StoreError::Crowded(format!(
            "{text}: the database server has as many as it lets in; raise its max_connections, or \
             lower max-active of the stores on it"
        )),
        // Shutting down, killed, or a node that is not in the cluster.
        1047 | 1053 | 1077 | 1079 | 1080 | 1152 | 1184 | 1317 | 1927 => StoreError::Gone(text),
        1969 | 3024 => StoreError::Slow(text),
        1044 | 1045 | 1049 | 1142 | 1698 => StoreError::Denied(text),
        1032 | 1034 | 1035 | 126 | 127 => StoreError::Damaged(text),
        code => StoreError::Other(format!("{text} ({code})")),
    }
}

/// What was refused: a guess that was wrong, or else the rows themselves.
fn refused(said: String) -> StoreError {
    let about = |column: &str| said.starts_with(&format!("Column '{column}' cannot be null"));
    match () {
        // Also where the database server has ended the transaction without a word.
        () if about("passed") => StoreError::Stale(Stale::Rows),
        () if about("bits") => StoreError::Stale(Stale::Numbers),
        () if about("n") => StoreError::Stale(Stale::Counts),
        () => StoreError::Constraint(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_guess_is_told_from_a_wrong_row() {
        let null = |column: &str| explain(1048, format!("Column '{column}' cannot be null"));
        assert_eq!(null("passed"), StoreError::Stale(Stale::Rows));
        assert_eq!(null("bits"), StoreError::Stale(Stale::Numbers));
        assert_eq!(null("n"), StoreError::Stale(Stale::Counts));
        let name = "Column 'name' cannot be null";
        assert_eq!(null("name"), StoreError::Constraint(name.into()));
    }
}
