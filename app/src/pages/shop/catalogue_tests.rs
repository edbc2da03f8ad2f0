//! What a shopper and a search engine find in the catalogue.

use domain::language::Language;
use domain::money::{Currency, Money};
use jiff::civil::date;

use super::{catalogue, catalogue_url};
use crate::backend::shop::{
    Availability, CatalogueQuery, CatalogueView, Category, DesignCard, Facet, MakerName, Visit,
};

fn visit(language: Language) -> Visit {
    Visit {
        language,
        currency: Currency::Pen,
        currencies: vec![Currency::Pen, Currency::Usd],
        today: date(2026, 11, 23),
        now: jiff::Timestamp::UNIX_EPOCH,
        bag_count: 0,
        path: "/es/piezas".into(),
        public_url: "https://shop.example".into(),
        demo: false,
    }
}

fn card(slug: &str) -> DesignCard {
    DesignCard {
        slug: slug.into(),
        name: "Anillo".into(),
        makers: Vec::new(),
        price: Money::new(38_000, Currency::Pen),
        charged: Money::new(38_000, Currency::Pen),
        photo: None,
        availability: Availability::Last,
    }
}

fn view(page: u32, pages: u32) -> CatalogueView {
    let maker = MakerName { slug: "rosaura-m".into(), name: "Rosaura M.".into() };
    CatalogueView {
        cards: vec![card("anillo-batea")],
        total: pages * 24,
        pieces_available: 3,
        page,
        pages,
        categories: vec![Facet { value: Category::Ring, count: 5 }],
        metals: Vec::new(),
        makers: vec![Facet { value: maker, count: 2 }],
        ring_sizes_mm: vec![Facet { value: 54, count: 1 }],
        prices: vec![Facet { value: (None, Some(25_000)), count: 4 }],
        available_count: 3,
        made_to_order_count: 0,
        suggestions: Vec::new(),
    }
}

fn html(query: &[(&str, &str)], view: CatalogueView) -> String {
    let query: CatalogueQuery = catalogue_url::parse(query.iter().copied());
    catalogue::render(&visit(Language::Es), query, view).html
}

#[test]
fn every_filter_in_use_has_a_link_without_it() {
    let filters = [("type", "ring"), ("size", "54"), ("maker", "rosaura-m"), ("page", "2")];
    let page = html(&filters, view(2, 3));
    for (name, query) in [
        ("Quitar: Anillos", "maker=rosaura-m&size=54"),
        ("Quitar: Rosaura M.", "type=ring&size=54"),
    ] {
        assert!(page.contains(&format!("aria-label=\"{name}\"")), "{name}");
        let href = format!("href=\"/es/piezas?{query}\"").replace('&', "&amp;");
        assert!(page.contains(&href), "{href}");
    }
}

#[test]
fn combinations_are_not_for_search_engines_but_pages_and_categories_are() {
    let robots = "content=\"noindex\"";
    assert!(html(&[("type", "ring"), ("size", "54")], view(1, 1)).contains(robots));
    assert!(html(&[("sort", "name")], view(1, 1)).contains(robots));
    let second = html(&[("page", "2")], view(2, 3));
    assert!(!second.contains(robots));
    assert!(second.contains("rel=\"canonical\" href=\"https://shop.example/es/piezas?page=2\""));
    assert!(second.contains("rel=\"prev\" href=\"/es/piezas\""));
    assert!(second.contains("rel=\"next\" href=\"/es/piezas?page=3\""));
    assert!(second.contains("hreflang=\"en\" href=\"https://shop.example/en/pieces?page=2\""));
    let rings = html(&[("type", "ring")], view(1, 1));
    assert!(rings.contains("rel=\"canonical\" href=\"https://shop.example/es/piezas?type=ring\""));
}

#[test]
fn a_page_beyond_the_last_links_from_the_last() {
    let page = html(&[("page", "99")], view(3, 3));
    assert!(page.contains("href=\"/es/piezas?page=2\"") && !page.contains("page=98"));
}

#[test]
fn an_empty_result_tells_which_filter_to_drop_and_shows_others() {
    let empty = CatalogueView {
        cards: Vec::new(),
        total: 0,
        suggestions: vec![card("anillo-rio")],
        ..view(1, 0)
    };
    let page = html(&[("q", "diamante"), ("type", "ring")], empty);
    assert!(page.contains("Sin Anillos") && page.contains("/es/piezas?q=diamante"));
    assert!(page.contains("/es/piezas/anillo-rio"));
}

#[test]
fn what_was_searched_is_shown_as_text() {
    let page = html(&[("q", "<script>alert(1)</script>")], view(1, 1));
    assert!(!page.contains("<script>alert"));
}
