//! Prices in the currency of the visitor: what is shown is what is charged.

use app::backend::shop::{
    CatalogueQuery, CatalogueView, CheckoutForm, NamedCurrency, ShopBackend as _, Visit,
};
use domain::language::Language;
use domain::money::{Currency, ExchangeRate, Money};
use server::sales::checkout;

use super::house::House;
use crate::support::TestDb;

fn visit(house: &House, currency: Currency) -> Visit {
    Visit { currency, currencies: Currency::ALL.into(), ..house.visit(Language::En) }
}

async fn list(house: &House, currency: Currency, query: &CatalogueQuery) -> CatalogueView {
    house.shop.catalogue.catalogue(&visit(house, currency), query).await.unwrap()
}

/// A range of prices in a currency.
fn range(currency: Currency, min: Option<i64>, max: Option<i64>) -> CatalogueQuery {
    CatalogueQuery {
        price_min_minor: min,
        price_max_minor: max,
        price_currency: NamedCurrency::Known(currency),
        ..CatalogueQuery::default()
    }
}

/// The prices of a list, in minor units as shown.
fn shown(view: &CatalogueView) -> Vec<i64> {
    view.cards.iter().map(|card| card.charged.amount_minor).collect()
}

/// Prices on both sides of the bounds of the bands, and one that is nearly nothing.
async fn odd_prices(house: &House) {
    for (slug, minor) in [
        ("batea-ring", 1),
        ("rio-ring", 24_388),
        ("condor-earrings", 24_387),
        ("quinoa-ring", 39_397),
        ("arena-band", 39_398),
        ("totora-hoops", 37_521),
        ("batea-pendant", 37_519),
    ] {
        let sql = "UPDATE design SET price_minor = CAST($2 AS BIGINT) WHERE slug = $1";
        assert_eq!(house.write(sql, &[slug, &minor.to_string()]).await, 1, "{slug}");
    }
}

async fn lists_pages_bag_and_checkout_name_one_price(test: TestDb) {
    let house = House::open(test).await;
    for currency in Currency::ALL {
        let visit = visit(&house, currency);
        let all = list(&house, currency, &CatalogueQuery::default()).await;
        assert!(all.cards.iter().all(|card| card.charged.currency == currency));
        let mut ids = Vec::new();
        for card in all.cards.iter().take(6) {
            let page = house
                .shop
                .catalogue
                .design(&visit, card.slug.of(Language::En))
                .await
                .unwrap()
                .unwrap();
            assert_eq!((page.charged, page.price), (card.charged, card.price), "{:?}", card.slug);
            assert!(page.otherwise.is_some_and(|other| other.currency != currency));
            let free = page.pieces.iter().find(|piece| {
                piece.availability == app::backend::shop::PieceAvailability::Available
            });
            ids.extend(free.map(|piece| (piece.id.clone(), card.charged)));
        }
        let keys: Vec<String> = ids.iter().map(|(id, _)| id.clone()).collect();
        let bag = house.shop.catalogue.read_bag(&visit, &keys, None).await.unwrap();
        assert!(bag.lines.len() > 3);
        for (line, (_, charged)) in bag.lines.iter().zip(&ids) {
            assert_eq!(line.charged, *charged);
        }
        let form = CheckoutForm::default();
        let checkout = checkout::view(&house.shop, &visit, form, &keys).await.unwrap();
        assert_eq!(checkout.form.currency, currency.code(), "it begins with hers");
        assert_eq!(checkout.sums.items, bag.subtotal());
        assert!(checkout.bag.lines.iter().zip(&bag.lines).all(|(a, b)| a.charged == b.charged));
        assert_eq!(
            checkout.rate.map(ExchangeRate::base),
            (currency != Currency::Pen).then_some(currency)
        );
        let shipping = house.shop.catalogue.shipping(&visit).await.unwrap();
        assert!(shipping.zones.iter().all(|zone| zone.from_price.currency == currency));
        // The breakdown is of the price that is shown.
        let (card, money) = house.shop.catalogue.home(&visit).await.unwrap().money_example.unwrap();
        assert_eq!(money.total, card.charged);
        let parts: i64 = money.parts.iter().map(|part| part.amount.amount_minor).sum();
        assert_eq!(parts, card.charged.amount_minor);
    }
}

async fn a_range_takes_in_what_is_shown_within_it(test: TestDb) {
    let house = House::open(test).await;
    odd_prices(&house).await;
    for currency in Currency::ALL {
        let all = shown(&list(&house, currency, &CatalogueQuery::default()).await);
        assert!(all.iter().all(|price| *price > 0), "nothing is free: {all:?}");
        for bound in all.iter().flat_map(|price| [price - 1, *price, price + 1]) {
            let up_to = list(&house, currency, &range(currency, None, Some(bound))).await;
            let expected = all.iter().filter(|price| **price <= bound).count();
            assert_eq!(shown(&up_to).len(), expected, "{currency:?} up to {bound}");
            assert!(shown(&up_to).iter().all(|price| *price <= bound));
            let from = list(&house, currency, &range(currency, Some(bound), None)).await;
            let expected = all.iter().filter(|price| **price >= bound).count();
            assert_eq!(shown(&from).len(), expected, "{currency:?} from {bound}");
        }
    }
}

