//! The forms of a page as a browser sees them: the value of each control, the values that it would
//! let through, and the limits of those.

/// A form with its controls, those outside it that name it included.
#[derive(Debug, Default)]
pub(crate) struct Form {
    id: String,
    pub(crate) method: String,
    /// Path it is sent to.
    pub(crate) action: String,
    pub(crate) controls: Vec<Control>,
    /// Names and values of its buttons that have one.
    pub(crate) buttons: Vec<(String, String)>,
}

/// One control.
#[derive(Debug, Default, Clone)]
pub(crate) struct Control {
    pub(crate) name: String,
    /// `text`, `number`, `select`, `textarea`, …
    pub(crate) kind: String,
    pub(crate) value: String,
    /// Values of a list.
    pub(crate) options: Vec<String>,
    pub(crate) checked: bool,
    pub(crate) disabled: bool,
    pub(crate) required: bool,
    pub(crate) maxlength: Option<usize>,
    min: Option<f64>,
    max: Option<f64>,
    step: Option<String>,
    inputmode: String,
    /// The page says that something is wrong with it.
    pub(crate) invalid: bool,
}

/// A tag; `text` goes up to the next one.
struct Tag<'a> {
    name: String,
    attributes: Vec<(String, String)>,
    text: &'a str,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute, or nothing.
    fn text_of(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
    }
}

pub(crate) fn unescaped(text: &str) -> String {
    let mut out = text.to_owned();
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        out = out.replace(entity, sign);
    }
    out
}

/// The attributes of a tag, starting after its name, and the rest of the text after the tag.
fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'));
        let Some(end) = end.filter(|end| *end > 0) else { return (found, "") };
        let name = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let (raw, behind) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').expect("a quoted value ends"),
                None => after.split_at(after.find([' ', '>']).unwrap_or(after.len())),
            };
            value = unescaped(raw);
            rest = behind;
        }
        found.push((name, value));
    }
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '/').unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        let (attributes, behind) = attributes(&rest[end..]);
        rest = behind;
        if name == "script" || name == "style" {
            rest = &rest[rest.find("</").unwrap_or(rest.len())..];
        }
        let text = &rest[..rest.find('<').unwrap_or(rest.len())];
        tags.push(Tag { name, attributes, text });
    }
    tags
}

/// Every form of a page.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut strays: Vec<(String, Control)> = Vec::new();
    let mut inside = false;
    for tag in tags(html) {
        match tag.name.as_str() {
            "form" => {
                inside = true;
                forms.push(Form {
                    id: tag.text_of("id"),
                    method: tag.get("method").unwrap_or("get").to_ascii_lowercase(),
                    action: tag.text_of("action"),
                    controls: Vec::new(),
                    buttons: Vec::new(),
                });
            }
            "/form" => inside = false,
            "button" if inside && tag.get("name").is_some() => {
                let pair = (tag.text_of("name"), tag.text_of("value"));
                forms.last_mut().unwrap().buttons.push(pair);
            }
            "input" | "select" | "textarea" => match (tag.get("form"), inside) {
                (Some(form), _) => strays.push((form.to_owned(), control(&tag))),
                (None, true) => forms.last_mut().unwrap().controls.push(control(&tag)),
                // A control of an island, which is sent nowhere.
                (None, false) => {}
            },
            "option" => {
                let value = tag.get("value").unwrap_or(tag.text).to_owned();
                let in_form =
                    inside.then(|| forms.last_mut().unwrap().controls.last_mut()).flatten();
                let select = in_form.filter(|control| control.kind == "select");
                if let Some(select) = select.or(strays.last_mut().map(|(_, control)| control)) {
                    if tag.get("selected").is_some() || select.options.is_empty() {
                        select.value.clone_from(&value);
                    }
                    select.options.push(value);
                }
            }
            _ => {}
        }
    }
    for (form, control) in strays {
        let owner = forms.iter_mut().find(|known| known.id == form);
        owner.unwrap_or_else(|| panic!("no form {form}")).controls.push(control);
    }
    forms
}

