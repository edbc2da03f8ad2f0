//! Designs, their pieces, the metal and the work in them.

use std::collections::HashMap;

use domain::contribution::Step;
use domain::id::{MemberId, PieceId};
use domain::language::Language;
use domain::melt::{self, PieceInputs, weight_allowed};
use domain::search_text::fold;
use domain::slug::Slug;
use jiff::Timestamp;
use store::db::Tx;
use store::design::{DimensionJson, StoneJson};
use store::ids::{new_id, new_key};
use store::{Value, insert_rows, slug};

use super::books::{MetalBook, Taking};
use super::files::{Design, Files, Manifest, ManifestDesign, Piece, Work};
use super::{DemoResult, afternoon_us, insert, unfit};
use crate::kernel::media::StoredPhoto;

/// Days at the bench before a piece is inspected.
const BENCH_DAYS_US: i64 = 9 * 86_400_000_000;
/// Scrap and loss of silver while it is worked, in permille of the metal that ends in the piece.
const SILVER_OFF: (i64, i64) = (112, 12);
/// The same for a piece of gold. A grain of gold on silver has neither.
const GOLD_OFF: (i64, i64) = (60, 8);

/// A piece that was written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) id: PieceId,
    pub(super) serial: String,
    pub(super) price_minor: i64,
}

/// The place of a picture of the site.
fn place_of(file: &str) -> Option<&'static str> {
    match file {
        "wide-home.jpg" => Some("home"),
        "wide-dawn.jpg" => Some("way"),
        "wide-metal.jpg" => Some("origin"),
        "wide-bench.jpg" => Some("workshop"),
        _ => None,
    }
}

/// Writes the facts of the photographs, and the pictures of the site itself.
pub(super) async fn write_photos(
    tx: &mut Tx,
    manifest: &Manifest,
    stored: &HashMap<String, StoredPhoto>,
) -> DemoResult<()> {
    let mut photos: Vec<Vec<Value>> = Vec::new();
    for photo in stored.values() {
        let widths = serde_json::to_string(&photo.widths).map_err(unfit)?;
        let (width, height) = (i64::from(photo.width_px), i64::from(photo.height_px));
        photos.push(vec![
            photo.hash.as_str().into(),
            width.into(),
            height.into(),
            photo.colour.as_str().into(),
            widths.into(),
        ]);
    }
    // A photograph may be known already: its name is made of its content.
    insert_rows(
        tx,
        "photo (hash, width_px, height_px, colour, widths)",
        "ON CONFLICT (hash) DO NOTHING",
        photos,
    )
    .await?;
    let mut places: Vec<Vec<Value>> = Vec::new();
    for image in &manifest.wide {
        let (Some(place), Some(photo)) = (place_of(&image.file), stored.get(&image.file)) else {
            continue;
        };
        let (es, en) = (image.alt.es.as_str(), image.alt.en.as_str());
        places.push(vec![place.into(), photo.hash.as_str().into(), es.into(), en.into()]);
    }
    insert_rows(
        tx,
        "site_photo (place, photo_hash, alt_es, alt_en)",
        "ON CONFLICT (place) DO NOTHING",
        places,
    )
    .await?;
    Ok(())
}

/// Writes every design with its texts, photographs, pieces and work.
pub(super) async fn write(
    tx: &mut Tx,
    files: &Files,
    stored: &HashMap<String, StoredPhoto>,
    members: &HashMap<String, MemberId>,
    book: &mut MetalBook,
    now: Timestamp,
) -> DemoResult<Vec<Written>> {
    let mut all = Vec::new();
    // The file begins with the newest design. Designs are written in the order in which they were
    // made, oldest first.
    for (index, design) in files.designs.designs.iter().enumerate().rev() {
        let facts = files.manifest.designs.iter().find(|facts| facts.slug == design.slug);
        let facts =
            facts.ok_or_else(|| unfit(format!("design {} is not in the manifest", design.slug)))?;
        let id = new_id();
        // No design may be published in the future.
        let latest_us =
            now.as_microsecond() - i64::try_from(index).unwrap_or_default() * 60_000_000;
        insert(
            tx,
            DESIGN,
            vec![design_row(&id, design, facts, afternoon_us(design.published_on).min(latest_us))?],
        )
        .await?;
        write_texts(tx, &id, design, facts).await?;
        let photos = (0_i64..).zip(&facts.images).map(|(position, image)| {
            let photo = stored
                .get(&image.file)
                .ok_or_else(|| unfit(format!("{} was not taken in", image.file)))?;
            let (es, en) = (image.alt.es.as_str(), image.alt.en.as_str());
            Ok(vec![
                id.as_str().into(),
                position.into(),
                photo.hash.as_str().into(),
                es.into(),
                en.into(),
            ])
        });
        insert(
            tx,
            "design_photo (design_id, position, photo_hash, alt_es, alt_en)",
            photos.collect::<DemoResult<_>>()?,
        )
        .await?;
        for piece in &design.pieces {
            let piece_id = write_piece(tx, &id, design, facts, piece, members).await?;
            take_metal(book, &piece_id, design, facts, piece, members)?;
            all.push(Written {
                id: piece_id,
                serial: piece.serial.clone(),
                price_minor: facts.price_minor.pen,
            });
        }
    }
    Ok(all)
}

