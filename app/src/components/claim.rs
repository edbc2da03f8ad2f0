//! What may be said of a metal's origin, in words. The claim is computed by `domain::claims`;
//! here each kind has its sentence and nothing is added: names of schemes, mines and suppliers
//! come from the documents.

use domain::claims::OriginClaim;
use domain::language::Language;
use domain::metal::Metal;

use super::format;
use crate::backend::shop::{CertificateView, MetalOrigin};
use crate::i18n::{common, origin as t};

/// `Plata 950`.
#[must_use]
pub fn metal_name(language: Language, metal: Metal, fineness_permille: u32) -> String {
    let name = match metal {
        Metal::Silver => common::metal_silver(language),
        Metal::Gold => common::metal_gold(language),
    };
    format!("{name} {fineness_permille}")
}

/// What may be said, as sentences.
#[must_use]
pub fn claim_words(language: Language, origin: &MetalOrigin) -> String {
    match (&origin.claim, &origin.certificate) {
        (OriginClaim::Labeled(facts), Some(certificate)) => {
            let label = t::claim_label(language, &certificate.scheme);
            let words = certified(language, &facts.mine_id, facts.ecological, certificate);
            format!("{label} {words}")
        }
        (OriginClaim::FactsOfOrigin(facts), Some(certificate)) => {
            certified(language, &facts.mine_id, facts.ecological, certificate)
        }
        // A claim whose certificate is not at hand says no more than the mine's name.
        (OriginClaim::Labeled(facts) | OriginClaim::FactsOfOrigin(facts), None) => {
            t::claim_mine(language, &facts.mine_id)
        }
        (OriginClaim::MineOfOrigin { mine_id, .. }, _) => t::claim_mine(language, mine_id),
        (OriginClaim::SupplierOnly { .. }, _) => t::claim_supplier(language).to_owned(),
        (OriginClaim::Recycled { .. }, _) => t::claim_recycled(language).to_owned(),
        (OriginClaim::Unknown, _) => t::claim_unknown(language).to_owned(),
    }
}

fn certified(
    language: Language,
    mine: &str,
    ecological: bool,
    certificate: &CertificateView,
) -> String {
    let valid = t::claim_certificate(
        language,
        mine,
        &certificate.scheme,
        format::date(language, certificate.valid_from),
        format::date(language, certificate.valid_until),
    );
    if ecological { format!("{valid} {}", t::claim_ecological(language)) } else { valid }
}

#[cfg(test)]
mod tests {
    use domain::claims::OriginFacts;
    use jiff::civil::date;

    use super::*;

    fn origin(claim: OriginClaim, certified: bool) -> MetalOrigin {
        let certificate = CertificateView {
            mine: "CECOMIP".into(),
            place: "Ananea".into(),
            altitude_m: Some(4_700),
            scheme: "Fairmined".into(),
            number: "FM-1".into(),
            // The certificate could; the claim alone decides.
            ecological: true,
            valid_from: date(2025, 9, 1),
            valid_until: date(2026, 8, 30),
        };
        MetalOrigin {
            metal: Metal::Gold,
            fineness_permille: 750,
            amount_mg: 41,
            lot_code: "L-014".into(),
            supplier: "Sissaï".into(),
            consigned: true,
            received_on: date(2026, 5, 12),
            claim,
            certificate: certified.then_some(certificate),
            documents: Vec::new(),
        }
    }

    fn facts(ecological: bool) -> OriginFacts {
        OriginFacts {
            supplier_id: "Sissaï".into(),
            mine_id: "CECOMIP".into(),
            certificates: Vec::new(),
            ecological,
        }
    }

    #[test]
    fn only_a_certified_claim_names_a_scheme() {
        let supplier_id = || String::from("Sissaï");
        let weak = [
            OriginClaim::MineOfOrigin { supplier_id: supplier_id(), mine_id: "CECOMIP".into() },
            OriginClaim::SupplierOnly { supplier_id: supplier_id() },
            OriginClaim::Recycled { supplier_id: supplier_id() },
            OriginClaim::Unknown,
        ];
        for language in Language::ALL {
            for claim in weak.clone() {
                let words = claim_words(language, &origin(claim, true));
                assert!(!words.contains("Fairmined") && !words.contains("Ecological"), "{words}");
            }
            let stated =
                claim_words(language, &origin(OriginClaim::FactsOfOrigin(facts(false)), true));
            assert!(stated.contains("Fairmined") && !stated.contains("Ecological"));
            let ecological =
                claim_words(language, &origin(OriginClaim::FactsOfOrigin(facts(true)), true));
            assert!(ecological.contains("Ecological"));
            let without = claim_words(language, &origin(OriginClaim::Labeled(facts(true)), false));
            assert!(!without.contains("Fairmined") && without.contains("CECOMIP"));
        }
    }
}
