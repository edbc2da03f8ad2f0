//! The policy, the rates, and the metal book with its lots.

use std::collections::HashMap;

use domain::calendar::lima_midnight_us;
use domain::id::{FundCode, MemberId, PolicyId};
use domain::metal::{DEFAULT_LOSS_TOLERANCE_PERMILLE, LotBalance, MetalMovement};
use domain::policy::{FundShare, SplitPolicy};
use jiff::Timestamp;
use store::Value;
use store::db::Tx;
use store::ids::new_id;

use super::files::{Lot, Melt, MetalFile, MoneyFile};
use super::{DemoResult, afternoon_us, insert, unfit};
use crate::workshop::melt::{self, Taken, TakenFrom};

/// Writes the policy and the rates.
pub(super) async fn write_money(tx: &mut Tx, money: &MoneyFile) -> DemoResult<()> {
    let id = new_id();
    let file = &money.policy;
    let mut funds = Vec::with_capacity(file.funds.len());
    for fund in &file.funds {
        funds.push(FundShare {
            fund: FundCode::parse(fund.fund.clone()).map_err(unfit)?,
            bps: fund.share_bps,
        });
    }
    let policy = SplitPolicy {
        id: PolicyId::parse(id.clone()).map_err(unfit)?,
        version: file.version,
        adopted_by: file.minute.clone(),
        adopted_on: file.adopted_on,
        effective_from_us: lima_midnight_us(file.effective_from),
        funds,
        loss_fund: FundCode::parse(file.loss_fund.clone()).map_err(unfit)?,
        reserve_fund: file.reserve_fund.clone().map(FundCode::parse).transpose().map_err(unfit)?,
        minute_rate_minor: file.minute_rate_minor,
    };
    policy.validate().map_err(unfit)?;
    let row: Vec<Value> = vec![
        id.as_str().into(),
        i64::from(policy.version).into(),
        policy.adopted_by.as_str().into(),
        policy.adopted_on.to_string().into(),
        policy.effective_from_us.into(),
        policy.loss_fund.as_str().into(),
        policy.reserve_fund.as_ref().map(|fund| fund.as_str().to_owned()).into(),
        i64::from(policy.minute_rate_minor).into(),
    ];
    let into = "split_policy (id, version, minute, adopted_on, effective_from_us, loss_fund, \
                reserve_fund, minute_rate_minor)";
    insert(tx, into, vec![row]).await?;
    let funds = (1_i64..).zip(&policy.funds);
    let funds = funds.map(|(n, share)| {
        vec![id.as_str().into(), n.into(), share.fund.as_str().into(), i64::from(share.bps).into()]
    });
    insert(tx, "split_policy_fund (policy_id, position, fund, share_bps)", funds.collect()).await?;
    let rates = money.rates.iter().map(|rate| {
        let from_us = lima_midnight_us(rate.effective_from);
        vec![
            new_id().into(),
            rate.currency.as_str().into(),
            rate.rate_micro.into(),
            rate.source.as_str().into(),
            from_us.into(),
        ]
    });
    insert(
        tx,
        "exchange_rate (id, currency, rate_micro, source, effective_from_us)",
        rates.collect(),
    )
    .await?;
    Ok(())
}

/// The metal book while the pieces are written down.
pub(super) struct MetalBook {
    lots: HashMap<String, BookLot>,
    rows: Vec<Vec<Value>>,
}

struct BookLot {
    id: String,
    metal: String,
    balance: LotBalance,
}

/// A piece that takes metal of a lot.
pub(super) struct Taking<'a> {
    pub(super) lot: &'a str,
    pub(super) metal: &'a str,
    pub(super) piece_id: &'a str,
    pub(super) member: &'a MemberId,
    pub(super) in_piece_mg: i64,
    pub(super) scrap_mg: i64,
    pub(super) loss_mg: i64,
    /// When it left the safe.
    pub(super) issued_at_us: i64,
    /// When it was weighed in again; `None` while it is at the bench.
    pub(super) weighed_at_us: Option<i64>,
}

