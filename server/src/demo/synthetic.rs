//! Many invented designs, to test the shop with a large catalogue.

use domain::language::Language;
use domain::search_text::fold;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use store::db::{Db, Tx};
use store::ids::new_id;
use store::{Value, insert_rows};

use super::{DemoResult, insert, unfit};
use crate::catalogue::search_words;

/// Designs per transaction.
const BATCH: usize = 1_000;
/// Designs that share a lot of each metal.
const DESIGNS_PER_LOT: usize = 25;
/// Received weight of each lot: more than its designs can take.
const LOT_MG: i64 = 20_000_000;
/// 1 January 2026 in Lima, when the first of them is shown. The demonstration's designs are newer.
const FIRST_SHOWN_US: i64 = 1_767_243_600_000_000;
/// The slugs of these designs begin with this.
const SLUG: &str = "modelo-";

/// A kind of jewel: code, Spanish and English noun, whether it has a ring size.
const KINDS: [(&str, &str, &str, bool); 6] = [
    ("ring", "Anillo", "ring", true),
    ("earrings", "Aretes", "earrings", false),
    ("pendant", "Colgante", "pendant", false),
    ("necklace", "Collar", "necklace", false),
    ("bracelet", "Brazalete", "bracelet", false),
    ("brooch", "Prendedor", "brooch", false),
];
const NAMES: [(&str, &str); 16] = [
    ("Nevado", "Glacier"),
    ("Cantuta", "Cantuta"),
    ("Arcilla", "Clay"),
    ("Vicuña", "Vicuna"),
    ("Trueno", "Thunder"),
    ("Ichu", "Ichu"),
    ("Laguna", "Lagoon"),
    ("Parihuana", "Flamingo"),
    ("Cuarzo", "Quartz"),
    ("Sendero", "Path"),
    ("Neblina", "Mist"),
    ("Zorro", "Fox"),
    ("Hoguera", "Bonfire"),
    ("Estrella", "Star"),
    ("Granizo", "Hail"),
    ("Umbral", "Threshold"),
];
const STEPS: [&str; 6] =
    ["hammering", "soldering", "stone_setting", "polishing", "casting", "chasing"];

/// The rows to which the designs refer.
struct Ground {
    members: Vec<String>,
    photos: Vec<String>,
    supplier: String,
}

/// Rows of one batch, table by table.
#[derive(Default)]
struct Batch {
    lots: Vec<Vec<Value>>,
    designs: Vec<Vec<Value>>,
    texts: Vec<Vec<Value>>,
    photos: Vec<Vec<Value>>,
    pieces: Vec<Vec<Value>>,
    work: Vec<Vec<Value>>,
    movements: Vec<Vec<Value>>,
}

