//! Numbers, weights, money and dates as a visitor of either language reads them.

use domain::language::Language;
use domain::money::{ExchangeRate, Money, format_money};
use domain::shares::allocate;
use jiff::civil::Date;

/// No-break space between a number and its unit.
const NBSP: char = '\u{a0}';

const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `S/ 380.00`, `US$ 101.28`; never broken over two lines.
#[must_use]
pub fn money(language: Language, money: Money) -> String {
    format_money(money, language).replace(' ', "\u{a0}")
}

/// As [`money`], without the decimals when they are zero: `S/ 380`. For cards and headlines.
#[must_use]
pub fn money_short(language: Language, amount: Money) -> String {
    let mut text = money(language, amount);
    // The last separator is the one of the decimals; the others separate thousands.
    if amount.amount_minor % 100 == 0
        && let Some(at) = text.rfind(['.', ','])
    {
        text.replace_range(at..at + 3, "");
    }
    text
}

/// The price of one unit of a rate's base, with at least two decimals: `S/ 3.752`.
#[must_use]
pub fn rate(rate: ExchangeRate) -> String {
    let micro = rate.quote_per_base_micro();
    let decimals = format!("{:06}", micro % 1_000_000);
    let (shown, rest) = decimals.split_at(2);
    let rest = rest.trim_end_matches('0');
    format!("{}{NBSP}{}.{shown}{rest}", rate.quote().symbol(), micro / 1_000_000)
}

/// Milligrams as grams with two decimals, `3,91 g` / `3.91 g`; below a tenth of a gram as `41 mg`.
#[must_use]
pub fn weight(language: Language, mg: i64) -> String {
    if mg.abs() < 100 {
        return format!("{mg}{NBSP}mg");
    }
    // Halves are rounded away from zero, as scales do.
    let hundredths = (mg.abs() + 5) / 10;
    let sign = if mg < 0 { "-" } else { "" };
    format!(
        "{sign}{}{}{:02}{NBSP}g",
        group(language, hundredths / 100),
        point(language),
        hundredths % 100
    )
}

/// Grams with three decimals, `3,910 g` / `3.910 g`; below a tenth of a gram as `41 mg`. It is for parts
/// that are shown with their sum, so that the shown numbers add up.
#[must_use]
pub fn weight_exact(language: Language, mg: i64) -> String {
    if mg.abs() < 100 {
        return weight(language, mg);
    }
    let sign = if mg < 0 { "-" } else { "" };
    let mg = mg.saturating_abs();
    format!("{sign}{}{}{:03}{NBSP}g", group(language, mg / 1000), point(language), mg % 1000)
}

/// The shares of a whole as percent with one decimal. The shown numbers add up to 100 % (largest
/// remainder). A negative part counts as zero; if all parts are zero, so are the shares.
#[must_use]
pub fn shares_in_percent(language: Language, parts: &[i64]) -> Vec<String> {
    let weights: Vec<u64> =
        parts.iter().map(|part| u64::try_from(*part).unwrap_or_default()).collect();
    let permille = allocate(1000, &weights).unwrap_or_else(|_| vec![0; parts.len()]);
    let shown = permille.into_iter().map(|share| u32::try_from(share).unwrap_or_default() * 10);
    shown.map(|basis_points| percent(language, basis_points)).collect()
}

/// Hundredths of a millimetre, with the decimals they need: `16 mm`, `2,7 mm`, `1,15 mm`.
#[must_use]
pub fn millimetres(language: Language, hundredths: i64) -> String {
    format!("{}{NBSP}mm", decimal_hundredths(language, hundredths))
}

/// Hundredths as a decimal number with the decimals it needs.
#[must_use]
pub fn decimal_hundredths(language: Language, hundredths: i64) -> String {
    let (whole, rest) = (hundredths / 100, hundredths.abs() % 100);
    let whole = group(language, whole);
    match (rest, rest % 10) {
        (0, _) => whole,
        (_, 0) => format!("{whole}{}{}", point(language), rest / 10),
        _ => format!("{whole}{}{rest:02}", point(language)),
    }
}

/// A whole number: four digits stay together, more are grouped by a no-break thin space in
/// Spanish (RAE, Ortografía) and a comma in English.
#[must_use]
pub fn group(language: Language, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if digits.len() > 4 && index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(match language {
                Language::Es => '\u{202f}',
                Language::En => ',',
            });
        }
        out.push(digit);
    }
    out
}

