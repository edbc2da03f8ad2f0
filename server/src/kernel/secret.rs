//! Secrets and addresses from the environment, checked before anything uses them.

/// Checks that a token is Stripe's, by its prefix, and fit for a header. Errors never contain it.
pub(crate) fn checked_token(name: &str, token: &str, prefixes: &[&str]) -> Result<(), String> {
    let rest = prefixes.iter().find_map(|prefix| token.strip_prefix(prefix));
    let is_plain = |rest: &str| {
        !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+/=.".contains(&b))
    };
    if rest.is_some_and(is_plain) {
        Ok(())
    } else {
        Err(format!(
            "{name}: it begins with {} and has letters, digits and _ only",
            prefixes.join(" or ")
        ))
    }
}

/// `scheme://host[:port]` without anything behind it.
pub(crate) fn checked_origin(name: &str, value: &str) -> Result<String, String> {
    let uri: http::Uri = value.parse().map_err(|e| format!("{name}: `{value}`: {e}"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme @ ("http" | "https")), Some(authority))
            if uri.path() == "/" && uri.query().is_none() =>
        {
            // As browsers write an origin: in lower case and without the default port. It goes into
            // headers, where characters that no host name has could have a meaning.
            let host = authority.as_str().to_ascii_lowercase();
            let usual = if scheme == "https" { ":443" } else { ":80" };
            let host = host.strip_suffix(usual).unwrap_or(&host);
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
            if host.bytes().all(plain) {
                Ok(format!("{scheme}://{host}"))
            } else {
                Err(format!("{name}: `{host}` is not a host"))
            }
        }
        _ => Err(format!("{name}: `{value}` is not of the form https://host")),
    }
}

/// A value that is never printed or logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for the code that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl std::str::FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty".into());
        }
        Ok(Self(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret: Secret = "sk_test_very_secret".parse().expect("not empty");
        assert!(!format!("{secret:?}").contains("very"));
        assert!("  ".parse::<Secret>().is_err());
    }
}
