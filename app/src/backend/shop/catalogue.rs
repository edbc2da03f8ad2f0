//! Designs in lists, and the catalogue with its filters.

use domain::money::{Currency, Money};
use domain::slug::Slugs;

/// A photograph in the store. Its files are `/photos/{hash}/{width}.{avif|webp|jpg}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Content address.
    pub hash: String,
    /// Size of the upright original in pixels.
    pub width_px: u32,
    /// Size of the upright original in pixels.
    pub height_px: u32,
    /// Dominant colour, `#rrggbb`, for the placeholder.
    pub colour: String,
    /// Widths in pixels that exist, ascending.
    pub widths: Vec<u32>,
    /// Alternative text in the visitor's language.
    pub alt: String,
}

/// A maker's name as it may be shown, with the slug of her page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakerName {
    /// Slug of her page.
    pub slug: String,
    /// Name as she wants it shown, e.g. `Rosaura M.`.
    pub name: String,
}

/// Whether a design can be bought: one word on its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// So many pieces are available, more than one.
    Pieces(u32),
    /// One piece is available.
    Last,
    /// No piece is available, but the design is made to order.
    MadeToOrder {
        /// Business days until it leaves the workshop.
        business_days: u32,
    },
    /// Every piece that is left is in somebody's checkout now.
    Held,
    /// No piece is left.
    Sold,
}

/// A design in a list.
#[derive(Debug, Clone)]
pub struct DesignCard {
    /// Address of its page.
    pub slug: Slugs,
    /// Name in the visitor's language.
    pub name: String,
    /// Makers who consent to be named.
    pub makers: Vec<MakerName>,
    /// Retail price, tax included, in PEN.
    pub price: Money,
    /// What is charged for it in the visitor's currency.
    pub charged: Money,
    /// First photograph.
    pub photo: Option<Photo>,
    /// Whether it can be bought.
    pub availability: Availability,
}

/// Category of a design; the text is the column's and the URL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Category {
    Ring,
    Earrings,
    Pendant,
    Necklace,
    Bracelet,
    Brooch,
}

impl Category {
    /// Every category in the order in which lists show them.
    pub const ALL: [Self; 6] =
        [Self::Ring, Self::Earrings, Self::Pendant, Self::Necklace, Self::Bracelet, Self::Brooch];

    /// Text in the database and in URLs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Earrings => "earrings",
            Self::Pendant => "pendant",
            Self::Necklace => "necklace",
            Self::Bracelet => "bracelet",
            Self::Brooch => "brooch",
        }
    }

    /// The category of a code, or `None`.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }
}

/// How the catalogue is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Best match of a search first; without a search the newest first.
    #[default]
    Best,
    /// Newest first.
    Newest,
    /// Cheapest first.
    PriceUp,
    /// Most expensive first.
    PriceDown,
    /// By name.
    Name,
}

/// The currency of the prices in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedCurrency {
    /// One of those the shop can charge.
    Known(Currency),
    /// Another currency. Its prices are not understood, and are never read as soles.
    Unknown,
}

impl Default for NamedCurrency {
    /// Prices without a currency are in soles.
    fn default() -> Self {
        Self::Known(Currency::Pen)
    }
}

/// A field of the catalogue's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterName {
    /// Category.
    Category,
    /// Metal and fineness.
    Metal,
    /// Maker.
    Maker,
    /// Ring size.
    Size,
    /// Least price.
    PriceMin,
    /// Greatest price.
    PriceMax,
    /// Designs with an available piece.
    Available,
    /// Designs that are made to order.
    MadeToOrder,
    /// Order of the list.
    Sort,
    /// Page of the list.
    Page,
}

/// A value in the URL that its filter does not understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The filter.
    pub filter: FilterName,
    /// What was typed, cut to a few words.
    pub value: String,
}

