//! Secrets that a call needs: made, opened or compared before its transaction begins, as that
//! takes long and others would wait for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::engine::keys::KeyPair;
use crate::engine::passwords::{hash, is_password};
use crate::engine::{Cx, Vault};
use crate::schema::{Exception, Fault};
use crate::text::Secret;

/// Where secrets come from. The engine itself has no randomness and knows no files.
pub(crate) trait Secrets: Send + Sync {
    /// Random bytes; none if the system has none.
    fn random(&self) -> Option<[u8; 64]>;
    /// What seals the secrets that must be read again; or why it cannot be used.
    fn vault(&self) -> Result<Vault, String>;
}

/// Secrets of nobody: calls that need any are refused.
pub(crate) struct NoSecrets;

impl Secrets for NoSecrets {
    fn random(&self) -> Option<[u8; 64]> {
        None
    }
    fn vault(&self) -> Result<Vault, String> {
        Err("this engine keeps no secrets".into())
    }
}

/// What was made ready for a call.
#[derive(Clone, Default)]
pub(crate) struct Prepared {
    /// The hash of the new password, where one was given.
    pub(crate) hash: Option<Vec<u8>>,
    /// Whether the password given as the current one is the user's, where one was given.
    pub(crate) knows_current: Option<bool>,
    /// A new key pair, and its secret half in clear.
    pub(crate) key: Option<(KeyPair, Secret)>,
    /// What opens secrets.
    pub(crate) vault: Option<Vault>,
}

impl Prepared {
    /// The hash of a new password.
    pub(crate) fn password(secrets: &dyn Secrets, password: &str) -> Result<Self, Fault> {
        let random = random(secrets)?;
        let (salt, _) = random.split_first_chunk().ok_or_else(no_random)?;
        let hash = hash(&Secret::new(password), *salt);
        let no_memory = || Fault::internal("There is no memory to hash the password", "argon2");
        Ok(Self { hash: Some(hash.ok_or_else(no_memory)?), ..Self::default() })
    }

    /// Compares what was given as the current password with its hash.
    pub(crate) fn compare(&mut self, given: &str, hashed: Option<&[u8]>) {
        self.knows_current = Some(is_password(&Secret::new(given), hashed));
    }

    /// A new key pair.
    pub(crate) fn key_pair(secrets: &dyn Secrets) -> Result<Self, Fault> {
        let pair = new_pair(&vault(secrets)?, || random(secrets))?;
        let unsealed = || Fault::internal("The secret key cannot be sealed", "vault");
        Ok(Self { key: Some(pair.ok_or_else(unsealed)?), ..Self::default() })
    }

    /// What opens secrets.
    pub(crate) fn vault(secrets: &dyn Secrets) -> Result<Self, Fault> {
        Ok(Self { vault: Some(vault(secrets)?), ..Self::default() })
    }
}

/// A new key pair, and its secret half in clear; none if it cannot be sealed.
pub(crate) fn new_pair<E>(
    vault: &Vault,
    random: impl Fn() -> Result<[u8; 64], E>,
) -> Result<Option<(KeyPair, Secret)>, E> {
    let word = || random().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let (api_key, secret) = (word()?, Secret::new(word()?));
    let bytes = random()?;
    let sealed = bytes.first_chunk().and_then(|nonce| vault.seal(*nonce, &secret, &api_key));
    Ok(sealed.map(|sealed| (KeyPair { api_key, secret: sealed }, secret)))
}

fn random(secrets: &dyn Secrets) -> Result<[u8; 64], Fault> {
    secrets.random().ok_or_else(no_random)
}

fn no_random() -> Fault {
    Fault::internal("The system has no random numbers", "no random numbers")
}

fn vault(secrets: &dyn Secrets) -> Result<Vault, Fault> {
    secrets.vault().map_err(|why| Fault::internal("The key file cannot be used", why))
}

impl Cx<'_> {
    /// The hash of the password that the call was given; refuses a call without one.
    pub(crate) fn new_password(&self) -> Result<Vec<u8>, Fault> {
        let missing =
            || Fault::new(Exception::Parameter, "Invalid parameter password: it is empty");
        self.prepared.hash.clone().ok_or_else(missing)
    }
}
