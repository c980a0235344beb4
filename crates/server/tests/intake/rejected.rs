//! Which lines are rejected, with which reason, and that nothing else comes of them.

use crate::bureau::{Bureau, Came, person};
use server::bench::town::Person;
use server::intake::kinds::Kind;
use server::intake::report::Report;

/// A line of the file of persons.
fn line(it: &Person, guardian: &str) -> String {
    let (psn, card, serial) = (it.psn_no(), it.card(), it.card_serial());
    format!("{psn},{},{},{card},{serial},{},{},{guardian}", it.name, it.id, it.born, it.sex.word())
}

const PERSONS: &str = "psn_no,name,id_number,card,card_serial,born,sex,guardian_id_number";

/// A file of these lines under a first line.
fn file(first: &str, lines: &[String]) -> String {
    format!("{first}\n{}\n", lines.join("\n"))
}

/// Lines, columns and codes.
fn said(came: &Came) -> Vec<(u64, String, String)> {
    let mut said: Vec<_> = came.1.iter().map(|it| (it.line, it.column.clone(), it.code.clone())).collect();
    said.sort();
    said
}

fn expected(rows: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
    rows.iter().map(|(line, column, code)| (*line, (*column).to_owned(), (*code).to_owned())).collect()
}

/// A file of persons in which almost everything that can be wrong is.
fn wrong_persons() -> String {
    let one = |index| line(&person(index), "");
    let changed = |index: u64, from: &str, to: &str| {
        let text = one(index);
        assert!(text.contains(from), "{text} {from}");
        text.replace(from, to)
    };
    let (id, name) = (|index| person(index).id, |index| person(index).name);
    let check = |id: &str| if id.ends_with('7') { "8" } else { "7" };
    let wrong_check = format!("{}{}", &id(8)[..17], check(&id(8)));
    file(
        PERSONS,
        &[
            one(0),                                                           // 2
            line(&person(4), &id(0)),                                         // 3: a ward before and after
            changed(8, &format!(",{},", id(8)), &format!(",{wrong_check},")), // 4
            changed(9, &person(9).born.to_string(), "2025-02-30"),            // 5
            changed(10, &person(10).born.to_string(), "1990-01-01"),          // 6
            changed(11, person(11).sex.word(), "x"),                          // 7
            changed(12, &name(12), &"长".repeat(51)),                         // 8
            changed(13, &name(13), ""),                                       // 9
            format!("{},more", one(14)),                                      // 10
            one(15).rsplit_once(',').expect("columns").0.to_owned(),          // 11
            changed(16, &name(16), "a\u{0}b"),                                // 12
            one(17),                                                          // 13: twice
            one(17),                                                          // 14
            "x".repeat(70_000),                                               // 15
            changed(18, &name(18), "\"open"),                                 // 16
            line(&person(5), &id(4)),            // 17: a guardian with a guardian
            line(&person(19), &id(30)),          // 18: a guardian nobody knows
            changed(20, &person(20).card(), ""), // 19
            one(21),                             // 20
        ],
    )
}

/// If this fails, somebody is taken in who is wrong on paper, or somebody is not who is right.
#[tokio::test]
async fn persons() {
    let bureau = Bureau::in_memory().await;
    let text = wrong_persons();
    let rejected = expected(&[
        (4, "id_number", "ID_NUMBER"),
        (5, "born", "DAY"),
        (6, "born", "BORN_DIFFERS"),
        (7, "sex", "WORD"),
        (8, "name", "LENGTH"),
        (9, "name", "LENGTH"),
        (10, "", "COLUMN_COUNT"),
        (11, "", "COLUMN_COUNT"),
        (12, "name", "CONTROL_CHARACTER"),
        (13, "", "REPEATED"),
        (14, "", "REPEATED"),
        (15, "", "LINE_TOO_LONG"),
        (16, "", "QUOTES"),
        (17, "", "GUARDIAN_IS_WARD"),
        (18, "guardian", "PERSON_UNKNOWN"),
        (19, "card_serial", "CARD_MISSING"),
    ]);
    let checked = bureau.check(Kind::Persons, text.as_str()).await;
    assert_eq!((said(&checked), bureau.persons().await), (rejected.clone(), 0), "checking takes nothing in");
    let came = bureau.take(Kind::Persons, text.as_str()).await;
    assert_eq!((said(&came), bureau.persons().await), (rejected.clone(), 3));
    assert_eq!(checked, came, "checking says the same");
    let (again, _) = bureau.take(Kind::Persons, text.as_str()).await;
    assert_eq!((again.taken, again.before, bureau.persons().await), (0, 3, 3));
    let mended = [line(&person(19), &person(0).id), line(&person(0), "")];
    let came = bureau.take(Kind::Persons, file(PERSONS, &mended)).await;
    assert_eq!(said(&came), expected(&[(3, "", "PERSON_KNOWN")]));
    assert_eq!(bureau.persons().await, 4);
}

