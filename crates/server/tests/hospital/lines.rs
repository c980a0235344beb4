//! `gongji lines`: the file says line by line what settlements come to, and is the same however often it was broken off.

use crate::book::row;
use crate::client::{CLASS_A, CLASS_B, OUT, Till, of_settlement, purchase, reversal, run, settlement, with};
use crate::cluster;
use crate::differences::give_back_part;
use crate::stays::{admission, bill, charged, charges, discharge};
use crate::totals::go_to;
use crate::world::{HOSPITAL, PHARMACY, everybody, person};
use domain::day::{Day, Moment};
use domain::facts::Settlement;
use domain::ids::{Area, Serial, SettlementNo};
use serde_json::json;
use server::copy::place::Place;
use server::lines::{Outcome, Trouble, Wanted, export};
use server::vault::Vault;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::faulty::{Faults, Faulty};
use store::memory::Memory;
use store::postgres::{self, Postgres};
use store::sqlite::{self, Sqlite};
use store::{LAST_SERIAL, Page, Query, Store};

const THREE: [(&str, &str, &str); 3] =
    [(CLASS_A, "2", "20.00"), (CLASS_B, "1", "39.99"), (OUT, "3", "7.123457")];

fn wanted(from: &str, to: &str) -> Wanted {
    let day = |text| Day::parse(text).expect("a day");
    Wanted { from: day(from), to: day(to), area: Area::NATION }
}

fn june() -> Wanted {
    wanted("2025-06-01", "2025-06-30")
}

async fn write(store: &dyn Store, wanted: &Wanted, out: &Path) -> Result<Outcome, Trouble> {
    export(store, wanted, None, out, Moment::from_millis(0), &|_| ()).await
}

fn state_of(out: &Path) -> PathBuf {
    out.with_extension("csv.state")
}

/// A purchase by an own code that is mapped, one given back in part, one that is reversed.
async fn morning(till: &Till) {
    let child = person("lixiaoming");
    let pair = json!({ "data": {
        "fixmedins_hilist_id": format!("OWN-{CLASS_A}"), "list_type": "101", "med_list_codg": CLASS_A,
    } });
    till.send(PHARMACY, "3301", &pair).await.output();
    let own = with(purchase(child, &THREE), "/drugdetail/0/med_list_codg", Some(json!("")));
    let bought = till.send(PHARMACY, "2102", &own).await;
    give_back_part(till, &row(child, bought.info())).await;
    let msgid = till.msgid(PHARMACY);
    till.send_as(PHARMACY, "2102", &msgid, &purchase(person("liming"), &THREE[1..])).await.output();
    till.send(PHARMACY, "2601", &reversal(person("liming"), &msgid, "2102")).await.output();
}

/// A visit that is settled, cancelled and settled again; a stay with a correction, settled twice and undone once.
async fn afternoon(till: &Till) {
    let child = person("lixiaoming");
    let visit = till.visit(HOSPITAL, child, &THREE).await;
    let total = crate::client::total(&THREE);
    let settled = till.send(HOSPITAL, "2207", &settlement(child, &visit, "B1", &total)).await;
    till.send(HOSPITAL, "2208", &of_settlement(child, settled.info())).await.output();
    till.send(HOSPITAL, "2207", &settlement(child, &visit, "B1", &total)).await.output();
    let stay = till.send(HOSPITAL, "2401", &admission(child)).await.text("/result/mdtrt_id");
    let lines =
        [charged("1", &(CLASS_A, "10", "100.00"), None), charged("2", &(CLASS_B, "1", "40.00"), None)];
    till.send(HOSPITAL, "2301", &charges(child, &stay, &lines)).await.output();
    let taken = [charged("3", &(CLASS_A, "1", "100.00"), Some("1"))];
    till.send(HOSPITAL, "2301", &charges(child, &stay, &taken)).await.output();
    till.send(HOSPITAL, "2304", &bill(child, &stay, "940.00", true, "1")).await.output();
    till.send(HOSPITAL, "2402", &discharge(child, &stay)).await.output();
    let more = [charged("4", &(CLASS_A, "1", "500.00"), None)];
    till.send(HOSPITAL, "2301", &charges(child, &stay, &more)).await.output();
    let last = till.send(HOSPITAL, "2304", &bill(child, &stay, "500.00", false, "1")).await;
    till.send(HOSPITAL, "2305", &of_settlement(child, last.info())).await.output();
}

