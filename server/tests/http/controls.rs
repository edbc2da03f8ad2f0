//! Every control of every form: the shop understands what a browser lets through, and the browser
//! lets through what the shop writes into a control.

use std::collections::BTreeSet;

use app::backend::shop::ShopBackend as _;
use domain::language::Language;

use super::bad_input::a_good_form;
use super::site::{Setting, Site, encoded};
use crate::catalogue::house::House;
use crate::support::TestDb;
use crate::support::forms::{Control, Form, forms};

on_both_engines!(
    the_filters_understand_every_edge_of_their_controls,
    what_the_filters_understand_their_controls_let_through,
    a_choice_that_is_not_offered_is_said,
    a_piece_goes_into_the_bag_by_every_choice_offered,
    the_checkout_understands_every_edge_of_its_controls,
    every_ring_scale_is_understood_and_a_size_has_the_length_of_its_field,
    every_currency_offered_is_taken,
);

async fn site_of_the_house(test: TestDb) -> (House, Site) {
    let house = House::open(test).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    (house, site)
}

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The page that a browser sees after sending a form by GET.
async fn got(site: &Site, path: &str, values: &[(String, String)]) -> String {
    let path = format!("{path}?{}", encoded(&pairs(values)));
    let answer = site.get(&path).await;
    assert!(matches!(answer.status, 200 | 422), "{path}: {}", answer.status);
    answer.text().to_owned()
}

fn form_to(page: &str, action: &str) -> Form {
    forms(page).into_iter().find(|form| form.action == action).expect("the form is there")
}

/// What a page says that it did not understand.
fn complaints(page: &str, name: &str, action: &str) -> Vec<String> {
    let mut said = Vec::new();
    if form_to(page, action).controls.iter().any(|control| control.name == name && control.invalid)
    {
        said.push(format!("{name} is marked as wrong"));
    }
    if page.contains("no conocemos «") {
        said.push("a value is not known".to_owned());
    }
    said
}

async fn the_filters_understand_every_edge_of_their_controls(test: TestDb) {
    let (_house, site) = site_of_the_house(test).await;
    let action = "/es/piezas";
    let form = form_to(&got(&site, action, &[]).await, action);
    let names: BTreeSet<&str> = form.controls.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        [
            "available",
            "currency",
            "maker",
            "max",
            "metal",
            "min",
            "order",
            "q",
            "size",
            "sort",
            "type"
        ]
    );
    for control in &form.controls {
        let edges = control.edges();
        assert!(!edges.is_empty(), "{control:?}");
        for value in edges {
            let page = got(&site, action, &form.with(control, &value)).await;
            let said = complaints(&page, &control.name, action);
            assert!(said.is_empty(), "{}={value}: {said:?}", control.name);
            let shown = form_to(&page, action);
            assert!(
                shows(&shown, control, &value),
                "{}={value} is not shown as chosen",
                control.name
            );
            let again = got(&site, action, &shown.untouched()).await;
            assert_eq!(
                values_of(&form_to(&again, action)),
                values_of(&shown),
                "{}={value}",
                control.name
            );
        }
    }
}

/// Whether the form shows the value: a ticked box, a selected option, a field that is not empty.
fn shows(form: &Form, control: &Control, value: &str) -> bool {
    let mut same = form.controls.iter().filter(|c| c.name == control.name);
    match control.kind.as_str() {
        "checkbox" | "radio" => same.any(|c| c.value == value && c.checked),
        "select" => same.any(|c| c.value == value),
        _ => same.any(|c| c.value.is_empty() == value.trim().is_empty()),
    }
}

fn values_of(form: &Form) -> Vec<(String, String)> {
    let mut values = form.untouched();
    values.sort();
    values
}

/// Filters from old links, links typed by hand, and links of other pages.
async fn what_the_filters_understand_their_controls_let_through(test: TestDb) {
    let (_house, site) = site_of_the_house(test).await;
    let long = format!("q={}", "%F0%9F%92%8D".repeat(90));
    for query in [
        "min=250.50",
        "min=250,5&max=1e3",
        "max=1%20200",
        "min=400&max=250",
        "min=abc&max=-5",
        "min=999999999999999999999999999999999999999",
        "q=anillo&sort=best",
        "sort=random&type=spoon&metal=lead-1&size=1&available=yes&order=no&maker=nobody",
        "type=ring&type=brooch&size=54&size=56",
        "size=80&metal=gold-375&maker=benita-a",
        long.as_str(),
    ] {
        let page = site.get(&format!("/es/piezas?{query}")).await.is(200);
        for form in forms(page.text()) {
            for control in form.controls.iter().filter(|control| !control.disabled) {
                assert!(
                    control.lets_through(&control.value),
                    "{query}: {control:?} blocks its form"
                );
            }
        }
    }
    let page = site.get("/es/piezas?min=250.50").await.is(200);
    let form = form_to(page.text(), "/es/piezas");
    assert_eq!(form.named("min").unwrap().value, "250.50");
}

