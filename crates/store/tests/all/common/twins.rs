//! A store beside the reference: both are asked the same, both must load, answer and show the same.

use super::*;
use domain::binding::Binding;
use domain::decision::Notice;
use domain::facts::{Facts, Settlement};
use domain::ledger::{Account, Entry};
use std::collections::BTreeSet;
use store::memory::Memory;
use store::told::Span;
use store::{LAST_SERIAL, LaneNo, Page, Query, Store, Waiting};

pub(crate) const LANE: LaneNo = LaneNo(1);

/// The store under test beside the reference, and everything that was ever named to them.
pub(crate) struct Twins<S> {
    pub(crate) reference: Memory,
    pub(crate) store: S,
    pub(crate) lanes: [Box<dyn Lane>; 2],
    pub(crate) named: Needs,
}

impl<S: Store> Twins<S> {
    pub(crate) async fn new(store: S) -> Twins<S> {
        let reference = Memory::default();
        let lanes = [reference.lane(LANE).await.expect("free"), store.lane(LANE).await.expect("free")];
        Twins { reference, store, lanes, named: Needs::default() }
    }

    /// The same requests to both, which must load and see the same.
    pub(crate) async fn ask(&mut self, moment: &str, asked: &[Asked]) -> Vec<Decision> {
        let [reference, store] = &mut self.lanes;
        let moment = at(moment);
        let (expected, decisions) = turn(reference.as_mut(), asked, moment).await.expect("commits");
        let (loaded, decided) = turn(store.as_mut(), asked, moment).await.expect("commits");
        assert_eq!(loaded, expected, "what is loaded for {asked:?}");
        assert_eq!(decided, decisions);
        self.name(asked, moment);
        self.compare_facts(moment).await;
        let needs = Needs::of(asked.iter().map(|(it, _)| it), moment);
        self.compare(&Query::Facts(Box::new(needs), moment)).await;
        decisions
    }

    pub(crate) async fn one(&mut self, moment: &str, asked: Asked) -> Decision {
        self.ask(moment, &[asked]).await.remove(0)
    }

    pub(crate) fn name(&mut self, asked: &[Asked], moment: Moment) {
        let needs = Needs::of(asked.iter().map(|(it, _)| it), moment);
        self.named.keys.extend(needs.keys);
        self.named.lookups.extend(needs.lookups);
        self.named.lookups.extend(needs.alone);
        self.named.persons.extend(needs.persons);
        self.named.institutions.extend(needs.institutions);
        self.named.holders.extend(needs.holders);
        self.named.visits.extend(needs.visits);
        self.named.visits.extend(needs.visits_alone);
        self.named.visits.extend(needs.stays);
        self.named.charges.extend(needs.charges);
        self.named.stays_at.extend(needs.stays_at);
        self.named.settlements.extend(needs.settlements);
        self.named.bindings.extend(needs.bindings);
        self.named.proxies.extend(needs.proxies);
        self.named.own_codes.extend(needs.own_codes);
        self.named.amendments.extend(needs.amendments);
        self.named.traces.extend(needs.traces);
        self.named.packs_of.extend(needs.packs_of);
        self.named.years.extend(needs.years);
    }

    /// Everything that was ever named: all facts there are.
    pub(crate) async fn compare_facts(&self, moment: Moment) {
        self.compare(&Query::Facts(Box::new(self.named.clone()), moment)).await;
    }

    pub(crate) async fn compare(&self, query: &Query) -> Page {
        let expected = self.reference.page(query).await.expect("answers");
        let page = self.store.page(query).await.expect("answers");
        assert_eq!(page, expected, "{query:?}");
        page
    }