/// If this fails, a report that is sent around names somebody.
#[tokio::test]
async fn a_report_repeats_no_value() {
    let bureau = Bureau::in_memory().await;
    let people: Vec<Person> = (0..40).map(person).collect();
    let wrong = |it: &Person| line(it, "").replace(&it.born.to_string(), "1900-01-01");
    let mut lines: Vec<String> = people[..20].iter().map(wrong).collect();
    lines.extend(people[20..].iter().map(|it| line(it, "990000190001010000")));
    let (_, rejected) = bureau.take(Kind::Persons, file(PERSONS, &lines)).await;
    assert_eq!(rejected.len(), 40);
    let mut written = Vec::new();
    let mut report = Report::new(&mut written).expect("a report");
    rejected.iter().for_each(|it| report.add(it).expect("added"));
    report.end().expect("written");
    let text = String::from_utf8(written).expect("text");
    assert_eq!(text.lines().count(), 41);
    for it in &people {
        let values = [&it.name, &it.id, &it.psn_no(), &it.card(), &it.born.to_string()];
        assert!(values.iter().all(|value| !text.contains(value.as_str())), "{text}");
    }
    assert!(!text.contains("990000"), "{text}");
}

/// People 0, 1 and 2 of the town, the first two with accounts.
async fn with_people() -> Bureau {
    let bureau = Bureau::in_memory().await;
    let lines: Vec<String> = (0..3).map(|it| line(&person(it), "")).collect();
    assert_eq!(bureau.take(Kind::Persons, file(PERSONS, &lines)).await.0.taken, 3);
    let row = |index, scheme, account| {
        format!("{},{scheme},320382,active,{account},2020-01-01", person(index).psn_no())
    };
    let lines = [row(0, "employee", "1"), row(1, "employee", "0"), row(2, "resident", "0")];
    let came = bureau.take(Kind::Enrolments, file("psn_no,scheme,area,category,account,from", &lines)).await;
    assert_eq!((came.0.taken, came.1), (3, Vec::new()));
    bureau
}

