//! The Atom feed of new pieces, the sitemaps and `robots.txt`: pure functions from small structs to
//! text. The server reads the data and sends the text.

use domain::language::Language;
use domain::slug::Slugs;
use jiff::Timestamp;

use crate::i18n::shared::common;
use crate::routes::Route;
use crate::xml::{escape, text_element};

/// Most URLs in one part of the sitemap. The protocol allows 50,000; with fewer a part is small enough
/// to be made in memory.
pub const SITEMAP_URLS_PER_PART: usize = 10_000;

/// Most entries in one part: every page has one URL per language.
pub const SITEMAP_ENTRIES_PER_PART: usize = SITEMAP_URLS_PER_PART / Language::ALL.len();

/// Path of the sitemap index.
pub const SITEMAP_PATH: &str = "/sitemap.xml";

/// Pages that always exist and that search engines may show, most important first.
pub const FIXED_PAGES: [Route; 11] = [
    Route::Home,
    Route::Catalogue,
    Route::Makers,
    Route::Origin,
    Route::Money,
    Route::About,
    Route::Shipping,
    Route::RingSizes,
    Route::Contact,
    Route::Privacy,
    Route::Complaints,
];

/// A design in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Identifier of the design (UUID): the entry stays the same when its slug changes.
    pub id: String,
    /// Address of its page.
    pub slug: Slugs,
    /// Name in the feed's language.
    pub name: String,
    /// Summary in the feed's language, with the price if it should be shown.
    pub summary: String,
    /// Makers who consent to be named.
    pub makers: Vec<String>,
    /// Path of a JPEG of it (see [`crate::routes::photo_path`]).
    pub photo_path: Option<String>,
    /// When it was first shown.
    pub published_at: Timestamp,
}

/// Path of part `number` of the sitemap, from 1.
#[must_use]
pub fn sitemap_part_path(number: usize) -> String {
    format!("/sitemap-{number}.xml")
}

/// How many parts so many entries need; an empty shop still has one.
#[must_use]
pub const fn sitemap_part_count(entries: usize) -> usize {
    if entries == 0 { 1 } else { entries.div_ceil(SITEMAP_ENTRIES_PER_PART) }
}

/// The index that names every part.
#[must_use]
pub fn sitemap_index(public_url: &str, part_count: usize) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for number in 1..=part_count {
        out.push_str("<sitemap>");
        text_element(&mut out, "loc", &format!("{public_url}{}", sitemap_part_path(number)));
        out.push_str("</sitemap>\n");
    }
    out.push_str("</sitemapindex>\n");
    out
}

/// One part: each page as one URL per language, each naming all its alternates. No `lastmod`:
/// nothing records when what a page shows last changed, and a guess would mislead.
#[must_use]
pub fn sitemap_part(public_url: &str, pages: &[Route]) -> String {
    let mut out = String::with_capacity(200 + pages.len() * 900);
    out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for route in pages {
        let alternates = alternates(public_url, route);
        for language in Language::ALL {
            out.push_str("<url>");
            text_element(&mut out, "loc", &absolute(public_url, route, language));
            out.push_str(&alternates);
            out.push_str("</url>\n");
        }
    }
    out.push_str("</urlset>\n");
    out
}

/// Links to the page in each language; Spanish, the language of the house, is the default.
fn alternates(public_url: &str, route: &Route) -> String {
    let mut out = String::new();
    let spanish = [("x-default", Language::Es)];
    for (code, language) in Language::ALL.map(|l| (l.code(), l)).into_iter().chain(spanish) {
        let href = absolute(public_url, route, language);
        out.push_str(&format!(
            "<xhtml:link rel=\"alternate\" hreflang=\"{code}\" href=\"{}\"/>",
            escape(&href)
        ));
    }
    out
}

/// The Atom feed (RFC 4287) of the newest designs. Its date is the one of the newest entry.
#[must_use]
pub fn atom(language: Language, public_url: &str, entries: &[FeedEntry]) -> String {
    let newest = entries.iter().map(|entry| entry.published_at).max();
    let own = absolute(public_url, &Route::Feed, language);
    let catalogue = absolute(public_url, &Route::Catalogue, language);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n",
        language.code()
    );
    text_element(&mut out, "id", &own);
    text_element(&mut out, "title", common::feed_title(language));
    text_element(&mut out, "subtitle", common::feed_subtitle(language));
    text_element(&mut out, "updated", &rfc3339(newest.unwrap_or(Timestamp::UNIX_EPOCH)));
    out.push_str("<author><name>Divinas en Brillo de Oro</name></author>");
    out.push_str(&format!(
        "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>",
        escape(&own)
    ));
    out.push_str(&format!(
        "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n",
        escape(&catalogue)
    ));
    for entry in entries {
        atom_entry(&mut out, language, public_url, entry);
    }
    out.push_str("</feed>\n");
    out
}

