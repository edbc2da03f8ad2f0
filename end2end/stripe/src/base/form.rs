//! Form-encoded parameters, nested with brackets, read strictly.
//!
//! Each method that reads a parameter removes it from [`Fields`]. What is left when
//! [`Fields::finish`] is called is unknown, and is refused as Stripe refuses it.

use std::collections::BTreeMap;

use crate::base::errors::ApiError;

/// The shop never sends more pairs than this.
const MAX_PAIRS: usize = 2_000;
const MAX_DEPTH: usize = 8;

/// A decoded value: text, or the named values inside brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Text(String),
    Inner(Vec<(String, Node)>),
}

/// The parameters of a request, or of an object inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    path: String,
    entries: Vec<(String, Node)>,
}

/// Decoded pairs, sorted. Two requests with equal pairs are the same request.
pub(crate) fn canonical(encoded: &str) -> Vec<(String, String)> {
    let mut pairs = pairs(encoded);
    pairs.sort();
    pairs
}

/// Splits into pairs and decodes them. Brackets have no meaning here.
pub(crate) fn pairs(encoded: &str) -> Vec<(String, String)> {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// Decodes percent escapes, and `+` as a space. Bytes that are not UTF-8 become U+FFFD.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => match bytes.get(at + 1..at + 3).map(hex::decode) {
                Some(Ok(byte)) => {
                    out.extend(byte);
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `line_items[0][price]` → `["line_items", "0", "price"]`.
fn segments(key: &str) -> Option<Vec<String>> {
    let Some(open) = key.find('[') else {
        return Some(vec![key.to_owned()]);
    };
    let mut found = vec![key[..open].to_owned()];
    let mut rest = &key[open..];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[')?;
        let close = inner.find(']')?;
        found.push(inner[..close].to_owned());
        rest = &inner[close + 1..];
    }
    (found.len() <= MAX_DEPTH && !found[0].is_empty()).then_some(found)
}

fn insert(entries: &mut Vec<(String, Node)>, path: &[String], value: String) -> Result<(), ()> {
    let Some((head, rest)) = path.split_first() else {
        return Err(());
    };
    // `expand[]=a&expand[]=b`: an empty bracket adds one more entry.
    let name = if head.is_empty() { entries.len().to_string() } else { head.clone() };
    let known = entries.iter().position(|(known, _)| *known == name);
    match (known, rest.is_empty()) {
        (None, true) => entries.push((name, Node::Text(value))),
        // A name that is sent twice has its last value, as in Rack, which Stripe uses.
        (Some(at), true) => entries[at].1 = Node::Text(value),
        (None, false) => {
            let mut inner = Vec::new();
            insert(&mut inner, rest, value)?;
            entries.push((name, Node::Inner(inner)));
        }
        (Some(at), false) => match &mut entries[at].1 {
            Node::Inner(inner) => insert(inner, rest, value)?,
            Node::Text(_) => return Err(()),
        },
    }
    Ok(())
}

impl Fields {
    /// Decodes a body or a query string.
    pub(crate) fn parse(encoded: &str) -> Result<Self, ApiError> {
        let pairs = pairs(encoded);
        if pairs.len() > MAX_PAIRS {
            return Err(ApiError::invalid("Too many parameters in one request."));
        }
        let mut entries = Vec::new();
        for (key, value) in pairs {
            let path = segments(&key)
                .ok_or_else(|| ApiError::invalid(format!("Invalid parameter name: {key}")))?;
            insert(&mut entries, &path, value)
                .map_err(|()| ApiError::invalid("Invalid object").param(key))?;
        }
        Ok(Self { path: String::new(), entries })
    }

    /// The full name of a parameter of this object, e.g. `line_items[0][quantity]`.
    pub(crate) fn name(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}[{field}]", self.path) }
    }

    fn take(&mut self, field: &str) -> Option<Node> {
        let at = self.entries.iter().position(|(name, _)| name == field)?;
        Some(self.entries.remove(at).1)
    }

    /// Whether the parameter was sent and not read yet.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.entries.iter().any(|(name, _)| name == field)
    }

    /// Whether the parameter was sent as plain text.
    pub(crate) fn is_text(&self, field: &str) -> bool {
        let mut named = self.entries.iter().filter(|(name, _)| name == field);
        named.any(|(_, node)| matches!(node, Node::Text(_)))
    }

    /// Text that is not empty.
    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>, ApiError> {
        let name = self.name(field);
        match self.take(field) {
            None => Ok(None),
            Some(Node::Inner(_)) => Err(ApiError::invalid("Invalid string").param(name)),
            Some(Node::Text(text)) if text.is_empty() => Err(ApiError::invalid(format!(
                "You passed an empty string for '{name}'. We assume empty values are an attempt \
                 to unset a parameter; however '{name}' cannot be unset. You should remove \
                 '{name}' from your request or supply a non-empty value."
            ))
            .code("parameter_invalid_empty")
            .param(name)),
            Some(Node::Text(text)) => Ok(Some(text)),
        }
    }

    /// Text of at most `limit` characters.
    pub(crate) fn text_up_to(
        &mut self,
        field: &str,
        limit: usize,
    ) -> Result<Option<String>, ApiError> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        if text.chars().count() > limit {
            let start: String = text.chars().take(32).collect();
            return Err(ApiError::invalid(format!(
                "Invalid string: {start}...; must be at most {limit} characters"
            ))
            .param(self.name(field)));
        }
        Ok(Some(text))
    }

    /// Text that must be present.
    pub(crate) fn required(&mut self, field: &str) -> Result<String, ApiError> {
        self.text(field)?.ok_or_else(|| ApiError::missing(&self.name(field)))
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, field: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if plain => Ok(Some(number)),
            _ => Err(ApiError::invalid(format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
                .param(self.name(field))),
        }
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, field: &str) -> Result<Option<bool>, ApiError> {
        match self.text(field)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => {
                Err(ApiError::invalid(format!("Invalid boolean: {text}")).param(self.name(field)))
            }
        }
    }

    /// One of the given words.
    pub(crate) fn choice(
        &mut self,
        field: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        words.iter().find(|word| **word == text).map(|word| Some(*word)).ok_or_else(|| {
            let name = self.name(field);
            ApiError::invalid(format!("Invalid {name}: must be one of {}", words.join(", ")))
                .param(name)
        })
    }

    /// An object inside this one.
    pub(crate) fn object(&mut self, field: &str) -> Result<Option<Self>, ApiError> {
        let path = self.name(field);
        match self.take(field) {
            None => Ok(None),
            Some(Node::Text(_)) => Err(ApiError::invalid("Invalid object").param(path)),
            Some(Node::Inner(entries)) => Ok(Some(Self { path, entries })),
        }
    }

    fn items(&mut self, field: &str) -> Result<Option<Vec<Node>>, ApiError> {
        let path = self.name(field);
        let wrong = || ApiError::invalid("Invalid array").param(path.clone());
        match self.take(field) {
            None => Ok(None),
            Some(Node::Text(_)) => Err(wrong()),
            Some(Node::Inner(entries)) => {
                let mut numbered = Vec::with_capacity(entries.len());
                for (name, node) in entries {
                    numbered.push((name.parse::<usize>().map_err(|_| wrong())?, node));
                }
                numbered.sort_by_key(|(number, _)| *number);
                Ok(Some(numbered.into_iter().map(|(_, node)| node).collect()))
            }
        }
    }

    /// A list of objects.
    pub(crate) fn objects(&mut self, field: &str) -> Result<Option<Vec<Self>>, ApiError> {
        let path = self.name(field);
        let Some(items) = self.items(field)? else {
            return Ok(None);
        };
        let objects = items.into_iter().enumerate().map(|(number, node)| {
            let path = format!("{path}[{number}]");
            match node {
                Node::Inner(entries) => Ok(Self { path, entries }),
                Node::Text(_) => Err(ApiError::invalid("Invalid object").param(path)),
            }
        });
        objects.collect::<Result<_, _>>().map(Some)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, field: &str) -> Result<Option<Vec<String>>, ApiError> {
        let path = self.name(field);
        let Some(items) = self.items(field)? else {
            return Ok(None);
        };
        let texts = items.into_iter().enumerate().map(|(number, node)| match node {
            Node::Text(text) if !text.is_empty() => Ok(text),
            _ => Err(ApiError::invalid("Invalid string").param(format!("{path}[{number}]"))),
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// `metadata`: at most 50 keys of 40 characters, with values of 500 characters. A key with an
    /// empty value is left out.
    pub(crate) fn metadata(&mut self) -> Result<BTreeMap<String, String>, ApiError> {
        let path = self.name("metadata");
        let mut found = BTreeMap::new();
        let entries = match self.take("metadata") {
            None => return Ok(found),
            Some(Node::Text(text)) if text.is_empty() => return Ok(found),
            Some(Node::Text(_)) => return Err(ApiError::invalid("Invalid object").param(path)),
            Some(Node::Inner(entries)) => entries,
        };
        for (key, node) in entries {
            let param = format!("{path}[{key}]");
            let Node::Text(value) = node else {
                return Err(ApiError::invalid("Invalid string").param(param));
            };
            if key.chars().count() > 40 {
                return Err(ApiError::invalid(format!(
                    "Metadata keys can have up to 40 characters, but you passed in a key that is \
                     {} characters. Invalid key: {key}",
                    key.chars().count()
                ))
                .param(path));
            }
            if value.chars().count() > 500 {
                return Err(ApiError::invalid(format!(
                    "Metadata values can have up to 500 characters, but you passed in a value \
                     that is {} characters.",
                    value.chars().count()
                ))
                .param(param));
            }
            if !value.is_empty() {
                found.insert(key, value);
            }
        }
        if found.len() > 50 {
            return Err(ApiError::invalid(format!(
                "Metadata can have up to 50 keys, but you passed in {}.",
                found.len()
            ))
            .param(path));
        }
        Ok(found)
    }

    /// Refuses parameters that Stripe knows and the simulator does not simulate.
    pub(crate) fn refuse_unsupported(&self, fields: &[&str]) -> Result<(), ApiError> {
        match fields.iter().find(|field| self.has(field)) {
            Some(field) => Err(ApiError::unsupported(&self.name(field))),
            None => Ok(()),
        }
    }

    /// Refuses parameters that were not read.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let unknown: Vec<String> = self.entries.iter().map(|(field, _)| self.name(field)).collect();
        Err(ApiError::unknown(&unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_hold_names_numbers_or_nothing() {
        let mut fields =
            Fields::parse("a[0][b]=1&a[0][c]=x+y&a[1][b]=2&e[]=p&e[]=q&t=%C3%B1&u=%zz%+1").unwrap();
        let mut list = fields.objects("a").unwrap().unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].integer("b").unwrap(), Some(1));
        assert_eq!(list[0].text("c").unwrap().as_deref(), Some("x y"));
        assert_eq!(list[1].name("b"), "a[1][b]");
        assert_eq!(fields.texts("e").unwrap().unwrap(), ["p", "q"]);
        assert_eq!(fields.text("t").unwrap().as_deref(), Some("ñ"));
        assert_eq!(fields.text("u").unwrap().as_deref(), Some("%zz% 1"));
        fields.finish().unwrap();
    }

    #[test]
    fn encoded_brackets_count_as_brackets() {
        let mut fields = Fields::parse("a%5Bb%5D=1").unwrap();
        assert_eq!(fields.object("a").unwrap().unwrap().integer("b").unwrap(), Some(1));
    }

    #[test]
    fn a_parameter_that_is_not_read_is_unknown() {
        let mut fields = Fields::parse("a=1&b[c]=2").unwrap();
        assert_eq!(fields.integer("a").unwrap(), Some(1));
        let refused = fields.finish().unwrap_err();
        assert_eq!(refused.code, Some("parameter_unknown"));
        assert_eq!(refused.param.as_deref(), Some("b"));
    }

    #[test]
    fn values_of_the_wrong_type_are_refused() {
        for (input, code) in [
            ("n=1.5", Some("parameter_invalid_integer")),
            ("n=%2B1", Some("parameter_invalid_integer")),
            ("n=99999999999999999999", Some("parameter_invalid_integer")),
            ("n=", Some("parameter_invalid_empty")),
            ("n[x]=1", None),
        ] {
            let refused = Fields::parse(input).unwrap().integer("n").unwrap_err();
            assert_eq!((refused.code, refused.status), (code, 400), "{input}");
        }
        assert!(Fields::parse("n=yes").unwrap().boolean("n").is_err());
        assert!(Fields::parse("n=1").unwrap().object("n").is_err());
        assert!(Fields::parse("n[a]=1").unwrap().texts("n").is_err());
        assert!(Fields::parse("n=c").unwrap().choice("n", &["a", "b"]).is_err());
        assert!(Fields::parse("n=1&n[a]=2").is_err());
        assert!(Fields::parse("n[a=2").is_err());
    }

    #[test]
    fn metadata_beyond_stripes_limits_is_refused() {
        let many: String = (0..51).map(|n| format!("metadata[k{n}]=v&")).collect();
        assert!(Fields::parse(&many).unwrap().metadata().is_err());
        let long_key = format!("metadata[{}]=v", "k".repeat(41));
        assert!(Fields::parse(&long_key).unwrap().metadata().is_err());
        let long_value = format!("metadata[k]={}", "ñ".repeat(501));
        assert!(Fields::parse(&long_value).unwrap().metadata().is_err());
        let fine = format!("metadata[k]={}&metadata[gone]=", "ñ".repeat(500));
        assert_eq!(Fields::parse(&fine).unwrap().metadata().unwrap().len(), 1);
    }

    #[test]
    fn requests_that_differ_only_in_order_are_the_same() {
        assert_eq!(canonical("a=1&b[x]=2"), canonical("b%5Bx%5D=2&a=1"));
        assert_ne!(canonical("a=1"), canonical("a=2"));
    }
}
