//! What all objects have in common.

/// An object with an id and a time of creation.
pub(crate) trait Object {
    /// Its id.
    fn id(&self) -> &str;
    /// When it was created, Unix seconds.
    fn created(&self) -> i64;
}
