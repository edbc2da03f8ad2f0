//! Lists of designs: matches, counts and cards. A list is first cut to its page by narrow keys; the
//! contents of the cards are read for that page alone.

use crate::text::Text;
use domain::id::{DesignId, MemberId};
use std::collections::HashMap;

use domain::language::Language;

use super::design::alt_column;
use super::search::{SearchTerm, push_found, push_points};
use super::slug::{SlugRow, slug_columns};
use super::statement::Statement;
use crate::db::{Db, DbResult, Engine};

/// What a visitor filters by. Lists are joined by "or", the fields by "and".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Language of the names sorted by.
    pub language: Language,
    /// Words, all of which must be found; an empty list means no search.
    pub terms: Vec<SearchTerm>,
    /// Codes of categories.
    pub categories: Vec<String>,
    /// Codes of metals with their fineness.
    pub metals: Vec<(String, i64)>,
    /// Keys of members.
    pub makers: Vec<String>,
    /// Inner circumferences in whole mm of pieces that can be had.
    pub sizes_mm: Vec<i64>,
    /// Least price.
    pub price_min_minor: Option<i64>,
    /// Greatest price.
    pub price_max_minor: Option<i64>,
    /// What can be had now.
    pub available: bool,
    /// What can be made to order.
    pub made_to_order: bool,
}

impl Filter {
    /// Everything that is published.
    pub const fn everything(language: Language) -> Self {
        Self {
            language,
            terms: Vec::new(),
            categories: Vec::new(),
            metals: Vec::new(),
            makers: Vec::new(),
            sizes_mm: Vec::new(),
            price_min_minor: None,
            price_max_minor: None,
            available: false,
            made_to_order: false,
        }
    }

    /// Whether the filter asks for nothing but makers, so that a count of makers need not read
    /// designs.
    fn asks_nothing_but_makers(&self) -> bool {
        Self { makers: Vec::new(), ..self.clone() } == Self::everything(self.language)
    }
}

/// How a list is sorted. Every order is total, so that pages never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The best match of the words first; without words the newest first.
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

/// A part of a filter that a count may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Category,
    Metal,
    Maker,
    Size,
    Price,
    Supply,
    Words,
}

/// Adds `d.status = 'published' AND …`, without the parts left out.
fn push_conditions(statement: &mut Statement, engine: Engine, filter: &Filter, leave_out: &[Part]) {
    let asked = |part: Part| !leave_out.contains(&part);
    statement.push("d.status = 'published'");
    if asked(Part::Category) {
        push_any_of(statement, "d.category", &filter.categories);
    }
    if asked(Part::Metal) && !filter.metals.is_empty() {
        statement.push(" AND (");
        for (index, (metal, fineness)) in filter.metals.iter().enumerate() {
            statement.push(if index > 0 { " OR " } else { "" });
            statement
                .push("(d.metal = ")
                .value(metal)
                .push(" AND d.fineness_permille = ")
                .value(*fineness)
                .push(")");
        }
        statement.push(")");
    }
    if asked(Part::Price) {
        push_price(statement, filter, " AND ");
    }
    if asked(Part::Supply) {
        statement.push(match (filter.available, filter.made_to_order) {
            (true, true) => " AND (d.pieces_available > 0 OR d.made_to_order_days IS NOT NULL)",
            (true, false) => " AND d.pieces_available > 0",
            (false, true) => " AND d.made_to_order_days IS NOT NULL",
            (false, false) => "",
        });
    }
    if asked(Part::Maker) && !filter.makers.is_empty() {
        statement.push(
            " AND d.id IN (SELECT design_id FROM design_maker WHERE shown = TRUE AND member_id IN ",
        );
        statement.list(&filter.makers).push(")");
    }
    if asked(Part::Size) && !filter.sizes_mm.is_empty() {
        statement.push(" AND d.id IN (SELECT design_id FROM piece WHERE state = 'retail' AND (");
        for (index, mm) in filter.sizes_mm.iter().enumerate() {
            statement.push(if index > 0 { " OR " } else { "" });
            statement
                .push("circumference_tenths_mm BETWEEN ")
                .value(mm * 10)
                .push(" AND ")
                .value(mm * 10 + 9);
        }
        statement.push("))");
    }
    if asked(Part::Words) && !filter.terms.is_empty() {
        statement.push(" AND ");
        push_found(statement, engine, "d.id", &filter.terms);
    }
}

