#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::shipping::DeliveryKind;
use crate::tax::Destination;
use proptest::prelude::*;

fn juliaca() -> AddressForm {
    AddressForm {
        recipient: "Persona de Prueba".into(),
        line1: "Jr. San Martín 123".into(),
        city: "Juliaca".into(),
        region: "puno".into(),
        country: "pe".into(),
        reference: "Frente a la plaza".into(),
        ..AddressForm::default()
    }
}

fn country(code: &str) -> Country {
    Country::from_code(code).unwrap()
}

/// An address with every part, a code of the country's among them.
fn whole(country: Country) -> AddressForm {
    let rule = AddressRule::of(country);
    let example = rule.postal_code.as_ref().map(|codes| codes.example).unwrap_or_default();
    let region = if country.is_peru() { "Puno" } else { "Somewhere" };
    AddressForm {
        region: region.into(),
        postal_code: example.into(),
        country: country.code().into(),
        ..juliaca()
    }
}

#[test]
fn a_peruvian_address_has_a_department_and_perhaps_a_code() {
    let address = juliaca().parse().unwrap();
    assert_eq!(address.region.as_str(), "Puno");
    assert_eq!(Destination::of(address.country, DeliveryKind::Courier), Destination::Domestic);
    for (typed, kept) in [
        (" 21101", "21101"),
        ("２１１０１", "21101"),
        ("LIMA 15001", "15001"),
        ("lima 23", "LIMA 23"),
        ("C.P. 15001", "15001"),
    ] {
        let coded = AddressForm { postal_code: typed.into(), ..juliaca() };
        assert_eq!(coded.parse().unwrap().postal_code.unwrap(), kept, "{typed}");
    }
    for (region, code, field, problem) in [
        ("", "", AddressField::Region, FieldProblem::Missing),
        ("Bayern", "", AddressField::Region, FieldProblem::NotOffered),
        ("Puno", "2110", AddressField::PostalCode, FieldProblem::Malformed),
        ("Puno", "2110A", AddressField::PostalCode, FieldProblem::Malformed),
        ("Puno", "15001<b>", AddressField::PostalCode, FieldProblem::Malformed),
    ] {
        let form = AddressForm { region: region.into(), postal_code: code.into(), ..juliaca() };
        assert_eq!(form.parse().unwrap_err(), [(field, problem)]);
    }
}

#[test]
fn an_address_abroad_needs_what_its_country_requires() {
    let form = AddressForm { country: "US".into(), region: String::new(), ..juliaca() };
    let problems = form.parse().unwrap_err();
    assert_eq!(
        problems,
        [
            (AddressField::Region, FieldProblem::Missing),
            (AddressField::PostalCode, FieldProblem::Missing),
        ]
    );
    let good = AddressForm {
        region: "NM".into(),
        postal_code: "87501-1234".into(),
        country: "US".into(),
        ..juliaca()
    };
    let sent = good.parse().unwrap();
    assert_eq!(Destination::of(sent.country, DeliveryKind::Post), Destination::Abroad);
    let bolivia = AddressForm { country: "BO".into(), region: String::new(), ..juliaca() };
    assert_eq!(bolivia.parse().unwrap().region, Region::None);
    // Singapore is its own city; an address in Hong Kong names an area.
    let singapore = AddressForm {
        city: String::new(),
        region: String::new(),
        postal_code: "238801".into(),
        country: "SG".into(),
        ..juliaca()
    };
    assert_eq!(singapore.parse().unwrap().city, None);
    let hong_kong = AddressForm { region: String::new(), country: "HK".into(), ..juliaca() };
    assert_eq!(hong_kong.parse().unwrap_err(), [(AddressField::Region, FieldProblem::Missing)]);
}

#[test]
fn an_empty_form_names_every_missing_field_once() {
    let problems = AddressForm::default().parse().unwrap_err();
    let fields: Vec<_> = problems.iter().map(|(field, _)| *field).collect();
    assert_eq!(
        fields,
        [AddressField::Recipient, AddressField::Line1, AddressField::City, AddressField::Country]
    );
    assert!(problems.iter().all(|(_, problem)| *problem == FieldProblem::Missing));
}

