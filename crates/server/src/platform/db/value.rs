//! Values on their way into a statement and out of a row.

use super::{DbError, postgres, sqlite};
use domain::activities::ActivityKind;
use domain::attendance::{Direction, Standing};
use domain::branch::TaskState;
use domain::desk::ticket::{TicketAct, TicketStage};
use domain::desk::{DeskDeviceKind, Language, PriorityClass, TicketSource};
use domain::experts::{CommuneWord, RequestAct, RequestStage, Urgency};
use domain::ids::{
    ActivityId, CampaignId, DeskDeviceId, DeviceId, DirectiveId, FactId, IndicatorId, MeasureId,
    MemberId, PlaceId, PointId, RequestId, ScamReportId, ShiftId, TaskId, TeamId, TicketId,
};
use domain::notifications::{NoticeChannel, NoticeKind};
use domain::people::{Office, Origin, Position, RevisionKind, TeamKind};
use domain::points::PointKind;
use domain::procedures::ProcedureGroup;
use domain::rosters::{Change, Source};
use domain::scams::{HandingWay, Loss, ScamAct, ScamChannel, ScamResult, ScamStage};
use domain::subjects::SubjectKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// A parameter of a statement, or a value as its database gives it back: SQLite keeps
/// days, instants and truths as whole numbers and ids as bytes.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Absent.
    Null,
    /// Yes or no.
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An id.
    Uuid(Uuid),
    /// A moment, kept to the millisecond.
    Instant(OffsetDateTime),
    /// A civil day.
    Day(Date),
}

/// Milliseconds since 1970.
pub fn unix_ms(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1000 + i64::from(at.millisecond())
}

/// The other way round.
pub fn from_unix_ms(ms: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()
}

macro_rules! into_value {
    ($($from:ty => |$it:ident| $value:expr;)*) => {$(
        impl<'a> From<$from> for Value<'a> {
            fn from($it: $from) -> Self { $value }
        }
    )*};
}

into_value! {
    i64 => |n| Self::Int(n);
    i32 => |n| Self::Int(n.into());
    u32 => |n| Self::Int(n.into());
    bool => |b| Self::Bool(b);
    &'a str => |text| Self::Text(text);
    &'a String => |text| Self::Text(text);
    &'a PlaceId => |id| Self::Text(id.as_str());
    &'a SubjectKey => |key| Self::Bytes(&key.0);
    &'a [u8] => |bytes| Self::Bytes(bytes);
    Uuid => |id| Self::Uuid(id);
    FactId => |id| Self::Uuid(id.0);
    MemberId => |id| Self::Uuid(id.0);
    TeamId => |id| Self::Uuid(id.0);
    DeviceId => |id| Self::Uuid(id.0);
    CampaignId => |id| Self::Uuid(id.0);
    IndicatorId => |id| Self::Uuid(id.0);
    PointId => |id| Self::Uuid(id.0);
    ActivityId => |id| Self::Uuid(id.0);
    ShiftId => |id| Self::Uuid(id.0);
    RequestId => |id| Self::Uuid(id.0);
    TaskId => |id| Self::Uuid(id.0);
    DirectiveId => |id| Self::Uuid(id.0);
    ScamReportId => |id| Self::Uuid(id.0);
    TicketId => |id| Self::Uuid(id.0);
    DeskDeviceId => |id| Self::Uuid(id.0);
    MeasureId => |id| Self::Int(id.0);
    OffsetDateTime => |at| Self::Instant(at);
    Date => |day| Self::Day(day);
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Parameters, each turned into a [`Value`].
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::platform::db::Value::from($value)),*][..] };
}

/// JSON for a column.
///
/// # Panics
/// Never in practice: what is kept is plain data.
pub fn json(of: &impl Serialize) -> String {
    serde_json::to_string(of).expect("plain data can be said in JSON")
}