fn push_any_of(statement: &mut Statement, column: &'static str, values: &[String]) {
    match values {
        [] => {}
        // An equality lets the index keep the order; a list would need a sort.
        [one] => {
            statement.push(" AND ").push(column).push(" = ").value(one);
        }
        many => {
            statement.push(" AND ").push(column).push(" IN ").list(many);
        }
    }
}

fn push_price(statement: &mut Statement, filter: &Filter, before: &'static str) {
    if let Some(least) = filter.price_min_minor {
        statement.push(before).push("d.price_minor >= ").value(least);
    }
    if let Some(most) = filter.price_max_minor {
        statement.push(before).push("d.price_minor <= ").value(most);
    }
}

/// Keys of the designs that match, cut to `limit` after `offset`.
pub async fn page(
    db: &Db,
    filter: &Filter,
    order: Order,
    limit: i64,
    offset: i64,
) -> DbResult<Vec<String>> {
    let mut statement = Statement::new("SELECT d.id FROM ");
    let by_points = order == Order::Best && !filter.terms.is_empty();
    if order == Order::Name {
        statement.push("design_text t JOIN design d ON d.id = t.design_id WHERE t.language = ");
        statement.value(filter.language.code()).push(" AND ");
    } else if by_points {
        push_points(&mut statement, db.engine(), &filter.terms);
        statement.push(
            " AS found JOIN design_search_text s ON s.number = found.number
             JOIN design d ON d.id = s.design_id WHERE ",
        );
    } else {
        statement.push("design d WHERE ");
    }
    // A design with points was already found by every term.
    let leave_out: &[Part] = if by_points { &[Part::Words] } else { &[] };
    push_conditions(&mut statement, db.engine(), filter, leave_out);
    statement.push(match order {
        Order::Best if by_points => " ORDER BY found.points DESC, d.published_at_us DESC, d.id",
        Order::Best | Order::Newest => " ORDER BY d.published_at_us DESC, d.id",
        Order::PriceUp => " ORDER BY d.price_minor, d.id",
        Order::PriceDown => " ORDER BY d.price_minor DESC, d.id DESC",
        Order::Name => " ORDER BY t.name_folded, t.design_id",
    });
    statement.push(" LIMIT ").value(limit).push(" OFFSET ").value(offset);
    let rows: Vec<(String,)> = statement.fetch_all(db).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Keys of the published designs that a member worked on, newest first. Keys are UUIDv7, so an
/// index of keys alone has that order, however many there are.
pub async fn of_maker(db: &Db, member_id: &str, limit: i64) -> DbResult<Vec<String>> {
    let rows = db
        .query("SELECT design_id FROM design_maker WHERE shown = TRUE AND member_id = $1 ORDER BY design_id DESC LIMIT $2")
        .bind(member_id)
        .bind(limit)
        .fetch_all::<(String,)>()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Designs that are equal in everything that a count asks for. Every number beside a filter with
/// few values is a sum over these few rows.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CubeRow {
    /// Code of the category.
    pub category: String,
    /// Code of the metal.
    pub metal: String,
    /// Fineness in permille.
    pub fineness_permille: i64,
    /// Position of the price among the bounds asked for: twice the number of bounds below it, plus
    /// one when it is within the next bound itself.
    pub band: i64,
    /// 1 when the price is within the filter's range.
    pub in_price: i64,
    /// 1 when a piece can be had now.
    pub available: i64,
    /// 1 when it can be made to order.
    pub made_to_order: i64,
    /// Designs.
    pub designs: i64,
    /// Pieces of them that can be had now.
    pub pieces: i64,
}

/// Counts of the designs that match text, makers and sizes, by everything else.
/// A bound is every price from the least to the greatest of its pair, in minor units of PEN.
pub async fn cube(
    db: &Db,
    filter: &Filter,
    price_bounds_minor: &[(i64, i64)],
) -> DbResult<Vec<CubeRow>> {
    let mut statement =
        Statement::new("SELECT d.category, d.metal, d.fineness_permille, CAST(CASE");
    for (index, (least, greatest)) in (0_i64..).zip(price_bounds_minor) {
        statement.push(" WHEN d.price_minor < ").value(*least).push(" THEN ").value(index * 2);
        statement.push(" WHEN d.price_minor <= ").value(*greatest);
        statement.push(" THEN ").value(index * 2 + 1);
    }
    let above = i64::try_from(price_bounds_minor.len()).unwrap_or(i64::MAX / 2) * 2;
    statement.push(" ELSE ").value(above).push(" END AS BIGINT) AS band, CAST(CASE WHEN TRUE");
    push_price(&mut statement, filter, " AND ");
    statement.push(
        " THEN 1 ELSE 0 END AS BIGINT) AS in_price,
         CAST(CASE WHEN d.pieces_available > 0 THEN 1 ELSE 0 END AS BIGINT) AS available,
         CAST(CASE WHEN d.made_to_order_days IS NOT NULL THEN 1 ELSE 0 END AS BIGINT) AS made_to_order,
         CAST(COUNT(*) AS BIGINT) AS designs, CAST(SUM(d.pieces_available) AS BIGINT) AS pieces
         FROM design d WHERE ",
    );
    push_conditions(
        &mut statement,
        db.engine(),
        filter,
        &[Part::Category, Part::Metal, Part::Price, Part::Supply],
    );
    statement.push(" GROUP BY 1, 2, 3, 4, 5, 6, 7");
    statement.fetch_all(db).await
}

/// For each member, how many designs that match the rest of the filter she worked on.
pub async fn maker_counts(db: &Db, filter: &Filter) -> DbResult<Vec<(String, i64)>> {
    let mut statement =
        Statement::new("SELECT dm.member_id, CAST(COUNT(*) AS BIGINT) FROM design_maker dm ");
    if filter.asks_nothing_but_makers() {
        statement.push("WHERE dm.shown = TRUE");
    } else {
        statement.push("JOIN design d ON d.id = dm.design_id WHERE ");
        push_conditions(&mut statement, db.engine(), filter, &[Part::Maker]);
    }
    statement.push(" GROUP BY dm.member_id");
    statement.fetch_all(db).await
}

/// How many designs that match the rest of the filter have a piece of each size, in whole
/// mm of inner circumference, ascending.
pub async fn size_counts(db: &Db, filter: &Filter) -> DbResult<Vec<(i64, i64)>> {
    // SQLite keeps the order of a CROSS JOIN, so it first reads the index of the sizes that can be
    // had.
    let mut statement = Statement::new(
        "SELECT CAST(pc.circumference_tenths_mm / 10 AS BIGINT), CAST(COUNT(DISTINCT pc.design_id) AS BIGINT)
         FROM piece pc CROSS JOIN design d
         WHERE d.id = pc.design_id AND pc.state = 'retail' AND pc.circumference_tenths_mm IS NOT NULL AND ",
    );
    push_conditions(&mut statement, db.engine(), filter, &[Part::Size]);
    statement.push(" GROUP BY 1 ORDER BY 1");
    statement.fetch_all(db).await
}

/// What a card shows and no sale changes. One row per maker of the design; the maker with the most
/// work comes first.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CardRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: DesignId,
    /// Address of its page.
    #[sqlx(flatten)]
    pub slug: SlugRow,
    /// Name.
    pub name: String,
    /// Price in minor units of PEN.
    pub price_minor: i64,
    /// Business days when it is made to order.
    pub made_to_order_days: Option<i64>,
    /// Content address of the first photograph.
    pub hash: Option<String>,
    /// Its width.
    pub width_px: Option<i64>,
    /// Its height.
    pub height_px: Option<i64>,
    /// Its colour.
    pub colour: Option<String>,
    /// Its widths.
    pub widths: Option<String>,
    /// Its alternative text.
    pub alt: Option<String>,
    /// A maker.
    pub member_id: Option<Text<MemberId>>,
}

