//! Connections lent out one at a time.

use super::{Access, Address, Conn};
use crate::platform::metrics::Connections;
use crate::platform::problem::{AppError, AppResult};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long anyone waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug)]
pub struct Pool {
    address: Address,
    access: Access,
    /// Run on every new connection.
    setup: &'static str,
    idle: Mutex<Vec<Conn>>,
    slots: Semaphore,
    used: Connections,
}

impl Pool {
    /// Of at most so many connections, none of them open yet; `setup` is run on each.
    pub fn new(
        address: Address,
        access: Access,
        setup: &'static str,
        connections_max: usize,
        used: Connections,
    ) -> Self {
        Self {
            address,
            access,
            setup,
            idle: Mutex::default(),
            slots: Semaphore::new(connections_max),
            used,
        }
    }

    /// Waits for one's turn.
    ///
    /// # Errors
    /// `storage.busy` when it does not come.
    pub async fn turn(&self) -> AppResult<SemaphorePermit<'_>> {
        let _waiting = self.used.waiting();
        match tokio::time::timeout(PATIENCE, self.slots.acquire()).await {
            Ok(Ok(slot)) => Ok(slot),
            _ => Err(AppError::problem("storage.busy")),
        }
    }

    /// Lends out an idle connection, or a new one.
    ///
    /// # Errors
    /// The work's, or that of connecting.
    pub fn lend<T>(&self, work: impl FnOnce(&Conn) -> AppResult<T>) -> AppResult<T> {
        let _lent = self.used.lent();
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let found = idle().pop().filter(Conn::answers);
        let conn = match found {
            Some(conn) => conn,
            None => {
                let conn = Conn::open(&self.address, self.access)?;
                conn.script(self.setup)?;
                conn
            }
        };
        let outcome = work(&conn);
        if conn.is_open() {
            idle().push(conn);
        } else {
            // What cut this one has most likely cut them all.
            idle().clear();
        }
        outcome
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let idle = std::mem::take(self.idle.get_mut().unwrap_or_else(PoisonError::into_inner));
        // A connection says goodbye and waits, which no asynchronous thread may do.
        drop(std::thread::spawn(move || drop(idle)));
    }
}
