//! The pages of the demonstration.

use std::collections::BTreeSet;

use app::backend::shop::{
    Availability, MoneyPart, MoneyPartKind, PieceAvailability, PieceView, ShopBackend as _,
};
use domain::language::Language;
use domain::money::{Currency, Money};
use server::sales::order_view;

use super::house::House;
use crate::support::TestDb;

async fn a_design_tells_everything(test: TestDb) {
    let house = House::open(test).await;
    let ring = house.design("batea-ring").await;
    assert_eq!(
        (ring.name.as_str(), ring.price),
        ("Anillo Batea", Money::new(38_000, Currency::Pen))
    );
    assert_eq!(ring.charged, ring.price);
    assert_eq!(ring.otherwise, Some(Money::new(10_128, Currency::Usd)));
    assert_eq!(ring.availability, Availability::Pieces(3));
    assert_eq!(ring.photos.len(), 3);
    let codes: Vec<&str> = ring.dimensions.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(
        codes,
        ["dish_diameter", "dish_depth", "band_width", "band_thickness"],
        "in the maker's order"
    );
    let serials: Vec<&str> = ring.pieces.iter().map(|piece| piece.serial.as_str()).collect();
    assert_eq!(
        serials,
        ["0156", "0147", "0151", "0139"],
        "by size, the sold one last, none from the context"
    );
    assert!(
        matches!(ring.pieces[3].availability, PieceAvailability::Sold { on } if on.to_string() == "2026-11-03")
    );
    let makers: Vec<&str> = ring.pieces[0].makers.iter().map(|maker| maker.name.as_str()).collect();
    assert_eq!(makers, ["Rosaura M.", "Elvira Q."]);
    assert_eq!(ring.delivery.len(), 2);
    assert!(
        ring.delivery
            .iter()
            .all(|days| days.from > house.visit(Language::Es).today && days.from <= days.to)
    );
    assert_eq!(ring.related.len(), 4);
    assert!(ring.related.iter().all(|card| card.slug.of(Language::En) != "batea-ring"));
    let english = house
        .shop
        .catalogue
        .design(&house.visit(Language::En), "batea-ring")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(english.name, "Batea ring");
    assert!(english.photos[0].alt.starts_with("Silver ring"));
}

async fn the_workshop_tells_of_the_first_piece(test: TestDb) {
    let house = House::open(test).await;
    let ring = house.design("batea-ring").await;
    let facts = &ring.provenances[0].workshop;
    assert_eq!(facts.serial, ring.pieces[0].serial);
    assert_eq!(facts.issued_mg, facts.in_piece_mg + facts.scrap_mg + facts.loss_mg);
    assert_eq!(facts.in_piece_mg, ring.pieces[0].weight_mg);
    assert_eq!(facts.steps.len(), 2);
}

async fn each_piece_tells_its_own_way(test: TestDb) {
    let house = House::open(test).await;
    let band = house.design("arena-band").await;
    let sold = |piece: &&PieceView| !matches!(piece.availability, PieceAvailability::Sold { .. });
    let to_be_had: Vec<&str> =
        band.pieces.iter().filter(sold).map(|piece| piece.serial.as_str()).collect();
    let told: Vec<&str> = band.provenances.iter().map(|p| p.workshop.serial.as_str()).collect();
    assert_eq!(told, to_be_had);
    assert!(told.len() > 1);
    let hands: BTreeSet<String> =
        band.provenances.iter().map(|p| format!("{:?}", p.workshop.steps)).collect();
    assert!(hands.len() > 1, "not every band is of the same hands");
    for (piece, provenance) in band.pieces.iter().zip(&band.provenances) {
        // A band has neither stones nor findings.
        let metal: i64 = provenance.origins.iter().map(|origin| origin.amount_mg).sum();
        assert_eq!(metal, piece.weight_mg, "{}", piece.serial);
    }
}

