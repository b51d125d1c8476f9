//! The embedded store: where it is, and the engine on it, opened when it is first needed.

use std::cell::OnceCell;
use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use crate::api::Engine;
use crate::cli::at::At;
use crate::cli::clock;
use crate::cli::keys::Machine;
use crate::cli::server::found;
use crate::engine::{Caller, Content, seed};
use crate::schema::{Catalogue, Spec, Words};
use crate::shell::out::Out;
use crate::store::{Open, Place, Store};
use crate::transport::{Answer, Apart, Failure, Local, Transport, catalogue};

/// The directory for the program's data: the store, the history and the log.
pub(crate) fn data_dir() -> Option<PathBuf> {
    dirs::data_dir().map(|dir| dir.join("capuchin"))
}

/// The engine in this process, on a store that is opened by the first call. So what needs no
/// store, help for one, neither makes one nor depends on one.
pub(crate) struct Embedded {
    place: Where,
    content: Content,
    /// Whether to greet whoever makes the store.
    greet: bool,
    catalogue: Catalogue,
    opened: OnceCell<Local>,
}

/// Where the store is.
#[derive(Debug, Clone)]
enum Where {
    /// In the data directory, which is made if it is not there.
    Home,
    /// In this file, whose directory must be there, or on this server.
    Named(Box<At>),
}

impl Embedded {
    /// The store at `place`, or the one in the data directory.
    pub(crate) fn new(place: Option<Box<At>>, empty: bool, greet: bool) -> Self {
        let place = place.map_or(Where::Home, Where::Named);
        let content = if empty { Content::Defaults } else { Content::Sandbox };
        Self { place, content, greet, catalogue: catalogue(), opened: OnceCell::new() }
    }

    /// What the prompt calls it.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Where::Home => "sandbox".into(),
            Where::Named(at) => match &at.place {
                Place::File(path) => path
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                Place::Server(server) => server.database.clone(),
            },
        }
    }

    /// Whether there is a store already; one on a server is taken to be there.
    pub(crate) fn exists(&self) -> bool {
        let Where::Named(at) = &self.place else {
            return self.place().is_ok_and(|place| is_there(&place));
        };
        is_there(&at.place)
    }

    /// Opens the store, unless it is open.
    pub(crate) fn open(&self) -> Result<&Local, Failure> {
        if let Some(local) = self.opened.get() {
            return Ok(local);
        }
        let local = self.connect().map_err(|why| Failure::Unavailable { why })?;
        Ok(self.opened.get_or_init(|| local))
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Result<Place, String> {
        match &self.place {
            Where::Named(at) => at.place(|hidden| found("password", hidden, Stdio::null)),
            Where::Home => {
                data_dir().map(|dir| Place::File(dir.join("store.db"))).ok_or_else(|| {
                    "there is no home directory to keep the store in; set HOME, or name a file \
                     with --store"
                        .to_owned()
                })
            }
        }
    }

    fn connect(&self) -> Result<Local, String> {
        Ok(Local::new(self.engine()?, Caller::ADMIN))
    }

    /// The engine itself, on the store opened anew.
    pub(crate) fn engine(&self) -> Result<Engine, String> {
        let place = self.place()?;
        if let (Where::Home, Place::File(path)) = (&self.place, &place)
            && let Some(dir) = path.parent()
        {
            make_private(dir)?;
        }
        let fresh_key = clock::fresh_key()
            .map_err(|why| format!("the system has no random numbers for a new store: {why}"))?;
        let content = self.content;
        let fill = &mut |tx: &mut _| seed(tx, clock::now(), content);
        let open = Open { place: &place, fresh_key, fill };
        let store = Store::open(open).map_err(|error| error.to_string())?;
        self.say(&place, store.is_fresh());
        Ok(Engine::new(Arc::new(store), clock::now).with_secrets(Machine))
    }

    fn say(&self, path: &Place, fresh: bool) {
        match (fresh, self.content) {
            (true, _) if !self.greet => {}
            (true, Content::Sandbox) => Out::std().message(format_args!(
                "Made the store {path} with a zone named sandbox;\n\
                 try `list zones` or `show topology`; `capuchin profile add` names a server."
            )),
            (true, Content::Defaults) => Out::std().message(format_args!(
                "Made the store {path} without a zone; `help create zone` says how to begin."
            )),
            (false, Content::Defaults) => Out::std()
                .warn(format_args!("--empty changes nothing: the store {path} was made before")),
            (false, Content::Sandbox) => {}
        }
    }
}

impl Transport for Embedded {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        self.open()?.call(spec, words)
    }

    fn apart(&self, spec: &Spec, words: &Words) -> Option<Apart> {
        self.open().ok()?.apart(spec, words)
    }

    fn wait(&self, job: &str) -> Result<Answer, Failure> {
        self.open()?.wait(job)
    }
}

fn is_there(place: &Place) -> bool {
    match place {
        Place::File(path) => path.exists(),
        Place::Server(_) => true,
    }
}

/// Makes the directory, and those above it, for its owner only.
pub(crate) fn make_private(dir: &Path) -> Result<(), String> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|why| {
        let hint = match why.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "; check its owner and permissions, or name a file elsewhere with --store"
            }
            _ => "",
        };
        format!("the directory {} cannot be made: {why}{hint}", dir.display())
    })
}
