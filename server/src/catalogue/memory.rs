//! Facts that pages keep in memory, and for how long.
//!
//! Every request reads the catalogue's [`Version`] first. The numbers beside the filters, which are
//! costly to count, are kept until any write moves the version. Facts that change only when somebody
//! edits (names, consents, texts, photographs, papers, policies, the work in pieces) are kept until
//! the content version moves, so that a sale does not make every page read them again. A withdrawn
//! consent or a sold piece is visible in the next answer, on every node. Each fact is read *after*
//! the version under which it is kept: it may be newer than that version, never older.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use store::db::{Db, DbResult};
use store::design::ContributionRow;
use store::version::{self, Version};

use app::backend::shop::{Contents, Visit};
use domain::id::{PieceId, PolicyId};
use domain::language::Language;
use domain::money::Currency;
use domain::policy::SplitPolicy;
use quick_cache::sync::Cache;
use tokio::sync::OnceCell;

use super::Catalogue;
use super::Prices;
use super::cards::CardFacts;
use super::counts::{Counted, Counts};
use super::facts::DesignFacts;
use super::reference::Reference;
use super::search::Lexicon;

/// Most filters whose counts are remembered; crawlers may ask for any combination.
const COUNTS_KEPT: usize = 512;
/// Most designs whose facts are remembered, in each language: some 10 kB each.
const DESIGNS_KEPT: usize = 2_000;
/// Most cards that are remembered, in each language: less than 1 kB each.
const CARDS_KEPT: usize = 20_000;
/// Most pieces whose work is remembered: some 500 bytes each.
const PIECES_KEPT: usize = 20_000;

/// Facts with the content version under which they were read.
#[derive(Debug)]
struct Kept<T> {
    content: i64,
    facts: Arc<T>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { content: self.content, facts: Arc::clone(&self.facts) }
    }
}

/// A design (by slug or by key) in one language.
type Key = (String, Language);

/// The facts in the memory of this process. They can be read again at any time.
#[derive(Debug)]
pub struct Memory {
    reference: Mutex<Option<Kept<Reference>>>,
    lexicon: Mutex<Option<Kept<Lexicon>>>,
    designs: Cache<Key, Kept<DesignFacts>>,
    cards: Cache<Key, Kept<CardFacts>>,
    work: Cache<PieceId, Kept<Vec<ContributionRow>>>,
    counts: Mutex<CountsOfVersion>,
}

#[derive(Debug, Default)]
struct CountsOfVersion {
    version: i64,
    of: HashMap<Counted, Arc<OnceCell<Counts>>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            reference: Mutex::default(),
            lexicon: Mutex::default(),
            designs: Cache::new(DESIGNS_KEPT * Language::ALL.len()),
            cards: Cache::new(CARDS_KEPT * Language::ALL.len()),
            work: Cache::new(PIECES_KEPT),
            counts: Mutex::default(),
        }
    }
}

