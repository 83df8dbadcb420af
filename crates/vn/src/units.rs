//! The territory: Vietnam's administrative units with dates, and what became of the old ones.
//!
//! Two trees meet on 01/07/2025 (two-tier local government; code list of Quyết định
//! 19/2025/QĐ-TTg). `63-…` ids are the 63 provinces with districts and communes in force until
//! 30/06/2025; `34-…` ids are the 34 provinces and 3.321 communes in force since. Codes are text
//! with leading zeros; the same digits mean different places in the two trees. Names are not
//! unique: always show the province.
//!
//! A unit may have several dated versions (a xã that becomes a phường keeps its code). A
//! commune that was split has several candidates, and this module never picks one for you.
//!
//! [`parse_gso_list`] and [`parse_conversion_table`] read the official files exactly as
//! published; [`bundled`] is those same files, compiled by `examples/compile_units.rs`.

mod bundled;
mod conversion;
mod gather;
mod gso;
mod id;
mod import;
mod kind;
mod territory;

pub use bundled::{Bundled, CompiledError, bundled, read_compiled};
pub use conversion::parse_conversion_table;
pub use gso::parse_gso_list;
pub use id::{PlaceId, PlaceIdError, Tree};
pub use import::{ImportError, Imported, OfficialFile, Report, Warning, detect, import};
pub use kind::{Kind, Level, Manner, split_kind};
pub use territory::{Candidates, Succession, Territory, Unit};

use time::{Date, Month};

/// The day the two-tier local government began: last day of the old tree plus one.
pub const TWO_TIER_FROM: Date = match Date::from_calendar_date(2025, Month::July, 1) {
    Ok(day) => day,
    Err(_) => panic!("1 July 2025 is a day"),
};
