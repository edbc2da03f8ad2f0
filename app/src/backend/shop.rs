//! What the shopper's pages ask: the catalogue, the makers, the metal, the bag, the order.

use async_trait::async_trait;
use domain::claims::OriginClaim;
use domain::language::Language;
use domain::money::{Currency, Money};
use domain::shipping::DeliveryKind;
use jiff::Timestamp;
use jiff::civil::Date;

use super::BackendResult;

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
    /// A design with its pieces, or `None` when no published design has that slug.
    async fn design(&self, visit: &Visit, slug: &str) -> BackendResult<Option<DesignView>>;
    /// Every maker who consents to be named on the site, in a stable order.
    async fn makers(&self, visit: &Visit) -> BackendResult<Vec<MakerCard>>;
    /// One maker, or `None` when unknown or without consent.
    async fn maker(&self, visit: &Visit, slug: &str) -> BackendResult<Option<MakerView>>;
    /// Lots, mines and certificates with their dates.
    async fn origin(&self, visit: &Visit) -> BackendResult<OriginView>;
    /// The split policy in force and the newest figures of what was in fact posted.
    async fn money(&self, visit: &Visit) -> BackendResult<Option<MoneyPolicyView>>;
    /// Delivery choices and their prices for the page on shipping.
    async fn shipping(&self, visit: &Visit) -> BackendResult<ShippingView>;
    /// The bag: the lines of these pieces as they stand now.
    async fn bag(&self, visit: &Visit, piece_ids: &[String]) -> BackendResult<BagView>;
    /// The order behind its secret link, or `None`.
    async fn order(&self, visit: &Visit, secret: &str) -> BackendResult<Option<OrderView>>;
}

/// The circumstances of one request that every page needs.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Language of the URL.
    pub language: Language,
    /// Today's date in Lima: delivery estimates and certificates depend on it.
    pub today: Date,
    /// This moment.
    pub now: Timestamp,
    /// Pieces in this visitor's bag, for the header.
    pub bag_count: u32,
    /// The page's own path and query in this language, e.g. `/es/piezas?tipo=ring`.
    pub path: String,
    /// Scheme and host under which the shop is reached, without trailing slash.
    pub public_url: String,
    /// Whether the catalogue holds demonstration data; every page says so.
    pub demo: bool,
}

/// How the association is reached; from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactDetails {
    /// Address for every question and for complaints.
    pub email: String,
    /// Number in international form, e.g. `+51 951 000 000`.
    pub phone: Option<String>,
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
    /// Slug of its page.
    pub slug: String,
    /// Name in the visitor's language.
    pub name: String,
    /// Makers who consent to be named.
    pub makers: Vec<MakerName>,
    /// Retail price, tax included, in PEN.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
    /// The state word.
    pub availability: Availability,
}

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

/// How the catalogue is sorted; the default is the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Cheapest first.
    PriceUp,
    /// Dearest first.
    PriceDown,
    /// By name.
    Name,
}

/// Filters of the catalogue as the URL holds them. Unknown values are dropped on
/// parsing (a stale link still shows something), numbers are clamped.
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
    /// Least price in minor units of PEN.
    pub price_min_minor: Option<i64>,
    /// Greatest price in minor units of PEN.
    pub price_max_minor: Option<i64>,
    /// Only what can be had now.
    pub available: bool,
    /// Only what can be made to order.
    pub made_to_order: bool,
    /// Order of the list.
    pub sort: Sort,
    /// Page, from 1.
    pub page: u32,
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

/// One page of the catalogue.
#[derive(Debug, Clone)]
pub struct CatalogueView {
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
    /// Designs by price: up to 250, 250 to 400, over 400 soles (bounds in minor units of PEN).
    pub prices: Vec<Facet<(Option<i64>, Option<i64>)>>,
    /// Designs with a piece to be had / to be made to order, the other filters kept.
    pub available_count: u32,
    /// Designs that can be made to order, the other filters kept.
    pub made_to_order_count: u32,
    /// When nothing matches: other designs worth a look.
    pub suggestions: Vec<DesignCard>,
}

