//! The answers to what the shopper's pages ask.

use app::backend::BackendResult;
use app::backend::shop::{
    CatalogueQuery, CatalogueView, DesignView, HomeView, MakerCard, MakerView, MoneyPolicyView,
    OriginView, ShippingView, ShopBackend, Visit, Whereabouts,
};
use async_trait::async_trait;

use super::Catalogue;

#[async_trait]
impl ShopBackend for Catalogue {
    async fn home(&self, visit: &Visit) -> BackendResult<HomeView> {
        Ok(self.read_home(visit).await?)
    }

    async fn catalogue(
        &self,
        visit: &Visit,
        query: &CatalogueQuery,
    ) -> BackendResult<CatalogueView> {
        Ok(self.read_catalogue(visit, query).await?)
    }

    async fn design(&self, visit: &Visit, slug: &str) -> BackendResult<Option<DesignView>> {
        Ok(self.read_design(visit, slug).await?)
    }

    async fn whereabouts(&self, visit: &Visit, slug: &str) -> BackendResult<Option<Whereabouts>> {
        Ok(self.read_whereabouts(visit, slug).await?)
    }

    async fn makers(&self, visit: &Visit) -> BackendResult<Vec<MakerCard>> {
        Ok(self.read_makers(visit).await?)
    }

    async fn maker(&self, visit: &Visit, slug: &str) -> BackendResult<Option<MakerView>> {
        Ok(self.read_maker(visit, slug).await?)
    }

    async fn origin(&self, visit: &Visit) -> BackendResult<OriginView> {
        Ok(self.read_origin(visit).await?)
    }

    async fn money(&self, visit: &Visit) -> BackendResult<Option<MoneyPolicyView>> {
        Ok(self.read_money(visit).await?)
    }

    async fn shipping(&self, visit: &Visit) -> BackendResult<ShippingView> {
        Ok(self.read_shipping(visit).await?)
    }
}
