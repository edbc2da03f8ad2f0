//! Form fields with label, hint and error, which keep what was typed.

use leptos::prelude::*;

use crate::xml::escape;

/// The value of `aria-describedby`: the ids of the hint and the error below the field.
fn described_by(name: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (true, true) => Some(format!("{name}-hint {name}-error")),
        (true, false) => Some(format!("{name}-hint")),
        (false, true) => Some(format!("{name}-error")),
        (false, false) => None,
    }
}

/// The markup around a control: label above, hint and error below.
fn around(
    name: &'static str,
    label: &'static str,
    hint: Option<String>,
    error: Option<String>,
    wide: bool,
    control: AnyView,
) -> impl IntoView {
    let class = match (wide, error.is_some()) {
        (true, true) => "field field-wide field-bad",
        (true, false) => "field field-wide",
        (false, true) => "field field-bad",
        (false, false) => "field",
    };
    view! {
        <div class=class>
            <label for=name>{label}</label>
            {control}
            {hint.map(|text| view! { <p class="hint" id=format!("{name}-hint")>{text}</p> })}
            {error.map(|text| view! { <p class="error" id=format!("{name}-error")>{text}</p> })}
        </div>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// Name of the value, also the id.
    name: &'static str,
    /// Label.
    label: &'static str,
    /// What was typed so far.
    value: String,
    /// `text`, `email`, `tel`, `search` or `number`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers may fill in (HTML `autocomplete`).
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Keyboard of phones (HTML `inputmode`).
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Greatest number of letters.
    #[prop(optional)]
    max_length: Option<u32>,
    /// A sentence that helps.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Must be filled in.
    #[prop(optional)]
    required: bool,
    /// Takes the whole width of the form.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let control = view! {
        <input
            id=name name=name type=kind value=value required=required
            autocomplete=autocomplete inputmode=inputmode maxlength=max_length
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, hint.is_some(), error.is_some())
        />
    };
    around(name, label, hint, error, wide, control.into_any())
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Name of the value, also the id.
    name: &'static str,
    /// Label.
    label: &'static str,
    /// What was typed so far.
    value: String,
    /// Greatest number of letters.
    max_length: u32,
    /// Lines shown.
    #[prop(default = 3)]
    rows: u32,
    /// A sentence that helps.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
) -> impl IntoView {
    // Leptos writes the content of a textarea as it is (tachys, `ESCAPE_CHILDREN`): what a visitor
    // typed would become markup.
    let control = view! {
        <textarea
            id=name name=name rows=rows maxlength=max_length
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, hint.is_some(), error.is_some())
        >{escape(&value)}</textarea>
    };
    around(name, label, hint, error, true, control.into_any())
}

/// A choice from a list: (value, words).
#[component]
pub fn SelectField(
    /// Name of the value, also the id.
    name: &'static str,
    /// Label.
    label: &'static str,
    /// The choices in order: value and words.
    choices: Vec<(String, String)>,
    /// Value chosen so far.
    value: String,
    /// What browsers may fill in (HTML `autocomplete`).
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// A sentence that helps.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Must be chosen.
    #[prop(optional)]
    required: bool,
    /// Takes the whole width of the form.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|(code, words)| {
            let selected = code == value;
            view! { <option value=code selected=selected>{words}</option> }
        })
        .collect_view();
    let control = view! {
        <select
            id=name name=name required=required autocomplete=autocomplete
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, hint.is_some(), error.is_some())
        >{options}</select>
    };
    around(name, label, hint, error, wide, control.into_any())
}
