//! Reading the request that opens a Checkout Session: every rule of Stripe that the shop can
//! meet, and an honest refusal of what the simulator does not play.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    errors::ApiError,
    form::Fields,
    money,
    sessions::{IntentData, LineItem, Session, Status},
    state::new_id,
};

const LOCALES: [&str; 41] = [
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];

/// Stripe has these parameters; the shop has no use for them yet.
const NOT_PLAYED: [&str; 22] = [
    "after_expiration",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "customer",
    "customer_account",
    "customer_update",
    "discounts",
    "managed_payments",
    "name_collection",
    "optional_items",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "subscription_data",
    "wallet_options",
];

/// Parameters whose switch the simulator takes only in its off position.
const ONLY_OFF: [&str; 5] = [
    "adaptive_pricing",
    "automatic_tax",
    "invoice_creation",
    "phone_number_collection",
    "tax_id_collection",
];

const HALF_AN_HOUR: i64 = 30 * 60;
const A_DAY: i64 = 24 * 60 * 60;

/// An absolute http(s) URL.
fn url(fields: &mut Fields, field: &str) -> Result<Option<String>, ApiError> {
    let name = fields.name(field);
    let Some(text) = fields.text_within(field, 5_000)? else {
        return Ok(None);
    };
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let fine = host.is_some_and(|host| !host.is_empty() && !host.starts_with(':'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !fine {
        return Err(ApiError::invalid("Not a valid URL").code("url_invalid").param(name));
    }
    Ok(Some(text))
}

/// Good enough to send a receipt to.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let clean = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"".contains(c))
    };
    text.len() <= 512
        && clean(local)
        && !local.contains('@')
        && clean(domain)
        && domain.contains('.')
}

fn email(fields: &mut Fields, field: &str) -> Result<Option<String>, ApiError> {
    let name = fields.name(field);
    match fields.text(field)? {
        Some(text) if !is_email(&text) => {
            Err(ApiError::invalid(format!("Invalid email address: {text}"))
                .code("email_invalid")
                .param(name))
        }
        known => Ok(known),
    }
}

fn only_off(fields: &mut Fields, field: &str) -> Result<(), ApiError> {
    let Some(mut inner) = fields.object(field)? else {
        return Ok(());
    };
    let name = inner.name("enabled");
    match inner.boolean("enabled")? {
        None if field != "adaptive_pricing" => Err(ApiError::missing(&name)),
        Some(true) => Err(ApiError::unsupported(&name)),
        _ => inner.finish(),
    }
}

fn expiry(fields: &mut Fields, now: i64) -> Result<i64, ApiError> {
    let Some(at) = fields.integer("expires_at")? else {
        return Ok(now + A_DAY);
    };
    let refuse = |message: &str| Err(ApiError::invalid(message).param("expires_at"));
    if at < now + HALF_AN_HOUR {
        return refuse(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
        );
    }
    if at > now + A_DAY {
        return refuse(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        );
    }
    Ok(at)
}

fn address(mut fields: Fields) -> Result<Value, ApiError> {
    let country = fields.text("country")?;
    if let Some(code) = &country
        && !(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(ApiError::invalid(format!(
            "Country '{code}' is unknown. Try using a 2-character alphanumeric country code \
             instead, such as 'US', 'EG', or 'GB'."
        ))
        .code("country_code_invalid")
        .param(fields.name("country")));
    }
    let shown = json!({
        "city": fields.text_within("city", 5_000)?, "country": country,
        "line1": fields.required("line1")?, "line2": fields.text_within("line2", 5_000)?,
        "postal_code": fields.text_within("postal_code", 5_000)?,
        "state": fields.text_within("state", 5_000)?,
    });
    fields.finish()?;
    Ok(shown)
}

fn shipping(mut fields: Fields) -> Result<Value, ApiError> {
    let place = fields.name("address");
    let address = match fields.object("address")? {
        Some(inner) => address(inner)?,
        None => return Err(ApiError::missing(&place)),
    };
    let shown = json!({
        "address": address, "carrier": fields.text_within("carrier", 5_000)?,
        "name": fields.required("name")?, "phone": fields.text_within("phone", 5_000)?,
        "tracking_number": fields.text_within("tracking_number", 5_000)?,
    });
    fields.finish()?;
    Ok(shown)
}