    /// Every question, about everything there is, with small pages and large ones.
    pub(crate) async fn compare_all(&self) {
        for query in [Query::Lanes, Query::BookInForce, Query::Counts] {
            self.compare(&query).await;
        }
        for limit in [0, 1, 2, 3, 1000] {
            self.compare_records(limit).await;
            self.compare_institutions(limit).await;
            self.compare_agreed(limit).await;
            self.compare_money(limit).await;
        }
        let Page::Facts(all) =
            self.compare(&Query::Facts(Box::new(self.named.clone()), at("2026-12-31 10:00"))).await
        else {
            panic!("facts were asked for")
        };
        self.compare_waiting().await;
        for key in &self.named.keys {
            self.compare(&Query::Record(key.clone())).await;
        }
        for binding in all.facts.bindings.keys() {
            self.compare(&Query::BindingHistory(*binding)).await;
        }
        for person in all.facts.persons.keys() {
            self.compare_person(*person).await;
        }
        self.compare_told().await;
        self.compare_places(&all.facts).await;
        for institution in all.facts.institutions.keys() {
            self.compare_settled_at(*institution, &all.facts.settlements).await;
            self.compare_mappings(*institution).await;
        }
        let numbers = all.facts.settlements.keys().copied();
        let numbers = numbers.chain([SettlementNo(0), SettlementNo(u64::from(u32::MAX))]).collect();
        let found: Vec<Settlement> = all.facts.settlements.values().cloned().collect();
        assert_eq!(self.compare(&Query::Numbered(numbers)).await, Page::Numbered(found));
        self.compare(&Query::Numbered(BTreeSet::new())).await;
        self.compare_keys().await;
        for (beginning, limit) in
            [("", 1000), ("", 1), ("机构", 1), ("机构 H", 1000), ("机构 P", 1), ("z", 3)]
        {
            let beginning = beginning.to_owned();
            self.compare(&Query::InstitutionsCalled { beginning, limit }).await;
        }
        let all_lookups = Vec::from_iter(&self.named.lookups);
        for pair in all_lookups.windows(2).chain(all_lookups.chunks(1)) {
            let (from, last) = (*pair[0], *pair[pair.len() - 1]);
            // Ranges of one first byte only, as of people who are called alike.
            let to = if from.0[0] == last.0[0] { last } else { Lookup([from.0[0]; 16]).max(from) };
            for limit in [0, 1, 1000] {
                self.compare(&Query::FoundBetween { from, to, limit }).await;
            }
        }
        for digest in [Digest::of(&[b"book"]), Digest::of(&[b"no book"])] {
            self.compare(&Query::Book(digest)).await;
        }
    }

    /// What stands by a person, with small pages and large ones.
    async fn compare_person(&self, person: PersonNo) {
        for query in [Query::Links(person), Query::ShownBy(person), Query::Amendments(person)] {
            self.compare(&query).await;
        }
        for limit in [0, 1, 2, 1000] {
            self.compare(&Query::Notices { person, limit }).await;
            self.compare(&Query::Documents { person, limit }).await;
            self.compare(&Query::Proxies { person, limit }).await;
            self.compare_settlements(person, limit).await;
        }
    }

    /// What each lane told people, from its first serial to its last, with small pages and large ones: always the same,
    /// and nothing left out.
    async fn compare_told(&self) {
        let Page::Lanes(lanes) = self.compare(&Query::Lanes).await else { panic!("lanes were asked for") };
        for (lane, last) in lanes {
            let begin = Serial(lane.serials(299).0.0 - 1);
            let mut all = Vec::new();
            for limit in [1, 2, 3, 1000] {
                all.push(self.told(begin, last, limit).await);
            }
            assert!(all.iter().all(|it| *it == all[0]), "lane {}: pages differ by their size", lane.0);
        }
    }

    /// All that is told after a serial, read from page to page.
    async fn told(&self, begin: Serial, last: Serial, most: u32) -> (Vec<(Turn, Notice)>, Vec<Settlement>) {
        let (mut done, mut limit, mut all) = (begin, most, (Vec::new(), Vec::new()));
        while let Some(span) = Span::after(done, last, limit) {
            let Page::Told(told) = self.compare(&Query::Told(span)).await else {
                panic!("told was asked for")
            };
            let Page::Shared(shared) = self.compare(&Query::Shared(span)).await else {
                panic!("shared settlements were asked for")
            };
            assert!(shared.notices.is_empty() && shared.settlements.starts_with(&told.settlements));
            // Where one serial tells more than was asked for, more is asked for.
            limit = if told.upto < span.from { limit * 2 } else { most };
            done = done.max(told.upto);
            all.0.extend(told.notices);
            all.1.extend(told.settlements);
        }
        all
    }

