//! The checkout: contact, address, delivery, and the button to the payment page. It is one plain form
//! that works without JavaScript, keeps what was typed and shows each error beside its field.

use domain::address::{AddressField, AddressRule};
use domain::contact::GiftMessage;
use domain::country::{Country, Department};
use domain::language::Language;
use domain::money::{Currency, ExchangeRate};
use leptos::prelude::*;

use super::bag::{available, why_not};
use super::checkout_words::{field_error, part_label, trouble_words};
use crate::Page;
use crate::backend::shop::{
    BagView, CheckoutField, CheckoutForm, CheckoutTrouble, CheckoutView, DeliveryOption,
    FieldProblem, PieceAvailability, Pressed, Visit,
};
use crate::components::delivery::{delivery_days, delivery_name};
use crate::components::field::{SelectField, TextArea, TextField};
use crate::components::format;
use crate::components::summary::{SummaryLine, SummaryLines, Sums, piece_facts};
use crate::i18n::shop::{bag as tb, checkout as t};
use crate::routes::Route;
use crate::shell::{self, Head};

/// Id of the form, which the language switch in the header sends as well.
const FORM: &str = "checkout";
/// Id of the ways of delivery.
pub const DELIVERY: &str = "delivery";

/// The checkout with an HTTP status: 200 for a normal request, 422 as the direct answer to a form that
/// came without a session that could keep it.
#[must_use]
pub fn page(visit: &Visit, view: &CheckoutView, status: u16) -> Page {
    let language = visit.language;
    let title = if view.errors.is_empty() {
        t::title(language).to_owned()
    } else {
        // A screen reader reads the title of a new page first.
        format!("{} {}", t::error_prefix(language), t::title(language))
    };
    let has_form = available(&view.bag) > 0;
    let head = Head {
        form: has_form.then_some(FORM),
        ..Head::unlisted(title, t::description(language), Route::Checkout)
    };
    let view = view.clone();
    Page { status, html: shell::render(visit, head, move || body(language, view)) }
}

fn body(language: Language, view: CheckoutView) -> impl IntoView {
    let trouble = view.trouble.as_ref().map(|trouble| trouble_box(language, trouble));
    let content = if view.bag.lines.is_empty() {
        let empty = view.trouble.is_none().then(|| view! { <p>{t::trouble_empty(language)}</p> });
        view! {
            {empty}
            <p><a class="button" href=Route::Catalogue.path(language)>{tb::see_pieces(language)}</a></p>
        }
        .into_any()
    } else if available(&view.bag) == 0 {
        view! {
            <p>{tb::nothing_left(language)}</p>
            <ul class="info-links" role="list">
                <li><a href=Route::Bag.path(language)>{t::back_to_bag(language)}</a></li>
                <li><a href=Route::Catalogue.path(language)>{tb::see_pieces(language)}</a></li>
            </ul>
        }
        .into_any()
    } else {
        form(language, view).into_any()
    };
    view! {
        <div class="wrap page-checkout">
            <header class="page-top"><h1>{t::title(language)}</h1></header>
            {trouble}
            {content}
        </div>
    }
}

