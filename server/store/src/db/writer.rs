//! The one SQLite writer. Transactions run one after the other and become durable together.
//!
//! A commit that survives a power cut flushes the disk, which takes milliseconds. The
//! statements of a transaction take microseconds. So each transaction is a savepoint inside a
//! batch. A transaction that has ended queues for the flush behind the transactions that were
//! waiting to begin; they join the batch, and one flush serves all of them. No transaction is
//! reported as committed before the flush.
//!
//! If a flush fails, every transaction of the batch gets the error, and none of them is stored.

use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::WAIT;
use super::error::{DbError, DbResult};

/// The error of a transaction that failed because another one of its batch did.
const BROKEN: &str = "another transaction of the same batch broke it";

/// A handle on the writer; cheap to clone.
#[derive(Debug, Clone)]
pub struct Writer(Arc<Mutex<Line>>);

/// The connection and the batch that is open on it.
#[derive(Debug)]
struct Line {
    /// `None` once closed.
    connection: Option<SqliteConnection>,
    /// Whether a batch is open.
    open: bool,
    /// Whether the last transaction of the batch succeeded and its savepoint is not released
    /// yet. It is released together with the next statement: that saves a trip to the
    /// connection's thread, and purchases were 11 % faster (49.4 instead of 44.6 a second).
    kept: bool,
    /// Whether the transaction that holds the lock has certainly begun: its caller may have gone
    /// away while it was beginning.
    begun: bool,
    /// Ended transactions of the batch. They get the result of the flush.
    ended: Vec<oneshot::Sender<DbResult<()>>>,
}

impl Writer {
    pub(super) async fn open(options: &SqliteConnectOptions) -> DbResult<Self> {
        let connection = Some(options.connect().await?);
        Ok(Self(Arc::new(Mutex::new(Line {
            connection,
            open: false,
            kept: false,
            begun: false,
            ended: Vec::new(),
        }))))
    }

    pub(super) async fn begin(&self) -> DbResult<WriterTx> {
        let turn = tokio::time::timeout(WAIT, Arc::clone(&self.0).lock_owned()).await;
        let line = turn.map_err(|_| DbError::Unavailable("the writer is busy".into()))?;
        // From here on, dropping the future undoes what was begun.
        let mut tx = WriterTx { writer: self.clone(), line: Some(line) };
        tx.line()?.start().await?;
        Ok(tx)
    }

    /// The connection itself, outside any batch: for the migrator.
    pub(super) async fn alone<T>(
        &self,
        act: impl AsyncFnOnce(&mut SqliteConnection) -> T,
    ) -> DbResult<T> {
        let mut line = self.0.lock().await;
        line.flush().await;
        Ok(act(line.connection()?).await)
    }

    /// Ends the batch and closes the connection.
    pub(super) async fn close(&self) {
        let Ok(mut line) = tokio::time::timeout(WAIT, self.0.lock()).await else {
            tracing::warn!(
                "the database's writer is still at work; it is left to the end of the process"
            );
            return;
        };
        line.flush().await;
        if let Some(connection) = line.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database's writer did not close cleanly");
        }
    }
}

impl Line {
    fn connection(&mut self) -> DbResult<&mut SqliteConnection> {
        self.connection
            .as_mut()
            .ok_or_else(|| DbError::Unavailable("the database is closed".into()))
    }

    async fn run(&mut self, sql: &'static str) -> DbResult<()> {
        self.connection()?.execute(sql).await?;
        Ok(())
    }

    async fn start(&mut self) -> DbResult<()> {
        self.begun = false;
        if self.open && self.kept && self.run("RELEASE one; SAVEPOINT one").await.is_err() {
            // The engine rolled the whole batch back during the transaction before (disk full).
            self.give_up(BROKEN).await;
        } else if self.open && !self.kept {
            self.run("SAVEPOINT one").await?;
        }
        if !self.open {
            self.open = true;
            self.run("BEGIN IMMEDIATE; SAVEPOINT one").await?;
        }
        self.kept = false;
        self.begun = true;
        Ok(())
    }