/// A purchase on the first day of the next month.
async fn next_month(till: &Till) {
    go_to(till, "2025-07-01 08:00");
    till.send(PHARMACY, "2102", &purchase(person("liming"), &THREE[..1])).await.output();
}

/// All settlements and cancellations that were decided, as they came into the books.
async fn settlements(store: &dyn Store) -> BTreeMap<SettlementNo, Settlement> {
    let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 100_000 };
    let Ok(Page::Records(records)) = store.page(&query).await else { panic!("records") };
    let serial = |it: &Settlement| Serial::creator_of(it.no.0);
    let made = records.iter().flat_map(|record| {
        let all = record.decision.changes().into_iter().flat_map(|it| &it.settlements);
        all.filter(|it| serial(it) == record.turn.serial).map(|it| (it.no, it.clone()))
    });
    made.collect()
}

/// A row by the names of its columns.
type Row = BTreeMap<String, String>;

fn rows(out: &Path) -> Vec<Row> {
    csv::Reader::from_path(out).expect("a file").deserialize().map(|it| it.expect("a row")).collect()
}

/// Sums of the rows of each settlement: cost, full-self, over-limit, first-pay, in-scope.
fn sums(rows: &[Row]) -> BTreeMap<SettlementNo, [i64; 5]> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let number =
            |column: &str| row[column].parse::<i64>().unwrap_or_else(|_| panic!("{column}: {row:?}"));
        let columns = ["cost_fen", "full_self_fen", "over_limit_fen", "first_pay_fen", "in_scope_fen"];
        let no = SettlementNo(row["settlement"].parse().expect("a number"));
        let sum: &mut [i64; 5] = sums.entry(no).or_default();
        sum.iter_mut().zip(columns).for_each(|(sum, column)| *sum += number(column));
    }
    sums
}

/// What the settlements of a month come to.
fn expected(all: &BTreeMap<SettlementNo, Settlement>, month: i8) -> BTreeMap<SettlementNo, [i64; 5]> {
    let of = |it: &Settlement| {
        let shared = &it.shared;
        let sign = if it.undoes.is_some() { -1 } else { 1 };
        [shared.total, shared.full_self, shared.over_limit, shared.first_pay, shared.in_scope]
            .map(|it| it.get() * sign)
    };
    all.values().filter(|it| it.at.day().month() == month).map(|it| (it.no, of(it))).collect()
}

async fn agrees(store: &dyn Store, out: &Path) {
    let (all, rows) = (settlements(store).await, rows(out));
    let expected = expected(&all, 6);
    let undone = expected.values().filter(|it| it[0] < 0).count();
    assert_eq!((expected.len(), undone), (11, 4), "the day has all kinds");
    assert_eq!(sums(&rows), expected);
    for row in &rows {
        let it = &all[&SettlementNo(row["settlement"].parse().expect("a number"))];
        assert_eq!(row["undoes"], it.undoes.map(|it| it.to_string()).unwrap_or_default());
        assert_eq!(row["event"], if it.undoes.is_some() { "undone" } else { "settled" });
        assert_eq!(
            (row["area"].as_str(), row["institution"].clone()),
            ("320300", it.institution.to_string())
        );
        assert_eq!(row["count"].starts_with('-'), it.undoes.is_some(), "{row:?}");
        assert!(!row["national_code"].is_empty() && !row["name"].is_empty(), "{row:?}");
    }
    let serials: Vec<u64> = rows.iter().map(|it| it["settlement"].parse().expect("a number")).collect();
    assert!(serials.is_sorted(), "{serials:?}");
}

