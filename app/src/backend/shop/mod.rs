//! What the shopper's pages ask of the server: catalogue, makers, metal, bag, order.

mod bag;
mod catalogue;
mod checkout;
mod design;
mod home;
mod makers;
mod money;
mod order;
mod origin;
mod shipping;

use async_trait::async_trait;
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;

pub use self::bag::{BagLine, BagView};
pub use self::catalogue::{
    Availability, CatalogueQuery, CatalogueView, Category, DesignCard, Facet, FilterName,
    MakerName, MetalFilter, NamedCurrency, Photo, SearchView, Sort, Unread,
};
pub use self::checkout::{
    CheckoutField, CheckoutForm, CheckoutTrouble, CheckoutView, DeliveryOption, FieldProblem,
    Pressed,
};
pub use self::design::{
    DesignView, Dimension, PieceAvailability, PieceView, Provenance, Stone, Whereabouts,
    WorkshopFacts,
};
pub use self::home::HomeView;
pub use self::makers::{MakerCard, MakerView, PortraitPhoto};
pub use self::money::{MoneyBreakdown, MoneyPart, MoneyPartKind, MoneyPolicyView};
pub use self::order::{
    MailedCopy, OrderLineView, OrderSums, OrderView, ShownStatus, TurnedBack, TurnedBackWhy,
    WayBack,
};
pub use self::origin::{
    CertificateView, DocumentView, LotArrival, LotView, MetalOrigin, MineView, OriginView,
};
pub use self::shipping::{DeliveryEstimate, ShippingView, ShippingZoneView};
use super::BackendResult;
use crate::routes::Route;

/// Everything a shopper's pages may ask of the server.
#[async_trait]
pub trait ShopBackend: Send + Sync {
    /// The opening page: new pieces, one true sentence about money, some makers.
    async fn home(&self, visit: &Visit) -> BackendResult<HomeView>;
    /// One page of the catalogue under `query`, with the counts beside each filter.
    async fn catalogue(
        &self,
        visit: &Visit,
        query: &CatalogueQuery,
    ) -> BackendResult<CatalogueView>;
    /// A design with its pieces, or `None` when no published design has that slug in the
    /// visitor's language.
    async fn design(&self, visit: &Visit, slug: &str) -> BackendResult<Option<DesignView>>;
    /// What happened to a slug that shows no design, or `None` when it never showed one.
    async fn whereabouts(&self, visit: &Visit, slug: &str) -> BackendResult<Option<Whereabouts>>;
    /// Every maker who consents to be named on the site, in a stable order.
    async fn makers(&self, visit: &Visit) -> BackendResult<Vec<MakerCard>>;
    /// One maker, or `None` when unknown or without consent.
    async fn maker(&self, visit: &Visit, slug: &str) -> BackendResult<Option<MakerView>>;
    /// Lots, mines and certificates with their dates.
    async fn origin(&self, visit: &Visit) -> BackendResult<OriginView>;
    /// The split policy in force and the newest totals of the ledger.
    async fn money(&self, visit: &Visit) -> BackendResult<Option<MoneyPolicyView>>;
    /// Delivery choices and their prices for the page on shipping.
    async fn shipping(&self, visit: &Visit) -> BackendResult<ShippingView>;
}

/// Facts about one request that every page needs.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Language of the URL.
    pub language: Language,
    /// Currency in which this visitor sees prices and would be charged: her choice, else the one of
    /// her browser's country. It is one of [`Visit::currencies`].
    pub currency: Currency,
    /// Currencies in which the shop charges now, with the sol first.
    pub currencies: Vec<Currency>,
    /// Today's date in Lima: delivery estimates and certificates depend on it.
    pub today: Date,
    /// The present moment.
    pub now: Timestamp,
    /// Pieces in this visitor's bag, for the header.
    pub bag_count: u32,
    /// The page's own path and query in this language, e.g. `/es/piezas?tipo=ring`.
    pub path: String,
    /// Scheme and host under which the shop is reached, without trailing slash.
    pub public_url: String,
    /// Whether the catalogue has demonstration data. Every page says so.
    pub demo: bool,
    /// What the shop has to show: no page links to one that would be empty.
    pub has: Contents,
}

/// Whether the shop has anything of each kind to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// A published design.
    pub designs: bool,
    /// A published ring.
    pub rings: bool,
    /// A maker who consents to be named.
    pub makers: bool,
    /// A mine or a lot of metal.
    pub metal: bool,
    /// A policy by which the price is shared.
    pub policy: bool,
}

impl Contents {
    /// Something of each kind. This is also assumed while the database does not answer.
    pub const EVERYTHING: Self =
        Self { designs: true, rings: true, makers: true, metal: true, policy: true };

    /// Whether the page of a route has something to show.
    #[must_use]
    pub const fn shows(self, route: &Route) -> bool {
        match route {
            Route::Catalogue | Route::Feed => self.designs,
            Route::Makers => self.makers,
            Route::Origin => self.metal,
            Route::Money => self.policy,
            _ => true,
        }
    }
}

impl Visit {
    /// The currency in which a page of the catalogue shows prices: the one that its URL names, else the
    /// visitor's.
    #[must_use]
    pub fn currency_for(&self, query: &CatalogueQuery) -> Currency {
        query.currency_of_prices(&self.currencies).unwrap_or(self.currency)
    }
}

/// How to reach the association, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactDetails {
    /// Address for every question and for complaints.
    pub email: String,
    /// Number in international form, e.g. `+51 951 000 000`.
    pub phone: Option<String>,
}
