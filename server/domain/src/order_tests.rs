#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::money::Currency;

#[test]
fn a_change_that_the_plan_does_not_have_is_refused() {
    for from in OrderStatus::ALL {
        for to in OrderStatus::ALL {
            let refused = Err(IllegalOrderChange { from, to });
            let expected = if from.may_become(to) { Ok(to) } else { refused };
            assert_eq!(from.become_status(to), expected);
        }
    }
    assert_eq!(
        OrderStatus::Delivered.become_status(OrderStatus::Paid).unwrap_err().to_string(),
        "an order that is delivered cannot become paid"
    );
}

#[test]
fn an_order_is_paid_once_and_never_cancelled_after_it_left() {
    use OrderStatus::{Cancelled, Delivered, Paid, Shipped};
    for paid in OrderStatus::ALL.into_iter().filter(|status| status.is_paid()) {
        assert!(!paid.may_become(Paid), "{paid:?}");
    }
    for handed_over in [Shipped, Delivered] {
        assert!(handed_over.is_handed_over() && !handed_over.may_become(Cancelled));
    }
}

#[test]
fn a_payment_is_accepted_refunded_or_ignored() {
    use HoldState::{Live, LostButFree, Taken};
    use OrderStatus::{Cancelled, Expired, PendingPayment, Preparing};
    use PaymentDecision::{Accept, NothingReceived, ReclaimAndAccept, RefundInFull};
    use PaymentSeen::{Another, First};
    let due = Money::new(38_000, Currency::Pen);
    let cases = [
        (PendingPayment, Live, due, First, Accept),
        (PendingPayment, LostButFree, due, First, ReclaimAndAccept),
        (Expired, LostButFree, due, First, ReclaimAndAccept),
        (Expired, Taken, due, First, RefundInFull(RefundReason::PieceTaken)),
        (Cancelled, LostButFree, due, First, RefundInFull(RefundReason::OrderCancelled)),
        (
            PendingPayment,
            Live,
            Money::new(37_999, Currency::Pen),
            First,
            RefundInFull(RefundReason::AmountMismatch),
        ),
        (
            PendingPayment,
            Live,
            Money::new(38_001, Currency::Pen),
            First,
            RefundInFull(RefundReason::AmountMismatch),
        ),
        (
            PendingPayment,
            Live,
            Money::new(38_000, Currency::Usd),
            First,
            RefundInFull(RefundReason::CurrencyMismatch),
        ),
        (PendingPayment, Live, Money::new(0, Currency::Pen), First, NothingReceived),
        (Preparing, Live, Money::new(0, Currency::Pen), Another, NothingReceived),
        (Preparing, Live, due, Another, RefundInFull(RefundReason::PaidTwice)),
        (Preparing, Live, due, First, RefundInFull(RefundReason::PaidTwice)),
    ];
    for (order, hold, received, seen, decision) in cases {
        assert_eq!(
            decide_payment(ArrivedPayment { order, hold, expected: due, received, seen }),
            decision,
            "{order:?} {hold:?} {received:?}"
        );
    }
}

#[test]
fn every_status_is_read_back() {
    for status in OrderStatus::ALL {
        assert_eq!(OrderStatus::from_name(status.as_str()), Some(status));
    }
}