#[test]
fn no_place_name_is_too_short() {
    for (recipient, line1, city) in [("Å", "12", "Y"), ("O", "5", "Å"), ("李", "1", "津")] {
        let form = AddressForm {
            recipient: recipient.into(),
            line1: line1.into(),
            city: city.into(),
            ..juliaca()
        };
        assert_eq!(form.parse().unwrap().city.as_deref(), Some(city));
    }
}

#[test]
fn every_country_has_one_rule_and_reads_its_own_example() {
    assert!(Country::all().map(Country::code).eq(RULES.iter().map(|rule| rule.country)));
    for country in Country::all() {
        let rule = AddressRule::of(country);
        assert!(rule.asks(AddressField::Line1) && rule.needs(AddressField::Line1));
        for part in [AddressField::City, AddressField::Region, AddressField::PostalCode] {
            assert!(rule.asks(part) || !rule.needs(part), "{} {part:?}", country.code());
        }
        let Some(codes) = &rule.postal_code else {
            assert!(!rule.asks(AddressField::PostalCode));
            continue;
        };
        let read = |typed: &str| {
            let form = AddressForm { postal_code: typed.to_owned(), ..whole(country) };
            form.parse().map(|address| address.postal_code.unwrap())
        };
        let example = codes.example;
        let compact = example.replace([' ', '-'], "");
        let full_width: String = example
            .chars()
            .map(|sign| match sign {
                '!'..='~' => char::from_u32(u32::from(sign) + 0xfee0).unwrap(),
                other => other,
            })
            .collect();
        for typed in [
            example.to_owned(),
            example.to_lowercase(),
            format!("  {compact} "),
            full_width,
            format!("{}-{example}", country.code()),
            example.replace('-', "–"),
        ] {
            assert_eq!(read(&typed).as_deref(), Ok(example), "{} {typed}", country.code());
        }
        assert!(read("?").is_err() && read("<b>").is_err());
    }
}

#[test]
fn spaces_and_prefixes_of_postal_codes_are_optional() {
    for (code, typed, kept) in [
        ("CH", "CH-8001", "8001"),
        ("LU", "L-1234", "1234"),
        ("DE", "D 10115", "10115"),
        ("AT", "A-1010", "1010"),
        ("JP", "〒100-0001", "100-0001"),
        ("JP", "１００ー０００１", "100-0001"),
        ("JP", "1000001", "100-0001"),
        ("NL", "1234ab", "1234 AB"),
        ("NL", "NL-1234 AB", "1234 AB"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "m2  5bq", "M2 5BQ"),
        ("GB", "GB EC1A 1BB", "EC1A 1BB"),
        ("GB", "BFPO61", "BFPO 61"),
        ("IM", "im21aa", "IM2 1AA"),
        ("CA", "k1a-0b1", "K1A 0B1"),
        ("IE", "a65f4e2", "A65 F4E2"),
        ("IE", "D6W XY00", "D6W XY00"),
        ("PT", "1000 001", "1000-001"),
        ("SE", "S-114 55", "114 55"),
        ("SE", "11455", "114 55"),
        ("PL", "00950", "00-950"),
        ("BR", "CEP: 01310-100", "01310-100"),
        ("BR", "01310100", "01310-100"),
        ("CZ", "11000", "110 00"),
        ("FR", "33 380", "33380"),
        ("US", "87501 1234", "87501-1234"),
        ("LV", "1050", "LV-1050"),
        ("AD", "500", "AD500"),
        ("KY", "1-1100", "KY1-1100"),
        ("IN", "११० ०३४", "110034"),
        ("IR", "۱۱۹۳۶۱۲۳۴۵", "11936-12345"),
        ("EG", "١١٥١١", "11511"),
        ("AR", "c1070aam", "C1070AAM"),
        ("XK", "XK-10000", "10000"),
        ("AC", "ascn1zz", "ASCN 1ZZ"),
    ] {
        let form = AddressForm { postal_code: typed.into(), ..whole(country(code)) };
        assert_eq!(form.parse().unwrap().postal_code.unwrap(), kept, "{code} {typed}");
    }
    for (code, typed) in [("CH", "801"), ("GB", "12345"), ("US", "8750"), ("LI", "1234")] {
        let form = AddressForm { postal_code: typed.into(), ..whole(country(code)) };
        let malformed = [(AddressField::PostalCode, FieldProblem::Malformed)];
        assert_eq!(form.parse().unwrap_err(), malformed, "{code} {typed}");
    }
    // A country without codes keeps what somebody is sure of.
    let form = AddressForm { postal_code: "GA-184-0000".into(), ..whole(country("GH")) };
    assert_eq!(form.parse().unwrap().postal_code.unwrap(), "GA-184-0000");
}

