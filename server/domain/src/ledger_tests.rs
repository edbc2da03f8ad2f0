//! Entries of the ledger, and the texts of its accounts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::test_data::{at_stripe, balances, fund, header};

#[test]
fn a_stray_payment_is_refunded_and_the_association_bears_the_fee() {
    let received = Money::new(38_000, Currency::Pen);
    let with_fee = Settlement { fee_minor: 900, ..at_stripe(38_000) };
    let entries = [
        stray_payment_entry(header(), &with_fee, received).unwrap(),
        stray_fee_entry(header(), &with_fee, &fund("association")).unwrap(),
        stray_refund_entry(header(), &at_stripe(38_000), received, &fund("association")).unwrap(),
    ];
    let expected = [("fund:association".to_owned(), 900), ("stripe:balance".to_owned(), -900)];
    assert_eq!(balances(&entries), BTreeMap::from(expected));
    assert!(stray_payment_entry(header(), &at_stripe(0), Money::zero(Currency::Pen)).is_err());
}

#[test]
fn an_unbalanced_entry_cannot_exist() {
    let posting = |account: &str, amount_minor, currency| Posting {
        account: account.parse().unwrap(),
        amount_minor,
        currency,
    };
    let entry = |postings| Entry::new(header(), EntryKind::Manual, postings);
    assert_eq!(entry(vec![]), Err(LedgerError::Empty));
    let zero = vec![posting("tax:igv", 0, Currency::Pen)];
    assert!(matches!(entry(zero), Err(LedgerError::ZeroPosting { .. })));
    let across =
        vec![posting("tax:igv", 5, Currency::Pen), posting("stripe:balance", -5, Currency::Usd)];
    assert!(matches!(entry(across), Err(LedgerError::NotZeroSum { .. })));
    let huge = vec![
        posting("tax:igv", i64::MAX, Currency::Pen),
        posting("tax:igv", i64::MAX, Currency::Pen),
        posting("stripe:balance", 2, Currency::Pen),
    ];
    assert!(matches!(entry(huge), Err(LedgerError::NotZeroSum { .. })), "sums do not wrap around");
    let good = entry(vec![
        posting("fund:a", 5, Currency::Pen),
        posting("bank:balance", -5, Currency::Pen),
    ])
    .unwrap();
    let undone = reverse(header(), &good).unwrap();
    assert!(balances([&good, &undone]).is_empty());
}

#[test]
fn every_account_text_is_read_back() {
    for text in [
        "stripe:balance",
        "bank:balance",
        "wallet:balance",
        "cash:balance",
        "tax:igv",
        "shipping:pass_through",
        "fee:payment",
        "material:consigned",
        "material:own",
        "fund:association",
        "member:0192f0c1-7a3b-7000-8000-000000000001",
        "makers:held",
        "exchange:converted",
        "held:stray",
    ] {
        assert_eq!(text.parse::<AccountCode>().unwrap().to_string(), text);
    }
    for bad in [
        "",
        "fund:",
        "member:",
        "fund:a:b",
        "member:a b",
        "paypal:balance",
        "tax",
        "tax:",
        ":",
        "TAX:IGV",
    ] {
        assert!(bad.parse::<AccountCode>().is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn account_texts_never_panic(text in "\\PC{0,40}", kind in "(fund|member|tax|held|stripe)", rest in "[a-z:_-]{0,20}") {
        let _ = text.parse::<AccountCode>();
        if let Ok(account) = format!("{kind}:{rest}").parse::<AccountCode>() {
            prop_assert_eq!(account.to_string().parse::<AccountCode>().unwrap(), account);
        }
    }
}