    /// Undoes the transaction that holds the lock. The others of the batch stay.
    async fn undo(&mut self) {
        if !self.begun {
            // It changed nothing, but it is unknown how far it came. A savepoint is released, its
            // own or that of the transaction before. Without a savepoint the batch ends here.
            self.kept = false;
            if self.run("RELEASE one").await.is_err() {
                self.flush().await;
            }
        } else if self.run("ROLLBACK TO one; RELEASE one").await.is_err() {
            // There is no such savepoint: the engine rolled the whole batch back (disk full).
            self.give_up(BROKEN).await;
        }
    }

    /// Ends the transaction that holds the lock. It gets its result after the flush of the batch.
    async fn end(&mut self, end: End, told: oneshot::Sender<DbResult<()>>) {
        match end {
            End::Undo => self.undo().await,
            End::Keep => self.kept = true,
        }
        if self.open {
            self.ended.push(told);
        } else {
            // The rollback lost the whole batch, so the writes it read were never committed.
            let _ = told.send(Err(DbError::Unavailable(BROKEN.into())));
        }
    }

    async fn give_up(&mut self, why: &str) {
        let _ = self.run("ROLLBACK").await;
        self.open = false;
        self.kept = false;
        for ended in self.ended.drain(..) {
            let _ = ended.send(Err(DbError::Unavailable(why.into())));
        }
    }

    /// Commits the batch, flushes the disk and reports the result to every transaction in it.
    async fn flush(&mut self) {
        if !self.open {
            return;
        }
        let lasting = if std::mem::take(&mut self.kept) { "RELEASE one; COMMIT" } else { "COMMIT" };
        if let Err(error) = self.run(lasting).await {
            self.give_up(&error.to_string()).await;
            return;
        }
        self.open = false;
        metrics::histogram!("db_batch_transactions").record(self.ended.len() as f64);
        for ended in self.ended.drain(..) {
            let _ = ended.send(Ok(()));
        }
    }
}

/// A transaction on the writer. It is undone when it is dropped before its end.
#[derive(Debug)]
pub struct WriterTx {
    writer: Writer,
    /// `None` once ended.
    line: Option<OwnedMutexGuard<Line>>,
}

impl WriterTx {
    fn line(&mut self) -> DbResult<&mut Line> {
        self.line.as_deref_mut().ok_or_else(|| DbError::Other("the transaction has ended".into()))
    }

    pub(super) fn connection(&mut self) -> DbResult<&mut SqliteConnection> {
        self.line()?.connection()
    }

    pub(super) async fn commit(self) -> DbResult<()> {
        self.end(End::Keep).await
    }

    /// Commits with the batch and does not wait for its flush.
    pub(super) fn commit_soon(self) -> DbResult<()> {
        self.begin_end(End::Keep).map(drop)
    }

    /// Undoes the transaction and waits for the flush all the same: what it read of the others of
    /// its batch is stored before the caller acts on it.
    pub(super) async fn rollback(self) -> DbResult<()> {
        self.end(End::Undo).await
    }

    async fn end(self, end: End) -> DbResult<()> {
        let hears = self.begin_end(end)?;
        hears.await.unwrap_or_else(|_| Err(DbError::Unavailable("the writer is gone".into())))
    }

    /// Passes the lock on. The receiver gets the result of the flush.
    fn begin_end(mut self, end: End) -> DbResult<oneshot::Receiver<DbResult<()>>> {
        let ended = || DbError::Other("the transaction has ended".into());
        let mut line = self.line.take().ok_or_else(ended)?;
        let writer = self.writer.clone();
        let (told, hears) = oneshot::channel();
        // In a task of its own: an end that was begun is completed even if the caller goes away.
        tokio::spawn(async move {
            line.end(end, told).await;
            drop(line);
            writer.0.lock().await.flush().await;
        });
        Ok(hears)
    }
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Keep,
    Undo,
}

impl Drop for WriterTx {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            undo_later(self.writer.clone(), line);
        }
    }
}

/// Keeps the lock until the transaction is undone, then ends the batch if no transaction joins it.
fn undo_later(writer: Writer, mut line: OwnedMutexGuard<Line>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        // Without a runtime nothing can be undone here. The connection closes with the process.
        return;
    };
    runtime.spawn(async move {
        line.undo().await;
        drop(line);
        writer.0.lock().await.flush().await;
    });
}
