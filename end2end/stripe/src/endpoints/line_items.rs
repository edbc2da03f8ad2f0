//! Reading the line items of the request that creates a Checkout Session.

use crate::{
    base::{errors::ApiError, form::Fields, ids::new_id, money},
    endpoints::session_parameters::refuse_unless_off,
    objects::session::LineItem,
};

/// One line item, and its currency.
fn line_item(mut fields: Fields) -> Result<(LineItem, String), ApiError> {
    fields.refuse_unsupported(&["price", "tax_rates"])?;
    refuse_unless_off(&mut fields, "adjustable_quantity")?;
    let price_name = fields.name("price_data");
    let Some(mut price) = fields.object("price_data")? else {
        return Err(ApiError::missing(&price_name));
    };
    price.refuse_unsupported(&["product", "recurring", "unit_amount_decimal"])?;
    let currency_name = price.name("currency");
    let currency = money::check_currency(&price.required("currency")?, &currency_name)?;
    let amount_name = price.name("unit_amount");
    let unit_amount =
        price.integer("unit_amount")?.ok_or_else(|| ApiError::missing(&amount_name))?;
    let unit_amount = money::check_amount(unit_amount, &currency, &amount_name)?;
    let tax_behavior = price
        .choice("tax_behavior", &["exclusive", "inclusive", "unspecified"])?
        .unwrap_or("unspecified");
    let product_name = price.name("product_data");
    let Some(mut product) = price.object("product_data")? else {
        return Err(ApiError::missing(&product_name));
    };
    product.refuse_unsupported(&["tax_code", "tax_details", "unit_label"])?;
    let name = product
        .text_up_to("name", 5_000)?
        .ok_or_else(|| ApiError::missing(&format!("{product_name}[name]")))?;
    let description = product.text_up_to("description", 40_000)?;
    check_images(&mut product)?;
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

/// All line items, and their common currency.
pub(crate) fn line_items(fields: &mut Fields) -> Result<(Vec<LineItem>, String), ApiError> {
    let mut currency = fields.text("currency")?;
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
    for (at, fields) in items.into_iter().enumerate() {
        let (item, its_currency) = line_item(fields)?;
        if currency.get_or_insert_with(|| its_currency.clone()) != &its_currency {
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
    money::check_amount(total, &currency, "line_items")?;
    let minimum = money::minimum_charge(&currency);
    if total < minimum {
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {} {currency}",
            money::format_amount(minimum, &currency)
        ))
        .code("amount_too_small"));
    }
    Ok((read, currency))
}

fn check_images(product: &mut Fields) -> Result<(), ApiError> {
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
