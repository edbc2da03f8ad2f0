//! Error pages, with a drawing of an empty pan (*batea*).

use domain::language::Language;
use leptos::prelude::*;

use crate::Page;
use crate::backend::BackendResult;
use crate::backend::shop::{Availability, Contents, DesignCard, ShopBackend, Visit};
use crate::components::card::Cards;
use crate::i18n::shop::errors as t;
use crate::routes::{Refusal, Route};
use crate::shell::{self, Head};

/// Designs shown at most on an error page.
const SUGGESTIONS: usize = 4;

/// 404: no such page. `suggestions` may be empty.
#[must_use]
pub fn not_found(visit: &Visit, suggestions: Vec<DesignCard>) -> Page {
    let language = visit.language;
    Fault::new(404, t::not_found_title(language), t::not_found_text(language))
        .suggesting(suggestions)
        .page(visit)
}

/// 404 with the newest available designs. If these cannot be read, the page is shown without them,
/// because a missing page must not lead to a second error.
///
/// # Errors
/// Never; it has the signature of a page.
pub async fn not_found_with_suggestions(
    backend: &dyn ShopBackend,
    visit: &Visit,
) -> BackendResult<Page> {
    Ok(not_found(visit, suggestions(backend, visit).await))
}

/// 410: a design that is no longer shown.
#[must_use]
pub fn gone(visit: &Visit, suggestions: Vec<DesignCard>) -> Page {
    let language = visit.language;
    Fault::new(410, t::gone_title(language), t::gone_text(language))
        .suggesting(suggestions)
        .page(visit)
}

/// 410 with the newest available designs.
///
/// # Errors
/// Never; it has the signature of a page.
pub async fn gone_with_suggestions(
    backend: &dyn ShopBackend,
    visit: &Visit,
) -> BackendResult<Page> {
    Ok(gone(visit, suggestions(backend, visit).await))
}

/// The page after a form that was refused before any page read it. `retry_after_s` says when a visitor
/// who sent too many forms may send the next one.
#[must_use]
pub fn refused(visit: &Visit, refusal: Refusal, retry_after_s: u64) -> Page {
    let fault = match refusal {
        Refusal::OtherSite => of_forbidden(visit.language),
        Refusal::TooMany => of_too_many(visit.language, retry_after_s),
        Refusal::Unreadable => of_invalid(visit.language),
    };
    Fault { route: Some(Route::Refused(refusal)), ..fault }.page(visit)
}

/// 403: a form that was not sent from a page of the shop.
#[must_use]
pub fn forbidden(visit: &Visit) -> Page {
    of_forbidden(visit.language).page(visit)
}

fn of_forbidden(language: Language) -> Fault {
    Fault::new(403, t::forbidden_title(language), t::forbidden_text(language))
}

/// 405: the target of a form was requested as a page, or the other way round.
#[must_use]
pub fn wrong_method(visit: &Visit) -> Page {
    let language = visit.language;
    Fault::new(405, t::method_title(language), t::method_text(language)).page(visit)
}

/// 413: a body that is too large.
#[must_use]
pub fn too_large(visit: &Visit) -> Page {
    let language = visit.language;
    Fault::new(413, t::too_large_title(language), t::too_large_text(language)).page(visit)
}

/// 422: a form that cannot be read at all. A wrong value in a field is shown beside the field instead.
#[must_use]
pub fn invalid(visit: &Visit) -> Page {
    of_invalid(visit.language).page(visit)
}

fn of_invalid(language: Language) -> Fault {
    Fault::new(422, t::invalid_title(language), t::invalid_text(language))
}

/// 429: too many writes in a row.
#[must_use]
pub fn too_many(visit: &Visit, retry_after_s: u64) -> Page {
    of_too_many(visit.language, retry_after_s).page(visit)
}

fn of_too_many(language: Language, retry_after_s: u64) -> Fault {
    let seconds = u32::try_from(retry_after_s).unwrap_or(u32::MAX);
    Fault::new(429, t::too_many_title(language), t::too_many_text(language, seconds))
}

