-- The books and everything that decisions look at.
--
-- Amounts are whole fen. Days count from 1970-01-01 (China Standard Time), moments are milliseconds since
-- 1970-01-01 00:00 UTC; the views at the end show both as dates. Columns that hold a word of a closed list
-- (scheme, relation, kind and so on) hold its number; the table `word` says which. REFERENCES are declared for
-- readers and for `PRAGMA foreign_key_check`; they are not enforced while settling.

CREATE TABLE word (              -- What the small numbers mean; filled by the program, which also checks it.
    list TEXT NOT NULL,          -- Name of the list, like 'relation'.
    no   INTEGER NOT NULL,       -- Number in the list, as stored in other tables.
    word TEXT NOT NULL,          -- The word.
    PRIMARY KEY (list, no)
) WITHOUT ROWID;

CREATE TABLE person (
    no       INTEGER PRIMARY KEY, -- Our number; says nothing about the person.
    born     INTEGER NOT NULL,    -- Day.
    sex      INTEGER NOT NULL,    -- Word 'sex'.
    died     INTEGER,             -- Day.
    guardian INTEGER,             -- Person who acts for a minor.
    identity BLOB                 -- Name and documents, encrypted.
);
CREATE INDEX person_by_guardian ON person (guardian) WHERE guardian IS NOT NULL;

CREATE TABLE lookup (             -- What people are found by.
    hash   BLOB PRIMARY KEY,      -- Keyed hash of an ID number, card number, person number, or name and day of birth; 16 bytes.
    person INTEGER NOT NULL REFERENCES person (no)
) WITHOUT ROWID;

CREATE TABLE enrolment (          -- 参保关系
    no        INTEGER NOT NULL,
    person    INTEGER NOT NULL REFERENCES person (no),
    scheme    INTEGER NOT NULL,   -- Word 'scheme'.
    area      INTEGER NOT NULL,   -- Region code of the pooling area.
    category  INTEGER NOT NULL,   -- Word 'category'.
    account   INTEGER NOT NULL CHECK (account IN (0, 1)),  -- Carries a personal account.
    contract  INTEGER NOT NULL CHECK (contract IN (0, 1)), -- Has a family-doctor contract.
    first_day INTEGER NOT NULL,
    last_day  INTEGER,            -- Once it has ended.
    pauses    TEXT NOT NULL,      -- First days of pauses and first days after them: '2025-01-01/2025-03-01 2025-06-01/'.
    PRIMARY KEY (person, no)
) WITHOUT ROWID;

CREATE TABLE purse (              -- Balances that are never negative.
    kind    INTEGER NOT NULL CHECK (kind IN (0, 1)), -- 0: 个人账户; 1: 共济额度.
    a       INTEGER NOT NULL,     -- 0: person; 1: binding.
    b       INTEGER NOT NULL,     -- 0: region code of the area whose books it is in; 1: 0.
    year    INTEGER NOT NULL,     -- The year that `current` belongs to; later it counts as prior.
    prior   INTEGER NOT NULL CHECK (prior >= 0),
    current INTEGER NOT NULL CHECK (current >= 0),
    PRIMARY KEY (kind, a, b)
) WITHOUT ROWID;

