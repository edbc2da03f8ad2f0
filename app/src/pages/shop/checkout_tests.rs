//! What the page of the checkout shows, also to a screen reader.

use domain::country::Country;
use domain::hold::{Holder, TooManyHeld};
use domain::language::Language;
use domain::money::{Currency, Money};
use domain::shipping::DeliveryKind;
use jiff::civil::date;

use super::checkout_words::field_error;
use super::{checkout, test_visit};
use crate::backend::shop::{
    BagLine, BagView, CheckoutField, CheckoutForm, CheckoutTrouble, CheckoutView, DeliveryOption,
    FieldProblem, OrderSums, PieceAvailability, Visit,
};

fn soles(minor: i64) -> Money {
    Money::new(minor, Currency::Pen)
}

fn visit(language: Language) -> Visit {
    Visit { bag_count: 1, ..test_visit::visit(language, "/es/compra") }
}

fn view() -> CheckoutView {
    let line = BagLine {
        piece_id: "p1".into(),
        slug: "batea-ring".into(),
        name: "Anillo Batea".into(),
        serial: "0147".into(),
        weight_mg: 3_910,
        inner_circumference_tenths_mm: Some(540),
        makers: Vec::new(),
        price: soles(38_000),
        charged: soles(38_000),
        photo: None,
        availability: PieceAvailability::Available,
    };
    let sums = OrderSums {
        items: soles(38_000),
        shipping: Some(soles(1_800)),
        tax_included: Some(soles(6_071)),
        total: soles(39_800),
    };
    let option = DeliveryOption {
        kind: DeliveryKind::Courier,
        price: soles(1_800),
        from: date(2026, 11, 26),
        to: date(2026, 11, 28),
    };
    CheckoutView {
        bag: BagView { lines: vec![line], currency: Currency::Pen },
        form: CheckoutForm {
            country: "PE".into(),
            delivery: "courier".into(),
            ..CheckoutForm::default()
        },
        errors: Vec::new(),
        trouble: None,
        options: vec![option],
        sums,
        currencies: vec![Currency::Pen],
        rate: None,
        hold_minutes: 31,
    }
}

#[test]
fn an_error_is_shown_at_the_top_and_beside_its_field() {
    let mut view = view();
    view.form.postal_code = "150".into();
    view.errors = vec![(CheckoutField::PostalCode, FieldProblem::Malformed)];
    let page = checkout::page(&visit(Language::Es), &view, 422);
    assert_eq!(page.status, 422);
    assert!(page.html.contains("<title>Error: Tu pedido"));
    assert!(page.html.contains("href=\"#postal_code\""));
    assert!(page.html.contains("aria-describedby=\"postal_code-error\""));
    assert!(page.html.contains("id=\"postal_code-error\""));
    assert_eq!(page.html.matches("En Perú tiene cinco cifras, como 15001.").count(), 2);
    assert!(page.html.contains("value=\"150\""));
}

#[test]
fn typed_text_is_kept_and_escaped() {
    let mut view = view();
    view.form.name = "\"><script>alert(1)</script>".into();
    view.form.gift_message = "</textarea><script>alert(2)</script>".into();
    let page = checkout::page(&visit(Language::Es), &view, 422);
    assert!(!page.html.contains("<script>alert"));
    assert!(page.html.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)"));
    assert!(
        page.html.contains("&lt;/textarea&gt;&lt;script&gt;alert(2)&lt;/script&gt;</textarea>")
    );
}

#[test]
fn the_button_shows_the_amount_once_delivery_is_chosen() {
    let mut view = view();
    let page = checkout::page(&visit(Language::Es), &view, 200);
    assert!(page.html.contains("Pagar S/\u{a0}398.00"));
    assert!(page.html.contains("IGV incluido (18\u{a0}%)"));
    assert!(page.html.contains("31 minutos"));
    assert!(
        page.html.contains("value=\"PEN courier=39800"),
        "what was seen is told when it is paid"
    );
    view.sums.shipping = None;
    view.options.clear();
    view.sums.total = soles(38_000);
    let page = checkout::page(&visit(Language::Es), &view, 200);
    assert!(!page.html.contains("Pagar S/") && page.html.contains("Continuar al pago"));
    assert!(!page.html.contains("name=\"shown\""));
}