/// 500: an error of ours. The visitor may quote `request_id`, under which the log has the details.
#[must_use]
pub fn server_error(visit: &Visit, request_id: &str) -> Page {
    let language = visit.language;
    let mut fault = Fault::new(500, t::server_title(language), t::server_text(language));
    fault.request_id = Some(request_id.to_owned()).filter(|id| !id.is_empty());
    fault.again(visit).page(visit)
}

/// 503: the database or another service does not answer now.
#[must_use]
pub fn unavailable(visit: &Visit) -> Page {
    let language = visit.language;
    // A visitor in the checkout may have paid a moment ago, so the page must not say that nothing was
    // charged.
    let text = if may_be_paying(visit) {
        t::unavailable_paying(language)
    } else {
        t::unavailable_text(language)
    };
    Fault::new(503, t::unavailable_title(language), text).again(visit).page(visit)
}

/// Whether the visitor is in the checkout or on the page of an order.
fn may_be_paying(visit: &Visit) -> bool {
    let path = visit.path.split('?').next().unwrap_or_default();
    let order = Route::Order { secret: String::new() }.pattern(visit.language);
    let before_secret = order.split('{').next().unwrap_or(order);
    path.starts_with(before_secret) || path == Route::Checkout.path(visit.language)
}

/// The newest available designs, or nothing.
async fn suggestions(backend: &dyn ShopBackend, visit: &Visit) -> Vec<DesignCard> {
    let designs = backend.home(visit).await.map(|home| home.new_designs).unwrap_or_default();
    designs
        .into_iter()
        .filter(|design| !matches!(design.availability, Availability::Sold | Availability::Held))
        .take(SUGGESTIONS)
        .collect()
}

/// What an error page says.
struct Fault {
    status: u16,
    title: &'static str,
    text: String,
    /// The page's own address, for the link to the other language.
    route: Option<Route>,
    request_id: Option<String>,
    again: Option<String>,
    suggestions: Vec<DesignCard>,
}

impl Fault {
    fn new(status: u16, title: &'static str, text: impl Into<String>) -> Self {
        Self {
            status,
            title,
            text: text.into(),
            route: None,
            request_id: None,
            again: None,
            suggestions: Vec::new(),
        }
    }

    fn suggesting(mut self, designs: Vec<DesignCard>) -> Self {
        self.suggestions = designs;
        self.suggestions.truncate(SUGGESTIONS);
        self
    }

    /// Offers to load the page again; after a form, the page of the form.
    fn again(mut self, visit: &Visit) -> Self {
        let language = visit.language;
        let path = visit.path.split('?').next().unwrap_or_default();
        let is_target = |route: Route| route.path(language) == path;
        self.again = Some(if is_target(Route::BagAdd) || is_target(Route::BagRemove) {
            Route::Bag.path(language)
        } else {
            visit.path.clone()
        });
        self
    }

    fn page(self, visit: &Visit) -> Page {
        let language = visit.language;
        let status = self.status;
        let head =
            Head { route: self.route.clone(), ..Head::private(self.title, self.text.clone()) };
        let has = visit.has;
        Page { status, html: shell::render(visit, head, move || self.body(language, has)) }
    }

    fn body(self, language: Language, has: Contents) -> impl IntoView {
        let id =
            self.request_id.map(|id| view! { <p class="fine">{t::server_id(language, id)}</p> });
        let again = self
            .again
            .map(|path| view! { <a class="button" href=path>{t::try_again(language)}</a> });
        let class = |first| if first { "button" } else { "button button-plain" };
        let first = again.is_none();
        let pieces = has.designs.then(|| {
            view! { <a class=class(first) href=Route::Catalogue.path(language)>{t::go_pieces(language)}</a> }
        });
        let home = class(first && !has.designs);
        let suggestions = (!self.suggestions.is_empty()).then(|| {
            view! {
                <section class="wrap error-suggestions" aria-labelledby="instead">
                    <h2 id="instead">{t::instead(language)}</h2>
                    <Cards language=language cards=self.suggestions/>
                </section>
            }
        });
        view! {
            <section class="page-error">
                <div class="wrap">
                    <div class="error-words">
                        <p class="error-code">{t::code(language, self.status)}</p>
                        <h1>{self.title}</h1>
                        <p class="lead">{self.text}</p>
                        {id}
                        <p class="buttons">
                            {again}
                            {pieces}
                            <a class=home href=Route::Home.path(language)>{t::go_home(language)}</a>
                        </p>
                    </div>
                    {empty_pan(language)}
                </div>
            </section>
            {suggestions}
        }
    }
}

