//! Designs in lists: the opening page and the catalogue with its filters.

use domain::money::{Currency, Money};
use domain::slug::Slugs;

use super::{CertificateView, MakerCard, MoneyBreakdown};

/// The opening page.
#[derive(Debug, Clone)]
pub struct HomeView {
    /// Newest designs with something to be had first.
    pub new_designs: Vec<DesignCard>,
    /// Breakdown of one design's price by the live policy, for the sentence about money.
    pub money_example: Option<(DesignCard, MoneyBreakdown)>,
    /// Some makers.
    pub makers: Vec<MakerCard>,
    /// How many makers consent to be named.
    pub maker_count: u32,
    /// Photograph of the opening.
    pub hero: Option<Photo>,
    /// Photograph behind the metal's way.
    pub way: Option<Photo>,
    /// Active members of the association.
    pub member_count: u32,
    /// A mine whose certificate is valid today, if any document says so.
    pub certified_mine: Option<CertificateView>,
}

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

/// The one state word of a design's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// More than one piece can be had now.
    Pieces(u32),
    /// One piece is left.
    Last,
    /// No piece in hand; made to order in so many business days.
    MadeToOrder {
        /// Business days until it leaves the workshop.
        business_days: u32,
    },
    /// Every free piece is in somebody's checkout just now.
    Held,
    /// Nothing left.
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
    /// The state word.
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
    /// What fits the words best first; without words the newest.
    #[default]
    Best,
    /// Newest first.
    Newest,
    /// Cheapest first.
    PriceUp,
    /// Dearest first.
    PriceDown,
    /// By name.
    Name,
}

/// The currency that the numbers of an address are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedCurrency {
    /// One of those the shop can charge.
    Known(Currency),
    /// Something else: its numbers mean nothing here, and are never taken for soles.
    Unknown,
}

impl Default for NamedCurrency {
    /// Numbers without a currency are soles.
    fn default() -> Self {
        Self::Known(Currency::Pen)
    }
}

/// A part of the catalogue's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterName {
    /// What it is.
    Category,
    /// Metal with fineness.
    Metal,
    /// Who made it.
    Maker,
    /// Ring size.
    Size,
    /// Least price.
    PriceMin,
    /// Greatest price.
    PriceMax,
    /// What can be had now.
    Available,
    /// What can be made to order.
    MadeToOrder,
    /// Order of the list.
    Sort,
    /// Page of the list.
    Page,
}

/// A value in the URL that means nothing to its filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it stands.
    pub filter: FilterName,
    /// What was typed, cut to a few words.
    pub value: String,
}

/// Filters of the catalogue as the URL holds them. A value that is not understood does not
/// filter, and the page says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Words to look for; accents and endings are forgiven. Empty: no search.
    pub text: String,
    /// Any of these categories; empty: all.
    pub categories: Vec<Category>,
    /// Any of these metals with fineness, e.g. `silver-950`; empty: all.
    pub metals: Vec<MetalFilter>,
    /// Any of these makers' slugs; empty: all.
    pub makers: Vec<String>,
    /// Any of these inner circumferences in whole mm, with a piece to be had; empty: all.
    pub ring_sizes_mm: Vec<u32>,
    /// Least price in minor units of [`CatalogueQuery::price_currency`].
    pub price_min_minor: Option<i64>,
    /// Greatest price in minor units of [`CatalogueQuery::price_currency`].
    pub price_max_minor: Option<i64>,
    /// Currency of the two bounds; means nothing without one.
    pub price_currency: NamedCurrency,
    /// Only what can be had now.
    pub available: bool,
    /// Only what can be made to order.
    pub made_to_order: bool,
    /// Order of the list.
    pub sort: Sort,
    /// Page, from 1.
    pub page: u32,
    /// Values that are not understood.
    pub unread: Vec<Unread>,
}

impl CatalogueQuery {
    /// Whether it asks for a range of prices.
    #[must_use]
    pub const fn has_price_bound(&self) -> bool {
        self.price_min_minor.is_some() || self.price_max_minor.is_some()
    }

    /// Whether it names a price, be it one that is not understood.
    #[must_use]
    pub fn names_prices(&self) -> bool {
        let is_price =
            |unread: &Unread| matches!(unread.filter, FilterName::PriceMin | FilterName::PriceMax);
        self.has_price_bound() || self.unread.iter().any(is_price)
    }

    /// The currency of its range of prices; `None` without a range, or when its currency is not
    /// `offered`: nothing can be compared with it then.
    #[must_use]
    pub fn currency_of_prices(&self, offered: &[Currency]) -> Option<Currency> {
        match self.price_currency {
            NamedCurrency::Known(named) if self.names_prices() && offered.contains(&named) => {
                Some(named)
            }
            NamedCurrency::Known(_) | NamedCurrency::Unknown => None,
        }
    }

    /// The same question without a range of prices.
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

/// One value of a filter with how many designs it would show, the other filters kept.
#[derive(Debug, Clone)]
pub struct Facet<T> {
    /// The value.
    pub value: T,
    /// Designs.
    pub count: u32,
}

/// What became of the words that were looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SearchView {
    /// None were.
    #[default]
    None,
    /// Something was typed that has no word to search by: nothing is shown as found.
    NoWords,
    /// They were looked for.
    Words {
        /// Words that no piece has, as they were asked.
        unknown: Vec<String>,
        /// Words that were read as another: as asked, and as understood.
        read_as: Vec<(String, String)>,
    },
}

/// One page of the catalogue.
#[derive(Debug, Clone)]
pub struct CatalogueView {
    /// What became of the words.
    pub search: SearchView,
    /// Cards of this page.
    pub cards: Vec<DesignCard>,
    /// Designs that match.
    pub total: u32,
    /// Pieces that can be had among them.
    pub pieces_available: u32,
    /// The page shown (clamped), from 1.
    pub page: u32,
    /// Pages.
    pub pages: u32,
    /// Counts beside the filters.
    pub categories: Vec<Facet<Category>>,
    /// Counts beside the filters.
    pub metals: Vec<Facet<MetalFilter>>,
    /// Counts beside the filters; the most prolific first.
    pub makers: Vec<Facet<MakerName>>,
    /// Counts beside the filters, ascending.
    pub ring_sizes_mm: Vec<Facet<u32>>,
    /// Designs by price in three bands; bounds in minor units of the visitor's currency.
    pub prices: Vec<Facet<(Option<i64>, Option<i64>)>>,
    /// Designs with a piece to be had / to be made to order, the other filters kept.
    pub available_count: u32,
    /// Designs that can be made to order, the other filters kept.
    pub made_to_order_count: u32,
    /// When nothing matches: categories with something in them.
    pub other_categories: Vec<Category>,
    /// When nothing matches: other designs worth a look.
    pub suggestions: Vec<DesignCard>,
}