/// If this fails, people are enrolled where they cannot be, twice, or from days that do not exist.
#[tokio::test]
async fn enrolments() {
    let bureau = with_people().await;
    let (id, nobody) = (person(2).id, person(9).id);
    let row = |rest: &str| format!("{id},{rest}");
    let text = file(
        "id_number,scheme,area,category,account,contract,from",
        &[
            row("resident,320300,adult,0,,2020-01-01"),
            row("urban,320300,adult,0,,2020-01-01"),
            row("employee,3203,adult,0,,2020-01-01"),
            row("employee,320300,adults,0,,2020-01-01"),
            row("employee,320300,adult,yes,,2020-01-01"),
            row("employee,320300,adult,,,2020-01-01"),
            row("employee,320300,adult,1,2,2020-01-01"),
            row("employee,320300,adult,1,1,2020-13-01"),
            row("employee,320300,adult,1,1,20200101"),
            format!("{nobody},employee,320300,adult,1,1,2020-01-01"),
            format!("{}0,employee,320300,adult,1,1,2020-01-01", &nobody[..17]),
            ",employee,320300,adult,1,1,2020-01-01".to_owned(),
            row("employee,320300,active,1,1,2020-01-01"),
        ],
    );
    let mut rejected = expected(&[
        (2, "", "ENROLMENT_KNOWN"),
        (3, "scheme", "WORD"),
        (4, "area", "REGION"),
        (5, "category", "WORD"),
        (6, "account", "FLAG"),
        (7, "account", "FLAG"),
        (8, "contract", "FLAG"),
        (9, "from", "DAY"),
        (10, "from", "DAY"),
        (11, "person", "PERSON_UNKNOWN"),
        (12, "id_number", "ID_NUMBER"),
        (13, "id_number", "LENGTH"),
    ]);
    if nobody.ends_with('0') {
        rejected[10] = (12, String::new(), "REPEATED".to_owned());
    }
    let came = bureau.take(Kind::Enrolments, text).await;
    assert_eq!((said(&came), came.0.taken), (rejected, 1));
}

/// If this fails, money is created from a line that cannot be right, or is credited twice.
#[tokio::test]
async fn money() {
    let bureau = with_people().await;
    let psn = |index| person(index).psn_no();
    let row = |index, rest: &str| format!("{},{rest}", psn(index));
    let text = file(
        "psn_no,prior,current,reference",
        &[
            row(0, "100.00,20.50,"),
            row(1, "1.00,0.00,"),
            row(2, "-1.00,0.00,"),
            row(3, "1.005,0.00,"),
            row(4, "1,0.00,"),
            row(5, "1.0,0.00,"),
            row(6, "1e3.00,0.00,"),
            row(7, ",0.00,"),
            row(8, "1.00,99999999999999.00,"),
            row(9, "1.00,0.00,"),
            row(10, "1.00,0.00,a"),
            row(11, "1.00,0.00,a"),
            row(12, "1.00,0.00,"),
            row(12, "2.00,0.00,"),
            row(14, "１.00,0.00,"),
        ],
    );
    let rejected = expected(&[
        (3, "", "ACCOUNT_UNKNOWN"),
        (4, "prior", "AMOUNT"),
        (5, "prior", "AMOUNT"),
        (6, "prior", "AMOUNT"),
        (7, "prior", "AMOUNT"),
        (8, "prior", "AMOUNT"),
        (9, "prior", "AMOUNT"),
        (10, "current", "AMOUNT"),
        (11, "person", "PERSON_UNKNOWN"),
        (12, "", "REPEATED"),
        (13, "", "REPEATED"),
        (14, "", "REPEATED"),
        (15, "", "REPEATED"),
        (16, "prior", "AMOUNT"),
    ]);
    let came = bureau.take(Kind::Accounts, text).await;
    assert_eq!((said(&came), came.0.taken), (rejected, 1));
    let credits = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|it| row(0, it)).collect();
        file("psn_no,amount,reference", &lines)
    };
    let (first, _) = bureau.take(Kind::Credits, credits(&["5.00,r1", "5.00,", "5.00,", "0.00,"])).await;
    assert_eq!((first.taken, first.rejected), (3, 1), "a person may be credited often, nothing never");
    let more = bureau.take(Kind::Credits, credits(&["7.00,r2", "5.00,r1", "6.00,r2b"])).await;
    assert_eq!((more.0.taken, more.0.before), (2, 1), "a reference counts in whatever file");
    let other = bureau.take(Kind::Credits, credits(&["5.01,r1", "1.00,r3"])).await;
    assert_eq!(said(&other), expected(&[(2, "reference", "REFERENCE_REUSED")]));
}

