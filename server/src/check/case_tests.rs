#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

const NOW_US: i64 = 1_000_000_000_000;

fn order(state: &str, sold: bool) -> OrderRow {
    OrderRow {
        id: "o".into(),
        number: 147,
        state: state.into(),
        currency: "PEN".into(),
        items_minor: 10_000,
        total_minor: 11_000,
        hold_until_us: NOW_US + 60_000_000,
        paid_at_us: sold.then_some(NOW_US - 1),
    }
}

fn payment(state: &str) -> PaymentRow {
    PaymentRow {
        id: "p".into(),
        order_id: "o".into(),
        provider: "stripe".into(),
        state: state.into(),
        currency: "PEN".into(),
        amount_minor: 11_000,
        session_id: Some("cs_1".into()),
        payment_intent: None,
        charge: None,
        fee_minor: Some(400),
        expires_at_us: NOW_US,
    }
}

fn line(piece_state: &str, mine: bool) -> LineRow {
    LineRow {
        order_id: "o".into(),
        price_minor: 10_000,
        serial: "0147".into(),
        piece_state: piece_state.into(),
        piece_order_id: mine.then(|| "o".into()),
        held_until_us: (piece_state == "checkout").then_some(NOW_US + 60_000_000),
        sale_id: None,
        sale_currency: None,
        gross_minor: None,
        tax_minor: None,
        shipping_minor: None,
        fee_minor: None,
        material_consigned_minor: None,
        material_own_minor: None,
        net_minor: None,
        held_minor: None,
    }
}

fn refund(reason: &str, state: &str, amount_minor: i64) -> RefundRow {
    RefundRow {
        id: "r".into(),
        order_id: "o".into(),
        payment_id: "p".into(),
        currency: "PEN".into(),
        amount_minor,
        reason: reason.into(),
        state: state.into(),
    }
}

fn post(case: &mut Case, kind: &str, reference: &str, account: &str, amount_minor: i64) {
    case.post(PostingRow {
        order_id: "o".into(),
        kind: kind.into(),
        reference: reference.into(),
        account: Some(account.into()),
        currency: Some("PEN".into()),
        amount_minor: Some(amount_minor),
    });
}

/// 110.00 paid: 16.78 IGV, 8.47 delivery, 4.00 fee, 20.00 metal; 60.75 shared.
fn sold() -> Case {
    let mut case = Case::new(order("paid", true));
    case.payments.push(payment("paid"));
    case.lines.push(LineRow {
        sale_id: Some("s".into()),
        sale_currency: Some("PEN".into()),
        gross_minor: Some(11_000),
        tax_minor: Some(1_678),
        shipping_minor: Some(847),
        fee_minor: Some(400),
        material_consigned_minor: Some(2_000),
        material_own_minor: Some(0),
        net_minor: Some(6_075),
        held_minor: Some(0),
        ..line("sold", true)
    });
    for (fund, member, amount_minor) in
        [(Some("association"), None, 1_000), (None, Some("m"), 5_075)]
    {
        let (fund, member_id) = (fund.map(str::to_owned), member.map(str::to_owned));
        case.shares.push(ShareRow {
            order_id: "o".into(),
            sale_id: "s".into(),
            fund,
            member_id,
            amount_minor,
        });
    }
    for (account, amount) in [
        ("stripe:balance", 11_000),
        ("tax:igv", -1_678),
        ("shipping:pass_through", -847),
        ("fee:payment", -400),
        ("material:consigned", -2_000),
        ("fund:association", -1_000),
        ("member:m", -5_075),
    ] {
        post(&mut case, "sale", "order:o", account, amount);
    }
    post(&mut case, "fee", "payment:p", "fee:payment", 400);
    post(&mut case, "fee", "payment:p", "stripe:balance", -400);
    case
}

fn differences(case: &Case) -> Vec<String> {
    case.examine(NOW_US).differences
}

#[test]
fn a_paid_order_in_order_has_no_differences() {
    assert_eq!(sold().examine(NOW_US), Findings::default());
}

type Spoil = fn(&mut Case);