/// R-E9, I10: a day with a partial refund, cancellations and a stay, read beside who goes on writing it. If this fails, what an
/// analyst adds up is not what was settled, or depends on where the books are kept.
#[test]
fn the_lines_of_a_settlement_add_up_to_it_on_every_store() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut texts = Vec::new();
        let memory = Arc::new(Memory::default());
        let till = Till::on(Arc::clone(&memory)).await;
        texts.push(day_of(&till, &*memory, &folder.path().join("memory.csv")).await);
        let file = Sqlite::open(&folder.path().join("gongji.sqlite"), sqlite::Options::default());
        let till = Till::on(Arc::new(file.expect("opens"))).await;
        let beside = Place::folder(folder.path()).read().await.expect("reads beside");
        texts.push(day_of(&till, &*beside, &folder.path().join("sqlite.csv")).await);
        if let Some(url) = cluster::database() {
            let database = Postgres::open(&url, postgres::Options::default()).await.expect("opens");
            let till = Till::on(Arc::new(database)).await;
            let beside = Place::Database(url).read().await.expect("reads beside");
            texts.push(day_of(&till, &*beside, &folder.path().join("postgres.csv")).await);
        }
        assert!(texts.windows(2).all(|it| it[0] == it[1]), "{texts:#?}");
    });
}

async fn day_of(till: &Till, store: &dyn Store, out: &Path) -> String {
    morning(till).await;
    let first = write(store, &june(), out).await.expect("written");
    assert!(!first.state.days_are_over && first.later.is_empty(), "{first:?}");
    afternoon(till).await;
    next_month(till).await;
    let second = write(store, &june(), out).await.expect("goes on");
    assert_eq!(second.state.rows, first.state.rows + second.added);
    assert!(second.state.days_are_over && second.added > 0, "{second:?}");
    agrees(store, out).await;
    std::fs::read_to_string(out).expect("text")
}

/// If this fails, a file that was broken off has lines twice, by half, or not at all.
#[test]
fn a_file_that_is_broken_off_goes_on_to_the_same_file() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let [out, once] = ["lines.csv", "once.csv"].map(|it| folder.path().join(it));
        let store = Arc::new(Memory::default());
        let till = Till::on(Arc::clone(&store)).await;
        let faulty = Faulty::new(Arc::clone(&store), 7, Faults { refused: 4, ..Faults::default() });
        let mut broken_off = 0;
        for stage in 0..3 {
            match stage {
                0 => morning(&till).await,
                1 => afternoon(&till).await,
                _ => next_month(&till).await,
            }
            let before = std::fs::read(state_of(&out)).ok();
            while write(&faulty, &june(), &out).await.is_err() {
                broken_off += 1;
                assert!(broken_off < 1_000, "a store that fails now and then is read in the end");
            }
            // The machine stops after rows came to the disk, and before the state says so; and in the middle of a row.
            if let Some(before) = before {
                std::fs::write(state_of(&out), before).expect("writes");
                let mut file = OpenOptions::new().append(true).open(&out).expect("a file");
                file.write_all(b"1,settled,\"half a").expect("writes");
                drop(file);
                write(&*store, &june(), &out).await.expect("goes on");
            }
        }
        assert!(broken_off > 3, "{broken_off}");
        write(&*store, &june(), &once).await.expect("written");
        let [broken, once] = [&out, &once].map(|it| std::fs::read_to_string(it).expect("text"));
        assert_eq!(broken, once);
        agrees(&*store, &out).await;
        let again = write(&*store, &june(), &out).await.expect("goes on");
        assert_eq!(again.added, 0);
    });
}

