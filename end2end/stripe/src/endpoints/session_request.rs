//! Reading the request that creates a Checkout Session. It checks every rule of Stripe that the
//! shop can break, and refuses what the simulator does not simulate.

use crate::{
    base::{errors::ApiError, form::Fields, ids::new_id},
    endpoints::{
        line_items::line_items,
        session_parameters::{
            LOCALES, custom_text, email, expiry, methods, refuse_unless_off, shipping, url,
        },
    },
    objects::session::{IntentData, Session, Status},
};

/// Parameters of Stripe that the shop does not use yet.
const UNSUPPORTED: [&str; 22] = [
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

/// Features that the simulator accepts only with `enabled=false`.
const ONLY_OFF: [&str; 5] = [
    "adaptive_pricing",
    "automatic_tax",
    "invoice_creation",
    "phone_number_collection",
    "tax_id_collection",
];

/// Checks the parameters that choose the kind of session: a payment on a page hosted by Stripe.
fn check_mode(fields: &mut Fields) -> Result<(), ApiError> {
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

/// What the shop wants the PaymentIntent to carry.
fn intent_data(fields: Option<Fields>) -> Result<IntentData, ApiError> {
    let Some(mut fields) = fields else {
        return Ok(IntentData::default());
    };
    fields.refuse_unsupported(&[
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
        description: fields.text_up_to("description", 1_000)?,
        metadata: fields.metadata()?,
        receipt_email: email(&mut fields, "receipt_email")?,
        statement_descriptor: fields.text_up_to("statement_descriptor", 22)?,
        statement_descriptor_suffix: fields.text_up_to("statement_descriptor_suffix", 22)?,
        transfer_group: fields.text_up_to("transfer_group", 500)?,
        shipping: fields.object("shipping")?.map(shipping).transpose()?,
    };
    fields.finish()?;
    Ok(data)
}

/// Turns the parameters into a session at the time `now`.
pub(crate) fn read(mut fields: Fields, now: i64) -> Result<Session, ApiError> {
    fields.refuse_unsupported(&UNSUPPORTED)?;
    for field in ONLY_OFF {
        refuse_unless_off(&mut fields, field)?;
    }
    check_mode(&mut fields)?;
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
        client_reference_id: fields.text_up_to("client_reference_id", 200)?,
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
        integration_identifier: fields.text_up_to("integration_identifier", 5_000)?,
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
    const VALID: &str = "mode=payment&success_url=https://shop.example/ok?s={CHECKOUT_SESSION_ID}\
        &line_items[0][quantity]=2&line_items[0][price_data][currency]=pen\
        &line_items[0][price_data][unit_amount]=15000\
        &line_items[0][price_data][product_data][name]=Anillo";

    fn open(more: &str) -> Result<Session, ApiError> {
        read(Fields::parse(&format!("{VALID}&{more}")).unwrap(), NOW)
    }

    fn refused(more: &str) -> (Option<&'static str>, Option<String>) {
        let error = open(more).unwrap_err();
        (error.code, error.param)
    }

    #[test]
    fn the_simplest_session_is_accepted() {
        let session = open("").unwrap();
        assert_eq!(session.total(), 30_000);
        assert_eq!(session.currency, "pen");
        assert_eq!(session.expires_at, NOW + 86_400);
        assert!(session.return_url().ends_with(&session.id));
    }

    #[test]
    fn a_session_expires_between_half_an_hour_and_a_day_later() {
        for (offset, is_accepted) in
            [(1_799, false), (1_800, true), (86_400, true), (86_401, false)]
        {
            assert_eq!(
                open(&format!("expires_at={}", NOW + offset)).is_ok(),
                is_accepted,
                "{offset}"
            );
        }
    }

    #[test]
    fn each_refusal_names_its_parameter() {
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
    fn impossible_amounts_and_mixed_currencies_are_refused() {
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
}
