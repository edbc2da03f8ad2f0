//! Addresses of designs: one in each language, and former ones that redirect for ever.

use domain::language::Language::{self, En, Es};
use domain::slug::Slug;
use server::sales::address::{self, Readdressed};

use super::site::{Answer, OURS, Setting, Site};
use crate::catalogue::house::House;
use crate::support::TestDb;

/// The site of the demonstration, and the `House` that keeps its database.
async fn open(test: TestDb) -> (House, Site) {
    let house = House::open(test).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    (house, site)
}

impl Site {
    async fn readdress(&self, language: Language, known: &str, wanted: &str) -> Readdressed {
        let slug = |text| Slug::parse(text).unwrap();
        address::change(&self.shop.db, language, &slug(known), &slug(wanted)).await.unwrap()
    }

    async fn leads(&self, from: &str, to: &str) {
        let answer: Answer = self.get(from).await.is(308);
        assert_eq!(answer.header("location"), to, "{from}");
        // If a browser kept the redirect, it would loop once the address is in use again.
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{from}");
    }
}

async fn each_language_has_its_own_address(test: TestDb) {
    let (_house, site) = open(test).await;
    for (path, language) in [("/es/piezas/anillo-batea", Es), ("/en/pieces/batea-ring", En)] {
        let page = site.get(path).await.page(200, language);
        for (code, other) in [("es", "/es/piezas/anillo-batea"), ("en", "/en/pieces/batea-ring")] {
            let link = format!("hreflang=\"{code}\" href=\"{OURS}{other}\"");
            assert!(page.text().contains(&link), "{path}: {link}");
        }
        assert!(page.text().contains(&format!("rel=\"canonical\" href=\"{OURS}{path}\"")));
    }
    let list = site.get("/es/piezas").await.page(200, Es);
    assert!(list.text().contains("href=\"/es/piezas/anillo-batea\""));
    assert!(!list.text().contains("/es/piezas/batea-ring"));
    let sitemap = site.get("/sitemap-1.xml").await.is(200);
    assert!(sitemap.text().contains("<loc>https://shop.example/es/piezas/anillo-batea</loc>"));
    assert!(!sitemap.text().contains("/es/piezas/batea-ring"));
    let feed = site.get("/es/novedades.atom").await.is(200);
    assert!(feed.text().contains("/es/piezas/anillo-batea\""));
}

async fn an_address_of_the_other_language_or_of_before_leads_on(test: TestDb) {
    let (_house, site) = open(test).await;
    site.leads("/es/piezas/batea-ring", "/es/piezas/anillo-batea").await;
    site.leads("/en/pieces/anillo-batea", "/en/pieces/batea-ring").await;
    site.leads("/es/piezas/batea-ring?utm_source=x", "/es/piezas/anillo-batea?utm_source=x").await;

    assert_eq!(site.readdress(Es, "anillo-batea", "anillo-rio-grande").await, Readdressed::Done);
    site.get("/es/piezas/anillo-rio-grande").await.page(200, Es);
    for former in ["anillo-batea", "batea-ring"] {
        site.leads(&format!("/es/piezas/{former}"), "/es/piezas/anillo-rio-grande").await;
    }
    site.get("/en/pieces/batea-ring").await.page(200, En);

    // The first address again: the one in between redirects too.
    assert_eq!(site.readdress(Es, "anillo-rio-grande", "anillo-batea").await, Readdressed::Done);
    site.get("/es/piezas/anillo-batea").await.page(200, Es);
    site.leads("/es/piezas/anillo-rio-grande", "/es/piezas/anillo-batea").await;

    site.get("/es/piezas/no-such").await.page(404, Es);
    site.write("UPDATE design SET status = 'withdrawn' WHERE slug = 'batea-ring'").await;
    for gone in ["anillo-batea", "batea-ring", "anillo-rio-grande"] {
        site.get(&format!("/es/piezas/{gone}")).await.page(410, Es);
    }
    site.write("UPDATE design SET status = 'draft' WHERE slug = 'rio-ring'").await;
    site.get("/es/piezas/anillo-rio").await.page(404, Es);
}

async fn an_address_never_belongs_to_two_designs(test: TestDb) {
    let (_house, site) = open(test).await;
    for taken in ["anillo-rio", "rio-ring"] {
        assert_eq!(site.readdress(Es, "anillo-batea", taken).await, Readdressed::Taken);
    }
    site.get("/es/piezas/anillo-batea").await.page(200, Es);
    assert_eq!(site.readdress(Es, "no-such", "anillo-nuevo").await, Readdressed::Unknown);
    // The same word may be the address of one design in one language and of another in the other.
    // The page in each language shows the design of that language.
    assert_eq!(site.readdress(En, "rio-ring", "anillo-batea").await, Readdressed::Done);
    assert!(site.get("/en/pieces/anillo-batea").await.page(200, En).text().contains("River ring"));
    assert!(
        site.get("/es/piezas/anillo-batea").await.page(200, Es).text().contains("Anillo Batea")
    );

    for statement in [
        "DELETE FROM design_slug WHERE slug = 'anillo-batea'",
        "UPDATE design_slug SET slug = 'other' WHERE slug = 'batea-ring' AND language = 'es'",
        "UPDATE design_slug SET in_use = TRUE WHERE slug = 'batea-ring' AND language = 'es'",
        "INSERT INTO design_slug (language, slug, design_id, in_use)
         SELECT 'es', 'anillo-rio', id, FALSE FROM design WHERE slug = 'batea-ring'",
    ] {
        let mut tx = site.shop.db.begin().await.unwrap();
        assert!(tx.query(statement).execute().await.is_err(), "{statement}");
        tx.rollback().await.unwrap();
    }
}

on_both_engines!(
    each_language_has_its_own_address,
    an_address_of_the_other_language_or_of_before_leads_on,
    an_address_never_belongs_to_two_designs,
);
