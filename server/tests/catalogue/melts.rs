//! Melting: what becomes of lots, scrap and pieces, which claims the result has, and what it costs.

use store::db::{DbError, DbResult};
use store::piece;

use app::backend::shop::{LotArrival, LotView, MoneyPartKind, ShopBackend as _};
use domain::claims::OriginClaim;
use domain::language::Language;
use domain::metal::MetalError;
use domain::piece::PieceState;
use jiff::civil::{Date, date};
use server::check;
use server::workshop::melt::{self, Made, MeltRequest, Refused, Taken, TakenFrom};

use super::house::{House, NOW_US, now};
use crate::support::{TestDb, key};

const TODAY: Date = date(2026, 11, 23);

fn of(lot: &str, from: TakenFrom, gross_mg: Option<i64>) -> Taken {
    Taken { lot: lot.to_owned(), from, gross_mg }
}

fn stock(lot: &str, gross_mg: i64) -> Taken {
    of(lot, TakenFrom::Stock, Some(gross_mg))
}

fn request(code: &str, inputs: Vec<Taken>, weighed_mg: i64) -> MeltRequest {
    let (alloy_mg, reason, paper) = (0, None, Some(format!("Acta de {code}")));
    MeltRequest {
        code: code.to_owned(),
        melted_on: TODAY,
        inputs,
        alloy_mg,
        weighed_mg,
        reason,
        paper,
    }
}

async fn melted(house: &House, request: &MeltRequest) -> Made {
    melt::melt(&house.shop.db, request, now()).await.unwrap().unwrap()
}

async fn refused(house: &House, request: &MeltRequest) -> Refused {
    melt::melt(&house.shop.db, request, now()).await.unwrap().unwrap_err()
}

async fn lot(house: &House, code: &str) -> LotView {
    let origin = house.shop.catalogue.origin(&house.visit(Language::Es)).await.unwrap();
    origin.lots.into_iter().find(|lot| lot.origin.lot_code == code).unwrap()
}

async fn differences(house: &House) -> Vec<String> {
    let pause = std::time::Duration::ZERO;
    check::reconcile(&house.shop.db, None, now(), pause).await.unwrap().differences
}

async fn the_demonstrations_melted_lot_was_bought_of_nobody(test: TestDb) {
    let house = House::open(test).await;
    let melted = lot(&house, "L-008").await;
    let LotArrival::Melted { of, loss_mg, owner, .. } = &melted.origin.arrival else {
        panic!("{:?}", melted.origin.arrival)
    };
    assert_eq!(of, &[("L-005".to_owned(), 21_700), ("L-006".to_owned(), 18_700)]);
    assert_eq!((*loss_mg, owner, melted.received_mg), (400, &None, 40_000));
    assert_eq!(melted.origin.claim, OriginClaim::Unknown, "two suppliers have nothing in common");
    assert_eq!(melted.origin.documents.len(), 1);
    assert_eq!(lot(&house, "L-005").await.became, ["L-008"]);
    assert_eq!(lot(&house, "L-005").await.melted_mg, 21_700);
    // The piece made of it claims no more than the lot.
    let pendant = house.design("chakana-pendant").await;
    let origin = &pendant.provenances[0].origins[0];
    assert_eq!((origin.lot_code.as_str(), &origin.claim), ("L-008", &OriginClaim::Unknown));
}

