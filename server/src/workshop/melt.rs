//! Melting: metal of lots, scrap or retired pieces, all of one owner, becomes a new lot on one day.

use std::collections::BTreeMap;

use domain::calendar::{lima_date, lima_midnight_us};
use domain::id::PieceId;
use domain::melt::{
    Crucible, MeltInput, Melted, MetalOwner, Weighed, fine_of_part, melt as melt_metal,
};
use domain::metal::{LotBalance, LotOwner, MeltSource, Metal, MetalError, MetalMovement};
use domain::piece::PieceState;
use jiff::Timestamp;
use jiff::civil::Date;
use store::db::{Db, DbError, DbResult, Tx, inconsistent};
use store::ids::new_id;
use store::melt::{self, MovementRow, NewInput, NewMelt};
use store::metal::LotRow;

use crate::kernel::error::ShopResult;

/// Longest code of a lot, and of the reason and the paper's title.
const CODE_MAX: usize = 24;
const TEXT_MAX: usize = 200;
/// No limit on losses: movements in the book were checked when they were written down.
const JUDGED_ALREADY: u16 = u16::MAX;

/// What is to be melted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeltRequest {
    /// Code of the new lot, e.g. `L-017`.
    pub code: String,
    /// The day, in Lima.
    pub melted_on: Date,
    /// What goes in.
    pub inputs: Vec<Taken>,
    /// Base metal added, in mg.
    pub alloy_mg: i64,
    /// The weight that came out, in mg.
    pub weighed_mg: i64,
    /// Why more was lost than is tolerated.
    pub reason: Option<String>,
    /// Title of the paper that documents it, e.g. `Acta de fundición 5`.
    pub paper: Option<String>,
}

/// Metal of one lot that goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Code of the lot.
    pub lot: String,
    /// Where it is taken from.
    pub from: TakenFrom,
    /// How much, in mg; none: all the scrap, or all of the lot that is in the piece.
    pub gross_mg: Option<i64>,
}

/// Where metal of a melt is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenFrom {
    /// The safe.
    Stock,
    /// The scrap that was weighed in.
    Scrap,
    /// The retired piece with this serial.
    Piece(String),
}

impl TakenFrom {
    const fn source(&self) -> MeltSource {
        match self {
            Self::Stock => MeltSource::Stock,
            Self::Scrap => MeltSource::Scrap,
            Self::Piece(_) => MeltSource::Piece,
        }
    }
}

/// Why a melt is refused. Nothing was written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A code that is empty, too long, or not fit for an address.
    #[error("a code of a lot is 1 to {CODE_MAX} letters, digits or hyphens")]
    BadCode,
    /// A reason or title that is too long.
    #[error("a reason or title has at most {TEXT_MAX} letters")]
    TextTooLong,
    /// Another lot has this code.
    #[error("there is a lot {0} already")]
    CodeTaken(String),
    /// No lot has this code.
    #[error("there is no lot {0}")]
    NoSuchLot(String),
    /// No piece has this serial.
    #[error("there is no piece {0}")]
    NoSuchPiece(String),
    /// Only retired pieces are melted.
    #[error("piece {serial} is not retired: it is in the state `{}`", state.as_str())]
    NotRetired {
        /// The piece.
        serial: String,
        /// Its state.
        state: PieceState,
    },
    /// The day is in the future.
    #[error("{0} is still to come")]
    InTheFuture(Date),
    /// The lot was received after that day.
    #[error("lot {lot} came on {received_on}, after that day")]
    NotThereYet {
        /// The lot.
        lot: String,
        /// When it was received.
        received_on: String,
    },
    /// The amount of metal from the safe is missing.
    #[error("how much of lot {0} is taken from the safe must be said")]
    HowMuch(String),
    /// The lot does not have this metal.
    #[error("lot {lot}: {why}")]
    OfLot {
        /// The lot.
        lot: String,
        /// Why.
        why: MetalError,
    },
    /// The melt itself is impossible.
    #[error("{0}")]
    Metal(MetalError),
}

/// The lot that came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its key.
    pub lot_id: String,
    /// Its metal, and what was lost.
    pub melted: Melted,
}

