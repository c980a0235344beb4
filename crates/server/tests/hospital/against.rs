//! A new law tried against history: which past decisions it would change, and which not.

use crate::client::{CLASS_A, CLASS_B, OUT, Till, purchase, run};
use crate::world::{PHARMACY, person};
use server::check::differences;
use server::law::shipped;

/// The first-pay share of class 乙 in the nation's file.
const FILE: &str = "policies/national/sharing.toml";

/// If this fails, a bureau learns what a new value changes only after it is in force (R-J2).
#[test]
fn a_new_value_names_the_past_decisions_it_would_change() {
    run(|| async {
        let till = Till::open().await;
        let child = person("lixiaoming");
        till.send(PHARMACY, "2102", &purchase(child, &[(CLASS_A, "1", "20.00")])).await;
        // Class 乙 beside something the account may not pay: a higher first-pay moves no fen between payers.
        till.send(PHARMACY, "2102", &purchase(child, &[(CLASS_B, "1", "30.00"), (OUT, "1", "5.00")])).await;
        let mut book = shipped(false);
        let same = differences(&book.read().expect("sound"), &*till.app.store).await.expect("readable");
        assert_eq!(same, [], "the law in force changes nothing");
        let text = book.files.get(FILE).expect("shipped").clone();
        let (before, after) = text.split_once("[[class_b_first_pay]]").expect("stated");
        let after = after.replacen("value = \"10\"", "value = \"20\"", 1);
        book.files.insert(FILE.to_owned(), format!("{before}[[class_b_first_pay]]{after}"));
        let changed = differences(&book.read().expect("sound"), &*till.app.store).await.expect("readable");
        assert_eq!(changed.len(), 1, "only the bill with class 乙: {changed:?}");
        assert_eq!(changed[0].was, "fund 0.00, accounts 30.00 (shared 30.00), cash 5.00");
    });
}
