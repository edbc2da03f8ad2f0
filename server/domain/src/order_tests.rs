#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::money::Currency;

fn pending() -> OrderState {
    OrderState::PendingPayment(PendingPayment {
        placed_at_us: 100,
        hold_expires_at_us: 200,
        expected: Money::new(38_000, Currency::Pen),
    })
}

type Step = fn(OrderState, i64) -> Result<OrderState, OrderError>;

#[test]
fn the_methods_follow_the_plan_exactly() {
    let steps: [(OrderStatus, Step); 6] = [
        (OrderStatus::Paid, OrderState::pay),
        (OrderStatus::Expired, OrderState::expire),
        (OrderStatus::Preparing, OrderState::prepare),
        (OrderStatus::Shipped, OrderState::ship),
        (OrderStatus::Delivered, OrderState::deliver),
        (OrderStatus::Cancelled, OrderState::cancel),
    ];
    let paid = pending().pay(150).unwrap();
    let preparing = paid.prepare(300).unwrap();
    let shipped = preparing.ship(400).unwrap();
    let all = [
        pending(),
        paid,
        preparing,
        shipped,
        shipped.deliver(500).unwrap(),
        pending().expire(200).unwrap(),
        pending().cancel(150).unwrap(),
    ];
    for state in all {
        for (next, step) in steps {
            let result = step(state, 1_000);
            assert_eq!(result.is_ok(), state.status().may_become(next), "{state:?} → {next:?}");
            match result {
                Ok(new) => assert_eq!(new.status(), next),
                Err(error) => {
                    assert_eq!(error, OrderError::Illegal { from: state.status(), to: next })
                }
            }
        }
    }
}

#[test]
fn a_transition_cannot_be_earlier_than_the_one_before() {
    assert_eq!(pending().pay(99), Err(OrderError::BackInTime));
    assert_eq!(pending().expire(199), Err(OrderError::BackInTime));
    assert_eq!(pending().pay(150).unwrap().prepare(149), Err(OrderError::BackInTime));
}

#[test]
fn a_cancelled_order_knows_whether_money_is_owed() {
    let owes = |state: OrderState| matches!(state, OrderState::Cancelled(cancelled) if cancelled.owes_refund());
    assert!(!owes(pending().cancel(150).unwrap()));
    assert!(owes(pending().pay(150).unwrap().cancel(160).unwrap()));
    assert!(owes(pending().pay(150).unwrap().prepare(155).unwrap().cancel(160).unwrap()));
}

#[test]
fn a_payment_is_accepted_refunded_or_ignored() {
    use HoldState::{Live, LostButFree, Taken};
    use OrderStatus::{Cancelled, Expired, PendingPayment, Preparing};
    use PaymentDecision::{Accept, AlreadyPaid, NothingReceived, ReclaimAndAccept, RefundInFull};
    use PaymentSeen::{Another, First, Same};
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
        (Preparing, Live, due, Same, AlreadyPaid),
        (Preparing, Live, due, Another, RefundInFull(RefundReason::PaidTwice)),
        (Preparing, Live, due, First, RefundInFull(RefundReason::PaidTwice)),
    ];
    for (order, hold, received, seen, decision) in cases {
        assert_eq!(
            decide_payment(order, hold, due, received, seen),
            decision,
            "{order:?} {hold:?} {received:?}"
        );
    }
}

#[test]
fn a_stored_order_without_its_time_is_inconsistent() {
    let row = StoredOrder {
        status: OrderStatus::Shipped,
        expected: Money::new(1, Currency::Pen),
        placed_at_us: 1,
        hold_expires_at_us: 2,
        paid_at_us: Some(2),
        preparing_at_us: Some(3),
        shipped_at_us: Some(4),
        delivered_at_us: None,
        closed_at_us: None,
    };
    assert_eq!(OrderState::try_from(row).unwrap().status(), OrderStatus::Shipped);
    let broken = StoredOrder { preparing_at_us: None, ..row };
    let error = OrderState::try_from(broken).unwrap_err();
    assert_eq!(
        error,
        OrderError::Inconsistent { status: OrderStatus::Shipped, missing: "preparing_at" }
    );
    for status in OrderStatus::ALL {
        assert_eq!(OrderStatus::from_name(status.as_str()), Some(status));
    }
}