const DESIGN: &str = "design (id, slug, status, category, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, \
                      wholesale_price_minor, made_to_order_days, dimensions, stones, techniques, published_at_us, demo)";

fn design_row(
    id: &str,
    design: &Design,
    facts: &ManifestDesign,
    published_at_us: i64,
) -> DemoResult<Vec<Value>> {
    let mut dimensions = Vec::with_capacity(facts.dimensions_mm.0.len());
    for (code, mm) in &facts.dimensions_mm.0 {
        dimensions.push(DimensionJson { code: code.clone(), hundredths_mm: hundredths(*mm) });
    }
    let stones: Vec<StoneJson> = facts
        .stones
        .iter()
        .map(|stone| StoneJson {
            kind: stone.kind.clone(),
            origin: stone.origin.clone(),
            cut: stone.cut.clone(),
            weight_hundredths_ct: hundredths(stone.weight_ct),
            count: stone.count,
        })
        .collect();
    Ok(vec![
        id.into(),
        design.slug.as_str().into(),
        "published".into(),
        facts.category.as_str().into(),
        facts.metal.as_str().into(),
        facts.fineness_permille.into(),
        facts.weight_mg.into(),
        facts.gold_750_mg.into(),
        facts.price_minor.pen.into(),
        facts.wholesale_price_minor.pen.into(),
        facts.made_to_order_business_days.into(),
        serde_json::to_string(&dimensions).map_err(unfit)?.into(),
        serde_json::to_string(&stones).map_err(unfit)?.into(),
        serde_json::to_string(&facts.techniques).map_err(unfit)?.into(),
        published_at_us.into(),
        true.into(),
    ])
}

/// A number with at most two decimals, as the file writes it, in hundredths.
#[expect(
    clippy::cast_possible_truncation,
    reason = "measures of a jewel in hundredths fit an i64 many times over"
)]
fn hundredths(number: f64) -> i64 {
    (number * 100.0).round() as i64
}

async fn write_texts(
    tx: &mut Tx,
    id: &str,
    design: &Design,
    facts: &ManifestDesign,
) -> DemoResult<()> {
    let languages = [
        (Language::Es, &design.words.es, &facts.name.es),
        (Language::En, &design.words.en, &facts.name.en),
    ];
    for (language, words, name) in languages {
        let row = vec![
            id.into(),
            language.code().into(),
            name.into(),
            fold(name).into(),
            words.description.as_str().into(),
            words.care.as_str().into(),
            words.keywords.as_str().into(),
        ];
        insert(
            tx,
            "design_text (design_id, language, name, name_folded, description, care, keywords)",
            vec![row],
        )
        .await?;
        // The slug of the file is English.
        if language == Language::Es {
            let address = Slug::from_name(name).map_err(unfit)?;
            slug::put_in_use(tx, id, language, &address).await?;
        }
    }
    Ok(())
}

fn work_of<'a>(design: &'a Design, piece: &'a Piece) -> &'a [Work] {
    piece.work.as_deref().unwrap_or(&design.work)
}

