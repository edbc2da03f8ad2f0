//! Woven patterns in the place of portraits.
//!
//! A pattern is a woven band of the Andes: plain stripes on both sides (*pampa*), a band of figures in
//! the middle (*pallay*), everything mirrored about the centre. Stripes, colours and figures depend on
//! the maker's slug alone, so a maker always has the same pattern.

use std::fmt::Write as _;

/// Side of the drawing in threads.
const SIDE: i32 = 48;
/// Threads of the figured band, half of it.
const BAND: i32 = 7;

const RED: &str = "#9c2338";
const TEAL: &str = "#1c7175";
const VIOLET: &str = "#553068";
const GOLD: &str = "#c9972f";
const COTTON: &str = "#f3e8d3";
const NIGHT: &str = "#1b1a22";

const STRIPES: [&str; 6] = [RED, TEAL, VIOLET, GOLD, COTTON, NIGHT];

/// Ground of the figured band with its two threads, chosen for contrast.
const BANDS: [[&str; 3]; 6] = [
    [NIGHT, GOLD, RED],
    [RED, COTTON, GOLD],
    [COTTON, RED, NIGHT],
    [VIOLET, GOLD, COTTON],
    [TEAL, COTTON, GOLD],
    [GOLD, NIGHT, RED],
];

/// Right halves of figures from the centre outwards, from the top row to the middle one;
/// `#` is the first thread, `+` the second. Rows and columns are mirrored.
const FIGURES: [&[&str]; 6] = [
    // rhombs, the eye
    &["#.....+", ".#...++", "..#...+", "+..#...", "++..#..", "+++..#."],
    // the stepped cross
    &["##....+", "##...++", "####...", "####...", "..###..", "+..###.", "++..###"],
    // zigzags, the river
    &["#...#..", ".#...#.", "..#...#", "+..#...", ".+..#..", "..+..#."],
    // small rhombs in a net
    &["+..#..+", "..#.#..", ".#.+.#.", "#.+++.#", ".#.+.#."],
    // seeds between furrows
    &["#######", ".......", "++..++.", "++..++.", "......."],
    // hooks
    &["#####..", "....#.#", "+++.#.#", "..+.#.#", "+.+...#"],
];

/// The woven pattern of a `seed` (a maker's slug), as a whole SVG document, served at
/// [`crate::routes::pattern_path`]. The same seed always gives the same pattern.
#[must_use]
pub fn woven_pattern_svg(seed: &str) -> String {
    let mut generator = Generator::new(seed);
    let [ground, first, second] = BANDS[generator.below(BANDS.len())];
    let figures =
        [FIGURES[generator.below(FIGURES.len())], FIGURES[generator.below(FIGURES.len())]];
    let rows = pallay(figures);
    let middle = SIDE / 2;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {SIDE}\" shape-rendering=\"crispEdges\">\
         <path fill=\"{ground}\" d=\"M0 0h{SIDE}v{SIDE}H0z\"/>"
    );
    stripes(&mut svg, &mut generator, ground, middle - BAND - 1);
    let period = rows.len();
    let _ = write!(
        svg,
        "<pattern id=\"f\" width=\"{SIDE}\" height=\"{period}\" patternUnits=\"userSpaceOnUse\">\
         <path fill=\"{first}\" d=\"{}\"/><path fill=\"{second}\" d=\"{}\"/></pattern>\
         <pattern id=\"w\" width=\"2\" height=\"1\" patternUnits=\"userSpaceOnUse\">\
         <path d=\"M0 .8h2v.2H0zM1 0h.2v1H1z\" fill-opacity=\".22\"/></pattern>\
         <path fill=\"url(#f)\" d=\"M0 0h{SIDE}v{SIDE}H0z\"/><path fill=\"url(#w)\" d=\"M0 0h{SIDE}v{SIDE}H0z\"/></svg>",
        threads(&rows, b'#', middle),
        threads(&rows, b'+', middle),
    );
    svg
}

/// Stripes of one to five threads from the figured band to the edge, on both sides.
fn stripes(svg: &mut String, generator: &mut Generator, ground: &str, reach: i32) {
    let (mut from, mut last) = (reach, ground);
    while from > 0 {
        let width = [1, 2, 2, 3, 4, 5][generator.below(6)].min(from);
        let mut colour = STRIPES[generator.below(STRIPES.len())];
        if colour == last {
            colour = if last == NIGHT { GOLD } else { NIGHT };
        }
        from -= width;
        let mirrored = SIDE - from - width;
        let _ = write!(
            svg,
            "<path fill=\"{colour}\" d=\"M{from} 0h{width}v{SIDE}h-{width}zM{mirrored} 0h{width}v{SIDE}h-{width}z\"/>"
        );
        last = colour;
    }
}

/// One period of the figured band: both figures, each mirrored, with a plain row between them.
fn pallay(figures: [&[&'static str]; 2]) -> Vec<&'static str> {
    let mut rows = Vec::new();
    for figure in figures {
        rows.extend(figure.iter().chain(figure.iter().rev().skip(1)).copied());
        rows.push("");
    }
    rows
}

/// The threads of one kind in a whole period as path data. Neighbouring threads are joined.
fn threads(rows: &[&str], kind: u8, middle: i32) -> String {
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        let half = row.as_bytes();
        let is_kind = |x: i32| {
            let from_centre = if x < middle { middle - 1 - x } else { x - middle };
            usize::try_from(from_centre).is_ok_and(|i| half.get(i) == Some(&kind))
        };
        let mut x = middle - BAND;
        while x < middle + BAND {
            let start = x;
            while x < middle + BAND && is_kind(x) {
                x += 1;
            }
            if x > start {
                let _ = write!(path, "M{start} {y}h{0}v1h-{0}z", x - start);
            } else {
                x += 1;
            }
        }
    }
    path
}

/// A small deterministic random generator (FNV-1a, then `SplitMix64`). It is our own, so that patterns
/// do not change with a library.
struct Generator(u64);

impl Generator {
    fn new(seed: &str) -> Self {
        Self(seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gives_the_same_pattern_and_names_differ() {
        assert_eq!(woven_pattern_svg("rosaura-m"), woven_pattern_svg("rosaura-m"));
        let names = ["rosaura-m", "elvira-q", "nelida-c", "yeny-t", "martina-h", "lucia-p"];
        let patterns: std::collections::BTreeSet<_> =
            names.iter().map(|name| woven_pattern_svg(name)).collect();
        assert_eq!(patterns.len(), names.len());
    }

    #[test]
    fn patterns_are_small_and_do_not_contain_the_seed() {
        for seed in ["", "<script>", "ñandú-ú", &"x".repeat(10_000)] {
            let svg = woven_pattern_svg(seed);
            assert!(svg.len() < 6_000, "{} bytes", svg.len());
            assert!(!svg.contains("script"));
        }
    }
}