/// The page of a design.
#[derive(Debug, Clone)]
pub struct DesignView {
    /// Slug of its page.
    pub slug: String,
    /// Name in the visitor's language.
    pub name: String,
    /// Name in the other language, for search engines.
    pub category: Category,
    /// What it is, a few sentences.
    pub description: String,
    /// How to care for it.
    pub care: String,
    /// Retail price, tax included, in PEN.
    pub price: Money,
    /// The price in US dollars at today's rate, rounded to the cent.
    pub price_usd: Option<Money>,
    /// Photographs in order: on ivory, detail, setting.
    pub photos: Vec<Photo>,
    /// The metal.
    pub metal: domain::metal::Metal,
    /// Fineness in permille.
    pub fineness_permille: u32,
    /// Typical weight with the gold in it, without stones, in mg.
    pub weight_mg: i64,
    /// Gold of 750 permille in it, in mg.
    pub gold_750_mg: i64,
    /// Dimensions by their code (`dish_diameter`, `band_width`, …) in tenths of a mm,
    /// hundredths where the maker gave them.
    pub dimensions: Vec<Dimension>,
    /// Stones.
    pub stones: Vec<Stone>,
    /// Techniques by their code (`hammering`, …).
    pub techniques: Vec<String>,
    /// Every piece that is or was for sale, those that can be had first.
    pub pieces: Vec<PieceView>,
    /// Business days when it can be made to order.
    pub made_to_order_days: Option<u32>,
    /// The state word.
    pub availability: Availability,
    /// Makers with their words, under consent.
    pub makers: Vec<MakerCard>,
    /// Where the metal came from: one per metal in it, main metal first.
    pub origins: Vec<MetalOrigin>,
    /// What the workshop's books say of the first piece that can be had (or the last sold).
    pub workshop: Option<WorkshopFacts>,
    /// Where your money goes, by the live policy.
    pub money: Option<MoneyBreakdown>,
    /// Delivery estimates: to Lima and abroad.
    pub delivery: Vec<DeliveryEstimate>,
    /// Days in which a piece can be changed or returned.
    pub return_days: u32,
    /// Designs that go with it.
    pub related: Vec<DesignCard>,
}

/// One measure of a design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Code: `dish_diameter`, `band_width`, `length`, …
    pub code: String,
    /// Hundredths of a millimetre.
    pub hundredths_mm: i64,
}

/// A stone of a design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stone {
    /// Code: `pink opal`, `chrysocolla`.
    pub kind: String,
    /// Country or place the stone came from, as documented.
    pub origin: String,
    /// Code of the cut: `free-form cabochon`, `oval cabochon`.
    pub cut: String,
    /// Weight of each in hundredths of a carat.
    pub weight_hundredths_ct: i64,
    /// How many.
    pub count: u32,
}

/// Whether a piece can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceAvailability {
    /// It can be had.
    Available,
    /// Somebody is paying for it until then, at the latest.
    Held {
        /// When the hold ends if it is not paid.
        until: Timestamp,
    },
    /// Sold on this date.
    Sold {
        /// Date in Lima.
        on: Date,
    },
}

/// One physical piece.
#[derive(Debug, Clone)]
pub struct PieceView {
    /// Identifier, for the form.
    pub id: String,
    /// Serial, e.g. `0147`.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Whether it can be had.
    pub availability: PieceAvailability,
}

/// What the documents say of one metal in the piece.
#[derive(Debug, Clone)]
pub struct MetalOrigin {
    /// The metal.
    pub metal: domain::metal::Metal,
    /// Fineness in permille.
    pub fineness_permille: u32,
    /// Metal of this lot in the piece, in mg.
    pub amount_mg: i64,
    /// Code of the lot, e.g. `L-014`.
    pub lot_code: String,
    /// Who handed the lot over.
    pub supplier: String,
    /// Handed over in consignment (it stays the supplier's until used) or bought.
    pub consigned: bool,
    /// When the workshop received it.
    pub received_on: Date,
    /// What may be said, computed.
    pub claim: OriginClaim,
    /// The certificate that carries the claim, if one does.
    pub certificate: Option<CertificateView>,
    /// Documents of the lot that a visitor may read about.
    pub documents: Vec<DocumentView>,
}

