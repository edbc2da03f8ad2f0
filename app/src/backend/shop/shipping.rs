//! What the page on shipping says.

use domain::money::Money;
use domain::shipping::DeliveryKind;
use jiff::civil::Date;

/// The page on shipping.
#[derive(Debug, Clone)]
pub struct ShippingView {
    /// Zones with price bands.
    pub zones: Vec<ShippingZoneView>,
    /// Days in which a piece can be changed or returned.
    pub return_days: u32,
    /// Greatest value sent abroad.
    pub abroad_limit: Money,
}

/// A zone of the tariff.
#[derive(Debug, Clone)]
pub struct ShippingZoneView {
    /// Code of the zone, e.g. `lima`, `provinces`, `pickup`, `latin_america`.
    pub code: String,
    /// Price of the lightest parcel, as it is charged in the visitor's currency.
    pub from_price: Money,
    /// Least business days.
    pub days_min: u32,
    /// Greatest business days.
    pub days_max: u32,
}

/// How long a parcel takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryEstimate {
    /// Which way.
    pub kind: DeliveryKind,
    /// First likely day.
    pub from: Date,
    /// Last likely day.
    pub to: Date,
}
