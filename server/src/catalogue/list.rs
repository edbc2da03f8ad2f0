//! The catalogue: filters, the counts beside them, sorting, pages.

use std::sync::Arc;

use store::catalogue::{self as rows, CubeRow, Filter, Order};
use store::search::SearchTerm;
use store::version::Version;

use app::backend::shop::{
    CatalogueQuery, CatalogueView, Category, DesignCard, Facet, MakerName, MetalFilter,
    NamedCurrency, SearchView, Sort, Visit,
};
use domain::metal::Metal;
use domain::money::{Currency, Money};
use tokio::sync::OnceCell;

use super::Catalogue;
use super::Prices;
use super::counts::{Counted, Counts};
use super::reference::{Reference, tally};
use crate::kernel::error::ShopResult;

/// Designs on one page.
const PAGE_SIZE: i64 = 24;
/// Most values of one filter that are read. No visitor chooses more.
const VALUES_MAX: usize = 24;
/// Designs shown when nothing matches.
const SUGGESTIONS: i64 = 4;

/// A field of the filter that is answered from the cube.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Category,
    Metal,
    Price,
    Supply,
}

/// Whether the designs of a row match the filter, one field left out.
fn matches(row: &CubeRow, filter: &Filter, left_out: Option<Field>) -> bool {
    let asked = |field: Field| left_out != Some(field);
    let any_category = filter.categories.is_empty() || filter.categories.contains(&row.category);
    let any_metal = filter.metals.is_empty()
        || filter
            .metals
            .iter()
            .any(|(metal, fineness)| *metal == row.metal && *fineness == row.fineness_permille);
    let any_supply = (!filter.available && !filter.made_to_order)
        || (filter.available && row.available == 1)
        || (filter.made_to_order && row.made_to_order == 1);
    (any_category || !asked(Field::Category))
        && (any_metal || !asked(Field::Metal))
        && (row.in_price == 1 || !asked(Field::Price))
        && (any_supply || !asked(Field::Supply))
}

/// The number of designs that match the filter without one field and that satisfy `has` instead.
fn designs(
    cube: &[CubeRow],
    filter: &Filter,
    left_out: Field,
    has: impl Fn(&CubeRow) -> bool,
) -> u32 {
    tally(
        cube.iter()
            .filter(|row| matches(row, filter, Some(left_out)) && has(row))
            .map(|row| row.designs)
            .sum(),
    )
}

impl Catalogue {
    /// The same query with its range of prices in another currency. Every piece that was shown
    /// within the range still is. The range is left out where its currency is not known.
    pub async fn in_currency(
        &self,
        query: &CatalogueQuery,
        currency: Currency,
        now_us: i64,
    ) -> ShopResult<CatalogueQuery> {
        let (_, reference) = self.reference(now_us).await?;
        let prices = |currency| reference.prices(currency, now_us);
        let Some(named) = query.currency_of_prices(&prices(currency).offered()) else {
            return Ok(query.without_prices());
        };
        if named == currency {
            return Ok(query.clone());
        }
        let (least, most) =
            prices(named).bounds_in_soles(query.price_min_minor, query.price_max_minor);
        let shown = |soles| prices(currency).shown(Money::new(soles, Currency::Pen)).amount_minor;
        Ok(CatalogueQuery {
            price_min_minor: least.map(shown),
            price_max_minor: most.map(shown),
            price_currency: NamedCurrency::Known(currency),
            ..query.clone()
        })
    }

