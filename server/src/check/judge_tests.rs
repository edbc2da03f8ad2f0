#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use store::check::{MaterialRow, OrderRow, PartRow, PaymentRow, PostingRow, ShareRow, TakenRow};
use store::payment::SettledRow;
use store::text::Text;

use super::*;

const NOW_US: i64 = 1_000_000_000_000;

fn key<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn order(state: &str, sold: bool) -> OrderRow {
    OrderRow {
        id: key("o"),
        number: 147,
        state: state.to_owned().try_into().unwrap(),
        currency: "PEN".into(),
        items_minor: 10_000,
        total_minor: 11_000,
        hold_until_us: NOW_US + 60_000_000,
        paid_at_us: sold.then_some(NOW_US - 1),
    }
}

fn payment(state: &str) -> PaymentRow {
    PaymentRow {
        id: key("p"),
        order_id: key("o"),
        provider: "stripe".into(),
        state: state.to_owned().try_into().unwrap(),
        currency: "PEN".into(),
        amount_minor: 11_000,
        session_id: Some("cs_1".into()),
        payment_intent: None,
        charge: None,
        fee_minor: Some(400),
        expires_at_us: NOW_US,
        settled: SettledRow::default(),
    }
}

fn line(piece_state: &str, mine: bool) -> LineRow {
    LineRow {
        id: key("l"),
        order_id: key("o"),
        piece_id: key("ring"),
        price_minor: 10_000,
        serial: "0147".into(),
        piece_state: piece_state.to_owned().try_into().unwrap(),
        piece_order_id: mine.then(|| Text(key("o"))),
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
        loss_fund: None,
        reserve_fund: None,
        returned_at_us: None,
    }
}

fn refund(reason: &str, state: &str, amount_minor: i64) -> RefundRow {
    RefundRow {
        id: key("r"),
        order_id: key("o"),
        payment_id: key("p"),
        currency: "PEN".into(),
        amount_minor,
        reason: reason.to_owned().try_into().unwrap(),
        state: state.to_owned().try_into().unwrap(),
        done_at_us: (state == "done").then_some(NOW_US),
        order_line_id: None,
        of_shipping: false,
        handed_over: false,
        settled_currency: None,
        settled_minor: None,
        settled_fee_minor: None,
    }
}

fn post(case: &mut Case, kind: &str, reference: &str, account: &str, amount_minor: i64) {
    case.post(PostingRow {
        order_id: key("o"),
        kind: kind.into(),
        reference: reference.into(),
        account: Some(account.into()),
        currency: Some("PEN".into()),
        amount_minor: Some(amount_minor),
    });
}

