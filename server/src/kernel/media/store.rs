//! Where photos are kept: a folder, or a bucket that several nodes share.

use std::{path::Path, sync::Arc, time::Duration};

use object_store::{
    ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    prefix::PrefixStore,
};

use super::MediaError;

/// Opens the store a configuration names: the path of a folder (made if missing) or
/// `s3://bucket/optional/prefix`, whose credentials, region and endpoint come from the standard
/// `AWS_*` variables. An endpoint that begins with `http://` is used without encryption.
///
/// # Errors
/// [`MediaError::Location`] if the place cannot be used. A bucket is not contacted here: that is
/// what [`probe`](super::probe) does.
pub fn open_store(location: &str) -> Result<Arc<dyn ObjectStore>, MediaError> {
    match location.split_once("://") {
        None => open_folder(location),
        Some(("file", path)) => open_folder(path),
        Some(("s3", rest)) => open_bucket(location, rest),
        Some((scheme, _)) => {
            Err(unusable(location, format!("`{scheme}` is neither a folder nor s3")))
        }
    }
}

fn open_folder(folder: &str) -> Result<Arc<dyn ObjectStore>, MediaError> {
    if folder.is_empty() {
        return Err(unusable(folder, "the path is empty"));
    }
    std::fs::create_dir_all(Path::new(folder)).map_err(|error| unusable(folder, error))?;
    // Once an upload is confirmed, the member's phone may delete the photo, so it must have reached
    // the disk.
    let store = LocalFileSystem::new_with_prefix(folder)
        .map_err(|error| unusable(folder, error))?
        .with_fsync(true);
    Ok(Arc::new(store))
}

fn open_bucket(location: &str, rest: &str) -> Result<Arc<dyn ObjectStore>, MediaError> {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err(unusable(location, "the bucket has no name"));
    }
    // TLS to the bucket uses ring, as everywhere else. An error means that a provider is installed
    // already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retries());
    if let Some(endpoint) = open_endpoint(&builder) {
        if std::env::var("AWS_ALLOW_HTTP").is_ok_and(|said| !is_yes(&said)) {
            return Err(unusable(
                location,
                format!(
                    "the endpoint `{endpoint}` is not encrypted and AWS_ALLOW_HTTP forbids that: \
                     leave AWS_ALLOW_HTTP out or set it to true, or name an https:// endpoint"
                ),
            ));
        }
        builder = builder.with_allow_http(true);
    }
    let store = builder.build().map_err(|error| unusable(location, error))?;
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() {
        return Ok(Arc::new(store));
    }
    let prefix =
        object_store::path::Path::parse(prefix).map_err(|error| unusable(location, error))?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

/// A visitor waits for a photograph, so a store that does not answer soon counts as unavailable.
fn retries() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(10), ..RetryConfig::default() }
}

/// The endpoint, if it is one without encryption.
fn open_endpoint(builder: &AmazonS3Builder) -> Option<String> {
    [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
        .iter()
        .find_map(|key| builder.get_config_value(key))
        .filter(|endpoint| endpoint.trim().to_ascii_lowercase().starts_with("http://"))
}

/// Reads a switch as `object_store` does.
fn is_yes(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "1" | "true" | "on" | "yes" | "y" | "t")
}

fn unusable(location: &str, reason: impl ToString) -> MediaError {
    MediaError::Location { location: location.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_cannot_hold_photos_are_named() {
        for location in ["", "ftp://host/dir", "s3://", "s3:///prefix", "s3://bucket/a//b"] {
            let error = open_store(location).err().map(|error| error.to_string());
            assert!(error.is_some_and(|text| text.contains(location)), "{location}");
        }
    }

    #[test]
    fn a_bucket_needs_no_network_to_open() {
        assert!(open_store("s3://photos/shop").is_ok());
    }
}