/// Basis points as percent: `25 %` / `25%`, `12,5 %` / `12.5%`.
#[must_use]
pub fn percent(language: Language, basis_points: u32) -> String {
    let number = decimal_hundredths(language, i64::from(basis_points));
    match language {
        Language::Es => format!("{number}{NBSP}%"),
        Language::En => format!("{number}%"),
    }
}

/// `26 de noviembre` / `26 November`.
#[must_use]
pub fn day(language: Language, date: Date) -> String {
    let month = month_name(language, date);
    match language {
        Language::Es => format!("{} de {month}", date.day()),
        Language::En => format!("{} {month}", date.day()),
    }
}

/// `26 de noviembre de 2026` / `26 November 2026`.
#[must_use]
pub fn date(language: Language, date: Date) -> String {
    match language {
        Language::Es => format!("{} de {}", day(language, date), date.year()),
        Language::En => format!("{} {}", day(language, date), date.year()),
    }
}

/// Two days as one range: `26 al 28 de noviembre`, `28 de noviembre al 2 de diciembre`;
/// `26–28 November`, `28 November – 2 December`.
#[must_use]
pub fn day_range(language: Language, from: Date, to: Date) -> String {
    if from == to {
        return day(language, from);
    }
    let same_month = from.month() == to.month() && from.year() == to.year();
    match (language, same_month) {
        (Language::Es, true) => format!("{} al {}", from.day(), day(language, to)),
        (Language::Es, false) => format!("{} al {}", day(language, from), day(language, to)),
        (Language::En, true) => format!("{}–{}", from.day(), day(language, to)),
        (Language::En, false) => format!("{} – {}", day(language, from), day(language, to)),
    }
}

/// A number of women as the first word of a sentence: `Veintiuna` / `Twenty-one`. Numbers above thirty
/// are digits.
#[must_use]
pub fn count_of_women(language: Language, count: u32) -> String {
    const ES: [&str; 30] = [
        "Una",
        "Dos",
        "Tres",
        "Cuatro",
        "Cinco",
        "Seis",
        "Siete",
        "Ocho",
        "Nueve",
        "Diez",
        "Once",
        "Doce",
        "Trece",
        "Catorce",
        "Quince",
        "Dieciséis",
        "Diecisiete",
        "Dieciocho",
        "Diecinueve",
        "Veinte",
        "Veintiuna",
        "Veintidós",
        "Veintitrés",
        "Veinticuatro",
        "Veinticinco",
        "Veintiséis",
        "Veintisiete",
        "Veintiocho",
        "Veintinueve",
        "Treinta",
    ];
    const EN: [&str; 30] = [
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
        "Thirteen",
        "Fourteen",
        "Fifteen",
        "Sixteen",
        "Seventeen",
        "Eighteen",
        "Nineteen",
        "Twenty",
        "Twenty-one",
        "Twenty-two",
        "Twenty-three",
        "Twenty-four",
        "Twenty-five",
        "Twenty-six",
        "Twenty-seven",
        "Twenty-eight",
        "Twenty-nine",
        "Thirty",
    ];
    let words = match language {
        Language::Es => ES,
        Language::En => EN,
    };
    let index = usize::try_from(count).ok().and_then(|n| n.checked_sub(1));
    match index.and_then(|i| words.get(i)) {
        Some(word) => (*word).to_owned(),
        None => group(language, i64::from(count)),
    }
}

/// Names as a sentence lists them: `Rosaura M. y Elvira Q.`, `Ana, Luz e Inés`.
#[must_use]
pub fn list(language: Language, names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} {} {last}", start.join(", "), and(language, last)),
    }
}

/// The word that joins the last name of a list; Spanish says `e` before the sound of i.
#[must_use]
pub fn and(language: Language, next: &str) -> &'static str {
    match language {
        Language::En => "and",
        Language::Es => {
            let start = next.to_lowercase();
            let sounds_i =
                start.starts_with(['i', 'í']) || start.starts_with("hi") || start.starts_with("hí");
            let diphthong =
                ["hia", "hie", "hio", "ia", "ie", "io"].iter().any(|d| start.starts_with(d));
            if sounds_i && !diphthong { "e" } else { "y" }
        }
    }
}

