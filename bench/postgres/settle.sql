-- settle() decides one bill, books it and answers, in one call and one transaction.

-- What the plan recognises of an amount: class A (code divisible by 3) all, B all but the first-pay, C nothing.
CREATE FUNCTION part_covered(code int, amount bigint, first_pay int) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE code % 3 WHEN 0 THEN amount WHEN 1 THEN amount * (10000 - first_pay) / 10000 ELSE 0 END
$$;

CREATE FUNCTION settle(at_hospital int, request uuid, who bigint, codes int[], quantities int[], prices bigint[])
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  done   settlement;
  terms  plan;
  no     bigint;
  total  bigint;
  known  bigint;
  fund   bigint;
  cash   bigint;
  way    record;
  givers bigint[] := '{}';
  parts  bigint[] := '{}';
BEGIN
  SELECT * INTO done FROM settlement WHERE hospital = at_hospital AND request_key = request;
  IF FOUND THEN
    RETURN jsonb_build_object('settlement', done.settlement_id, 'repeated', true, 'total', done.total,
      'fund', done.by_fund, 'accounts', done.by_accounts, 'cash', done.by_cash);
  END IF;

  SELECT plan.* INTO STRICT terms FROM person JOIN plan USING (plan_id) WHERE person_id = who AND active;
  SELECT sum(quantity * price), sum(part_covered(code, quantity * price, terms.first_pay)) INTO total, known
    FROM unnest(codes, quantities, prices) AS bill(code, quantity, price);
  fund := least(greatest(known - terms.deductible, 0) * terms.share / 10000, terms.ceiling);

  -- The own account, then those of the givers by rank, each up to its room. All are locked in the order of their numbers, so
  -- that two members of a family cannot wait for each other.
  cash := total - fund;
  FOR way IN
    SELECT giver, least(room, balance) AS room FROM (
      SELECT giver, rank, least(usable.bill_limit, account.bill_limit) AS room, balance
        FROM (SELECT who AS giver, 0 AS rank, 9223372036854775807 AS bill_limit
              UNION ALL SELECT giver, rank, bill_limit FROM binding WHERE beneficiary = who) AS usable
        JOIN account ON account_id = giver
       WHERE active
       ORDER BY account_id
         FOR UPDATE OF account) AS locked
     ORDER BY rank
  LOOP
    EXIT WHEN cash = 0;
    IF way.room > 0 THEN
      givers := givers || way.giver;
      parts := parts || least(way.room, cash);
      cash := cash - least(way.room, cash);
    END IF;
  END LOOP;

  -- Of two at once with the same key, the second waits here and then fails on the key.
  INSERT INTO settlement (hospital, request_key, patient, total, covered, by_fund, by_accounts, by_cash)
    VALUES (at_hospital, request, who, total, known, fund, total - fund - cash, cash)
    RETURNING settlement_id INTO no;
  INSERT INTO bill_line
    SELECT no, line_no, code, substr('ABC', code % 3 + 1, 1), quantity, price, quantity * price,
           part_covered(code, quantity * price, terms.first_pay)
      FROM unnest(codes, quantities, prices) WITH ORDINALITY AS bill(code, quantity, price, line_no);

  WITH taken AS (
    UPDATE account SET balance = balance - part
      FROM unnest(givers, parts) AS draw(giver, part)
     WHERE account_id = giver
    RETURNING account_id, -part, balance
  )
  INSERT INTO entry (settlement_id, account_id, amount, balance)
    SELECT no, taken.* FROM taken
    UNION ALL SELECT no, -1, -fund, NULL WHERE fund > 0;

  -- Last, since everybody at this hospital waits for this row until the commit.
  WITH given AS (
    UPDATE account SET balance = balance + total - cash
     WHERE account_id = 1000000000 + at_hospital
    RETURNING account_id, total - cash, balance
  )
  INSERT INTO entry (settlement_id, account_id, amount, balance)
    SELECT no, given.* FROM given;

  RETURN jsonb_build_object('settlement', no, 'repeated', false, 'total', total, 'fund', fund,
    'accounts', total - fund - cash, 'cash', cash, 'givers', givers, 'parts', parts);
END $$;
