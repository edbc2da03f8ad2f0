//! The small tables that every page needs, read together.

use store::catalogue::Published;
use store::db::{Db, DbResult, inconsistent};
use store::design::ContributionRow;
use store::maker::{MakerRow, MakerTextRow};
use store::metal::{CertificateRow, LicenceRow, MineRow};
use store::rate::DatedRate;
use store::{catalogue, maker, metal, policy, rate, version};

use app::backend::shop::{CertificateView, Contents, MakerCard, MakerName, PortraitPhoto};
use domain::contribution::weights_by_member;
use domain::id::MemberId;
use domain::language::Language;
use domain::metal::TradingModel;
use domain::money::Currency;
use domain::policy::{SplitPolicy, policy_in_force};
use jiff::civil::Date;

use super::Prices;
use super::melts::Melts;

/// The small tables, as they stood at one moment.
#[derive(Debug)]
pub(super) struct Reference {
    /// Whether the catalogue holds any demonstration data.
    pub(super) demo: bool,
    /// Whether a design is published, and a ring.
    designs: Published,
    /// Whether any lot of metal was received.
    lots: bool,
    makers: Vec<MakerRow>,
    texts: Vec<MakerTextRow>,
    pub(super) mines: Vec<MineRow>,
    pub(super) certificates: Vec<CertificateRow>,
    /// Lots that were melted, with what went into them.
    pub(super) melts: Melts,
    /// Keys of the mines from which a lot with papers came. Lots by mass balance do not count.
    pub(super) documented_mines: Vec<String>,
    pub(super) licences: Vec<LicenceRow>,
    pub(super) policies: Vec<SplitPolicy>,
    pub(super) rates: Vec<DatedRate>,
}

impl Reference {
    pub(super) async fn read(db: &Db, now_us: i64) -> DbResult<Self> {
        Ok(Self {
            demo: version::holds_demo_data(db).await?,
            designs: catalogue::published(db).await?,
            lots: metal::is_any_lot(db).await?,
            makers: maker::all(db).await?,
            texts: maker::texts(db).await?,
            mines: metal::mines(db).await?,
            certificates: metal::certificates(db).await?,
            melts: Melts::read(db).await?,
            documented_mines: documented_mines(db).await?,
            licences: metal::seller_licences(db).await?,
            policies: policy::all(db).await?,
            rates: rate::from_now_on(db, now_us).await?,
        })
    }

    /// The latest moment up to now at which a rate or a policy took effect; 0 before the first.
    pub(super) fn rules_since_us(&self, now_us: i64) -> i64 {
        let rates = self.rates.iter().map(|rate| rate.effective_from_us);
        let policies = self.policies.iter().map(|policy| policy.effective_from_us);
        rates.chain(policies).filter(|from_us| *from_us <= now_us).max().unwrap_or_default()
    }

    /// What the shop has to show at a moment.
    pub(super) fn contents(&self, now_us: i64) -> Contents {
        Contents {
            designs: self.designs.any,
            rings: self.designs.rings,
            makers: self.named().next().is_some(),
            metal: self.lots || !self.mines.is_empty(),
            policy: policy_in_force(&self.policies, now_us).is_some(),
        }
    }

