//! Connections that nobody between can read. Only this file knows `rustls` on the server's side.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{InconsistentKeys, ServerConfig};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The files, in PEM, with which a server proves who it is.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// The certificate, and behind it those of who issued it.
    pub(crate) chain: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
}

/// Keeps what connections begin with; it can be read anew while connections are served.
pub(super) struct Keeper {
    files: Certificate,
    config: RwLock<Arc<ServerConfig>>,
}

impl Keeper {
    /// Reads the files.
    pub(super) fn open(files: Certificate) -> Result<Self, String> {
        let config = RwLock::new(load(&files)?);
        Ok(Self { files, config })
    }

    /// Reads the files anew, for connections from now on. What was read before stays if they
    /// are wrong.
    pub(super) fn reload(&self) -> Result<(), String> {
        let config = load(&self.files)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Agrees with a client on how to talk.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(config).accept(stream).await
    }
}

/// The SHA-256 digest of the first certificate of a chain, as browsers and `openssl` show it.
pub(crate) fn fingerprint(chain: &[u8]) -> Option<String> {
    let certificate = CertificateDer::from_pem_slice(chain).ok()?;
    let bytes = Sha256::digest(&certificate);
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    Some(pairs.join(":"))
}

fn load(files: &Certificate) -> Result<Arc<ServerConfig>, String> {
    let (chain, key) = (chain(&files.chain)?, key(&files.key)?);
    let wrong = |why: rustls::Error| match why {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => format!(
            "--tls-key: {} is not the key of the certificate in {}",
            files.key.display(),
            files.chain.display()
        ),
        why => format!("--tls-cert: {}: {why}", files.chain.display()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let mut config = config.with_no_client_auth().with_single_cert(chain, key).map_err(wrong)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |why: &dyn std::fmt::Display| format!("--tls-cert: {}: {why}", path.display());
    let text = std::fs::read(path).map_err(|why| wrong(&why))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|why| wrong(&why))?;
    if chain.is_empty() { Err(wrong(&"there is no certificate in PEM")) } else { Ok(chain) }
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let wrong = |why: &dyn std::fmt::Display| format!("--tls-key: {}: {why}", path.display());
    let text = std::fs::read(path).map_err(|why| wrong(&why))?;
    warn_of_readers(path);
    PrivateKeyDer::from_pem_slice(&text).map_err(|why| {
        let sealed = String::from_utf8_lossy(&text).contains("ENCRYPTED");
        match why {
            pem::Error::NoItemsFound if sealed => {
                wrong(&"the key is encrypted; `openssl pkey` writes it in plain, to a private file")
            }
            pem::Error::NoItemsFound => wrong(&"there is no private key in PEM"),
            why => wrong(&why),
        }
    })
}

/// Says so if everybody on the machine can read the key.
fn warn_of_readers(path: &Path) {
    #[cfg(unix)]
    if let Ok(meta) = std::fs::metadata(path)
        && std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o007 != 0
    {
        let path = path.display();
        tracing::warn!("everybody on this machine can read the key {path}; chmod 600 helps");
    }
}
