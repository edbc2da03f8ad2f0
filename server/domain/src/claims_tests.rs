#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use jiff::civil::date;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn cecomip() -> Certificate {
    Certificate {
        mine_id: "cecomip".into(),
        valid: Period { from: date(2021, 1, 1), to: date(2024, 12, 31) },
        ecological_from: Some(date(2021, 8, 1)),
        document_id: Some("cert-1".into()),
    }
}

fn lot() -> LotFacts {
    LotFacts {
        supplier_id: Some("sissai".into()),
        trading_model: TradingModel::Labeled,
        mine_id: Some("cecomip".into()),
        left_mine_on: Some(date(2023, 5, 1)),
        document_id: Some("doc-1".into()),
        mixed: false,
        certificates: vec![cecomip()],
    }
}

fn licence() -> SellerLicence {
    SellerLicence {
        valid: Period { from: date(2026, 1, 1), to: date(2026, 12, 31) },
        document_id: Some("lic".into()),
    }
}

const TODAY: Date = date(2026, 11, 23);

#[test]
fn the_label_needs_a_licence_and_the_facts_do_not() {
    let claim = claim_of(&lot(), &[], TODAY);
    assert_eq!(claim.kind(), "facts_of_origin");
    assert!(!claim.may_use_label() && claim.may_say_ecological());
    assert_eq!(claim.mine_id(), Some("cecomip"));
    assert_eq!(claim.certificates().len(), 1);
    assert!(claim_of(&lot(), &[licence()], TODAY).may_use_label());
    assert!(
        !claim_of(&lot(), &[licence()], date(2027, 1, 1)).may_use_label(),
        "the licence lapsed"
    );
    let unproven = SellerLicence { document_id: None, ..licence() };
    assert!(!claim_of(&lot(), &[unproven], TODAY).may_use_label());
}

#[test]
fn metal_from_before_august_2021_is_never_ecological() {
    let early = LotFacts { left_mine_on: Some(date(2021, 7, 31)), ..lot() };
    let claim = claim_of(&early, &[licence()], TODAY);
    assert!(claim.may_use_label() && !claim.may_say_ecological());
    let late = LotFacts { left_mine_on: Some(date(2021, 8, 1)), ..lot() };
    assert!(claim_of(&late, &[], TODAY).may_say_ecological());
}

#[test]
fn only_metal_physically_from_a_mine_names_it() {
    let kind =
        |trading_model| claim_of(&LotFacts { trading_model, ..lot() }, &[licence()], TODAY).kind();
    assert_eq!(kind(TradingModel::Labeled), "labeled");
    assert_eq!(kind(TradingModel::Incorporated), "supplier_only");
    assert_eq!(kind(TradingModel::Certificate), "supplier_only");
    assert_eq!(kind(TradingModel::Uncertified), "mine_of_origin");
    assert_eq!(kind(TradingModel::Recycled), "recycled");
}

#[test]
fn anything_missing_or_expired_weakens_the_claim() {
    let kind = |lot: LotFacts| claim_of(&lot, &[], TODAY).kind();
    assert_eq!(kind(LotFacts { supplier_id: None, ..lot() }), "unknown");
    assert_eq!(kind(LotFacts { mine_id: None, ..lot() }), "supplier_only");
    assert_eq!(kind(LotFacts { document_id: None, ..lot() }), "supplier_only");
    assert_eq!(kind(LotFacts { left_mine_on: None, ..lot() }), "mine_of_origin");
    assert_eq!(kind(LotFacts { mixed: true, ..lot() }), "supplier_only");
    let recycled = TradingModel::Recycled;
    assert_eq!(kind(LotFacts { mixed: true, trading_model: recycled, ..lot() }), "supplier_only");
    assert_eq!(kind(LotFacts { left_mine_on: Some(date(2025, 1, 1)), ..lot() }), "mine_of_origin");
    assert_eq!(kind(LotFacts { certificates: vec![], ..lot() }), "mine_of_origin");
    let unproven = Certificate { document_id: None, ..cecomip() };
    assert_eq!(kind(LotFacts { certificates: vec![unproven], ..lot() }), "mine_of_origin");
    let foreign = Certificate { mine_id: "other".into(), ..cecomip() };
    assert_eq!(kind(LotFacts { certificates: vec![foreign], ..lot() }), "mine_of_origin");
}

#[test]
fn a_melt_takes_the_weakest_claim() {
    let melt = |lots: &[LotFacts]| claim_of_melt(lots, &[licence()], TODAY);
    assert_eq!(melt(&[lot(), lot()]), claim_of(&lot(), &[licence()], TODAY));
    assert_eq!(melt(&[]), OriginClaim::Unknown);
    let early = LotFacts { left_mine_on: Some(date(2021, 2, 1)), ..lot() };
    assert!(!melt(&[lot(), early]).may_say_ecological());
    let recycled = LotFacts { trading_model: TradingModel::Recycled, ..lot() };
    assert_eq!(melt(&[lot(), recycled]).kind(), "supplier_only");
    let other_mine = LotFacts { mine_id: Some("other".into()), ..lot() };
    assert_eq!(melt(&[lot(), other_mine]).kind(), "supplier_only");
    let other_supplier = LotFacts { supplier_id: Some("other".into()), ..lot() };
    assert_eq!(melt(&[lot(), other_supplier]), OriginClaim::Unknown);
}