/// Writes down a melt.
///
/// # Errors
/// [`crate::kernel::error::ShopError`] when the database does not answer or contradicts itself.
pub async fn melt(
    db: &Db,
    request: &MeltRequest,
    now: Timestamp,
) -> ShopResult<Result<Made, Refused>> {
    let mut tx = db.begin().await?;
    let made = melt_in(&mut tx, request, now).await?;
    if made.is_ok() {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(made)
}

/// The same inside a transaction, which must not be committed after a refusal.
///
/// # Errors
/// [`store::db::DbError`] when the database does not answer or contradicts itself.
pub async fn melt_in(
    tx: &mut Tx,
    request: &MeltRequest,
    now: Timestamp,
) -> DbResult<Result<Made, Refused>> {
    if let Err(refused) = judge_words(request, now) {
        return Ok(Err(refused));
    }
    if melt::lock_lot(tx, &request.code).await?.is_some() {
        return Ok(Err(Refused::CodeTaken(request.code.clone())));
    }
    let mut lots = match lots_of(tx, request).await? {
        Ok(lots) => lots,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut inputs = Vec::with_capacity(request.inputs.len());
    for taken in &request.inputs {
        match take(tx, &mut lots, taken).await? {
            Ok(input) => inputs.push(input),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    let metals: Vec<MeltInput> = inputs.iter().map(|input| input.metal.clone()).collect();
    let crucible = Crucible {
        alloy_mg: request.alloy_mg,
        weighed_mg: request.weighed_mg,
        reason: request.reason.as_deref(),
    };
    let melted = match melt_metal(&metals, crucible) {
        Ok(melted) => melted,
        Err(why) => return Ok(Err(Refused::Metal(why))),
    };
    let lot_id = write_down(tx, request, &inputs, &melted, now).await?;
    Ok(Ok(Made { lot_id, melted }))
}

fn judge_words(request: &MeltRequest, now: Timestamp) -> Result<(), Refused> {
    let fits =
        |text: &Option<String>| text.as_ref().is_none_or(|text| text.chars().count() <= TEXT_MAX);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(1..=CODE_MAX).contains(&request.code.len()) || !request.code.bytes().all(plain) {
        return Err(Refused::BadCode);
    }
    if !fits(&request.reason) || !fits(&request.paper) {
        return Err(Refused::TextTooLong);
    }
    if request.melted_on > lima_date(now.as_microsecond()) {
        return Err(Refused::InTheFuture(request.melted_on));
    }
    Ok(())
}

/// A lot while metal is taken from it.
struct OpenLot {
    row: LotRow,
    balance: LotBalance,
}

/// The lots of a melt by their codes, locked in a fixed order so that two melts never deadlock.
async fn lots_of(
    tx: &mut Tx,
    request: &MeltRequest,
) -> DbResult<Result<BTreeMap<String, OpenLot>, Refused>> {
    let mut codes: Vec<&String> = request.inputs.iter().map(|taken| &taken.lot).collect();
    codes.sort();
    codes.dedup();
    let mut lots = BTreeMap::new();
    for code in codes {
        let Some(row) = melt::lock_lot(tx, code).await? else {
            return Ok(Err(Refused::NoSuchLot(code.clone())));
        };
        // ISO dates sort as text.
        if row.received_on > request.melted_on.to_string() {
            let received_on = row.received_on.clone();
            return Ok(Err(Refused::NotThereYet { lot: code.clone(), received_on }));
        }
        let balance = balance(tx, &row.id).await?;
        lots.insert(code.clone(), OpenLot { row, balance });
    }
    Ok(Ok(lots))
}

/// Where a lot's metal is, after every movement in the order in which it was written down.
///
/// # Errors
/// [`DbError::Inconsistent`] when the movements are impossible.
pub async fn balance(tx: &mut Tx, lot_id: &str) -> DbResult<LotBalance> {
    let mut movements = Vec::new();
    for row in melt::movements(tx, lot_id).await? {
        movements.push(movement(lot_id, row)?);
    }
    LotBalance::of(&movements, JUDGED_ALREADY).map_err(|error| odd(lot_id, &error))
}

fn odd(lot_id: &str, what: &dyn std::fmt::Display) -> DbError {
    inconsistent("metal_movement", lot_id, &what.to_string())
}

fn movement(lot_id: &str, row: MovementRow) -> DbResult<MetalMovement> {
    let gross_mg = row.amount_mg;
    let member_id = row.member_id.map(|id| id.0);
    let hers = || member_id.clone().ok_or_else(|| odd(lot_id, &"a movement of nobody's bench"));
    Ok(match row.kind.as_str() {
        "receive" => MetalMovement::Receive { gross_mg },
        "issue" => MetalMovement::Issue { member_id: hers()?, gross_mg },
        "into_piece" => MetalMovement::IntoPiece { member_id: hers()?, gross_mg },
        "scrap" => MetalMovement::Scrap { member_id: hers()?, gross_mg },
        "loss" => MetalMovement::Loss { member_id, gross_mg, reason: row.reason },
        "return" => MetalMovement::Return { gross_mg },
        "melt" => {
            // Movements from before melts were named took the metal from the safe.
            let from = row.taken_from.as_deref().unwrap_or(MeltSource::Stock.as_str());
            let from = MeltSource::from_name(from).ok_or_else(|| odd(lot_id, &"taken_from"))?;
            MetalMovement::Melt { from, gross_mg }
        }
        other => return Err(odd(lot_id, &format!("the kind {other}"))),
    })
}

/// An input with what the book needs to know of it.
struct Input {
    metal: MeltInput,
    source: MeltSource,
    piece_id: Option<PieceId>,
}

/// Takes metal from a lot and updates its balance in `lots`.
async fn take(
    tx: &mut Tx,
    lots: &mut BTreeMap<String, OpenLot>,
    taken: &Taken,
) -> DbResult<Result<Input, Refused>> {
    let Some(lot) = lots.get_mut(&taken.lot) else {
        return Ok(Err(Refused::NoSuchLot(taken.lot.clone())));
    };
    let (piece_id, gross_mg) = match &taken.from {
        TakenFrom::Stock => match taken.gross_mg {
            Some(gross_mg) => (None, gross_mg),
            None => return Ok(Err(Refused::HowMuch(taken.lot.clone()))),
        },
        TakenFrom::Scrap => (None, taken.gross_mg.unwrap_or_else(|| lot.balance.scrap_mg())),
        TakenFrom::Piece(serial) => {
            let Some(held) = melt::held_by_piece(tx, serial, &lot.row.id).await? else {
                return Ok(Err(Refused::NoSuchPiece(serial.clone())));
            };
            if held.state != PieceState::Retired {
                let (serial, state) = (serial.clone(), held.state);
                return Ok(Err(Refused::NotRetired { serial, state }));
            }
            let gross_mg = taken.gross_mg.unwrap_or(held.held_mg);
            if gross_mg > held.held_mg {
                let why = MetalError::Insufficient { available_mg: held.held_mg };
                return Ok(Err(Refused::OfLot { lot: taken.lot.clone(), why }));
            }
            (Some(held.piece_id), gross_mg)
        }
    };
    let source = taken.from.source();
    let moved = MetalMovement::Melt { from: source, gross_mg };
    lot.balance = match std::mem::take(&mut lot.balance).apply(&moved, JUDGED_ALREADY) {
        Ok(balance) => balance,
        Err(why) => return Ok(Err(Refused::OfLot { lot: taken.lot.clone(), why })),
    };
    Ok(Ok(Input { metal: melt_input(&lot.row, gross_mg)?, source, piece_id }))
}

/// Metal of a lot as the domain melts it.
pub(crate) fn melt_input(lot: &LotRow, gross_mg: i64) -> DbResult<MeltInput> {
    let wrong = |what: &str| inconsistent("material_lot", &lot.id, what);
    let owner = LotOwner::from_name(&lot.owner)
        .and_then(|kind| MetalOwner::of(kind, lot.supplier_id.as_ref().map(|id| id.as_str())));
    let whole = Weighed { gross_mg: lot.received_mg, fine_mg: lot.fine_mg };
    Ok(MeltInput {
        lot_id: lot.id.clone(),
        metal: Metal::from_name(&lot.metal).ok_or_else(|| wrong("metal"))?,
        owner: owner.ok_or_else(|| wrong("owner"))?,
        gross_mg,
        fine_mg: fine_of_part(gross_mg, whole).map_err(|error| wrong(&error.to_string()))?,
    })
}

/// Writes down the melt, its inputs and the new lot. Returns the lot's key.
async fn write_down(
    tx: &mut Tx,
    request: &MeltRequest,
    inputs: &[Input],
    melted: &Melted,
    now: Timestamp,
) -> DbResult<String> {
    let (melt_id, lot_id) = (new_id(), new_id());
    let melted_on = request.melted_on.to_string();
    let noted_at_us = now.as_microsecond();
    // A melt of an earlier day is dated at noon.
    let at_us = if request.melted_on == lima_date(noted_at_us) {
        noted_at_us
    } else {
        lima_midnight_us(request.melted_on) + 12 * 3_600_000_000
    };
    let new = NewMelt {
        id: &melt_id,
        melted_on: &melted_on,
        alloy_mg: request.alloy_mg,
        reason: request.reason.as_deref(),
        noted_at_us,
    };
    melt::open(tx, &new, melted).await?;
    for input in inputs {
        let row = NewInput {
            lot_id: input.metal.lot_id.as_str(),
            taken_from: input.source.as_str(),
            piece_id: input.piece_id.as_deref(),
            gross_mg: input.metal.gross_mg,
            fine_mg: input.metal.fine_mg,
        };
        melt::take(tx, &melt_id, &row, at_us).await?;
    }
    melt::close(tx, &new, (&lot_id, &request.code), melted, at_us).await?;
    if let Some(title) = &request.paper {
        melt::add_document(tx, &lot_id, title, &melted_on).await?;
    }
    Ok(lot_id)
}
