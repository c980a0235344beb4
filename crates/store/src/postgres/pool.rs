//! Connections that are lent and given back.

use super::session::{Connector, For, Session};
use crate::Fault;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// As many connections as may be used at the same time, made when they are first needed.
pub(super) struct Pool {
    connector: Connector,
    what_for: For,
    idle: Mutex<Vec<Session>>,
    permits: Semaphore,
    /// How long is waited for one that is free.
    wait: Duration,
}

/// A connection that goes back to the others, unless its work broke off: then it is closed.
pub(super) struct Lent<'p> {
    session: Session,
    pool: &'p Pool,
    _permit: SemaphorePermit<'p>,
}

impl Pool {
    pub(super) fn new(connector: Connector, what_for: For, most: usize, wait: Duration) -> Pool {
        let permits = Semaphore::new(most.max(1));
        Pool { connector, what_for, idle: Mutex::default(), permits, wait }
    }

    /// A connection that is free, or a new one. Where the server hangs, who waits is not made to hang with it.
    pub(super) async fn lend(&self) -> Result<Lent<'_>, Fault> {
        let Ok(permit) = tokio::time::timeout(self.wait, self.permits.acquire()).await else {
            return Err(Fault::Unavailable(
                "all connections are in use, and none came free in time".to_owned(),
            ));
        };
        let permit = permit.map_err(|it| Fault::Unavailable(it.to_string()))?;
        let idle = loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            if idle.as_ref().is_none_or(|it| !it.is_closed()) {
                break idle;
            }
        };
        let session = match idle {
            Some(session) => session,
            None => self.connector.connect(self.what_for).await?,
        };
        Ok(Lent { session, pool: self, _permit: permit })
    }
}

impl Lent<'_> {
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// The work is done, the connection is as it was.
    pub(super) fn give_back(self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(self.session);
    }
}
