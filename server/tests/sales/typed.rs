//! What is typed into the purchase form, and the price that was shown for it.

use app::backend::shop::{CheckoutField, CheckoutForm, CheckoutTrouble, FieldProblem};
use server::sales::checkout;

use super::test_shop::{TestShop, form, piece};
use crate::support::TestDb;

on_both_engines!(
    nobody_is_led_to_pay_another_total_than_she_was_shown,
    what_is_wrong_is_said_beside_its_field,
);

async fn nobody_is_led_to_pay_another_total_than_she_was_shown(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bag = [piece(0, 0)];
    let page = checkout::view(&test_shop.shop, &test_shop.visit(), form("t"), &bag).await.unwrap();
    let shown = CheckoutForm::of_shown(page.sums.items, &page.options);
    let seen = CheckoutForm { shown: shown.clone(), ..form("t") };
    // She looked at the price to Lima and then chose Puno, or dollars; or a price has changed
    // since; or somebody sent a value that no page has.
    for typed in [
        CheckoutForm { department: "PUN".into(), ..seen.clone() },
        CheckoutForm { currency: "USD".into(), ..seen.clone() },
        CheckoutForm { shown: shown.replace("courier=", "courier=1"), ..seen.clone() },
        CheckoutForm { shown: "PEN".into(), ..seen.clone() },
        CheckoutForm { shown: "courier=39800 PEN <b>".into(), ..seen.clone() },
    ] {
        let refused = test_shop.place(typed, &bag).await.unwrap().expect_err("refused");
        let now = refused.view.sums.total;
        assert_eq!(refused.view.trouble, Some(CheckoutTrouble::TotalChanged(now)));
        assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    }
    assert_eq!(test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order").await, 0);
    // Another way of delivery has its price beside it.
    let collects = CheckoutForm { delivery: "pickup".into(), ..seen };
    let placed = test_shop.place(collects, &bag).await.unwrap().expect("placed");
    let order = test_shop.see(&test_shop.order_of(&placed.secret).await).await;
    assert_eq!(order.sums.total, page.sums.items);
}

async fn what_is_wrong_is_said_beside_its_field(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bag = [piece(0, 0)];
    let hostile = CheckoutForm {
        name: "<script>alert(1)</script> http://evil.example".into(),
        email: "a@b".into(),
        phone: "'; DROP TABLE piece; --".into(),
        department: "Atlantis".into(),
        street: "x".repeat(100_000),
        currency: "XAU".into(),
        delivery: "drone".into(),
        gift_message: "\u{202e}".repeat(50) + &"ñ".repeat(201),
        ..form("bad")
    };
    let refused = test_shop.place(hostile, &bag).await.unwrap().expect_err("refused");
    let wrong: Vec<CheckoutField> = refused.view.errors.iter().map(|(field, _)| *field).collect();
    for field in [
        CheckoutField::Name,
        CheckoutField::Email,
        CheckoutField::Phone,
        CheckoutField::Region,
        CheckoutField::Street,
    ] {
        assert!(wrong.contains(&field), "{field:?} in {wrong:?}");
    }
    assert!(refused.view.errors.contains(&(CheckoutField::Currency, FieldProblem::NotOffered)));
    assert!(refused.view.errors.contains(&(CheckoutField::Delivery, FieldProblem::NotOffered)));
    assert!(refused.view.form.street.len() <= 600 && refused.view.form.email == "a@b");
    // A delivery that does not reach the country is refused; those that reach it are offered.
    let abroad = CheckoutForm { country: "DE".into(), postal_code: "10115".into(), ..form("bad") };
    let refused = test_shop.place(abroad, &bag).await.unwrap().expect_err("refused");
    assert_eq!(refused.view.errors, [(CheckoutField::Delivery, FieldProblem::NotOffered)]);
    assert_eq!(refused.view.options.len(), 1);
    // A bag that is empty, or holds a piece that never existed.
    let empty = test_shop.place(form("bad"), &[]).await.unwrap().expect_err("refused");
    assert_eq!(empty.view.trouble, Some(CheckoutTrouble::EmptyBag));
    let never =
        test_shop.place(form("bad"), &["' OR 1=1 --".into()]).await.unwrap().expect_err("refused");
    assert_eq!(never.view.trouble, Some(CheckoutTrouble::EmptyBag));
    assert_eq!(never.gone, ["' OR 1=1 --"]);
    // The refused forms left no rows.
    assert_eq!(test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order").await, 0);
    assert_eq!(test_shop.number("SELECT value FROM counter WHERE name = 'order'").await, 0);
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
}
