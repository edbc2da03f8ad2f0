//! What every room works with: errors, settings, secrets, the port to the payment provider,
//! photographs, the mail server, the runner of jobs. It knows no room.

pub mod error;
pub mod jobs;
pub mod last_use;
pub mod mailer;
pub mod media;
pub mod payments;
pub mod secret;
pub mod settings;