CREATE TABLE binding (            -- 共济关系, as they are now. What follows from a date alone is not written.
    no                 INTEGER PRIMARY KEY,
    giver              INTEGER NOT NULL REFERENCES person (no),
    beneficiary        INTEGER NOT NULL REFERENCES person (no),
    relation           INTEGER NOT NULL, -- Word 'relation': what the beneficiary is to the giver.
    giver_area         INTEGER NOT NULL,
    beneficiary_area   INTEGER NOT NULL,
    mode               INTEGER NOT NULL, -- Word 'mode'.
    started_by         INTEGER NOT NULL, -- Word 'side'.
    channel            INTEGER NOT NULL, -- Word 'channel'.
    clerk              INTEGER,          -- Number of the clerk's token.
    clerk_bearer       INTEGER,          -- Whose token that is.
    started            INTEGER NOT NULL, -- Moment.
    commitment         TEXT NOT NULL,    -- Version of the text that was signed.
    commitment_digest  BLOB NOT NULL,    -- SM3 of the exact text.
    proof              INTEGER NOT NULL, -- Word 'proof'.
    stage              INTEGER NOT NULL CHECK (stage BETWEEN 0 AND 5),
                       -- 0 awaiting, 1 in review, 2 agreed, 3 declined, 4 withdrawn, 5 review refused.
    awaits             INTEGER,          -- Word 'side', in stage 0.
    awaits_until       INTEGER,          -- Day.
    then_review        INTEGER,          -- Whether review follows.
    review_since       INTEGER,          -- Moment, in stage 1.
    reviewed_by        INTEGER,          -- Number of the token of who ended the review.
    reviewed           INTEGER,          -- Moment of that.
    review_why         BLOB,             -- Keyed digest of the sealed paper that says why.
    in_force_from      INTEGER NOT NULL, -- Moment.
    last_day           INTEGER,          -- Day that the giver has set.
    ended              INTEGER,          -- Moment.
    end_why            INTEGER,          -- 0 released, 1 died, 2 enrolment ended, 3 moved.
    end_side           INTEGER,          -- Word 'side'.
    end_decided        INTEGER,          -- Moment.
    per_bill           INTEGER,          -- Fen.
    per_month          INTEGER,
    per_year           INTEGER,
    rank               INTEGER NOT NULL,
    quota              INTEGER,          -- Fen wanted or earmarked.
    needs_decision     INTEGER NOT NULL CHECK (needs_decision IN (0, 1)),
    held               INTEGER,          -- Moment since when the giver has put it on hold.
    lines_shown        INTEGER,          -- Moment since when the patient lets the giver see the lines of bills.
    version            INTEGER NOT NULL, -- Counts the changes.
    recorded           INTEGER NOT NULL  -- Moment of this version.
);
CREATE INDEX binding_by_giver ON binding (giver);
CREATE INDEX binding_by_beneficiary ON binding (beneficiary);
CREATE INDEX binding_agreed ON binding (giver_area, relation, no) WHERE stage = 2 AND ended IS NULL;
CREATE INDEX binding_in_review ON binding (giver_area, review_since, no) WHERE stage = 1 AND ended IS NULL;

CREATE TABLE binding_history (    -- Every version of every binding; columns as in `binding`.
    no INTEGER NOT NULL, giver INTEGER NOT NULL, beneficiary INTEGER NOT NULL, relation INTEGER NOT NULL,
    giver_area INTEGER NOT NULL, beneficiary_area INTEGER NOT NULL, mode INTEGER NOT NULL,
    started_by INTEGER NOT NULL, channel INTEGER NOT NULL, clerk INTEGER, clerk_bearer INTEGER, started INTEGER NOT NULL,
    commitment TEXT NOT NULL, commitment_digest BLOB NOT NULL, proof INTEGER NOT NULL, stage INTEGER NOT NULL,
    awaits INTEGER, awaits_until INTEGER, then_review INTEGER, review_since INTEGER, reviewed_by INTEGER,
    reviewed INTEGER, review_why BLOB, in_force_from INTEGER NOT NULL, last_day INTEGER,
    ended INTEGER, end_why INTEGER, end_side INTEGER, end_decided INTEGER, per_bill INTEGER, per_month INTEGER,
    per_year INTEGER, rank INTEGER NOT NULL, quota INTEGER, needs_decision INTEGER NOT NULL,
    held INTEGER, lines_shown INTEGER, version INTEGER NOT NULL, recorded INTEGER NOT NULL,
    PRIMARY KEY (no, version)
) WITHOUT ROWID;

CREATE TABLE usage (              -- What a binding has spent in the latest month and year it spent anything in.
    binding  INTEGER PRIMARY KEY REFERENCES binding (no),
    year     INTEGER NOT NULL,
    month    INTEGER NOT NULL,
    in_month INTEGER NOT NULL,
    in_year  INTEGER NOT NULL
);

CREATE TABLE link (               -- 亲情账户: the holder can show the member's code.
    member   INTEGER NOT NULL REFERENCES person (no),
    holder   INTEGER NOT NULL REFERENCES person (no),
    relation INTEGER NOT NULL,    -- Word 'relation'.
    since    INTEGER NOT NULL,    -- Moment.
    confirm_by INTEGER,           -- The last day to agree; none: the member has.
    until    INTEGER,             -- Moment, once undone.
    PRIMARY KEY (member, holder)
) WITHOUT ROWID;
CREATE INDEX link_by_holder ON link (holder);

