//! What the account may do. Stripe refuses requests if the account is not ready or its key lacks
//! a permission, although the request itself is right. The control API simulates that.

use serde::{Deserialize, Serialize};

use crate::{base::errors::ApiError, objects::session::Session};

/// The account. By default it may do everything.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// Whether it can take payments.
    pub(crate) charges_enabled: bool,
    /// Whether the key may open Checkout Sessions.
    pub(crate) may_open_sessions: bool,
    /// Currencies that it can charge in; `None` means all.
    pub(crate) currencies: Option<Vec<String>>,
    /// Ends of e-mail addresses that it refuses as invalid.
    pub(crate) refused_emails: Vec<String>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            charges_enabled: true,
            may_open_sessions: true,
            currencies: None,
            refused_emails: Vec::new(),
        }
    }
}

impl Account {
    /// Checks that this account can open the session.
    pub(crate) fn check_session(&self, session: &Session) -> Result<(), ApiError> {
        if !self.may_open_sessions {
            return Err(ApiError::invalid(
                "The provided key does not have the required permissions for this endpoint. Having \
                 the 'checkout_session_write' permission would allow this request to continue.",
            )
            .status(403));
        }
        // No code and no parameter, because the request itself is right.
        if !self.charges_enabled {
            return Err(ApiError::invalid(
                "Your account cannot currently make live charges. If you are a customer trying to \
                 make a purchase, please contact the owner of this site. Your transaction has not \
                 been processed.",
            ));
        }
        let currency = &session.currency;
        if self.currencies.as_ref().is_some_and(|known| !known.contains(currency)) {
            return Err(ApiError::invalid(format!(
                "Invalid currency: {currency}. This account cannot charge in it."
            ))
            .param("line_items[0][price_data][currency]"));
        }
        let email = session.customer_email.as_deref().unwrap_or_default();
        if self.refused_emails.iter().any(|end| email.ends_with(end.as_str())) {
            return Err(ApiError::invalid(format!("Invalid email address: {email}"))
                .code("email_invalid")
                .param("customer_email"));
        }
        Ok(())
    }
}
