//! The catalogue's filters ⇄ the query of its URL. The names of the parameters are the same in
//! both languages, so that a link keeps its meaning when the language changes.
//!
//! Reading is tolerant: a value that is repeated counts once, and a value that is not understood is kept
//! as [`Unread`], so that an old link still shows something and the page says what it left out.
//! Writing is canonical: each query has exactly one URL.

use domain::language::Language;
use domain::metal::Metal;
use domain::money::Currency;
use domain::ring_size::SizeScale;
use domain::typed_amount::{NotAnAmount, hundredths};

use crate::backend::shop::{
    CatalogueQuery, Category, FilterName, MetalFilter, NamedCurrency, Sort, Unread,
};
use crate::routes::{Route, encode};

/// Name of the parameter with the words of a search.
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
/// Name of the parameter for designs with an available piece, `1`.
pub const AVAILABLE: &str = "available";
/// Name of the parameter for designs that can be made to order, `1`.
pub const MADE_TO_ORDER: &str = "order";
/// Name of the parameter with the order of the list.
pub const SORT: &str = "sort";
/// Name of the parameter with the page.
pub const PAGE: &str = "page";

/// Most values of one filter; more are ignored.
const MOST_VALUES: usize = 24;
/// Most letters of a search, as a browser counts them (UTF-16).
pub const MOST_LETTERS: usize = 80;
/// Greatest price, in minor units.
pub(super) const MAX_PRICE_MINOR: i64 = 100_000_000;
/// Greatest page number.
const MOST_PAGES: u32 = 100_000;
/// Most values that are named as not understood.
const MOST_UNREAD: usize = 8;
/// Most letters of each of them, and of a price's field, as a browser counts them (UTF-16).
pub const MOST_VALUE_LETTERS: usize = 40;

/// The code of a sort order in the URL.
#[must_use]
pub const fn sort_code(sort: Sort) -> &'static str {
    match sort {
        Sort::Best => "best",
        Sort::Newest => "newest",
        Sort::PriceUp => "price-up",
        Sort::PriceDown => "price-down",
        Sort::Name => "name",
    }
}

/// Every sort order.
pub const SORTS: [Sort; 5] = [Sort::Best, Sort::Newest, Sort::PriceUp, Sort::PriceDown, Sort::Name];

/// The sort order that is shown: without a search, the best match means the newest.
#[must_use]
pub fn shown_sort(query: &CatalogueQuery) -> Sort {
    match query.sort {
        Sort::Best if query.text.is_empty() => Sort::Newest,
        sort => sort,
    }
}

/// Code of a metal in the URL: `silver-950`.
#[must_use]
pub fn metal_code(filter: MetalFilter) -> String {
    format!("{}-{}", filter.metal.as_str(), filter.fineness_permille)
}

/// The parameter of a part of the form.
#[must_use]
pub const fn parameter(filter: FilterName) -> &'static str {
    match filter {
        FilterName::Category => CATEGORY,
        FilterName::Metal => METAL,
        FilterName::Maker => MAKER,
        FilterName::Size => SIZE,
        FilterName::PriceMin => MIN,
        FilterName::PriceMax => MAX,
        FilterName::Available => AVAILABLE,
        FilterName::MadeToOrder => MADE_TO_ORDER,
        FilterName::Sort => SORT,
        FilterName::Page => PAGE,
    }
}

/// Reads the decoded pairs of a query.
pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> CatalogueQuery {
    let mut query = CatalogueQuery { page: 1, ..CatalogueQuery::default() };
    let pairs: Vec<(&str, &str)> =
        pairs.into_iter().map(|(name, value)| (name, value.trim())).collect();
    // The currency is read first, because it may come after the prices.
    if let Some((_, code)) = pairs.iter().rev().find(|(name, _)| *name == CURRENCY) {
        query.price_currency = parse_currency(code);
    }
    for (name, value) in pairs {
        // An empty field is no filter.
        let asked = !value.is_empty();
        match name {
            TEXT => query.text = clean_text(value, MOST_LETTERS),
            CURRENCY => {}
            _ if asked => {
                if let Some(filter) = read(&mut query, name, value) {
                    add_unread(&mut query.unread, filter, value);
                }
            }
            _ => {}
        }
    }
    if query.text.is_empty() && query.sort == Sort::Newest {
        query.sort = Sort::Best;
    }
    if query.names_prices() { query } else { query.without_prices() }
}