/// One row of an answer.
#[derive(Debug)]
pub enum Row<'r, 's> {
    /// From SQLite.
    Sqlite(&'r rusqlite::Row<'s>),
    /// From PostgreSQL.
    Postgres(&'r ::postgres::Row),
}

impl Row<'_, '_> {
    /// The value at `column`.
    ///
    /// # Errors
    /// [`DbError::BadData`] when it is not a `T`.
    pub fn get<T: Column>(&self, column: usize) -> Result<T, DbError> {
        T::read(&self.raw(column)?).ok_or_else(|| DbError::BadData {
            column,
            why: format!("not a {}", std::any::type_name::<T>()),
        })
    }

    /// What the JSON at `column` says.
    ///
    /// # Errors
    /// [`DbError::BadData`] when it does not say a `T`.
    pub fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, DbError> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|fault| DbError::BadData {
            column,
            why: fault.to_string(),
        })
    }

    /// The value at `column` as the database keeps it.
    ///
    /// # Errors
    /// [`DbError::BadData`] when it is of no type that we use.
    pub fn raw(&self, column: usize) -> Result<Value<'_>, DbError> {
        match self {
            Self::Sqlite(row) => sqlite::raw(row, column),
            Self::Postgres(row) => postgres::raw(row, column),
        }
    }
}

/// What can be read out of a column.
pub trait Column: Sized {
    /// `None` when the value is not of this type.
    fn read(raw: &Value<'_>) -> Option<Self>;
}

macro_rules! columns {
    ($($to:ty { $($pattern:pat => $value:expr,)* })*) => {$(
        impl Column for $to {
            fn read(raw: &Value<'_>) -> Option<Self> {
                match raw {
                    $($pattern => $value,)*
                    _ => None,
                }
            }
        }
    )*};
}

columns! {
    i64 { Value::Int(n) => Some(*n), }
    u32 { Value::Int(n) => u32::try_from(*n).ok(), }
    bool { Value::Bool(b) => Some(*b), Value::Int(n) => Some(*n != 0), }
    String { Value::Text(text) => Some((*text).to_owned()), }
    Vec<u8> { Value::Bytes(bytes) => Some(bytes.to_vec()), }
    Uuid { Value::Uuid(id) => Some(*id), Value::Bytes(bytes) => Uuid::from_slice(bytes).ok(), }
    PlaceId { Value::Text(text) => PlaceId::parse(text).ok(), }
    SubjectKey { Value::Bytes(bytes) => (*bytes).try_into().ok().map(SubjectKey), }
    MeasureId { Value::Int(n) => Some(Self(*n)), }
    OffsetDateTime { Value::Instant(at) => Some(*at), Value::Int(n) => from_unix_ms(*n), }
    Date {
        Value::Day(day) => Some(*day),
        Value::Int(n) => i32::try_from(*n).ok().and_then(|n| Date::from_julian_day(n).ok()),
    }
}

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl Column for $id {
            fn read(raw: &Value<'_>) -> Option<Self> {
                Uuid::read(raw).map(Self)
            }
        }
    )*};
}
ids! { FactId MemberId TeamId DeviceId CampaignId IndicatorId PointId ActivityId ShiftId RequestId TaskId DirectiveId ScamReportId TicketId DeskDeviceId }

/// Words of a vocabulary, kept as they are sent.
macro_rules! words {
    ($($word:ident)*) => {$(
        impl Column for $word {
            fn read(raw: &Value<'_>) -> Option<Self> {
                match raw {
                    Value::Text(text) => Self::parse(text),
                    _ => None,
                }
            }
        }

        impl From<$word> for Value<'_> {
            fn from(word: $word) -> Self {
                Self::Text(word.as_str())
            }
        }
    )*};
}
words! { ActivityKind Change CommuneWord DeskDeviceKind Direction HandingWay Language Loss NoticeChannel NoticeKind Office Origin PointKind Position PriorityClass ProcedureGroup RequestAct RequestStage RevisionKind ScamAct ScamChannel ScamResult ScamStage Source Standing TaskState TeamKind TicketAct TicketSource TicketStage Urgency }

impl<T: Column> Column for Option<T> {
    fn read(raw: &Value<'_>) -> Option<Self> {
        match raw {
            Value::Null => Some(None),
            raw => T::read(raw).map(Some),
        }
    }
}
