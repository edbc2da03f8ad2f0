//! What a shopper and a search engine find in the catalogue.

use domain::language::Language;
use domain::money::{Currency, Money};

use super::super::test_visit;
use super::{render, url};
use crate::backend::shop::{
    Availability, CatalogueQuery, CatalogueView, Category, DesignCard, Facet, MakerName,
    SearchView, Visit,
};

fn visit(language: Language) -> Visit {
    test_visit::visit(language, "/es/piezas")
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
        search: SearchView::None,
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
        other_categories: Vec::new(),
        suggestions: Vec::new(),
    }
}

fn html(query: &[(&str, &str)], view: CatalogueView) -> String {
    let query: CatalogueQuery = url::parse(query.iter().copied());
    render(&visit(Language::Es), query, view).html
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
fn an_empty_result_says_which_filter_to_remove_and_shows_other_designs() {
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
fn the_text_of_a_search_is_escaped() {
    let page = html(&[("q", "<script>alert(1)</script>")], view(1, 1));
    assert!(!page.contains("<script>alert"));
}

#[test]
fn a_search_without_words_is_explained_and_offers_links() {
    let view = CatalogueView {
        search: SearchView::NoWords,
        cards: Vec::new(),
        total: 0,
        other_categories: vec![Category::Ring],
        suggestions: vec![card("anillo-rio")],
        ..view(1, 0)
    };
    let page = html(&[("q", "!!!"), ("size", "54")], view);
    assert!(page.contains("Buscaste «!!!»"));
    for way in
        ["/es/piezas?size=54", "/es/piezas\"", "/es/piezas?type=ring", "/es/piezas/anillo-rio"]
    {
        assert!(page.contains(way), "{way}");
    }
}

#[test]
fn words_that_no_piece_has_are_named_and_can_be_left_out() {
    let search = SearchView::Words { unknown: vec!["bicicleta".into()], read_as: Vec::new() };
    let empty = CatalogueView { search, cards: Vec::new(), total: 0, ..view(1, 0) };
    let page = html(&[("q", "anillo Bicicleta")], empty);
    assert!(page.contains("Ninguna pieza tiene «bicicleta»."));
    assert!(page.contains("Buscar solo «anillo»") && page.contains("href=\"/es/piezas?q=anillo\""));
}

#[test]
fn a_word_that_was_read_as_another_is_named() {
    let read_as = vec![("anilo".into(), "anillo".into())];
    let search = SearchView::Words { unknown: Vec::new(), read_as };
    let page = html(&[("q", "anilo")], CatalogueView { search, ..view(1, 1) });
    assert!(page.contains("No tenemos «anilo»; te mostramos «anillo»."));
}

/// Every filter has its sentence, and no link repeats a value that was not understood.
#[test]
fn a_value_that_is_not_understood_is_named() {
    for (name, value, said) in [
        ("type", "spoon", "Tipo: no conocemos «spoon»"),
        ("metal", "lead-1", "Metal: no conocemos «lead-1»"),
        ("maker", "nobody", "Quién la hizo: no conocemos «nobody»"),
        ("size", "5000", "Talla de anillo, mm: no conocemos «5000»"),
        ("available", "yes", "Disponible ahora: no conocemos «yes»"),
        ("order", "2", "Por encargo: no conocemos «2»"),
        ("sort", "random", "Orden: no conocemos «random»"),
        ("min", "mucho", "«mucho» no es un precio"),
        ("max", "-5", "Un precio no baja de cero."),
        ("max", "0.001", "Un precio tiene dos decimales como mucho."),
        ("min", "1e12", "Escribe un precio de S/\u{a0}1"),
    ] {
        let page = html(&[(name, value), ("type", "ring")], view(1, 3));
        assert!(page.contains(said), "{name}={value}");
        let links: Vec<&str> = page
            .split("href=\"/es/piezas")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(
            !links.is_empty()
                && links
                    .iter()
                    .all(|link| name == "maker" || !link.contains(&format!("{name}={value}"))),
            "{links:?}"
        );
    }
    let page = html(&[("min", "mucho")], view(1, 1));
    assert_eq!(
        page.matches("«mucho» no es un precio").count(),
        2,
        "in its field, and above the list"
    );
    let page = html(&[("min", "mucho"), ("max", "-5")], view(1, 1));
    assert!(
        page.contains("value=\"mucho\"") && page.contains("value=\"-5\""),
        "what was typed stays"
    );
    let page = html(&[("type", ""), ("utm_source", "x")], view(1, 1));
    assert!(!page.contains("no conocemos"));
}

#[test]
fn exchanged_prices_are_an_error_and_can_be_exchanged_back() {
    let empty = CatalogueView { cards: Vec::new(), total: 0, ..view(1, 0) };
    let page = html(&[("min", "400"), ("max", "250,5")], empty);
    assert!(
        page.contains("«Desde» es más que «Hasta».")
            && page.contains("aria-describedby=\"max-error\"")
    );
    assert!(page.contains("href=\"/es/piezas?min=250.50&amp;max=400&amp;currency=pen\""));
}