    /// One page of the catalogue.
    pub(crate) async fn read_catalogue(
        &self,
        visit: &Visit,
        query: &CatalogueQuery,
    ) -> ShopResult<CatalogueView> {
        let now_us = visit.now.as_microsecond();
        let (version, reference) = self.reference(now_us).await?;
        let question = self.question((version, &reference), &query.text).await?;
        // Cards, range and bands are in one currency, even if the visitor's is another one.
        let visit = &Visit { currency: visit.currency_for(query), ..visit.clone() };
        let prices = reference.prices(visit.currency, now_us);
        let bands = prices.bands();
        let in_soles = |bound: &i64| match prices.bounds_in_soles(Some(*bound), Some(*bound)) {
            (Some(least), Some(most)) => (least, most),
            _ => (*bound, *bound),
        };
        let filter = filter_of(visit, query, question.terms, (&reference, &prices));
        let counted: Counted = (filter, bands.iter().map(in_soles).collect());
        let cell = if question.view == SearchView::NoWords {
            // The search has no words, so nothing is found.
            Arc::new(OnceCell::from(Counts::default()))
        } else {
            self.memory.counts(version.version, &counted)
        };
        let counts = cell.get_or_try_init(|| Counts::read(&self.db, &counted)).await?;
        let (filter, bands_in_soles) = counted;
        let matching = || counts.cube.iter().filter(|row| matches(row, &filter, None));
        let total: i64 = matching().map(|row| row.designs).sum();
        let pages = (total + PAGE_SIZE - 1) / PAGE_SIZE;
        let page = i64::from(query.page).clamp(1, pages.max(1));
        let ids = if total == 0 {
            Vec::new()
        } else {
            rows::page(&self.db, &filter, order_of(query.sort), PAGE_SIZE, (page - 1) * PAGE_SIZE)
                .await?
        };
        let cards = self.cards((version, &reference), &ids, visit).await?;
        let (other_categories, suggestions) = if total == 0 {
            (
                self.other_categories(version, &filter, bands_in_soles).await?,
                self.suggestions((version, &reference), visit, &filter).await?,
            )
        } else {
            (Vec::new(), Vec::new())
        };
        Ok(CatalogueView {
            search: question.view,
            cards,
            total: tally(total),
            pieces_available: tally(matching().map(|row| row.pieces).sum()),
            page: tally(page),
            pages: tally(pages),
            categories: category_facets(counts, &filter),
            metals: metal_facets(counts, &filter),
            makers: maker_facets(counts, &filter, &reference),
            ring_sizes_mm: size_facets(counts, &filter),
            prices: price_facets(counts, &filter, &bands),
            available_count: designs(&counts.cube, &filter, Field::Supply, |row| {
                row.available == 1
            }),
            made_to_order_count: designs(&counts.cube, &filter, Field::Supply, |row| {
                row.made_to_order == 1
            }),
            other_categories,
            suggestions,
        })
    }

    /// Categories with something in them, unless one was asked for already.
    async fn other_categories(
        &self,
        version: Version,
        filter: &Filter,
        bands_in_soles: Vec<(i64, i64)>,
    ) -> ShopResult<Vec<Category>> {
        if !filter.categories.is_empty() {
            return Ok(Vec::new());
        }
        let everything = (Filter::everything(filter.language), bands_in_soles);
        let cell = self.memory.counts(version.version, &everything);
        let counts = cell.get_or_try_init(|| Counts::read(&self.db, &everything)).await?;
        Ok(category_facets(counts, &everything.0).into_iter().map(|facet| facet.value).collect())
    }

    /// Designs to show beside an empty list: of the same categories if there are any, else the
    /// newest.
    async fn suggestions(
        &self,
        at: (Version, &Reference),
        visit: &Visit,
        filter: &Filter,
    ) -> ShopResult<Vec<DesignCard>> {
        let near = Filter {
            categories: filter.categories.clone(),
            available: true,
            made_to_order: true,
            ..Filter::everything(visit.language)
        };
        let far = Filter::everything(visit.language);
        for wider in [near, far] {
            let ids = rows::page(&self.db, &wider, Order::Newest, SUGGESTIONS, 0).await?;
            if !ids.is_empty() {
                return Ok(self.cards(at, &ids, visit).await?);
            }
        }
        Ok(Vec::new())
    }
}

fn order_of(sort: Sort) -> Order {
    match sort {
        Sort::Best => Order::Best,
        Sort::Newest => Order::Newest,
        Sort::PriceUp => Order::PriceUp,
        Sort::PriceDown => Order::PriceDown,
        Sort::Name => Order::Name,
    }
}