fn intent_data(fields: Option<Fields>) -> Result<IntentData, ApiError> {
    let Some(mut fields) = fields else {
        return Ok(IntentData::default());
    };
    fields.not_played(&[
        "application_fee_amount",
        "on_behalf_of",
        "setup_future_usage",
        "transfer_data",
    ])?;
    let capture = fields.name("capture_method");
    let captures = ["automatic", "automatic_async", "manual"];
    if let Some("manual" | "automatic") = fields.choice("capture_method", &captures)? {
        return Err(ApiError::unsupported(&capture));
    }
    let data = IntentData {
        description: fields.text_within("description", 1_000)?,
        metadata: fields.metadata()?,
        receipt_email: email(&mut fields, "receipt_email")?,
        statement_descriptor: fields.text_within("statement_descriptor", 22)?,
        statement_descriptor_suffix: fields.text_within("statement_descriptor_suffix", 22)?,
        transfer_group: fields.text_within("transfer_group", 500)?,
        shipping: fields.object("shipping")?.map(shipping).transpose()?,
    };
    fields.finish()?;
    Ok(data)
}

/// A line item and its currency.
fn line_item(mut fields: Fields) -> Result<(LineItem, String), ApiError> {
    fields.not_played(&["price", "tax_rates"])?;
    only_off(&mut fields, "adjustable_quantity")?;
    let place = fields.name("price_data");
    let Some(mut price) = fields.object("price_data")? else {
        return Err(ApiError::missing(&place));
    };
    price.not_played(&["product", "recurring", "unit_amount_decimal"])?;
    let money_name = price.name("currency");
    let currency = money::currency(&price.required("currency")?, &money_name)?;
    let amount_name = price.name("unit_amount");
    let unit_amount =
        price.integer("unit_amount")?.ok_or_else(|| ApiError::missing(&amount_name))?;
    let unit_amount = money::amount(unit_amount, &currency, &amount_name)?;
    let tax_behavior = price
        .choice("tax_behavior", &["exclusive", "inclusive", "unspecified"])?
        .unwrap_or("unspecified");
    let place = price.name("product_data");
    let Some(mut product) = price.object("product_data")? else {
        return Err(ApiError::missing(&place));
    };
    product.not_played(&["tax_code", "tax_details", "unit_label"])?;
    let name = product
        .text_within("name", 5_000)?
        .ok_or_else(|| ApiError::missing(&format!("{place}[name]")))?;
    let description = product.text_within("description", 40_000)?;
    images(&mut product)?;
    product.metadata()?;
    product.finish()?;
    price.finish()?;
    let quantity_name = fields.name("quantity");
    let quantity = fields.integer("quantity")?.ok_or_else(|| ApiError::missing(&quantity_name))?;
    if !(1..=999_999).contains(&quantity) {
        return Err(ApiError::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param(quantity_name));
    }
    let metadata = fields.metadata()?;
    fields.finish()?;
    let item = LineItem {
        id: new_id("li_1", 23),
        price: new_id("price_1", 23),
        product: new_id("prod_", 14),
        name,
        description,
        unit_amount,
        quantity,
        tax_behavior: tax_behavior.to_owned(),
        metadata,
    };
    Ok((item, currency))
}

fn images(product: &mut Fields) -> Result<(), ApiError> {
    let name = product.name("images");
    let images = product.texts("images")?.unwrap_or_default();
    if images.len() > 8 {
        return Err(ApiError::invalid("Array too long: at most 8 images.").param(name));
    }
    match images
        .iter()
        .position(|image| !image.starts_with("https://") && !image.starts_with("http://"))
    {
        Some(at) => Err(ApiError::invalid("Not a valid URL")
            .code("url_invalid")
            .param(format!("{name}[{at}]"))),
        None => Ok(()),
    }
}

fn line_items(fields: &mut Fields) -> Result<(Vec<LineItem>, String), ApiError> {
    let wanted = fields.text("currency")?;
    let items = fields.objects("line_items")?.unwrap_or_default();
    if items.is_empty() {
        return Err(ApiError::invalid("The `line_items` parameter is required in payment mode.")
            .code("parameter_missing")
            .param("line_items"));
    }
    if items.len() > 100 {
        return Err(
            ApiError::invalid("Array too long: at most 100 line items.").param("line_items")
        );
    }
    let mut read = Vec::with_capacity(items.len());
    let mut currency = wanted;
    for (at, fields) in items.into_iter().enumerate() {
        let (item, this) = line_item(fields)?;
        if currency.get_or_insert_with(|| this.clone()) != &this {
            return Err(ApiError::invalid(
                "You cannot combine currencies on a single Checkout Session.",
            )
            .param(format!("line_items[{at}][price_data][currency]")));
        }
        read.push(item);
    }
    let currency = currency.unwrap_or_default();
    let total = read
        .iter()
        .try_fold(0_i64, |sum, item| sum.checked_add(item.unit_amount.checked_mul(item.quantity)?))
        .unwrap_or(i64::MAX);
    money::amount(total, &currency, "line_items")?;
    let least = money::minimum(&currency);
    if total < least {
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {} {currency}",
            money::spelled(least, &currency)
        ))
        .code("amount_too_small"));
    }
    Ok((read, currency))
}

