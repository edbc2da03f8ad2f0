//! The HTML document around every page: head, header, footer.
//!
//! The Content-Security-Policy allows no inline script and no inline style, so there are none here.
//! Structured data is data, not script.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use domain::language::Language;
use domain::money::Currency;
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use memchr::memmem;

use crate::Page;
use crate::backend::shop::{Photo, Pressed, Visit};
use crate::components::mark::Mark;
use crate::i18n::shared::common;
use crate::routes::{Route, photo_path};

/// Name of the value with the chosen currency's code; the server's handler reads it.
pub const CURRENCY: &str = "currency";
/// Name of the value with the page where the currency was chosen.
pub const BACK: &str = "back";

/// One built file as a browser fetches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Path with a hash of the content in it, cached for ever.
    pub url: String,
    /// `sha384-…`, when known.
    pub integrity: Option<String>,
}

/// Where the built files are: logical name (`site.css`) → [`Asset`].
#[derive(Debug, Clone, Default)]
pub struct Assets(BTreeMap<String, Asset>);

impl FromIterator<(String, Asset)> for Assets {
    fn from_iter<I: IntoIterator<Item = (String, Asset)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

static ASSETS: OnceLock<Assets> = OnceLock::new();

/// Sets where the built files are. The server calls it once at start; a second call is ignored.
pub fn set_assets(assets: Assets) {
    let _ = ASSETS.set(assets);
}

/// URL of a built file; an unknown name is its own file name under `/pkg/`.
#[must_use]
pub fn asset(name: &str) -> Cow<'static, str> {
    match ASSETS.get().and_then(|assets| assets.0.get(name)) {
        Some(asset) => Cow::Borrowed(asset.url.as_str()),
        None => Cow::Owned(format!("/pkg/{name}")),
    }
}

fn integrity(name: &str) -> Option<&'static str> {
    ASSETS.get()?.0.get(name)?.integrity.as_deref()
}

/// The part of the site a page belongs to; its link in the header is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the header")]
pub enum Section {
    Pieces,
    Makers,
    Origin,
    About,
    Bag,
}

/// Facts about a page for its `<head>`. Start from [`Head::new`] and set the other fields.
#[derive(Debug, Clone)]
pub struct Head {
    /// Title without the shop's name.
    pub title: String,
    /// One or two sentences for search engines and previews.
    pub description: String,
    /// The route, for the canonical URL, the alternate and the language switch. `None` for a page without
    /// a URL of its own (errors): it is not indexed, and the switch leads to the opening page.
    pub route: Option<Route>,
    /// Query with its `?`, or empty. The language switch keeps it.
    pub query: String,
    /// The part of [`Head::query`] that belongs to the canonical URL (`?page=2`).
    pub canonical_query: String,
    /// Whether search engines may list it.
    pub index: bool,
    /// Previous page of a list, path with query.
    pub previous: Option<String>,
    /// Next page of a list, path with query.
    pub next: Option<String>,
    /// Structured data, complete JSON-LD.
    pub json_ld: Option<serde_json::Value>,
    /// Photograph for previews.
    pub photo: Option<Photo>,
    /// Kind of page in Open Graph: `website`, `product`. A product is previewed by its photograph.
    pub og_type: &'static str,
    /// Whether the page has an island.
    pub islands: bool,
    /// Id of a form whose text may not be sent yet: the language switch sends it to the page in the other
    /// language.
    pub form: Option<&'static str>,
    /// Part of the site.
    pub section: Option<Section>,
}

impl Head {
    /// The head of a page that search engines may list.
    #[must_use]
    pub fn new(title: impl Into<String>, description: impl Into<String>, route: Route) -> Self {
        Self { route: Some(route), index: true, ..Self::private(title, description) }
    }

    /// The head of a page without a URL of its own (an error), or whose URL is secret.
    #[must_use]
    pub fn private(title: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            route: None,
            query: String::new(),
            canonical_query: String::new(),
            index: false,
            previous: None,
            next: None,
            json_ld: None,
            photo: None,
            og_type: "website",
            islands: false,
            form: None,
            section: None,
        }
    }

    /// The head of a page that search engines must not list: bag, checkout, order.
    #[must_use]
    pub fn unlisted(
        title: impl Into<String>,
        description: impl Into<String>,
        route: Route,
    ) -> Self {
        Self { route: Some(route), ..Self::private(title, description) }
    }
}

/// A page with status 200. See [`render`].
pub fn page<V: IntoView + 'static>(visit: &Visit, head: Head, body: impl FnOnce() -> V) -> Page {
    Page { status: 200, html: render(visit, head, body) }
}