#[test]
fn lines_are_in_the_order_of_the_country() {
    let lines = |code: &str, street: &str, city: &str, region: &str, postal: &str| {
        AddressRule::of(country(code)).lines(street, city, region, postal)
    };
    assert_eq!(
        lines("PE", "Av. Larco 1", "Miraflores", "Lima", "15074"),
        ["Av. Larco 1", "Miraflores 15074", "Lima"]
    );
    assert_eq!(lines("PE", "Jr. Puno 1", "Juliaca", "Puno", ""), ["Jr. Puno 1", "Juliaca", "Puno"]);
    assert_eq!(lines("CH", "Gasse 1", "Zürich", "", "8001"), ["Gasse 1", "CH-8001 Zürich"]);
    assert_eq!(lines("GB", "1 High St", "Leeds", "", "LS1 1AA"), ["1 High St", "Leeds", "LS1 1AA"]);
    assert_eq!(
        lines("US", "1 Main St", "Santa Fe", "NM", "87501"),
        ["1 Main St", "Santa Fe, NM 87501"]
    );
    assert_eq!(lines("SG", "1 Orchard Rd", "", "", "238801"), ["1 Orchard Rd", "SINGAPORE 238801"]);
    assert_eq!(
        lines("AX", "Torggatan 1", "Mariehamn", "", "22100"),
        ["Torggatan 1", "AX-22100 Mariehamn", "ÅLAND"]
    );
    assert_eq!(
        lines("JP", "1-1 Chiyoda", "Chiyoda-ku", "Tokyo", "100-0001"),
        ["1-1 Chiyoda", "Chiyoda-ku, Tokyo", "100-0001"]
    );
    assert_eq!(
        lines("JP", "千代田1-1", "千代田区", "東京都", "100-0001"),
        ["〒100-0001", "東京都千代田区", "千代田1-1"]
    );
    // What the post does not use is not lost.
    assert_eq!(lines("DE", "Weg 1", "Ulm", "Bayern", "89073"), ["Weg 1", "89073 Ulm", "Bayern"]);
    assert_eq!(
        lines("AE", "1 Street", "Dubai", "Dubai", "00000"),
        ["1 Street", "Dubai", "00000", "Dubai"]
    );
    assert!(lines("CH", "", "", "", "").is_empty());
}

/// The address as somebody would type it again.
fn as_form(address: &Address) -> AddressForm {
    let region = match &address.region {
        Region::Department(department) => department.code().to_owned(),
        Region::Other(name) => name.clone(),
        Region::None => String::new(),
    };
    AddressForm {
        recipient: address.recipient.as_str().to_owned(),
        line1: address.line1.clone(),
        line2: address.line2.clone().unwrap_or_default(),
        city: address.city.clone().unwrap_or_default(),
        region,
        postal_code: address.postal_code.clone().unwrap_or_default(),
        country: address.country.code().to_owned(),
        reference: address.reference.clone().unwrap_or_default(),
    }
}

proptest! {
    #[test]
    fn reading_never_panics_and_reading_twice_changes_nothing(
        words in proptest::array::uniform7(any::<String>()),
        country in 0..250_usize,
        region in prop_oneof![Just("Puno"), Just("LIM"), Just("NM"), Just("")],
        tame in any::<bool>(),
    ) {
        let [recipient, line1, line2, city, wild_region, wild_code, reference] = words;
        let country = Country::all().nth(country).unwrap();
        let (region, postal_code) = if tame {
            (region.into(), whole(country).postal_code)
        } else {
            (wild_region, wild_code)
        };
        let form = AddressForm { recipient, line1, line2, city, region, postal_code, country: country.code().into(), reference };
        if let Ok(address) = form.parse() {
            prop_assert_eq!(as_form(&address).parse().unwrap(), address);
        }
    }
}
