//! Reading single parameters of the request that creates a Checkout Session.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::base::{email::is_email, errors::ApiError, form::Fields};

/// Languages of the pay page.
pub(crate) const LOCALES: [&str; 41] = [
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];

const HALF_AN_HOUR: i64 = 30 * 60;
const A_DAY: i64 = 24 * 60 * 60;

/// An absolute http(s) URL.
pub(crate) fn url(fields: &mut Fields, field: &str) -> Result<Option<String>, ApiError> {
    let name = fields.name(field);
    let Some(text) = fields.text_up_to(field, 5_000)? else {
        return Ok(None);
    };
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_valid = host.is_some_and(|host| !host.is_empty() && !host.starts_with(':'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !is_valid {
        return Err(ApiError::invalid("Not a valid URL").code("url_invalid").param(name));
    }
    Ok(Some(text))
}

/// An e-mail address.
pub(crate) fn email(fields: &mut Fields, field: &str) -> Result<Option<String>, ApiError> {
    let name = fields.name(field);
    match fields.text(field)? {
        Some(text) if !is_email(&text) => {
            Err(ApiError::invalid(format!("Invalid email address: {text}"))
                .code("email_invalid")
                .param(name))
        }
        email => Ok(email),
    }
}

/// Refuses a feature whose `enabled` is not `false`.
pub(crate) fn refuse_unless_off(fields: &mut Fields, field: &str) -> Result<(), ApiError> {
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

/// When the session expires: in a day, unless the shop chose another time.
pub(crate) fn expiry(fields: &mut Fields, now: i64) -> Result<i64, ApiError> {
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
        "city": fields.text_up_to("city", 5_000)?, "country": country,
        "line1": fields.required("line1")?, "line2": fields.text_up_to("line2", 5_000)?,
        "postal_code": fields.text_up_to("postal_code", 5_000)?,
        "state": fields.text_up_to("state", 5_000)?,
    });
    fields.finish()?;
    Ok(shown)
}

/// The shipping details of the payment, as the API shows them.
pub(crate) fn shipping(mut fields: Fields) -> Result<Value, ApiError> {
    let address_name = fields.name("address");
    let address = match fields.object("address")? {
        Some(inner) => address(inner)?,
        None => return Err(ApiError::missing(&address_name)),
    };
    let shown = json!({
        "address": address, "carrier": fields.text_up_to("carrier", 5_000)?,
        "name": fields.required("name")?, "phone": fields.text_up_to("phone", 5_000)?,
        "tracking_number": fields.text_up_to("tracking_number", 5_000)?,
    });
    fields.finish()?;
    Ok(shown)
}

/// A list of payment methods that the shop allows or excludes.
pub(crate) fn methods(fields: &mut Fields, field: &str) -> Result<Option<Vec<String>>, ApiError> {
    let name = fields.name(field);
    let Some(list) = fields.texts(field)? else {
        return Ok(None);
    };
    match list.iter().position(|kind| !matches!(kind.as_str(), "card" | "sepa_debit")) {
        Some(at) => Err(ApiError::unsupported(&format!("{name}[{at}]"))),
        None => Ok(Some(list)),
    }
}

/// The texts that the shop adds to the pay page, by position.
pub(crate) fn custom_text(fields: &mut Fields) -> Result<BTreeMap<String, String>, ApiError> {
    let mut found = BTreeMap::new();
    let Some(mut inner) = fields.object("custom_text")? else {
        return Ok(found);
    };
    for position in ["after_submit", "shipping_address", "submit", "terms_of_service_acceptance"] {
        if let Some(mut text) = inner.object(position)? {
            let name = text.name("message");
            let message =
                text.text_up_to("message", 1_200)?.ok_or_else(|| ApiError::missing(&name))?;
            text.finish()?;
            found.insert(position.to_owned(), message);
        }
    }
    inner.finish()?;
    Ok(found)
}