#[test]
fn every_cent_and_every_row_is_missed() {
    let spoil: [(&str, Spoil); 10] = [
        ("sold for 0 payments", |case| case.payments.clear()),
        ("sold for 2 payments", |case| {
            case.payments.push(PaymentRow { id: "q".into(), ..payment("paid") })
        }),
        ("paid 10999 PEN", |case| case.payments[0].amount_minor -= 1),
        ("shares of piece 0147 sum to 6074", |case| case.shares[1].amount_minor -= 1),
        ("has no split", |case| case.lines[0].sale_id = None),
        ("bear a fee of 400", |case| case.payments[0].fee_minor = Some(401)),
        ("the books lack the entry `sale order:o`", |case| drop(case.entries.remove(0))),
        ("the entry `fee payment:p` says", |case| {
            post(case, "fee", "payment:p", "stripe:balance", 1)
        }),
        ("nothing calls for the entry `sale order:x`", |case| {
            post(case, "sale", "order:x", "stripe:balance", 1)
        }),
        ("its piece 0147 is retail, not this order's", |case| {
            case.lines[0] = LineRow {
                piece_state: "retail".into(),
                piece_order_id: None,
                ..case.lines[0].clone()
            }
        }),
    ];
    for (what, spoil) in spoil {
        let mut case = sold();
        spoil(&mut case);
        let told = differences(&case);
        assert!(told.iter().any(|line| line.contains(what)), "{what}: {told:?}");
    }
}

#[test]
fn a_pending_order_holds_its_pieces_and_nobody_else_does() {
    let mut case = Case::new(order("pending_payment", false));
    case.payments.push(payment("open"));
    case.lines.push(line("checkout", true));
    assert_eq!(case.examine(NOW_US), Findings::default());
    assert_eq!(differences(&case).len(), 0);
    assert!(
        case.examine(NOW_US + 60_000_000 + LATE_US + 1).differences[0].contains("still pending")
    );
    case.lines[0] = line("retail", false);
    assert!(differences(&case)[0].contains("is retail, not this order's"));
    case.order.state = "expired".into();
    assert_eq!(differences(&case).len(), 0);
    case.lines[0] = line("checkout", true);
    assert!(differences(&case)[0].contains("still checkout for it"));
}

#[test]
fn money_of_nobody_goes_back_and_the_books_say_so() {
    let mut case = Case::new(order("expired", false));
    case.payments.push(payment("paid"));
    case.lines.push(line("sold", false));
    assert!(differences(&case)[0].contains("neither sold nor given back"));
    case.refunds.push(refund("pieces_taken", "done", 11_000));
    for (reference, account, amount) in [
        ("payment:p", "stripe:balance", 11_000),
        ("payment:p", "held:stray", -11_000),
        ("payment:p:fee", "fund:association", 400),
        ("payment:p:fee", "stripe:balance", -400),
        ("refund:r", "held:stray", 11_000),
    ] {
        post(&mut case, "stray", reference, account, amount);
    }
    assert!(differences(&case)[0].contains("the entry `stray refund:r` says"));
    post(&mut case, "stray", "refund:r", "stripe:balance", -11_000);
    assert_eq!(case.examine(NOW_US), Findings::default());
}

#[test]
fn what_went_back_in_full_leaves_only_the_fee() {
    let mut case = sold();
    case.refunds.push(refund("requested", "done", 11_000));
    for (account, amount) in [
        ("stripe:balance", -11_000),
        ("tax:igv", 1_678),
        ("shipping:pass_through", 847),
        ("fund:association", 1_400),
        ("material:consigned", 2_000),
        ("member:m", 5_000),
    ] {
        post(&mut case, "refund", "refund:r", account, amount);
    }
    assert!(
        differences(&case)[0].contains("there is left makers -75 PEN"),
        "{:?}",
        differences(&case)
    );
    post(&mut case, "refund", "refund:r", "refund:reserve", 75);
    let found = case.examine(NOW_US);
    assert_eq!(found.differences, [""; 0]);
    assert!(found.open[0].contains("did it come back?"));
}