/// If this fails, lines that were refused for what came too late can never be taken in.
#[tokio::test]
async fn what_was_refused_is_asked_again_where_that_is_wanted() {
    let bureau = with_people().await;
    let text =
        format!("psn_no,prior,current\n{},1.00,2.00\n{},3.00,4.00\n", person(0).psn_no(), person(3).psn_no());
    let counts = |came: &Came| (came.0.taken, came.0.before, came.0.rejected);
    assert_eq!(counts(&bureau.take(Kind::Accounts, text.as_str()).await), (1, 0, 1));
    assert_eq!(counts(&bureau.take_again(Kind::Accounts, text.as_str()).await), (0, 1, 1));
    bureau.take(Kind::Persons, file(PERSONS, &[line(&person(3), "")])).await;
    let enrolment = format!("{},employee,320300,active,1,2020-01-01", person(3).psn_no());
    bureau.take(Kind::Enrolments, file("psn_no,scheme,area,category,account,from", &[enrolment])).await;
    let stands = bureau.take(Kind::Accounts, text.as_str()).await;
    assert_eq!(said(&stands), expected(&[(3, "person", "PERSON_UNKNOWN")]), "the refusal stands");
    assert_eq!(counts(&bureau.take_again(Kind::Accounts, text.as_str()).await), (1, 1, 0));
    assert_eq!(counts(&bureau.take_again(Kind::Accounts, text.as_str()).await), (0, 2, 0));
}

/// If this fails, a binding is taken over between people who are not there, or an institution that nobody can name.
#[tokio::test]
async fn bindings_and_institutions() {
    let bureau = with_people().await;
    let psn = |index| person(index).psn_no();
    let row = |giver, beneficiary, rest: &str| format!("{},{},{rest}", psn(giver), psn(beneficiary));
    let text = file(
        "giver_psn_no,beneficiary_psn_no,relation,since,mode",
        &[
            row(0, 2, "parent,2024-01-15 09:00,"),
            row(0, 9, "parent,2024-01-15 09:00,live"),
            row(9, 2, "parent,2024-01-15,live"),
            row(0, 3, "uncle,2024-01-15,live"),
            row(0, 4, "parent,2024-01-15 24:00,live"),
            row(0, 5, "parent,15.1.2024,live"),
            row(0, 6, "parent,2024-01-15,pool"),
            row(1, 3, "parent,2024-01-15,"),
            row(1, 3, "child,2024-01-15,"),
        ],
    );
    let rejected = expected(&[
        (3, "beneficiary", "PERSON_UNKNOWN"),
        (4, "giver", "PERSON_UNKNOWN"),
        (5, "relation", "WORD"),
        (6, "since", "TIME"),
        (7, "since", "TIME"),
        (8, "mode", "WORD"),
        (9, "", "REPEATED"),
        (10, "", "REPEATED"),
    ]);
    let came = bureau.take(Kind::Bindings, text).await;
    assert_eq!((said(&came), came.0.taken), (rejected, 1));
    let lines = [
        "H32030000001,徐州市第一人民医院,320382,hospital,tertiary,2020-01-01,",
        "H32030000002,云龙社区,320300,community_centre,primary,2020-01-01,2019-12-31",
        "X32030000003,a,320300,hospital,tertiary,2020-01-01,",
        "H32030000004,,320300,hospital,tertiary,2020-01-01,",
        "H32030000005,a,320300,shop,tertiary,2020-01-01,",
        "H32030000006,a,320300,hospital,best,2020-01-01,",
        "H32030000007,a,320300,hospital,primary,,",
        "H32030000008,a,320300,hospital,primary,2020-01-01,2020-02-31",
        "H32030000009,\"徐州,二院\",320300,hospital,primary,2020-01-01,2030-12-31",
    ];
    let lines = lines.map(str::to_owned);
    let came = bureau.take(Kind::Institutions, file("code,name,area,kind,level,from,to", &lines)).await;
    let rejected = expected(&[
        (3, "", "DATES_CONTRADICT"),
        (4, "code", "INSTITUTION"),
        (5, "name", "LENGTH"),
        (6, "kind", "WORD"),
        (7, "level", "WORD"),
        (8, "from", "DAY"),
        (9, "to", "DAY"),
    ]);
    assert_eq!((said(&came), came.0.taken), (rejected, 2));
}