async fn what_one_woman_alone_is_paid_is_not_told(test: TestDb) {
    let house = House::open(test).await;
    let before = house.design("batea-ring").await;
    let together = before.money.unwrap();
    assert!(together.maker_count > 1);
    let others = "DELETE FROM contribution WHERE piece_id = $1 AND member_id <>
        (SELECT MIN(member_id) FROM contribution WHERE piece_id = $1)";
    assert!(house.write(others, &[&before.pieces[0].id]).await > 0);
    let alone = house.design("batea-ring").await.money.unwrap();
    assert_eq!((alone.maker_count, &alone.parts[0].kind), (1, &MoneyPartKind::WorkAndFunds));
    let of_fund = |part: &MoneyPart| matches!(part.kind, MoneyPartKind::Fund(_));
    assert!(!alone.parts.iter().any(of_fund));
    assert_eq!(
        alone.parts.iter().map(|part| part.amount.amount_minor).sum::<i64>(),
        alone.total.amount_minor
    );
}

async fn every_price_is_taken_apart_to_the_cent(test: TestDb) {
    let house = House::open(test).await;
    let all = house.list(&Default::default()).await;
    assert_eq!(all.total, 15);
    for card in &all.cards {
        let money = house
            .design(card.slug.of(Language::En))
            .await
            .money
            .unwrap_or_else(|| panic!("{:?} has no breakdown", card.slug));
        assert_eq!(money.total, card.price, "{:?}", card.slug);
        let sum: i64 = money.parts.iter().map(|part| part.amount.amount_minor).sum();
        assert_eq!(sum, card.price.amount_minor);
        assert_eq!(money.parts[0].kind, MoneyPartKind::Makers);
        assert!(money.parts.iter().all(|part| part.amount.amount_minor > 0) && money.estimate);
        assert_eq!(
            (money.policy_version, money.adopted_on.to_string().as_str()),
            (1, "2026-03-14")
        );
    }
    let money = house.design("arena-band-gold").await.money.unwrap();
    let material = money.parts.iter().find(|part| part.kind == MoneyPartKind::Material).unwrap();
    // 7.27 g of 750 gold: 5452 mg fine at USD 129.00 a gram are USD 703.31, at 3.752 soles.
    assert_eq!(material.amount.amount_minor, 263_882);
}

async fn unknown_and_withdrawn_designs_are_none(test: TestDb) {
    let house = House::open(test).await;
    let visit = house.visit(Language::Es);
    for slug in ["", "no-such", "batea-ring'; DROP TABLE design; --", "%", "\u{0}", "🜚"] {
        assert!(house.shop.catalogue.design(&visit, slug).await.unwrap().is_none());
        assert!(house.shop.catalogue.maker(&visit, slug).await.unwrap().is_none());
        assert!(order_view::open(&house.shop, &visit, slug, None).await.unwrap().is_none());
        assert!(
            house
                .shop
                .catalogue
                .read_bag(&visit, &[slug.to_owned()], None)
                .await
                .unwrap()
                .lines
                .is_empty()
        );
    }
    house.write("UPDATE design SET status = 'withdrawn' WHERE slug = $1", &["rio-ring"]).await;
    assert!(house.shop.catalogue.design(&visit, "anillo-rio").await.unwrap().is_none());
    assert_eq!(house.list(&Default::default()).await.total, 14);
    let maker = house.shop.catalogue.maker(&visit, "yeny-t").await.unwrap().unwrap();
    assert!(maker.designs.iter().all(|card| card.slug.of(Language::En) != "rio-ring"));
    assert_eq!(usize::try_from(maker.card.design_count).unwrap(), maker.designs.len());
}