/// The filter of a query. A maker who is unknown or does not consent to be named is ignored, and so
/// is a range of prices in a currency in which the shop does not charge. Values are sorted so that
/// equal queries give equal filters.
fn filter_of(
    visit: &Visit,
    query: &CatalogueQuery,
    terms: Vec<SearchTerm>,
    (reference, prices): (&Reference, &Prices),
) -> Filter {
    fn tidy<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
        let mut values: Vec<T> = values.take(VALUES_MAX).collect();
        values.sort();
        values.dedup();
        values
    }
    let (price_min_minor, price_max_minor) = match query.currency_of_prices(&visit.currencies) {
        Some(_) => prices.bounds_in_soles(query.price_min_minor, query.price_max_minor),
        None => (None, None),
    };
    Filter {
        language: visit.language,
        terms,
        categories: tidy(query.categories.iter().map(|category| category.code().to_owned())),
        metals: tidy(
            query
                .metals
                .iter()
                .map(|m| (m.metal.as_str().to_owned(), i64::from(m.fineness_permille))),
        ),
        makers: tidy(
            query
                .makers
                .iter()
                .filter_map(|slug| reference.by_slug(slug))
                .map(|maker| maker.id.to_string()),
        ),
        sizes_mm: tidy(query.ring_sizes_mm.iter().map(|mm| i64::from(*mm))),
        price_min_minor,
        price_max_minor,
        available: query.available,
        made_to_order: query.made_to_order,
    }
}

/// Categories with something in them, and those chosen, so that a choice can be taken back.
fn category_facets(counts: &Counts, filter: &Filter) -> Vec<Facet<Category>> {
    let facets = Category::ALL.into_iter().map(|category| Facet {
        value: category,
        count: designs(&counts.cube, filter, Field::Category, |row| {
            row.category == category.code()
        }),
    });
    facets
        .filter(|facet| {
            facet.count > 0 || filter.categories.iter().any(|code| code == facet.value.code())
        })
        .collect()
}

/// Metals in the order of their worth in the shop: silver before gold, finer first.
fn metal_facets(counts: &Counts, filter: &Filter) -> Vec<Facet<MetalFilter>> {
    let mut known: Vec<(String, i64)> = filter.metals.clone();
    for row in &counts.cube {
        let metal = (row.metal.clone(), row.fineness_permille);
        if !known.contains(&metal) {
            known.push(metal);
        }
    }
    known.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)));
    let facets = known.iter().filter_map(|(metal, fineness)| {
        let value = MetalFilter {
            metal: Metal::from_name(metal)?,
            fineness_permille: u32::try_from(*fineness).ok()?,
        };
        let has = |row: &CubeRow| row.metal == *metal && row.fineness_permille == *fineness;
        let count = designs(&counts.cube, filter, Field::Metal, has);
        let chosen = filter.metals.iter().any(|known| known == &(metal.clone(), *fineness));
        (count > 0 || chosen).then_some(Facet { value, count })
    });
    facets.collect()
}

/// Makers who consent to be named, the most prolific first.
fn maker_facets(counts: &Counts, filter: &Filter, reference: &Reference) -> Vec<Facet<MakerName>> {
    let mut facets: Vec<Facet<MakerName>> = Vec::new();
    for maker in reference.named() {
        let count =
            counts.makers.iter().find(|(id, _)| **id == *maker.id).map_or(0, |(_, count)| *count);
        if count > 0 || filter.makers.iter().any(|id| **id == *maker.id) {
            let value = MakerName { slug: maker.slug.clone(), name: maker.display_name.clone() };
            facets.push(Facet { value, count: tally(count) });
        }
    }
    facets.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.name.cmp(&b.value.name)));
    facets
}

fn size_facets(counts: &Counts, filter: &Filter) -> Vec<Facet<u32>> {
    let mut sizes = counts.sizes.clone();
    for mm in &filter.sizes_mm {
        if !sizes.iter().any(|(known, _)| known == mm) {
            sizes.push((*mm, 0));
        }
    }
    sizes.sort_unstable();
    sizes.into_iter().map(|(mm, count)| Facet { value: tally(mm), count: tally(count) }).collect()
}

/// Bands of price. A price that is shown as a bound lies in both bands beside it.
fn price_facets(
    counts: &Counts,
    filter: &Filter,
    bounds_minor: &[i64],
) -> Vec<Facet<(Option<i64>, Option<i64>)>> {
    let mut facets = Vec::with_capacity(bounds_minor.len() + 1);
    for index in 0..=bounds_minor.len() {
        let least = index.checked_sub(1).map(|below| bounds_minor[below]);
        let most = bounds_minor.get(index).copied();
        // Row bands: 0 below the first bound, 1 the bound itself, 2 between the bounds, …
        let middle = i64::try_from(index * 2).unwrap_or(i64::MAX);
        let count =
            designs(&counts.cube, filter, Field::Price, |row| (row.band - middle).abs() <= 1);
        facets.push(Facet { value: (least, most), count });
    }
    facets
}
