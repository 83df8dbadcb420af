//! PostgreSQL: many writers, on a server.

use super::{Column, DbError, Insert, Row, Source, Value, unix_ms};
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::config::{Config, TargetSessionAttrs};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type};
use postgres::{Client, NoTls, Statement};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

impl From<postgres::Error> for DbError {
    fn from(fault: postgres::Error) -> Self {
        let code = fault.code().cloned();
        // Its detail would quote the row: names and pseudonyms, which no log may have.
        let fault: Source = match fault.as_db_error() {
            Some(said) => format!("{} {}", said.code().code(), said.message()).into(),
            None => Box::new(fault),
        };
        match code {
            // Without a code it never came back from the server.
            None => Self::Busy(fault),
            Some(SqlState::DISK_FULL) => Self::Full(fault),
            Some(SqlState::IO_ERROR | SqlState::SYSTEM_ERROR) => Self::Failed(fault),
            Some(
                SqlState::T_R_SERIALIZATION_FAILURE
                | SqlState::T_R_DEADLOCK_DETECTED
                | SqlState::LOCK_NOT_AVAILABLE
                | SqlState::QUERY_CANCELED
                | SqlState::ADMIN_SHUTDOWN
                | SqlState::CRASH_SHUTDOWN
                | SqlState::CANNOT_CONNECT_NOW
                | SqlState::TOO_MANY_CONNECTIONS
                | SqlState::OUT_OF_MEMORY
                | SqlState::READ_ONLY_SQL_TRANSACTION,
            ) => Self::Busy(fault),
            Some(SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED) => Self::Corrupt(fault),
            Some(_) => Self::Other(fault),
        }
    }
}