fn atom_entry(out: &mut String, language: Language, public_url: &str, entry: &FeedEntry) {
    let page = absolute(public_url, &Route::Design { slug: entry.slug.clone() }, language);
    out.push_str("<entry>");
    // One id per language, because the two feeds have different texts about the same design.
    text_element(out, "id", &format!("urn:uuid:{}#{}", entry.id, language.code()));
    text_element(out, "title", &entry.name);
    text_element(out, "published", &rfc3339(entry.published_at));
    text_element(out, "updated", &rfc3339(entry.published_at));
    for maker in &entry.makers {
        out.push_str("<author>");
        text_element(out, "name", maker);
        out.push_str("</author>");
    }
    out.push_str(&format!(
        "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
        escape(&page)
    ));
    let photo = entry.photo_path.as_ref().map(|path| {
        format!("<p><img src=\"{}\" alt=\"\"/></p>", escape(&format!("{public_url}{path}")))
    });
    let html = format!("{}<p>{}</p>", photo.unwrap_or_default(), escape(&entry.summary));
    out.push_str(&format!("<content type=\"html\">{}</content>", escape(&html)));
    out.push_str("</entry>\n");
}

/// `robots.txt`: robots may read everything except the pages of a single visitor.
#[must_use]
pub fn robots_txt(public_url: &str) -> String {
    let secret = String::new();
    let private = [Route::BagAdd, Route::BagRemove, Route::Checkout, Route::Order { secret }];
    let mut out = String::from("User-agent: *\n");
    for language in Language::ALL {
        for route in &private {
            out.push_str(&format!("Disallow: {}\n", route.path(language)));
        }
    }
    out.push_str(&format!("Allow: /\n\nSitemap: {public_url}{SITEMAP_PATH}\n"));
    out
}

fn absolute(public_url: &str, route: &Route, language: Language) -> String {
    format!("{public_url}{}", route.path(language))
}

/// Whole seconds in UTC, which every feed reader understands.
fn rfc3339(moment: Timestamp) -> String {
    format!("{}", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const URL: &str = "https://shop.example";

    fn moment() -> Timestamp {
        "2026-11-23T10:00:00.5Z".parse().unwrap()
    }

    #[test]
    fn each_url_of_a_sitemap_names_its_alternates_in_every_language() {
        let slug = Slugs::new("anillo-ñ&1".into(), "ring-ñ&1".into());
        let xml = sitemap_part(URL, &[Route::Design { slug }]);
        assert_eq!(xml.matches("<url>").count(), 2);
        assert_eq!(xml.matches("hreflang=\"x-default\"").count(), 2);
        assert!(xml.contains("<loc>https://shop.example/en/pieces/ring-%C3%B1%261</loc>"));
        let spanish = "hreflang=\"es\" href=\"https://shop.example/es/piezas/anillo-%C3%B1%261\"";
        assert_eq!(xml.matches(spanish).count(), 2);
    }

    #[test]
    fn a_sitemap_part_has_at_most_ten_thousand_urls() {
        assert_eq!(sitemap_part_count(0), 1);
        assert_eq!(sitemap_part_count(5_000), 1);
        assert_eq!(sitemap_part_count(5_001), 2);
        let index = sitemap_index(URL, sitemap_part_count(20_000));
        assert_eq!(index.matches("<sitemap>").count(), 4);
        assert!(index.contains("<loc>https://shop.example/sitemap-4.xml</loc>"));
    }

    #[test]
    fn the_feed_escapes_what_people_typed() {
        let entry = FeedEntry {
            id: "0192f0c1-0000-7000-8000-000000000000".into(),
            slug: "batea-ring".into(),
            name: "Anillo <Batea> & \"Río\"\u{1}".into(),
            summary: "Plata & oro <b>950</b>".into(),
            makers: vec!["Rosaura M.".into()],
            photo_path: Some("/photos/abc/640.jpg".into()),
            published_at: moment(),
        };
        let xml = atom(Language::Es, URL, &[entry]);
        assert!(xml.contains("<title>Anillo &lt;Batea&gt; &amp; &quot;Río&quot;</title>"));
        assert_eq!(xml.matches("<updated>2026-11-23T10:00:00Z</updated>").count(), 2);
        assert!(xml.contains("Plata &amp;amp; oro &amp;lt;b&amp;gt;950"));
        assert!(xml.contains("href=\"https://shop.example/es/piezas/batea-ring\""));
        assert!(!xml.contains('\u{1}'));
    }

    #[test]
    fn robots_must_not_read_the_pages_of_a_single_visitor() {
        let text = robots_txt(URL);
        assert!(text.contains("Disallow: /es/pedido/\n"));
        assert!(text.contains("Disallow: /en/checkout\n"));
        assert!(!text.contains("Disallow: /en/bag\n"));
        assert!(text.ends_with("Sitemap: https://shop.example/sitemap.xml\n"));
    }
}
