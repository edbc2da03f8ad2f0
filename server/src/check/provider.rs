//! Compares a payment with the same payment at the provider.

use domain::payment::PaymentState;
use store::check::PaymentRow;

use super::case::Case;
use crate::kernel::payments::{CheckoutFacts, CheckoutState, PaymentStatus};

/// Every difference between the stored payment and the provider's facts.
pub(super) fn compare(case: &Case, payment: &PaymentRow, facts: &CheckoutFacts) -> Vec<String> {
    let mut told = Vec::new();
    if facts.client_reference_id.as_deref() != Some(case.order.id.as_str()) {
        told.push(format!("its checkout is of {:?}", facts.client_reference_id));
    }
    let stands = match payment.state {
        PaymentState::Paid | PaymentState::Mismatched => facts.payment == PaymentStatus::Paid,
        PaymentState::Open => {
            facts.payment == PaymentStatus::Unpaid
                && matches!(facts.state, CheckoutState::Open { .. })
        }
        PaymentState::Processing => facts.payment == PaymentStatus::Processing,
        PaymentState::Intended | PaymentState::Expired | PaymentState::Failed => {
            matches!(facts.payment, PaymentStatus::Unpaid | PaymentStatus::Failed)
                && !matches!(facts.state, CheckoutState::Open { .. })
        }
    };
    if !stands {
        told.push(format!(
            "it is {} here, {:?} there (page {})",
            payment.state.as_str(),
            facts.payment,
            page(&facts.state)
        ));
    }
    // The difference of a mismatched payment was already found, told and given back.
    if payment.state != PaymentState::Mismatched
        && (facts.amount_total_minor, &facts.currency) != (payment.amount_minor, &payment.currency)
    {
        told.push(format!(
            "{} {} here, {} {} there",
            payment.amount_minor, payment.currency, facts.amount_total_minor, facts.currency
        ));
    }
    if payment.state == PaymentState::Paid {
        compare_received(payment, facts, &mut told);
    }
    let (done, coming) = case.refunded(payment);
    // Money that the books cannot hold is given back by hand and not booked.
    if !case.is_unbooked(payment) && !(done..=done + coming).contains(&facts.refunded_minor) {
        told.push(format!("{done} went back here, {} there", facts.refunded_minor));
    }
    told.into_iter()
        .map(|what| format!("{}: payment {}: {what}", case.name(), payment.id))
        .collect()
}

/// What is no difference but needs a person's answer at the provider.
pub(super) fn open_matter(
    case: &Case,
    payment: &PaymentRow,
    facts: &CheckoutFacts,
) -> Option<String> {
    facts
        .disputed
        .then(|| format!("{}: payment {}: the payer's bank disputed it", case.name(), payment.id))
}

fn compare_received(payment: &PaymentRow, facts: &CheckoutFacts, told: &mut Vec<String>) {
    // Payments from before the provider's balance was stored have only their fee.
    if let (Some(currency), Some(there)) = (&payment.settled.settled_currency, &facts.settled) {
        let here = &payment.settled;
        let of_here = (currency, here.settled_minor, here.settled_fee_minor);
        let of_there = (&there.currency, Some(there.amount_minor), Some(there.fee_minor));
        if of_here != of_there {
            told.push(format!(
                "{:?} {currency} with a fee of {:?} lie there by our books, {} {} with one of {} by theirs",
                here.settled_minor, here.settled_fee_minor, there.amount_minor, there.currency, there.fee_minor
            ));
        }
    }
    for (name, here, there) in [
        ("payment", &payment.payment_intent, &facts.payment_intent),
        ("charge", &payment.charge, &facts.charge),
    ] {
        if here != there {
            told.push(format!("the {name} is {here:?} here, {there:?} there"));
        }
    }
}

const fn page(state: &CheckoutState) -> &'static str {
    match state {
        CheckoutState::Open { .. } => "open",
        CheckoutState::Expired => "expired",
        CheckoutState::Complete => "complete",
    }
}
