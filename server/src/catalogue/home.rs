//! The opening page.

use store::catalogue::{Filter, Order};

use app::backend::shop::{CertificateView, HomeView, MakerCard, Visit};

use super::Catalogue;
use super::reference::{Reference, count};
use crate::kernel::error::ShopResult;

/// New designs shown.
const NEW_DESIGNS: i64 = 4;
/// Makers shown.
const MAKERS: usize = 6;

impl Catalogue {
    /// The opening page.
    pub(crate) async fn read_home(&self, visit: &Visit) -> ShopResult<HomeView> {
        let (version, reference) = self.reference(visit.now.as_microsecond()).await?;
        let ids = self.newest_first_what_can_be_had(visit).await?;
        let new_designs = self.cards((version, &reference), &ids, visit).await?;
        let mut money_example = None;
        for card in &new_designs {
            let example = self.price_of_card((version, &reference), visit, card).await?;
            // The page never shows what one woman alone is paid.
            if example.as_ref().is_some_and(|(_, money)| money.maker_count > 1) {
                money_example = example;
                break;
            }
        }
        let (hero, way) =
            (self.site_photo("home", visit).await?, self.site_photo("way", visit).await?);
        Ok(HomeView {
            new_designs,
            money_example,
            makers: some_makers(visit, &reference),
            maker_count: count(reference.named().count()),
            hero,
            way,
            member_count: reference.active_count(),
            certified_mine: certified_today(visit, &reference)?,
        })
    }

    /// The newest designs that are available or made to order, filled up with the newest of all.
    async fn newest_first_what_can_be_had(&self, visit: &Visit) -> ShopResult<Vec<String>> {
        let everything = Filter::everything(visit.language);
        let to_be_had = Filter { available: true, made_to_order: true, ..everything.clone() };
        let mut ids =
            store::catalogue::page(&self.db, &to_be_had, Order::Newest, NEW_DESIGNS, 0).await?;
        if ids.len() < usize::try_from(NEW_DESIGNS).unwrap_or_default() {
            let newest =
                store::catalogue::page(&self.db, &everything, Order::Newest, NEW_DESIGNS, 0)
                    .await?;
            let missing: Vec<String> = newest.into_iter().filter(|id| !ids.contains(id)).collect();
            ids.extend(missing);
            ids.truncate(usize::try_from(NEW_DESIGNS).unwrap_or_default());
        }
        Ok(ids)
    }
}

/// The first members of the register who consent to be named and have a design to show.
fn some_makers(visit: &Visit, reference: &Reference) -> Vec<MakerCard> {
    let some = reference.named().filter(|maker| maker.designs_shown > 0).take(MAKERS);
    some.map(|maker| reference.card(maker, visit.language)).collect()
}

/// A mine whose certificate is valid today and has a document, and from which a lot with papers
/// came. Of several certificates, the one that is valid longest.
fn certified_today(visit: &Visit, reference: &Reference) -> ShopResult<Option<CertificateView>> {
    let today = visit.today.to_string();
    let valid = reference.certificates.iter().filter(|certificate| {
        // ISO dates sort as text.
        certificate.valid_from <= today
            && today <= certificate.valid_until
            && certificate.document.is_some()
            && reference.documented_mines.iter().any(|id| **id == *certificate.mine_id)
    });
    Ok(valid
        .max_by(|a, b| a.valid_until.cmp(&b.valid_until))
        .map(|row| reference.certificate(row))
        .transpose()?)
}
