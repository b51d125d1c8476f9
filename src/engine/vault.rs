//! The vault: secrets that must be read again are kept sealed under a key that is not in the
//! store, so that a copy of the store alone signs nothing.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::text::Secret;

/// The length of the number that is used once, which stands before the sealed text.
const NONCE: usize = 24;

/// Seals and opens with one key.
#[derive(Clone)]
pub(crate) struct Vault(XChaCha20Poly1305);

impl Vault {
    /// A vault with this key.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// Seals a secret that belongs to `about`, and opens for that only. The `nonce` is random.
    pub(crate) fn seal(&self, nonce: [u8; NONCE], secret: &Secret, about: &str) -> Option<Vec<u8>> {
        let payload = Payload { msg: secret.expose().as_bytes(), aad: about.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed; none if the key, the owner or a single bit is another.
    pub(crate) fn open(&self, sealed: &[u8], about: &str) -> Option<Secret> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: about.as_bytes() };
        let text = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(text).ok().map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_owner_only() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal([1; NONCE], &Secret::new("hunter2"), "KEY").unwrap();
        assert!(!sealed.windows(7).any(|part| part == b"hunter2"));
        assert_eq!(vault.open(&sealed, "KEY"), Some(Secret::new("hunter2")));
        assert_eq!(vault.open(&sealed, "KEY2"), None);
        assert_eq!(Vault::new([8; 32]).open(&sealed, "KEY"), None);
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert_eq!(vault.open(&bent, "KEY"), None, "byte {at}");
        }
        assert_eq!(vault.open(&[], "KEY"), None);
        assert_eq!(vault.open(&sealed[..30], "KEY"), None);
    }
}
