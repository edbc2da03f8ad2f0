//! Where metal came from: lots, mines, documents.

use domain::claims::OriginClaim;
use jiff::civil::Date;

use super::catalogue::Photo;

/// What the documents say of one metal in the piece.
#[derive(Debug, Clone)]
pub struct MetalOrigin {
    /// The metal.
    pub metal: domain::metal::Metal,
    /// Fineness in permille.
    pub fineness_permille: u32,
    /// Metal of this lot in the piece, in mg.
    pub amount_mg: i64,
    /// Code of the lot, e.g. `L-014`.
    pub lot_code: String,
    /// How it came to the workshop.
    pub arrival: LotArrival,
    /// When the workshop received or melted it.
    pub received_on: Date,
    /// What may be said, computed.
    pub claim: OriginClaim,
    /// The certificate on which the claim is based, if there is one.
    pub certificate: Option<CertificateView>,
    /// Documents of the lot that a visitor may read about.
    pub documents: Vec<DocumentView>,
}

/// How a lot came to the workshop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LotArrival {
    /// In consignment: the supplier owns it until it is used.
    Consigned {
        /// The supplier.
        supplier: String,
    },
    /// Bought.
    Bought {
        /// The supplier.
        supplier: String,
    },
    /// Melted at the workshop from other lots.
    Melted {
        /// Codes of the lots, and how much of each in mg.
        of: Vec<(String, i64)>,
        /// Base metal added, in mg.
        alloy_mg: i64,
        /// Lost in the melt, in mg.
        loss_mg: i64,
        /// The supplier who owns it, if the association does not.
        owner: Option<String>,
    },
}

/// The name of a document. Its file is not public.
#[derive(Debug, Clone)]
pub struct DocumentView {
    /// Title, e.g. `Guía de entrega L-014`.
    pub title: String,
    /// Date of the document.
    pub dated_on: Option<Date>,
}

/// A certificate with its dates.
#[derive(Debug, Clone)]
pub struct CertificateView {
    /// Mine.
    pub mine: String,
    /// Place of the mine.
    pub place: String,
    /// Height above the sea in m.
    pub altitude_m: Option<i64>,
    /// Scheme, e.g. `Fairmined`.
    pub scheme: String,
    /// Number of the certificate.
    pub number: String,
    /// Whether it is of the Ecological kind.
    pub ecological: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// Lots, mines and certificates.
#[derive(Debug, Clone)]
pub struct OriginView {
    /// Mines with every certificate, newest first.
    pub mines: Vec<MineView>,
    /// Lots, newest first.
    pub lots: Vec<LotView>,
    /// Photograph of the page.
    pub photo: Option<Photo>,
}

/// A mine.
#[derive(Debug, Clone)]
pub struct MineView {
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// Height above the sea in m.
    pub altitude_m: Option<i64>,
    /// Certificates, newest first.
    pub certificates: Vec<CertificateView>,
}

/// A lot with where its metal is now. The parts sum to `received_mg`.
#[derive(Debug, Clone)]
pub struct LotView {
    /// What the documents say.
    pub origin: MetalOrigin,
    /// Received, in mg.
    pub received_mg: i64,
    /// In pieces, in mg.
    pub in_pieces_mg: i64,
    /// Scrap, in mg.
    pub scrap_mg: i64,
    /// Lost, in mg.
    pub loss_mg: i64,
    /// Returned to the supplier, in mg.
    pub returned_mg: i64,
    /// Melted into another lot, in mg.
    pub melted_mg: i64,
    /// On hand (in the safe or with a member), in mg.
    pub on_hand_mg: i64,
    /// Codes of the lots it was melted into.
    pub became: Vec<String>,
}