/// Reads one value. Returns its filter if the value was not understood.
fn read(query: &mut CatalogueQuery, name: &str, value: &str) -> Option<FilterName> {
    let ticked = |choice: &mut bool, filter| {
        *choice |= value == "1";
        (value != "1").then_some(filter)
    };
    let currency = match query.price_currency {
        NamedCurrency::Known(currency) => currency,
        // No price is compared in an unknown currency; any currency serves to find errors.
        NamedCurrency::Unknown => Currency::Pen,
    };
    let amount = |amount: &mut Option<i64>, filter| match parse_price(value, currency) {
        Ok(read) => {
            *amount = read;
            None
        }
        Err(_) => Some(filter),
    };
    match name {
        CATEGORY => {
            add(&mut query.categories, Category::from_code(value)).then_some(FilterName::Category)
        }
        METAL => add(&mut query.metals, parse_metal(value)).then_some(FilterName::Metal),
        MAKER => add(&mut query.makers, parse_slug(value)).then_some(FilterName::Maker),
        SIZE => {
            // As people write it: `５４`, `54,5 mm`.
            let size = SizeScale::Circumference.read(value).ok();
            let mm = size.map(|size| u32::from(size.whole_mm()));
            add(&mut query.ring_sizes_mm, mm).then_some(FilterName::Size)
        }
        MIN => amount(&mut query.price_min_minor, FilterName::PriceMin),
        MAX => amount(&mut query.price_max_minor, FilterName::PriceMax),
        AVAILABLE => ticked(&mut query.available, FilterName::Available),
        MADE_TO_ORDER => ticked(&mut query.made_to_order, FilterName::MadeToOrder),
        SORT => match SORTS.into_iter().find(|sort| sort_code(*sort) == value) {
            Some(sort) => {
                query.sort = sort;
                None
            }
            None => Some(FilterName::Sort),
        },
        PAGE => match value.parse() {
            Ok(page) => {
                query.page = u32::clamp(page, 1, MOST_PAGES);
                None
            }
            Err(_) => Some(FilterName::Page),
        },
        // Other parameters are not ours: those of a campaign or a tracker.
        _ => None,
    }
}

fn add_unread(list: &mut Vec<Unread>, filter: FilterName, value: &str) {
    let value = clean_text(value, MOST_VALUE_LETTERS);
    let unread = Unread { filter, value };
    if list.len() < MOST_UNREAD && !list.contains(&unread) {
        list.push(unread);
    }
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
            put(name, &price_text(minor));
        }
    }
    if query.names_prices() {
        put(CURRENCY, currency_code(query.price_currency));
    }
    for (name, on) in [(AVAILABLE, query.available), (MADE_TO_ORDER, query.made_to_order)] {
        if on {
            put(name, "1");
        }
    }
    if shown_sort(query) != shown_sort(&CatalogueQuery { sort: Sort::Best, ..query.clone() }) {
        put(SORT, sort_code(query.sort));
    }
    if query.page > 1 {
        put(PAGE, &query.page.to_string());
    }
    query.unread.iter().for_each(|unread| put(parameter(unread.filter), &unread.value));
    out
}

/// Path and query of a state of the catalogue that a link leads to. The values that were not
/// understood are not repeated: a link holds only what was chosen.
pub(super) fn link(language: Language, query: &CatalogueQuery) -> String {
    let query = CatalogueQuery { unread: Vec::new(), ..query.clone() };
    format!("{}{}", Route::Catalogue.path(language), to_query(&query))
}

/// Reads a price as it was typed into a field of a currency, in minor units; `None` for an empty
/// field.
///
/// # Errors
/// [`NotAnAmount`] with the rule that is broken.
pub(super) fn parse_price(text: &str, currency: Currency) -> Result<Option<i64>, NotAnAmount> {
    hundredths(text, currency, MAX_PRICE_MINOR)
}

/// A price as the field and the URL show it: `250`, `250.50`.
pub(super) fn price_text(minor: i64) -> String {
    match minor % 100 {
        0 => (minor / 100).to_string(),
        rest => format!("{}.{rest:02}", minor / 100),
    }
}

/// Code of a currency in the URL, `usd`.
#[must_use]
pub const fn currency_code(currency: NamedCurrency) -> &'static str {
    match currency {
        NamedCurrency::Known(currency) => currency.code_lower(),
        NamedCurrency::Unknown => "other",
    }
}

/// Whether any filter narrows the list (the order and the page do not).
#[must_use]
pub fn is_filtered(query: &CatalogueQuery) -> bool {
    let plain = CatalogueQuery {
        sort: query.sort,
        page: query.page,
        unread: query.unread.clone(),
        ..CatalogueQuery::default()
    };
    *query != plain
}

/// Adds a value once. Returns whether there was no value.
fn add<T: PartialEq>(list: &mut Vec<T>, value: Option<T>) -> bool {
    let Some(value) = value else { return true };
    if list.len() < MOST_VALUES && !list.contains(&value) {
        list.push(value);
    }
    false
}