/// 110.00 paid: 16.78 IGV (15.25 of the price), 8.47 delivery, 4.00 fee, 20.00 metal; 60.75 shared.
fn sold() -> Case {
    let mut case = Case::new(order("paid", true));
    case.payments.push(payment("paid"));
    case.lines.push(LineRow {
        sale_id: Some(Text(key("s"))),
        sale_currency: Some("PEN".into()),
        gross_minor: Some(11_000),
        tax_minor: Some(1_678),
        shipping_minor: Some(847),
        fee_minor: Some(400),
        material_consigned_minor: Some(2_000),
        material_own_minor: Some(0),
        net_minor: Some(6_075),
        held_minor: Some(0),
        loss_fund: Some("association".into()),
        reserve_fund: Some("reserve".into()),
        ..line("sold", true)
    });
    case.material.push(MaterialRow {
        order_id: key("o"),
        sale_id: key("s"),
        source: "consigned".into(),
        currency: "PEN".into(),
        cost_minor: 2_000,
        deducted_minor: 2_000,
    });
    for (fund, member, amount_minor) in
        [(Some("association"), None, 1_000), (None, Some("m"), 5_075)]
    {
        let (fund, member_id) = (fund.map(str::to_owned), member.map(|id| Text(key(id))));
        case.shares.push(ShareRow {
            order_id: key("o"),
            sale_id: key("s"),
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
    let spoil: [(&str, Spoil); 13] = [
        ("sold for 0 payments", |case| case.payments.clear()),
        ("sold for 2 payments", |case| {
            case.payments.push(PaymentRow { id: key("q"), ..payment("paid") })
        }),
        ("paid 10999 PEN", |case| case.payments[0].amount_minor -= 1),
        ("shares of piece 0147 sum to 6074", |case| case.shares[1].amount_minor -= 1),
        ("has no split", |case| case.lines[0].sale_id = None),
        ("bear a fee of 400", |case| case.payments[0].fee_minor = Some(401)),
        ("the material of piece 0147 sums to", |case| case.material[0].deducted_minor -= 1),
        ("a fee of 400 PEN is not what its 399 PEN are", |case| {
            case.payments[0].settled = SettledRow {
                settled_currency: Some("PEN".into()),
                settled_minor: Some(11_000),
                settled_fee_minor: Some(399),
                settled_rate_nano: None,
            };
        }),
        ("the entry `sale order:o` says", |case| {
            post(case, "sale", "order:o", "exchange:converted", 1)
        }),
        ("the books lack the entry `sale order:o`", |case| drop(case.entries.remove(0))),
        ("the entry `fee payment:p` says", |case| {
            post(case, "fee", "payment:p", "stripe:balance", 1)
        }),
        ("nothing calls for the entry `sale order:x`", |case| {
            post(case, "sale", "order:x", "stripe:balance", 1)
        }),
        ("its piece 0147 is retail, not this order's", |case| {
            case.lines[0] = LineRow {
                piece_state: PieceState::Retail,
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
    case.order.state = OrderStatus::Expired;
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

/// All of it went back: 100.00 of the piece and 10.00 of its delivery. The reserve bears the metal
/// and the fee.
fn given_back() -> Case {
    let mut case = sold();
    case.refunds.push(refund("requested", "done", 11_000));
    for (line, amount_minor) in [(Some("l"), 10_000), (None, 1_000)] {
        case.parts.push(PartRow {
            order_id: key("o"),
            refund_id: key("r"),
            order_line_id: line.map(|id| Text(key(id))),
            amount_minor,
        });
    }
    case.taken.push(TakenRow {
        order_id: key("o"),
        refund_id: key("r"),
        order_line_id: key("l"),
        member_id: key("m"),
        amount_minor: 5_075,
    });
    for (account, amount) in [
        ("stripe:balance", -11_000),
        ("tax:igv", 1_678),
        ("shipping:pass_through", 847),
        ("fund:association", 1_000),
        ("member:m", 5_075),
        ("fund:reserve", 2_400),
    ] {
        post(&mut case, "refund", "refund:r", account, amount);
    }
    case
}

/// The same sale after the piece came back too.
fn come_back() -> Case {
    let mut case = given_back();
    case.lines[0].returned_at_us = Some(NOW_US);
    case.lines[0].piece_state = PieceState::Returned;
    case.lines[0].piece_order_id = None;
    for (account, amount) in [("material:consigned", 2_000), ("fund:reserve", -2_000)] {
        post(&mut case, "refund", "returned:l", account, amount);
    }
    case
}

#[test]
fn what_went_back_and_came_back_leaves_the_fee_in_the_reserve() {
    let found = given_back().examine(NOW_US);
    assert_eq!(found.differences, [""; 0]);
    assert!(found.open[0].contains("did it come back?"));
    assert_eq!(come_back().examine(NOW_US), Findings::default());
}

#[test]
fn every_cent_of_a_refund_and_a_return_is_missed() {
    let spoil: [(&str, Spoil); 9] = [
        ("the entry `refund refund:r` says", |case| {
            post(case, "refund", "refund:r", "member:m", -1);
            post(case, "refund", "refund:r", "fund:reserve", 1);
        }),
        ("refund r paid back", |case| {
            case.parts[0].amount_minor -= 1;
            case.parts[1].amount_minor += 1;
        }),
        ("refund r cannot be what it says", |case| case.parts.clear()),
        ("refund r took", |case| case.taken[0].amount_minor -= 1),
        ("the entry `refund refund:r` says", |case| case.refunds[0].handed_over = true),
        ("the entry `refund refund:r` says", |case| {
            case.refunds[0].settled_currency = Some("PEN".into());
            case.refunds[0].settled_minor = Some(11_000);
            case.refunds[0].settled_fee_minor = Some(5);
        }),
        ("the books lack the entry `refund returned:l`", |case| drop(case.entries.pop())),
        ("nothing calls for the entry `refund returned:l`", |case| {
            case.lines[0].returned_at_us = None;
        }),
        ("the reserve has borne 399 instead of a fee of 400", |case| {
            post(case, "refund", "returned:l", "fund:reserve", -1);
            post(case, "refund", "returned:l", "material:consigned", 1);
        }),
    ];
    for (what, spoil) in spoil {
        let mut case = come_back();
        spoil(&mut case);
        let told = differences(&case);
        assert!(told.iter().any(|line| line.contains(what)), "{what}: {told:?}");
    }
    let mut kept = come_back();
    kept.lines[0].piece_state = PieceState::Sold;
    kept.lines[0].piece_order_id = Some(Text(key("o")));
    assert!(differences(&kept)[0].contains("is with us again and still sold for it"));
}
