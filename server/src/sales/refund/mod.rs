//! Refunds: the intent is stored first, then the provider is asked, and the refund is booked when
//! it is done.
//!
//! [`ask`] stores the intent and enqueues the job; [`carry_out`] asks the provider with the same
//! key until the refund is done or refused for good; [`follow`] and [`note_by_number`] book refunds
//! that somebody made at the provider. All of them end in `books`. [`note_return`] notes that a
//! sold piece came back, which is independent of its refund.

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
