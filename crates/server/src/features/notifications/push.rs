//! Web Push: a message sealed for one browser (RFC 8291), signed by this installation
//! (VAPID, RFC 8292), handed to the browser's push service (RFC 8030).

use super::channels::{Adapter, Address, Fault, Message};
use crate::platform::clock::{Clock, random};
use crate::platform::db::{Conn, write_alone};
use crate::platform::deployment::{set, setting};
use crate::platform::problem::{AppError, AppResult};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use std::net::IpAddr;
use std::time::Duration;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// How long a push service may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a signature holds; push services take at most a day.
const SIGNED_FOR: time::Duration = time::Duration::hours(12);
/// What our key is sealed for.
const PUSH_KEY: &[u8] = b"push_key";
/// Longest endpoint; the known services' have a few hundred bytes.
const ENDPOINT_BYTES_MAX: usize = 2048;

/// A browser that takes messages.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Where its push service takes them.
    pub endpoint: String,
    /// The browser's public key, a point of P-256, uncompressed.
    pub p256dh: Vec<u8>,
    /// A secret of the browser's.
    pub auth: Vec<u8>,
}

/// Sends to browsers.
#[derive(Debug)]
pub struct WebPush {
    /// Whom push services may ask: `mailto:…` or `https://…`.
    contact: String,
    key: EcdsaKeyPair,
    agent: Agent,
    reach: Reach,
}

/// Whom we talk to: whatever a browser names as its push service, we are the ones who
/// call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The world's addresses, over TLS.
    World,
    /// This machine's too, for tests.
    Loopback,
}

impl WebPush {
    /// With the installation's key, which is made on first use. It lies in the database,
    /// sealed under the secret that does not: so every node has the same.
    ///
    /// # Errors
    /// The storage's.
    pub fn open(conn: &Conn, secret: &[u8; 32], contact: &str, reach: Reach) -> AppResult<Self> {
        let broken = |_| AppError::Internal("the push key cannot be read".to_owned());
        let pkcs8 = write_alone(conn, |tx| match setting(tx, "push_key")? {
            Some(sealed) => unseal(secret, PUSH_KEY, &sealed).map_err(broken),
            None => {
                // Of nodes that start at once one makes it.
                crate::platform::migrate::take_turn(tx)?;
                if let Some(sealed) = setting(tx, "push_key")? {
                    return unseal(secret, PUSH_KEY, &sealed).map_err(broken);
                }
                let made = EcdsaKeyPair::generate_pkcs8(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &SystemRandom::new(),
                )
                .map_err(broken)?;
                set(
                    tx,
                    "push_key",
                    &seal(secret, PUSH_KEY, made.as_ref()).map_err(broken)?,
                )?;
                Ok(made.as_ref().to_vec())
            }
        })?;
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &pkcs8,
            &SystemRandom::new(),
        )
        .map_err(|_| broken(Unspecified))?;
        let config = Agent::config_builder()
            .https_only(reach == Reach::World)
            .http_status_as_error(false)
            // What is called is what was checked.
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .user_agent("causo")
            .build();
        Ok(Self {
            contact: contact.to_owned(),
            key,
            agent: Agent::with_parts(config, DefaultConnector::new(), Checked { reach }),
            reach,
        })
    }

    /// What browsers subscribe under: the public key, base64url.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.key.public_key())
    }

    /// Whether we would send there, with keys that we could seal for.
    pub fn takes(&self, subscription: &Subscription) -> bool {
        let known = subscription.endpoint.len() <= ENDPOINT_BYTES_MAX
            && origin(&subscription.endpoint, self.reach).is_some();
        known && seal_for(subscription, b"").is_ok()
    }

    fn authorization(&self, origin: &str) -> Result<String, Unspecified> {
        // The world's time: a demonstration's clock would not do.
        let now = Clock::machine(time::Duration::ZERO).now();
        let claims = json!({
            "aud": origin,
            "exp": (now + SIGNED_FOR).unix_timestamp(),
            "sub": self.contact,
        });
        let head = BASE64.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let token = format!("{head}.{}", BASE64.encode(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), token.as_bytes())?;
        let signature = BASE64.encode(signature);
        Ok(format!(
            "vapid t={token}.{signature}, k={}",
            self.public_key()
        ))
    }
}