CREATE TABLE proxy (              -- 代购: a purchase that an agent may make for a patient who cannot come.
    no            INTEGER PRIMARY KEY,
    patient       INTEGER NOT NULL REFERENCES person (no),
    agent         INTEGER NOT NULL REFERENCES person (no),
    reason        INTEGER NOT NULL, -- Word 'proxy_reason'.
    place         INTEGER,          -- The only institution; none: anywhere.
    patient_paper INTEGER,          -- Word 'paper'.
    agent_paper   INTEGER,          -- Word 'paper'.
    clerk         INTEGER,          -- The clerk's token, where it was entrusted at a hall.
    since         INTEGER NOT NULL, -- Moment.
    last_day      INTEGER NOT NULL, -- Day.
    revoked       INTEGER,          -- Moment.
    used          INTEGER           -- The settlement that used it and stands.
);
CREATE INDEX proxy_by_patient ON proxy (patient, since, no);
CREATE INDEX proxy_by_agent ON proxy (agent, since, no);

CREATE TABLE institution (        -- 定点医药机构
    code         INTEGER PRIMARY KEY, -- 1 for H or 2 for P, then the eleven digits.
    area         INTEGER NOT NULL,
    kind         INTEGER NOT NULL,    -- Word 'institution_kind'.
    level        INTEGER NOT NULL,    -- Word 'level'.
    designations TEXT NOT NULL,       -- First and last days: '2020-01-01/2024-12-31 2025-06-01/'.
    suspensions  TEXT NOT NULL,       -- First and last day and why, one to a line.
    capabilities TEXT NOT NULL,       -- Word 'capability' and its days, one to a line. What is not there is there always.
    name         TEXT
);
CREATE INDEX institution_by_name ON institution (name);
CREATE INDEX institution_by_area ON institution (area);

CREATE TABLE mapping (            -- An institution's own codes.
    institution INTEGER NOT NULL REFERENCES institution (code),
    own_code    TEXT NOT NULL,
    code        TEXT NOT NULL,    -- National code; empty once the mapping is taken back.
    PRIMARY KEY (institution, own_code)
) WITHOUT ROWID;

CREATE TABLE visit (              -- 就诊
    no          INTEGER PRIMARY KEY,
    institution INTEGER NOT NULL REFERENCES institution (code),
    patient     INTEGER NOT NULL REFERENCES person (no),
    scheme      INTEGER NOT NULL, -- Word 'scheme'.
    enrolment   INTEGER NOT NULL, -- The patient's; may change.
    begun       INTEGER NOT NULL, -- Moment.
    med_type    TEXT,             -- Kind of treatment, once stated.
    cancelled   INTEGER NOT NULL CHECK (cancelled IN (0, 1)),
    nth         INTEGER,          -- Of an in-patient stay: which of its year it is, once a settlement of it stands,
                                  -- else 0. NULL: it is no stay.
    discharged  INTEGER,          -- Moment, of a stay.
    final       INTEGER,          -- The final settlement of a stay, while it stands.
    own_no      TEXT,             -- The institution's own number of it, where it has one.
    FOREIGN KEY (patient, enrolment) REFERENCES enrolment (person, no)
);

CREATE TABLE stay (               -- 住院: in-patient stays of each patient at each institution.
    patient     INTEGER NOT NULL REFERENCES person (no),
    institution INTEGER NOT NULL REFERENCES institution (code),
    visit       INTEGER NOT NULL REFERENCES visit (no),
    PRIMARY KEY (patient, institution, visit)
) WITHOUT ROWID;

CREATE TABLE batch (              -- Lines of a visit, as the institution groups them.
    visit   INTEGER NOT NULL REFERENCES visit (no),
    no      TEXT NOT NULL,
    settled INTEGER,              -- Settlement that took it and is not cancelled.
    lines   BLOB NOT NULL,        -- Compact encoding of the lines, and of what was taken back of them.
    PRIMARY KEY (visit, no)
) WITHOUT ROWID;

CREATE TABLE charge (             -- In which batch each line of a stay was put.
    visit INTEGER NOT NULL REFERENCES visit (no),
    line  TEXT NOT NULL,          -- The institution's number of the line.
    batch TEXT NOT NULL,
    PRIMARY KEY (visit, line)
) WITHOUT ROWID;