/// A document by name; its file is not public.
#[derive(Debug, Clone)]
pub struct DocumentView {
    /// Title, e.g. `Guía de entrega L-014`.
    pub title: String,
    /// Date of the document.
    pub dated_on: Option<Date>,
}

/// A certificate with its dates.
#[derive(Debug, Clone)]
pub struct CertificateView {
    /// Mine.
    pub mine: String,
    /// Place of the mine.
    pub place: String,
    /// Height above the sea in m.
    pub altitude_m: Option<i64>,
    /// Scheme, e.g. `Fairmined`.
    pub scheme: String,
    /// Number of the certificate.
    pub number: String,
    /// Whether it is of the Ecological kind.
    pub ecological: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// The workshop's metal book for one piece.
#[derive(Debug, Clone)]
pub struct WorkshopFacts {
    /// Serial of the piece.
    pub serial: String,
    /// Metal issued, in mg.
    pub issued_mg: i64,
    /// Metal in the piece, in mg.
    pub in_piece_mg: i64,
    /// Came back as scrap, in mg.
    pub scrap_mg: i64,
    /// Lost (polishing and the like), in mg.
    pub loss_mg: i64,
    /// Who did which steps, under consent: (maker, step codes).
    pub steps: Vec<(Option<MakerName>, Vec<String>)>,
    /// Day it passed inspection.
    pub inspected_on: Option<Date>,
}

/// A price taken apart. The parts sum to `total` exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyBreakdown {
    /// What the shopper pays: for the piece before a sale, for the whole order after it.
    pub total: Money,
    /// The parts in the order of the bar.
    pub parts: Vec<MoneyPart>,
    /// How many makers share the pay.
    pub maker_count: u32,
    /// Date of the assembly that adopted the policy.
    pub adopted_on: Date,
    /// Version of the policy.
    pub policy_version: u32,
    /// Whether the payment fee is an estimate (before the sale it is).
    pub estimate: bool,
}

/// One part of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyPart {
    /// What it is for.
    pub kind: MoneyPartKind,
    /// How much.
    pub amount: Money,
}

/// What a part of a price is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyPartKind {
    /// Pay for work of all makers together.
    Makers,
    /// Metal, stones and findings.
    Material,
    /// IGV.
    Tax,
    /// A fund by its code: `workshop`, `association`, …
    Fund(String),
    /// What the carrier gets, its tax left out.
    Shipping,
    /// What the payment provider keeps.
    PaymentFee,
}

/// A maker in a list.
#[derive(Debug, Clone)]
pub struct MakerCard {
    /// Slug of her page.
    pub slug: String,
    /// Name as shown.
    pub name: String,
    /// Community, e.g. `Ananea`.
    pub community: String,
    /// What she does, e.g. `Batido y engaste`.
    pub crafts: String,
    /// A sentence of hers, under consent for her story.
    pub quote: Option<String>,
    /// Whether she consents to a portrait; the woven pattern stands for it in the demo.
    pub portrait: bool,
    /// Designs she has a hand in that are shown.
    pub design_count: u32,
}

/// A maker's page.
#[derive(Debug, Clone)]
pub struct MakerView {
    /// The card.
    pub card: MakerCard,
    /// Her story in the visitor's language, under consent; paragraphs.
    pub story: Vec<String>,
    /// Year she joined.
    pub member_since: Option<i16>,
    /// Designs she has a hand in; sold ones stay, marked.
    pub designs: Vec<DesignCard>,
}

/// Lots, mines and certificates.
#[derive(Debug, Clone)]
pub struct OriginView {
    /// Mines with every certificate, newest first.
    pub mines: Vec<MineView>,
    /// Lots, newest first.
    pub lots: Vec<LotView>,
    /// Photograph of the page.
    pub photo: Option<Photo>,
}

/// A mine.
#[derive(Debug, Clone)]
pub struct MineView {
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// Height above the sea in m.
    pub altitude_m: Option<i64>,
    /// Certificates, newest first.
    pub certificates: Vec<CertificateView>,
}