/// The whole document. `body` makes the content of `<main>`; it runs inside the owner that
/// islands need and that is cleaned up with the request.
pub fn render<V: IntoView + 'static>(
    visit: &Visit,
    head: Head,
    body: impl FnOnce() -> V,
) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| document(visit, &head, body().into_any()));
    owner.cleanup();
    without_markers(&html)
}

/// Not generic and never inlined: the types of these views are long, and an optimised build would
/// compile them again in every crate that renders a page.
#[inline(never)]
fn document(visit: &Visit, head: &Head, body: AnyView) -> String {
    let language = visit.language;
    let document = view! {
        <html lang=language.code()>
            {document_head(visit, head).into_any()}
            <body>
                <a class="skip" href="#content">{common::skip(language)}</a>
                {header(visit, head).into_any()}
                <main id="content" tabindex="-1">{body}</main>
                {footer(visit).into_any()}
            </body>
        </html>
    };
    document.to_html()
}

/// The document without the marker comments for hydration, except inside islands, where they are written
/// as HTML comments: only islands are hydrated. Text cannot contain a marker, because `<` is escaped.
fn without_markers(html: &str) -> String {
    const MARKER: &str = "<!>";
    const COMMENT: &str = "<!---->";
    let bytes = html.as_bytes();
    let last = memmem::find_iter(bytes, "</leptos-island>").last();
    let islands = memmem::find(bytes, b"<leptos-island").zip(last);
    let (first, last) = islands.unwrap_or((html.len(), html.len()));
    let mut out = String::with_capacity(html.len() + 16);
    out.push_str("<!DOCTYPE html>");
    let mut kept = 0;
    for marker in memmem::find_iter(bytes, MARKER) {
        out.push_str(&html[kept..marker]);
        if (first..last).contains(&marker) {
            out.push_str(COMMENT);
        }
        kept = marker + MARKER.len();
    }
    out.push_str(&html[kept..]);
    out
}

/// The path of the same page in a language, with the query.
fn counterpart(head: &Head, language: Language, query: &str) -> String {
    let path = head.route.as_ref().unwrap_or(&Route::Home).path(language);
    format!("{path}{query}")
}

fn document_head(visit: &Visit, head: &Head) -> impl IntoView + use<> {
    let language = visit.language;
    let name = common::site_name(language);
    let title = match head.route {
        Some(Route::Home) => format!("{name}: {}", head.title),
        _ => format!("{} · {name}", head.title),
    };
    let scripts = head.islands.then(|| {
        view! { <script type="module" src=asset("islands.js") integrity=integrity("islands.js")></script> }
    });
    let back =
        view! { <script defer="" src=asset("back.js") integrity=integrity("back.js")></script> };
    let pages = [("prev", &head.previous), ("next", &head.next)]
        .map(|(rel, path)| path.clone().map(|path| view! { <link rel=rel href=path/> }));
    let json_ld = head.json_ld.as_ref().map(|data| {
        // A `<` inside the JSON could end the element or begin a comment.
        view! { <script type="application/ld+json" inner_html=data.to_string().replace('<', "\\u003c")></script> }
    });
    let feed = visit.has.shows(&Route::Feed).then(|| {
        view! { <link rel="alternate" type="application/atom+xml" title=common::footer_feed(language) href=Route::Feed.path(language)/> }
    });
    view! {
        <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>{title}</title>
            <meta name="description" content=head.description.clone()/>
            <link as="font" rel="preload" type="font/woff2" crossorigin="anonymous" href=asset("fonts/fraunces.woff2")/>
            <link rel="stylesheet" href=asset("site.css")/>
            {back}
            {scripts}
            {addresses(visit, head)}
            {pages}
            <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf6ef"/>
            <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14161f"/>
            <meta name="color-scheme" content="light dark"/>
            <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
            <link rel="icon" href="/favicon.ico" sizes="32x32"/>
            <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
            <link rel="manifest" href=format!("/manifest-{}.webmanifest", language.code())/>
            {feed}
            {json_ld}
        </head>
    }
}

/// An Open Graph property; the `view!` macro does not know that attribute.
fn property(name: &'static str, content: impl Into<String>) -> impl IntoView {
    leptos::html::meta().attr("property", name).content(content.into())
}

/// Data for previews; for pages that may be listed also the canonical URL and the alternates.
fn addresses(visit: &Visit, head: &Head) -> impl IntoView + use<> {
    let language = visit.language;
    let preview_data = view! {
        {property("og:type", head.og_type)}
        {property("og:site_name", common::site_name(language))}
        {property("og:title", head.title.clone())}
        {property("og:description", head.description.clone())}
        {property("og:locale", match language { Language::Es => "es_PE", Language::En => "en_US" })}
        {preview(visit, head)}
        <meta name="twitter:card" content="summary_large_image"/>
    };
    if !head.index {
        return view! { <meta name="robots" content="noindex"/>{preview_data} }.into_any();
    }
    let address =
        |of| format!("{}{}", visit.public_url, counterpart(head, of, &head.canonical_query));
    let alternates = Language::ALL.map(|of| {
        view! { <link rel="alternate" hreflang=of.code() href=address(of)/> }
    });
    view! {
        <link rel="canonical" href=address(language)/>
        {alternates}
        <link rel="alternate" hreflang="x-default" href=address(Language::Es)/>
        {property("og:url", address(language))}
        {preview_data}
    }
    .into_any()
}