CREATE TABLE trace (              -- 药品追溯码: packs that were sold whole, each once.
    code       TEXT PRIMARY KEY,
    settlement INTEGER NOT NULL REFERENCES settlement (no) -- By which they were sold; it stands.
) WITHOUT ROWID;

CREATE TABLE settlement (         -- 结算, and cancellations with the same amounts.
    no             INTEGER PRIMARY KEY,
    visit          INTEGER NOT NULL REFERENCES visit (no),
    batch          TEXT NOT NULL,
    institution    INTEGER NOT NULL REFERENCES institution (code),
    patient        INTEGER NOT NULL REFERENCES person (no),
    scheme         INTEGER NOT NULL, -- Word 'scheme'.
    area           INTEGER NOT NULL, -- The patient's pooling area.
    med_type       TEXT NOT NULL,
    purpose        INTEGER NOT NULL, -- Word 'purpose'.
    service_day    INTEGER NOT NULL, -- Day.
    at             INTEGER NOT NULL, -- Moment.
    total          INTEGER NOT NULL, -- Fen, as all amounts here.
    full_self      INTEGER NOT NULL, -- 全自费
    over_limit     INTEGER NOT NULL, -- 超限价
    first_pay      INTEGER NOT NULL, -- 先行自付
    in_scope       INTEGER NOT NULL, -- 符合政策范围
    basic          INTEGER NOT NULL, -- Paid by the basic fund.
    large          INTEGER NOT NULL, -- Paid by the large-sum fund.
    share          INTEGER NOT NULL, -- The fund's share, in ten-thousandths.
    account_before INTEGER NOT NULL, -- Paid by the own account before the deductible.
    tally_deductible INTEGER NOT NULL, -- What it adds to the tallies.
    tally_in_scope INTEGER NOT NULL,
    tally_fund     INTEGER NOT NULL,
    accounts       INTEGER NOT NULL, -- 个人账户支出, own and shared.
    relatives      INTEGER NOT NULL, -- 共济支付, contained in `accounts`.
    cash           INTEGER NOT NULL,
    balance_after  INTEGER NOT NULL, -- Of the own account.
    detail         BLOB NOT NULL,    -- Compact encoding: what the patient bears by part, and the draws.
    bill           BLOB NOT NULL,    -- Digest of lines and total, 8 bytes.
    undoes         INTEGER,          -- Settlement that this one cancels.
    undone_by      INTEGER           -- Cancellation of this one.
);
-- For reconciling with institutions. Time comes first, in slots of about a minute: what is settled together is written
-- together, instead of to a page for each institution.
CREATE INDEX settlement_by_slot ON settlement (at >> 16, institution);

CREATE TABLE involved (           -- Whom each request concerned.
    person INTEGER NOT NULL,
    at     INTEGER NOT NULL,      -- Moment of the request.
    number INTEGER NOT NULL,      -- Of the settlement; where money moved, four times the serial of the request.
    role   INTEGER NOT NULL CHECK (role BETWEEN 1 AND 7), -- Sum of 1: their money moved, 2: they are the patient,
                                  -- 4: it is a settlement or the cancellation of one.
    PRIMARY KEY (person, at, number)
) WITHOUT ROWID;

CREATE TABLE tally (              -- What patients have used of deductible and ceiling.
    person     INTEGER NOT NULL REFERENCES person (no),
    year       INTEGER NOT NULL,
    scheme     INTEGER NOT NULL,  -- Word 'scheme'.
    care       INTEGER NOT NULL,  -- Word 'care'.
    month      INTEGER NOT NULL CHECK (month BETWEEN 0 AND 12), -- 0: of the year.
    deductible INTEGER NOT NULL,
    in_scope   INTEGER NOT NULL,
    fund       INTEGER NOT NULL,
    stays      INTEGER NOT NULL,  -- Stays that were settled.
    PRIMARY KEY (person, year, scheme, care, month)
) WITHOUT ROWID;

