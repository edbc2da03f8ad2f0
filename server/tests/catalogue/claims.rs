//! The claims about the metal follow from papers and days, and change with them.

use app::backend::shop::{LotArrival, MetalOrigin, ShopBackend as _};
use domain::claims::OriginClaim;
use domain::language::Language;
use domain::metal::Metal;

use super::house::House;
use crate::support::TestDb;

fn gold(origins: &[MetalOrigin]) -> &MetalOrigin {
    origins.iter().find(|origin| origin.metal == Metal::Gold).unwrap()
}

async fn certified_gold_states_facts_without_the_label(test: TestDb) {
    let house = House::open(test).await;
    let ring = house.design("batea-ring").await;
    assert_eq!(ring.provenances[0].origins.len(), 2);
    assert_eq!(ring.provenances[0].origins[0].metal, Metal::Silver, "the design's own metal first");
    assert!(
        matches!(&ring.provenances[0].origins[0].claim, OriginClaim::SupplierOnly { supplier_id } if supplier_id == "Sissaï")
    );
    let origin = gold(&ring.provenances[0].origins);
    assert!(
        matches!(&origin.claim, OriginClaim::FactsOfOrigin(facts) if facts.mine_id == "CECOMIP" && facts.ecological)
    );
    let certificate = origin.certificate.as_ref().unwrap();
    assert_eq!(certificate.number, "DEMO-FME-2025-09");
    assert!(matches!(origin.arrival, LotArrival::Consigned { .. }));
    assert!(origin.lot_code == "L-014" && origin.amount_mg == 41);
    assert_eq!(origin.documents.len(), 2);
}

async fn every_weakness_says_less(test: TestDb) {
    let house = House::open(test).await;
    // The metal left the mine while no certificate was valid: the page may name the mine, nothing
    // more.
    let lapsed = house.design("quinoa-ring").await;
    assert!(
        matches!(&gold(&lapsed.provenances[0].origins).claim, OriginClaim::MineOfOrigin { mine_id, .. } if mine_id == "CECOMIP")
    );
    assert!(gold(&lapsed.provenances[0].origins).certificate.is_none());
    // The metal was melted together with other metal: the page names only the supplier.
    let mixed = house.design("tupu-pin").await;
    assert!(matches!(&gold(&mixed.provenances[0].origins).claim, OriginClaim::SupplierOnly { .. }));
    // Metal from before August 2021 is certified but never ecological.
    let early = house.design("arena-band-gold").await;
    let claim = &gold(&early.provenances[0].origins).claim;
    assert!(matches!(claim, OriginClaim::FactsOfOrigin(_)) && !claim.may_say_ecological());
    // Recycled silver names no mine. A sample for fairs shows nothing about its metal.
    let recycled = house.design("condor-earrings").await;
    assert!(matches!(&recycled.provenances[0].origins[0].claim, OriginClaim::Recycled { .. }));
    assert!(house.design("awayo-ring").await.provenances.is_empty());
}

async fn a_document_taken_away_weakens_the_claim_at_once(test: TestDb) {
    let house = House::open(test).await;
    assert!(matches!(
        gold(&house.design("batea-ring").await.provenances[0].origins).claim,
        OriginClaim::FactsOfOrigin(_)
    ));
    house
        .write("UPDATE certificate SET document = NULL WHERE number = $1", &["DEMO-FME-2025-09"])
        .await;
    assert!(matches!(
        gold(&house.design("batea-ring").await.provenances[0].origins).claim,
        OriginClaim::MineOfOrigin { .. }
    ));
    house
        .write(
            "DELETE FROM lot_document WHERE lot_id = (SELECT id FROM material_lot WHERE code = $1)",
            &["L-014"],
        )
        .await;
    assert!(matches!(
        gold(&house.design("batea-ring").await.provenances[0].origins).claim,
        OriginClaim::SupplierOnly { .. }
    ));
}

async fn the_label_needs_a_licence_of_the_seller_today(test: TestDb) {
    let house = House::open(test).await;
    let licence =
        "INSERT INTO seller_licence (id, scheme, number, valid_from, valid_until, document)
        VALUES ($1, 'Fairmined', 'TEST', $2, $3, 'Licencia')";
    house.write(licence, &["l1", "2025-01-01", "2026-11-22"]).await;
    assert!(
        !gold(&house.design("batea-ring").await.provenances[0].origins).claim.may_use_label(),
        "it ended yesterday"
    );
    house.write(licence, &["l2", "2026-11-23", "2027-11-22"]).await;
    let ring = house.design("batea-ring").await;
    assert!(gold(&ring.provenances[0].origins).claim.may_use_label());
    assert!(!ring.provenances[0].origins[0].claim.may_use_label(), "not for the silver");
    assert!(
        !gold(&house.design("quinoa-ring").await.provenances[0].origins).claim.may_use_label(),
        "nor for a lapsed certificate"
    );
}

async fn the_origin_page_accounts_for_every_milligram(test: TestDb) {
    let house = House::open(test).await;
    let origin = house.shop.catalogue.origin(&house.visit(Language::Es)).await.unwrap();
    assert_eq!(
        (origin.lots.len(), origin.mines.len(), origin.mines[0].certificates.len()),
        (12, 1, 5)
    );
    assert!(origin.mines[0].certificates.is_sorted_by(|a, b| a.valid_from >= b.valid_from));
    for lot in &origin.lots {
        let parts = [
            lot.in_pieces_mg,
            lot.scrap_mg,
            lot.loss_mg,
            lot.returned_mg,
            lot.melted_mg,
            lot.on_hand_mg,
        ];
        assert_eq!(parts.iter().sum::<i64>(), lot.received_mg, "{}", lot.origin.lot_code);
        assert!(parts.iter().all(|part| *part >= 0));
        assert!(!lot.origin.claim.may_use_label());
    }
    let incorporated = origin.lots.iter().find(|lot| lot.origin.lot_code == "L-015").unwrap();
    assert!(
        matches!(incorporated.origin.claim, OriginClaim::SupplierOnly { .. }),
        "mass balance names no mine"
    );
}

on_both_engines!(
    certified_gold_states_facts_without_the_label,
    every_weakness_says_less,
    a_document_taken_away_weakens_the_claim_at_once,
    the_label_needs_a_licence_of_the_seller_today,
    the_origin_page_accounts_for_every_milligram,
);
