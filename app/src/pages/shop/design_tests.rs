//! The page of a design for shoppers and search engines, and with hostile texts.

use domain::claims::{CertificateFact, OriginClaim, OriginFacts, Period};
use domain::language::Language;
use domain::metal::Metal;
use domain::money::{Currency, Money};
use jiff::civil::date;

use super::{design, test_visit};
use crate::backend::shop::{
    Availability, Category, CertificateView, DesignView, Dimension, LotArrival, MakerCard,
    MetalOrigin, MoneyBreakdown, MoneyPart, MoneyPartKind, Photo, PieceAvailability, PieceView,
    Provenance, Visit, WorkshopFacts,
};

fn soles(minor: i64) -> Money {
    Money::new(minor, Currency::Pen)
}

fn visit(language: Language) -> Visit {
    Visit { demo: true, ..test_visit::visit(language, "/es/piezas/anillo") }
}

fn piece(id: &str, availability: PieceAvailability) -> PieceView {
    PieceView {
        id: id.into(),
        serial: format!("00{id}"),
        weight_mg: 3_910,
        inner_circumference_tenths_mm: Some(540),
        makers: Vec::new(),
        availability,
    }
}

fn view() -> DesignView {
    let photo = Photo {
        hash: "abc".into(),
        width_px: 1600,
        height_px: 1600,
        colour: "#d8d2c4".into(),
        widths: vec![320, 640, 1600],
        alt: "Anillo de plata".into(),
    };
    let maker = MakerCard {
        slug: "rosaura-m".into(),
        name: "Rosaura M.".into(),
        community: "Ananea".into(),
        crafts: "Batido".into(),
        quote: None,
        portrait: None,
        design_count: 1,
    };
    let parts = [(MoneyPartKind::Makers, 30_000), (MoneyPartKind::Tax, 8_000)]
        .map(|(kind, minor)| MoneyPart { kind, amount: soles(minor) });
    DesignView {
        slug: "anillo".into(),
        name: "Anillo Batea".into(),
        category: Category::Ring,
        description: "Un plato batido.".into(),
        care: String::new(),
        price: soles(38_000),
        charged: soles(38_000),
        otherwise: Some(Money::new(10_128, Currency::Usd)),
        photos: vec![photo],
        metal: Metal::Silver,
        fineness_permille: 950,
        weight_mg: 3_910,
        gold_750_mg: 41,
        dimensions: vec![Dimension { code: "band_thickness".into(), hundredths_mm: 170 }],
        stones: Vec::new(),
        techniques: vec!["hammering".into()],
        pieces: vec![
            piece("1", PieceAvailability::Available),
            piece("2", PieceAvailability::Sold { on: date(2026, 11, 3) }),
        ],
        made_to_order_days: None,
        availability: Availability::Last,
        makers: vec![maker],
        provenances: Vec::new(),
        money: Some(MoneyBreakdown {
            total: soles(38_000),
            parts: parts.into(),
            maker_count: 1,
            adopted_on: date(2026, 3, 14),
            policy_version: 1,
            estimate: true,
            still_open: false,
        }),
        delivery: Vec::new(),
        return_days: 14,
        related: Vec::new(),
    }
}

fn provenance(serial: &str, origin: MetalOrigin) -> Provenance {
    Provenance {
        origins: vec![origin],
        workshop: WorkshopFacts {
            serial: serial.into(),
            issued_mg: 4_400,
            in_piece_mg: 3_910,
            scrap_mg: 440,
            loss_mg: 50,
            steps: Vec::new(),
            inspected_on: None,
        },
    }
}

fn origin(claim: OriginClaim) -> MetalOrigin {
    MetalOrigin {
        metal: Metal::Gold,
        fineness_permille: 750,
        amount_mg: 41,
        lot_code: "L-014".into(),
        arrival: LotArrival::Consigned { supplier: "Sissaï".into() },
        received_on: date(2026, 5, 20),
        claim,
        certificate: Some(CertificateView {
            mine: "CECOMIP".into(),
            place: "Ananea".into(),
            altitude_m: None,
            scheme: "Fairmined".into(),
            number: "FM-7".into(),
            ecological: true,
            valid_from: date(2025, 9, 1),
            valid_until: date(2026, 8, 31),
        }),
        documents: Vec::new(),
    }
}

fn html(language: Language, view: DesignView) -> String {
    design::render(&visit(language), view).html
}