/// Size of the pictures that `style/icons/make` draws, in px, as social networks expect it.
const PREVIEW_PX: (u64, u64) = (1200, 630);
/// Widest photograph of a preview, in px: a JPEG of that width stays below 300 kB.
const PREVIEW_PHOTO_PX: u32 = 1200;

/// The picture for previews: the photograph of a piece, or the shop's own picture for other pages.
fn preview(visit: &Visit, head: &Head) -> impl IntoView + use<> {
    let language = visit.language;
    let photo = head.photo.as_ref().filter(|_| head.og_type == "product").and_then(|photo| {
        let width = photo.widths.iter().copied().filter(|w| *w <= PREVIEW_PHOTO_PX).max()?;
        let height =
            u64::from(width) * u64::from(photo.height_px) / u64::from(photo.width_px.max(1));
        let path = photo_path(&photo.hash, width, "jpg");
        Some((path, u64::from(width), height, photo.alt.clone()))
    });
    let (path, width, height, alt) = photo.unwrap_or_else(|| {
        let path = format!("/preview-{}.png", language.code());
        (path, PREVIEW_PX.0, PREVIEW_PX.1, common::preview_alt(language).to_owned())
    });
    view! {
        {property("og:image", format!("{}{path}", visit.public_url))}
        {property("og:image:width", width.to_string())}
        {property("og:image:height", height.to_string())}
        {property("og:image:alt", alt)}
    }
}

fn header(visit: &Visit, head: &Head) -> impl IntoView + use<> {
    let language = visit.language;
    let other = match language {
        Language::Es => Language::En,
        Language::En => Language::Es,
    };
    let section = head.section;
    let current = move |of: Section| (section == Some(of)).then_some("true");
    let has = visit.has;
    let link = move |of: Section, route: Route, words: &'static str| {
        has.shows(&route).then(|| {
            view! { <li><a href=route.path(language) aria-current=current(of)>{words}</a></li> }
        })
    };
    let links = move || {
        view! {
            {link(Section::Pieces, Route::Catalogue, common::nav_pieces(language))}
            {link(Section::Makers, Route::Makers, common::nav_makers(language))}
            {link(Section::Origin, Route::Origin, common::nav_origin(language))}
            {link(Section::About, Route::About, common::nav_about(language))}
        }
    };
    let bag = match visit.bag_count {
        0 => common::bag(language).to_owned(),
        count => common::bag_count(language, count),
    };
    let switch = match head.form {
        Some(form) => switch_with_form(head, form, language, other).into_any(),
        None => {
            let there = counterpart(head, other, &head.query);
            view! {
                <a href=there hreflang=other.code() lang=other.code() title=common::other_language_title(language) rel="alternate">
                    {common::other_language_code(language)}
                </a>
            }
            .into_any()
        }
    };
    let search = format!("{}#q", Route::Catalogue.path(language));
    let search_again = search.clone();
    let search = has
        .designs
        .then(|| view! { <li class="nav-wide"><a href=search>{common::search(language)}</a></li> });
    let search_again =
        has.designs.then(|| view! { <li><a href=search_again>{common::search(language)}</a></li> });
    view! {
        <header class="site-header">
            <div class="wrap">
                <a class="site-name" href=Route::Home.path(language) aria-label=common::site_home(language)>
                    <Mark/><span>{common::site_name(language)}</span>
                </a>
                <nav class="site-nav" aria-label=common::nav_main(language)>
                    <ul class="nav-wide" role="list">{links()}</ul>
                    <ul class="nav-tools" role="list">
                        <li>{switch}</li>
                        {offers_currencies(visit, head).then(|| currency_menu(visit, head))}
                        {search}
                        <li class="nav-narrow">
                            <details class="menu">
                                <summary>{common::menu(language)}</summary>
                                <ul role="list">
                                    {links()}
                                    {search_again}
                                    {offers_currencies(visit, head).then(|| view! { <li>{currency_form(visit, head)}</li> })}
                                </ul>
                            </details>
                        </li>
                        <li><a href=Route::Bag.path(language) aria-current=current(Section::Bag)>{bag}</a></li>
                    </ul>
                </nav>
            </div>
        </header>
    }
}

