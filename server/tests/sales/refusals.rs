//! Refusals of the provider are told apart: the shopper is led to the field or told what is true,
//! and the board hears of what only it can correct.

use app::backend::shop::{CheckoutField, CheckoutTrouble, FieldProblem};
use server::kernel::payments::Refused;

use super::provider::Fault;
use super::test_shop::{TestShop, form, piece};
use crate::support::TestDb;

on_both_engines!(what_is_refused_is_said_where_it_can_be_mended);

async fn what_is_refused_is_said_where_it_can_be_mended(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let beside = |field| (vec![(field, FieldProblem::NotAccepted)], None);
    let on_top = |trouble| (Vec::new(), Some(trouble));
    let mut notices = 0;
    for (number, (fault, said, board)) in [
        (Fault::Refused(Refused::Email), beside(CheckoutField::Email), false),
        (Fault::Refused(Refused::Amount), on_top(CheckoutTrouble::PaymentAmount), false),
        (Fault::Away, on_top(CheckoutTrouble::PaymentUnavailable), false),
        (Fault::Refused(Refused::Currency), beside(CheckoutField::Currency), true),
        (Fault::Refused(Refused::Other), on_top(CheckoutTrouble::PaymentRefused), true),
        (Fault::NotAllowed, on_top(CheckoutTrouble::PaymentClosed), true),
    ]
    .into_iter()
    .enumerate()
    {
        // The refusal happens to two shoppers, and the board hears of it once a day.
        for shopper in 0..2 {
            test_shop.provider.fail_next(fault);
            let typed = form(&format!("refused-{number}-{shopper}"));
            let placed = test_shop.place(typed, &[piece(0, 0)]).await.unwrap();
            let refused = placed.expect_err("refused");
            assert_eq!((refused.view.errors, refused.view.trouble), said, "{fault:?}");
            assert_eq!(refused.view.form.name, "Ana Quispe", "what was typed is kept");
            assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail", "{fault:?}");
        }
        let told =
            "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE to_address = 'junta@shop.example'";
        notices += i64::from(board);
        assert_eq!(test_shop.number(told).await, notices, "{fault:?}");
    }
    // The same shopper again, after it was corrected.
    let order = test_shop.order("refused-0-0", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.settle_down().await;
    test_shop.audit().await;
}
