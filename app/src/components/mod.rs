//! Markup shared by pages.

pub mod card;
pub mod claim;
pub mod clock;
pub mod delivery;
pub mod field;
pub mod format;
pub mod makers;
pub mod mark;
pub mod money_bar;
pub mod pattern;
pub mod photo;
pub mod returns;
pub mod scale;
pub mod summary;
pub mod timeline;
