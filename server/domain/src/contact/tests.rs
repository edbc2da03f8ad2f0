#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::country::Country;
use proptest::prelude::*;

#[test]
fn visible_text_is_kept_and_hidden_characters_are_dropped() {
    assert_eq!(tidy(" \u{202e}Rosa\u{200b}\t\u{a0}\u{2028}Quispe\u{0}\u{feff} "), "Rosa Quispe");
    for typed in [
        "María-José O’Higgins Ñahui",
        "محمد\u{200c}رضا می\u{200c}رود",
        "क्\u{200d}ष श्री\u{200d}",
        "👩🏽\u{200d}🎨 ❤\u{fe0f} ☎\u{fe0e}",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Alba",
        "葛\u{e0100}城 神\u{fa19}崎",
        "ᠮᠣᠩ\u{180b}ᠭᠣᠯ\u{180e}ᠠ",
        "עדי\u{200f} (12)",
        "e\u{301} é \u{212b}",
    ] {
        assert_eq!(tidy(typed), typed);
    }
    // Overrides, isolates and controls turn other people's text around; tags alone are hidden text.
    for (typed, kept) in [
        ("a\u{202e}b\u{2066}c\u{2069}d\u{202a}e", "abcde"),
        ("Ana\u{e0049}\u{e0020}\u{e0041}", "Ana"),
        ("🏴x\u{e0067}", "🏴x"),
        ("\u{200c}\u{200d}\u{fe0f}", ""),
        ("\u{3164}\u{115f}", ""),
    ] {
        assert_eq!(tidy(typed), kept);
    }
}

#[test]
fn a_name_is_refused_for_the_rule_that_it_breaks() {
    for name in ["A", "Å", "O", "美穂", "Ng", "X Æ A-12", "Ana (Anita) Q."] {
        assert_eq!(PersonName::parse(name).unwrap().as_str(), name);
    }
    assert_eq!(PersonName::parse("\u{200b}\u{202e}  "), Err(FieldProblem::Missing));
    assert_eq!(PersonName::parse("\u{200d}"), Err(FieldProblem::Missing));
    assert_eq!(PersonName::parse("12"), Err(FieldProblem::NoLetter));
    assert_eq!(PersonName::parse("Win http://x.example"), Err(FieldProblem::WebAddress));
    assert_eq!(PersonName::parse("WWW.x.example"), Err(FieldProblem::WebAddress));
    assert_eq!(PersonName::parse(&"x".repeat(81)), Err(FieldProblem::TooLong(80)));
}

#[test]
fn lengths_are_counted_as_browsers_count() {
    for letter in ["x", "ñ", "美"] {
        assert!(PersonName::parse(&letter.repeat(80)).is_ok());
        assert!(PersonName::parse(&letter.repeat(81)).is_err());
    }
    // Outside the first plane a letter is two units, as in `maxlength`.
    assert!(PersonName::parse(&"𠮷".repeat(40)).is_ok());
    assert!(PersonName::parse(&"𠮷".repeat(41)).is_err());
    // A line's end is one, whatever was sent for it.
    let lines = |end: &str| format!("{}{end}{}", "ñ".repeat(100), "ñ".repeat(99));
    assert!(GiftMessage::parse(&lines("\n")).is_ok() && GiftMessage::parse(&lines("\r\n")).is_ok());
    assert!(GiftMessage::parse(&format!("{}x", lines("\r\n"))).is_err());
}

#[test]
fn plausible_e_mail_addresses_are_accepted() {
    for (typed, kept) in [
        (" Rosa.Q+anillo@Example.ORG ", "Rosa.Q+anillo@example.org"),
        ("a@b.pe", "a@b.pe"),
        ("x_y@sub-domain.example.co", "x_y@sub-domain.example.co"),
        ("ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ana@example.com"),
        ("ana٢@example.com", "ana2@example.com"),
    ] {
        assert_eq!(Email::parse(typed).unwrap().as_str(), kept);
    }
    for bad in [
        "rosa",
        "rosa@",
        "@x.pe",
        "rosa@x",
        "a..b@x.pe",
        ".a@x.pe",
        "a.@x.pe",
        "a b@x.pe",
        "a@x..pe",
        "a@-x.pe",
        "a@x.p",
        "a@1.2.3.4",
        "a@x.pe\r\nBcc: b@x.pe",
        "<a@x.pe>",
    ] {
        assert_eq!(Email::parse(bad), Err(FieldProblem::Malformed), "{bad}");
    }
    for other in ["ro\u{301}sa@x.pe", "begoña@x.pe", "a@ехample.org", "花@example.jp"] {
        assert_eq!(Email::parse(other), Err(FieldProblem::OtherLetters), "{other}");
    }
}

fn phone(country: &str, typed: &str) -> Result<String, FieldProblem> {
    Phone::parse(typed, Country::from_code(country).unwrap()).map(String::from)
}