fn month_name(language: Language, date: Date) -> &'static str {
    let index = usize::try_from(date.month() - 1).unwrap_or_default();
    match language {
        Language::Es => MONTHS_ES[index],
        Language::En => MONTHS_EN[index],
    }
}

const fn point(language: Language) -> char {
    match language {
        Language::Es => ',',
        Language::En => '.',
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Currency;
    use jiff::civil::date as on;

    use super::*;
    use Language::{En, Es};

    #[test]
    fn weights_and_measures_are_written_as_in_the_language() {
        assert_eq!(weight(Es, 3910), "3,91\u{a0}g");
        assert_eq!(weight(En, 3910), "3.91\u{a0}g");
        assert_eq!(weight(Es, 41), "41\u{a0}mg");
        assert_eq!(weight(Es, 210), "0,21\u{a0}g");
        assert_eq!(millimetres(Es, 1600), "16\u{a0}mm");
        assert_eq!(millimetres(Es, 270), "2,7\u{a0}mm");
        assert_eq!(millimetres(En, 115), "1.15\u{a0}mm");
        assert_eq!(group(Es, 4700), "4700");
        assert_eq!(group(En, 12_345), "12,345");
        assert_eq!(percent(Es, 1250), "12,5\u{a0}%");
    }

    #[test]
    fn shown_parts_add_up_to_the_shown_whole() {
        // Each of these rounds up at two decimals: 1,34 + 1,34 + 1,34 g would not be 4,01 g.
        assert_eq!(
            [1_336, 1_337, 1_338].map(|mg| weight_exact(Es, mg)),
            ["1,336\u{a0}g", "1,337\u{a0}g", "1,338\u{a0}g"]
        );
        assert_eq!(weight_exact(En, 60_005), "60.005\u{a0}g");
        assert_eq!(weight_exact(En, 99), "99\u{a0}mg");
        for parts in [[1, 1, 1], [335, 335, 330], [1, 0, 999_999], [2_005, 3_995, 1]] {
            let shown = shares_in_percent(En, &parts);
            let number = |text: &String| text.trim_end_matches('%').parse::<f64>().unwrap();
            let sum: f64 = shown.iter().map(number).sum();
            assert!((sum - 100.0).abs() < 1e-9, "{shown:?}");
        }
        assert_eq!(shares_in_percent(Es, &[0, 0]), ["0\u{a0}%", "0\u{a0}%"]);
    }

    #[test]
    fn prices_lose_decimals_only_where_they_are_zero() {
        let soles = |minor| Money::new(minor, Currency::Pen);
        assert_eq!(money_short(Es, soles(38_000)), "S/\u{a0}380");
        assert_eq!(money_short(Es, soles(38_050)), "S/\u{a0}380.50");
        // Only the decimals are removed, not the thousands.
        assert_eq!(money_short(Es, soles(100_000)), "S/\u{a0}1,000");
        assert_eq!(money_short(Es, soles(200_500)), "S/\u{a0}2,005");
        assert_eq!(money_short(En, soles(100_000_000)), "S/\u{a0}1,000,000");
        assert_eq!(money_short(Es, Money::new(100_000, Currency::Eur)), "1.000\u{a0}€");
        assert_eq!(money_short(En, Money::new(100_000, Currency::Eur)), "€1,000");
        for (micro, words) in [
            (3_752_000, "S/\u{a0}3.752"),
            (4_000_000, "S/\u{a0}4.00"),
            (4_100_001, "S/\u{a0}4.100001"),
            (50_000, "S/\u{a0}0.05"),
        ] {
            assert_eq!(rate(ExchangeRate::pen_per_usd(micro).unwrap()), words);
        }
    }

    #[test]
    fn dates_and_lists_follow_the_language() {
        let (a, b) = (on(2026, 11, 26), on(2026, 12, 2));
        assert_eq!(day_range(Es, a, on(2026, 11, 28)), "26 al 28 de noviembre");
        assert_eq!(day_range(En, a, b), "26 November – 2 December");
        assert_eq!(date(Es, b), "2 de diciembre de 2026");
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(list(Es, &names(&["Ana", "Luz", "Inés"])), "Ana, Luz e Inés");
        assert_eq!(list(Es, &names(&["Rosaura M.", "Hielo"])), "Rosaura M. y Hielo");
        assert_eq!(list(En, &names(&["Ana", "Inés"])), "Ana and Inés");
    }
}
