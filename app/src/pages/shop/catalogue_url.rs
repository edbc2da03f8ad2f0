//! The catalogue's filters ⇄ the query of its URL. The names of the parameters are the same in
//! both languages, so that a link keeps its meaning when the language changes.
//!
//! Reading is tolerant: what is unknown, absurd or said twice is dropped, so that an old link
//! still shows something. Writing is canonical: one query, one URL.

use domain::metal::Metal;
use domain::money::Currency;

use crate::backend::shop::{CatalogueQuery, Category, MetalFilter, NamedCurrency, Sort};
use crate::routes::encode;

/// Name of the parameter with the words to look for.
pub const TEXT: &str = "q";
/// Name of the parameter with a category's code; may be repeated.
pub const CATEGORY: &str = "type";
/// Name of the parameter with a metal, `silver-950`; may be repeated.
pub const METAL: &str = "metal";
/// Name of the parameter with a maker's slug; may be repeated.
pub const MAKER: &str = "maker";
/// Name of the parameter with an inner circumference in mm; may be repeated.
pub const SIZE: &str = "size";
/// Name of the parameter with the least price, in the currency of [`CURRENCY`].
pub const MIN: &str = "min";
/// Name of the parameter with the greatest price, in the currency of [`CURRENCY`].
pub const MAX: &str = "max";
/// Name of the parameter with the currency of the two prices, `usd`; soles without it.
pub const CURRENCY: &str = "currency";
/// Name of the parameter for what can be had now, `1`.
pub const AVAILABLE: &str = "available";
/// Name of the parameter for what can be made to order, `1`.
pub const MADE_TO_ORDER: &str = "order";
/// Name of the parameter with the order of the list.
pub const SORT: &str = "sort";
/// Name of the parameter with the page.
pub const PAGE: &str = "page";

/// Most values of one filter that are read.
const MOST_VALUES: usize = 24;
/// Most letters of a search that are read.
const MOST_LETTERS: usize = 80;
/// Greatest page and price that are read.
const MOST_PAGES: u32 = 100_000;
const MOST_SOLES: i64 = 1_000_000;

/// Code of an order of the list in the URL.
#[must_use]
pub const fn sort_code(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "newest",
        Sort::PriceUp => "price-up",
        Sort::PriceDown => "price-down",
        Sort::Name => "name",
    }
}

/// Every order of the list.
pub const SORTS: [Sort; 4] = [Sort::Newest, Sort::PriceUp, Sort::PriceDown, Sort::Name];

/// Code of a metal in the URL: `silver-950`.
#[must_use]
pub fn metal_code(filter: MetalFilter) -> String {
    format!("{}-{}", filter.metal.as_str(), filter.fineness_permille)
}

/// Reads the decoded pairs of a query.
pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> CatalogueQuery {
    let mut query = CatalogueQuery { page: 1, ..CatalogueQuery::default() };
    for (name, value) in pairs {
        let value = value.trim();
        match name {
            TEXT => query.text = clean_text(value),
            CATEGORY => add(&mut query.categories, Category::from_code(value)),
            METAL => add(&mut query.metals, parse_metal(value)),
            MAKER => add(&mut query.makers, parse_slug(value)),
            SIZE => add(
                &mut query.ring_sizes_mm,
                value.parse().ok().filter(|mm| (30..=90).contains(mm)),
            ),
            MIN => query.price_min_minor = parse_soles(value),
            MAX => query.price_max_minor = parse_soles(value),
            CURRENCY => query.price_currency = parse_currency(value),
            AVAILABLE => query.available = value == "1",
            MADE_TO_ORDER => query.made_to_order = value == "1",
            SORT => {
                query.sort =
                    SORTS.into_iter().find(|sort| sort_code(*sort) == value).unwrap_or_default()
            }
            PAGE => query.page = value.parse().unwrap_or(1).clamp(1, MOST_PAGES),
            _ => {}
        }
    }
    if query.has_price_bound() { query } else { query.without_prices() }
}