#[test]
fn telephone_numbers_are_read_as_people_write_them() {
    for (country, typed, kept) in [
        ("PE", "987 654 321", "+51987654321"),
        ("PE", "+51 987-654-321", "+51987654321"),
        ("PE", "(051) 32-1234", "+5151321234"),
        ("PE", "01 444-1234 anexo 12", "+5114441234;ext=12"),
        ("PE", "0049 30 123456", "+4930123456"),
        ("PE", "＋１ ２１２ ５５５ ０１００", "+12125550100"),
        ("GB", "+44 (0)20 7946 0018", "+442079460018"),
        ("PE", "+44 (0)20 7946 0018", "+442079460018"),
        ("GB", "020 7946 0018", "+442079460018"),
        ("GB", "020 7946 0018 ext. 3", "+442079460018;ext=3"),
        ("US", "0044 20 7946 0018", "+442079460018"),
        ("US", "011 44 20 7946 0018", "+442079460018"),
        ("US", "(505) 555-0123 x7", "+15055550123;ext=7"),
        // Canada and the United States have one plan.
        ("US", "514 555 1212", "+15145551212"),
        ("CH", "044 668 18 00", "+41446681800"),
        ("FR", "+33 (0)6 31 96 65 43", "+33631966543"),
        // The zero is a part of the number in Italy, and 391 is no country's code there.
        ("IT", "06 6982 1234", "+390669821234"),
        ("IT", "391 231 2312", "+393912312312"),
        ("RU", "8 800 555-35-35", "+78005553535"),
        ("AR", "011 15-3456-7890", "+5491134567890"),
        ("JP", "０９０－１２３４－５６７８", "+819012345678"),
        ("EG", "٠١٠٠ ١٢٣ ٤٥٦٧", "+201001234567"),
        ("IR", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
        ("IN", "०९८७६५ ४३२१०", "+919876543210"),
        ("DE", "tel:+49-30-123456", "+4930123456"),
        ("XK", "044 123 456", "+38344123456"),
        // Sent abroad by somebody in Peru.
        ("GB", "987 654 321", "+51987654321"),
        ("US", "987-654-321", "+51987654321"),
        ("AQ", "987654321", "+51987654321"),
        // A range too new for any table.
        ("KE", "0199 123456", "+254199123456"),
    ] {
        assert_eq!(phone(country, typed).as_deref(), Ok(kept), "{country} {typed}");
    }
}

#[test]
fn a_telephone_number_is_refused_for_the_rule_that_it_breaks() {
    for (country, typed, problem) in [
        ("PE", "  ", FieldProblem::Missing),
        ("PE", "llámame", FieldProblem::Malformed),
        ("PE", "'; DROP TABLE piece; --", FieldProblem::Malformed),
        ("PE", "<b>987654321", FieldProblem::Malformed),
        ("PE", "+", FieldProblem::Malformed),
        ("PE", "12345", FieldProblem::TooFewDigits),
        ("US", "555-0123", FieldProblem::TooFewDigits),
        ("PE", "987654321 / 912345678", FieldProblem::TooManyDigits),
        ("PE", "+0 123 456 78", FieldProblem::NoCountryCode),
        ("PE", "+999 123 456 78", FieldProblem::NoCountryCode),
        // No plan of its own: the number must say whose it is.
        ("AQ", "123456", FieldProblem::NoCountryCode),
    ] {
        assert_eq!(phone(country, typed), Err(problem), "{country} {typed}");
    }
    assert_eq!(phone("PE", &"9".repeat(41)), Err(FieldProblem::TooLong(40)));
}

#[test]
fn a_number_of_every_country_is_read_with_and_without_its_code() {
    use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
    let mut read = 0;
    for country in Country::all() {
        let Ok(region) = Region::from_code(country.code()) else { continue };
        let Ok(example) = PHONE_NUMBER_UTIL.get_example_number(region) else { continue };
        let stored = example.format_as(PhoneNumberFormat::E164).into_owned();
        for format in [PhoneNumberFormat::National, PhoneNumberFormat::International] {
            let typed = example.format_as(format);
            assert_eq!(phone(country.code(), &typed).as_deref(), Ok(stored.as_str()), "{typed}");
        }
        read += 1;
    }
    assert!(read >= 240, "{read} countries have an example");
}

#[test]
fn a_gift_message_keeps_its_lines() {
    let message = GiftMessage::parse("\r\n Para ti,\r\n\r\n con \t cariño 💛\n\n").unwrap();
    assert_eq!(message.as_str(), "Para ti,\n\ncon cariño 💛");
    assert_eq!(GiftMessage::parse_optional(" \n "), Ok(None));
    assert_eq!(GiftMessage::parse(&"ñ".repeat(201)), Err(FieldProblem::TooLong(200)));
    assert!(GiftMessage::parse(&"a\n".repeat(8)).is_ok());
    assert_eq!(GiftMessage::parse(&"a\n".repeat(9)), Err(FieldProblem::TooManyLines(8)));
}

proptest! {
    #[test]
    fn reading_never_panics_and_reading_twice_changes_nothing(text in any::<String>()) {
        prop_assert_eq!(tidy(&tidy(&text)), tidy(&text));
        if let Ok(name) = PersonName::parse(&text) {
            prop_assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
        }
        if let Ok(message) = GiftMessage::parse(&text) {
            prop_assert_eq!(GiftMessage::parse(message.as_str()).unwrap(), message);
        }
        let _ = (Email::parse(&text), Phone::parse(&text, Country::peru()));
    }

    #[test]
    fn plausible_input_is_read_back(
        mail in "[a-zA-Z0-9.+]{1,20}@[a-zA-Z0-9.-]{1,20}",
        number in "[+0]{0,2}[0-9 ()-]{5,20}( ext [0-9]{1,4})?",
        country in 0..250_usize,
    ) {
        if let Ok(email) = Email::parse(&mail) {
            prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
        }
        let country = Country::all().nth(country).unwrap();
        if let Ok(number) = Phone::parse(&number, country) {
            prop_assert!(number.as_str().starts_with('+'));
            prop_assert_eq!(Phone::parse(number.as_str(), country).unwrap(), number);
        }
    }
}
