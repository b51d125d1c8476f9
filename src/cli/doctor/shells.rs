//! Whether the person's shell completes commands of ours.

use std::fs;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::cli::run::variable;

const CHECK: &str = "completion";

/// Where a shell looks for completions: in the home directory, and of the whole machine.
const PLACES: &[(&str, &[&str], &[&str])] = &[
    (
        "bash",
        &[".local/share/bash-completion/completions/capuchin", ".bash_completion"],
        &[
            "/usr/share/bash-completion/completions/capuchin",
            "/usr/local/share/bash-completion/completions/capuchin",
            "/etc/bash_completion.d/capuchin",
        ],
    ),
    (
        "zsh",
        &[".zfunc/_capuchin", ".zsh/completions/_capuchin"],
        &[
            "/usr/share/zsh/site-functions/_capuchin",
            "/usr/local/share/zsh/site-functions/_capuchin",
            "/usr/share/zsh/vendor-completions/_capuchin",
        ],
    ),
    (
        "fish",
        &[".config/fish/completions/capuchin.fish"],
        &["/usr/share/fish/vendor_completions.d/capuchin.fish"],
    ),
];

/// The files that a shell reads when it starts.
const STARTS: &[&str] = &[".bashrc", ".bash_profile", ".zshrc", ".config/fish/config.fish"];

/// Looks for the script of the person's shell.
pub(super) fn check() -> Finding {
    let shell = variable("SHELL");
    let home = dirs::home_dir().unwrap_or_default();
    let is_there = |path: &Path| path.exists();
    let mentions = |path: &Path| {
        fs::read_to_string(path).is_ok_and(|text| text.contains("capuchin completions"))
    };
    judged(shell.as_deref(), &home, &is_there, &mentions)
}

fn judged(
    shell: Option<&str>,
    home: &Path,
    is_there: &dyn Fn(&Path) -> bool,
    mentions: &dyn Fn(&Path) -> bool,
) -> Finding {
    let name = shell.and_then(|shell| shell.rsplit('/').next()).unwrap_or_default();
    let Some((name, own, system)) = PLACES.iter().find(|(known, ..)| *known == name) else {
        return Finding::ok(CHECK, "there is a script for bash, zsh and fish");
    };
    let own_paths = own.iter().map(|path| home.join(path));
    let all: Vec<PathBuf> = own_paths.chain(system.iter().map(PathBuf::from)).collect();
    let started = STARTS.iter().map(|path| home.join(path)).find(|path| mentions(path));
    match all.into_iter().find(|path| is_there(path)).or(started) {
        Some(path) => Finding::ok(CHECK, format!("{name} has it, by {}", path.display())),
        None => {
            let path = home.join(own.first().copied().unwrap_or_default());
            let dir = path.parent().unwrap_or(home).display();
            let mend =
                format!("mkdir -p '{dir}' && capuchin completions {name} > '{}'", path.display());
            Finding::advice(CHECK, format!("{name} does not complete commands yet"), mend)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    fn found(shell: &str, there: &str, mentioned: &str) -> Finding {
        let is_there = |path: &Path| path == Path::new(there);
        let mentions = |path: &Path| path == Path::new(mentioned);
        judged(Some(shell), Path::new("/h"), &is_there, &mentions)
    }

    #[test]
    fn a_script_is_found_where_shells_look() {
        let place = "/h/.config/fish/completions/capuchin.fish";
        assert_eq!(found("/usr/bin/fish", place, "").state, State::Ok);
        assert_eq!(found("/bin/bash", "", "/h/.bashrc").state, State::Ok);
        assert_eq!(
            found("/bin/zsh", "/usr/share/zsh/site-functions/_capuchin", "").state,
            State::Ok
        );
        assert_eq!(found("/bin/tcsh", "", "").state, State::Ok);
    }

    #[test]
    fn where_there_is_none_the_way_is_said() {
        let finding = found("/bin/bash", "", "");
        assert_eq!(finding.state, State::Advice);
        assert_eq!(
            finding.mend,
            "mkdir -p '/h/.local/share/bash-completion/completions' && capuchin completions bash > \
             '/h/.local/share/bash-completion/completions/capuchin'"
        );
    }
}
