//! Every page with nothing, one and many of everything that it counts, in both languages. What it
//! says is true and in the right number, it links to no empty page, and its title and preview are
//! its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use app::feeds::FIXED_PAGES;
use app::routes::Route;
use domain::language::Language;
use serde_json::Value;
use server::kernel::settings::Settings;
use server::sales::Shop;

use super::site::{Setting, Site};
use crate::catalogue::house::House;
use crate::sales::test_shop::settings;
use crate::support::TestDb;

/// Pages of the demonstration are some two hundred; a crawl that does not end is a defect.
const PAGES_MAX: usize = 600;

/// Every page by its address.
type Pages = BTreeMap<String, String>;

/// Follows every link of the site from the opening pages, the bag, the fixed pages and an address
/// without a page.
async fn crawl(site: &Site) -> Pages {
    let mut waiting: VecDeque<String> = VecDeque::new();
    for language in Language::ALL {
        let bag = Route::Bag.path(language);
        waiting.extend(FIXED_PAGES.iter().map(|route| route.path(language)).chain([bag]));
    }
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut pages = Pages::new();
    while let Some(path) = waiting.pop_front() {
        let answer = site.get(&path).await.is(200);
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let html = answer.text().to_owned();
        for link in links(&html) {
            if seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        pages.insert(path, html);
        assert!(pages.len() < PAGES_MAX, "the crawl does not end");
    }
    pages
}

/// Addresses of the site's own pages to which a page links, with one filter at most.
fn links(html: &str) -> BTreeSet<String> {
    let hrefs = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = hrefs.filter(|href| href.starts_with("/es") || href.starts_with("/en"));
    own.map(|href| href.split('#').next().unwrap_or(href).replace("&amp;", "&"))
        .filter(|href| href.matches('&').count() == 0)
        .collect()
}

/// What a page says, one text per element, without scripts and drawings.
fn texts(html: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let text = rest[..open].replace(['\u{a0}', '\u{202f}'], " ");
        if !text.trim().is_empty() {
            texts.push(text.trim().to_owned());
        }
        let tag = &rest[open..];
        let end = ["script", "style"]
            .iter()
            .find(|name| tag[1..].starts_with(*name))
            .and_then(|name| tag.find(&format!("</{name}>")))
            .unwrap_or(0);
        rest = &tag[end + tag[end..].find('>').map_or(1, |at| at + 1)..];
    }
    texts
}

/// Words that follow a number one (or `each one`, `en cada una`) and end in s without being plurals.
const SINGULAR: [&str; 6] = ["business", "país", "menos", "begins", "earns", "verás"];

/// Why a sentence counts wrongly.
fn miscounts(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    for pair in words.windows(2) {
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let (number, noun) = (bare(pair[0]), bare(pair[1]));
        // A measured value may be 0. For a count of 0 the page uses another sentence.
        let is_unit = ["mg", "g", "mm", "ct", "m", ""].contains(&noun.as_str());
        if number == "0" && pair[0].ends_with('0') && !is_unit {
            return Some(format!("`{} {}`", pair[0], pair[1]));
        }
        let one = ["1", "un", "una", "uno", "one"].contains(&number.as_str());
        let ended = pair[0].ends_with(|c: char| !c.is_alphanumeric());
        let plural = noun.ends_with('s')
            && noun.chars().count() > 3
            && noun.chars().all(char::is_alphabetic);
        if one && plural && !ended && !SINGULAR.contains(&noun.as_str()) {
            return Some(format!("`{} {}`", pair[0], pair[1]));
        }
    }
    None
}

/// Elements without text, and headings without content.
fn hollow(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in [
        "h1", "h2", "h3", "h4", "p", "ul", "ol", "dl", "dt", "dd", "li", "a", "button", "legend",
        "caption",
    ] {
        for (at, _) in html.match_indices(&format!("<{name}")) {
            let rest = &html[at..];
            let is_it = rest[name.len() + 1..].starts_with([' ', '>']);
            let inside = rest.find('>').map(|end| &rest[end + 1..]);
            if is_it && inside.is_some_and(|inside| inside.starts_with(&format!("</{name}>"))) {
                found.push(rest.chars().take(80).collect());
            }
        }
    }
    for heading in ["</h1>", "</h2>", "</h3>"] {
        for (at, _) in html.match_indices(heading) {
            let rest = html[at + heading.len()..].trim_start();
            let over_nothing = ["</section>", "</article>", "</main>"];
            let same_again = heading.replace(['/', '>'], "");
            if over_nothing.iter().any(|next| rest.starts_with(next))
                || rest.starts_with(&same_again)
            {
                found.push(html[at.saturating_sub(40)..].chars().take(100).collect());
            }
        }
    }
    found
}

