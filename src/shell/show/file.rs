//! Puts a picture into a file: whole or not at all, and in place of nothing but a file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Names tried for the file that is written first.
const TRIES: u32 = 16;

/// Writes `text` to the file at `path`; what was there is replaced at once.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(known) if !known.is_file() => {
            let text = "there is something other than a file; choose another name";
            return Err(io::Error::other(text));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let (beside, mut file) = fresh(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    drop(file);
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        // What is half done is of no use to anybody; the error that is told is the first one.
        let _ = fs::remove_file(&beside);
    }
    done
}

/// A new file in the same folder.
fn fresh(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    };
    let mut tried = 0;
    loop {
        let mut other = std::ffi::OsString::from(".");
        other.push(name);
        other.push(format!(".{}.{tried}", std::process::id()));
        let beside = path.with_file_name(other);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tried < TRIES => {
                tried += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("pictures-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = folder("replaced");
        let path = folder.join("map.svg");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_is_no_place() {
        let folder = folder("folder");
        assert!(write(&folder, "x").unwrap_err().to_string().contains("other than a file"));
        assert!(write(&folder.join("no/such"), "x").is_err());
        assert!(write(Path::new("/"), "x").is_err());
        assert!(write(&folder.join(".."), "x").is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        let folder = folder("links");
        let (target, link) = (folder.join("target"), folder.join("link"));
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, "x").unwrap_err();
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
        write(Path::new("/dev/null"), "x").unwrap_err();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