    /// Amendments and reviews that wait.
    async fn compare_waiting(&self) {
        let area = |code: &str| Area::parse(code).expect("an area");
        let areas = ["000000", "320000", "320300", "320400", "330000", "440000", "440100"].map(area);
        for (since, limit) in [("2020-01-01", 9), ("2020-01-01", 1), ("2025-01-08", 9), ("2025-01-09", 9)] {
            let since = day(since).start();
            for area in areas {
                let mut after = None;
                let ask = |after| Query::AmendmentsWaiting(Waiting { area, since, after, limit });
                while let Page::AmendmentsWaiting(page) = self.compare(&ask(after)).await {
                    let Some(last) = page.last() else { break };
                    after = Some((last.area, last.proposed, last.no));
                }
                let mut after = None;
                let ask = |after| Query::Reviews(Waiting { area, since, after, limit });
                while let Page::Reviews(page) = self.compare(&ask(after)).await {
                    let place = |it: &Binding| Some((it.giver_area, it.in_review_since()?, it.no));
                    let Some(last) = page.last().and_then(place) else { break };
                    after = Some(last);
                }
            }
        }
    }

    /// Bindings that were agreed to, from page to page.
    async fn compare_agreed(&self, limit: u32) {
        let mut after = None;
        while let Page::Agreed(agreed) = self.compare(&Query::Agreed { after, limit }).await {
            let Some(last) = agreed.last() else { break };
            after = Some((last.giver_area, last.relation, last.no));
        }
    }

    /// What an institution's own codes stand for, from page to page.
    async fn compare_mappings(&self, institution: InstitutionCode) {
        for limit in [0, 1, 2, 1000] {
            let mut after = String::new();
            let ask = |after: &str| Query::Mappings { institution, after: after.to_owned(), limit };
            while let Page::Mappings(page) = self.compare(&ask(&after)).await {
                let Some(((_, own), _)) = page.last() else { break };
                after.clone_from(own);
            }
        }
    }

    /// Institutions of every area, of each kind and of all, by parts of their names, from page to page.
    async fn compare_places(&self, facts: &Facts) {
        let areas: BTreeSet<Area> =
            facts.institutions.values().map(|it| it.area).chain([Area::NATION]).collect();
        let kinds: Vec<_> = InstitutionKind::ALL.iter().copied().map(Some).chain([None]).collect();
        for (area, kind) in areas.iter().flat_map(|area| kinds.iter().map(|it| (*area, *it))) {
            for (called, limit) in [("", 1), ("", 1000), ("构", 1000), ("没有", 3)] {
                let mut after = None;
                let ask =
                    |after| Query::InstitutionsIn { area, kind, called: called.to_owned(), after, limit };
                while let Page::InstitutionsIn(found) = self.compare(&ask(after)).await {
                    let Some((last, _)) = found.last() else { break };
                    after = Some(last.code);
                }
            }
        }
    }

    /// Institutions with their names, from page to page.
    async fn compare_institutions(&self, limit: u32) {
        let mut after = None;
        while let Page::Institutions(found) = self.compare(&Query::Institutions { after, limit }).await {
            let Some((last, _)) = found.last() else { break };
            after = Some(last.code);
        }
    }

    /// Records, blocks, purses, from page to page.
    async fn compare_records(&self, limit: u32) {
        let mut from = Serial(0);
        while let Page::Records(records) =
            self.compare(&Query::Records { from, to: LAST_SERIAL, limit }).await
        {
            let Some(last) = records.last() else { break };
            from = Serial(last.turn.serial.0 + 1);
        }
        for lane in [0, 1, 2] {
            for from in [0, 1, 7] {
                self.compare(&Query::Blocks { lane, from, limit }).await;
            }
        }
        let mut from = Serial(0);
        while let Page::Journal(entries) = self.compare(&Query::Journal { from, limit }).await {
            let Some((last, _)) = entries.last() else { break };
            from = Serial(last.serial.0 + 1);
        }
        let mut after = None;
        while let Page::Purses(purses) = self.compare(&Query::Purses { after, limit }).await {
            let Some((account, _)) = purses.last() else { break };
            after = Some(*account);
        }
        let mut after = None;
        while let Page::Packs(packs) = self.compare(&Query::Packs { after, limit }).await {
            after = packs.last().map(|(code, _)| code.clone());
            if after.is_none() {
                break;
            }
        }
    }