#[test]
fn a_free_piece_can_be_chosen_and_a_sold_one_cannot() {
    let page = html(Language::Es, view());
    assert!(page.contains("action=\"/es/bolsa/agregar\""));
    let input = |id: &str| {
        let inputs = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        inputs
            .filter(|tag| tag.contains("name=\"piece\""))
            .find(|tag| tag.contains(&format!("value=\"{id}\"")))
            .map(str::to_owned)
    };
    assert!(input("1").is_some_and(|tag| tag.contains("checked") && !tag.contains("disabled")));
    assert!(input("2").is_some_and(|tag| tag.contains("disabled") && !tag.contains("checked")));
    assert!(page.contains("vendida el 3 de noviembre"));
}

#[test]
fn without_a_free_piece_there_is_no_form() {
    let mut sold = view();
    sold.pieces = vec![piece("2", PieceAvailability::Sold { on: date(2026, 11, 3) })];
    sold.availability = Availability::Sold;
    let page = html(Language::En, sold.clone());
    assert!(!page.contains("action=\"/en/bag/add\""));
    assert!(page.contains("schema.org/SoldOut"));
    sold.made_to_order_days = Some(15);
    let page = html(Language::En, sold);
    assert!(page.contains("schema.org/MadeToOrder") && page.contains("/en/contact"));
}

#[test]
fn the_price_says_that_work_is_still_open() {
    let sentence = "todavía no cerró";
    assert!(!html(Language::Es, view()).contains(sentence));
    let mut open = view();
    open.money.as_mut().unwrap().still_open = true;
    assert!(html(Language::Es, open.clone()).contains(sentence));
    assert!(html(Language::En, open).contains("has not been closed by an inspection yet"));
}

#[test]
fn search_engines_find_one_url_in_each_language() {
    let page = html(Language::En, view());
    for found in [
        "rel=\"canonical\" href=\"https://shop.example/en/pieces/anillo\"",
        "hreflang=\"es\" href=\"https://shop.example/es/piezas/anillo\"",
        "hreflang=\"x-default\" href=\"https://shop.example/es/piezas/anillo\"",
        "property=\"og:image\" content=\"https://shop.example/photos/abc/640.jpg\"",
        "\"price\":\"380.00\"",
        "\"priceCurrency\":\"PEN\"",
        "schema.org/InStock",
    ] {
        assert!(page.contains(found), "{found}");
    }
}

#[test]
fn the_page_has_no_inline_script_or_style() {
    for language in Language::ALL {
        let page = html(language, view());
        assert!(!page.contains(" style=") && !page.contains("<style"));
        let scripts = page.split("<script").skip(1);
        for script in scripts {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains("src=") || tag.contains("application/ld+json"), "{tag}");
        }
        assert_eq!(page.matches("<h1").count(), 1);
    }
}

#[test]
fn hostile_texts_are_escaped() {
    const HOSTILE: &str = "</script><script>alert(1)</script>\"'<img src=x onerror=alert(1)>";
    let mut hostile = view();
    hostile.name = HOSTILE.into();
    hostile.description = HOSTILE.into();
    hostile.care = HOSTILE.into();
    hostile.makers[0].name = HOSTILE.into();
    hostile.photos[0].alt = HOSTILE.into();
    hostile.pieces[0].serial = HOSTILE.into();
    hostile.dimensions.push(Dimension { code: HOSTILE.into(), hundredths_mm: 100 });
    let page = html(Language::Es, hostile);
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
}

#[test]
fn a_certificate_is_named_only_when_the_claim_allows_it() {
    let weak = OriginClaim::SupplierOnly { supplier_id: "Sissaï".into() };
    let facts = OriginFacts {
        supplier_id: "Sissaï".into(),
        mine_id: "CECOMIP".into(),
        certificates: vec![CertificateFact {
            valid: Period { from: date(2025, 9, 1), to: date(2026, 8, 31) },
            document_id: "d1".into(),
        }],
        ecological: false,
    };
    for language in Language::ALL {
        let page = html(
            language,
            DesignView { provenances: vec![provenance("001", origin(weak.clone()))], ..view() },
        );
        assert!(!page.contains("Fairmined") && !page.contains("FM-7") && !page.contains("CECOMIP"));
        let strong = OriginClaim::FactsOfOrigin(facts.clone());
        let page = html(
            language,
            DesignView { provenances: vec![provenance("001", origin(strong))], ..view() },
        );
        assert!(
            page.contains("Fairmined") && page.contains("FM-7") && !page.contains("Ecological")
        );
    }
}
