//! A nation made up from one seed: fills a new database with the months behind it, and
//! plays its traffic against running servers. The load of `make bench`, and something
//! to try a deployment on.
//!
//! The members of a simulated nation are signed in with tokens that follow from the
//! seed, which anyone may know: such a database is marked (`simulated_seed`) and must
//! never become a real one.

mod campaign;
mod check;
pub mod client;
mod fill;
pub mod life;
pub mod line;
mod nation;
pub mod play;
pub mod race;

pub use check::{Checksum, Found, Ledger, Sum, check, checksum};
pub use fill::{Order, fill, lay_key};
pub use nation::People;

use crate::platform::problem::{AppError, AppResult};
use domain::ids::{CampaignId, PlaceId};
use domain::refusal::Refusal;
use sha2::{Digest, Sha256};
use std::net::{SocketAddr, ToSocketAddrs};
use uuid::Uuid;

/// Everything is drawn from this unless another is named.
pub const SEED: u64 = 26_031_931;
/// The campaign that a simulated nation is in the middle of.
pub const CAMPAIGN: CampaignId =
    CampaignId(Uuid::from_u128(0x0197_c348_8800_7000_8000_0000_0000_0000));

/// Who can sign in with a password.
pub const LOGINS: &str = "\
Cả nước mô phỏng (đồng hồ chạy từ ngày cuối của dữ liệu). Đăng nhập thử:
  cán bộ trung ương  trunguong  mophong-2025
  cán bộ tỉnh        canbotinh  mophong-2025
  cán bộ xã          canboxa    mophong-2025
  tình nguyện viên   tnv        130725";

/// A digest of the seed for one of its uses.
fn derived(seed: u64, what: &str) -> [u8; 32] {
    Sha256::digest(format!("causo simulate {seed} {what}")).into()
}

/// The session token of a member, by number; every simulated phone is signed in.
pub fn token(seed: u64, number: usize) -> String {
    derived(seed, &format!("session {number}"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn nation_id() -> AppResult<PlaceId> {
    PlaceId::parse("VN").map_err(|fault| AppError::Internal(fault.to_string()))
}

/// Refuses a number outside its bounds.
fn need_within(name: &'static str, value: u64, (min, max): (u64, u64)) -> AppResult<()> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let refusal = Refusal::new("simulate.bounds").with("name", name);
    Err(refusal
        .with("value", value)
        .with("min", min)
        .with("max", max)
        .into())
}

/// Where nodes listen. A load generator aimed at the wrong machine does harm, so any
/// that is not this one must be allowed.
fn addresses(nodes: &[String], allow_remote: bool) -> AppResult<Vec<SocketAddr>> {
    let mut found = Vec::with_capacity(nodes.len());
    for node in nodes {
        let refuse = |code| AppError::from(Refusal::new(code).with("address", node.as_str()));
        let plain = node.strip_prefix("http://").unwrap_or(node);
        let address = plain
            .trim_end_matches('/')
            .to_socket_addrs()
            .ok()
            .and_then(|mut all| all.next())
            .ok_or_else(|| refuse("simulate.address"))?;
        if !address.ip().is_loopback() && !allow_remote {
            return Err(refuse("simulate.remote"));
        }
        found.push(address);
    }
    if found.is_empty() {
        return Err(Refusal::new("simulate.address").with("address", "").into());
    }
    Ok(found)
}