/// The cards of these designs, in any order; only the makers within a card are sorted.
pub async fn cards(db: &Db, design_ids: &[String], language: Language) -> DbResult<Vec<CardRow>> {
    if design_ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = Statement::new(concat!(
        "SELECT d.id, ",
        slug_columns!(),
        ", t.name, d.price_minor, d.made_to_order_days,
           p.hash, p.width_px, p.height_px, p.colour, p.widths, dp."
    ));
    statement
        .push(alt_column(language))
        .push(" AS alt, dm.member_id FROM design d JOIN design_text t ON t.design_id = d.id AND t.language = ")
        .value(language.code())
        .push(
            " LEFT JOIN design_photo dp ON dp.design_id = d.id AND dp.position = 0
             LEFT JOIN photo p ON p.hash = dp.photo_hash
             LEFT JOIN design_maker dm ON dm.design_id = d.id
             WHERE d.status = 'published' AND d.id IN ",
        )
        .list(design_ids)
        .push(" ORDER BY dm.minutes DESC, dm.steps DESC, dm.member_id");
    statement.fetch_all(db).await
}

/// The stock of a design; triggers on its pieces maintain it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stock {
    /// Pieces that can be had now.
    pub available: i64,
    /// Pieces held in a checkout.
    pub held: i64,
}