impl Adapter for WebPush {
    fn send(&self, message: &Message) -> Result<(), Fault> {
        let Address::Browser(to) = &message.to else {
            return Err(Fault::Gone);
        };
        let origin = origin(&to.endpoint, self.reach).ok_or(Fault::Gone)?;
        let (id, worth_s) = (message.id.simple().to_string(), message.worth_s.max(0));
        let said = json!({
            "id": id, "title": message.title, "text": message.text, "link": message.link,
        });
        let body = seal_for(to, said.to_string().as_bytes()).map_err(|_| Fault::Gone)?;
        let signed = self
            .authorization(&origin)
            .map_err(|_| Fault::Later("no signature".to_owned()))?;
        let answer = self
            .agent
            .post(&to.endpoint)
            .header("authorization", signed)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("ttl", worth_s.to_string())
            // The service keeps one of those that come twice.
            .header("topic", &id)
            .send(&body[..])
            .map_err(|fault| Fault::Later(fault.to_string()))?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            404 | 410 => Err(Fault::Gone),
            status => Err(Fault::Later(format!("status {status}"))),
        }
    }
}

/// Scheme, host and port of an endpoint that we may call.
fn origin(endpoint: &str, reach: Reach) -> Option<String> {
    let uri: Uri = endpoint.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let host = authority.host();
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let local = reach == Reach::Loopback && literal.is_some_and(|ip| ip.is_loopback());
    let sound = match scheme {
        "https" => literal.is_none_or(|ip| may_call(ip, reach)) && !host.is_empty(),
        "http" => local,
        _ => false,
    };
    (sound && !authority.as_str().contains('@')).then(|| format!("{scheme}://{authority}"))
}

/// Whether an address is the world's: not this machine's, nor of any network around it.
fn may_call(ip: IpAddr, reach: Reach) -> bool {
    match ip.to_canonical() {
        ip if reach == Reach::Loopback && ip.is_loopback() => true,
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let special = match (a, b, c) {
                // This network; shared by carriers; protocol assignments; benchmarks; reserved.
                (0 | 240.., ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) => true,
                _ => ip.is_documentation(),
            };
            let near = ip.is_private() || ip.is_loopback() || ip.is_link_local();
            !(special || near || ip.is_multicast())
        }
        IpAddr::V6(ip) => {
            // Global unicast, without what carries an IPv4 address inside or documents.
            let [a, b, ..] = ip.segments();
            a & 0xe000 == 0x2000 && a != 0x2002 && !(a == 0x2001 && (b == 0 || b == 0xdb8))
        }
    }
}

/// Resolves a name to those of its addresses that we may call; the connection goes to
/// one of these, so a name cannot be another when it is looked up again.
#[derive(Debug)]
struct Checked {
    reach: Reach,
}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|one| may_call(one.ip(), self.reach)) {
            kept.push(*address);
        }
        if kept.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        Ok(kept)
    }
}

/// `said` so that only this browser can read it, as one record of `aes128gcm`.
fn seal_for(to: &Subscription, said: &[u8]) -> Result<Vec<u8>, Unspecified> {
    if to.auth.len() != 16 {
        return Err(Unspecified);
    }
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())?;
    let public = own.compute_public_key()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &to.p256dh);
    let salt = random::<16>();
    let info = [b"WebPush: info\0", &to.p256dh[..], public.as_ref()].concat();
    let (key, nonce) = agree_ephemeral(own, &theirs, |shared| {
        let shared = stretch(&to.auth, shared, &info)?;
        let key = stretch(&salt, &shared, b"Content-Encoding: aes128gcm\0")?;
        let nonce = stretch(&salt, &shared, b"Content-Encoding: nonce\0")?;
        Ok::<_, Unspecified>((key, nonce))
    })??;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16])?);
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..NONCE_LEN])?;
    // The mark of the last record, with no padding behind it.
    let mut text = [said, &[2]].concat();
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut text)?;
    let record_bytes = 4096_u32.to_be_bytes();
    let head = [&salt[..], &record_bytes, &[65], public.as_ref()];
    Ok([&head.concat()[..], &text].concat())
}

