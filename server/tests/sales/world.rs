//! Names, addresses and numbers of the world: the form checks what it announces, and a text arrives
//! as the shopper wrote it.

use std::collections::BTreeSet;

use app::backend::shop::{CheckoutField, CheckoutForm, FieldProblem, Visit};
use app::pages::shop::{checkout as form_page, order as order_page};
use domain::address::{AddressField, AddressRule};
use domain::contact::GiftMessage;
use domain::country::Country;
use domain::language::Language;
use server::sales::checkout;

use super::mails::{MailServer, Manner};
use super::test_shop::{TestShop, form, piece};
use crate::support::TestDb;
use crate::support::forms::{Control, forms};

on_both_engines!(
    names_and_messages_arrive_as_typed_in_eight_scripts,
    the_limits_of_the_form_are_those_of_the_server,
    every_country_asks_for_what_it_needs_and_for_nothing_else,
    a_card_has_so_many_letters_and_so_many_lines,
);

/// Name, street, city, region, postal code, country, message.
const SCRIPTS: [[&str; 7]; 8] = [
    ["Zoë Ñahui O’Higgins", "12", "Å", "", "2544", "CH", "Für dich 👩🏽\u{200d}🎨\n❤\u{fe0f}"],
    ["محمد\u{200c}رضا", "خیابان ۱", "تهران", "", "۱۱۹۳۶۱۲۳۴۵", "IR", "می\u{200c}خواهم\u{200f}!"],
    ["श्री\u{200d}मती क्\u{200d}षमा", "गली १२", "मुंबई", "महाराष्ट्र", "४००००१", "IN", "जन्मदिन मुबारक"],
    [
        "葛\u{e0100}城 美穂",
        "千代田1-1",
        "千代田区",
        "東京都",
        "〒１００ー０００１",
        "JP",
        "お誕生日\nおめでとう",
    ],
    ["김하늘", "세종대로 1", "종로구", "서울", "03051", "KR", "사랑해요"],
    ["สมชาย ใจดี", "ถนน 1", "กรุงเทพ", "", "10200", "TH", "ด้วยรัก"],
    ["נועה \u{200f}(לוי)", "רחוב 1", "חיפה", "", "9614303", "IL", "באהבה"],
    [
        "Σοφία Ю. Ли",
        "Οδός 1",
        "Αθήνα",
        "",
        "15124",
        "GR",
        "Από 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} με αγάπη",
    ],
];

fn of(row: [&str; 7], attempt: &str) -> CheckoutForm {
    let [name, street, city, region, postal_code, country, gift_message] = row.map(str::to_owned);
    CheckoutForm {
        name,
        street,
        city,
        region,
        postal_code,
        country,
        gift_message,
        department: String::new(),
        phone: "+51 987 654 321".into(),
        delivery: "post".into(),
        ..form(attempt)
    }
}

async fn names_and_messages_arrive_as_typed_in_eight_scripts(test: TestDb) {
    let server = MailServer::start(Manner::Takes).await;
    let test_shop = TestShop::with_mailer(test, server.mailer()).await;
    for (number, row) in SCRIPTS.into_iter().enumerate() {
        let [name, street, city, _, _, _, gift] = row;
        let placed = test_shop
            .place(of(row, &format!("script-{number}")), &[piece(number / 4, number % 4)])
            .await
            .unwrap()
            .unwrap_or_else(|refused| panic!("{name}: {:?}", refused.view.errors));
        let order = test_shop.order_of(&placed.secret).await;
        test_shop.pay(&order).await;
        test_shop.settle_down().await;
        let seen = test_shop.see(&order).await;
        assert_eq!((seen.name.as_str(), seen.gift_message.as_deref()), (name, Some(gift)));
        let label = seen.address.join("\n");
        assert!(label.contains(street) && label.contains(city), "{label}");
        let page =
            order_page::page(&test_shop.visit(), &seen, order_page::Reader::Anyone, false).html;
        let kept = |column: &'static str| test_shop.text(column, &order);
        let text = kept("SELECT body_text FROM mail WHERE order_id = $1").await;
        let html = kept("SELECT body_html FROM mail WHERE order_id = $1").await;
        let sent = read_parts(server.texts.lock().await.last().unwrap());
        for words in gift.lines().chain([name, street, city]) {
            assert!(page.contains(words), "{words} on the page");
            assert!(text.contains(words) && html.contains(words), "{words} in the mail");
            assert!(sent.matches(words).count() >= 2, "{words} in both parts as sent");
        }
    }
    test_shop.audit().await;
}

