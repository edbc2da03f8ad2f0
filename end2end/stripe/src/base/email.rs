//! E-mail addresses.

/// Whether a receipt could be sent to this address. Less strict than any mail server.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_valid_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"".contains(c))
    };
    text.len() <= 512
        && is_valid_part(local)
        && !local.contains('@')
        && is_valid_part(domain)
        && domain.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_local_part_and_a_domain_with_a_dot() {
        for good in ["a@b.pe", "ana.maría@correo.com.pe", "a+b@c.d"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["a", "a@b", "@b.c", "a@b..c", "a b@c.d", "a@b@c.d", "a@.c", "<a@b.c>"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