impl MetalBook {
    /// Records a movement after the domain has accepted it.
    fn record(
        &mut self,
        lot: &str,
        movement: MetalMovement,
        piece_id: Option<&str>,
        at_us: i64,
    ) -> DemoResult<()> {
        let (kind, amount_mg, member) = match &movement {
            MetalMovement::Receive { gross_mg } => ("receive", *gross_mg, None),
            MetalMovement::Issue { member_id, gross_mg } => {
                ("issue", *gross_mg, Some(member_id.clone()))
            }
            MetalMovement::IntoPiece { member_id, gross_mg } => {
                ("into_piece", *gross_mg, Some(member_id.clone()))
            }
            MetalMovement::Scrap { member_id, gross_mg } => {
                ("scrap", *gross_mg, Some(member_id.clone()))
            }
            MetalMovement::Loss { member_id, gross_mg, .. } => {
                ("loss", *gross_mg, member_id.clone())
            }
            MetalMovement::Return { gross_mg } => ("return", *gross_mg, None),
            MetalMovement::HandBack { .. } | MetalMovement::Melt { .. } => {
                return Err(unfit(
                    "the demonstration hands no metal back, and melts by the use case",
                ));
            }
        };
        let known = self.lots.get_mut(lot).ok_or_else(|| unfit(format!("lot {lot} is unknown")))?;
        let balance =
            std::mem::take(&mut known.balance).apply(&movement, DEFAULT_LOSS_TOLERANCE_PERMILLE);
        known.balance = balance.map_err(|error| unfit(format!("lot {lot}: {error}")))?;
        self.rows.push(vec![
            new_id().into(),
            known.id.as_str().into(),
            kind.into(),
            amount_mg.into(),
            piece_id.map(str::to_owned).into(),
            member.map(String::from).into(),
            at_us.into(),
        ]);
        Ok(())
    }

    /// Opens a lot that was received. Part of it may have been given back at once.
    fn open_lot(&mut self, lot: &Lot, id: String) -> DemoResult<()> {
        let opened = BookLot { id, metal: lot.metal.clone(), balance: LotBalance::default() };
        self.lots.insert(lot.code.clone(), opened);
        let at_us = afternoon_us(lot.received_on);
        self.record(&lot.code, MetalMovement::Receive { gross_mg: lot.received_mg }, None, at_us)?;
        if lot.returned_mg > 0 {
            self.record(
                &lot.code,
                MetalMovement::Return { gross_mg: lot.returned_mg },
                None,
                at_us + 1,
            )?;
        }
        Ok(())
    }

    /// Melts lots from the safe into a new one, as the board would do it.
    async fn melt(&mut self, tx: &mut Tx, file: &Melt, now: Timestamp) -> DemoResult<()> {
        let taken = file.inputs.iter().map(|input| Taken {
            lot: input.lot.clone(),
            from: TakenFrom::Stock,
            gross_mg: Some(input.gross_mg),
        });
        let request = melt::MeltRequest {
            code: file.code.clone(),
            melted_on: file.melted_on,
            inputs: taken.collect(),
            alloy_mg: 0,
            weighed_mg: file.weighed_mg,
            reason: None,
            paper: Some(file.document.clone()),
        };
        let made = melt::melt_in(tx, &request, now).await?.map_err(unfit)?;
        let metal = made.melted.metal.as_str().to_owned();
        let opened = BookLot { id: made.lot_id, metal, balance: LotBalance::default() };
        self.lots.insert(file.code.clone(), opened);
        // The balance of each lot follows from its movements.
        for lot in self.lots.values_mut() {
            lot.balance = melt::balance(tx, &lot.id).await?;
        }
        Ok(())
    }

    /// Writes what was recorded so far.
    async fn flush(&mut self, tx: &mut Tx) -> DemoResult<()> {
        insert(
            tx,
            "metal_movement (id, lot_id, kind, amount_mg, piece_id, member_id, at_us)",
            std::mem::take(&mut self.rows),
        )
        .await?;
        Ok(())
    }

    /// A piece takes metal: it leaves the safe and goes into the piece, and the rest is weighed in
    /// as scrap or lost.
    pub(super) fn take(&mut self, taking: &Taking<'_>) -> DemoResult<()> {
        let metal = self.lots.get(taking.lot).map(|lot| lot.metal.as_str());
        if metal != Some(taking.metal) {
            return Err(unfit(format!("lot {} is not {}", taking.lot, taking.metal)));
        }
        let member = || taking.member.clone();
        let piece = Some(taking.piece_id);
        let issued_mg = taking.in_piece_mg + taking.scrap_mg + taking.loss_mg;
        let issue = MetalMovement::Issue { member_id: member(), gross_mg: issued_mg };
        self.record(taking.lot, issue, piece, taking.issued_at_us)?;
        let Some(at_us) = taking.weighed_at_us else { return Ok(()) };
        let inside = MetalMovement::IntoPiece { member_id: member(), gross_mg: taking.in_piece_mg };
        self.record(taking.lot, inside, piece, at_us)?;
        if taking.scrap_mg > 0 {
            let scrap = MetalMovement::Scrap { member_id: member(), gross_mg: taking.scrap_mg };
            self.record(taking.lot, scrap, piece, at_us)?;
        }
        if taking.loss_mg > 0 {
            let loss = MetalMovement::Loss {
                member_id: Some(member()),
                gross_mg: taking.loss_mg,
                reason: None,
            };
            self.record(taking.lot, loss, piece, at_us)?;
        }
        Ok(())
    }