fn day() -> impl Strategy<Value = Date> {
    (2020_i16..2027, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn name(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(names).prop_map(str::to_owned)
}

fn period() -> impl Strategy<Value = Period> {
    (day(), day()).prop_map(|(from, to)| Period { from, to })
}

fn certificate() -> impl Strategy<Value = Certificate> {
    (name(&["m", "m", "n"]), period(), option::of(day()), option::of(name(&["c", "d"]))).prop_map(
        |(mine_id, valid, ecological_from, document_id)| Certificate {
            mine_id,
            valid,
            ecological_from,
            document_id,
        },
    )
}

fn any_lot() -> impl Strategy<Value = LotFacts> {
    let often = 0.85;
    (
        option::weighted(often, name(&["s", "s", "s", "t"])),
        proptest::sample::select(vec![
            TradingModel::Labeled,
            TradingModel::Labeled,
            TradingModel::Labeled,
            TradingModel::Incorporated,
            TradingModel::Certificate,
            TradingModel::Uncertified,
            TradingModel::Recycled,
        ]),
        option::weighted(often, name(&["m", "m", "n"])),
        option::weighted(often, day()),
        option::weighted(often, name(&["doc"])),
        proptest::bool::weighted(0.1),
        vec(certificate(), 0..6),
    )
        .prop_map(
            |(
                supplier_id,
                trading_model,
                mine_id,
                left_mine_on,
                document_id,
                mixed,
                certificates,
            )| {
                LotFacts {
                    supplier_id,
                    trading_model,
                    mine_id,
                    left_mine_on,
                    document_id,
                    mixed,
                    certificates,
                }
            },
        )
}

fn any_licences() -> impl Strategy<Value = Vec<SellerLicence>> {
    vec(
        (period(), option::of(name(&["l"])))
            .prop_map(|(valid, document_id)| SellerLicence { valid, document_id }),
        0..3,
    )
}

/// Whether everything `weak` lets a page say, `strong` lets it say too.
fn says_no_more(weak: &OriginClaim, strong: &OriginClaim) -> bool {
    let subset = |weak: Option<&str>, strong: Option<&str>| weak.is_none() || weak == strong;
    let recycled = |claim: &OriginClaim| matches!(claim, OriginClaim::Recycled { .. });
    subset(weak.supplier_id(), strong.supplier_id())
        && subset(weak.mine_id(), strong.mine_id())
        && weak.may_use_label() <= strong.may_use_label()
        && weak.may_say_ecological() <= strong.may_say_ecological()
        && (weak.certificates().is_empty() || !strong.certificates().is_empty())
        && recycled(weak) <= recycled(strong)
}

/// The lot with one fact taken away; `which` chooses.
fn weakened(lot: &LotFacts, which: usize) -> LotFacts {
    let mut lot = lot.clone();
    match which {
        0 => lot.supplier_id = None,
        1 => lot.mine_id = None,
        2 => lot.left_mine_on = None,
        3 => lot.document_id = None,
        4 => {
            lot.certificates.pop();
        }
        5 => lot.certificates.iter_mut().for_each(|certificate| certificate.ecological_from = None),
        6 => lot.certificates.iter_mut().for_each(|certificate| certificate.document_id = None),
        7 => {
            lot.certificates
                .first_mut()
                .into_iter()
                .for_each(|certificate| certificate.mine_id = "elsewhere".into());
        }
        8 => lot.mixed = true,
        // Only mined metal can be said to be of a lesser model; recycled is another thing, not more.
        _ if lot.trading_model == TradingModel::Labeled => {
            lot.trading_model = TradingModel::Incorporated
        }
        _ => {}
    }
    lot
}

proptest! {
    #[test]
    fn taking_a_fact_away_never_says_more(lot in any_lot(), licences in any_licences(), sold_on in day(), which in 0_usize..10) {
        let whole = claim_of(&lot, &licences, sold_on);
        let less = claim_of(&weakened(&lot, which), &licences, sold_on);
        prop_assert!(says_no_more(&less, &whole), "{less:?} says more than {whole:?}");
        let unlicensed = claim_of(&lot, &[], sold_on);
        prop_assert!(says_no_more(&unlicensed, &whole) && !unlicensed.may_use_label());
    }

    #[test]
    fn mixing_never_says_more_than_any_part(lots in vec(any_lot(), 1..5), licences in any_licences(), sold_on in day()) {
        let mixed = claim_of_melt(&lots, &licences, sold_on);
        for lot in &lots {
            let part = claim_of(lot, &licences, sold_on);
            prop_assert!(says_no_more(&mixed, &part), "{mixed:?} says more than {part:?}");
        }
    }

    #[test]
    fn the_order_of_mixing_does_not_matter(lots in vec(any_lot(), 3), licences in any_licences(), sold_on in day()) {
        let claims: Vec<OriginClaim> = lots.iter().map(|lot| claim_of(lot, &licences, sold_on)).collect();
        let [a, b, c] = <[OriginClaim; 3]>::try_from(claims).unwrap();
        prop_assert_eq!(a.clone().common_with(b.clone()), b.clone().common_with(a.clone()));
        prop_assert_eq!(
            a.clone().common_with(b.clone()).common_with(c.clone()),
            a.clone().common_with(b.common_with(c))
        );
        prop_assert_eq!(a.clone().common_with(a.clone()), a);
    }

    #[test]
    fn ecological_needs_a_valid_ecological_certificate_on_the_day(lot in any_lot(), licences in any_licences(), sold_on in day()) {
        if claim_of(&lot, &licences, sold_on).may_say_ecological() {
            let left = lot.left_mine_on.unwrap();
            let proven = lot.certificates.iter().any(|c| {
                Some(&c.mine_id) == lot.mine_id.as_ref()
                    && c.valid.contains(left)
                    && c.document_id.is_some()
                    && c.ecological_from.is_some_and(|from| from <= left)
            });
            prop_assert!(proven && lot.trading_model == TradingModel::Labeled);
        }
    }
}