async fn counts_of_prices_keep_their_word_in_every_currency(test: TestDb) {
    let house = House::open(test).await;
    odd_prices(&house).await;
    for (currency, bounds) in [
        (Currency::Pen, [25_000, 40_000]),
        (Currency::Usd, [6_500, 10_500]),
        (Currency::Eur, [6_000, 9_500]),
    ] {
        let all = list(&house, currency, &CatalogueQuery::default()).await;
        let values: Vec<_> = all.prices.iter().map(|facet| facet.value).collect();
        let [low, high] = bounds;
        assert_eq!(values, [(None, Some(low)), (Some(low), Some(high)), (Some(high), None)]);
        for facet in &all.prices {
            let (min, max) = facet.value;
            let chosen = list(&house, currency, &range(currency, min, max)).await;
            assert_eq!(chosen.total, facet.count, "{currency:?} {:?}", facet.value);
        }
    }
}

async fn a_range_is_in_the_currency_it_names_whoever_asks(test: TestDb) {
    let house = House::open(test).await;
    let dollars = range(Currency::Usd, None, Some(10_000));
    let hers = list(&house, Currency::Usd, &dollars).await;
    assert!(hers.total > 0);
    for other in [Currency::Pen, Currency::Eur] {
        let view = list(&house, other, &dollars).await;
        assert_eq!(shown(&view), shown(&hers), "the whole page is in dollars");
    }
    // A range in a currency in which the shop does not charge is ignored. It is never taken for
    // soles.
    let all = list(&house, Currency::Pen, &CatalogueQuery::default()).await.total;
    let unknown = CatalogueQuery { price_currency: NamedCurrency::Unknown, ..dollars.clone() };
    assert_eq!(list(&house, Currency::Pen, &unknown).await.total, all);
    let only_soles = Visit { currencies: vec![Currency::Pen], ..visit(&house, Currency::Pen) };
    assert_eq!(house.shop.catalogue.catalogue(&only_soles, &dollars).await.unwrap().total, all);
}

async fn another_currency_loses_nothing_that_was_found(test: TestDb) {
    let house = House::open(test).await;
    odd_prices(&house).await;
    let now_us = house.visit(Language::Es).now.as_microsecond();
    for from in Currency::ALL {
        let all = list(&house, from, &CatalogueQuery::default()).await;
        let mut bounds = shown(&all);
        bounds.sort_unstable();
        let asked = range(from, Some(bounds[2]), Some(bounds[9]));
        let before = list(&house, from, &asked).await;
        for to in Currency::ALL {
            let same = house.shop.catalogue.in_currency(&asked, to, now_us).await.unwrap();
            assert_eq!(same.price_currency, NamedCurrency::Known(to));
            let after = list(&house, to, &same).await;
            let slugs = super::house::slugs(&after);
            for slug in super::house::slugs(&before) {
                assert!(slugs.contains(&slug), "{slug} from {from:?} to {to:?}");
            }
            if to == Currency::Pen {
                assert_eq!(slugs.len(), before.cards.len(), "soles are exact");
            }
        }
    }
    let unknown = CatalogueQuery {
        price_currency: NamedCurrency::Unknown,
        ..range(Currency::Usd, None, Some(1))
    };
    let without = house.shop.catalogue.in_currency(&unknown, Currency::Usd, now_us).await.unwrap();
    assert_eq!(without, CatalogueQuery::default());
}

async fn cheaper_stays_cheaper_in_every_currency(test: TestDb) {
    let house = House::open(test).await;
    odd_prices(&house).await;
    for currency in Currency::ALL {
        let sort = app::backend::shop::Sort::PriceUp;
        let view = list(&house, currency, &CatalogueQuery { sort, ..Default::default() }).await;
        assert!(shown(&view).is_sorted(), "{currency:?}");
    }
}

async fn a_price_beyond_every_number_breaks_no_page(test: TestDb) {
    let house = House::open(test).await;
    let sql = "UPDATE design SET price_minor = 9223372036854775807 WHERE slug = $1";
    house.write(sql, &["batea-ring"]).await;
    let sql = "UPDATE exchange_rate SET rate_micro = 1 WHERE currency = $1";
    house.write(sql, &["USD"]).await;
    let all = list(&house, Currency::Usd, &CatalogueQuery::default()).await;
    let card = all.cards.iter().find(|card| card.slug.of(Language::En) == "batea-ring").unwrap();
    assert_eq!(card.charged, Money::new(i64::MAX, Currency::Pen), "it stays in soles");
    assert!(list(&house, Currency::Usd, &range(Currency::Usd, Some(1), Some(9))).await.total == 0);
}

on_both_engines!(
    lists_pages_bag_and_checkout_name_one_price,
    a_range_takes_in_what_is_shown_within_it,
    counts_of_prices_keep_their_word_in_every_currency,
    a_range_is_in_the_currency_it_names_whoever_asks,
    another_currency_loses_nothing_that_was_found,
    cheaper_stays_cheaper_in_every_currency,
    a_price_beyond_every_number_breaks_no_page,
);