/// A connection with the statements it has seen before.
pub struct Session {
    client: RefCell<Client>,
    statements: RefCell<HashMap<String, Statement>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// When the server cannot be reached or does not let us in.
    pub fn connect(url: &str) -> Result<Self, DbError> {
        let mut config: Config = url.parse()?;
        config
            .application_name("causo")
            .connect_timeout(Duration::from_secs(3))
            .keepalives_idle(Duration::from_secs(15))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(2)
            // A machine that is gone says nothing: whoever waits for it is told soon.
            .tcp_user_timeout(Duration::from_secs(10));
        let unsaid = config.get_target_session_attrs() == TargetSessionAttrs::Any;
        if config.get_hosts().len() > 1 && unsaid {
            // Of several servers the one that takes writes, whichever that is by now.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        // Whatever it says, nothing can be stored for now.
        let mut client = config
            .connect(NoTls)
            .map_err(|fault| DbError::Busy(Box::new(fault)))?;
        client.batch_execute(
            "set timezone = 'UTC'; set jit = off; set synchronous_commit = on; set lock_timeout = '10s'; set plan_cache_mode = force_generic_plan",
        )?;
        // The other way round: what a node that is gone or hangs was holding is let go. An
        // export may stand still for the minute that its reader is given, so not sooner.
        client.batch_execute(
            "set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_user_timeout = '90s'; set idle_in_transaction_session_timeout = '15min'",
        )?;
        Ok(Self {
            client: RefCell::new(client),
            statements: RefCell::default(),
        })
    }

    /// Whether the server still answers on it: a trip there and back.
    pub fn answers(&self) -> bool {
        self.client.borrow_mut().check_connection().is_ok()
    }

    /// Whether it has not been seen to be cut.
    pub fn is_open(&self) -> bool {
        !self.client.borrow().is_closed()
    }

    fn statement(&self, sql: &str) -> Result<Statement, DbError> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.borrow_mut().prepare(sql)?;
        self.statements
            .borrow_mut()
            .insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// See [`super::Tx::script`].
    pub fn script(&self, sql: &str) -> Result<(), DbError> {
        Ok(self.client.borrow_mut().batch_execute(sql)?)
    }

    /// See [`super::Tx::execute`].
    pub fn execute(&self, sql: &str, args: &[Value<'_>]) -> Result<usize, DbError> {
        let statement = self.statement(sql)?;
        let changed = self
            .client
            .borrow_mut()
            .execute(&statement, &borrowed(args))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// See [`super::Tx::each`]. Rows come as they are wanted, so `each` may not ask
    /// the database anything itself.
    pub fn each<E: From<DbError>>(
        &self,
        sql: &str,
        args: &[Value<'_>],
        each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.stream(sql, &borrowed(args), each)
    }

    /// See [`super::Tx::each_of`].
    pub fn each_of<E: From<DbError>>(
        &self,
        sql: &str,
        keys: &[Value<'_>],
        each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let kind = match keys.first() {
            Some(Value::Uuid(_)) => "uuid",
            Some(Value::Bytes(_)) => "bytea",
            Some(Value::Int(_)) => "bigint",
            _ => "text",
        };
        let listed = format!("unnest($1::{kind}[]) as k(key)");
        self.stream(&sql.replace("{keys}", &listed), &[&keys], each)
    }

    fn stream<E: From<DbError>>(
        &self,
        sql: &str,
        args: &[&(dyn ToSql + Sync)],
        mut each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let statement = self.statement(sql)?;
        let mut client = self.client.borrow_mut();
        let mut rows = client
            .query_raw(&statement, args.iter().copied())
            .map_err(DbError::from)?;
        while let Some(row) = rows.next().map_err(DbError::from)? {
            each(Row::Postgres(&row))?;
        }
        Ok(())
    }

    /// See [`super::Tx::one`].
    pub fn one<T>(
        &self,
        sql: &str,
        args: &[Value<'_>],
        read: impl FnOnce(Row<'_, '_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        let statement = self.statement(sql)?;
        let rows = self
            .client
            .borrow_mut()
            .query(&statement, &borrowed(args))?;
        rows.first().map(|row| read(Row::Postgres(row))).transpose()
    }

    /// See [`super::Tx::insert_new`].
    pub fn insert_new(
        &self,
        insert: &Insert,
        rows: &[Vec<Value<'_>>],
    ) -> Result<Vec<Uuid>, DbError> {
        let key = insert.columns.first().map_or("", |(name, _)| name);
        let mut new = Vec::new();
        self.insert_returning(insert, rows, &format!("returning {key}"), |row| {
            new.push(row.get(0)?);
            Ok(())
        })?;
        Ok(new)
    }

    /// See [`super::Tx::insert`].
    pub fn insert(&self, insert: &Insert, rows: &[Vec<Value<'_>>]) -> Result<(), DbError> {
        self.insert_returning(insert, rows, "", |_| Ok(()))
    }

    fn insert_returning(
        &self,
        insert: &Insert,
        rows: &[Vec<Value<'_>>],
        returning: &str,
        each: impl FnMut(Row<'_, '_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let names: Vec<&str> = insert.columns.iter().map(|(name, _)| *name).collect();
        let arrays: Vec<String> = (1..)
            .zip(insert.columns)
            .map(|(at, (_, kind))| {
                format!("${at}::{}[]", crate::platform::migrate::type_name(kind))
            })
            .collect();
        let sql = format!(
            "insert into {} ({}) select * from unnest({}) {} {returning}",
            insert.into,
            names.join(", "),
            arrays.join(", "),
            insert.then
        );
        let columns: Vec<Vec<&Value<'_>>> = (0..names.len())
            .map(|column| rows.iter().filter_map(|row| row.get(column)).collect())
            .collect();
        let args: Vec<&(dyn ToSql + Sync)> = columns
            .iter()
            .map(|column| column as &(dyn ToSql + Sync))
            .collect();
        self.stream(&sql, &args, each)
    }

    /// See [`super::Tx::copy_in`].
    pub fn copy_in(
        &self,
        table: &str,
        columns: &str,
        fill: impl FnOnce(&mut Put<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let shape = self.statement(&format!("select {columns} from {table}"))?;
        let types: Vec<Type> = shape.columns().iter().map(|c| c.type_().clone()).collect();
        let mut client = self.client.borrow_mut();
        let sink = client.copy_in(&format!("copy {table} ({columns}) from stdin binary"))?;
        let mut writer = BinaryCopyInWriter::new(sink, &types);
        fill(&mut |row| {
            let mut values = Vec::with_capacity(types.len());
            for (column, ty) in types.iter().enumerate() {
                let value = row.raw(column)?;
                values.push(fitted(&value, ty).ok_or_else(|| DbError::BadData {
                    column,
                    why: format!("{table}: not a {ty}"),
                })?);
            }
            Ok(writer.write(&borrowed(&values))?)
        })?;
        writer.finish()?;
        Ok(())
    }

    /// See [`super::Tx::share`].
    pub fn share(&self, key: [u8; 16]) -> Result<(), DbError> {
        let statement = self.statement("select pg_advisory_xact_lock_shared($1)")?;
        let key = lock_number(&key);
        self.client.borrow_mut().query(&statement, &[&key])?;
        Ok(())
    }

    /// See [`super::Tx::hold`].
    pub fn hold(&self, keys: &[[u8; 16]]) -> Result<(), DbError> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut keys: Vec<i64> = keys.iter().map(lock_number).collect();
        // One order for everyone, so that no two wait for each other.
        keys.sort_unstable();
        keys.dedup();
        let statement =
            self.statement("select pg_advisory_xact_lock(key) from unnest($1::bigint[]) as key")?;
        self.client.borrow_mut().query(&statement, &[&keys])?;
        Ok(())
    }
}

/// Takes one row to be copied.
pub type Put<'a> = dyn FnMut(Row<'_, '_>) -> Result<(), DbError> + 'a;

/// What SQLite keeps, as a column of this type keeps it.
fn fitted<'v>(value: &Value<'v>, ty: &Type) -> Option<Value<'v>> {
    Some(match (value, ty) {
        (Value::Null, _) => Value::Null,
        (value, &Type::BOOL) => bool::read(value)?.into(),
        (value, &Type::UUID) => Uuid::read(value)?.into(),
        (value, &Type::TIMESTAMPTZ) => OffsetDateTime::read(value)?.into(),
        (value, &Type::DATE) => Date::read(value)?.into(),
        (Value::Int(_), &Type::INT4 | &Type::INT8)
        | (Value::Text(_), &Type::TEXT | &Type::JSONB)
        | (Value::Bytes(_), &Type::BYTEA) => value.clone(),
        _ => return None,
    })
}

/// The number PostgreSQL knows a key by. Two keys may share one: then they wait for
/// each other without need.
fn lock_number(key: &[u8; 16]) -> i64 {
    (u128::from_le_bytes(*key) >> 64) as i64
}

fn borrowed<'v>(args: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    args.iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(yes) => yes.to_sql(ty, out),
            Self::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Self::Int(n) => n.to_sql(ty, out),
            Self::Text(text) => {
                if *ty == Type::JSONB {
                    // The version of the binary form.
                    out.extend_from_slice(&[1]);
                }
                text.to_sql(ty, out)
            }
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
            Self::Uuid(id) => id.to_sql(ty, out),
            Self::Instant(at) => {
                // To the millisecond, as everywhere.
                let at = super::from_unix_ms(unix_ms(*at)).unwrap_or(*at);
                at.to_sql(ty, out)
            }
            Self::Day(day) => day.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// A cell of any type we use.
struct Cell<'a>(Value<'a>);

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Bytes(raw),
            Type::UUID => Value::Uuid(Uuid::from_sql(ty, raw)?),
            Type::TIMESTAMPTZ => Value::Instant(OffsetDateTime::from_sql(ty, raw)?),
            Type::DATE => Value::Day(Date::from_sql(ty, raw)?),
            Type::JSONB => Value::Text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?),
            Type::TEXT | Type::VARCHAR | Type::NAME => Value::Text(std::str::from_utf8(raw)?),
            _ => return Err(format!("a {ty}").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value at `column`.
pub fn raw<'r>(row: &'r postgres::Row, column: usize) -> Result<Value<'r>, DbError> {
    row.try_get::<_, Cell<'r>>(column)
        .map(|Cell(raw)| raw)
        .map_err(|fault| DbError::BadData {
            column,
            why: fault.to_string(),
        })
}