CREATE TABLE record (             -- Every request with its decision, for ever.
    serial      INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL, -- Moment of the decision.
    sender_kind INTEGER NOT NULL CHECK (sender_kind IN (0, 1)), -- 0 institution, 1 token.
    sender      INTEGER NOT NULL, -- Code of the institution or number of the token.
    key_id      TEXT NOT NULL,    -- Message id or idempotency key.
    digest      BLOB NOT NULL,    -- SM3 of what was sent.
    request     BLOB NOT NULL,    -- Compact encoding of actor and body.
    facts       BLOB NOT NULL,    -- Compact encoding of the facts it was decided on.
    decision    BLOB NOT NULL,    -- Compact encoding.
    engine      INTEGER NOT NULL, -- Version of the deciding code.
    law         BLOB NOT NULL,    -- Digest of the law book.
    salt        BLOB NOT NULL,    -- Of the decision's digest in the chain.
    lane        INTEGER NOT NULL,
    block       INTEGER NOT NULL
);

CREATE TABLE answer (             -- Answers as they were given, pressed and encrypted; apart, so that pages are full.
    serial INTEGER PRIMARY KEY REFERENCES record (serial),
    answer BLOB NOT NULL
);

CREATE TABLE request_key (        -- What became of each message.
    sender_kind INTEGER NOT NULL,
    sender      INTEGER NOT NULL,
    id          TEXT NOT NULL,
    serial      INTEGER NOT NULL REFERENCES record (serial), -- The record that says so.
    arrived     INTEGER NOT NULL CHECK (arrived IN (0, 1)),  -- 1: that record is the message's own.
    did         INTEGER NOT NULL CHECK (did BETWEEN 0 AND 4), -- 0 nothing, 1 settled, 2 something else, 3 barred,
                                  -- 4 admitted a patient.
    settlement  INTEGER,          -- The settlement, where it settled.
    PRIMARY KEY (sender_kind, sender, id)
) WITHOUT ROWID;

CREATE TABLE entry (              -- The ledger. Never updated, never deleted.
    serial INTEGER NOT NULL REFERENCES record (serial),
    seq    INTEGER NOT NULL,      -- Place in the journal.
    kind   INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 6),
           -- 0 personal(person, area), 1 quota(binding), 2 fund(area, 10 * scheme + fund_kind), 3 institution(code),
           -- 4 interarea(from, to), 5 intake(area), 6 receivable(person, area).
    a      INTEGER NOT NULL,
    b      INTEGER NOT NULL,
    part   INTEGER NOT NULL,      -- Year of the year-part; 0: prior.
    amount INTEGER NOT NULL,      -- Fen gained (positive) or given (negative).
    PRIMARY KEY (serial, seq)
) WITHOUT ROWID;

CREATE TABLE block (              -- The chain: what a lane committed at once.
    lane     INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    previous BLOB NOT NULL,
    hash     BLOB NOT NULL,
    last_serial INTEGER NOT NULL, -- The last record in it,
    last_at  INTEGER NOT NULL,    -- and its moment.
    records  INTEGER NOT NULL,    -- How many records, entries, persons and settlements the lane has made with all
    entries  INTEGER NOT NULL,    -- its blocks up to this one, so that nobody has to count.
    persons  INTEGER NOT NULL,
    settlements INTEGER NOT NULL,
    PRIMARY KEY (lane, number)
) WITHOUT ROWID;

CREATE TABLE notice (             -- Messages to people.
    person  INTEGER NOT NULL,
    serial  INTEGER NOT NULL REFERENCES record (serial),
    seq     INTEGER NOT NULL,
    about   INTEGER NOT NULL,     -- Number of the binding; of the proxy for 7 to 9; of the settlement for 10 and 11; of the amendment for 12 to 15; of the other person for 16 to 19; of the binding for 20 and 21.
    what    INTEGER NOT NULL CHECK (what BETWEEN 0 AND 21),
            -- 0 please confirm, 1 in force, 2 ended, 3 needs decision, 4 on hold, 5 lines shown, 6 lines hidden;
            -- 7 proxy entrusted, 8 received, 9 revoked, 10 used, 11 returned;
            -- 12 amendment proposed, 13 approved, 14 rejected, 15 withdrawn;
            -- 16 code asked, 17 shown, 18 linked, 19 undone; 20 in review, 21 review refused.
    PRIMARY KEY (person, serial, seq)
) WITHOUT ROWID;

