//! Argon2id, with the parameters of OWASP's password storage guide (19 MiB, two
//! passes, one lane): a second's worth of guesses stays small on a stolen database.

use crate::platform::clock::random;
use crate::platform::problem::{AppError, AppResult};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier};

/// Hashes a password. Takes tens of milliseconds: run it off the async threads.
///
/// # Errors
/// Internal, if the library refuses.
pub fn hash(password: &str) -> AppResult<String> {
    use argon2::PasswordHasher;
    let salt: [u8; 16] = random();
    let hashed = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|fault| AppError::Internal(fault.to_string()))?;
    Ok(hashed.to_string())
}

/// Whether the password is the one that was hashed. Takes as long for an unknown
/// member (`None`), so that time does not tell who exists.
pub fn verify(password: &str, hashed: Option<&str>) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(hashed.unwrap_or(NOBODY)) else {
        return false;
    };
    let right = Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok();
    right && hashed.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_passes_and_hashes_differ() {
        let first = hash("mật khẩu dài").unwrap();
        assert!(first.starts_with("$argon2id$"));
        assert!(verify("mật khẩu dài", Some(&first)));
        assert!(!verify("mat khau dai", Some(&first)));
        assert!(!verify("mật khẩu dài", None));
        assert_ne!(first, hash("mật khẩu dài").unwrap());
    }
}