/// Adds invented designs until there are `designs` of them. The same `seed` gives the same designs.
/// Returns how many were added. Photographs are those of the demonstration, if it is loaded.
///
/// # Errors
/// [`super::DemoError::Db`]; whole batches may have been written before.
pub async fn load_synthetic(db: &Db, designs: usize, seed: u64) -> DemoResult<usize> {
    let (there,) = db
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM design WHERE slug LIKE 'modelo-%'")
        .fetch_one::<(i64,)>()
        .await?;
    let there = usize::try_from(there).map_err(unfit)?;
    let mut first = there;
    while first < designs {
        let mut tx = db.begin().await?;
        let ground = ground(&mut tx).await?;
        let until = designs.min(first + BATCH);
        let mut batch = Batch::default();
        let mut lots = (String::new(), String::new());
        for number in first..until {
            // Every design has random numbers of its own, so it does not matter where a batch
            // begins.
            let mut rng =
                StdRng::seed_from_u64(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            if number == first || number % DESIGNS_PER_LOT == 0 {
                lots = (
                    batch.lot(&ground, number, "silver", &mut rng),
                    batch.lot(&ground, number, "gold", &mut rng),
                );
            }
            batch.design(&ground, number, &lots, &mut rng);
        }
        batch.write(&mut tx).await?;
        search_words::refresh_in(&mut tx).await?;
        tx.commit().await?;
        first = until;
    }
    if first > there {
        // The catalogue has changed much, so the planner of each engine needs new statistics.
        let mut tx = db.begin().await?;
        tx.query("ANALYZE").execute().await?;
        tx.commit().await?;
    }
    Ok(designs.saturating_sub(there))
}

/// Members, photographs and a supplier. If there are no members, some are invented.
async fn ground(tx: &mut Tx) -> DemoResult<Ground> {
    let mut members = first_column(tx, "SELECT id FROM member ORDER BY id").await?;
    if members.is_empty() {
        members = (0..24).map(|_| new_id()).collect();
        let rows = (1..).zip(&members).map(|(n, id)| {
            let (slug, name) = (format!("socia-{n:02}"), format!("Socia {n:02}"));
            vec![
                id.into(),
                slug.into(),
                name.into(),
                "Juliaca".into(),
                "2018-11-17".into(),
                "active".into(),
                true.into(),
            ]
        });
        insert(
            tx,
            "member (id, slug, display_name, community, admitted_on, status, demo)",
            rows.collect(),
        )
        .await?;
        let consents = members.iter().map(|id| {
            vec![new_id().into(), id.into(), "name".into(), "site".into(), FIRST_SHOWN_US.into()]
        });
        insert(
            tx,
            "member_consent (id, member_id, subject, purpose, given_at_us)",
            consents.collect(),
        )
        .await?;
    }
    let photos =
        first_column(tx, "SELECT DISTINCT photo_hash FROM design_photo ORDER BY photo_hash")
            .await?;
    let name = "Proveedor inventado (demostración)";
    let row = vec![vec![new_id().into(), name.into()]];
    insert_rows(tx, "supplier (id, name)", "ON CONFLICT (name) DO NOTHING", row).await?;
    let (supplier,) = tx
        .query("SELECT id FROM supplier WHERE name = $1")
        .bind(name)
        .fetch_one::<(String,)>()
        .await?;
    Ok(Ground { members, photos, supplier })
}

async fn first_column(tx: &mut Tx, sql: &'static str) -> DemoResult<Vec<String>> {
    let rows = tx.query(sql).fetch_all::<(String,)>().await?;
    Ok(rows.into_iter().map(|(value,)| value).collect())
}

impl Batch {
    /// Adds a lot. Returns its key.
    fn lot(&mut self, ground: &Ground, number: usize, metal: &str, rng: &mut StdRng) -> String {
        let id = new_id();
        let (fineness, price) = if metal == "gold" { (750, 46_000) } else { (950, 540) };
        let model = *["uncertified", "recycled"].choose(rng).unwrap_or(&"uncertified");
        self.lots.push(vec![
            id.as_str().into(),
            format!("S-{number:06}-{metal}").into(),
            metal.into(),
            i64::from(fineness).into(),
            LOT_MG.into(),
            ground.supplier.as_str().into(),
            model.into(),
            "bought".into(),
            "2025-12-01".into(),
            i64::from(price).into(),
            "PEN".into(),
        ]);
        self.movements.push(vec![
            new_id().into(),
            id.as_str().into(),
            "receive".into(),
            LOT_MG.into(),
            Value::Text(None),
            Value::Text(None),
            FIRST_SHOWN_US.into(),
        ]);
        id
    }

    fn design(
        &mut self,
        ground: &Ground,
        number: usize,
        lots: &(String, String),
        rng: &mut StdRng,
    ) {
        let id = new_id();
        let (category, noun_es, noun_en, sized) = KINDS[rng.random_range(0..KINDS.len())];
        let (name_es, name_en) = NAMES[rng.random_range(0..NAMES.len())];
        let gold = rng.random_ratio(1, 12);
        let (metal, fineness, lot) = match (gold, rng.random_ratio(1, 5)) {
            (true, _) => ("gold", 750_i64, &lots.1),
            (false, true) => ("silver", 925, &lots.0),
            (false, false) => ("silver", 950, &lots.0),
        };
        let weight_mg: i64 = rng.random_range(1_500..40_000);
        let price_minor: i64 = rng.random_range(if gold { 900..4_000 } else { 120..1_200 }) * 100;
        let made_to_order: Option<i64> = rng.random_ratio(1, 6).then(|| rng.random_range(2..5) * 5);
        let measures =
            format!(r#"[{{"code":"width","hundredths_mm":{}}}]"#, rng.random_range(300..3_000));
        self.designs.push(vec![
            id.as_str().into(),
            format!("{SLUG}{number:06}").into(),
            "published".into(),
            category.into(),
            metal.into(),
            fineness.into(),
            weight_mg.into(),
            if gold { weight_mg } else { 0 }.into(),
            price_minor.into(),
            (price_minor * 3 / 5).into(),
            made_to_order.into(),
            measures.into(),
            "[]".into(),
            r#"["hammering","polishing"]"#.into(),
            (FIRST_SHOWN_US + i64::try_from(number).unwrap_or_default() * 60_000_000).into(),
            true.into(),
        ]);
        self.words(
            &id,
            [format!("{noun_es} {name_es} {number}"), format!("{name_en} {noun_en} {number}")],
        );
        self.pictures(&id, ground, rng);
        let pieces = *[0, 1, 1, 1, 2, 2, 3].choose(rng).unwrap_or(&1);
        for n in 0..pieces {
            let state = if rng.random_ratio(1, 5) { "delivered_wholesale" } else { "retail" };
            let size = sized.then(|| rng.random_range(48..66) * 10);
            self.piece(ground, (&id, number, n), (state, weight_mg, size), lot, rng);
        }
    }

    /// Its names in Spanish and English.
    fn words(&mut self, id: &str, names: [String; 2]) {
        let descriptions = [
            "Modelo inventado para probar la tienda con muchas piezas.",
            "An invented design, to try the shop with many pieces.",
        ];
        for ((language, name), description) in
            Language::ALL.into_iter().zip(names).zip(descriptions)
        {
            let (code, folded) = (language.code(), fold(&name));
            self.texts.push(vec![
                id.into(),
                code.into(),
                name.into(),
                folded.into(),
                description.into(),
                "—".into(),
            ]);
        }
    }

    /// Two of the demonstration's photographs.
    fn pictures(&mut self, id: &str, ground: &Ground, rng: &mut StdRng) {
        for position in 0..2_i64 {
            if let Some(hash) = ground.photos.choose(rng) {
                let (es, en) = ("Imagen de demostración", "Demonstration picture");
                self.photos.push(vec![
                    id.into(),
                    position.into(),
                    hash.into(),
                    es.into(),
                    en.into(),
                ]);
            }
        }
    }

    /// A piece with the work and the metal in it.
    fn piece(
        &mut self,
        ground: &Ground,
        of: (&str, usize, usize),
        facts: (&str, i64, Option<i64>),
        lot: &str,
        rng: &mut StdRng,
    ) {
        let id = new_id();
        let ((design, number, n), (state, weight_mg, size)) = (of, facts);
        self.pieces.push(vec![
            id.as_str().into(),
            format!("S{number:06}-{n}").into(),
            design.into(),
            state.into(),
            weight_mg.into(),
            size.into(),
            "2025-12-20".into(),
        ]);
        let makers: Vec<&String> = ground.members.choose_multiple(rng, 2).collect();
        for maker in &makers {
            let step = *STEPS.choose(rng).unwrap_or(&"other");
            let minutes: i64 = rng.random_range(20..240);
            self.work.push(vec![
                new_id().into(),
                id.as_str().into(),
                (*maker).into(),
                step.into(),
                minutes.into(),
                FIRST_SHOWN_US.into(),
            ]);
        }
        let member = makers.first().map(|maker| (*maker).clone());
        for (kind, amount_mg) in [
            ("issue", weight_mg + weight_mg / 10),
            ("into_piece", weight_mg),
            ("scrap", weight_mg / 10),
        ] {
            self.movements.push(vec![
                new_id().into(),
                lot.into(),
                kind.into(),
                amount_mg.into(),
                id.as_str().into(),
                member.clone().into(),
                FIRST_SHOWN_US.into(),
            ]);
        }
    }

    async fn write(self, tx: &mut Tx) -> DemoResult<()> {
        let lot = "material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, trading_model, owner, received_on, \
                   price_per_fine_g_minor, price_currency)";
        let design = "design (id, slug, status, category, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, \
                      wholesale_price_minor, made_to_order_days, dimensions, stones, techniques, published_at_us, demo)";
        insert(tx, lot, self.lots).await?;
        insert(tx, design, self.designs).await?;
        insert(
            tx,
            "design_text (design_id, language, name, name_folded, description, care)",
            self.texts,
        )
        .await?;
        insert(tx, "design_photo (design_id, position, photo_hash, alt_es, alt_en)", self.photos)
            .await?;
        insert(tx, "piece (id, serial, design_id, state, weight_mg, circumference_tenths_mm, inspected_on)", self.pieces).await?;
        insert(
            tx,
            "contribution (id, piece_id, member_id, step, minutes, closed_at_us)",
            self.work,
        )
        .await?;
        insert(
            tx,
            "metal_movement (id, lot_id, kind, amount_mg, piece_id, member_id, at_us)",
            self.movements,
        )
        .await?;
        Ok(())
    }
}