    /// The entries of everybody's accounts, from page to page: none is lost between two pages.
    async fn compare_money(&self, limit: u32) {
        let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 1000 };
        let Page::Records(records) = self.compare(&query).await else { panic!("records were asked for") };
        let journals = records.iter().filter_map(|it| it.decision.changes()?.journal.as_ref());
        let entries: Vec<Entry> = journals.flat_map(|it| it.entries().iter().copied()).collect();
        let bindings = records.iter().filter_map(|it| it.decision.changes()).flat_map(|it| &it.bindings);
        let givers: BTreeMap<_, _> = bindings.map(|it| (it.no, it.giver)).collect();
        let mut owned: BTreeMap<PersonNo, BTreeSet<Account>> = BTreeMap::new();
        for entry in &entries {
            if let Some(owner) = owner(entry.account, &givers) {
                owned.entry(owner).or_default().insert(entry.account);
            }
        }
        let each = owned.iter().flat_map(|(owner, all)| all.iter().map(|it| (*owner, BTreeSet::from([*it]))));
        let each: Vec<(PersonNo, BTreeSet<Account>)> = each.collect();
        for (owner, accounts) in owned.into_iter().chain(each) {
            let mut expected: Vec<Entry> =
                entries.iter().filter(|it| accounts.contains(&it.account)).copied().collect();
            let mut shown = self.statement(owner, &accounts, limit).await;
            expected.sort();
            shown.sort();
            assert!(limit == 0 || shown == expected, "entries are lost between pages of {limit}");
        }
    }

    async fn statement(&self, owner: PersonNo, accounts: &BTreeSet<Account>, limit: u32) -> Vec<Entry> {
        let (mut before, mut shown) = (None, Vec::new());
        loop {
            let query = Query::Entries { owner, accounts: accounts.clone(), before, limit };
            let Page::Entries(page) = self.compare(&query).await else { panic!("entries were asked for") };
            let Some((turn, _)) = page.last() else { return shown };
            before = Some(*turn);
            shown.extend(page.into_iter().map(|(_, it)| it));
        }
    }

    /// What an institution settled, from page to page, in times that begin and end with a settlement: none is lost, each
    /// stands where it belongs, and the end is left out.
    async fn compare_settled_at(
        &self,
        institution: InstitutionCode,
        known: &BTreeMap<SettlementNo, Settlement>,
    ) {
        let there = known.values().filter(|it| it.institution == institution);
        let mut there: Vec<_> = there.map(Settlement::order).collect();
        there.sort();
        let ends = there.iter().map(|(at, _)| *at);
        let ends: BTreeSet<Moment> =
            ends.chain([at("2025-01-31 00:00"), at("2025-02-04 10:00"), at("2026-12-31 00:00")]).collect();
        let times = ends.iter().flat_map(|from| ends.range(from..).map(|to| *from..*to));
        for within in times.filter(|it| it.end.day().days_since(it.start.day()) < 60) {
            let wanted: Vec<_> = there.iter().copied().filter(|(at, _)| within.contains(at)).collect();
            for limit in [2, 1000] {
                let (mut after, mut shown) = (None, Vec::new());
                loop {
                    let query = Query::SettledAt { institution, within: within.clone(), after, limit };
                    let Page::SettledAt(page) = self.compare(&query).await else { panic!("not that page") };
                    let Some(last) = page.last() else { break };
                    after = Some(last.order());
                    shown.extend(page.iter().map(Settlement::order));
                }
                assert_eq!(shown, wanted, "{institution} in {within:?}");
            }
        }
    }

    /// The keys of all requests, and of none.
    async fn compare_keys(&self) {
        let query = Query::Records { from: Serial(0), to: LAST_SERIAL, limit: 1000 };
        let Page::Records(records) = self.compare(&query).await else { panic!("records were asked for") };
        let keys: BTreeMap<_, _> =
            records.iter().map(|it| (it.turn.serial, it.request.key.clone())).collect();
        let serials = keys.keys().copied().chain([Serial(1), LAST_SERIAL]).collect();
        assert_eq!(self.compare(&Query::Keys(serials)).await, Page::Keys(keys));
        self.compare(&Query::Keys(BTreeSet::new())).await;
    }

    async fn compare_settlements(&self, person: PersonNo, limit: u32) {
        let mut before = None;
        while let Page::Settlements(page) = self.compare(&Query::Settlements { person, before, limit }).await
        {
            let Some(last) = page.last() else { break };
            before = Some(Turn { serial: Serial::creator_of(last.no.0), at: last.at });
        }
    }
}

/// Whose account it is.
fn owner(account: Account, givers: &BTreeMap<BindingNo, PersonNo>) -> Option<PersonNo> {
    match account {
        Account::Personal(owner, _) | Account::Receivable(owner, _) => Some(owner),
        Account::Quota(binding) => givers.get(&binding).copied(),
        Account::Fund(..) | Account::Institution(_) | Account::Interarea(..) | Account::Intake(_) => None,
    }
}