/// The query with its `?`, or nothing for the plain catalogue.
#[must_use]
pub fn to_query(query: &CatalogueQuery) -> String {
    let mut out = String::new();
    let mut put = |name: &str, value: &str| {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.push_str(&encode(value));
    };
    if !query.text.is_empty() {
        put(TEXT, &query.text);
    }
    query.categories.iter().for_each(|category| put(CATEGORY, category.code()));
    query.metals.iter().for_each(|metal| put(METAL, &metal_code(*metal)));
    query.makers.iter().for_each(|maker| put(MAKER, maker));
    query.ring_sizes_mm.iter().for_each(|mm| put(SIZE, &mm.to_string()));
    for (name, price) in [(MIN, query.price_min_minor), (MAX, query.price_max_minor)] {
        if let Some(minor) = price {
            put(name, &decimal(minor));
        }
    }
    if query.has_price_bound() {
        put(CURRENCY, currency_code(query.price_currency));
    }
    for (name, on) in [(AVAILABLE, query.available), (MADE_TO_ORDER, query.made_to_order)] {
        if on {
            put(name, "1");
        }
    }
    if query.sort != Sort::default() {
        put(SORT, sort_code(query.sort));
    }
    if query.page > 1 {
        put(PAGE, &query.page.to_string());
    }
    out
}

/// Code of a currency in the URL, `usd`.
#[must_use]
pub const fn currency_code(currency: NamedCurrency) -> &'static str {
    match currency {
        NamedCurrency::Known(currency) => currency.code_lower(),
        NamedCurrency::Unknown => "other",
    }
}

/// A price as its field shows it: `250`, `250.50`.
#[must_use]
pub fn decimal(minor: i64) -> String {
    match minor % 100 {
        0 => (minor / 100).to_string(),
        rest => format!("{}.{rest:02}", minor / 100),
    }
}

/// Whether any filter narrows the list (the order and the page do not).
#[must_use]
pub fn is_filtered(query: &CatalogueQuery) -> bool {
    let plain = CatalogueQuery { sort: query.sort, page: query.page, ..CatalogueQuery::default() };
    *query != plain
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: Option<T>) {
    if let Some(value) = value
        && list.len() < MOST_VALUES
        && !list.contains(&value)
    {
        list.push(value);
    }
}

/// One line of visible letters with single spaces.
fn clean_text(value: &str) -> String {
    let visible: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let joined = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(MOST_LETTERS).collect::<String>().trim_end().to_owned()
}

fn parse_metal(value: &str) -> Option<MetalFilter> {
    let (metal, fineness) = value.rsplit_once('-')?;
    let fineness_permille =
        fineness.parse().ok().filter(|permille| (1..=1000).contains(permille))?;
    Some(MetalFilter { metal: Metal::from_name(metal)?, fineness_permille })
}

fn parse_slug(value: &str) -> Option<String> {
    let fits = !value.is_empty()
        && value.len() <= 80
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| value.to_ascii_lowercase())
}

/// A currency that is named; nothing is as good as no name.
fn parse_currency(value: &str) -> NamedCurrency {
    match Currency::from_code(value) {
        Some(currency) => NamedCurrency::Known(currency),
        None if value.is_empty() => NamedCurrency::default(),
        None => NamedCurrency::Unknown,
    }
}

