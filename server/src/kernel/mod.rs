//! What every module of the server works with: errors, settings, secrets, the port to the payment
//! provider, photographs, the mail server, the runner of jobs. The kernel uses no other module.

pub mod error;
pub mod jobs;
pub mod last_use;
pub mod mailer;
pub mod media;
pub mod payments;
pub mod secret;
pub mod settings;