impl Memory {
    /// The facts that every page needs.
    pub(super) async fn reference(
        &self,
        catalogue: &Catalogue,
        content: i64,
        now_us: i64,
    ) -> DbResult<Arc<Reference>> {
        let known = self.reference.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.content == content) {
            return Ok(known.facts);
        }
        let fresh = Arc::new(Reference::read(&catalogue.db, now_us).await?);
        let mut slot = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_none_or(|known| known.content < content) {
            *slot = Some(Kept { content, facts: Arc::clone(&fresh) });
        }
        Ok(fresh)
    }

    /// The lexicon of the search. It is read after the words of designs, under the same content
    /// version.
    pub(super) async fn lexicon(
        &self,
        db: &Db,
        content: i64,
        reference: &Reference,
    ) -> DbResult<Arc<Lexicon>> {
        let known = self.lexicon.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.content == content) {
            return Ok(known.facts);
        }
        let fresh = Arc::new(Lexicon::read(db, reference).await?);
        let mut slot = self.lexicon.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_none_or(|known| known.content < content) {
            *slot = Some(Kept { content, facts: Arc::clone(&fresh) });
        }
        Ok(fresh)
    }

    /// The facts of the design with this slug, if they are remembered.
    pub(super) fn design(
        &self,
        content: i64,
        slug: &str,
        language: Language,
    ) -> Option<Arc<DesignFacts>> {
        take(&self.designs, content, slug, language)
    }

    /// Remembers the facts of a design.
    pub(super) fn keep_design(&self, content: i64, language: Language, facts: &Arc<DesignFacts>) {
        let key = (facts.slug.of(language).to_owned(), language);
        self.designs.insert(key, Kept { content, facts: Arc::clone(facts) });
    }

    /// The card of the design with this key, if it is remembered.
    pub(super) fn card(
        &self,
        content: i64,
        id: &str,
        language: Language,
    ) -> Option<Arc<CardFacts>> {
        take(&self.cards, content, id, language)
    }

    /// Remembers a card.
    pub(super) fn keep_card(&self, content: i64, language: Language, facts: &Arc<CardFacts>) {
        let key = (facts.id.clone(), language);
        self.cards.insert(key, Kept { content, facts: Arc::clone(facts) });
    }

    /// The work in a piece, if it is remembered.
    pub(super) fn work(
        &self,
        content: i64,
        piece_id: &PieceId,
    ) -> Option<Arc<Vec<ContributionRow>>> {
        let kept = self.work.get(piece_id)?;
        (kept.content == content).then_some(kept.facts)
    }

    /// Remembers the work in a piece.
    pub(super) fn keep_work(
        &self,
        content: i64,
        piece_id: &PieceId,
        work: &Arc<Vec<ContributionRow>>,
    ) {
        self.work.insert(piece_id.clone(), Kept { content, facts: Arc::clone(work) });
    }

    /// The cell for the counts of a version: the first request fills it, the others wait.
    pub(super) fn counts(&self, version: i64, counted: &Counted) -> Arc<OnceCell<Counts>> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.version < version || counts.of.len() >= COUNTS_KEPT {
            counts.version = version;
            counts.of.clear();
        }
        if counts.version == version {
            Arc::clone(counts.of.entry(counted.clone()).or_default())
        } else {
            // Another request has a newer version already: these counts are for this request alone.
            Arc::default()
        }
    }
}

fn take<T>(
    cache: &Cache<Key, Kept<T>>,
    content: i64,
    name: &str,
    language: Language,
) -> Option<Arc<T>> {
    let kept = cache.get(&(name.to_owned(), language))?;
    (kept.content == content).then_some(kept.facts)
}

impl Catalogue {
    /// The same catalogue for one request that has read the version already.
    #[must_use]
    pub fn at(&self, version: Version) -> Self {
        Self { seen: Some(version), ..self.clone() }
    }

    /// The version for this request.
    pub(super) async fn version(&self) -> DbResult<Version> {
        match self.seen {
            Some(version) => Ok(version),
            None => version::current(&self.db).await,
        }
    }

    /// The facts that every page needs, with the version for this request.
    pub(super) async fn reference(&self, now_us: i64) -> DbResult<(Version, Arc<Reference>)> {
        let version = self.version().await?;
        Ok((version, self.memory.reference(self, version.content, now_us).await?))
    }

    /// Since when the present rates and policy are in force, in microseconds UTC. A page that was
    /// rendered before an announced one began is not shown any more.
    pub async fn rules_since_us(&self, now_us: i64) -> DbResult<i64> {
        Ok(self.reference(now_us).await?.1.rules_since_us(now_us))
    }

    /// Writes into a visit what the catalogue has: demonstration data, and something of each kind.
    pub async fn describe(&self, visit: &mut Visit) -> DbResult<()> {
        let now_us = visit.now.as_microsecond();
        let (_, reference) = self.reference(now_us).await?;
        visit.demo = reference.demo;
        visit.has = reference.contents(now_us);
        Ok(())
    }

    /// What the shop has to show now.
    pub async fn contents(&self, now_us: i64) -> DbResult<Contents> {
        Ok(self.reference(now_us).await?.1.contents(now_us))
    }

    /// The split policy with this key.
    pub(crate) async fn policy(&self, id: &PolicyId, now_us: i64) -> DbResult<Option<SplitPolicy>> {
        let (_, reference) = self.reference(now_us).await?;
        Ok(reference.policies.iter().find(|policy| policy.id == *id).cloned())
    }

    /// Prices in a currency at the rates in force at a moment.
    pub(crate) async fn prices(&self, currency: Currency, now_us: i64) -> DbResult<Prices> {
        Ok(self.reference(now_us).await?.1.prices(currency, now_us))
    }

    /// The currencies in which the shop charges at a moment, the sol first.
    pub async fn currencies(&self, now_us: i64) -> DbResult<Vec<Currency>> {
        Ok(self.prices(Currency::Pen, now_us).await?.offered())
    }
}