/// If this fails, lines of other days or of other people's areas are in the file, or a later last day begins anew.
#[test]
fn only_the_days_and_areas_that_are_wanted_are_in_it() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Memory::default());
        let till = Till::on(Arc::clone(&store)).await;
        morning(&till).await;
        go_to(&till, "2025-06-20 08:00");
        till.send(PHARMACY, "2102", &purchase(person("liming"), &THREE[..1])).await.output();
        next_month(&till).await;
        let area = |text| Area::parse(text).expect("an area");
        for (from, to, of, months, rows_in) in [
            ("2025-06-01", "2025-06-30", "320300", [true, false], 14),
            ("2025-06-17", "2025-06-30", "320000", [true, false], 1),
            ("2025-06-17", "2025-07-31", "000000", [true, true], 2),
            ("2025-07-01", "2025-07-31", "320300", [false, true], 1),
            ("2025-06-01", "2025-07-31", "320100", [false, false], 0),
            ("2025-06-21", "2025-06-30", "320300", [false, false], 0),
            ("2024-06-01", "2024-06-30", "320300", [false, false], 0),
        ] {
            let out = folder.path().join(format!("{from}-{to}-{of}.csv"));
            let wanted = Wanted { area: area(of), ..wanted(from, to) };
            write(&*store, &wanted, &out).await.expect("written");
            let rows = rows(&out);
            let has = ["2025-06", "2025-07"].map(|it| rows.iter().any(|row| row["at"].starts_with(it)));
            assert_eq!((has, rows.len()), (months, rows_in), "{from} {to} {of}");
        }
        let [out, once] = ["later.csv", "once.csv"].map(|it| folder.path().join(it));
        write(&*store, &june(), &out).await.expect("written");
        let later = write(&*store, &wanted("2025-06-01", "2025-07-31"), &out).await.expect("goes on");
        write(&*store, &wanted("2025-06-01", "2025-07-31"), &once).await.expect("written");
        assert_eq!(later.added, 1);
        assert_eq!(std::fs::read(&out).expect("a file"), std::fs::read(&once).expect("a file"));
        let refused = write(&*store, &june(), &out).await.expect_err("fewer days").to_string();
        assert!(refused.contains("2025-07-31"), "{refused}");
        let other = Till::open().await;
        let refused = write(&*other.app.store, &june(), &once).await.expect_err("other books");
        assert!(matches!(refused, Trouble::Wrong(_)), "{refused}");
        let refused = write(&Memory::default(), &june(), &folder.path().join("none.csv")).await;
        assert!(refused.is_err_and(|it| it.to_string().contains("empty")));
    });
}

/// If this fails, a file for analysts says who people are, or does not say which lines are of one patient.
#[test]
fn nobody_is_named_and_pseudonyms_come_only_when_asked_for() {
    run(|| async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Memory::default());
        let till = Till::on(Arc::clone(&store)).await;
        morning(&till).await;
        afternoon(&till).await;
        let under = async |name: &str, vault: Option<&Vault>| {
            let out = folder.path().join(name);
            let done = export(&*store, &june(), vault, &out, Moment::from_millis(0), &|_| ()).await;
            done.expect("written");
            let text = std::fs::read_to_string(&out).expect("text");
            for it in everybody() {
                for secret in [&it.name, &it.id, &it.psn_no(), &it.card()] {
                    assert!(!text.contains(secret.as_str()), "{name} names {}", it.key);
                }
            }
            rows(&out)
        };
        let plain = under("plain.csv", None).await;
        assert!(plain.iter().all(|it| !it.contains_key("patient")));
        let (one, other) = (Vault::seeded(7), Vault::seeded(8));
        let all = settlements(&*store).await;
        let patients = |rows: &[Row]| -> BTreeSet<(u64, String)> {
            let of = |row: &Row| all[&SettlementNo(row["settlement"].parse().expect("a number"))].patient.0;
            rows.iter().map(|it| (of(it), it["patient"].clone())).collect()
        };
        let [one, again, other] = [
            under("a.csv", Some(&one)).await,
            under("b.csv", Some(&one)).await,
            under("c.csv", Some(&other)).await,
        ]
        .map(|it| patients(&it));
        assert_eq!(one.len(), 2, "two patients, a pseudonym each: {one:?}");
        assert_eq!(one, again);
        assert!(one.is_disjoint(&other), "another installation has others");
        assert!(one.iter().all(|(no, it)| it.len() == 32 && *it != no.to_string()));
        let refused = write(&*store, &june(), &folder.path().join("a.csv")).await.expect_err("without");
        assert!(refused.to_string().contains("with --pseudonyms"), "{refused}");
    });
}