fn control(tag: &Tag<'_>) -> Control {
    let kind = match tag.name.as_str() {
        "input" => tag.get("type").unwrap_or("text").to_owned(),
        other => other.to_owned(),
    };
    assert!(tag.get("pattern").is_none(), "a pattern is a rule that this reader must learn first");
    let own = tag.get("value").map(str::to_owned);
    let value = if kind == "textarea" { unescaped(tag.text) } else { own.unwrap_or_default() };
    Control {
        name: tag.text_of("name"),
        value,
        options: Vec::new(),
        checked: tag.get("checked").is_some(),
        disabled: tag.get("disabled").is_some(),
        required: tag.get("required").is_some(),
        maxlength: tag.get("maxlength").map(|length| length.parse().unwrap()),
        min: tag.number("min"),
        max: tag.number("max"),
        step: tag.get("step").map(str::to_owned),
        inputmode: tag.text_of("inputmode"),
        invalid: tag.get("aria-invalid") == Some("true"),
        kind,
    }
}

impl Form {
    /// What a browser sends when nothing is touched, the buttons left out.
    pub(crate) fn untouched(&self) -> Vec<(String, String)> {
        let sent = |control: &&Control| {
            let ticked = !matches!(control.kind.as_str(), "radio" | "checkbox") || control.checked;
            !control.disabled && !control.name.is_empty() && ticked
        };
        let pair = |control: &Control| (control.name.clone(), control.value.clone());
        self.controls.iter().filter(sent).map(pair).collect()
    }

    /// The same with another value of one control.
    pub(crate) fn with(&self, control: &Control, value: &str) -> Vec<(String, String)> {
        let mut pairs = self.untouched();
        // A box is one of several values of its name; anything else has one value.
        if control.kind != "checkbox" {
            pairs.retain(|(name, _)| *name != control.name);
        }
        pairs.push((control.name.clone(), value.to_owned()));
        pairs
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.name == name)
    }
}

impl Control {
    /// Whether a browser lets this value through, by the rules of HTML.
    pub(crate) fn lets_through(&self, value: &str) -> bool {
        let is_typed = !matches!(self.kind.as_str(), "select" | "radio" | "checkbox" | "hidden");
        if value.is_empty() && is_typed {
            return !self.required;
        }
        let short = self.maxlength.is_none_or(|most| value.encode_utf16().count() <= most);
        let one_line = self.kind == "textarea" || !value.contains(['\n', '\r']);
        short
            && one_line
            && match self.kind.as_str() {
                "number" | "range" => self.is_a_number_it_takes(value),
                "select" => self.options.iter().any(|option| option == value),
                "radio" | "checkbox" | "hidden" => value == self.value,
                "email" => {
                    value.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
                }
                "text" | "search" | "tel" | "textarea" => true,
                other => panic!("{other} is a kind that this reader must learn first"),
            }
    }

    fn is_a_number_it_takes(&self, value: &str) -> bool {
        let Ok(number) = value.parse::<f64>() else { return false };
        let step = match self.step.as_deref() {
            Some("any") => None,
            Some(step) => step.parse::<f64>().ok(),
            None => Some(1.0),
        };
        let base = self.min.unwrap_or(0.0);
        let on_step = step.is_none_or(|step| {
            let steps = (number - base) / step;
            (steps - steps.round()).abs() < 1e-9
        });
        on_step
            && self.min.is_none_or(|min| number >= min)
            && self.max.is_none_or(|max| number <= max)
    }

    /// Values at the limits of what it lets through.
    pub(crate) fn edges(&self) -> Vec<String> {
        let mut edges: Vec<String> = match self.kind.as_str() {
            "select" => self.options.clone(),
            "radio" | "checkbox" | "hidden" => vec![self.value.clone()],
            "number" | "range" => self.numbers(),
            _ if self.inputmode == "decimal" => AMOUNTS.map(str::to_owned).to_vec(),
            _ => self.texts(),
        };
        edges.push(String::new());
        edges.retain(|edge| self.lets_through(edge));
        edges
    }

    fn numbers(&self) -> Vec<String> {
        let ends = [self.min, self.max].into_iter().flatten().map(|end| end.to_string());
        ends.chain(AMOUNTS.map(str::to_owned)).collect()
    }

    fn texts(&self) -> Vec<String> {
        let most = self.maxlength.unwrap_or(200);
        vec![
            "a".to_owned(),
            "a".repeat(most),
            "ñ".repeat(most),
            "💍".repeat(most / 2),
            format!("a{}b", " ".repeat(most.saturating_sub(2))),
        ]
    }
}

/// Amounts as people type them where a field has a number's keyboard.
const AMOUNTS: [&str; 16] = [
    "0",
    "1",
    "399.90",
    "399,90",
    "399.9",
    "250.",
    ".5",
    "1e3",
    "1200",
    "1 200",
    "1,200.50",
    "1.200,50",
    "S/ 250",
    "250 soles",
    "２５０",
    "1000000",
];