#[test]
fn peru_is_first_with_a_list_of_departments_and_other_countries_have_a_text_field() {
    let mut view = view();
    let page = checkout::page(&visit(Language::En), &view, 200);
    let first = page.html.find("<option value=\"PE\"");
    assert!(first.is_some() && first < page.html.find("<option value=\"AF\""));
    assert!(page.html.contains("<option value=\"PUN\""));
    view.form.country = "US".into();
    let page = checkout::page(&visit(Language::En), &view, 200);
    assert!(!page.html.contains("<option value=\"PUN\""));
    assert!(page.html.contains("name=\"region\"") && page.html.contains(">State</label>"));
    assert!(!page.html.contains("name=\"department\""));
}

#[test]
fn parts_of_an_address_have_the_names_of_their_country() {
    let mut view = view();
    let mut labels = |code: &str, language| {
        view.form.country = code.into();
        let html = checkout::page(&visit(language), &view, 200).html;
        ["region", "city", "postal_code"].map(|name| {
            let (_, label) = html.split_once(&format!("<label for=\"{name}\">"))?;
            Some(label.split('<').next()?.to_owned())
        })
    };
    for (code, region, city, postal_code) in [
        ("US", Some("State"), Some("City or town"), Some("ZIP code")),
        ("IN", Some("State"), Some("City or town"), Some("PIN code")),
        ("IE", Some("County"), Some("City or town"), Some("Eircode")),
        ("JP", Some("Prefecture"), Some("City or town"), Some("Postal code")),
        ("GB", None, Some("Town or city"), Some("Postal code")),
        ("DE", None, Some("City or town"), Some("Postal code")),
        ("HK", Some("Area"), Some("District"), None),
        ("SG", None, None, Some("Postal code")),
        ("BO", None, Some("City or town"), None),
    ] {
        let found = labels(code, Language::En);
        let wanted = [region, city, postal_code].map(|label| label.map(str::to_owned));
        assert_eq!(found, wanted, "{code}");
    }
    let spanish = ["Prefectura", "Ciudad o pueblo", "Código postal"];
    assert_eq!(labels("JP", Language::Es), spanish.map(|label| Some(label.to_owned())));
}

#[test]
fn text_typed_for_another_country_stays_visible() {
    let mut view = view();
    view.form.country = "HK".into();
    view.form.postal_code = "00000".into();
    let page = checkout::page(&visit(Language::En), &view, 200);
    assert!(page.html.contains("value=\"00000\""));
}

#[test]
fn every_rule_has_its_own_sentence() {
    use FieldProblem as Problem;
    let country = |code: &str| Country::from_code(code).unwrap_or_else(Country::peru);
    let digits = [Problem::TooFewDigits, Problem::TooManyDigits, Problem::NoCountryCode];
    for language in [Language::Es, Language::En] {
        for code in ["PE", "US", "IE", "JP", "HK"] {
            for (field, own) in [
                (CheckoutField::Name, &[Problem::NoLetter, Problem::WebAddress][..]),
                (CheckoutField::Email, &[Problem::Malformed, Problem::OtherLetters]),
                (CheckoutField::Phone, &digits),
                (CheckoutField::Phone, &[Problem::Malformed]),
                (CheckoutField::PostalCode, &[Problem::Malformed]),
                (CheckoutField::GiftMessage, &[Problem::TooManyLines(8)]),
                (CheckoutField::Region, &[Problem::NotOffered]),
                (CheckoutField::City, &[]),
                (CheckoutField::Street, &[]),
            ] {
                let both = [Problem::Missing, Problem::TooLong(80)];
                let problems = both.iter().chain(own);
                let mut words: Vec<String> = problems
                    .map(|problem| field_error(language, country(code), field, *problem))
                    .collect();
                let count = words.len();
                words.sort();
                words.dedup();
                assert_eq!(words.len(), count, "{code} {field:?}: {words:?}");
            }
        }
        let zip =
            field_error(language, country("US"), CheckoutField::PostalCode, Problem::Malformed);
        assert!(zip.contains("ZIP") && zip.contains("95014"), "{zip}");
    }
}