    /// Writes every movement. Returns the number of lots.
    pub(super) async fn write(mut self, tx: &mut Tx) -> DemoResult<usize> {
        let unbalanced = self.lots.iter().find(|(_, lot)| !lot.balance.is_balanced());
        if let Some((code, _)) = unbalanced {
            return Err(unfit(format!("lot {code} does not balance")));
        }
        self.flush(tx).await?;
        Ok(self.lots.len())
    }
}

/// Keys by the names the file uses.
type Keys<'a> = HashMap<&'a str, String>;

/// Writes suppliers, mines, certificates, lots and documents; the book opens with what was
/// received, melted and returned.
pub(super) async fn write_metal(
    tx: &mut Tx,
    metal: &MetalFile,
    now: Timestamp,
) -> DemoResult<MetalBook> {
    let suppliers: Keys<'_> =
        metal.suppliers.iter().map(|name| (name.as_str(), new_id())).collect();
    let rows = metal
        .suppliers
        .iter()
        .map(|name| vec![suppliers[name.as_str()].as_str().into(), name.into()]);
    insert(tx, "supplier (id, name)", rows.collect()).await?;
    let mines = write_mines(tx, metal).await?;
    let mut book = MetalBook { lots: HashMap::new(), rows: Vec::new() };
    let (mut lots, mut documents) = (Vec::new(), Vec::new());
    for lot in &metal.lots {
        let id = new_id();
        lots.push(lot_row(lot, &id, &suppliers, &mines)?);
        for document in &lot.documents {
            let (title, dated_on) = (document.title.as_str(), document.dated_on.to_string());
            documents.push(vec![
                new_id().into(),
                id.as_str().into(),
                title.into(),
                dated_on.into(),
            ]);
        }
        book.open_lot(lot, id)?;
    }
    let into = "material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, mine_id, trading_model, owner, \
                mixed, left_mine_on, received_on, price_per_fine_g_minor, price_currency)";
    insert(tx, into, lots).await?;
    insert(tx, "lot_document (id, lot_id, title, dated_on)", documents).await?;
    book.flush(tx).await?;
    for melt in &metal.melts {
        book.melt(tx, melt, now).await?;
    }
    Ok(book)
}

/// Writes the mines with their certificates. Returns their keys by slug.
async fn write_mines<'a>(tx: &mut Tx, metal: &'a MetalFile) -> DemoResult<Keys<'a>> {
    let mines: Keys<'_> = metal.mines.iter().map(|mine| (mine.slug.as_str(), new_id())).collect();
    let (mut rows, mut certificates) = (Vec::new(), Vec::new());
    for mine in &metal.mines {
        let id = mines[mine.slug.as_str()].as_str();
        let (slug, name, place) = (mine.slug.as_str(), mine.name.as_str(), mine.place.as_str());
        rows.push(vec![id.into(), slug.into(), name.into(), place.into(), mine.altitude_m.into()]);
        for certificate in &mine.certificates {
            certificates.push(vec![
                new_id().into(),
                id.into(),
                certificate.scheme.as_str().into(),
                certificate.number.as_str().into(),
                certificate.ecological.into(),
                certificate.valid_from.to_string().into(),
                certificate.valid_until.to_string().into(),
                certificate.document.as_str().into(),
            ]);
        }
    }
    insert(tx, "mine (id, slug, name, place, altitude_m)", rows).await?;
    let into =
        "certificate (id, mine_id, scheme, number, ecological, valid_from, valid_until, document)";
    insert(tx, into, certificates).await?;
    Ok(mines)
}

fn lot_row(lot: &Lot, id: &str, suppliers: &Keys<'_>, mines: &Keys<'_>) -> DemoResult<Vec<Value>> {
    let supplier = suppliers
        .get(lot.supplier.as_str())
        .ok_or_else(|| unfit(format!("supplier {} is unknown", lot.supplier)))?;
    let mine = match &lot.mine {
        Some(slug) => Some(
            mines
                .get(slug.as_str())
                .ok_or_else(|| unfit(format!("mine {slug} is unknown")))?
                .clone(),
        ),
        None => None,
    };
    Ok(vec![
        id.into(),
        lot.code.as_str().into(),
        lot.metal.as_str().into(),
        lot.fineness_permille.into(),
        lot.received_mg.into(),
        supplier.into(),
        mine.into(),
        lot.trading_model.as_str().into(),
        lot.owner.as_str().into(),
        lot.mixed.into(),
        lot.left_mine_on.map(|day| day.to_string()).into(),
        lot.received_on.to_string().into(),
        lot.price_per_fine_g_minor.into(),
        lot.currency.as_str().into(),
    ])
}