fn trouble_box(language: Language, trouble: &CheckoutTrouble) -> impl IntoView + use<> {
    let rest = match trouble {
        CheckoutTrouble::Taken(_) => view! {
            <p>
                {t::trouble_taken_rest(language)} " "
                <a href=Route::Catalogue.path(language)>{t::trouble_see_others(language)}</a>
            </p>
        }
        .into_any(),
        CheckoutTrouble::PaymentClosed
        | CheckoutTrouble::PaymentRefused
        | CheckoutTrouble::NoRate { .. } => view! {
            <p><a href=Route::Contact.path(language)>{t::trouble_payment_write(language)}</a></p>
        }
        .into_any(),
        // On a narrow screen the button is far below.
        CheckoutTrouble::TotalChanged(_) => {
            view! { <p><a href="#summary">{t::summary(language)}</a></p> }.into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <div class="notice notice-bad" role="alert" data-trouble=trouble.as_str()>
            <p>{trouble_words(language, trouble)}</p>
            {rest}
        </div>
    }
}

fn form(language: Language, view: CheckoutView) -> impl IntoView {
    let errors = error_summary(language, &view);
    let count = available(&view.bag);
    let hold = t::hold(language, count, view.hold_minutes);
    let fields = Fields { language, form: view.form.clone(), errors: view.errors.clone() };
    let delivery = delivery(language, &view);
    let currency = currency(&fields, &view.currencies);
    view! {
        <form class="checkout" id=FORM method="post" action=Route::Checkout.path(language) novalidate="">
            {(!view.options.is_empty()).then(|| {
                view! { <input type="hidden" name="shown" value=CheckoutForm::of_shown(view.sums.items, &view.options)/> }
            })}
            <div class="checkout-fields">
                {errors}
                <p class="notice">{hold}</p>
                {contact(&fields)}
                {address(&fields)}
                {delivery}
                <section aria-labelledby="gift">
                    <h2 id="gift">{t::gift(language)}</h2>
                    {gift(&fields)}
                </section>
                {currency}
            </div>
            {summary(language, view, count)}
        </form>
    }
}

/// What was typed and what is wrong with it, by field.
struct Fields {
    language: Language,
    form: CheckoutForm,
    errors: Vec<(CheckoutField, FieldProblem)>,
}

impl Fields {
    fn error(&self, field: CheckoutField) -> Option<String> {
        let (_, problem) = self.errors.iter().find(|(with_error, _)| *with_error == field)?;
        Some(field_error(self.language, self.form.place(), field, *problem))
    }
}

/// The errors at the top of the page, each with a link to its field.
fn error_summary(language: Language, view: &CheckoutView) -> Option<impl IntoView + use<>> {
    if view.errors.is_empty() {
        return None;
    }
    let count = u32::try_from(view.errors.len()).unwrap_or(u32::MAX);
    let in_peru = view.form.is_in_peru();
    // In the order of the form, not in the order in which they were found.
    let items = CheckoutField::ALL
        .into_iter()
        .filter_map(|field| {
            let (_, problem) = view.errors.iter().find(|(with_error, _)| *with_error == field)?;
            let words = field_error(language, view.form.place(), field, *problem);
            Some(view! { <li><a href=format!("#{}", field.name(in_peru))>{words}</a></li> })
        })
        .collect_view();
    Some(view! {
        <div class="notice notice-bad error-summary" role="alert" tabindex="-1" autofocus="" aria-labelledby="errors-title">
            <h2 id="errors-title">{t::errors_title(language, count)}</h2>
            <ul>{items}</ul>
            <p>{t::errors_kept(language)}</p>
        </div>
    })
}

fn contact(fields: &Fields) -> impl IntoView + use<> {
    let language = fields.language;
    view! {
        <section aria-labelledby="contact">
            <h2 id="contact">{t::contact(language)}</h2>
            <div class="form">
                <TextField
                    name="name" label=t::name(language) value=fields.form.name.clone() autocomplete="name"
                    max_length=CheckoutField::Name.max_letters() error=fields.error(CheckoutField::Name) required=true
                />
                <TextField
                    name="email" label=t::email(language) value=fields.form.email.clone() kind="email" autocomplete="email"
                    max_length=CheckoutField::Email.max_letters() hint=Some(t::email_hint(language).to_owned())
                    error=fields.error(CheckoutField::Email) required=true
                />
            </div>
        </section>
    }
}

fn address(fields: &Fields) -> impl IntoView + use<> {
    let language = fields.language;
    let form = &fields.form;
    view! {
        <section aria-labelledby="address">
            <h2 id="address">{t::address(language)}</h2>
            <div class="form">
                <SelectField
                    name="country" label=t::country(language) choices=countries(language) value=form.place().code().to_owned()
                    autocomplete="country" error=fields.error(CheckoutField::Country)
                />
                {region(fields)}
                <TextField
                    name="street" label=t::street(language) value=form.street.clone() autocomplete="address-line1"
                    max_length=CheckoutField::Street.max_letters() error=fields.error(CheckoutField::Street) wide=true required=true
                />
                {part(fields, CheckoutField::City, &form.city, "address-level2")}
                {part(fields, CheckoutField::PostalCode, &form.postal_code, "postal-code")}
                <TextField
                    name="phone" label=t::phone(language) value=form.phone.clone() kind="tel" autocomplete="tel"
                    max_length=CheckoutField::Phone.max_letters() hint=Some(t::phone_hint(language).to_owned())
                    error=fields.error(CheckoutField::Phone) required=true
                />
            </div>
        </section>
    }
}

/// A part of the address that some countries require, with its name in the country. Text that was typed
/// for another country stays visible.
fn part(
    fields: &Fields,
    field: CheckoutField,
    typed: &str,
    autocomplete: &'static str,
) -> Option<impl IntoView + use<>> {
    let language = fields.language;
    let country = fields.form.place();
    let error = fields.error(field);
    let of_address = match field {
        CheckoutField::City => AddressField::City,
        CheckoutField::Region => AddressField::Region,
        _ => AddressField::PostalCode,
    };
    let rule = AddressRule::of(country);
    if !rule.asks(of_address) && typed.is_empty() && error.is_none() {
        return None;
    }
    let label = match field {
        CheckoutField::City if country.is_peru() => t::city_peru(language),
        _ => part_label(language, country, field),
    };
    Some(view! {
        <TextField
            name=field.name(false) label=label value=typed.to_owned() autocomplete=autocomplete
            max_length=field.max_letters() error=error required=rule.needs(of_address)
            wide=field == CheckoutField::City
        />
    })
}

/// For Peru a list of departamentos, for every other country with such a part a line of text.
fn region(fields: &Fields) -> impl IntoView + use<> {
    let language = fields.language;
    let typed = &fields.form.region;
    if fields.form.is_in_peru() {
        let mut choices = vec![(String::new(), t::choose(language).to_owned())];
        choices.extend(
            Department::all().map(|place| (place.code().to_owned(), place.name().to_owned())),
        );
        let value =
            Department::parse(typed).map_or_else(String::new, |place| place.code().to_owned());
        let error = fields.error(CheckoutField::Region);
        view! {
            <SelectField name="department" label=t::region_peru(language) choices=choices value=value autocomplete="address-level1" error=error required=true/>
        }
        .into_any()
    } else {
        part(fields, CheckoutField::Region, typed, "address-level1").into_any()
    }
}

/// Every country by its name in the visitor's language, Peru first.
fn countries(language: Language) -> Vec<(String, String)> {
    let choice = |country: Country| (country.code().to_owned(), country.name(language).to_owned());
    let others = Country::all_by_name(language).into_iter().filter(|country| !country.is_peru());
    std::iter::once(Country::peru()).chain(others).map(choice).collect()
}

fn delivery(language: Language, view: &CheckoutView) -> impl IntoView + use<> {
    let error = view
        .errors
        .iter()
        .find(|(field, _)| *field == CheckoutField::Delivery)
        .map(|(field, problem)| field_error(language, view.form.place(), *field, *problem));
    let described_by = error.is_some().then_some("delivery-error");
    let choices = if view.options.is_empty() {
        let words = if view.form.country.is_empty() {
            t::delivery_pick(language)
        } else {
            t::delivery_no_options(language)
        };
        view! { <p class="fine">{words}</p> }.into_any()
    } else {
        let rows = view
            .options
            .iter()
            .map(|option| delivery_choice(language, option, &view.form.delivery))
            .collect_view();
        view! { <div class="choices">{rows}</div> }.into_any()
    };
    view! {
        <fieldset id=DELIVERY tabindex="-1" aria-describedby=described_by>
            <legend><h2>{t::delivery(language)}</h2></legend>
            {choices}
            {error.map(|words| view! { <p class="error" id="delivery-error">{words}</p> })}
            <button class="button button-plain" type="submit" name="action" value=Pressed::Update.as_str()>
                {t::update(language)}
            </button>
        </fieldset>
    }
}

fn delivery_choice(
    language: Language,
    option: &DeliveryOption,
    chosen: &str,
) -> impl IntoView + use<> {
    let code = option.kind.as_str();
    view! {
        <label class="choice">
            <input type="radio" name="delivery" value=code checked=code == chosen/>
            <span>
                {delivery_name(language, option.kind)}
                <small>{delivery_days(language, option.kind, option.from, option.to)}</small>
            </span>
            <span class="price">{format::money(language, option.price)}</span>
        </label>
    }
}

fn gift(fields: &Fields) -> impl IntoView + use<> {
    let language = fields.language;
    let letters = CheckoutField::GiftMessage.max_letters();
    view! {
        <TextArea
            name="gift_message" label=t::gift_message(language) value=fields.form.gift_message.clone()
            max_length=letters hint=Some(t::gift_hint(language, letters, GiftMessage::MAX_LINES))
            error=fields.error(CheckoutField::GiftMessage)
        />
    }
}

/// The choice of the currency, if there is more than one.
fn currency(fields: &Fields, currencies: &[Currency]) -> impl IntoView + use<> {
    let language = fields.language;
    let name = |currency: Currency| match currency {
        Currency::Pen => t::currency_pen(language),
        Currency::Usd => t::currency_usd(language),
        Currency::Eur => t::currency_eur(language),
    };
    if let [only] = currencies {
        return view! { <input type="hidden" name="currency" value=only.code()/> }.into_any();
    }
    let choices = currencies.iter().map(|c| (c.code().to_owned(), name(*c).to_owned())).collect();
    view! {
        <div class="checkout-currency">
            <SelectField
                name="currency" label=t::currency(language) choices=choices value=fields.form.currency.clone()
                error=fields.error(CheckoutField::Currency)
            />
        </div>
    }
    .into_any()
}

fn summary(language: Language, view: CheckoutView, count: u32) -> impl IntoView {
    // The button shows the amount only when nothing can be added to it any more.
    let pay = match view.sums.shipping {
        Some(_) => t::pay(language, format::money(language, view.sums.total)),
        None => t::pay_open(language).to_owned(),
    };
    let rate = view.rate.map(|rate| view! { <p class="fine">{rate_words(language, rate)}</p> });
    view! {
        <aside class="panel checkout-summary" aria-labelledby="summary">
            <h2 id="summary" class="visually-hidden">{t::summary(language)}</h2>
            <SummaryLines language=language lines=lines(language, view.bag)/>
            <Sums language=language sums=view.sums count=count/>
            <button class="button button-wide" type="submit" name="action" value=Pressed::Pay.as_str()>{pay}</button>
            {rate}
            <p class="fine">{t::pay_note(language)}</p>
            <p><a class="more" href=Route::Bag.path(language)>{t::back_to_bag(language)}</a></p>
        </aside>
    }
}

/// The currency of the charge and the rate at which the prices were converted.
fn rate_words(language: Language, rate: ExchangeRate) -> String {
    let soles = format::rate(rate);
    match rate.base() {
        Currency::Eur => t::rate_eur(language, soles),
        Currency::Usd | Currency::Pen => t::rate_usd(language, soles),
    }
}

fn lines(language: Language, bag: BagView) -> Vec<SummaryLine> {
    bag.lines
        .into_iter()
        .map(|line| SummaryLine {
            name: line.name,
            href: None,
            facts: piece_facts(
                language,
                &line.serial,
                line.inner_circumference_tenths_mm,
                line.weight_mg,
            ),
            makers: line.makers,
            price: (line.availability == PieceAvailability::Available).then_some(line.charged),
            note: why_not(language, line.availability),
            photo: line.photo,
        })
        .collect()
}
