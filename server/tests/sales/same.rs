//! When a form sent again is the same attempt at buying, and when it is another order.

use app::backend::shop::{CheckoutForm, Visit};
use domain::language::Language;
use server::sales::{Asker, checkout};

use super::test_shop::{TestShop, form, piece};
use crate::support::TestDb;

on_both_engines!(every_field_that_matters_makes_another_order);

/// Each field of the form: another valid value, and whether it makes another order.
const FIELDS: [(&str, &str, bool); 15] = [
    ("name", "Ana María Quispe", true),
    ("email", "ana@example.org", true),
    ("phone", "912345678", true),
    ("country", "", false),
    ("department", "PUN", true),
    ("region", "LIM", false),
    ("city", "Barranco", true),
    ("street", "Av. Larco 124", true),
    ("postal_code", "15063", true),
    ("delivery", "pickup", true),
    ("currency", "USD", true),
    ("gift_message", "Para mamá", true),
    // Fields that say something only about the page.
    ("shown", "", false),
    ("action", "pay", false),
    ("attempt", "attempt-same", false),
];

/// The form with one field changed, by its name.
fn changed(name: &str, value: &str) -> CheckoutForm {
    let mut fields = serde_json::to_value(form("same")).unwrap();
    fields[name] = value.into();
    // Another country needs another address as a whole, so it is tried separately below.
    if name == "country" {
        fields[name] = "PE".into();
    }
    serde_json::from_value(fields).unwrap()
}

async fn every_field_that_matters_makes_another_order(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bag = [piece(0, 0)];
    let fields = serde_json::to_value(form("same")).unwrap();
    let mut named: Vec<&str> = fields.as_object().unwrap().keys().map(String::as_str).collect();
    let mut listed: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
    named.sort_unstable();
    listed.sort_unstable();
    assert_eq!(named, listed, "whoever adds a field to the form decides here what it means");

    for (name, value, another) in FIELDS {
        let first = test_shop.place(form("same"), &bag).await.unwrap().expect("placed");
        let second = test_shop.place(changed(name, value), &bag).await.unwrap().expect("placed");
        assert_eq!(first.secret != second.secret, another, "{name}");
        let again = test_shop.place(changed(name, value), &bag).await.unwrap().expect("placed");
        assert_eq!(second, again, "{name}: the same form leads to the same page");
    }
    let abroad = CheckoutForm {
        country: "DE".into(),
        department: String::new(),
        postal_code: "10115".into(),
        phone: "+49 30 901820".into(),
        delivery: "post".into(),
        ..form("same")
    };
    let first = test_shop.place(form("same"), &bag).await.unwrap().expect("placed");
    let second = test_shop.place(abroad, &bag).await.unwrap().expect("placed");
    assert_ne!(first.secret, second.secret, "country");

    // Of the visit only the language counts: the fields are named in `PricedCheckout::says_the_same`.
    let first = test_shop.place(form("same"), &bag).await.unwrap().expect("placed");
    let later = Visit { path: "/es/otra".into(), bag_count: 7, ..test_shop.visit() };
    let place = async |visit: Visit| {
        let placed =
            checkout::place(&test_shop.shop, &visit, form("same"), &bag, &Asker::default())
                .await
                .unwrap();
        placed.unwrap_or_else(|_| panic!("placed")).secret
    };
    assert_eq!(place(later).await, first.secret);
    let english = Visit { language: Language::En, ..test_shop.visit() };
    let second = place(english.clone()).await;
    assert_ne!(second, first.secret, "the language");
    assert_eq!(place(english).await, second);
    let order = test_shop.order_of(&second).await;
    assert_eq!(test_shop.text("SELECT language FROM shop_order WHERE id = $1", &order).await, "en");
    test_shop.pay(&order).await;
    test_shop.settle_down().await;
    test_shop.audit().await;
}
