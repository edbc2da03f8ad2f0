//! The women of the association, as far as each consents to be shown.

pub mod portrait;