/// The list of payment methods a shop allows or excludes.
fn methods(fields: &mut Fields, field: &str) -> Result<Option<Vec<String>>, ApiError> {
    let name = fields.name(field);
    let Some(list) = fields.texts(field)? else {
        return Ok(None);
    };
    match list.iter().position(|kind| !matches!(kind.as_str(), "card" | "sepa_debit")) {
        Some(at) => Err(ApiError::unsupported(&format!("{name}[{at}]"))),
        None => Ok(Some(list)),
    }
}

fn custom_text(fields: &mut Fields) -> Result<BTreeMap<String, String>, ApiError> {
    let mut found = BTreeMap::new();
    let Some(mut inner) = fields.object("custom_text")? else {
        return Ok(found);
    };
    for place in ["after_submit", "shipping_address", "submit", "terms_of_service_acceptance"] {
        if let Some(mut text) = inner.object(place)? {
            let name = text.name("message");
            let message =
                text.text_within("message", 1_200)?.ok_or_else(|| ApiError::missing(&name))?;
            text.finish()?;
            found.insert(place.to_owned(), message);
        }
    }
    inner.finish()?;
    Ok(found)
}

/// What a payment on a page hosted by Stripe may say about its mode.
fn mode(fields: &mut Fields) -> Result<(), ApiError> {
    match fields.choice("mode", &["payment", "setup", "subscription"])? {
        Some("payment") => {}
        Some(_) => return Err(ApiError::unsupported("mode")),
        None => return Err(ApiError::missing("mode")),
    }
    match fields.choice("ui_mode", &["elements", "embedded_page", "form", "hosted_page"])? {
        None | Some("hosted_page") => {}
        Some(_) => return Err(ApiError::unsupported("ui_mode")),
    }
    if fields.has("return_url") {
        return Err(ApiError::invalid(
            "`return_url` can only be set when `ui_mode` is `embedded_page` or `elements`.",
        )
        .param("return_url"));
    }
    if fields.has("redirect_on_completion") {
        return Err(ApiError::invalid(
            "`redirect_on_completion` can only be set when `ui_mode` is `embedded_page`.",
        )
        .param("redirect_on_completion"));
    }
    if fields.boolean("allow_promotion_codes")? == Some(true) {
        return Err(ApiError::unsupported("allow_promotion_codes"));
    }
    if fields.choice("customer_creation", &["always", "if_required"])? == Some("always") {
        return Err(ApiError::unsupported("customer_creation"));
    }
    Ok(())
}