/// The opposite case: a value that no control offers is not taken for the default.
async fn a_choice_that_is_not_offered_is_said(test: TestDb) {
    let (_house, site) = site_of_the_house(test).await;
    let form = form_to(&got(&site, "/es/piezas", &[]).await, "/es/piezas");
    let mut tried = 0;
    for control in &form.controls {
        let value = "nunca";
        // A text may be anything. The currency has a sentence of its own, if there is a price.
        if matches!(control.kind.as_str(), "text" | "search" | "hidden") {
            continue;
        }
        let page = got(&site, "/es/piezas", &form.with(control, value)).await;
        assert!(page.contains("no conocemos «nunca»"), "{}", control.name);
        tried += 1;
    }
    assert!(tried > 20);
    for name in ["min", "max"] {
        let page = got(&site, "/es/piezas", &[(name.to_owned(), "nunca".to_owned())]).await;
        assert!(form_to(&page, "/es/piezas").named(name).unwrap().invalid, "{name}");
    }
}

async fn a_piece_goes_into_the_bag_by_every_choice_offered(test: TestDb) {
    let (house, site) = site_of_the_house(test).await;
    let designs = house.shop.catalogue.home(&house.visit(Language::Es)).await.unwrap().new_designs;
    let mut tried = 0;
    for design in designs {
        let page = site.get(&format!("/es/piezas/{}", design.slug.of(Language::Es))).await.is(200);
        for form in forms(page.text()).iter().filter(|form| form.method == "post") {
            let free = form.controls.iter().filter(|c| c.name == "piece" && !c.disabled);
            for control in free {
                let sent = form.with(control, &control.value);
                let answer = site.post(&form.action, "", &pairs(&sent)).await.is(303);
                let cookie = answer.cookie("__Host-divinas").expect("a bag begins a session");
                let bag = site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.is(200);
                assert!(bag.text().contains(&control.value), "{}", design.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 3);
}

/// The page after a form was sent by POST, refused or not.
async fn posted(site: &Site, cookie: &str, action: &str, values: &[(String, String)]) -> String {
    let answer = site.post(action, cookie, &pairs(values)).await;
    assert!(
        matches!(answer.status, 200 | 303 | 409 | 422),
        "{action}: {} {values:?}",
        answer.status
    );
    if answer.status != 303 {
        return answer.text().to_owned();
    }
    let to = answer.header("location").split('#').next().unwrap_or_default().to_owned();
    site.get_with(&to, &[("cookie", cookie)]).await.text().to_owned()
}

/// The error beside a field.
fn error_of<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("id=\"{name}-error\""))?;
    let (_, text) = rest.split_once('>')?;
    text.split('<').next()
}

/// A text as long as its field allows is accepted, one letter more is too long, and every choice
/// that is offered is accepted. The form is never complete: one required field stays empty.
async fn the_checkout_understands_every_edge_of_its_controls(test: TestDb) {
    let (house, site) = site_of_the_house(test).await;
    let design = house.design("batea-ring").await;
    let cookie = site.bag_with(&design.pieces[0].id).await;
    let action = "/es/compra";
    let page = site.get_with(action, &[("cookie", &cookie)]).await.is(200);
    let form = form_to(page.text(), action);
    let pay = |control: &Control, value: &str| {
        let mut values = form.with(control, value);
        let empty = if control.name == "name" { "email" } else { "name" };
        for (name, value) in &mut values {
            if name == empty {
                value.clear();
            }
        }
        values.push(("action".to_owned(), "pay".to_owned()));
        values
    };
    let mut tried = 0;
    for control in form.controls.iter().filter(|control| control.kind != "hidden") {
        for value in control.edges().into_iter().filter(|value| !value.is_empty()) {
            let page = posted(&site, &cookie, action, &pay(control, &value)).await;
            let error = error_of(&page, &control.name);
            match control.kind.as_str() {
                "select" | "radio" => assert_eq!(error, None, "{}={value}", control.name),
                _ => {
                    let limit = control.maxlength.unwrap_or_default().to_string();
                    let too_long = error.is_some_and(|error| error.contains(&limit));
                    assert!(!too_long, "{} of {limit} letters: {error:?}", control.name);
                }
            }
            tried += 1;
        }
        if let Some(most) = control.maxlength {
            let value = "a".repeat(most + 1);
            let page = posted(&site, &cookie, action, &pay(control, &value)).await;
            let error = error_of(&page, &control.name);
            assert!(error.is_some(), "{} takes more than it says: {page}", control.name);
        }
        if control.kind == "select" {
            let page = posted(&site, &cookie, action, &pay(control, "nunca")).await;
            assert!(error_of(&page, &control.name).is_some(), "{}", control.name);
        }
    }
    assert!(tried > 200, "{tried}");
}

async fn every_ring_scale_is_understood_and_a_size_has_the_length_of_its_field(test: TestDb) {
    let (_house, site) = site_of_the_house(test).await;
    let (path, action) = ("/es/tallas-de-anillo", "/es/tallas-de-anillo#known");
    let form = form_to(&got(&site, path, &[]).await, action);
    let wrong = |page: &str, name: &str| form_to(page, action).named(name).unwrap().invalid;
    for control in &form.controls {
        for value in control.edges() {
            let mut values = form.with(control, &value);
            if control.kind == "select" {
                values.push(("size".to_owned(), "54".to_owned()));
            }
            let page = got(&site, path, &values).await;
            assert!(shows(&form_to(&page, action), control, &value), "{}={value}", control.name);
            assert!(control.kind != "select" || !wrong(&page, &control.name), "{value}");
        }
        if let Some(most) = control.maxlength {
            let page = got(&site, path, &form.with(control, &"5".repeat(most + 1))).await;
            assert!(wrong(&page, &control.name), "{} takes more than it says", control.name);
        }
    }
}

/// The next page uses the currency that was chosen.
async fn every_currency_offered_is_taken(test: TestDb) {
    let (_house, site) = site_of_the_house(test).await;
    let form = form_to(&got(&site, "/es/piezas", &[]).await, "/es/moneda");
    assert!(form.buttons.len() > 1);
    for (name, value) in &form.buttons {
        let mut values = form.untouched();
        values.push((name.clone(), value.clone()));
        let answer = site.post(&form.action, "", &pairs(&values)).await.is(303);
        let set = answer.headers.get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        let cookie = set.and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        let page = site.get_with("/es/piezas", &[("cookie", cookie)]).await.is(200);
        let shown = form_to(page.text(), "/es/piezas");
        assert!(shown.named("currency").unwrap().value.eq_ignore_ascii_case(value), "{value}");
    }
    let nonsense = [(form.buttons[0].0.as_str(), "nunca")];
    assert!(site.post(&form.action, "", &nonsense).await.status < 500);
}

/// Every form of the shop must be tried above.
async fn every_form_is_tried(test: TestDb) {
    let (house, site) = site_of_the_house(test).await;
    let cookie = site.bag_with(&house.design("batea-ring").await.pieces[0].id).await;
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    let index = site.get("/sitemap-1.xml").await.is(200).text().to_owned();
    let listed = index.split("<loc>").skip(1).filter_map(|rest| rest.split('<').next());
    let listed =
        listed.filter_map(|url| url.split_once("shop.example")).map(|(_, path)| path.to_owned());
    let paths =
        listed.chain(["/es/bolsa", "/en/bag", "/es/compra", "/en/checkout"].map(str::to_owned));
    for path in paths.filter(|path| path.starts_with("/es")) {
        let page = site.get_with(&path, &[("cookie", &cookie)]).await;
        found.extend(forms(page.text()).into_iter().map(|form| (form.method, form.action)));
    }
    site.post("/es/compra", &cookie, &a_good_form()).await.is(303);
    let order = site
        .shop
        .db
        .query("SELECT secret FROM shop_order ORDER BY number DESC LIMIT 1")
        .fetch_one::<(String,)>();
    let order = format!("/es/pedido/{}", order.await.unwrap().0);
    let page = site.get_with(&order, &[("cookie", &cookie)]).await.is(200);
    // Its one form has a button and nothing else; `buying` presses it.
    for form in forms(page.text()) {
        let action = form.action.replace(&order, "/es/pedido/{secret}");
        assert!(action != "/es/pedido/{secret}/cancelar" || form.controls.is_empty());
        found.insert((form.method, action));
    }
    let known = [
        ("get", "/es/piezas"),
        ("get", "/es/tallas-de-anillo#known"),
        ("post", "/es/bolsa/agregar"),
        ("post", "/es/bolsa/quitar"),
        ("post", "/es/compra"),
        ("post", "/es/moneda"),
        ("post", "/es/pedido/{secret}/cancelar"),
    ];
    let known = known.map(|(method, action)| (method.to_owned(), action.to_owned()));
    assert_eq!(found, BTreeSet::from(known));
}

mod tried {
    use super::TestDb;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_form_is_tried() {
        super::every_form_is_tried(TestDb::sqlite().await).await;
    }
}