/// One line of visible letters with single spaces, no longer than its field.
fn clean_text(value: &str, most: usize) -> String {
    let visible: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let joined = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = joined
        .char_indices()
        .scan(0, |units, (at, c)| {
            *units += c.len_utf16();
            (*units <= most).then_some(at + c.len_utf8())
        })
        .last();
    joined[..fits.unwrap_or_default()].trim_end().to_owned()
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

/// Reads the code of a currency; an empty code is the default.
fn parse_currency(value: &str) -> NamedCurrency {
    match Currency::from_code(value) {
        Some(currency) => NamedCurrency::Known(currency),
        None if value.is_empty() => NamedCurrency::default(),
        None => NamedCurrency::Unknown,
    }
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
    fn every_filter_is_read_back_from_the_url() {
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
            unread: vec![Unread { filter: FilterName::PriceMax, value: "mil & uno".to_owned() }],
        };
        // A price that is not understood is only written where there is no price.
        let query = CatalogueQuery { price_max_minor: None, ..query };
        assert_eq!(read(&to_query(&query)), query);
        for sort in SORTS {
            for text in ["", "oro"] {
                let query = CatalogueQuery {
                    text: text.to_owned(),
                    sort,
                    page: 1,
                    ..CatalogueQuery::default()
                };
                assert_eq!(shown_sort(&read(&to_query(&query))), shown_sort(&query));
            }
        }
    }

    #[test]
    fn a_url_names_the_currency_of_its_prices() {
        let dollars = read("max=100&currency=USD");
        assert_eq!(dollars.price_currency, NamedCurrency::Known(Currency::Usd));
        assert_eq!(to_query(&dollars), "?max=100&currency=usd");
        // An old URL without a currency means soles, and its links name them.
        assert_eq!(to_query(&read("min=250.50")), "?min=250.50&currency=pen");
        assert_eq!(to_query(&read("min=1&currency=")), "?min=1&currency=pen");
        // An unknown currency is not read as soles.
        let pounds = read("currency=gbp&max=100");
        assert_eq!(pounds.price_currency, NamedCurrency::Unknown);
        assert_eq!(read(&to_query(&pounds)), pounds);
        // A price that is not understood keeps its currency.
        assert_eq!(to_query(&read("min=x&currency=usd")), "?currency=usd&min=x");
        // Without a price no currency is named.
        for plain in ["currency=usd", "currency=gbp", "min=&max=&currency=eur"] {
            assert_eq!(to_query(&read(plain)), "", "{plain}");
        }
    }

    #[test]
    fn prices_are_compared_only_in_a_currency_that_is_offered() {
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
    fn values_that_are_not_understood_are_kept_as_unread() {
        let odd = "type=ring&type=ring&type=spoon&metal=lead-1&metal=silver-0&metal=silver&maker=%3Cb%3E&size=5&size=abc\
                   &min=-5&max=1e9&available=yes&sort=random&page=-3&utm_source=x&q=%00%09a%0A%0Ab";
        let query = read(odd);
        assert_eq!(query.categories, [Category::Ring]);
        assert!(
            query.metals.is_empty() && query.makers.is_empty() && query.ring_sizes_mm.is_empty()
        );
        assert_eq!((query.price_min_minor, query.price_max_minor), (None, None));
        assert!(!query.available);
        assert_eq!((query.sort, query.page), (Sort::Best, 1));
        assert_eq!(query.text, "a b");
        let told: Vec<&str> = query.unread.iter().map(|unread| unread.value.as_str()).collect();
        assert_eq!(told, ["spoon", "lead-1", "silver-0", "silver", "<b>", "5", "abc", "-5"]);
        assert!(read("type=&min=&max=&sort=&utm_source=x").unread.is_empty());
        assert!(!is_filtered(&read("type=spoon")));
        assert_eq!(read(&to_query(&query)), query, "the page is kept under what it says");
        assert_eq!(read("page=99999999").page, MOST_PAGES);
        let endless = read("page=99999999999999");
        assert_eq!((endless.page, endless.unread.len()), (1, 1));
    }

    #[test]
    fn a_search_is_cut_to_the_length_of_its_field() {
        for (letter, units) in [("ñ", 1), ("💍", 2)] {
            let text = read(&format!("q={}", letter.repeat(500))).text;
            assert_eq!(text.encode_utf16().count(), MOST_LETTERS);
            assert_eq!(text.chars().count() * units, MOST_LETTERS);
        }
    }

    #[test]
    fn prices_are_read_as_people_type_them() {
        for (min, minor) in
            [("250,5", 25_050), ("399.90", 39_990), ("1e3", 100_000), ("S%2F+1,200", 120_000)]
        {
            let query = read(&format!("min={min}").replace('+', "%20"));
            assert_eq!((query.price_min_minor, query.unread.len()), (Some(minor), 0), "{min}");
        }
    }

    #[test]
    fn a_price_in_another_currency_than_the_fields_is_unread() {
        let typed = encode("€ 50");
        for (query, minor) in [("", None), ("&currency=usd", None), ("&currency=eur", Some(5_000))]
        {
            for order in [format!("min={typed}{query}"), format!("{query}&min={typed}")] {
                let query = read(&order);
                assert_eq!(query.price_min_minor, minor, "{order}");
                assert_eq!(query.unread.is_empty(), minor.is_some(), "{order}");
            }
        }
    }

    #[test]
    fn a_size_is_read_from_every_keyboard() {
        for (typed, mm) in [("54", 54), ("５４", 54), ("٥٤", 54), ("53,8 mm", 54)] {
            assert_eq!(parse([(SIZE, typed)]).ring_sizes_mm, [mm], "{typed}");
        }
    }
}