    /// The members who did this work, each once, the one whose work weighs most first. Work is weighed
    /// by the policy in force at that moment; before the first policy, a minute weighs one.
    pub(super) fn members_of<'a>(
        &self,
        work: impl IntoIterator<Item = &'a ContributionRow>,
        at_us: i64,
    ) -> DbResult<Vec<&'a MemberId>> {
        let rate = policy_in_force(&self.policies, at_us).map_or(1, |it| it.minute_rate_minor);
        let efforts = work.into_iter().map(|row| Ok((&row.member_id, row.effort()?)));
        let mut members = weights_by_member(efforts.collect::<DbResult<Vec<_>>>()?, rate);
        // The sort is stable: equal weights keep the order of the book.
        members.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        Ok(members.into_iter().map(|(id, _)| id).collect())
    }

    /// The names of the members who did this work and consent to be named, in the order of
    /// [`members_of`](Self::members_of).
    pub(super) fn maker_names<'a>(
        &self,
        work: impl IntoIterator<Item = &'a ContributionRow>,
        at_us: i64,
    ) -> DbResult<Vec<MakerName>> {
        let members = self.members_of(work, at_us)?;
        Ok(members.into_iter().filter_map(|id| self.name(id)).collect())
    }

    /// Prices in a currency, at the rates in force at a moment.
    pub(super) fn prices(&self, currency: Currency, at_us: i64) -> Prices {
        Prices::new(&self.rates, currency, at_us)
    }

    /// Members who consent to be named on the site, in the order of the register. Every name
    /// a page shows comes through here.
    pub(super) fn named(&self) -> impl Iterator<Item = &MakerRow> {
        self.makers.iter().filter(|maker| maker.named)
    }

    /// The name of a member, if she consents to it.
    pub(super) fn name(&self, member_id: &MemberId) -> Option<MakerName> {
        let maker = self.named().find(|maker| maker.id == *member_id)?;
        Some(MakerName { slug: maker.slug.clone(), name: maker.display_name.clone() })
    }

    /// The member with this slug, if she consents to be named.
    pub(super) fn by_slug(&self, slug: &str) -> Option<&MakerRow> {
        self.named().find(|maker| maker.slug == slug)
    }

    /// Members who work now, named or not.
    pub(super) fn active_count(&self) -> u32 {
        count(self.makers.iter().filter(|maker| maker.status == "active").count())
    }

    fn text(&self, member_id: &MemberId, language: Language) -> Option<&MakerTextRow> {
        self.texts
            .iter()
            .find(|text| text.member_id == *member_id && text.language == language.code())
    }

    /// The card of a member who consents to be named; her words only if she consents to them.
    pub(super) fn card(&self, maker: &MakerRow, language: Language) -> MakerCard {
        let text = self.text(&maker.id, language);
        MakerCard {
            slug: maker.slug.clone(),
            name: maker.display_name.clone(),
            community: maker.community.clone(),
            crafts: text.map(|text| text.crafts.clone()).unwrap_or_default(),
            quote: text
                .filter(|text| maker.story && !text.quote.is_empty())
                .map(|text| text.quote.clone()),
            portrait: portrait(maker),
            design_count: tally(maker.designs_shown),
        }
    }

    /// Her story in paragraphs, if she consents to it.
    pub(super) fn story(&self, maker: &MakerRow, language: Language) -> Vec<String> {
        let Some(text) = self.text(&maker.id, language).filter(|_| maker.story) else {
            return Vec::new();
        };
        text.story
            .split("\n\n")
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A mine by its key.
    pub(super) fn mine(&self, id: &str) -> Option<&MineRow> {
        self.mines.iter().find(|mine| *mine.id == *id)
    }

    /// A certificate with its mine, as a page shows it.
    pub(super) fn certificate(&self, row: &CertificateRow) -> DbResult<CertificateView> {
        let mine =
            self.mine(&row.mine_id).ok_or_else(|| inconsistent("certificate", &row.id, "mine"))?;
        Ok(CertificateView {
            mine: mine.name.clone(),
            place: mine.place.clone(),
            altitude_m: mine.altitude_m,
            scheme: row.scheme.clone(),
            number: row.number.clone(),
            ecological: row.ecological,
            valid_from: day("certificate", &row.id, &row.valid_from)?,
            valid_until: day("certificate", &row.id, &row.valid_until)?,
        })
    }
}

/// Her portrait, if she consents to it.
fn portrait(maker: &MakerRow) -> Option<PortraitPhoto> {
    let widths = maker.portrait_widths.as_deref()?;
    Some(PortraitPhoto {
        hash: maker.portrait_hash.clone()?,
        widths: serde_json::from_str(widths).ok()?,
    })
}

/// Mines that a lot with papers may name.
async fn documented_mines(db: &Db) -> DbResult<Vec<String>> {
    let mut mines = Vec::new();
    for (mine_id, model, mixed) in metal::documented_mines(db).await? {
        let model = TradingModel::from_name(&model)
            .ok_or_else(|| inconsistent("material_lot", &mine_id, "trading_model"))?;
        if model.is_of_its_mine() && !mixed && !mines.contains(&mine_id) {
            mines.push(mine_id);
        }
    }
    Ok(mines)
}

/// A day as the database holds it.
pub(super) fn day(table: &'static str, id: &str, text: &str) -> DbResult<Date> {
    text.parse().map_err(|_| inconsistent(table, id, "date"))
}

/// A count as a page shows it.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A count from the database as a page shows it; never negative there.
pub(super) fn tally(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