async fn write_piece(
    tx: &mut Tx,
    design_id: &str,
    design: &Design,
    facts: &ManifestDesign,
    piece: &Piece,
    members: &HashMap<String, MemberId>,
) -> DemoResult<PieceId> {
    let id: PieceId = new_key();
    // A sold piece is for sale until its order sells it.
    let state = if piece.state == "sold" { "retail" } else { piece.state.as_str() };
    let row = vec![
        id.as_str().into(),
        piece.serial.as_str().into(),
        design_id.into(),
        state.into(),
        piece.weight_mg.into(),
        piece.circumference_mm.map(|mm| mm * 10).into(),
        stones_mg(facts).into(),
        design.findings_mg.into(),
        design.stones_cost_minor.into(),
        design.findings_cost_minor.into(),
        piece.inspected_on.map(|day| day.to_string()).into(),
    ];
    let into = "piece (id, serial, design_id, state, weight_mg, circumference_tenths_mm, stones_mg, findings_mg, \
                stones_cost_minor, findings_cost_minor, inspected_on)";
    insert(tx, into, vec![row]).await?;
    let closed_at_us = piece.inspected_on.map(afternoon_us);
    let mut work: Vec<Vec<Value>> = Vec::new();
    for step in work_of(design, piece) {
        // Inspection is the last step. It is not recorded before it took place.
        if piece.inspected_on.is_none() && step.step == Step::Inspection.as_str() {
            continue;
        }
        let member = members
            .get(&step.member)
            .ok_or_else(|| unfit(format!("member {} is unknown", step.member)))?;
        let known = Step::from_name(&step.step)
            .ok_or_else(|| unfit(format!("step {} is unknown", step.step)))?;
        let minutes = i64::from(step.minutes);
        work.push(vec![
            new_id().into(),
            id.as_str().into(),
            member.as_str().into(),
            known.as_str().into(),
            minutes.into(),
            closed_at_us.into(),
        ]);
    }
    insert(tx, "contribution (id, piece_id, member_id, step, minutes, closed_at_us)", work).await?;
    Ok(id)
}

/// The weight of the stones in one piece of a design.
fn stones_mg(facts: &ManifestDesign) -> i64 {
    facts.stones.iter().map(|stone| melt::stones_mg(hundredths(stone.weight_ct), stone.count)).sum()
}

/// Writes the metal of a piece into the book: the grains of gold apart from the silver.
fn take_metal(
    book: &mut MetalBook,
    piece_id: &str,
    design: &Design,
    facts: &ManifestDesign,
    piece: &Piece,
    members: &HashMap<String, MemberId>,
) -> DemoResult<()> {
    let worker = work_of(design, piece).first().and_then(|step| members.get(&step.member));
    let worker = worker.ok_or_else(|| unfit(format!("nobody works on {}", piece.serial)))?;
    let (stones_mg, findings_mg) = (stones_mg(facts), design.findings_mg);
    let metal_mg = piece.weight_mg - stones_mg - findings_mg;
    if !weight_allowed(piece.weight_mg, PieceInputs { metal_mg, stones_mg, findings_mg }) {
        return Err(unfit(format!("{} is not heavier than its stones", piece.serial)));
    }
    let gold_mg = if facts.metal == "gold" { metal_mg } else { facts.gold_750_mg };
    let weighed_at_us = (piece.state != "workshop")
        .then(|| piece.inspected_on.map_or(afternoon_us(design.published_on), afternoon_us));
    let end_us = weighed_at_us.unwrap_or_else(|| afternoon_us(design.published_on));
    let parts = [
        ("silver", &design.silver_lot, metal_mg - gold_mg, SILVER_OFF),
        ("gold", &design.gold_lot, gold_mg, if facts.metal == "gold" { GOLD_OFF } else { (0, 0) }),
    ];
    for (metal, lot, in_piece_mg, (scrap, loss)) in parts {
        if in_piece_mg == 0 {
            continue;
        }
        let lot = lot
            .as_deref()
            .ok_or_else(|| unfit(format!("{} names no lot of {metal}", design.slug)))?;
        let main = metal == facts.metal;
        book.take(&Taking {
            lot,
            metal,
            piece_id,
            member: worker,
            in_piece_mg,
            scrap_mg: piece.scrap_mg.filter(|_| main).unwrap_or(in_piece_mg * scrap / 1000),
            loss_mg: piece.loss_mg.filter(|_| main).unwrap_or(in_piece_mg * loss / 1000),
            issued_at_us: end_us - BENCH_DAYS_US,
            weighed_at_us,
        })?;
    }
    Ok(())
}
