//! A body that a blocking thread writes, at the pace of whoever reads it.
//!
//! A reader who goes away stops the writing, one who takes nothing for a while too.
//! Only a body that was written to its end also ends cleanly: whatever else happens
//! breaks the connection, so that a file cut short is never taken for a whole one.

use super::problem::{AppError, AppResult};
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// Bytes handed over at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that lie ready for the reader.
const CHUNKS_AHEAD: usize = 4;
/// How long a reader may take nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A chunk, or the word that there are no more.
type Piece = Option<Bytes>;

/// Where the thread writes.
#[derive(Debug)]
pub struct Outlet {
    pieces: mpsc::Sender<Piece>,
    /// Told the size, if it is known, when the body begins, or why it does not.
    begins: Option<oneshot::Sender<AppResult<Option<u64>>>>,
    held: Vec<u8>,
    runtime: Handle,
    patience: Duration,
}

/// Runs `work` on a thread of its own; what it writes is the body, whose size comes
/// with it when it is known. A failure before the first chunk is full is an answer
/// like any other.
///
/// # Errors
/// The work's own.
pub async fn pour(
    work: impl FnOnce(&mut Outlet) -> AppResult<()> + Send + 'static,
) -> AppResult<(Option<u64>, Body)> {
    let (mut outlet, begun, pieces) = Outlet::new(PATIENCE);
    tokio::task::spawn_blocking(move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut outlet)));
        outlet.end(done.unwrap_or_else(|_| Err(AppError::panicked())));
    });
    let size = begun.await.map_err(|_| AppError::panicked())??;
    Ok((size, body(pieces)))
}

fn body(pieces: mpsc::Receiver<Piece>) -> Body {
    let chunks = stream::unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Some(chunk)) => Some((Ok(chunk), Some(pieces))),
            Some(None) => None,
            None => Some((Err(io::Error::other("cut short")), None)),
        }
    });
    // A layer that packs asks once more after the end.
    Body::from_stream(chunks.fuse())
}

type Ends = (
    Outlet,
    oneshot::Receiver<AppResult<Option<u64>>>,
    mpsc::Receiver<Piece>,
);

impl Outlet {
    fn new(patience: Duration) -> Ends {
        let (begins, begun) = oneshot::channel();
        let (sender, pieces) = mpsc::channel(CHUNKS_AHEAD);
        let outlet = Self {
            pieces: sender,
            begins: Some(begins),
            held: Vec::with_capacity(CHUNK_BYTES),
            runtime: Handle::current(),
            patience,
        };
        (outlet, begun, pieces)
    }

    fn send(&mut self, piece: Piece) -> io::Result<()> {
        if let Some(begins) = self.begins.take() {
            // A reader who left meanwhile shows with the chunk.
            let _ = begins.send(Ok(None));
        }
        let sent = tokio::time::timeout(self.patience, self.pieces.send(piece));
        match self.runtime.block_on(sent) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn send_held(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.held, Vec::with_capacity(CHUNK_BYTES));
        self.send(Some(chunk.into()))
    }

    fn end(mut self, done: AppResult<()>) {
        match (done, self.begins.take()) {
            (Ok(()), begins) => {
                if let Some(begins) = begins {
                    // All of it is still here.
                    let _ = begins.send(Ok(u64::try_from(self.held.len()).ok()));
                }
                if !self.held.is_empty()
                    && let Err(fault) = self.send_held()
                {
                    tracing::info!(%fault, "a body was not read to its end");
                    return;
                }
                // Who knew the size may be content already.
                let _ = self.send(None);
            }
            (Err(fault), Some(begins)) => {
                // Nobody to tell when the reader is gone.
                let _ = begins.send(Err(fault));
            }
            (Err(fault), None) if self.pieces.is_closed() => {
                tracing::info!(%fault, "a body was not read to its end");
            }
            (Err(fault), None) => tracing::error!(%fault, cause = ?fault, "a body was cut short"),
        }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= CHUNK_BYTES {
            self.send_held()?;
        }
        Ok(bytes.len())
    }

    /// Chunks leave when they are full, and at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    fn flood(outlet: &mut Outlet) -> AppResult<()> {
        loop {
            outlet
                .write_all(&[b'x'; 1000])
                .map_err(|fault| AppError::Internal(fault.to_string()))?;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_short_body_comes_whole_and_says_how_long_it_is() {
        let (size, body) = pour(|outlet| {
            outlet.write_all("đủ".as_bytes()).unwrap();
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(size, Some(5));
        assert_eq!(to_bytes(body, 100).await.unwrap(), "đủ");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_failure_before_the_first_chunk_is_an_answer_and_after_it_breaks_the_body() {
        let early = pour(|outlet| {
            outlet.write_all(b"a little").unwrap();
            Err(AppError::not_found())
        });
        assert_eq!(early.await.unwrap_err().code(), "not_found");
        for panics in [false, true] {
            let late = pour(move |outlet| {
                outlet.write_all(&[b'x'; CHUNK_BYTES]).unwrap();
                assert!(!panics, "on purpose");
                Err(AppError::not_found())
            });
            let (size, body) = late.await.unwrap();
            assert_eq!(size, None);
            to_bytes(body, usize::MAX).await.unwrap_err();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_who_leaves_or_sleeps_stops_the_writing() {
        let (ended, mut ends) = mpsc::unbounded_channel();
        let (_, body) = pour(move |outlet| {
            let done = flood(outlet);
            let _ = ended.send(());
            done
        })
        .await
        .unwrap();
        drop(body);
        ends.recv().await.unwrap();

        let (mut outlet, begun, pieces) = Outlet::new(Duration::from_millis(1));
        let thread = tokio::task::spawn_blocking(move || {
            let done = flood(&mut outlet);
            outlet.end(done);
        });
        thread.await.unwrap();
        begun.await.unwrap().unwrap();
        to_bytes(super::body(pieces), usize::MAX).await.unwrap_err();
    }
}