/// The filters of the catalogue from the URL. A value that is not understood does not filter, and the
/// page says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Words of a search, with or without accents, with any ending. Empty: no search.
    pub text: String,
    /// Any of these categories; empty: all.
    pub categories: Vec<Category>,
    /// Any of these metals with fineness, e.g. `silver-950`; empty: all.
    pub metals: Vec<MetalFilter>,
    /// Any of these makers' slugs; empty: all.
    pub makers: Vec<String>,
    /// An available piece with any of these inner circumferences in whole mm; empty: all.
    pub ring_sizes_mm: Vec<u32>,
    /// Least price in minor units of [`CatalogueQuery::price_currency`].
    pub price_min_minor: Option<i64>,
    /// Greatest price in minor units of [`CatalogueQuery::price_currency`].
    pub price_max_minor: Option<i64>,
    /// Currency of the two prices. It has no meaning without a price.
    pub price_currency: NamedCurrency,
    /// Only designs with an available piece.
    pub available: bool,
    /// Only designs that are made to order.
    pub made_to_order: bool,
    /// Order of the list.
    pub sort: Sort,
    /// Page, from 1.
    pub page: u32,
    /// Values that are not understood.
    pub unread: Vec<Unread>,
}

impl CatalogueQuery {
    /// Whether it has a least or a greatest price.
    #[must_use]
    pub const fn has_price_bound(&self) -> bool {
        self.price_min_minor.is_some() || self.price_max_minor.is_some()
    }

    /// Whether it names a price, even one that is not understood.
    #[must_use]
    pub fn names_prices(&self) -> bool {
        let is_price =
            |unread: &Unread| matches!(unread.filter, FilterName::PriceMin | FilterName::PriceMax);
        self.has_price_bound() || self.unread.iter().any(is_price)
    }

    /// The currency of its range of prices. `None` without a range, or when the currency is not
    /// `offered`, because then prices cannot be compared.
    #[must_use]
    pub fn currency_of_prices(&self, offered: &[Currency]) -> Option<Currency> {
        match self.price_currency {
            NamedCurrency::Known(named) if self.names_prices() && offered.contains(&named) => {
                Some(named)
            }
            NamedCurrency::Known(_) | NamedCurrency::Unknown => None,
        }
    }

    /// The same query without a range of prices.
    #[must_use]
    pub fn without_prices(&self) -> Self {
        Self {
            price_min_minor: None,
            price_max_minor: None,
            price_currency: NamedCurrency::default(),
            ..self.clone()
        }
    }
}

/// A metal and its fineness as one filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MetalFilter {
    /// The metal.
    pub metal: domain::metal::Metal,
    /// Fineness in permille.
    pub fineness_permille: u32,
}

/// One value of a filter with the number of designs that it would show together with the other
/// filters.
#[derive(Debug, Clone)]
pub struct Facet<T> {
    /// The value.
    pub value: T,
    /// Designs.
    pub count: u32,
}

/// What happened to the words of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SearchView {
    /// There was no search.
    #[default]
    None,
    /// The text has no word to search for, so nothing is found.
    NoWords,
    /// The words were searched.
    Words {
        /// Words that no piece has, as they were typed.
        unknown: Vec<String>,
        /// Words that were read as another word: as typed, and as understood.
        read_as: Vec<(String, String)>,
    },
}

/// One page of the catalogue.
#[derive(Debug, Clone)]
pub struct CatalogueView {
    /// What happened to the words of the search.
    pub search: SearchView,
    /// Cards of this page.
    pub cards: Vec<DesignCard>,
    /// Designs that match.
    pub total: u32,
    /// Available pieces of these designs.
    pub pieces_available: u32,
    /// The page that is shown, from 1. It is never beyond the last.
    pub page: u32,
    /// Pages.
    pub pages: u32,
    /// Counts beside the filters.
    pub categories: Vec<Facet<Category>>,
    /// Counts beside the filters.
    pub metals: Vec<Facet<MetalFilter>>,
    /// Counts beside the filters, makers with most designs first.
    pub makers: Vec<Facet<MakerName>>,
    /// Counts beside the filters, ascending.
    pub ring_sizes_mm: Vec<Facet<u32>>,
    /// Designs by price in three bands; bounds in minor units of the visitor's currency.
    pub prices: Vec<Facet<(Option<i64>, Option<i64>)>>,
    /// Designs with an available piece, under the other filters.
    pub available_count: u32,
    /// Designs that are made to order, under the other filters.
    pub made_to_order_count: u32,
    /// When nothing matches: categories that have designs.
    pub other_categories: Vec<Category>,
    /// When nothing matches: other designs as suggestions.
    pub suggestions: Vec<DesignCard>,
}
