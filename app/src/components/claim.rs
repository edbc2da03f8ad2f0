//! Sentences about the origin of metal. The claim is computed by `domain::claims`; each kind has its
//! sentence here, and nothing is added. The names of schemes, mines and suppliers come from the
//! documents.

use domain::claims::OriginClaim;
use domain::language::Language;
use domain::metal::Metal;

use super::format;
use crate::backend::shop::{CertificateView, LotArrival, MetalOrigin};
use crate::i18n::shared::common;
use crate::i18n::shop::origin as t;

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
        // Without the certificate only the mine may be named.
        (OriginClaim::Labeled(facts) | OriginClaim::FactsOfOrigin(facts), None) => {
            t::claim_mine(language, &facts.mine_id)
        }
        (OriginClaim::MineOfOrigin { mine_id, .. }, _) => t::claim_mine(language, mine_id),
        (OriginClaim::SupplierOnly { supplier_id }, _) => {
            of_supplier(language, origin, supplier_id, t::claim_supplier(language))
        }
        (OriginClaim::Recycled { supplier_id }, _) => {
            of_supplier(language, origin, supplier_id, t::claim_recycled(language))
        }
        (OriginClaim::Unknown, _) if is_melted(origin) => t::claim_melted(language).to_owned(),
        (OriginClaim::Unknown, _) => t::claim_unknown(language).to_owned(),
    }
}

const fn is_melted(origin: &MetalOrigin) -> bool {
    matches!(origin.arrival, LotArrival::Melted { .. })
}

/// A claim that may name the supplier. For a melted lot it names the supplier, because nothing else
/// does.
fn of_supplier(language: Language, origin: &MetalOrigin, supplier: &str, words: &str) -> String {
    if is_melted(origin) {
        format!("{} {words}", t::claim_melted_supplier(language, supplier))
    } else {
        words.to_owned()
    }
}

/// How and when the lot came to the workshop, or the lots from which it was melted.
#[must_use]
pub fn arrival_words(language: Language, origin: &MetalOrigin) -> String {
    let date = format::date(language, origin.received_on);
    match &origin.arrival {
        LotArrival::Consigned { supplier } => t::received_consigned(language, supplier, date),
        LotArrival::Bought { supplier } => t::received_bought(language, supplier, date),
        LotArrival::Melted { of, alloy_mg, loss_mg, owner } => {
            let weight = |mg| format::weight_exact(language, mg);
            let parts: Vec<String> =
                of.iter().map(|(lot, mg)| t::melted_part(language, weight(*mg), lot)).collect();
            let mut words =
                vec![t::received_melted(language, date, format::list(language, &parts))];
            words.extend((*alloy_mg > 0).then(|| t::melted_alloy(language, weight(*alloy_mg))));
            words.extend((*loss_mg > 0).then(|| t::melted_loss(language, weight(*loss_mg))));
            words.extend(owner.as_ref().map(|owner| t::melted_owner(language, owner)));
            words.join(" ")
        }
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
            // The certificate is ecological, but only the claim decides.
            ecological: true,
            valid_from: date(2025, 9, 1),
            valid_until: date(2026, 8, 30),
        };
        MetalOrigin {
            metal: Metal::Gold,
            fineness_permille: 750,
            amount_mg: 41,
            lot_code: "L-014".into(),
            arrival: LotArrival::Consigned { supplier: "Sissaï".into() },
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

    #[test]
    fn a_melted_lot_names_its_lots_and_what_is_true_of_all_its_metal() {
        let melted = |claim| MetalOrigin {
            arrival: LotArrival::Melted {
                of: vec![("L-005".into(), 21_700), ("L-006".into(), 18_700)],
                alloy_mg: 0,
                loss_mg: 400,
                owner: None,
            },
            ..origin(claim, false)
        };
        for language in Language::ALL {
            let nothing = melted(OriginClaim::Unknown);
            let words = arrival_words(language, &nothing);
            assert!(words.contains("L-005") && words.contains("L-006") && words.contains("400"));
            assert!(!words.contains("Comprado") && !words.contains("Bought"), "{words}");
            assert_eq!(claim_words(language, &nothing), t::claim_melted(language));
            let supplier_id = String::from("Sissaï");
            let one = claim_words(language, &melted(OriginClaim::SupplierOnly { supplier_id }));
            assert!(one.contains("Sissaï"), "{one}");
        }
    }
}
