//! The files of the demo folder, as they are written.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{DemoError, DemoResult};

/// Every file.
pub(super) struct Files {
    pub(super) manifest: Manifest,
    pub(super) people: People,
    pub(super) metal: MetalFile,
    pub(super) money: MoneyFile,
    pub(super) designs: DesignsFile,
}

impl Files {
    pub(super) fn read(folder: &Path) -> DemoResult<Self> {
        Ok(Self {
            manifest: parse(folder, "manifest.json")?,
            people: parse(folder, "people.json")?,
            metal: parse(folder, "metal.json")?,
            money: parse(folder, "money.json")?,
            designs: parse(folder, "designs.json")?,
        })
    }
}

fn parse<T: DeserializeOwned>(folder: &Path, name: &str) -> DemoResult<T> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path)
        .map_err(|source| DemoError::Read { path: path.clone(), source })?;
    serde_json::from_str(&text)
        .map_err(|error| DemoError::Malformed { path, what: error.to_string() })
}

/// A text in both languages.
#[derive(Debug, Deserialize)]
pub(super) struct Both<T> {
    pub(super) es: T,
    pub(super) en: T,
}

#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) designs: Vec<ManifestDesign>,
    pub(super) wide: Vec<Image>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Image {
    pub(super) file: String,
    pub(super) alt: Both<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ManifestDesign {
    pub(super) slug: String,
    pub(super) category: String,
    pub(super) name: Both<String>,
    pub(super) metal: String,
    pub(super) fineness_permille: i64,
    pub(super) weight_mg: i64,
    pub(super) gold_750_mg: i64,
    pub(super) dimensions_mm: Measures,
    pub(super) stones: Vec<ManifestStone>,
    pub(super) techniques: Vec<String>,
    pub(super) price_minor: Soles,
    pub(super) wholesale_price_minor: Soles,
    pub(super) made_to_order_business_days: Option<i64>,
    pub(super) images: Vec<Image>,
}

/// Measures by code, in the order of the file, which is the order in which a page shows them.
#[derive(Debug)]
pub(super) struct Measures(pub(super) Vec<(String, f64)>);

impl<'de> Deserialize<'de> for Measures {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Measures;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("measures in mm by their code")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Measures, A::Error> {
                let mut measures = Vec::new();
                while let Some(measure) = map.next_entry()? {
                    measures.push(measure);
                }
                Ok(Measures(measures))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Soles {
    #[serde(rename = "PEN")]
    pub(super) pen: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ManifestStone {
    pub(super) kind: String,
    pub(super) origin: String,
    pub(super) cut: String,
    pub(super) weight_ct: f64,
    #[serde(default = "one")]
    pub(super) count: u32,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
pub(super) struct People {
    pub(super) members: Vec<Member>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Member {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) community: String,
    pub(super) admitted_on: Date,
    pub(super) office: Option<String>,
    pub(super) consents: Vec<String>,
    #[serde(flatten)]
    pub(super) words: Both<MemberWords>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MemberWords {
    pub(super) crafts: String,
    pub(super) quote: String,
    pub(super) story: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct MetalFile {
    pub(super) suppliers: Vec<String>,
    pub(super) mines: Vec<Mine>,
    pub(super) lots: Vec<Lot>,
    pub(super) melts: Vec<Melt>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mine {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) place: String,
    pub(super) altitude_m: Option<i64>,
    pub(super) certificates: Vec<MineCertificate>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MineCertificate {
    pub(super) scheme: String,
    pub(super) number: String,
    pub(super) ecological: bool,
    pub(super) valid_from: Date,
    pub(super) valid_until: Date,
    pub(super) document: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Lot {
    pub(super) code: String,
    pub(super) metal: String,
    pub(super) fineness_permille: i64,
    pub(super) received_mg: i64,
    pub(super) supplier: String,
    pub(super) mine: Option<String>,
    pub(super) trading_model: String,
    pub(super) owner: String,
    pub(super) mixed: bool,
    pub(super) left_mine_on: Option<Date>,
    pub(super) received_on: Date,
    pub(super) price_per_fine_g_minor: i64,
    pub(super) currency: String,
    pub(super) documents: Vec<Document>,
    #[serde(default)]
    pub(super) returned_mg: i64,
}

/// Lots of the file melted into a new one, out of the safe.
#[derive(Debug, Deserialize)]
pub(super) struct Melt {
    pub(super) code: String,
    pub(super) melted_on: Date,
    pub(super) inputs: Vec<Melted>,
    pub(super) weighed_mg: i64,
    pub(super) document: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Melted {
    pub(super) lot: String,
    pub(super) gross_mg: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) dated_on: Date,
}

#[derive(Debug, Deserialize)]
pub(super) struct MoneyFile {
    pub(super) policy: Policy,
    pub(super) rates: Vec<Rate>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    pub(super) version: u32,
    pub(super) minute: String,
    pub(super) adopted_on: Date,
    pub(super) effective_from: Date,
    pub(super) loss_fund: String,
    pub(super) reserve_fund: Option<String>,
    pub(super) minute_rate_minor: u32,
    pub(super) funds: Vec<Fund>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fund {
    pub(super) fund: String,
    pub(super) share_bps: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rate {
    pub(super) currency: String,
    pub(super) rate_micro: i64,
    pub(super) source: String,
    pub(super) effective_from: Date,
}

#[derive(Debug, Deserialize)]
pub(super) struct DesignsFile {
    pub(super) designs: Vec<Design>,
    pub(super) orders: Vec<Order>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Design {
    pub(super) slug: String,
    pub(super) published_on: Date,
    #[serde(flatten)]
    pub(super) words: Both<DesignWords>,
    pub(super) silver_lot: Option<String>,
    pub(super) gold_lot: Option<String>,
    pub(super) findings_cost_minor: i64,
    #[serde(default)]
    pub(super) findings_mg: i64,
    pub(super) stones_cost_minor: i64,
    pub(super) work: Vec<Work>,
    pub(super) pieces: Vec<Piece>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DesignWords {
    pub(super) description: String,
    pub(super) care: String,
    pub(super) keywords: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Work {
    pub(super) member: String,
    pub(super) step: String,
    pub(super) minutes: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct Piece {
    pub(super) serial: String,
    /// `sold` for a piece that one of the orders sells.
    pub(super) state: String,
    pub(super) weight_mg: i64,
    pub(super) inspected_on: Option<Date>,
    pub(super) circumference_mm: Option<i64>,
    pub(super) work: Option<Vec<Work>>,
    pub(super) scrap_mg: Option<i64>,
    pub(super) loss_mg: Option<i64>,
}

/// A sale of the past, paid at the workshop.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub(super) serials: Vec<String>,
    pub(super) paid_on: Date,
    pub(super) language: String,
}
