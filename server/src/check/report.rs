//! What a reconciliation found, as lines that a treasurer reads and a script can parse.

use std::fmt;

/// How much was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Orders.
    pub orders: u64,
    /// Payments.
    pub payments: u64,
    /// Payments looked up at the provider.
    pub at_provider: u64,
    /// Refunds.
    pub refunds: u64,
    /// Entries of the ledger that are about orders.
    pub entries: u64,
    /// Pieces held.
    pub held: i64,
    /// Pieces sold.
    pub sold: i64,
    /// Lots of metal.
    pub lots: u64,
    /// Melts.
    pub melts: u64,
}

/// What was found.
#[derive(Debug, Default, Clone)]
pub struct Report {
    /// Account, currency, balance in minor units.
    pub balances: Vec<(String, String, i64)>,
    /// How much was looked at.
    pub looked: Looked,
    /// What is no contradiction but should be looked at by a person.
    pub open: Vec<String>,
    /// Books that contradict each other.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (account, currency, minor) in &self.balances {
            let (sign, whole, part) = (
                if *minor < 0 { "-" } else { "" },
                minor.unsigned_abs() / 100,
                minor.unsigned_abs() % 100,
            );
            writeln!(
                f,
                "balance     {currency} {:>16} {account}",
                format!("{sign}{whole}.{part:02}")
            )?;
        }
        let looked = &self.looked;
        writeln!(
            f,
            "looked at   {} orders, {} payments ({} at the provider), {} refunds, {} entries, {} pieces held, {} sold, {} lots, {} melts",
            looked.orders,
            looked.payments,
            looked.at_provider,
            looked.refunds,
            looked.entries,
            looked.held,
            looked.sold,
            looked.lots,
            looked.melts
        )?;
        for line in &self.open {
            writeln!(f, "open        {line}")?;
        }
        for line in &self.differences {
            writeln!(f, "difference  {line}")?;
        }
        match self.differences.len() {
            0 => writeln!(f, "no differences"),
            1 => writeln!(f, "1 difference"),
            many => writeln!(f, "{many} differences"),
        }
    }
}