/// Turns the parameters into a session at the time `now`.
pub(crate) fn read(mut fields: Fields, now: i64) -> Result<Session, ApiError> {
    fields.not_played(&NOT_PLAYED)?;
    for field in ONLY_OFF {
        only_off(&mut fields, field)?;
    }
    mode(&mut fields)?;
    let (line_items, currency) = line_items(&mut fields)?;
    let session = Session {
        id: new_id("cs_test_a1", 56),
        created: now,
        expires_at: expiry(&mut fields, now)?,
        status: Status::Open,
        paid: false,
        currency,
        line_items,
        success_url: url(&mut fields, "success_url")?
            .ok_or_else(|| ApiError::missing("success_url"))?,
        cancel_url: url(&mut fields, "cancel_url")?,
        client_reference_id: fields.text_within("client_reference_id", 200)?,
        customer_email: email(&mut fields, "customer_email")?,
        customer: None,
        locale: fields.choice("locale", &LOCALES)?.map(str::to_owned),
        metadata: fields.metadata()?,
        intent_data: intent_data(fields.object("payment_intent_data")?)?,
        submit_type: fields
            .choice("submit_type", &["auto", "book", "donate", "pay"])?
            .map(str::to_owned),
        billing_address_collection: fields
            .choice("billing_address_collection", &["auto", "required"])?
            .map(str::to_owned),
        origin_context: fields.choice("origin_context", &["mobile_app", "web"])?.map(str::to_owned),
        integration_identifier: fields.text_within("integration_identifier", 5_000)?,
        custom_text: custom_text(&mut fields)?,
        allowed_methods: methods(&mut fields, "allowed_payment_method_types")?,
        excluded_methods: methods(&mut fields, "excluded_payment_method_types")?
            .unwrap_or_default(),
        payment_intent: None,
        authenticating: None,
    };
    fields.finish()?;
    if session.methods().is_empty() {
        return Err(ApiError::invalid("No valid payment method types for this Checkout Session."));
    }
    Ok(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const GOOD: &str = "mode=payment&success_url=https://shop.example/ok?s={CHECKOUT_SESSION_ID}\
        &line_items[0][quantity]=2&line_items[0][price_data][currency]=pen\
        &line_items[0][price_data][unit_amount]=15000\
        &line_items[0][price_data][product_data][name]=Anillo";

    fn open(more: &str) -> Result<Session, ApiError> {
        read(Fields::parse(&format!("{GOOD}&{more}")).unwrap(), NOW)
    }

    fn refused(more: &str) -> (Option<&'static str>, Option<String>) {
        let error = open(more).unwrap_err();
        (error.code, error.param)
    }

    #[test]
    fn a_plain_session_opens() {
        let session = open("").unwrap();
        assert_eq!(session.total(), 30_000);
        assert_eq!(session.currency, "pen");
        assert_eq!(session.expires_at, NOW + A_DAY);
        assert!(session.after_payment().ends_with(&session.id));
    }

    #[test]
    fn the_expiry_lies_between_half_an_hour_and_a_day() {
        for (offset, fine) in [(1_799, false), (1_800, true), (86_400, true), (86_401, false)] {
            assert_eq!(open(&format!("expires_at={}", NOW + offset)).is_ok(), fine, "{offset}");
        }
    }

    #[test]
    fn each_rule_names_its_parameter() {
        let unknown = Some("parameter_unknown");
        for (more, code, param) in [
            ("colour=red", unknown, "colour"),
            ("line_items[0][colour]=red", unknown, "line_items[0][colour]"),
            ("customer=cus_1", unknown, "customer"),
            ("payment_method_types[0]=card", unknown, "payment_method_types"),
            ("mode=subscription", unknown, "mode"),
            ("mode=barter", None, "mode"),
            ("locale=qu", None, "locale"),
            ("customer_email=nobody", Some("email_invalid"), "customer_email"),
            ("success_url=/ok", Some("url_invalid"), "success_url"),
            ("cancel_url=javascript:alert(1)", Some("url_invalid"), "cancel_url"),
            ("automatic_tax[enabled]=true", unknown, "automatic_tax[enabled]"),
            (
                "automatic_tax[liability][type]=self",
                Some("parameter_missing"),
                "automatic_tax[enabled]",
            ),
            (
                "line_items[0][quantity]=0",
                Some("parameter_invalid_integer"),
                "line_items[0][quantity]",
            ),
            (
                "line_items[0][price_data][currency]=PEN",
                None,
                "line_items[0][price_data][currency]",
            ),
            ("payment_intent_data[metadata][a][b]=1", None, "payment_intent_data[metadata][a]"),
        ] {
            assert_eq!(refused(more), (code, Some(param.to_owned())), "{more}");
        }
        assert_eq!(
            refused(&format!("client_reference_id={}", "x".repeat(201))).1.as_deref(),
            Some("client_reference_id")
        );
        assert!(open(&format!("client_reference_id={}", "ñ".repeat(200))).is_ok());
    }

    #[test]
    fn amounts_have_to_make_sense() {
        assert_eq!(
            refused("line_items[0][price_data][unit_amount]=99").0,
            Some("amount_too_small")
        );
        assert_eq!(
            refused("line_items[0][price_data][unit_amount]=99999999").0,
            Some("amount_too_large")
        );
        let mixed = "line_items[1][quantity]=1&line_items[1][price_data][currency]=usd\
            &line_items[1][price_data][unit_amount]=100\
            &line_items[1][price_data][product_data][name]=x";
        assert!(open(mixed).is_err());
        assert!(open("currency=usd").is_err());
    }

    #[test]
    fn e_mail_addresses() {
        for good in ["a@b.pe", "ana.maría@correo.com.pe", "a+b@c.d"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["a", "a@b", "@b.c", "a@b..c", "a b@c.d", "a@b@c.d", "a@.c", "<a@b.c>"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