/// Soles with up to two decimals after a point or comma, in minor units.
fn parse_soles(value: &str) -> Option<i64> {
    let (whole, rest) = value.split_once(['.', ',']).unwrap_or((value, ""));
    let whole: i64 = whole.parse().ok().filter(|soles| (0..=MOST_SOLES).contains(soles))?;
    let digits = rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit());
    let cents: i64 = if digits { format!("{rest:0<2}").parse().ok()? } else { return None };
    Some(whole * 100 + cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Vec<(String, String)> {
        let decode = |text: &str| {
            let bytes = text.as_bytes();
            let (mut out, mut i) = (Vec::new(), 0);
            while i < bytes.len() {
                if bytes[i] == b'%' {
                    out.push(u8::from_str_radix(&text[i + 1..i + 3], 16).unwrap_or_default());
                    i += 3;
                } else {
                    out.push(bytes[i]);
                    i += 1;
                }
            }
            String::from_utf8_lossy(&out).into_owned()
        };
        query
            .trim_start_matches('?')
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }

    fn read(query: &str) -> CatalogueQuery {
        let pairs = pairs(query);
        parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    #[test]
    fn every_filter_survives_the_way_through_the_url() {
        let query = CatalogueQuery {
            text: "anillo ópalo & río=50%".to_owned(),
            categories: vec![Category::Ring, Category::Brooch],
            metals: vec![MetalFilter { metal: Metal::Silver, fineness_permille: 950 }],
            makers: vec!["rosaura-m".to_owned()],
            ring_sizes_mm: vec![54, 57],
            price_min_minor: Some(25_000),
            price_max_minor: Some(40_050),
            price_currency: NamedCurrency::Known(Currency::Usd),
            available: true,
            made_to_order: true,
            sort: Sort::PriceDown,
            page: 3,
        };
        assert_eq!(read(&to_query(&query)), query);
    }

    #[test]
    fn an_address_names_the_currency_of_its_numbers() {
        let dollars = read("max=100&currency=USD");
        assert_eq!(dollars.price_currency, NamedCurrency::Known(Currency::Usd));
        assert_eq!(to_query(&dollars), "?max=100&currency=usd");
        // An old address without one means soles, and says so from then on.
        assert_eq!(to_query(&read("min=250.50")), "?min=250.50&currency=pen");
        assert_eq!(to_query(&read("min=1&currency=")), "?min=1&currency=pen");
        // Pounds are not soles.
        let pounds = read("currency=gbp&max=100");
        assert_eq!(pounds.price_currency, NamedCurrency::Unknown);
        assert_eq!(read(&to_query(&pounds)), pounds);
        // Without a number there is nothing to name.
        for plain in
            ["currency=usd", "currency=gbp", "min=&max=&currency=eur", "min=x&currency=usd"]
        {
            assert_eq!(to_query(&read(plain)), "", "{plain}");
        }
    }

    #[test]
    fn only_a_currency_that_is_offered_can_be_compared_with() {
        let offered = [Currency::Pen, Currency::Usd];
        assert_eq!(read("max=1&currency=usd").currency_of_prices(&offered), Some(Currency::Usd));
        for other in ["max=1&currency=eur", "max=1&currency=gbp", "type=ring"] {
            assert_eq!(read(other).currency_of_prices(&offered), None, "{other}");
        }
    }

    #[test]
    fn the_plain_catalogue_has_no_query() {
        let plain = read("");
        assert_eq!(plain.page, 1);
        assert_eq!(to_query(&plain), "");
        assert!(!is_filtered(&plain));
        assert_eq!(to_query(&read("page=1&sort=newest")), "");
        assert!(!is_filtered(&read("page=2&sort=name")));
        assert!(is_filtered(&read("type=ring")));
    }

    #[test]
    fn what_is_unknown_absurd_or_double_is_dropped() {
        let odd = "type=ring&type=ring&type=spoon&metal=lead-1&metal=silver-0&metal=silver&maker=%3Cb%3E&size=5&size=abc\
                   &min=-5&max=1e9&available=yes&sort=random&page=-3&utm_source=x&q=%00%09a%0A%0Ab";
        let query = read(odd);
        assert_eq!(query.categories, [Category::Ring]);
        assert!(
            query.metals.is_empty() && query.makers.is_empty() && query.ring_sizes_mm.is_empty()
        );
        assert_eq!((query.price_min_minor, query.price_max_minor), (None, None));
        assert!(!query.available);
        assert_eq!((query.sort, query.page), (Sort::Newest, 1));
        assert_eq!(query.text, "a b");
        assert_eq!(read("page=99999999").page, MOST_PAGES);
        assert_eq!(read("page=99999999999999").page, 1);
        assert_eq!(read(&format!("q={}", "ñ".repeat(500))).text.chars().count(), MOST_LETTERS);
        assert_eq!(read("min=250,5").price_min_minor, Some(25_050));
    }
}
