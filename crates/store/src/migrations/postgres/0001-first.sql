-- The books and everything that decisions look at, for PostgreSQL 15 and later.
--
-- Amounts are whole fen. Days count from 1970-01-01 (China Standard Time), moments are milliseconds since
-- 1970-01-01 00:00 UTC; the views at the end show both as dates. Columns that hold a word of a closed list hold its
-- number; the table `word` says which. In texts a backslash stands twice and NUL as `\0`, which PostgreSQL cannot hold.
--
-- `home` is the shard that a row lives on; on a single server it is 0 throughout. Rows about a person live in the
-- person's home, what two people share in the homes of both, what a lane writes in the lane's.
--
-- References are said in comments and not declared: a settlement would look up seven rows to be told what deciding
-- has just read. Columns stand in the order that leaves no gaps.

CREATE FUNCTION demand(holds boolean, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'GJ001', MESSAGE = what;
    END IF;
END
$$;
COMMENT ON FUNCTION demand IS 'Ends the transaction with error GJ001 unless something holds; what follows in the pipeline is then void.';

CREATE TABLE word (
    no   smallint NOT NULL,
    list text COLLATE "C" NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (list, no)
);
COMMENT ON TABLE word IS 'What the small numbers mean; filled by the program, which also checks it.';
COMMENT ON COLUMN word.list IS 'Name of the list, like relation.';
COMMENT ON COLUMN word.no IS 'Number in the list, as stored in other tables.';

CREATE TABLE fence (
    one   boolean PRIMARY KEY CHECK (one),
    epoch bigint NOT NULL
);
INSERT INTO fence VALUES (true, 0);
COMMENT ON TABLE fence IS 'How often institutions, mappings or the law were changed: whoever decided on an older epoch decides again.';

CREATE TABLE guard (
    home    smallint NOT NULL,
    person  bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (home, person)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE guard IS 'How often something was decided about a person, or about a pack with a trace code: whoever decided on an older version decides again.';

CREATE TABLE person (
    home     smallint NOT NULL,
    sex      smallint NOT NULL,
    born     integer NOT NULL,
    no       bigint NOT NULL,
    guardian bigint,
    died     integer,
    identity bytea,
    PRIMARY KEY (home, no)
);
CREATE INDEX person_by_guardian ON person (home, guardian) WHERE guardian IS NOT NULL;
COMMENT ON COLUMN person.no IS 'Our number; says nothing about the person.';
COMMENT ON COLUMN person.sex IS 'Word sex.';
COMMENT ON COLUMN person.born IS 'Day.';
COMMENT ON COLUMN person.died IS 'Day.';
COMMENT ON COLUMN person.guardian IS 'Person who acts for a minor.';
COMMENT ON COLUMN person.identity IS 'Name and documents, encrypted.';

CREATE TABLE lookup (
    home   smallint NOT NULL,
    person bigint NOT NULL,
    hash   bytea NOT NULL,
    PRIMARY KEY (home, hash)
);
COMMENT ON TABLE lookup IS 'What people are found by.';
COMMENT ON COLUMN lookup.hash IS 'Keyed hash of an ID number, card number, person number, or name and day of birth; 16 bytes.';

CREATE TABLE enrolment (
    home      smallint NOT NULL,
    scheme    smallint NOT NULL,
    category  smallint NOT NULL,
    account   boolean NOT NULL,
    contract  boolean NOT NULL,
    no        bigint NOT NULL,
    person    bigint NOT NULL,
    area      integer NOT NULL,
    first_day integer NOT NULL,
    last_day  integer,
    pauses    text COLLATE "C" NOT NULL,
    PRIMARY KEY (home, person, no)
);
COMMENT ON TABLE enrolment IS '参保关系';
COMMENT ON COLUMN enrolment.scheme IS 'Word scheme.';
COMMENT ON COLUMN enrolment.category IS 'Word category.';
COMMENT ON COLUMN enrolment.account IS 'Carries a personal account.';
COMMENT ON COLUMN enrolment.contract IS 'Has a family-doctor contract.';
COMMENT ON COLUMN enrolment.area IS 'Region code of the pooling area.';
COMMENT ON COLUMN enrolment.last_day IS 'Once it has ended.';
COMMENT ON COLUMN enrolment.pauses IS 'First days of pauses and first days after them: 2025-01-01/2025-03-01 2025-06-01/.';

CREATE TABLE purse (
    home    smallint NOT NULL,
    kind    smallint NOT NULL CHECK (kind IN (0, 1)),
    b       integer NOT NULL,
    a       bigint NOT NULL,
    prior   bigint NOT NULL CHECK (prior >= 0),
    current bigint NOT NULL CHECK (current >= 0),
    year    smallint NOT NULL,
    PRIMARY KEY (home, kind, a, b)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE purse IS 'Balances that are never negative.';
COMMENT ON COLUMN purse.kind IS '0: 个人账户; 1: 共济额度.';
COMMENT ON COLUMN purse.a IS '0: person; 1: binding.';
COMMENT ON COLUMN purse.b IS '0: region code of the area whose books it is in; 1: 0.';
COMMENT ON COLUMN purse.year IS 'The year that current belongs to; later it counts as prior.';

CREATE TABLE binding (
    home              smallint NOT NULL,
    no                bigint NOT NULL,
    giver             bigint NOT NULL,
    beneficiary       bigint NOT NULL,
    relation          smallint NOT NULL,
    giver_area        integer NOT NULL,
    beneficiary_area  integer NOT NULL,
    mode              smallint NOT NULL,
    started_by        smallint NOT NULL,
    channel           smallint NOT NULL,
    clerk             bigint,
    clerk_bearer      bigint,
    started           bigint NOT NULL,
    commitment        text COLLATE "C" NOT NULL,
    commitment_digest bytea NOT NULL,
    proof             smallint NOT NULL,
    stage             smallint NOT NULL CHECK (stage BETWEEN 0 AND 5),
    awaits            smallint,
    awaits_until      integer,
    then_review       boolean,
    review_since      bigint,
    reviewed_by       bigint,
    reviewed          bigint,
    review_why        bytea,
    in_force_from     bigint NOT NULL,
    last_day          integer,
    ended             bigint,
    end_why           smallint,
    end_side          smallint,
    end_decided       bigint,
    per_bill          bigint,
    per_month         bigint,
    per_year          bigint,
    rank              integer NOT NULL,
    quota             bigint,
    needs_decision    boolean NOT NULL,
    held              bigint,
    lines_shown       bigint,
    version           bigint NOT NULL,
    recorded          bigint NOT NULL,
    PRIMARY KEY (home, no)
);
CREATE INDEX binding_by_giver ON binding (home, giver);
CREATE INDEX binding_by_beneficiary ON binding (home, beneficiary);
CREATE INDEX binding_agreed ON binding (giver_area, relation, no) WHERE stage = 2 AND ended IS NULL;
CREATE INDEX binding_in_review ON binding (giver_area, review_since, no) WHERE stage = 1 AND ended IS NULL;
COMMENT ON TABLE binding IS '共济关系, as they are now. What follows from a date alone is not written.';
COMMENT ON COLUMN binding.relation IS 'Word relation: what the beneficiary is to the giver.';
COMMENT ON COLUMN binding.mode IS 'Word mode.';
COMMENT ON COLUMN binding.started_by IS 'Word side.';
COMMENT ON COLUMN binding.channel IS 'Word channel.';
COMMENT ON COLUMN binding.clerk IS 'Number of the clerk''s token.';
COMMENT ON COLUMN binding.clerk_bearer IS 'Whose token that is.';
COMMENT ON COLUMN binding.started IS 'Moment.';
COMMENT ON COLUMN binding.commitment IS 'Version of the text that was signed.';
COMMENT ON COLUMN binding.commitment_digest IS 'SM3 of the exact text.';
COMMENT ON COLUMN binding.proof IS 'Word proof.';
COMMENT ON COLUMN binding.stage IS '0 awaiting, 1 in review, 2 agreed, 3 declined, 4 withdrawn, 5 review refused.';
COMMENT ON COLUMN binding.awaits IS 'Word side, in stage 0.';
COMMENT ON COLUMN binding.awaits_until IS 'Day.';
COMMENT ON COLUMN binding.then_review IS 'Whether review follows.';
COMMENT ON COLUMN binding.review_since IS 'Moment, in stage 1.';
COMMENT ON COLUMN binding.reviewed_by IS 'Number of the token of who ended the review.';
COMMENT ON COLUMN binding.reviewed IS 'Moment of that.';
COMMENT ON COLUMN binding.review_why IS 'Keyed digest of the sealed paper that says why.';
COMMENT ON COLUMN binding.in_force_from IS 'Moment.';
COMMENT ON COLUMN binding.last_day IS 'Day that the giver has set.';
COMMENT ON COLUMN binding.ended IS 'Moment.';
COMMENT ON COLUMN binding.end_why IS '0 released, 1 died, 2 enrolment ended, 3 moved.';
COMMENT ON COLUMN binding.end_side IS 'Word side.';
COMMENT ON COLUMN binding.end_decided IS 'Moment.';
COMMENT ON COLUMN binding.per_bill IS 'Fen.';
COMMENT ON COLUMN binding.quota IS 'Fen wanted or earmarked.';
COMMENT ON COLUMN binding.held IS 'Moment since when the giver has put it on hold.';
COMMENT ON COLUMN binding.lines_shown IS 'Moment since when the patient lets the giver see the lines of bills.';
COMMENT ON COLUMN binding.version IS 'Counts the changes.';
COMMENT ON COLUMN binding.recorded IS 'Moment of this version.';

CREATE TABLE binding_history (
    LIKE binding INCLUDING COMMENTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (home, no, version)
);
COMMENT ON TABLE binding_history IS 'Every version of every binding; columns as in binding. It lives in the home of its number.';

CREATE TABLE usage (
    home     smallint NOT NULL,
    year     smallint NOT NULL,
    month    smallint NOT NULL,
    binding  bigint NOT NULL,
    in_month bigint NOT NULL,
    in_year  bigint NOT NULL,
    PRIMARY KEY (home, binding)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE usage IS 'What a binding has spent in the latest month and year it spent anything in.';

CREATE TABLE link (
    home       smallint NOT NULL,
    relation   smallint NOT NULL,
    confirm_by integer,
    member     bigint NOT NULL,
    holder     bigint NOT NULL,
    since      bigint NOT NULL,
    until      bigint,
    PRIMARY KEY (home, member, holder)
);
CREATE INDEX link_by_holder ON link (home, holder);
COMMENT ON TABLE link IS '亲情账户: the holder can show the member''s code.';
COMMENT ON COLUMN link.relation IS 'Word relation.';
COMMENT ON COLUMN link.since IS 'Moment.';
COMMENT ON COLUMN link.confirm_by IS 'The last day to agree; none: the member has.';
COMMENT ON COLUMN link.until IS 'Moment, once undone.';

CREATE TABLE proxy (
    home          smallint NOT NULL,
    reason        smallint NOT NULL,
    patient_paper smallint,
    agent_paper   smallint,
    last_day      integer NOT NULL,
    no            bigint NOT NULL,
    patient       bigint NOT NULL,
    agent         bigint NOT NULL,
    place         bigint,
    clerk         bigint,
    since         bigint NOT NULL,
    revoked       bigint,
    used          bigint,
    PRIMARY KEY (home, no)
);
CREATE INDEX proxy_by_patient ON proxy (home, patient, since, no);
CREATE INDEX proxy_by_agent ON proxy (home, agent, since, no);
COMMENT ON TABLE proxy IS '代购: a purchase that an agent may make for a patient who cannot come. It lives in the homes of its number, its patient and its agent.';
COMMENT ON COLUMN proxy.reason IS 'Word proxy_reason.';
COMMENT ON COLUMN proxy.patient_paper IS 'Word paper; none where no document is recorded.';
COMMENT ON COLUMN proxy.agent_paper IS 'Word paper; none where no document is recorded.';
COMMENT ON COLUMN proxy.last_day IS 'Day.';
COMMENT ON COLUMN proxy.place IS 'The only institution; none: anywhere.';
COMMENT ON COLUMN proxy.clerk IS 'The clerk''s token, where it was entrusted at a hall.';
COMMENT ON COLUMN proxy.since IS 'Moment.';
COMMENT ON COLUMN proxy.revoked IS 'Moment.';
COMMENT ON COLUMN proxy.used IS 'The settlement that used it and stands.';

CREATE TABLE institution (
    code         bigint PRIMARY KEY,
    area         integer NOT NULL,
    kind         smallint NOT NULL,
    level        smallint NOT NULL,
    designations text COLLATE "C" NOT NULL,
    suspensions  text COLLATE "C" NOT NULL,
    capabilities text COLLATE "C" NOT NULL,
    name         text COLLATE "C"
);
CREATE INDEX institution_by_name ON institution (name);
CREATE INDEX institution_by_area ON institution (area, code);
COMMENT ON TABLE institution IS '定点医药机构';
COMMENT ON COLUMN institution.code IS '1 for H or 2 for P, then the eleven digits.';
COMMENT ON COLUMN institution.kind IS 'Word institution_kind.';
COMMENT ON COLUMN institution.level IS 'Word level.';
COMMENT ON COLUMN institution.designations IS 'First and last days: 2020-01-01/2024-12-31 2025-06-01/.';
COMMENT ON COLUMN institution.suspensions IS 'First and last day and why, one to a line.';
COMMENT ON COLUMN institution.capabilities IS 'Word capability and its days, one to a line. What is not there is there always.';

CREATE TABLE mapping (
    institution bigint NOT NULL,
    own_code    text COLLATE "C" NOT NULL,
    code        text COLLATE "C" NOT NULL,
    PRIMARY KEY (institution, own_code)
);
COMMENT ON TABLE mapping IS 'An institution''s own codes.';
COMMENT ON COLUMN mapping.code IS 'National code; empty once the mapping is taken back.';

CREATE TABLE visit (
    home        smallint NOT NULL,
    scheme      smallint NOT NULL,
    cancelled   boolean NOT NULL,
    no          bigint NOT NULL,
    institution bigint NOT NULL,
    patient     bigint NOT NULL,
    enrolment   bigint NOT NULL,
    begun       bigint NOT NULL,
    discharged  bigint,
    final       bigint,
    nth         smallint CHECK (nth >= 0),
    med_type    text COLLATE "C",
    own_no      text COLLATE "C",
    PRIMARY KEY (home, no)
) PARTITION BY RANGE (no);
COMMENT ON TABLE visit IS '就诊';
COMMENT ON COLUMN visit.scheme IS 'Word scheme.';
COMMENT ON COLUMN visit.begun IS 'Moment.';
COMMENT ON COLUMN visit.med_type IS 'Kind of treatment, once stated.';
COMMENT ON COLUMN visit.own_no IS 'The institution''s own number of it, where it has one.';
COMMENT ON COLUMN visit.nth IS 'Of an in-patient stay: which of its year it is, once a settlement of it stands, else 0. NULL: it is no stay.';
COMMENT ON COLUMN visit.discharged IS 'Moment, of a stay.';
COMMENT ON COLUMN visit.final IS 'The final settlement of a stay, while it stands.';

CREATE TABLE stay (
    home        smallint NOT NULL,
    patient     bigint NOT NULL,
    institution bigint NOT NULL,
    visit       bigint NOT NULL,
    PRIMARY KEY (home, patient, institution, visit)
);
COMMENT ON TABLE stay IS 'In-patient stays of each patient at each institution.';

CREATE TABLE batch (
    home    smallint NOT NULL,
    visit   bigint NOT NULL,
    settled bigint,
    no      text COLLATE "C" NOT NULL,
    lines   bytea NOT NULL,
    PRIMARY KEY (home, visit, no)
) PARTITION BY RANGE (visit);
ALTER TABLE batch ALTER lines SET STORAGE EXTERNAL;
COMMENT ON TABLE batch IS 'Lines of a visit, as the institution groups them.';
COMMENT ON COLUMN batch.settled IS 'Settlement that took it and is not cancelled.';
COMMENT ON COLUMN batch.lines IS 'Compact encoding of the lines, and of what was taken back of them.';

CREATE TABLE charge (
    home  smallint NOT NULL,
    visit bigint NOT NULL,
    line  text COLLATE "C" NOT NULL,
    batch text COLLATE "C" NOT NULL,
    PRIMARY KEY (home, visit, line)
) PARTITION BY RANGE (visit);
COMMENT ON TABLE charge IS 'In which batch each line of a stay was put.';
COMMENT ON COLUMN charge.line IS 'The institution''s number of the line.';

CREATE TABLE trace (
    home       smallint NOT NULL,
    settlement bigint NOT NULL,
    code       text COLLATE "C" NOT NULL,
    PRIMARY KEY (home, code)
);
COMMENT ON TABLE trace IS '药品追溯码: packs that were sold whole, each once.';
COMMENT ON COLUMN trace.settlement IS 'By which it was sold; it stands.';

CREATE TABLE settlement (
    home             smallint NOT NULL,
    scheme           smallint NOT NULL,
    purpose          smallint NOT NULL,
    share            smallint NOT NULL,
    no               bigint NOT NULL,
    visit            bigint NOT NULL,
    institution      bigint NOT NULL,
    patient          bigint NOT NULL,
    area             integer NOT NULL,
    service_day      integer NOT NULL,
    at               bigint NOT NULL,
    total            bigint NOT NULL,
    full_self        bigint NOT NULL,
    over_limit       bigint NOT NULL,
    first_pay        bigint NOT NULL,
    in_scope         bigint NOT NULL,
    basic            bigint NOT NULL,
    large            bigint NOT NULL,
    account_before   bigint NOT NULL,
    tally_deductible bigint NOT NULL,
    tally_in_scope   bigint NOT NULL,
    tally_fund       bigint NOT NULL,
    accounts         bigint NOT NULL,
    relatives        bigint NOT NULL,
    cash             bigint NOT NULL,
    balance_after    bigint NOT NULL,
    undoes           bigint,
    undone_by        bigint,
    batch            text COLLATE "C" NOT NULL,
    med_type         text COLLATE "C" NOT NULL,
    bill             bytea NOT NULL,
    detail           bytea NOT NULL,
    PRIMARY KEY (home, no)
) PARTITION BY RANGE (no);
CREATE INDEX settlement_by_slot ON settlement ((at >> 16), institution);
COMMENT ON INDEX settlement_by_slot IS 'For reconciling with institutions: time first, in slots of about a minute, so that what is settled together is written together.';
COMMENT ON TABLE settlement IS '结算, and cancellations with the same amounts.';
COMMENT ON COLUMN settlement.scheme IS 'Word scheme.';
COMMENT ON COLUMN settlement.area IS 'The patient''s pooling area.';
COMMENT ON COLUMN settlement.purpose IS 'Word purpose.';
COMMENT ON COLUMN settlement.service_day IS 'Day.';
COMMENT ON COLUMN settlement.at IS 'Moment.';
COMMENT ON COLUMN settlement.total IS 'Fen, as all amounts here.';
COMMENT ON COLUMN settlement.full_self IS '全自费';
COMMENT ON COLUMN settlement.over_limit IS '超限价';
COMMENT ON COLUMN settlement.first_pay IS '先行自付';
COMMENT ON COLUMN settlement.in_scope IS '符合政策范围';
COMMENT ON COLUMN settlement.basic IS 'Paid by the basic fund.';
COMMENT ON COLUMN settlement.large IS 'Paid by the large-sum fund.';
COMMENT ON COLUMN settlement.share IS 'The fund''s share, in ten-thousandths.';
COMMENT ON COLUMN settlement.account_before IS 'Paid by the own account before the deductible.';
COMMENT ON COLUMN settlement.tally_deductible IS 'What it adds to the tallies.';
COMMENT ON COLUMN settlement.accounts IS '个人账户支出, own and shared.';
COMMENT ON COLUMN settlement.relatives IS '共济支付, contained in accounts.';
COMMENT ON COLUMN settlement.balance_after IS 'Of the own account.';
COMMENT ON COLUMN settlement.detail IS 'Compact encoding: what the patient bears by part, and the draws.';
COMMENT ON COLUMN settlement.bill IS 'Digest of lines and total, 8 bytes.';
COMMENT ON COLUMN settlement.undoes IS 'Settlement that this one cancels.';
COMMENT ON COLUMN settlement.undone_by IS 'Cancellation of this one.';

CREATE TABLE involved (
    home   smallint NOT NULL,
    role   smallint NOT NULL CHECK (role BETWEEN 1 AND 7),
    person bigint NOT NULL,
    at     bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (home, person, at, number)
);
COMMENT ON TABLE involved IS 'Whom each request concerned.';
COMMENT ON COLUMN involved.at IS 'Moment of the request.';
COMMENT ON COLUMN involved.number IS 'Of the settlement; where money moved, four times the serial of the request.';
COMMENT ON COLUMN involved.role IS 'Sum of 1: their money moved, 2: they are the patient, 4: it is a settlement or the cancellation of one.';

CREATE TABLE tally (
    home       smallint NOT NULL,
    year       smallint NOT NULL,
    scheme     smallint NOT NULL,
    care       smallint NOT NULL,
    month      smallint NOT NULL CHECK (month BETWEEN 0 AND 12),
    stays      smallint NOT NULL,
    person     bigint NOT NULL,
    deductible bigint NOT NULL,
    in_scope   bigint NOT NULL,
    fund       bigint NOT NULL,
    PRIMARY KEY (home, person, year, scheme, care, month)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE tally IS 'What patients have used of deductible and ceiling.';
COMMENT ON COLUMN tally.scheme IS 'Word scheme.';
COMMENT ON COLUMN tally.care IS 'Word care.';
COMMENT ON COLUMN tally.month IS '0: of the year.';
COMMENT ON COLUMN tally.stays IS 'Stays that were settled.';

CREATE TABLE record (
    home        smallint NOT NULL,
    sender_kind smallint NOT NULL CHECK (sender_kind IN (0, 1)),
    engine      smallint NOT NULL,
    lane        smallint NOT NULL,
    serial      bigint NOT NULL,
    at          bigint NOT NULL,
    sender      bigint NOT NULL,
    block       bigint NOT NULL,
    key_id      text COLLATE "C" NOT NULL,
    digest      bytea NOT NULL,
    law         bytea NOT NULL,
    salt        bytea NOT NULL,
    request     bytea NOT NULL,
    facts       bytea NOT NULL,
    decision    bytea NOT NULL,
    answer      bytea NOT NULL,
    PRIMARY KEY (home, serial)
) PARTITION BY RANGE (serial);
ALTER TABLE record ALTER request SET STORAGE EXTERNAL, ALTER facts SET STORAGE EXTERNAL,
    ALTER decision SET STORAGE EXTERNAL, ALTER answer SET STORAGE EXTERNAL;
COMMENT ON TABLE record IS 'Every request with its decision, for ever.';
COMMENT ON COLUMN record.at IS 'Moment of the decision.';
COMMENT ON COLUMN record.sender_kind IS '0 institution, 1 token.';
COMMENT ON COLUMN record.sender IS 'Code of the institution or number of the token.';
COMMENT ON COLUMN record.key_id IS 'Message id or idempotency key.';
COMMENT ON COLUMN record.digest IS 'SM3 of what was sent.';
COMMENT ON COLUMN record.request IS 'Compact encoding of actor and body.';
COMMENT ON COLUMN record.facts IS 'Compact encoding of the facts it was decided on.';
COMMENT ON COLUMN record.decision IS 'Compact encoding.';
COMMENT ON COLUMN record.engine IS 'Version of the deciding code.';
COMMENT ON COLUMN record.law IS 'Digest of the law book.';
COMMENT ON COLUMN record.answer IS 'As it was given, encrypted.';
COMMENT ON COLUMN record.salt IS 'Of the decision''s digest in the chain.';

CREATE TABLE request_key (
    home        smallint NOT NULL,
    sender_kind smallint NOT NULL,
    did         smallint NOT NULL CHECK (did BETWEEN 0 AND 4),
    arrived     boolean NOT NULL,
    sender      bigint NOT NULL,
    serial      bigint NOT NULL,
    settlement  bigint,
    id          text COLLATE "C" NOT NULL,
    PRIMARY KEY (home, sender_kind, sender, id)
);
COMMENT ON TABLE request_key IS 'What became of each message.';
COMMENT ON COLUMN request_key.serial IS 'The record that says so.';
COMMENT ON COLUMN request_key.arrived IS 'That record is the message''s own.';
COMMENT ON COLUMN request_key.did IS '0 nothing, 1 settled, 2 something else, 3 barred, 4 admitted a patient.';
COMMENT ON COLUMN request_key.settlement IS 'The settlement, where it settled.';

CREATE TABLE entry (
    home   smallint NOT NULL,
    seq    smallint NOT NULL,
    kind   smallint NOT NULL CHECK (kind BETWEEN 0 AND 6),
    part   smallint NOT NULL,
    b      integer NOT NULL,
    serial bigint NOT NULL,
    a      bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (home, serial, seq)
) PARTITION BY RANGE (serial);
COMMENT ON TABLE entry IS 'The ledger. Never updated, never deleted.';
COMMENT ON COLUMN entry.seq IS 'Place in the journal.';
COMMENT ON COLUMN entry.kind IS '0 personal(person, area), 1 quota(binding), 2 fund(area, 10 * scheme + fund_kind), 3 institution(code), 4 interarea(from, to), 5 intake(area), 6 receivable(person, area).';
COMMENT ON COLUMN entry.part IS 'Year of the year-part; 0: prior.';
COMMENT ON COLUMN entry.amount IS 'Fen gained (positive) or given (negative).';

CREATE TABLE block (
    home        smallint NOT NULL,
    lane        smallint NOT NULL,
    number      bigint NOT NULL,
    last_serial bigint NOT NULL,
    last_at     bigint NOT NULL,
    records     bigint NOT NULL,
    entries     bigint NOT NULL,
    persons     bigint NOT NULL,
    settlements bigint NOT NULL,
    previous    bytea NOT NULL,
    hash        bytea NOT NULL,
    PRIMARY KEY (home, lane, number)
);
COMMENT ON TABLE block IS 'The chain: what a lane committed at once.';
COMMENT ON COLUMN block.last_serial IS 'The last record in it.';
COMMENT ON COLUMN block.last_at IS 'Moment of the last record in it.';
COMMENT ON COLUMN block.records IS 'How many records the lane has made with all its blocks up to this one; so for the next three.';

CREATE TABLE notice (
    home    smallint NOT NULL,
    seq     smallint NOT NULL,
    what    smallint NOT NULL CHECK (what BETWEEN 0 AND 21),
    person  bigint NOT NULL,
    serial  bigint NOT NULL,
    at      bigint NOT NULL,
    about   bigint NOT NULL,
    PRIMARY KEY (home, person, serial, seq)
);
CREATE INDEX notice_by_serial ON notice (home, serial, seq);
COMMENT ON INDEX notice_by_serial IS 'For carrying messages on, in the order they were decided.';
COMMENT ON TABLE notice IS 'Messages to people.';
COMMENT ON COLUMN notice.at IS 'Moment of the record, which may live in another home.';
COMMENT ON COLUMN notice.what IS '0 please confirm, 1 in force, 2 ended, 3 needs decision, 4 on hold, 5 lines shown, 6 lines hidden; 7 proxy entrusted, 8 received, 9 revoked, 10 used, 11 returned; 12 amendment proposed, 13 approved, 14 rejected, 15 withdrawn; 16 code asked, 17 shown, 18 linked, 19 undone; 20 in review, 21 review refused.';
COMMENT ON COLUMN notice.about IS 'Number of the binding; of the proxy for 7 to 9; of the settlement for 10 and 11; of the amendment for 12 to 15; of the other person for 16 to 19; of the binding for 20 and 21.';

CREATE TABLE document (
    home        smallint NOT NULL,
    seq         smallint NOT NULL,
    act         smallint NOT NULL CHECK (act BETWEEN 0 AND 2),
    kind        smallint NOT NULL,
    seen        smallint NOT NULL,
    person      bigint NOT NULL,
    serial      bigint NOT NULL,
    at          bigint NOT NULL,
    clerk       bigint,
    about       bigint NOT NULL,
    binding     bigint,
    number      bytea,
    photographs bytea NOT NULL,
    PRIMARY KEY (home, person, serial, seq)
);
COMMENT ON TABLE document IS 'Documents that were shown at the counter, or sent.';
COMMENT ON COLUMN document.person IS 'Who showed or sent it.';
COMMENT ON COLUMN document.at IS 'Moment of the record, which may live in another home.';
COMMENT ON COLUMN document.clerk IS 'Number of the token of whoever saw it; none: it was sent.';
COMMENT ON COLUMN document.act IS 'For what: 0 a binding, 1 a bill that is said to be somebody else''s, 2 an amendment.';
COMMENT ON COLUMN document.about IS 'The number of the binding, settlement or amendment.';
COMMENT ON COLUMN document.binding IS 'The binding it is about.';
COMMENT ON COLUMN document.kind IS 'Word ''document_kind''.';
COMMENT ON COLUMN document.seen IS 'Word ''seen_as''.';
COMMENT ON COLUMN document.number IS 'Keyed digest of its number, which lies on the shelf.';
COMMENT ON COLUMN document.photographs IS 'Keyed digests of photographs, 32 bytes each, which lie on the shelf.';

CREATE TABLE amendment (
    home      smallint NOT NULL,
    what      smallint NOT NULL,
    stage     smallint NOT NULL,
    area      integer NOT NULL,
    person    bigint NOT NULL,
    no        bigint NOT NULL,
    proposed  bigint NOT NULL,
    amendment bytea NOT NULL,
    PRIMARY KEY (home, person, no)
);
CREATE INDEX amendment_waiting ON amendment (area, proposed, no) WHERE stage = 0;
COMMENT ON TABLE amendment IS 'Amendments of what people are known by (信息更正).';
COMMENT ON COLUMN amendment.what IS 'Word ''amended''.';
COMMENT ON COLUMN amendment.stage IS 'Word ''amendment_stage''.';
COMMENT ON COLUMN amendment.area IS 'Region code of the area whose halls decide it.';
COMMENT ON COLUMN amendment.proposed IS 'Moment.';
COMMENT ON COLUMN amendment.amendment IS 'All of it, encoded.';

CREATE TABLE book (
    digest  bytea PRIMARY KEY,
    content bytea NOT NULL
);
COMMENT ON TABLE book IS 'Every law book ever used.';

CREATE TABLE law (
    epoch  bigint NOT NULL,
    serial bigint NOT NULL,
    book   bytea NOT NULL,
    PRIMARY KEY (epoch, serial)
);
COMMENT ON TABLE law IS 'Which book came into force with which record; the last one is in force.';

CREATE TABLE desk (
    drawer text COLLATE "C" NOT NULL,
    key    text COLLATE "C" NOT NULL,
    value  bytea NOT NULL,
    until  bigint,
    PRIMARY KEY (drawer, key)
);
CREATE INDEX desk_until ON desk (until) WHERE until IS NOT NULL;
COMMENT ON TABLE desk IS 'Neither money nor law: outside chain and replay.';
COMMENT ON COLUMN desk.until IS 'Moment from which it no longer counts.';

CREATE TABLE paper (
    person bigint NOT NULL,
    until  bigint NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (person, digest)
);
CREATE INDEX paper_until ON paper (until);
ALTER TABLE paper ALTER sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE paper IS 'The shelf: photographs and other papers, sealed. Outside chain and replay.';
COMMENT ON COLUMN paper.person IS 'Whose it is.';
COMMENT ON COLUMN paper.until IS 'Moment from which it no longer counts.';
COMMENT ON COLUMN paper.digest IS 'Keyed digest of what is in it, 32 bytes.';
COMMENT ON COLUMN paper.sealed IS 'Encrypted, so it cannot be compressed.';

CREATE FUNCTION make_month(month bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    months CONSTANT bigint := 1024::bigint * 1073741824; -- Serials of a month, of all lanes.
    it record;
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(1196050004, 0); -- One at a time; whoever waited finds them made.
    FOR it IN
        SELECT * FROM (VALUES ('record', 1), ('entry', 1), ('visit', 4), ('batch', 4), ('charge', 4), ('settlement', 4))
            AS split (parent, per_serial)
    LOOP
        part := it.parent || '_' || to_char(date '2000-01-01' + make_interval(months => month::int), 'YYYYMM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) WITH (toast_tuple_target = 8160)', part, it.parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', it.parent, part,
            month * months * it.per_serial, (month + 1) * months * it.per_serial);
    END LOOP;
END
$$;
COMMENT ON FUNCTION make_month IS 'Makes the parts of a month, counted from January 2000; attaching one waits for nobody who reads or writes others.';

CREATE FUNCTION shown(moment bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    'SELECT to_timestamp(moment / 1000.0)';
CREATE FUNCTION shown_day(day integer) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''1970-01-01'' + day';

CREATE VIEW settlement_shown AS
SELECT s.no, s.visit, s.batch, s.institution, s.patient, w.word AS scheme, s.area, s.med_type,
    shown_day(s.service_day) AS service_day, shown(s.at) AS at, s.total, s.basic + s.large AS fund, s.accounts,
    s.relatives, s.cash, s.undoes, s.undone_by
FROM settlement AS s
JOIN word AS w ON w.list = 'scheme' AND w.no = s.scheme;

CREATE VIEW entry_shown AS
SELECT e.serial, shown(r.at) AS at, e.seq,
    (ARRAY['personal', 'quota', 'fund', 'institution', 'interarea', 'intake', 'receivable'])[e.kind + 1] AS kind,
    e.a, e.b, nullif(e.part, 0) AS year, e.amount
FROM entry AS e
JOIN record AS r ON r.home = e.home AND r.serial = e.serial;

CREATE VIEW person_shown AS
SELECT p.no, shown_day(p.born) AS born, w.word AS sex, shown_day(p.died) AS died, p.guardian
FROM person AS p
JOIN word AS w ON w.list = 'sex' AND w.no = p.sex;

CREATE VIEW enrolment_shown AS
SELECT e.no, e.person, s.word AS scheme, e.area, c.word AS category, e.account, shown_day(e.first_day) AS first_day,
    shown_day(e.last_day) AS last_day, e.pauses
FROM enrolment AS e
JOIN word AS s ON s.list = 'scheme' AND s.no = e.scheme
JOIN word AS c ON c.list = 'category' AND c.no = e.category;

CREATE VIEW binding_shown AS
SELECT DISTINCT b.no, b.giver, b.beneficiary, r.word AS relation, m.word AS mode, b.giver_area, b.beneficiary_area,
    b.stage, shown(b.in_force_from) AS in_force_from, shown_day(b.last_day) AS last_day, shown(b.ended) AS ended
FROM binding AS b
JOIN word AS r ON r.list = 'relation' AND r.no = b.relation
JOIN word AS m ON m.list = 'mode' AND m.no = b.mode;