/// The language switch of a page with a form, which also sends the text that was not sent yet.
fn switch_with_form(
    head: &Head,
    form: &'static str,
    language: Language,
    other: Language,
) -> impl IntoView + use<> {
    let there = counterpart(head, other, &head.query);
    // The return key in a field presses the first button of the form, wherever it is. That must not be
    // the switch, so this button comes first. It names no action, which means to update.
    view! {
        <button class="visually-hidden" type="submit" form=form tabindex="-1" aria-hidden="true"></button>
        <button class="nav-button" type="submit" form=form formaction=there formnovalidate="" name="action" value=Pressed::Keep.as_str() lang=other.code() title=common::other_language_title(language)>
            {common::other_language_code(language)}
        </button>
    }
}

/// The name of a currency in a sentence.
const fn currency_name(language: Language, currency: Currency) -> &'static str {
    match currency {
        Currency::Pen => common::currency_pen(language),
        Currency::Usd => common::currency_usd(language),
        Currency::Eur => common::currency_eur(language),
    }
}

/// Whether the currency may be chosen in the header. The checkout has the choice in its own form, and an
/// order keeps its currency.
fn offers_currencies(visit: &Visit, head: &Head) -> bool {
    let fixed = matches!(
        head.route,
        Some(Route::Checkout | Route::Order { .. } | Route::OrderCancel { .. })
    );
    !fixed && visit.currencies.len() > 1
}

/// The choice of the currency: a small form that leads back to the same page.
fn currency_form(visit: &Visit, head: &Head) -> impl IntoView + use<> {
    let language = visit.language;
    let back = counterpart(head, language, &head.query);
    let choices = visit
        .currencies
        .iter()
        .map(|currency| {
            let chosen = (*currency == visit.currency).then_some("true");
            view! {
                <li>
                    <button name=CURRENCY value=currency.code_lower() aria-current=chosen>
                        {currency.symbol()}" "{currency_name(language, *currency)}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <form method="post" action=Route::Currency.path(language) aria-label=common::currency(language)>
            <input type="hidden" name=BACK value=back/>
            <ul role="list">{choices}</ul>
            <p class="fine">{common::currency_text(language)}</p>
        </form>
    }
}

/// On a wide screen the choice is a menu behind the symbol of the present currency.
fn currency_menu(visit: &Visit, head: &Head) -> impl IntoView + use<> {
    let language = visit.language;
    let now = common::currency_now(language, currency_name(language, visit.currency));
    view! {
        <li class="nav-wide">
            <details class="menu">
                <summary>{visit.currency.symbol()}<span class="visually-hidden">{now}</span></summary>
                {currency_form(visit, head)}
            </details>
        </li>
    }
}

fn footer(visit: &Visit) -> impl IntoView + use<> {
    let (language, has) = (visit.language, visit.has);
    let column = |title: &'static str, links: Vec<(Route, &'static str)>| {
        let items = links
            .into_iter()
            .filter(|(route, _)| has.shows(route))
            .map(|(route, words)| view! { <li><a href=route.path(language)>{words}</a></li> })
            .collect_view();
        view! { <div><h2>{title}</h2><ul role="list">{items}</ul></div> }
    };
    let demo = visit.demo.then(|| view! { <p class="demo-note">{common::demo_note(language)}</p> });
    view! {
        <footer class="site-footer">
            <div class="wrap">
                <div class="footer-about">
                    <p class="display">{common::footer_about(language)}</p>
                    <p>{common::footer_promise(language)}</p>
                </div>
                {column(common::footer_shop(language), vec![
                    (Route::Catalogue, common::footer_pieces(language)),
                    (Route::RingSizes, common::footer_ring_sizes(language)),
                    (Route::Shipping, common::footer_shipping(language)),
                    (Route::Contact, common::footer_contact(language)),
                    (Route::Feed, common::footer_feed(language)),
                ])}
                {column(common::footer_association(language), vec![
                    (Route::Makers, common::footer_makers(language)),
                    (Route::Origin, common::footer_origin(language)),
                    (Route::Money, common::footer_money(language)),
                    (Route::About, common::footer_about_us(language)),
                ])}
                {column(common::footer_rights(language), vec![
                    (Route::Complaints, common::footer_complaints(language)),
                    (Route::Privacy, common::footer_privacy(language)),
                ])}
                {demo}
            </div>
        </footer>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_remain_only_inside_islands() {
        let html = "<p>a<!>b</p><leptos-island>c<!>d</leptos-island><p>e<!>f</p>";
        let clean = "<!DOCTYPE html><p>ab</p><leptos-island>c<!---->d</leptos-island><p>ef</p>";
        assert_eq!(without_markers(html), clean);
        assert_eq!(without_markers("<p>a<!>b</p>"), "<!DOCTYPE html><p>ab</p>");
    }
}