#[test]
fn a_changed_total_is_explained_with_the_new_total() {
    let mut view = view();
    view.trouble = Some(CheckoutTrouble::TotalChanged(soles(40_200)));
    let page = checkout::page(&visit(Language::Es), &view, 409);
    assert!(page.html.contains("El total ahora es S/\u{a0}402.00"));
    assert!(page.html.contains("href=\"#summary\"") && page.html.contains("id=\"summary\""));
}

#[test]
fn a_taken_piece_is_named_and_nothing_was_charged() {
    let mut view = view();
    view.trouble = Some(CheckoutTrouble::Taken(vec!["Anillo Río n.º 0190".into()]));
    let page = checkout::page(&visit(Language::Es), &view, 409);
    assert!(page.html.contains("Anillo Río n.º 0190 ya no está libre"));
    assert!(page.html.contains("No se te ha cobrado nada"));
    assert!(page.html.contains("href=\"/es/piezas\""));
}

#[test]
fn without_an_available_piece_there_is_nothing_to_pay() {
    let mut view = view();
    view.bag.lines[0].availability = PieceAvailability::Sold { on: date(2026, 11, 23) };
    let page = checkout::page(&visit(Language::Es), &view, 200);
    assert!(!page.html.contains("value=\"pay\""));
    view.bag.lines.clear();
    let page = checkout::page(&visit(Language::Es), &view, 200);
    assert!(!page.html.contains("value=\"pay\"") && page.html.contains("href=\"/es/piezas\""));
}

#[test]
fn too_many_held_pieces_name_the_rule_and_what_to_do() {
    let say = |language, holder, most, held| {
        let mut view = view();
        view.trouble =
            Some(CheckoutTrouble::TooManyHeld(TooManyHeld { holder, most, held, wanted: 2 }));
        checkout::page(&visit(language), &view, 429).html
    };
    for (holder, most, held, words) in [
        (Holder::Mailbox, 5, 4, "con un mismo correo pueden esperar su pago hasta 5 piezas"),
        (Holder::Mailbox, 1, 1, "con un mismo correo solo puede esperar su pago 1 pieza"),
        (Holder::Visitor, 5, 0, "En tu bolsa hay más: quita algunas"),
        (Holder::Network, 6, 6, "Ya esperan 6. Prueba otra vez en unos minutos"),
        (Holder::Network, 6, 1, "Ya espera 1. Prueba otra vez en unos minutos"),
    ] {
        let page = say(Language::Es, holder, most, held);
        assert!(page.contains(words) && page.contains("No se te ha cobrado nada"), "{words}");
    }
    let page = say(Language::En, Holder::Mailbox, 5, 2);
    assert!(page.contains("at most 5 pieces at a time can wait for their payment with one email"));
    assert!(page.contains("2 are waiting already. Pay or cancel"));
}

#[test]
fn what_the_provider_refuses_leads_to_its_field_or_to_the_association() {
    let mut view = view();
    view.errors = vec![(CheckoutField::Email, FieldProblem::NotAccepted)];
    let page = checkout::page(&visit(Language::Es), &view, 422).html;
    assert!(page.contains("href=\"#email\"") && page.contains("no acepta este correo"));
    view.errors = Vec::new();
    for (trouble, language, words, leads_to_us) in [
        (CheckoutTrouble::PaymentClosed, Language::Es, "un problema nuestro", true),
        (CheckoutTrouble::PaymentRefused, Language::En, "did not take this purchase", true),
        (CheckoutTrouble::PaymentAmount, Language::En, "an amount like this", false),
        (CheckoutTrouble::PaymentUnavailable, Language::Es, "no responde", false),
    ] {
        view.trouble = Some(trouble.clone());
        let page = checkout::page(&visit(language), &view, 503).html;
        assert!(page.contains(words), "{trouble:?}");
        let ours = match language {
            Language::Es => "Escríbenos y te ayudamos",
            Language::En => "Write to us and we will help",
        };
        assert_eq!(page.contains(ours), leads_to_us, "{trouble:?}");
    }
}
