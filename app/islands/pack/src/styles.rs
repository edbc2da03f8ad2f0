//! Joins all stylesheets into one, for the supported browsers.
//!
//! In the sources, cascade layers decide which rule wins. Browsers before 2022 ignore rules in layers, so
//! the built file has none: its rules are in the order of the layers. The result is the same as long as
//! no rule of an earlier layer is more specific than a rule of a later layer that sets the same property
//! of the same element; a browser test compares both on every page. Uses of layers that cannot be
//! replaced by order are refused here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use lightningcss::dependencies::{Dependency, DependencyOptions};
use lightningcss::properties::PropertyId;
use lightningcss::rules::{CssRule, CssRuleList};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::Targets;
use lightningcss::traits::ToCss as _;

use crate::site::Site;

/// Joins the folder's stylesheets, with `url()`s pointing to the hashed files. A `url()` to a
/// file that does not exist is an error.
pub(crate) fn build(folder: &Path, site: &Site, targets: Targets) -> Result<String> {
    let mut sources = Vec::new();
    for name in crate::files_below(folder)? {
        if name.ends_with(".css") {
            sources.push((std::fs::read_to_string(folder.join(&name))?, name));
        }
    }
    print(without_layers(&sources)?, site, targets)
}

/// The rules of all sources: first those without a layer, then the layers in the order in which the first
/// `@layer a, b, c;` names them.
fn without_layers(sources: &[(String, String)]) -> Result<CssRuleList<'_>> {
    let mut order: Vec<String> = Vec::new();
    let mut layers: BTreeMap<String, Vec<CssRule<'_>>> = BTreeMap::new();
    let mut rules = Vec::new();
    for (source, name) in sources {
        let options = ParserOptions { filename: name.clone(), ..ParserOptions::default() };
        let sheet =
            StyleSheet::parse(source, options).map_err(|error| anyhow!("style/{name}: {error}"))?;
        for rule in sheet.rules.0 {
            match rule {
                CssRule::LayerStatement(statement) => {
                    ensure!(order.is_empty(), "style/{name}: the order is said twice");
                    order = statement.names.iter().map(|layer| layer.0.join(".")).collect();
                }
                CssRule::LayerBlock(block) => {
                    let layer = block.name.map(|layer| layer.0.join(".")).unwrap_or_default();
                    layers.entry(layer).or_default().extend(block.rules.0);
                }
                CssRule::FontFace(_) => rules.push(rule),
                _ => bail!("style/{name}: a rule outside of the layers would win over all of them"),
            }
        }
    }
    let mut important = BTreeMap::new();
    for layer in &order {
        let of_layer = layers.remove(layer).unwrap_or_default();
        check(&of_layer, layer, &mut important)?;
        rules.extend(of_layer);
    }
    let unknown: Vec<_> = layers.keys().collect();
    ensure!(unknown.is_empty(), "layers without a place in the order: {unknown:?}");
    Ok(CssRuleList(rules))
}

/// Refuses layers in layers, and a property that is important in two of them: there the earlier
/// layer would win. `important` remembers which layer each property is important in.
fn check<'a>(
    rules: &[CssRule<'_>],
    layer: &'a str,
    important: &mut BTreeMap<String, &'a str>,
) -> Result<()> {
    for rule in rules {
        match rule {
            CssRule::LayerBlock(_) | CssRule::LayerStatement(_) => {
                bail!("layer {layer}: a layer in a layer")
            }
            CssRule::Media(media) => check(&media.rules.0, layer, important)?,
            CssRule::Supports(supports) => check(&supports.rules.0, layer, important)?,
            CssRule::Style(style) => {
                check(&style.rules.0, layer, important)?;
                for declaration in &style.declarations.important_declarations {
                    for property in longhands(&declaration.property_id())? {
                        let first = *important.entry(property.clone()).or_insert(layer);
                        ensure!(
                            first == layer,
                            "{property} is !important in {first} and in {layer}: {first} would win"
                        );
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The names of the properties that a declaration sets.
fn longhands(property: &PropertyId<'_>) -> Result<Vec<String>> {
    let all = property.longhands().unwrap_or_default();
    if all.is_empty() {
        return Ok(vec![property.to_css_string(PrinterOptions::default())?]);
    }
    let mut names = Vec::new();
    for one in &all {
        names.extend(longhands(one)?);
    }
    Ok(names)
}

fn print(rules: CssRuleList<'_>, site: &Site, targets: Targets) -> Result<String> {
    let mut sheet = StyleSheet::new(vec!["style".to_owned()], rules, ParserOptions::default());
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| anyhow!("style: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            analyze_dependencies: Some(DependencyOptions { remove_imports: false }),
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("style: {error}"))?;

    let mut code = printed.code;
    for dependency in printed.dependencies.unwrap_or_default() {
        match dependency {
            Dependency::Url(url) => {
                code = code.replace(&url.placeholder, &resolve(&url.url, site)?);
            }
            Dependency::Import(import) => bail!("@import of {} is not needed here", import.url),
        }
    }
    Ok(code)
}

fn resolve(url: &str, site: &Site) -> Result<String> {
    if !url.starts_with('/') {
        return Ok(url.to_owned()); // data: and fragments
    }
    let asset = site.find(url).with_context(|| format!("url({url}) names no file of public/"))?;
    Ok(asset.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(sources: &[&str]) -> Result<String> {
        let sources: Vec<_> = sources
            .iter()
            .enumerate()
            .map(|(index, source)| ((*source).to_owned(), format!("{index}.css")))
            .collect();
        let rules = without_layers(&sources)?;
        Ok(rules.to_css_string(PrinterOptions { minify: true, ..PrinterOptions::default() })?)
    }

    #[test]
    fn rules_are_in_the_order_of_the_layers_and_not_of_the_files() {
        let css = flat(&[
            "@layer late { a { color: red } }",
            "@layer early, late; @layer early { @media print { a { color: blue } } }",
            "@font-face { font-family: x; src: local(x) }",
            "@layer late { b { color: red } }",
        ]);
        assert_eq!(
            css.expect("it is flat"),
            "@font-face{font-family:x;src:local(x)}@media print{a{color:#00f}}a{color:red}b{color:red}"
        );
    }

    #[test]
    fn uses_of_layers_that_order_cannot_replace_are_refused() {
        let order = "@layer early, late;";
        for (sources, why) in [
            (vec!["a { color: red }"], "outside of the layers"),
            (vec![order, "@layer early { @layer x { a { color: red } } }"], "a layer in a layer"),
            (vec![order, "@layer other { a { color: red } }"], "without a place"),
            (vec![order, "@layer { a { color: red } }"], "without a place"),
            (vec![order, order], "said twice"),
            (
                vec![
                    order,
                    "@layer early { a { margin: 0 !important } }",
                    "@layer late { @media print { b { margin-left: 1px !important } } }",
                ],
                "margin-left is !important in early and in late",
            ),
        ] {
            let refused = flat(&sources).expect_err(why).to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