CREATE TABLE document (           -- Documents that were shown at the counter, or sent.
    person      INTEGER NOT NULL, -- Who showed or sent it.
    serial      INTEGER NOT NULL REFERENCES record (serial),
    seq         INTEGER NOT NULL,
    clerk       INTEGER,          -- Number of the token of whoever saw it; none: it was sent.
    act         INTEGER NOT NULL CHECK (act BETWEEN 0 AND 2), -- For what: 0 a binding, 1 a bill that is said to be somebody else's, 2 an amendment.
    about       INTEGER NOT NULL, -- The number of the binding, settlement or amendment.
    binding     INTEGER,          -- The binding it is about.
    kind        INTEGER NOT NULL, -- Word 'document_kind'.
    seen        INTEGER NOT NULL, -- Word 'seen_as'.
    number      BLOB,             -- Keyed digest of its number, which lies on the shelf.
    photographs BLOB NOT NULL,    -- Keyed digests of photographs, 32 bytes each, which lie on the shelf.
    PRIMARY KEY (person, serial, seq)
) WITHOUT ROWID;
-- For carrying messages on, in the order they were decided.
CREATE INDEX notice_by_serial ON notice (serial, seq);

CREATE TABLE amendment (          -- Amendments of what people are known by (信息更正).
    person    INTEGER NOT NULL,
    no        INTEGER NOT NULL,
    proposed  INTEGER NOT NULL,   -- Moment.
    what      INTEGER NOT NULL,   -- Word 'amended'.
    stage     INTEGER NOT NULL,   -- Word 'amendment_stage'.
    area      INTEGER NOT NULL,   -- Region code of the area whose halls decide it.
    amendment BLOB NOT NULL,      -- All of it, encoded.
    PRIMARY KEY (person, no)
) WITHOUT ROWID;
CREATE INDEX amendment_waiting ON amendment (area, proposed, no) WHERE stage = 0;

CREATE TABLE book (               -- Every law book ever used.
    digest  BLOB PRIMARY KEY,
    content BLOB NOT NULL
);

CREATE TABLE law (                -- Which book came into force with which record; the last one is in force.
    at     INTEGER NOT NULL,      -- Moment of the record.
    serial INTEGER NOT NULL REFERENCES record (serial),
    book   BLOB NOT NULL,
    PRIMARY KEY (at, serial)
) WITHOUT ROWID;

CREATE TABLE desk (               -- Neither money nor law: outside chain and replay.
    drawer TEXT NOT NULL,
    key    TEXT NOT NULL,
    value  BLOB NOT NULL,
    until  INTEGER,               -- Moment from which it no longer counts.
    PRIMARY KEY (drawer, key)
) WITHOUT ROWID;
CREATE INDEX desk_until ON desk (until) WHERE until IS NOT NULL;

CREATE TABLE paper (              -- The shelf: photographs and other papers, sealed. Outside chain and replay.
    person INTEGER NOT NULL,      -- Whose it is.
    digest BLOB NOT NULL,         -- Keyed digest of what is in it, 32 bytes.
    until  INTEGER NOT NULL,      -- Moment from which it no longer counts.
    sealed BLOB NOT NULL,
    PRIMARY KEY (person, digest)
);
CREATE INDEX paper_until ON paper (until);

CREATE VIEW settlement_shown AS
SELECT no, visit, batch, institution, patient, area, med_type, date(service_day * 86400, 'unixepoch') AS service_day,
    datetime(at / 1000 + 28800, 'unixepoch') AS at, total, basic + large AS fund, accounts, relatives, cash, undoes,
    undone_by
FROM settlement;

CREATE VIEW enrolment_shown AS
SELECT e.no, e.person, s.word AS scheme, e.area, c.word AS category, e.account,
    date(e.first_day * 86400, 'unixepoch') AS first_day, date(e.last_day * 86400, 'unixepoch') AS last_day, e.pauses
FROM enrolment e
JOIN word s ON s.list = 'scheme' AND s.no = e.scheme
JOIN word c ON c.list = 'category' AND c.no = e.category;

CREATE VIEW binding_shown AS
SELECT b.no, b.giver, b.beneficiary, r.word AS relation, m.word AS mode, b.giver_area, b.beneficiary_area, b.stage,
    datetime(b.in_force_from / 1000 + 28800, 'unixepoch') AS in_force_from,
    date(b.last_day * 86400, 'unixepoch') AS last_day, datetime(b.ended / 1000 + 28800, 'unixepoch') AS ended
FROM binding b
JOIN word r ON r.list = 'relation' AND r.no = b.relation
JOIN word m ON m.list = 'mode' AND m.no = b.mode;