/// HKDF; a shorter output is this one's beginning.
fn stretch(salt: &[u8], from: &[u8], info: &[u8]) -> Result<[u8; 32], Unspecified> {
    let mut out = [0; 32];
    Salt::new(HKDF_SHA256, salt)
        .extract(from)
        .expand(&[info], HKDF_SHA256)?
        .fill(&mut out)?;
    Ok(out)
}

fn own_key(secret: &[u8; 32], purpose: &[u8]) -> Result<LessSafeKey, Unspecified> {
    let key = stretch(b"causo", secret, purpose)?;
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key)?))
}

/// Seals what lies in the database under the secret that does not, for one purpose.
///
/// # Errors
/// None that happens: the key is of the right length.
pub fn seal(secret: &[u8; 32], purpose: &[u8], plain: &[u8]) -> Result<String, Unspecified> {
    let nonce = random::<NONCE_LEN>();
    let mut text = plain.to_vec();
    own_key(secret, purpose)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut text,
    )?;
    Ok(BASE64.encode([&nonce[..], &text].concat()))
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// When it was sealed under another secret or for another purpose, or was changed since.
pub fn unseal(secret: &[u8; 32], purpose: &[u8], sealed: &str) -> Result<Vec<u8>, Unspecified> {
    let mut sealed = BASE64.decode(sealed).map_err(|_| Unspecified)?;
    let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(Unspecified)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    Ok(own_key(secret, purpose)?
        .open_in_place(nonce, Aad::empty(), text)?
        .to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_world_is_called_and_only_over_tls() {
        for good in [
            "https://fcm.googleapis.com/fcm/send/x",
            "https://updates.push.services.mozilla.com:443/wpush/v2/x",
            "https://8.8.8.8/x",
            "https://[2606:4700::1]/x",
        ] {
            assert!(origin(good, Reach::World).is_some(), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/x",
            "https://127.0.0.1/x",
            "https://10.1.2.3/x",
            "https://100.64.0.1/x",
            "https://169.254.169.254/latest",
            "https://[::1]/x",
            "https://[::ffff:192.168.1.1]/x",
            "https://[64:ff9b::a00:1]/x",
            "https://[fe80::1]/x",
            "https://[fd00::1]/x",
            "https://user@example.com/x",
            "file:///etc/passwd",
            "/x",
            "",
        ] {
            assert_eq!(origin(bad, Reach::World), None, "{bad}");
        }
        assert!(origin("http://127.0.0.1:9/x", Reach::Loopback).is_some());
        assert_eq!(origin("http://10.0.0.1:9/x", Reach::Loopback), None);
    }

    #[test]
    fn a_name_of_this_machine_is_not_called_either() {
        let refused = |reach| {
            let config = Agent::config_builder()
                .timeout_global(Some(PATIENCE))
                .build();
            let agent = Agent::with_parts(config, DefaultConnector::new(), Checked { reach });
            // Nobody listens there: a connection that is tried fails in another way.
            let answer = agent.get("http://localhost:9/x").call();
            matches!(answer, Err(ureq::Error::HostNotFound))
        };
        assert!(refused(Reach::World));
        assert!(!refused(Reach::Loopback));
    }

    #[test]
    fn the_key_is_read_only_under_its_secret() {
        let sealed = seal(&[7; 32], PUSH_KEY, b"key").unwrap();
        assert_eq!(unseal(&[7; 32], PUSH_KEY, &sealed).unwrap(), b"key");
        unseal(&[8; 32], PUSH_KEY, &sealed).unwrap_err();
        unseal(&[7; 32], b"zalo_token", &sealed).unwrap_err();
    }
}
