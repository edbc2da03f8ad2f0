//! Money goes back: the intent first, the provider next, the books when it is done.
//!
//! [`ask`] stores what is to be given back and enqueues the job; [`carry_out`] asks the provider,
//! again and again under the same key, until it is done or refused for good; [`follow`] and
//! [`note_by_number`] book what somebody gave back at the provider. All end in `books`.
//! [`note_return`] says that a piece is with us again, which is another matter than its money.

mod already_done;
mod books;
mod carry_out;
mod outside;
mod request;
mod returned;
mod source;

pub use already_done::{Noted, note_by_number};
pub use carry_out::{Carried, carry_out};
pub(super) use outside::look_again;
pub use outside::{Followed, follow};
pub use request::{Asked, RefundRequest, ask, ask_by_number};
pub(super) use request::{Intent, intend};
pub use returned::{Returned, note_return};
pub(crate) use source::amount_of;