/// A lot with where its metal is now. The parts sum to `received_mg`.
#[derive(Debug, Clone)]
pub struct LotView {
    /// What the documents say.
    pub origin: MetalOrigin,
    /// Received, in mg.
    pub received_mg: i64,
    /// In pieces, in mg.
    pub in_pieces_mg: i64,
    /// Scrap, in mg.
    pub scrap_mg: i64,
    /// Lost, in mg.
    pub loss_mg: i64,
    /// Returned to the supplier, in mg.
    pub returned_mg: i64,
    /// Melted into another lot, in mg.
    pub melted_mg: i64,
    /// On hand (in the safe or with a member), in mg.
    pub on_hand_mg: i64,
}

/// The policy in force and what was posted under it.
#[derive(Debug, Clone)]
pub struct MoneyPolicyView {
    /// Version.
    pub version: u32,
    /// Name of the minute that adopted it.
    pub minute: String,
    /// Date of the assembly.
    pub adopted_on: Date,
    /// Funds with their share in basis points of the net.
    pub funds: Vec<(String, u32)>,
    /// An example.
    pub example: Option<(DesignCard, MoneyBreakdown)>,
    /// What makers together received from sales so far, per currency.
    pub makers_received: Vec<Money>,
    /// Pieces sold so far.
    pub pieces_sold: u32,
}

/// How long a parcel takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryEstimate {
    /// Which way.
    pub kind: DeliveryKind,
    /// First likely day.
    pub from: Date,
    /// Last likely day.
    pub to: Date,
}

/// The page on shipping.
#[derive(Debug, Clone)]
pub struct ShippingView {
    /// Zones with price bands.
    pub zones: Vec<ShippingZoneView>,
    /// Days in which a piece can be changed or returned.
    pub return_days: u32,
    /// Greatest value sent abroad.
    pub abroad_limit: Money,
}

/// A zone of the tariff.
#[derive(Debug, Clone)]
pub struct ShippingZoneView {
    /// Code of the zone, e.g. `lima`, `provinces`, `pickup`, `latin_america`.
    pub code: String,
    /// Price of the lightest parcel in PEN.
    pub from_price: Money,
    /// Least business days.
    pub days_min: u32,
    /// Greatest business days.
    pub days_max: u32,
}

/// A line of the bag as it stands now.
#[derive(Debug, Clone)]
pub struct BagLine {
    /// Piece.
    pub piece_id: String,
    /// Slug of its design.
    pub slug: String,
    /// Name of the design.
    pub name: String,
    /// Serial.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Price in PEN.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
    /// Whether it can (still) be had by this visitor.
    pub availability: PieceAvailability,
}

/// The bag.
#[derive(Debug, Clone)]
pub struct BagView {
    /// Lines in the order they were put in.
    pub lines: Vec<BagLine>,
    /// Sum of what can be had, in PEN.
    pub subtotal: Money,
    /// The same in US dollars.
    pub subtotal_usd: Option<Money>,
}

/// One way of delivery offered at checkout, priced for this parcel and destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOption {
    /// Which way.
    pub kind: DeliveryKind,
    /// Price in the order's currency.
    pub price: Money,
    /// First likely day.
    pub from: Date,
    /// Last likely day.
    pub to: Date,
}

/// What the shopper typed, kept as typed so that nothing is lost on an error.
#[derive(Debug, Clone, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct CheckoutForm {
    /// Name and surnames.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Phone for the courier.
    pub phone: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Departamento (Peru) or state/province.
    pub region: String,
    /// City or district.
    pub city: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Code of the delivery kind.
    pub delivery: String,
    /// `PEN` or `USD`.
    pub currency: String,
    /// Gift message.
    pub gift_message: String,
    /// Button pressed: `update` (recalculate) or `pay`.
    pub action: String,
    /// Identifier made by the server when the form was first shown: a retry of the
    /// same form never makes a second order.
    pub attempt: String,
}

/// A field of the checkout form with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields of `CheckoutForm`")]
pub enum CheckoutField {
    Name,
    Email,
    Phone,
    Country,
    Region,
    City,
    Street,
    PostalCode,
    Delivery,
    Currency,
    GiftMessage,
}

