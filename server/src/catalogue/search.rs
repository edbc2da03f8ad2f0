//! How the words of a search are understood in this catalogue.

use store::db::{Db, DbResult};
use store::search::{self, SearchTerm};
use store::version::Version;

use app::backend::shop::SearchView;
use domain::search_match::{Asked, Reading, Vocabulary};
use domain::search_text::words;

use super::Catalogue;
use super::reference::Reference;
use super::search_words;

/// The most corrected words that a page names.
const READ_AS_MAX: usize = 3;

/// Every word by which a design may be found: the words of designs, and those of makers while they
/// consent to be named.
#[derive(Debug)]
pub(super) struct Lexicon {
    vocabulary: Vocabulary,
    /// A word of a maker's name or community, and the maker's key.
    makers: Vec<(String, String)>,
}

impl Lexicon {
    pub(super) async fn read(db: &Db, reference: &Reference) -> DbResult<Self> {
        let mut makers = Vec::new();
        for maker in reference.named() {
            let own = [&maker.display_name, &maker.community].map(|text| words(text));
            makers.extend(own.into_iter().flatten().map(|word| (word, maker.id.to_string())));
        }
        let mut all = search::vocabulary(db).await?;
        all.extend(makers.iter().map(|(word, _)| word.clone()));
        Ok(Self { vocabulary: Vocabulary::new(all), makers })
    }

    fn term(&self, reading: Reading) -> SearchTerm {
        let meant = self.makers.iter().filter(|(word, _)| reading.means(word));
        let mut makers: Vec<String> = meant.map(|(_, id)| id.clone()).collect();
        makers.sort_unstable();
        makers.dedup();
        SearchTerm { reading, makers }
    }
}

/// A search as it is carried out.
#[derive(Debug, Default)]
pub(super) struct Question {
    pub(super) terms: Vec<SearchTerm>,
    pub(super) view: SearchView,
}

impl Question {
    fn of(asked: &[String], lexicon: &Lexicon) -> Self {
        let readings = lexicon.vocabulary.read(asked);
        let unknown = |reading: &&Reading| !reading.finds();
        let slips = readings.iter().filter(|reading| reading.slip).take(READ_AS_MAX);
        let view = SearchView::Words {
            unknown: readings.iter().filter(unknown).map(|r| r.asked.clone()).collect(),
            read_as: slips
                .filter_map(|reading| Some((reading.asked.clone(), reading.words.first()?.clone())))
                .collect(),
        };
        Self { terms: readings.into_iter().map(|reading| lexicon.term(reading)).collect(), view }
    }
}

impl Catalogue {
    /// The search for the text that a visitor typed.
    pub(super) async fn question(
        &self,
        (version, reference): (Version, &Reference),
        text: &str,
    ) -> DbResult<Question> {
        match Asked::parse(text) {
            Asked::Nothing => Ok(Question::default()),
            Asked::NoWords => Ok(Question { terms: Vec::new(), view: SearchView::NoWords }),
            Asked::Words(asked) => {
                search_words::refresh(&self.db).await?;
                let lexicon = self.memory.lexicon(&self.db, version.content, reference).await?;
                Ok(Question::of(&asked, &lexicon))
            }
        }
    }
}
