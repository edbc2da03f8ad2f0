//! `/v1/checkout/sessions`

use serde_json::Value;

use crate::{
    actions::{self, sessions::no_such_session},
    base::{errors::ApiError, form::Fields},
    endpoints::{expand, lists::Page, session_request},
    objects::{
        object::Object,
        session::{LineItem, Session, Status, render_line_item},
    },
    state::{schedule::Task, store::Store},
};

/// `POST /v1/checkout/sessions`
pub(crate) fn create(store: &mut Store, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Session)?;
    let session = session_request::read(fields, store.now())?;
    store.account.check_session(&session)?;
    store.schedule.add(session.expires_at, Task::Expire(session.id.clone()));
    let mut answer = session.render(&store.settings().public_url);
    store.sessions.add(session);
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/checkout/sessions/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Session)?;
    fields.finish()?;
    let session = store.sessions.get(id).ok_or_else(|| no_such_session(id))?;
    let mut answer = session.render(&store.settings().public_url);
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(crate) fn expire(store: &mut Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Session)?;
    fields.finish()?;
    let mut answer = actions::sessions::expire(store, id)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/checkout/sessions/{id}/line_items`
pub(crate) fn line_items(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let session = store.sessions.get(id).ok_or_else(|| no_such_session(id))?;
    let page = Page::take(&mut fields)?;
    fields.finish()?;
    let items: Vec<ItemOfSession<'_>> =
        session.line_items.iter().map(|item| ItemOfSession(item, session)).collect();
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    page.render(&url, items.iter(), |item| render_line_item(item.0, session))
}

/// A line item as an object of a list. It was created together with its session.
struct ItemOfSession<'a>(&'a LineItem, &'a Session);

impl Object for ItemOfSession<'_> {
    fn id(&self) -> &str {
        &self.0.id
    }
    fn created(&self) -> i64 {
        self.1.created
    }
}

/// `GET /v1/checkout/sessions`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.refuse_unsupported(&["customer", "customer_account", "payment_link", "subscription"])?;
    let paths = expand::take_for_list(&mut fields, expand::Kind::Session)?;
    let page = Page::take(&mut fields)?;
    let intent = fields.text("payment_intent")?;
    let status = fields.choice("status", &["complete", "expired", "open"])?;
    let email = match fields.object("customer_details")? {
        Some(mut inner) => {
            let email = inner.required("email")?;
            inner.finish()?;
            Some(email)
        }
        None => None,
    };
    fields.finish()?;
    let found = store.sessions.newest_first().filter(|session| {
        let session_status = match session.status {
            Status::Open => "open",
            Status::Complete => "complete",
            Status::Expired => "expired",
        };
        let known_email = session.customer.as_ref().map(|customer| &customer.email);
        (intent.is_none() || session.payment_intent == intent)
            && status.is_none_or(|wanted| wanted == session_status)
            && (email.is_none()
                || known_email.or(session.customer_email.as_ref()) == email.as_ref())
    });
    let settings = store.settings();
    let mut answer = page
        .render("/v1/checkout/sessions", found, |session| session.render(&settings.public_url))?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}