/// The stock of these designs, by their keys, without those that are not published.
pub async fn stock(db: &Db, design_ids: &[&str]) -> DbResult<HashMap<String, Stock>> {
    if design_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut statement = Statement::new(
        "SELECT id, pieces_available, pieces_held FROM design WHERE status = 'published' AND id IN ",
    );
    statement.list(design_ids.iter().copied());
    let rows: Vec<(String, i64, i64)> = statement.fetch_all(db).await?;
    Ok(rows.into_iter().map(|(id, available, held)| (id, Stock { available, held })).collect())
}

/// Keys of the designs of the same category shown just before this one, the newest first.
pub async fn shown_before(
    db: &Db,
    category: &str,
    published_at_us: i64,
    limit: i64,
) -> DbResult<Vec<String>> {
    let rows: Vec<(String,)> = db
        .query(
            "SELECT id FROM design WHERE status = 'published' AND category = $1 AND published_at_us < $2
             ORDER BY published_at_us DESC, id LIMIT $3",
        )
        .bind(category)
        .bind(published_at_us)
        .bind(limit)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A published design for the sitemap.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EntryRow {
    /// Key.
    pub id: String,
    /// Address of its page.
    #[sqlx(flatten)]
    pub slug: SlugRow,
}

/// Published designs in the order of their keys, from the one after `after`, so that a long list
/// can be read in parts that never shift.
pub async fn entries_after(db: &Db, after: Option<&str>, limit: i64) -> DbResult<Vec<EntryRow>> {
    db.query(concat!(
        "SELECT d.id, ",
        slug_columns!(),
        " FROM design d WHERE d.status = 'published' AND d.id > $1 ORDER BY d.id LIMIT $2"
    ))
    .bind(after.unwrap_or(""))
    .bind(limit)
    .fetch_all()
    .await
}

/// How many designs are published.
pub async fn published_count(db: &Db) -> DbResult<i64> {
    let (count,) = db
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM design WHERE status = 'published'")
        .fetch_one::<(i64,)>()
        .await?;
    Ok(count)
}

/// Whether anything is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Any design.
    pub any: bool,
    /// A ring.
    pub rings: bool,
}

/// Whether any design is published, and whether any ring is.
pub async fn published(db: &Db) -> DbResult<Published> {
    let any = "SELECT id FROM design WHERE status = 'published' LIMIT 1";
    let ring = "SELECT id FROM design WHERE status = 'published' AND category = 'ring' LIMIT 1";
    Ok(Published {
        any: db.query(any).fetch_optional::<(String,)>().await?.is_some(),
        rings: db.query(ring).fetch_optional::<(String,)>().await?.is_some(),
    })
}

/// What the feed says of a design.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FeedRow {
    /// Key.
    pub id: String,
    /// What it is.
    pub description: String,
    /// When it was first shown.
    pub published_at_us: i64,
}

/// The newest designs, newest first.
pub async fn newest(db: &Db, language: Language, limit: i64) -> DbResult<Vec<FeedRow>> {
    db.query(
        "SELECT d.id, t.description, d.published_at_us
         FROM design d JOIN design_text t ON t.design_id = d.id AND t.language = $1
         WHERE d.status = 'published' ORDER BY d.published_at_us DESC, d.id LIMIT $2",
    )
    .bind(language.code())
    .bind(limit)
    .fetch_all()
    .await
}
