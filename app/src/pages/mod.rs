//! One file per page, by audience. A page is a function from a backend and a
//! [`Visit`](crate::backend::shop::Visit) to a [`Page`](crate::Page).

pub mod shop;
