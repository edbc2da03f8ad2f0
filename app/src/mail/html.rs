//! The letter as HTML. Mail programs support little more than tables and inline styles. Nothing is
//! loaded from a server, so nobody learns that a mail was opened.

use super::{Letter, MailContext};
use crate::i18n::shop::mail as t;
use crate::xml::escape;

const PAGE: &str = "margin:0;padding:24px 12px;background:#faf6ef;color:#14161f;word-break:break-word;\
                    font:16px/1.5 'Instrument Sans',system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";
const SHEET: &str = "max-width:560px;margin:0 auto;background:#fffdf9;border-top:8px solid #9c2338;padding:28px 24px";
const SERIF: &str = "font:400 24px/1.2 Fraunces,Georgia,serif;margin:0 0 20px";
const HEADING: &str = "font:400 19px/1.3 Fraunces,Georgia,serif;margin:28px 0 6px";
const QUIET: &str = "color:#625c50;font-size:14px;margin:12px 0 0";
const BUTTON: &str = "display:inline-block;margin-top:24px;padding:13px 26px;background:#14161f;color:#faf6ef;\
                      text-decoration:none";

/// The whole document.
pub(super) fn document(context: MailContext<'_>, letter: &Letter, heading: &str) -> String {
    let language = context.language;
    let mut body = format!("<p style=\"{SERIF}\">Divinas en Brillo de Oro</p>");
    for text in std::iter::once(&letter.greeting).chain(&letter.paragraphs) {
        body.push_str(&paragraph("margin:0 0 12px", text));
    }
    body.push_str(&table(heading, letter.lines.iter(), letter.sums.iter()));
    if let Some((title, lines)) = &letter.address {
        body.push_str(&block(title, lines));
    }
    if let Some(gift) = &letter.gift {
        let lines: Vec<String> = gift.lines().map(str::to_owned).collect();
        body.push_str(&block(t::gift(language), &lines));
    }
    if let Some(money) = &letter.money {
        body.push_str(&table(t::money(language), money.iter(), std::iter::empty()));
    }
    let (url, words) = &letter.link;
    body.push_str(&format!(
        "<p style=\"margin:0\"><a href=\"{}\" style=\"{BUTTON}\">{}</a></p>",
        escape(url),
        escape(words)
    ));
    let notes = [letter.after_link, Some(t::answer(language)), Some(t::signature(language))];
    for note in notes.into_iter().flatten().chain(context.demo.then(|| t::demo(language))) {
        body.push_str(&paragraph(QUIET, note));
    }
    format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light\"><title>{}</title></head>\
         <body style=\"{PAGE}\"><div style=\"{SHEET}\">{body}</div></body></html>\n",
        language.code(),
        escape(&letter.subject),
    )
}

fn paragraph(style: &str, text: &str) -> String {
    format!("<p style=\"{style}\">{}</p>", escape(text))
}

fn block(title: &str, lines: &[String]) -> String {
    // Each line has the direction of its own script.
    let lines: String = lines
        .iter()
        .map(|line| {
            format!(
                "<div dir=\"auto\">{}</div>",
                if line.is_empty() { "<br>".to_owned() } else { escape(line) }
            )
        })
        .collect();
    format!("<h2 style=\"{HEADING}\">{}</h2>{lines}", escape(title))
}

/// Names on the left, amounts on the right. The last row of `sums` is the total.
fn table<'a>(
    heading: &str,
    lines: impl Iterator<Item = &'a (String, String)>,
    sums: impl Iterator<Item = &'a (String, String)>,
) -> String {
    let sums: Vec<_> = sums.collect();
    let mut rows: String = lines.map(|row| table_row("", row)).collect();
    for (index, row) in sums.iter().enumerate() {
        let style = if index + 1 == sums.len() {
            "font-weight:600;border-top:1px solid #ddd4c4;"
        } else {
            "color:#625c50;"
        };
        rows.push_str(&table_row(style, row));
    }
    format!(
        "<h2 style=\"{HEADING}\">{}</h2>\
         <table role=\"presentation\" width=\"100%\" style=\"border-collapse:collapse;width:100%\">{rows}</table>",
        escape(heading)
    )
}

fn table_row(style: &str, (name, amount): &(String, String)) -> String {
    format!(
        "<tr><td style=\"padding:5px 0;{style}\">{}</td>\
         <td style=\"padding:5px 0 5px 16px;text-align:right;white-space:nowrap;{style}\">{}</td></tr>",
        escape(name),
        escape(amount)
    )
}
