//! A statement kept at hand while a transaction runs it again and again: it is looked
//! up, and the order of its parameters worked out, once.

use super::{DbError, Row, Tx, Value, order};
use rusqlite::{CachedStatement, Connection};

/// See the module.
pub struct Prepared<'c> {
    conn: &'c Connection,
    statement: CachedStatement<'c>,
    /// Which argument goes to each of SQLite's positions.
    order: Vec<usize>,
}

impl<'c> Tx<'c> {
    /// Prepares a statement for many runs.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn prepare(&self, sql: &str) -> Result<Prepared<'c>, DbError> {
        let statement = self.conn.prepare_cached(sql)?;
        let order = (1..=statement.parameter_count())
            .map(|index| order(&statement, index))
            .collect::<Result<_, _>>()?;
        Ok(Prepared {
            conn: self.conn,
            statement,
            order,
        })
    }
}

impl Prepared<'_> {
    fn bind(&mut self, args: &[Value<'_>]) -> Result<(), DbError> {
        for (index, argument) in (1..).zip(&self.order) {
            let value = args.get(*argument).ok_or_else(|| super::differ(index))?;
            self.statement.raw_bind_parameter(index, value)?;
        }
        Ok(())
    }

    /// Runs it; the number of rows it changed.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn execute(&mut self, args: &[Value<'_>]) -> Result<usize, DbError> {
        self.bind(args)?;
        Ok(self.statement.raw_execute()?)
    }

    /// Runs an `insert` of one row; the serial number it was given, or `None` when a
    /// conflict left it out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn insert(&mut self, args: &[Value<'_>]) -> Result<Option<i64>, DbError> {
        let added = self.execute(args)?;
        Ok((added == 1).then(|| self.conn.last_insert_rowid()))
    }

    /// All rows.
    ///
    /// # Errors
    /// Whatever the database or `read` says.
    pub fn all<T>(
        &mut self,
        args: &[Value<'_>],
        read: impl Fn(Row<'_, '_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        self.bind(args)?;
        let mut rows = self.statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(Row(row))?);
        }
        Ok(found)
    }
}