impl CheckoutField {
    /// Every field in the order in which the form shows it.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Email,
        Self::Country,
        Self::Region,
        Self::Street,
        Self::City,
        Self::PostalCode,
        Self::Phone,
        Self::Delivery,
        Self::Currency,
        Self::GiftMessage,
    ];

    /// Name of the value in the form: that of the field of [`CheckoutForm`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::Delivery => "delivery",
            Self::Currency => "currency",
            Self::GiftMessage => "gift_message",
        }
    }

    /// Most letters a visitor may type (in UTF-16 units, as browsers count).
    #[must_use]
    pub const fn max_letters(self) -> u32 {
        match self {
            Self::Name | Self::Region | Self::City => 80,
            Self::Street => 100,
            Self::Email => 254,
            Self::Phone => 40,
            Self::GiftMessage => 200,
            Self::PostalCode => 12,
            Self::Country | Self::Delivery | Self::Currency => 16,
        }
    }
}

/// What is wrong with a field. The page turns it into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldProblem {
    /// Nothing was typed.
    Missing,
    /// More than so many letters.
    TooLong(u32),
    /// Not of the field's form.
    Malformed,
    /// Not a choice that is offered.
    NotOffered,
}

/// Why the order as a whole could not be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckoutTrouble {
    /// These pieces (names with serials) were taken meanwhile; they left the bag.
    Taken(Vec<String>),
    /// The bag is empty.
    EmptyBag,
    /// The parcel is worth more than what may be sent abroad.
    OverAbroadLimit(Money),
    /// The payment provider does not answer; nothing was charged, the pieces are free again.
    PaymentUnavailable,
}

/// The checkout page.
#[derive(Debug, Clone)]
pub struct CheckoutView {
    /// The bag.
    pub bag: BagView,
    /// What was typed.
    pub form: CheckoutForm,
    /// Errors beside their fields.
    pub errors: Vec<(CheckoutField, FieldProblem)>,
    /// Error of the whole, said on top.
    pub trouble: Option<CheckoutTrouble>,
    /// Ways of delivery for the country typed; empty until one is chosen.
    pub options: Vec<DeliveryOption>,
    /// The sums with the choice made so far, in the chosen currency.
    pub sums: OrderSums,
    /// Currencies that may be chosen.
    pub currencies: Vec<Currency>,
    /// Minutes for which pieces are held once the payment page opens.
    pub hold_minutes: u32,
}

/// Sums of an order in its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSums {
    /// Pieces.
    pub items: Money,
    /// Delivery, once chosen.
    pub shipping: Option<Money>,
    /// IGV contained in the total; `None` for exports (zero-rated).
    pub tax_included: Option<Money>,
    /// Total.
    pub total: Money,
}

/// State of an order as its page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states of domain::order")]
pub enum OrderStatus {
    PendingPayment,
    Paid,
    Preparing,
    Shipped,
    Delivered,
    Expired,
    Cancelled,
    /// Paid after the hold was lost, or paid wrongly: everything is given back.
    RefundedInFull,
}

/// The order's own page.
#[derive(Debug, Clone)]
pub struct OrderView {
    /// Number the shopper quotes, e.g. `D-000147`.
    pub number: String,
    /// Secret of the link.
    pub secret: String,
    /// State.
    pub status: OrderStatus,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Until when the pieces are held, while unpaid.
    pub held_until: Option<Timestamp>,
    /// Where to go on paying, while unpaid.
    pub payment_url: Option<String>,
    /// Lines.
    pub lines: Vec<OrderLineView>,
    /// Sums.
    pub sums: OrderSums,
    /// Name of the recipient.
    pub name: String,
    /// E-mail the confirmation goes to.
    pub email: String,
    /// Address, ready as lines.
    pub address: Vec<String>,
    /// Way of delivery.
    pub delivery: DeliveryEstimate,
    /// Gift message.
    pub gift_message: Option<String>,
    /// Given back so far.
    pub refunded: Option<Money>,
    /// What was in fact posted, once paid: all pieces together.
    pub money: Option<MoneyBreakdown>,
}

/// A line of an order.
#[derive(Debug, Clone)]
pub struct OrderLineView {
    /// Slug of the design.
    pub slug: String,
    /// Name of the design.
    pub name: String,
    /// Serial of the piece.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Price in the order's currency.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
}