/// Rings of hammer marks: number of marks, distance from the middle, size of a mark.
const DENTS: [(u32, f64, f64); 4] =
    [(34, 154.0, 12.0), (27, 127.0, 11.5), (21, 101.0, 11.0), (15, 76.0, 10.0)];
/// Grains of black sand along the spiral.
const SAND: u32 = 150;

/// An empty pan from above: hammer marks, a spiral of black sand, one grain of gold.
fn empty_pan(language: Language) -> impl IntoView {
    view! {
        <svg class="error-pan" viewBox="0 0 400 400" width="400" height="400" role="img" aria-label=t::pan_alt(language)>
            <defs>
                <radialGradient id="pan-light" cx="0.36" cy="0.28" r="0.85">
                    <stop offset="0" stop-color="#8f9199"/>
                    <stop offset="0.45" stop-color="#4b4e59"/>
                    <stop offset="1" stop-color="#1b1d25"/>
                </radialGradient>
                <radialGradient id="pan-dent" cx="0.66" cy="0.72" r="0.8">
                    <stop offset="0" stop-color="#ffffff" stop-opacity="0.2"/>
                    <stop offset="1" stop-color="#000000" stop-opacity="0.2"/>
                </radialGradient>
            </defs>
            <circle class="pan-rim" cx="200" cy="200" r="190"/>
            <circle cx="200" cy="200" r="178" fill="url(#pan-light)"/>
            <path class="pan-dents" fill="url(#pan-dent)" d=dents()/>
            <path class="pan-sand" d=sand()/>
            <circle class="pan-grain" cx="337" cy="104" r="8"/>
            <path class="pan-glint" d="M337 82v12M337 114v12M315 104h12M347 104h12"/>
        </svg>
    }
}

/// Hammer marks as one path of circles. Each ring is rotated a little.
fn dents() -> String {
    let mut path = String::new();
    for (ring, (count, distance, radius)) in (0_u32..).zip(DENTS) {
        for step in 0..count {
            let turn = (f64::from(step) + f64::from(ring) * 0.45) / f64::from(count)
                * std::f64::consts::TAU;
            push_dot(
                &mut path,
                200.0 + distance * turn.cos(),
                200.0 + distance * turn.sin(),
                radius,
            );
        }
    }
    path
}

/// Sand along a spiral, with large grains at the beginning and small ones at the end.
fn sand() -> String {
    let mut path = String::new();
    for grain in 0..SAND {
        let along = f64::from(grain) / f64::from(SAND);
        // A fixed pattern, so that every visitor sees the same drawing.
        let scatter = |step: u32| f64::from((grain * step) % 17) / 17.0 - 0.5;
        let turn = along * 11.0 + 0.6;
        let distance = 10.0 + along * 112.0 + scatter(7) * (12.0 - 6.0 * along);
        let radius = 1.2 + 3.4 * (1.0 - along) * (scatter(5) + 0.9);
        push_dot(&mut path, 196.0 + distance * turn.cos(), 206.0 + distance * turn.sin(), radius);
    }
    path
}

/// A circle as two arcs of a path, to a tenth of a unit.
fn push_dot(path: &mut String, x: f64, y: f64, radius: f64) {
    let (left, across) = (x - radius, radius * 2.0);
    path.push_str(&format!("M{left:.1} {y:.1}a{radius:.1} {radius:.1} 0 1 0 {across:.1} 0a{radius:.1} {radius:.1} 0 1 0-{across:.1} 0"));
}
