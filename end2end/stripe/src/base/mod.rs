//! What every other folder uses: errors, form parameters, money, ids, time.

pub(crate) mod api_version;
pub(crate) mod clock;
pub(crate) mod email;
pub(crate) mod errors;
pub(crate) mod form;
pub(crate) mod ids;
pub(crate) mod lock;
pub(crate) mod money;
