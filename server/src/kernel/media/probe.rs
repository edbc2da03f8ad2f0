//! Checks that a store keeps what it is given, before the first visitor comes.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use object_store::client::{HttpError, HttpErrorKind};
use object_store::{Error, ObjectStore, ObjectStoreExt as _, path::Path};
use tokio::time::{Instant, sleep, timeout};

use super::MediaError;

/// An object in every store that was tried. If it is gone, the photographs are gone too.
pub const MARKER: &str = "divinas.txt";
const MARKER_TEXT: &[u8] = b"The shop keeps photographs here. It looks for this file.\n";

/// How long one step may take, and for how long a store that does not answer is tried again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For one step.
    pub step: Duration,
    /// The longest pause between two tries. The first pause is a tenth of it.
    pub pause: Duration,
    /// For all tries.
    pub all: Duration,
}

impl Patience {
    /// For the start of the shop: the store may come up a little later.
    pub const OF_A_START: Self = Self {
        step: Duration::from_secs(10),
        pause: Duration::from_secs(15),
        all: Duration::from_secs(300),
    };
}

/// Why a try failed.
enum Failed {
    /// No answer, or an answer that the store is unavailable now.
    Away(String),
    /// An answer that waiting will not change.
    Wrong(String),
}

/// Writes, reads and deletes an object. An interrupted try may leave its object behind. A store
/// that does not answer is tried again; one that answers wrongly is not.
///
/// # Errors
/// [`MediaError::Location`] with the step that failed and the probable cause.
pub async fn probe(
    store: &dyn ObjectStore,
    location: &str,
    patience: Patience,
) -> Result<(), MediaError> {
    let unusable = |reason: String| MediaError::Location { location: location.to_owned(), reason };
    let (begun, mut pause) = (Instant::now(), patience.pause / 10);
    loop {
        match try_once(store, patience.step).await {
            Ok(()) => return Ok(()),
            Err(Failed::Wrong(why)) => return Err(unusable(why)),
            Err(Failed::Away(why)) if begun.elapsed() >= patience.all => {
                return Err(unusable(format!("it did not answer in time: {why}")));
            }
            Err(Failed::Away(why)) => {
                tracing::warn!(store = %location, %why, "PHOTO_STORE does not answer and is tried again");
                sleep(pause).await;
                pause = (pause * 2).min(patience.pause);
            }
        }
    }
}

async fn try_once(store: &dyn ObjectStore, step: Duration) -> Result<(), Failed> {
    let key = Path::from(format!("probe-{}", store::ids::new_id()));
    let content = Bytes::from(store::ids::new_id());
    within(step, "writing", store.put(&key, content.clone().into())).await?;
    let read = within(step, "reading", async { store.get(&key).await?.bytes().await }).await?;
    if read != content {
        return Err(Failed::Wrong("reading a probe gave something else than was written".into()));
    }
    within(step, "deleting", store.delete(&key)).await?;
    let marker = Path::from(MARKER);
    within(step, "writing", store.put(&marker, Bytes::from_static(MARKER_TEXT).into())).await?;
    Ok(())
}

async fn within<T>(
    step: Duration,
    what: &str,
    act: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failed> {
    match timeout(step, act).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if is_away(&error) => Err(Failed::Away(format!("{what} a probe: {error}"))),
        Ok(Err(error)) => Err(Failed::Wrong(format!("{what} a probe: {error}{}", hint(&error)))),
        Err(_) => Err(Failed::Away(format!("{what} a probe: nothing within {step:?}"))),
    }
}

/// Whether waiting may help: no connection, no answer, or one that says so (5xx, 429).
pub(super) fn is_away(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<HttpError>() {
            return matches!(
                error.kind(),
                HttpErrorKind::Connect
                    | HttpErrorKind::Request
                    | HttpErrorKind::Timeout
                    | HttpErrorKind::Interrupted
            );
        }
        cause = error.source();
    }
    // The type that holds the status is not public, so the status is read from the message.
    let said = error.to_string();
    said.contains("status code: 5") || said.contains("status code: 429")
}

fn hint(error: &Error) -> &'static str {
    match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            " (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be allowed to write, read, list and \
             delete there; AWS_REGION must be the bucket's)"
        }
        Error::NotFound { .. } => " (is there such a bucket at AWS_ENDPOINT?)",
        _ => " (is AWS_ENDPOINT a store that speaks S3?)",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::TryStreamExt as _;
    use object_store::memory::InMemory;
    use object_store::throttle::{ThrottleConfig, ThrottledStore};

    use super::*;

    const PATIENCE: Patience = Patience {
        step: Duration::from_millis(100),
        pause: Duration::from_millis(50),
        all: Duration::from_secs(5),
    };

    fn slow() -> ThrottledStore<InMemory> {
        let config = ThrottleConfig {
            wait_get_per_call: Duration::from_secs(60),
            ..ThrottleConfig::default()
        };
        ThrottledStore::new(InMemory::new(), config)
    }

    #[tokio::test]
    async fn a_store_that_does_not_answer_yet_is_tried_until_it_does() {
        let store = Arc::new(slow());
        let late = Arc::clone(&store);
        tokio::spawn(async move {
            sleep(Duration::from_millis(400)).await;
            late.config_mut(|config| config.wait_get_per_call = Duration::ZERO);
        });
        probe(&*store, "here", PATIENCE).await.expect("it answered in the end");
        let left: Vec<_> = store.list(None).try_collect().await.expect("a list");
        assert!(left.iter().any(|object| object.location.as_ref() == MARKER));
    }

    #[tokio::test]
    async fn patience_ends() {
        let patience = Patience { all: Duration::from_millis(300), ..PATIENCE };
        let said = probe(&slow(), "here", patience).await.expect_err("in vain").to_string();
        assert!(said.starts_with("`here` cannot hold photos: it did not answer in time"), "{said}");
    }
}