/// The parts of a mail, decoded, one after the other.
fn read_parts(mail: &str) -> String {
    use base64::Engine as _;
    let mut read = String::new();
    let mut encoding = "";
    for block in mail.split("\n\n") {
        if let Some((_, after)) = block.split_once("Content-Transfer-Encoding: ") {
            encoding = after.lines().next().unwrap();
            continue;
        }
        let body = block.split("\n--").next().unwrap();
        match encoding {
            "base64" => {
                let packed: String = body.split_whitespace().collect();
                if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed) {
                    read.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
            "quoted-printable" => read.push_str(&from_quoted_printable(body)),
            _ => read.push_str(body),
        }
    }
    read
}

fn from_quoted_printable(body: &str) -> String {
    let mut bytes = Vec::new();
    let mut signs = body.bytes().peekable();
    while let Some(sign) = signs.next() {
        match (sign, signs.peek()) {
            (b'=', Some(b'\n')) => {
                signs.next();
            }
            (b'=', _) => {
                let code: Vec<u8> = signs.by_ref().take(2).collect();
                let code = std::str::from_utf8(&code).unwrap();
                bytes.push(u8::from_str_radix(code, 16).unwrap());
            }
            _ => bytes.push(sign),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The controls of the rendered purchase form.
fn controls(html: &str) -> Vec<Control> {
    let form = forms(html).into_iter().find(|form| form.named("email").is_some());
    form.expect("the purchase form").controls
}

/// The field for a control's name, and the place of its value in the form.
fn value_of<'a>(form: &'a mut CheckoutForm, name: &str) -> Option<(CheckoutField, &'a mut String)> {
    Some(match name {
        "name" => (CheckoutField::Name, &mut form.name),
        "email" => (CheckoutField::Email, &mut form.email),
        "phone" => (CheckoutField::Phone, &mut form.phone),
        "country" => (CheckoutField::Country, &mut form.country),
        "department" => (CheckoutField::Region, &mut form.department),
        "region" => (CheckoutField::Region, &mut form.region),
        "city" => (CheckoutField::City, &mut form.city),
        "street" => (CheckoutField::Street, &mut form.street),
        "postal_code" => (CheckoutField::PostalCode, &mut form.postal_code),
        "gift_message" => (CheckoutField::GiftMessage, &mut form.gift_message),
        _ => return None,
    })
}

/// A valid form for a country, except for a currency that does not exist: it is checked and never
/// placed.
fn judged(country: Country) -> CheckoutForm {
    let example = AddressRule::of(country).postal_code.as_ref().map(|codes| codes.example);
    CheckoutForm {
        country: country.code().into(),
        department: if country.is_peru() { "PUN".into() } else { String::new() },
        region: if country.is_peru() { String::new() } else { "Somewhere".into() },
        postal_code: example.unwrap_or_default().into(),
        phone: "+51 987 654 321".into(),
        delivery: if country.is_peru() { "courier".into() } else { "post".into() },
        currency: "XAU".into(),
        ..form("judged")
    }
}

async fn errors(test_shop: &TestShop, form: CheckoutForm) -> Vec<(CheckoutField, FieldProblem)> {
    let refused =
        test_shop.place(form, &[piece(0, 0)]).await.unwrap().expect_err("no such currency");
    let mut errors = refused.view.errors;
    errors.retain(|(field, _)| *field != CheckoutField::Currency);
    errors
}

async fn rendered(test_shop: &TestShop, form: CheckoutForm, language: Language) -> String {
    let visit = Visit { language, ..test_shop.visit() };
    let view = checkout::view(&test_shop.shop, &visit, form, &[piece(0, 0)]).await.unwrap();
    form_page::page(&visit, &view, 200).html
}

async fn the_limits_of_the_form_are_those_of_the_server(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let mut tried = BTreeSet::new();
    for code in ["PE", "US", "JP"] {
        let country = Country::from_code(code).unwrap();
        let empty = CheckoutForm { country: code.into(), ..CheckoutForm::default() };
        for control in controls(&rendered(&test_shop, empty, Language::Es).await) {
            let mut form = judged(country);
            let Some((field, _)) = value_of(&mut form, &control.name) else { continue };
            let Some(max) = control.maxlength else { continue };
            assert_eq!(max, usize::try_from(field.max_letters()).unwrap());
            let too_long = FieldProblem::TooLong(field.max_letters());
            // Letters of one and of two UTF-16 units, and line ends as a browser sends them.
            let lines = format!("{}\r\n{}", "ñ".repeat(max / 2), "ñ".repeat(max - max / 2 - 1));
            for (full, more) in [("ñ".repeat(max), "ñ"), ("😀".repeat(max / 2), "😀"), (lines, "ñ")]
            {
                for (text, fits) in [(full.clone(), true), (full + more, false)] {
                    *value_of(&mut form, &control.name).unwrap().1 = text;
                    let found = errors(&test_shop, form.clone()).await;
                    assert_eq!(!found.contains(&(field, too_long)), fits, "{control:?} {found:?}");
                }
            }
            tried.insert(control.name);
        }
    }
    let all = ["city", "email", "gift_message", "name", "phone", "postal_code", "region", "street"];
    assert!(tried.iter().eq(all), "{tried:?}");
}

async fn every_country_asks_for_what_it_needs_and_for_nothing_else(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    for (index, country) in Country::all().enumerate() {
        let code = country.code();
        assert_eq!(errors(&test_shop, judged(country)).await, [], "{code} takes its own example");
        let language = if index % 2 == 0 { Language::Es } else { Language::En };
        let empty = CheckoutForm { country: code.into(), ..CheckoutForm::default() };
        let controls = controls(&rendered(&test_shop, empty, language).await);
        // Everything is left out at once: the missing fields are those that were marked, and they
        // were on the page.
        let mut form = judged(country);
        let mut marked = BTreeSet::new();
        for control in &controls {
            let Some((field, value)) = value_of(&mut form, &control.name) else { continue };
            if field != CheckoutField::Country {
                value.clear();
                if control.required {
                    marked.insert(field.name(country.is_peru()));
                }
            }
        }
        let missing: BTreeSet<&str> = errors(&test_shop, form)
            .await
            .into_iter()
            .map(|(field, problem)| {
                assert_eq!(problem, FieldProblem::Missing, "{code} {field:?}");
                field.name(country.is_peru())
            })
            .collect();
        assert_eq!(missing, marked, "{code}");
        let rule = AddressRule::of(country);
        let on_page = |name: &str| controls.iter().any(|control| control.name == name);
        assert_eq!(on_page("postal_code"), rule.asks(AddressField::PostalCode), "{code}");
        assert_eq!(on_page("city"), rule.asks(AddressField::City), "{code}");
    }
}

async fn a_card_has_so_many_letters_and_so_many_lines(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let gift = |message: String| CheckoutForm { gift_message: message, ..judged(Country::peru()) };
    let lines = usize::from(GiftMessage::MAX_LINES);
    assert_eq!(errors(&test_shop, gift("a\r\n".repeat(lines))).await, []);
    assert_eq!(
        errors(&test_shop, gift("a\r\n".repeat(lines + 1))).await,
        [(CheckoutField::GiftMessage, FieldProblem::TooManyLines(8))]
    );
    // Both limits are shown beside the field, in both languages.
    for (language, words) in [
        (Language::Es, "caben 200 letras (un emoji cuenta como dos o más) en 8 líneas"),
        (Language::En, "200 letters fit (an emoji counts as two or more) in 8 lines"),
    ] {
        assert!(rendered(&test_shop, form("card"), language).await.contains(words));
    }
}
