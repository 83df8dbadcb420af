//! Keyed pseudonyms: the same person, household or dossier gives the same key, and
//! the key gives nobody back without the deployment's secret (HMAC-SHA-256).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// 16 bytes that stand for someone or something counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectKey(pub [u8; 16]);

/// Turns identities into keys. Holds the deployment's secret, so it is never printed.
#[derive(Clone)]
pub struct Pseudonymiser(Hmac<Sha256>);

impl std::fmt::Debug for Pseudonymiser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonymiser(secret)")
    }
}

impl Pseudonymiser {
    /// From the deployment's 32-byte secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length"))
    }

    /// The key of `parts` within `realm`. Parts are length-prefixed, so that no two
    /// lists of parts run together.
    pub fn key(&self, realm: &str, parts: &[&[u8]]) -> SubjectKey {
        let mac = self.mac(realm, parts);
        let mut key = [0; 16];
        key.copy_from_slice(&mac[..16]);
        SubjectKey(key)
    }

    fn mac(&self, realm: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in std::iter::once(realm.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// A key as lower-case hexadecimal, the form kept in a stored fact.
pub fn hex(key: SubjectKey) -> String {
    use std::fmt::Write;
    key.0
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads [`hex`] back.
pub fn from_hex(text: &str) -> Option<SubjectKey> {
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut key = [0; 16];
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(SubjectKey(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_identity_gives_the_same_key_and_neighbours_do_not_run_together() {
        let keys = Pseudonymiser::new(&[7; 32]);
        assert_eq!(
            keys.key("person", &[b"a", b"bc"]),
            keys.key("person", &[b"a", b"bc"])
        );
        assert_ne!(
            keys.key("person", &[b"a", b"bc"]),
            keys.key("person", &[b"ab", b"c"])
        );
        assert_ne!(keys.key("person", &[b"a"]), keys.key("household", &[b"a"]));
        assert_ne!(
            keys.key("person", &[b"a"]),
            Pseudonymiser::new(&[8; 32]).key("person", &[b"a"])
        );
    }

    #[test]
    fn hex_reads_back() {
        let key = Pseudonymiser::new(&[1; 32]).key("x", &[b"y"]);
        assert_eq!(from_hex(&hex(key)), Some(key));
        assert_eq!(from_hex("zz"), None);
    }
}