async fn the_bag_tells_what_can_still_be_had(test: TestDb) {
    let house = House::open(test).await;
    let visit = house.visit(Language::Es);
    let ring = house.design("batea-ring").await;
    let id =
        |serial: &str| ring.pieces.iter().find(|piece| piece.serial == serial).unwrap().id.clone();
    let ids = [id("0151"), id("0139"), "no-such-piece".to_owned(), id("0147")];
    let bag = house.shop.catalogue.read_bag(&visit, &ids, None).await.unwrap();
    let serials: Vec<&str> = bag.lines.iter().map(|line| line.serial.as_str()).collect();
    assert_eq!(serials, ["0151", "0139", "0147"], "in the order they were put in");
    assert_eq!(bag.subtotal(), Money::new(76_000, Currency::Pen), "the sold one is not counted");
    assert_eq!(bag.subtotal_in_soles(), bag.subtotal());
    assert!(bag.lines.iter().all(|line| line.photo.is_some() && !line.makers.is_empty()));
    assert!(house.shop.catalogue.read_bag(&visit, &[], None).await.unwrap().lines.is_empty());
}

async fn home_money_shipping_and_machines(test: TestDb) {
    let house = House::open(test).await;
    let visit = house.visit(Language::Es);
    let home = house.shop.catalogue.home(&visit).await.unwrap();
    assert_eq!(
        (home.new_designs.len(), home.makers.len(), home.maker_count, home.member_count),
        (4, 6, 19, 21)
    );
    assert_eq!(home.new_designs[0].slug.of(Language::En), "batea-ring");
    assert!(home.hero.is_some() && home.way.is_some() && home.money_example.is_some());
    assert_eq!(home.certified_mine.unwrap().number, "DEMO-FME-2026-04");
    let money = house.shop.catalogue.money(&visit).await.unwrap().unwrap();
    assert_eq!(money.funds, [("workshop".to_owned(), 1_500), ("association".to_owned(), 1_000)]);
    assert_eq!(money.pieces_sold, 3);
    assert!(money.makers_received.len() == 1 && money.makers_received[0].amount_minor > 30_000);
    let shipping = house.shop.catalogue.shipping(&visit).await.unwrap();
    assert!(shipping.zones.len() >= 5 && shipping.return_days == 14);
    let feed = house.shop.catalogue.feed_entries(Language::En, visit.now).await.unwrap();
    assert_eq!((feed.len(), feed[0].slug.of(Language::En)), (15, "batea-ring"));
    let mut after = None;
    let mut seen = Vec::new();
    loop {
        let part = house.shop.catalogue.sitemap_designs(after.as_deref(), 4).await.unwrap();
        seen.extend(part.pages);
        match part.next_after {
            Some(key) => after = Some(key),
            None => break,
        }
    }
    assert_eq!(seen.len(), 15);
    assert_eq!(house.shop.catalogue.sitemap_entry_count(visit.now).await.unwrap(), 34);
}

async fn an_empty_shop_has_pages_too(test: TestDb) {
    let house = House::empty(test);
    let visit = house.visit(Language::Es);
    let home = house.shop.catalogue.home(&visit).await.unwrap();
    assert!(
        home.new_designs.is_empty()
            && home.money_example.is_none()
            && home.certified_mine.is_none()
    );
    let list = house.list(&Default::default()).await;
    assert_eq!((list.total, list.page, list.pages, list.suggestions.len()), (0, 1, 0, 0));
    assert!(house.shop.catalogue.money(&visit).await.unwrap().is_none());
    assert!(house.shop.catalogue.makers(&visit).await.unwrap().is_empty());
    assert!(house.shop.catalogue.origin(&visit).await.unwrap().lots.is_empty());
    assert!(house.shop.catalogue.feed_entries(Language::Es, visit.now).await.unwrap().is_empty());
}

on_both_engines!(
    a_design_tells_everything,
    the_workshop_tells_of_the_first_piece,
    every_price_is_taken_apart_to_the_cent,
    each_piece_tells_its_own_way,
    what_one_woman_alone_is_paid_is_not_told,
    unknown_and_withdrawn_designs_are_none,
    the_bag_tells_what_can_still_be_had,
    home_money_shipping_and_machines,
    an_empty_shop_has_pages_too,
);