/// Every page says what is true, and links to no page that would be empty.
fn judge(pages: &Pages, empty: &[Route]) {
    assert!(pages.len() > 20, "{}", pages.len());
    let mut found: Vec<String> = Vec::new();
    for (path, html) in pages {
        for text in texts(html) {
            found.extend(miscounts(&text).map(|what| format!("{path}: {what} in {text}")));
        }
        found.extend(hollow(html).into_iter().map(|what| format!("{path}: {what}")));
        let linked = links(html);
        for (route, language) in empty.iter().flat_map(|route| Language::ALL.map(|l| (route, l))) {
            let target = route.path(language);
            // The language switch and the canonical address of the empty page itself.
            let itself = Language::ALL.iter().any(|of| route.path(*of) == *path);
            let leads = linked.iter().any(|link| link.split('?').next() == Some(&target));
            if !itself && leads {
                found.push(format!("{path} links to {target}, which has nothing to show"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

async fn a_shop_without_anything_says_so_kindly(test: TestDb) {
    let house = House::empty(test);
    let site = Site::of(house.shop.clone(), Setting::default());
    let pages = crawl(&site).await;
    judge(&pages, &[Route::Catalogue, Route::Makers, Route::Origin, Route::Money, Route::Feed]);
    for text in ["/es", "/en"].map(|path| texts(&pages[path]).join(" ")) {
        assert!(text.contains("Puno") && !text.contains("Ver las piezas"), "{text}");
    }
    for path in ["/es/no-hay", "/en/pieces/none"] {
        let lost = site.get(path).await.is(404);
        assert!(
            !links(lost.text())
                .iter()
                .any(|link| link.ends_with("/piezas") || link.ends_with("/pieces"))
        );
    }
}

/// A shop with one of everything that pages count.
const ONE: [&str; 17] = [
    "INSERT INTO member (id, slug, display_name, community, admitted_on, status) VALUES ('m', 'rosa-m', 'Rosa M.', 'Ananea', '2018-11-17', 'active')",
    "INSERT INTO member_consent (id, member_id, subject, purpose, given_at_us) VALUES ('c', 'm', 'name', 'site', 1)",
    "INSERT INTO mine (id, slug, name, place) VALUES ('mine', 'mina', 'Mina', 'Ananea')",
    "INSERT INTO certificate (id, mine_id, scheme, number, ecological, valid_from, valid_until, document) VALUES ('f', 'mine', 'Fairmined', 'F-1', FALSE, '2025-01-01', '2027-01-01', 'Papel')",
    "INSERT INTO supplier (id, name) VALUES ('s', 'Sissaï')",
    "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, mine_id, trading_model, owner, left_mine_on, received_on, price_per_fine_g_minor, price_currency) \
     VALUES ('l', 'L-001', 'silver', 950, 10000, 's', 'mine', 'labeled', 'consigned', '2026-01-01', '2026-01-02', 410, 'PEN')",
    "INSERT INTO lot_document (id, lot_id, title) VALUES ('d', 'l', 'Guía')",
    "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, at_us) VALUES ('r', 'l', 'receive', 10000, 1767400000000000)",
    "INSERT INTO design (id, slug, status, category, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, wholesale_price_minor, made_to_order_days, dimensions, stones, techniques, published_at_us) \
     VALUES ('a', 'anillo', 'published', 'ring', 'silver', 950, 3910, 0, 38000, 23000, 1, '[]', '[]', '[]', 1767500000000000)",
    "INSERT INTO design_text (design_id, language, name, name_folded, description, care) VALUES ('a', 'es', 'Anillo', 'anillo', 'De plata.', '')",
    "INSERT INTO design_text (design_id, language, name, name_folded, description, care) VALUES ('a', 'en', 'Ring', 'ring', 'Of silver.', '')",
    "INSERT INTO piece (id, serial, design_id, state, weight_mg, circumference_tenths_mm, inspected_on) VALUES ('p', '0001', 'a', 'retail', 3910, 540, '2026-01-20')",
    "INSERT INTO contribution (id, piece_id, member_id, step, minutes, closed_at_us) VALUES ('w', 'p', 'm', 'smithing', 1, 1)",
    "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, member_id, at_us) VALUES ('i', 'l', 'issue', 3910, 'p', 'm', 1767400000000001)",
    "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, member_id, at_us) VALUES ('j', 'l', 'into_piece', 3910, 'p', 'm', 1767400000000002)",
    "INSERT INTO split_policy (id, version, minute, adopted_on, effective_from_us, loss_fund, minute_rate_minor) VALUES ('policy', 1, 'ACTA-1', '2026-01-10', 1768100000000000, 'association', 25)",
    "INSERT INTO split_policy_fund (policy_id, position, fund, share_bps) VALUES ('policy', 0, 'association', 1000)",
];

async fn a_shop_with_one_of_everything_says_one(test: TestDb) {
    let house = House::empty(test);
    let settings = Settings { return_days: 1, ..settings() };
    let shop = Shop::new(house.shop.db.clone(), house.shop.payments.clone(), settings);
    let site = Site::of(shop, Setting::default());
    for statement in ONE {
        site.write(statement).await;
    }
    let pages = crawl(&site).await;
    judge(&pages, &[]);
    assert!(pages.contains_key("/es/piezas/anillo") && pages.contains_key("/en/makers/rosa-m"));
    let home = texts(&pages["/es"]).join(" ");
    assert!(
        home.contains("Una mujer de las comunidades") && home.contains("Conoce a la socia"),
        "{home}"
    );
    // The piece is lent to a fair: there is one design, and it is available only by order.
    site.write("UPDATE piece SET state = 'fair'").await;
    let pages = crawl(&site).await;
    judge(&pages, &[]);
    assert!(texts(&pages["/es/piezas"]).join(" ").contains("Un modelo, ninguna pieza libre"));
    assert!(texts(&pages["/en"]).join(" ").contains("Made to order, one day"));
    // No member at work, nobody named, no order taken, no work noted.
    for statement in [
        "UPDATE member SET status = 'on_leave'",
        "UPDATE member_consent SET withdrawn_at_us = 2",
        "UPDATE design SET made_to_order_days = NULL",
        "DELETE FROM contribution",
        "UPDATE piece SET state = 'retail'",
    ] {
        site.write(statement).await;
    }
    let pages = crawl(&site).await;
    judge(&pages, &[Route::Makers]);
    assert!(texts(&pages["/es/piezas/anillo"]).join(" ").contains("todavía por anotar"));
}

async fn a_full_shop_counts_right_and_every_page_is_its_own(test: TestDb) {
    let house = House::open(test).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    let pages = crawl(&site).await;
    judge(&pages, &[]);
    assert!(pages.len() > 90, "{}", pages.len());
    let mut titles: BTreeMap<(&str, String), &str> = BTreeMap::new();
    let mut descriptions: BTreeMap<String, &str> = BTreeMap::new();
    for (path, html) in &pages {
        previewed(path, html);
        if html.contains("content=\"noindex\"") {
            continue;
        }
        let title = between(html, "<title>", "</title>");
        let description = attribute(html, "<meta name=\"description\" content=\"");
        assert!(!title.is_empty() && !description.is_empty(), "{path}");
        // A title may be the same in both languages, but within one language each page has its own.
        let other = titles.insert((&path[..3], title.clone()), path);
        assert!(other.is_none(), "{path} and {other:?} are both called {title}");
        let other = descriptions.insert(description.clone(), path);
        assert!(other.is_none(), "{path} and {other:?} both say {description}");
    }
    let data: Vec<(&String, Value)> = pages
        .iter()
        .filter(|(_, html)| html.contains("application/ld+json"))
        .map(|(path, html)| {
            (
                path,
                serde_json::from_str(&between(html, "application/ld+json\">", "</script>"))
                    .unwrap(),
            )
        })
        .collect();
    assert!(data.len() > 30);
    for (path, json) in &data {
        known_to_schema_org(path, json);
    }
}

fn between(html: &str, start: &str, end: &str) -> String {
    let rest = html.split_once(start).map_or("", |(_, rest)| rest);
    rest.split(end).next().unwrap_or_default().to_owned()
}

fn attribute(html: &str, start: &str) -> String {
    between(html, start, "\"")
}

/// A preview of a link has a picture with its size and its text. For a page that is not a piece's
/// the picture is 1200 × 630.
fn previewed(path: &str, html: &str) {
    let of = |property: &str| {
        let whole = format!("property=\"{property}\" content=\"");
        assert_eq!(html.matches(&whole).count(), 1, "{path}: {property}");
        attribute(html, &whole)
    };
    let image = of("og:image");
    let size = (of("og:image:width"), of("og:image:height"));
    assert!(image.starts_with("https://shop.example/") && !of("og:image:alt").is_empty(), "{path}");
    let is_piece = of("og:type") == "product";
    assert_eq!(is_piece, image.contains("/photos/"), "{path}: {image}");
    if !is_piece {
        assert_eq!(size, ("1200".to_owned(), "630".to_owned()), "{path}");
    }
}

/// Properties that schema.org knows and search engines still read, by type.
const SCHEMA: [(&str, &[&str]); 9] = [
    ("Organization", &["name", "url", "logo", "address"]),
    ("PostalAddress", &["addressRegion", "addressCountry"]),
    ("WebSite", &["name", "url", "inLanguage"]),
    (
        "Product",
        &[
            "name",
            "description",
            "url",
            "image",
            "category",
            "material",
            "brand",
            "countryOfOrigin",
            "offers",
        ],
    ),
    ("Brand", &["name"]),
    ("Offer", &["url", "price", "priceCurrency", "availability", "itemCondition", "sku"]),
    ("BreadcrumbList", &["itemListElement"]),
    ("ListItem", &["position", "name", "item"]),
    ("", &["@context", "@graph"]),
];

fn known_to_schema_org(path: &str, json: &Value) {
    match json {
        Value::Array(values) => values.iter().for_each(|value| known_to_schema_org(path, value)),
        Value::Object(map) => {
            let kind = map.get("@type").and_then(Value::as_str).unwrap_or_default();
            let known = SCHEMA.iter().find(|(name, _)| *name == kind);
            let (_, known) = known.unwrap_or_else(|| panic!("{path}: the type {kind}"));
            for (name, value) in map.iter().filter(|(name, _)| *name != "@type") {
                assert!(known.contains(&name.as_str()), "{path}: {kind}.{name}");
                known_to_schema_org(path, value);
            }
        }
        _ => {}
    }
}

#[test]
fn the_shops_own_preview_is_of_its_size_and_light() {
    for language in Language::ALL {
        let file =
            format!("{}/../public/preview-{}.png", env!("CARGO_MANIFEST_DIR"), language.code());
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.len() <= 300_000, "{file}: {}", bytes.len());
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), (1200, 630), "{file}");
    }
}

#[test]
fn what_counts_wrongly_is_found() {
    for wrong in
        ["0 mujeres hacen", "Una mujeres", "1 piezas", "(0 pieces)", "in 1 days", "Las una socias"]
    {
        assert!(miscounts(wrong).is_some(), "{wrong}");
    }
    for right in [
        "10 piezas",
        "0 mg",
        "1 pieza",
        "Una más",
        "S/ 380.00 por",
        "one business day",
        "21 mujeres",
    ] {
        assert_eq!(miscounts(right), None, "{right}");
    }
    assert_eq!(hollow("<h2></h2><ul class=\"x\"></ul><section><h2>a</h2></section>").len(), 3);
}

on_both_engines!(
    a_shop_without_anything_says_so_kindly,
    a_shop_with_one_of_everything_says_one,
    a_full_shop_counts_right_and_every_page_is_its_own,
);
