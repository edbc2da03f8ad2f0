//! A future that is dropped before its end.

use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that is dropped after a number of polls, wherever it is then. As after SIGKILL, only
/// what the database and the provider have of the operation is left.
pub(crate) struct Mortal<F> {
    future: Pin<Box<F>>,
    polls_left: u32,
}

impl<F: Future> Mortal<F> {
    pub(crate) fn new(future: F, polls: u32) -> Self {
        Self { future: Box::pin(future), polls_left: polls }
    }
}

impl<F: Future> Future for Mortal<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls_left == 0 {
            return Poll::Ready(None);
        }
        self.polls_left -= 1;
        match self.future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.polls_left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
