//! Buying in another currency: prices that round to nothing, totals that cannot be charged.

use app::backend::shop::{CheckoutForm, CheckoutTrouble, ShownStatus};
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::price::NotChargeable;
use server::sales::checkout;

use super::test_shop::{TestShop, form, piece};
use crate::support::TestDb;

on_both_engines!(
    what_costs_something_is_never_free_abroad,
    a_total_too_small_or_too_large_to_charge_is_said,
    every_currency_ends_in_the_books,
);

fn in_currency(attempt: &str, currency: Currency) -> CheckoutForm {
    CheckoutForm { currency: currency.code().into(), ..form(attempt) }
}

async fn price(test_shop: &TestShop, design: usize, minor: i64) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    let changed = tx.query("UPDATE design SET price_minor = $1 WHERE id = $2").bind(minor);
    assert_eq!(changed.bind(format!("design-{design}")).execute().await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn euro(test_shop: &TestShop) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    tx.query(
        "INSERT INTO exchange_rate (id, currency, rate_micro, source, effective_from_us)
         VALUES ('e', 'EUR', 4105000, 'SBS', 1)",
    )
    .execute()
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// One céntimo is less than half a cent: its price was 0, which no order may hold.
async fn what_costs_something_is_never_free_abroad(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    euro(&test_shop).await;
    price(&test_shop, 0, 1).await;
    for (number, currency) in [Currency::Usd, Currency::Eur].into_iter().enumerate() {
        let pieces = [piece(0, number), piece(1, number)];
        let placed = test_shop.place(in_currency(currency.code(), currency), &pieces).await;
        let order = test_shop.order_of(&placed.unwrap().expect("placed").secret).await;
        test_shop.pay(&order).await;
        test_shop.work().await;
        let view = test_shop.see(&order).await;
        assert_eq!(view.status, ShownStatus::Of(OrderStatus::Paid));
        assert_eq!(view.lines[0].price, Money::new(1, currency));
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_total_too_small_or_too_large_to_charge_is_said(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    euro(&test_shop).await;
    let pickup = |attempt: &str, currency| CheckoutForm {
        delivery: "pickup".into(),
        ..in_currency(attempt, currency)
    };
    for (minor, currency) in [(199, Currency::Pen), (185, Currency::Usd), (203, Currency::Eur)] {
        price(&test_shop, 0, minor).await;
        let (least, _) = currency.charge_limits();
        let said = Some(CheckoutTrouble::NotChargeable(NotChargeable::LessThan(least)));
        let refused = test_shop.place(pickup("little", currency), &[piece(0, 0)]).await.unwrap();
        assert_eq!(refused.expect_err("refused").view.trouble, said, "{currency:?}");
        let (visit, bag) = (test_shop.visit(), [piece(0, 0)]);
        let shown = checkout::view(&test_shop.shop, &visit, pickup("little", currency), &bag);
        assert_eq!(shown.await.unwrap().trouble, said, "it is said before she pays");
    }
    for (minor, currency) in
        [(100_000_000, Currency::Pen), (i64::MAX, Currency::Pen), (400_000_000, Currency::Usd)]
    {
        price(&test_shop, 0, minor).await;
        let (_, most) = currency.charge_limits();
        let said = Some(CheckoutTrouble::NotChargeable(NotChargeable::MoreThan(most)));
        let bag = [piece(0, 0), piece(0, 1)];
        let refused = test_shop.place(pickup("much", currency), &bag).await.unwrap();
        assert_eq!(refused.expect_err("refused").view.trouble, said, "{minor} {currency:?}");
    }
    assert_eq!(test_shop.number("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order").await, 0);
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    // These amounts are just enough.
    for (number, (minor, currency)) in
        [(200, Currency::Pen), (187, Currency::Usd), (204, Currency::Eur)].into_iter().enumerate()
    {
        price(&test_shop, 0, minor).await;
        let bag = [piece(0, number)];
        let placed = test_shop.place(pickup(&format!("enough-{number}"), currency), &bag).await;
        let order = test_shop.order_of(&placed.unwrap().expect("placed").secret).await;
        test_shop.pay(&order).await;
        test_shop.work().await;
        assert_eq!(
            test_shop.see(&order).await.status,
            ShownStatus::Of(OrderStatus::Paid),
            "{currency:?}"
        );
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn every_currency_ends_in_the_books(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    euro(&test_shop).await;
    for (number, currency) in Currency::ALL.into_iter().enumerate() {
        let pieces = [piece(0, number), piece(2, number)];
        let placed = test_shop.place(in_currency(currency.code(), currency), &pieces).await;
        let order = test_shop.order_of(&placed.unwrap().expect("placed").secret).await;
        test_shop.pay(&order).await;
        test_shop.work().await;
        let view = test_shop.see(&order).await;
        assert_eq!(view.status, ShownStatus::Of(OrderStatus::Paid));
        let money = view.money.expect("what was posted");
        assert_eq!((money.total, view.sums.total.currency), (view.sums.total, currency));
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}
