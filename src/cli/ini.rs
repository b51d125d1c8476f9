//! CloudMonkey's configuration, `~/.cmk/config`, read for its profiles.
//!
//! Sections are profiles, what stands above them are CloudMonkey's own options. A value is all
//! that stands behind the first `=`; there are no comments behind values.

use crate::cli::config::Settings;

/// What the file says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ini {
    /// The options above the first section.
    pub(crate) core: Settings,
    /// The sections with their settings, in order.
    pub(crate) sections: Vec<(String, Settings)>,
}

/// Reads the text; lines that are neither section, setting nor comment are passed over.
pub(crate) fn read(text: &str) -> Ini {
    let mut ini = Ini::default();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            ini.sections.push((name.trim().to_owned(), Settings::new()));
        } else if let Some((name, value)) = line.split_once('=') {
            let settings = ini.sections.last_mut().map_or(&mut ini.core, |section| &mut section.1);
            settings.insert(name.trim().to_lowercase(), unquoted(value.trim()).to_owned());
        }
    }
    ini
}

fn unquoted(value: &str) -> &str {
    ['"', '`', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_core_are_told_apart() {
        let ini = read(
            "; a\r\nprompt = x\nprofile   = b\n\n[a]\nurl = http://h/?x=1#y\nSecretKey=\n\
             [ b ]\nurl=`http://b`\nnonsense\n",
        );
        assert_eq!(ini.core["profile"], "b");
        assert_eq!(ini.sections[0].0, "a");
        assert_eq!(ini.sections[0].1["url"], "http://h/?x=1#y");
        assert_eq!(ini.sections[0].1["secretkey"], "");
        assert_eq!(ini.sections[1], ("b".into(), [("url".into(), "http://b".into())].into()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[\\[\\]=a\"\n ]{0,40}") {
            read(&text);
        }
    }
}