async fn metal_of_a_melted_lot_costs_what_its_inputs_cost(test: TestDb) {
    let house = House::open(test).await;
    let pendant = house.design("chakana-pendant").await;
    let mut tx = house.shop.db.begin().await.unwrap();
    let metals = piece::metal(&mut tx, &key(&pendant.pieces[0].id)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(pendant.pieces[0].serial, "0130");
    // Of 11,700 mg (12,400 without 700 of findings) 11,115 are fine. They are attributed to the two
    // lots in the proportion 20,615 : 17,765.
    let owed: Vec<(i64, i64)> =
        metals.iter().map(|metal| (metal.fine_mg, metal.price_per_fine_g_minor)).collect();
    assert_eq!(owed, [(5_970, 498), (5_145, 470)]);
    assert!(metals.iter().all(|metal| metal.owner == "bought"));
    // The page calculates as the sale will: 9 soles for findings, and each lot at its own price.
    let money = pendant.money.unwrap();
    let material = money.parts.iter().find(|part| part.kind == MoneyPartKind::Material).unwrap();
    assert_eq!(material.amount.amount_minor, 900 + 2_973 + 2_418);
}

async fn a_melt_takes_scrap_and_a_retired_piece_and_every_milligram_is_somewhere(test: TestDb) {
    let house = House::open(test).await;
    house.write("UPDATE piece SET state = 'retired' WHERE serial = $1", &["0119"]).await;
    let before = lot(&house, "L-011").await;
    let inputs = vec![
        of("L-011", TakenFrom::Scrap, None),
        of("L-011", TakenFrom::Piece("0119".into()), None),
        stock("L-008", 1_000),
    ];
    let put_in = before.scrap_mg + 8_730 + 1_000;
    let made = melted(&house, &request("L-020", inputs, put_in - 100)).await;
    assert_eq!((made.melted.gross_mg, made.melted.loss_mg), (put_in - 100, 100));
    let after = lot(&house, "L-011").await;
    assert_eq!(
        (after.scrap_mg, after.in_pieces_mg, after.melted_mg, after.on_hand_mg),
        (0, before.in_pieces_mg - 8_730, before.scrap_mg + 8_730, before.on_hand_mg)
    );
    // A melt of a melt goes back to three lots of three suppliers.
    assert_eq!(lot(&house, "L-020").await.origin.claim, OriginClaim::Unknown);
    assert_eq!(differences(&house).await, [] as [String; 0]);
    // What was melted cannot be sold or melted again.
    let back = "UPDATE piece SET state = 'retail' WHERE serial = $1";
    let mut tx = house.shop.db.begin().await.unwrap();
    let refused_back = tx.query(back).bind("0119").execute().await;
    assert!(matches!(refused_back, Err(DbError::Constraint(_))), "{refused_back:?}");
    tx.rollback().await.unwrap();
    let again = request("L-021", vec![of("L-011", TakenFrom::Piece("0119".into()), Some(1))], 1);
    let why = MetalError::Insufficient { available_mg: 0 };
    assert_eq!(refused(&house, &again).await, Refused::OfLot { lot: "L-011".into(), why });
}

async fn claims_of_melts_are_never_stronger_than_the_weakest(test: TestDb) {
    let house = House::open(test).await;
    let kind = |view: LotView| view.origin.claim.kind();
    // Two certified lots of the same mine: the melt is still certified, and Ecological only if both
    // are.
    melted(&house, &request("L-020", vec![stock("L-014", 500), stock("L-013", 500)], 1_000)).await;
    let both = lot(&house, "L-020").await;
    assert_eq!(both.origin.claim.kind(), "facts_of_origin");
    assert!(!both.origin.claim.may_say_ecological(), "half of it left before August 2021");
    assert!(
        matches!(&both.origin.arrival, LotArrival::Melted { owner: Some(owner), .. } if owner == "Sissaï")
    );
    // With metal whose certificate had lapsed only the mine is left in the claim, with mass balance
    // only the supplier.
    melted(&house, &request("L-021", vec![stock("L-020", 500), stock("L-010", 500)], 1_000)).await;
    assert_eq!(kind(lot(&house, "L-021").await), "mine_of_origin");
    melted(&house, &request("L-022", vec![stock("L-021", 500), stock("L-015", 500)], 1_000)).await;
    assert_eq!(kind(lot(&house, "L-022").await), "supplier_only");
    // When a lot deep in the melt loses its paper, the claims of all lots made of it become weaker.
    let papers =
        "DELETE FROM lot_document WHERE lot_id = (SELECT id FROM material_lot WHERE code = $1)";
    house.write(papers, &["L-013"]).await;
    assert_eq!(kind(lot(&house, "L-021").await), "supplier_only");
    assert_eq!(kind(lot(&house, "L-020").await), "supplier_only");
    assert_eq!(differences(&house).await, [] as [String; 0]);
}

async fn what_cannot_be_melted_is_refused_and_nothing_is_written(test: TestDb) {
    let house = House::open(test).await;
    let (a, b) = (|| stock("L-005", 1_000), || stock("L-006", 1_000));
    let good = || request("L-020", vec![a(), b()], 2_000);
    let metal = Refused::Metal;
    let cases = [
        (MeltRequest { code: "L 020".into(), ..good() }, Refused::BadCode),
        (MeltRequest { code: "L-014".into(), ..good() }, Refused::CodeTaken("L-014".into())),
        (MeltRequest { paper: Some("x".repeat(201)), ..good() }, Refused::TextTooLong),
        (
            MeltRequest { melted_on: date(2026, 11, 24), ..good() },
            Refused::InTheFuture(date(2026, 11, 24)),
        ),
        (
            MeltRequest { melted_on: date(2025, 7, 1), ..good() },
            Refused::NotThereYet { lot: "L-006".into(), received_on: "2025-07-02".into() },
        ),
        (
            MeltRequest { inputs: vec![stock("L-099", 1)], ..good() },
            Refused::NoSuchLot("L-099".into()),
        ),
        (
            MeltRequest {
                inputs: vec![of("L-005", TakenFrom::Piece("9999".into()), None)],
                ..good()
            },
            Refused::NoSuchPiece("9999".into()),
        ),
        (
            MeltRequest {
                inputs: vec![of("L-009", TakenFrom::Piece("0147".into()), None)],
                ..good()
            },
            Refused::NotRetired { serial: "0147".into(), state: PieceState::Retail },
        ),
        (
            MeltRequest { inputs: vec![of("L-005", TakenFrom::Stock, None)], ..good() },
            Refused::HowMuch("L-005".into()),
        ),
        (
            MeltRequest { inputs: vec![a(), stock("L-009", 1_000)], ..good() },
            metal(MetalError::DifferentOwners),
        ),
        (
            MeltRequest { inputs: vec![a(), stock("L-014", 100)], ..good() },
            metal(MetalError::DifferentMetals),
        ),
        (MeltRequest { inputs: Vec::new(), ..good() }, metal(MetalError::NothingToMelt)),
        (
            MeltRequest { weighed_mg: 1_939, ..good() },
            metal(MetalError::LossNeedsReason { loss_mg: 61, tolerated_mg: 60 }),
        ),
        (
            MeltRequest { weighed_mg: 2_001, ..good() },
            metal(MetalError::BadYield { put_in_mg: 2_000, weighed_mg: 2_001 }),
        ),
    ];
    for (request, expected) in cases {
        assert_eq!(refused(&house, &request).await, expected);
    }
    let more = MeltRequest { inputs: vec![stock("L-005", 38_301)], ..good() };
    let why = MetalError::Insufficient { available_mg: 38_300 };
    assert_eq!(refused(&house, &more).await, Refused::OfLot { lot: "L-005".into(), why });
    let (melts,): (i64,) =
        house.shop.db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM melt").fetch_one().await.unwrap();
    assert_eq!(melts, 1, "the demonstration's own");
}

/// Metal of a lot that is written into the melt `m` without the use case: the lot's code, mg, mg
/// fine, day.
type RawInput = (&'static str, i64, i64, i64);
/// The lot it becomes: metal, stamp, mg, mg fine, owner, day.
type RawLot = (&'static str, i64, i64, i64, &'static str, &'static str);

async fn raw(house: &House, inputs: &[RawInput], lot: RawLot) -> DbResult<()> {
    let mut tx = house.shop.db.begin().await?;
    let open = "INSERT INTO melt (id, melted_on, alloy_mg, loss_mg, loss_fine_mg, noted_at_us) VALUES ('m', '2026-11-23', 0, 0, 0, 1)";
    tx.query(open).execute().await?;
    for (code, gross_mg, fine_mg, days_ago) in inputs {
        let movement = "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, at_us, melt_id, taken_from, fine_mg) \
             SELECT 'x-' || code, id, 'melt', $2, $3, 'm', 'stock', $4 FROM material_lot WHERE code = $1";
        let query = tx.query(movement).bind(*code).bind(*gross_mg);
        query.bind(NOW_US - days_ago * 86_400_000_000).bind(*fine_mg).execute().await?;
    }
    let (metal, stamp, gross_mg, fine_mg, owner, day) = lot;
    let close = "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, fine_mg, supplier_id, owner, received_on, melt_id) \
         VALUES ('raw', 'L-RAW', $1, $2, $3, $4, (SELECT id FROM supplier WHERE name = 'Sissaï' AND $5 = 'consigned'), $5, $6, 'm')";
    let query = tx.query(close).bind(metal).bind(stamp).bind(gross_mg).bind(fine_mg);
    query.bind(owner).bind(day).execute().await?;
    tx.rollback().await
}

async fn the_schema_refuses_what_the_rule_would(test: TestDb) {
    let house = House::open(test).await;
    let day = "2026-11-23";
    let two: &[RawInput] = &[("L-005", 1_000, 950, 0), ("L-006", 1_000, 950, 0)];
    let lot: RawLot = ("silver", 950, 2_000, 1_900, "bought", day);
    raw(&house, two, lot).await.unwrap();
    let cases: [(&str, &[RawInput], RawLot); 10] = [
        ("of nothing", &[], ("silver", 950, 2_000, 1_900, "bought", day)),
        ("fine metal made", two, ("silver", 950, 2_000, 1_901, "bought", day)),
        ("fine metal lost", two, ("silver", 949, 2_000, 1_899, "bought", day)),
        ("weight made", two, ("silver", 949, 2_001, 1_900, "bought", day)),
        ("a stamp too high", two, ("silver", 951, 2_000, 1_900, "bought", day)),
        ("another metal", two, ("gold", 950, 2_000, 1_900, "bought", day)),
        ("another owner", two, ("silver", 950, 2_000, 1_900, "consigned", day)),
        ("another day", two, ("silver", 950, 2_000, 1_900, "bought", "2026-11-22")),
        ("a day before", &[("L-005", 1_000, 950, 1), ("L-006", 1_000, 950, 0)], lot),
        ("a wrong measure", &[("L-005", 1_000, 949, 0), ("L-006", 1_000, 951, 0)], lot),
    ];
    for (what, inputs, lot) in cases {
        let refused = raw(&house, inputs, lot).await;
        assert!(matches!(refused, Err(DbError::Constraint(_))), "{what}: {refused:?}");
    }
    for statement in [
        "UPDATE melt SET loss_mg = 1",
        "DELETE FROM melt",
        "UPDATE material_lot SET received_mg = received_mg + 1 WHERE code = 'L-014'",
        "UPDATE material_lot SET fine_mg = fine_mg - 1 WHERE code = 'L-014'",
        "UPDATE material_lot SET metal = 'gold' WHERE code = 'L-008'",
        "UPDATE material_lot SET melt_id = NULL WHERE code = 'L-008'",
        "UPDATE material_lot SET owner = 'consigned' WHERE code = 'L-005'",
        "UPDATE material_lot SET price_per_fine_g_minor = 1 WHERE code = 'L-008'",
        "UPDATE material_lot SET trading_model = 'labeled' WHERE code = 'L-008'",
        // A melt that became a lot takes nothing more, and a movement that melts names its melt.
        "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, at_us, melt_id, taken_from, fine_mg) \
         SELECT 'late', l.id, 'melt', 1000, 1754337600000000, t.id, 'stock', 950 FROM material_lot l, melt t WHERE l.code = 'L-005'",
        "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, at_us) \
         SELECT 'mute', l.id, 'melt', 1000, 1 FROM material_lot l WHERE l.code = 'L-005'",
    ] {
        let mut tx = house.shop.db.begin().await.unwrap();
        let refused = tx.query(statement).execute().await;
        assert!(matches!(refused, Err(DbError::Constraint(_))), "{statement}: {refused:?}");
        tx.rollback().await.unwrap();
    }
}

async fn the_check_finds_what_does_not_hold(test: TestDb) {
    let house = House::open(test).await;
    assert_eq!(differences(&house).await, [] as [String; 0]);
    house.write("UPDATE piece SET weight_mg = weight_mg + 1 WHERE serial = $1", &["0147"]).await;
    let open = "INSERT INTO melt (id, melted_on, alloy_mg, loss_mg, loss_fine_mg, noted_at_us) VALUES ($1, '2026-11-20', 0, 0, 0, 1)";
    house.write(open, &["never"]).await;
    // A piece is sold as finer than the poorest silver in it.
    house.write("UPDATE design SET fineness_permille = 960 WHERE slug = $1", &["arena-band"]).await;
    let found = differences(&house).await;
    assert_eq!(found.len(), 2 + 3, "{found:?}");
    assert!(found[0].contains("2026-11-20") && found[1].contains("0147"), "{found:?}");
    assert!(found[2].contains("0118") && found[2].contains("960"), "{found:?}");
}

/// When a lot is written without its fine metal, the schema fills in the same value as the domain.
async fn the_schema_rounds_fine_metal_as_the_domain_does(test: TestDb) {
    let house = House::empty(test);
    house.write("INSERT INTO supplier (id, name) VALUES ($1, 'S')", &["s"]).await;
    let cases = [
        (1_000, 950),
        (10, 950),
        (30, 950),
        (1, 300),
        (3_910, 925),
        (20_000_000, 750),
        (500, 1),
        (1_500, 1),
        (7, 1000),
    ];
    for (at, (gross_mg, permille)) in cases.into_iter().enumerate() {
        let mut tx = house.shop.db.begin().await.unwrap();
        let insert = "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, trading_model, owner, \
             received_on, price_per_fine_g_minor, price_currency) VALUES ($1, $1, 'silver', $2, $3, 's', 'uncertified', 'bought', '2026-01-01', 1, 'PEN')";
        let query = tx.query(insert).bind(format!("l{at}")).bind(i64::from(permille));
        query.bind(gross_mg).execute().await.unwrap();
        let (fine,): (i64,) = tx
            .query("SELECT fine_mg FROM material_lot WHERE id = $1")
            .bind(format!("l{at}"))
            .fetch_one()
            .await
            .unwrap();
        let fineness = domain::metal::Fineness::from_permille(permille).unwrap();
        assert_eq!(fine, domain::metal::fine_mg(gross_mg, fineness), "{gross_mg} of {permille}");
        tx.commit().await.unwrap();
    }
}

on_both_engines!(
    the_demonstrations_melted_lot_was_bought_of_nobody,
    metal_of_a_melted_lot_costs_what_its_inputs_cost,
    a_melt_takes_scrap_and_a_retired_piece_and_every_milligram_is_somewhere,
    claims_of_melts_are_never_stronger_than_the_weakest,
    what_cannot_be_melted_is_refused_and_nothing_is_written,
    the_schema_refuses_what_the_rule_would,
    the_check_finds_what_does_not_hold,
    the_schema_rounds_fine_metal_as_the_domain_does,
);
