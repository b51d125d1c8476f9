//! `capuchin keys`: the operator at the machine gives users their keys. And the key file, under
//! which their secrets are sealed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::{KeyFormat, Keys};
use crate::cli::clock;
use crate::cli::store::{Embedded, data_dir, make_private};
use crate::engine::{Secrets, Vault, give_key, new_pair, user_for_key};
use crate::schema::Fault;
use crate::shell::Status;
use crate::shell::out::Out;
use crate::text::Secret;

/// The key file's name in the data directory.
const FILE: &str = "keys.bin";

/// A new key pair, to be shown once.
struct Pair {
    api_key: String,
    secret: Secret,
}

/// Does what is to be done with keys.
pub(crate) fn run(store: &Embedded, what: Keys) -> Status {
    let Keys::Create { user, domain, format, endpoint, .. } = what;
    match create(store, &user, domain) {
        Ok(Ok((pair, replaced))) => {
            if replaced {
                Out::std().message(format_args!("The keys that the user had are void."));
            }
            show(&pair, format, &endpoint)
        }
        Ok(Err(fault)) => {
            Out::std().error(format_args!("{fault}"));
            Status::Refused
        }
        Err(why) => {
            Out::std().error(format_args!("{why}"));
            Status::Unavailable
        }
    }
}

/// Makes a pair and stores it; also says whether it replaces another.
fn create(
    store: &Embedded,
    user: &str,
    domain: Option<String>,
) -> Result<Result<(Pair, bool), Fault>, String> {
    let engine = store.engine()?;
    let vault = vault()?;
    let random = |why: getrandom::Error| format!("the system has no random numbers: {why}");
    let made = new_pair(&vault, || clock::random().map_err(random))?;
    let (key, secret) = made.ok_or("the secret could not be sealed")?;
    let pair = Pair { api_key: key.api_key.clone(), secret };
    let user = user.to_owned();
    let given = engine.store().write(move |tx| {
        let user = user_for_key(tx, &user, domain.as_deref())?;
        Ok::<_, Fault>(give_key(tx, &user, &key, clock::now())?)
    });
    Ok(given.map(|replaced| (pair, replaced)))
}

fn show(pair: &Pair, format: KeyFormat, endpoint: &str) -> Status {
    let (key, secret) = (&pair.api_key, pair.secret.expose());
    let text = match format {
        KeyFormat::Env => format!(
            "export CLOUDSTACK_ENDPOINT={}\nexport CLOUDSTACK_KEY={key}\n\
             export CLOUDSTACK_SECRET={secret}\n",
            quoted(endpoint)
        ),
        KeyFormat::Json => {
            json!({ "endpoint": endpoint, "key": key, "secret": secret }).to_string() + "\n"
        }
        KeyFormat::Text => format!("endpoint  {endpoint}\nkey       {key}\nsecret    {secret}\n"),
    };
    match Out::std().result(|to| to.write_all(text.as_bytes())) {
        Ok(()) => Status::Done,
        Err(why) => {
            Out::std().error(format_args!("{why}; make the user new keys"));
            Status::Unavailable
        }
    }
}

/// A word for a shell: plain where it can be.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/:.-_[]".contains(letter);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The secrets of this machine.
pub(crate) struct Machine;

impl Secrets for Machine {
    fn random(&self) -> Option<[u8; 64]> {
        clock::random().ok()
    }
    fn vault(&self) -> Result<Vault, String> {
        vault()
    }
}

/// Where the key file is.
pub(crate) fn key_file() -> Option<PathBuf> {
    data_dir().map(|dir| dir.join(FILE))
}

/// The vault of this user of the system; its key file is made if there is none.
pub(crate) fn vault() -> Result<Vault, String> {
    let dir = data_dir().ok_or("there is no home directory to keep the key file in; set HOME")?;
    make_private(&dir)?;
    let path = dir.join(FILE);
    key(&path)
        .map(Vault::new)
        .map_err(|why| format!("the key file {} cannot be used: {why}", path.display()))
}

fn key(path: &Path) -> io::Result<[u8; 32]> {
    match fs::read(path) {
        Ok(bytes) => {
            is_private(path)?;
            bytes.try_into().map_err(|_| io::Error::other("it has not 32 bytes"))
        }
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            make(path)?;
            // Another process may have been faster, and its key counts.
            fs::read(path)?.try_into().map_err(|_| io::Error::other("it has not 32 bytes"))
        }
        Err(why) => Err(why),
    }
}

/// Makes the file whole or not at all, and never over another.
fn make(path: &Path) -> io::Result<()> {
    let key: [u8; 32] = clock::random().map_err(io::Error::other)?;
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut how = OpenOptions::new();
    how.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let mut file = how.open(&draft)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked.or_else(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(why),
    })
}

/// Refuses a file that others may read.
fn is_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()) & 0o077 != 0 {
        return Err(io::Error::other("others may read it; chmod 600 it and make new keys"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_a_shell_is_quoted_where_it_must_be() {
        assert_eq!(quoted("http://[::1]:8080/client/api"), "http://[::1]:8080/client/api");
        assert_eq!(quoted("a b'c"), r"'a b'\''c'");
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let path = std::env::temp_dir().join(format!("capuchin-key-{}", std::process::id()));
        let first = key(&path).unwrap();
        assert_eq!(key(&path).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(key(&path).is_err());
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(&path, b"short").unwrap();
        assert!(key(&path).is_err());
        fs::remove_file(&path).unwrap();
    }
}
