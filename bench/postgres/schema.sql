-- The tables a settlement touches in PostgreSQL, and made-up people to fill them; psql variables: people, hospitals.
-- Amounts are fen in bigint.

CREATE TABLE plan (
  plan_id    smallint PRIMARY KEY,
  deductible bigint NOT NULL,  -- of one bill
  share      int    NOT NULL,  -- that the fund pays, in 1/10,000
  ceiling    bigint NOT NULL,  -- of what the fund pays for one bill
  first_pay  int    NOT NULL   -- share of a class-B line that the patient bears first, in 1/10,000
);

CREATE TABLE person (
  person_id bigint   PRIMARY KEY,
  plan_id   smallint NOT NULL,
  active    boolean  NOT NULL
);

-- A person's account has the person's number, a hospital's the hospital's number after 1,000,000,000. The fund has no row,
-- since every settlement would have to wait for it: its sum comes from the entries, under account -1.
-- Free room in each page keeps an update of the balance on that page and out of the index.
CREATE TABLE account (
  account_id bigint  PRIMARY KEY,
  owner      char(1) NOT NULL CHECK (owner IN ('P', 'H')),
  bill_limit bigint  NOT NULL,  -- the most one bill may take
  balance    bigint  NOT NULL,
  active     boolean NOT NULL,
  CHECK (balance >= 0 OR owner = 'H')
) WITH (fillfactor = 70);

-- Whose account a person may use besides the own one. The index holds the whole row, so that one look-up is enough.
CREATE TABLE binding (
  beneficiary bigint   NOT NULL,
  rank        smallint NOT NULL,
  giver       bigint   NOT NULL,
  bill_limit  bigint   NOT NULL,
  PRIMARY KEY (beneficiary, rank) INCLUDE (giver, bill_limit)
);

CREATE TABLE settlement (
  settlement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hospital      int    NOT NULL,
  request_key   uuid   NOT NULL,
  patient       bigint NOT NULL,
  total         bigint NOT NULL,
  covered       bigint NOT NULL,
  by_fund       bigint NOT NULL,
  by_accounts   bigint NOT NULL,
  by_cash       bigint NOT NULL,
  settled_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (hospital, request_key)
);

CREATE TABLE bill_line (
  settlement_id bigint   NOT NULL,
  line_no       smallint NOT NULL,
  code          int      NOT NULL,
  class         char(1)  NOT NULL,
  quantity      int      NOT NULL,
  price         bigint   NOT NULL,
  amount        bigint   NOT NULL,
  covered       bigint   NOT NULL,
  PRIMARY KEY (settlement_id, line_no)
);

CREATE TABLE entry (
  entry_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  settlement_id bigint NOT NULL,
  account_id    bigint NOT NULL,
  amount        bigint NOT NULL,  -- below zero: taken from the account
  balance       bigint,           -- after it; none for the fund
  booked_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entry_by_account ON entry (account_id, entry_id);

INSERT INTO plan
  SELECT no, 1000 + no % 4 * 500, 5000 + no % 8 * 500, 500000, 1000 FROM generate_series(0, 15) AS no;

INSERT INTO person
  SELECT no, no % 16, true FROM generate_series(0, :people - 1) AS no;

-- Full accounts under low limits: however long it runs, a settlement goes on taking from one to three of them.
INSERT INTO account
  SELECT no, 'P', 8000 + no::bigint * 7919 % 24000, 100000000000, true FROM generate_series(0, :people - 1) AS no;
INSERT INTO account
  SELECT 1000000000 + no, 'H', 0, 0, true FROM generate_series(1, :hospitals) AS no;

-- Three in a row are a family, and each may use the accounts of the two others.
INSERT INTO binding
  SELECT no, rank, giver, 4000 + (no::bigint * 31 + rank * 17) % 16000
  FROM generate_series(0, :people - 1) AS no, generate_series(1, 2) AS rank,
       LATERAL (SELECT no - no % 3 + (no + rank) % 3 AS giver) AS family
  WHERE giver < :people;

VACUUM (ANALYZE, FREEZE);
CHECKPOINT;
