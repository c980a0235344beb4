-- settle() decides one bill, books it and answers, in one call and one transaction.

-- What the plan recognises of an amount: class A (code divisible by 3) all, B all but the first-pay, C nothing.
CREATE FUNCTION part_covered(code int, amount bigint, first_pay int) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE code % 3 WHEN 0 THEN amount WHEN 1 THEN amount * (10000 - first_pay) / 10000 ELSE 0 END
$$;

-- What the caller is told, now and whenever the request comes again.
CREATE FUNCTION answer(done settlement, repeated boolean) RETURNS jsonb STABLE LANGUAGE sql AS $$
  SELECT jsonb_build_object('settlement', done.settlement_id, 'repeated', repeated, 'total', done.total,
    'fund', done.by_fund, 'accounts', done.by_accounts, 'cash', done.by_cash)
$$;

CREATE FUNCTION settle(at_hospital int, request uuid, who bigint, codes int[], quantities int[], prices bigint[])
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  done   settlement;
  terms  plan;
  givers bigint[];
  parts  bigint[];
BEGIN
  SELECT * INTO done FROM settlement WHERE hospital = at_hospital AND request_key = request;
  IF FOUND THEN
    RETURN answer(done, true);
  END IF;

  SELECT plan.* INTO STRICT terms FROM person JOIN plan USING (plan_id) WHERE person_id = who AND active;
  SELECT sum(quantity * price), sum(part_covered(code, quantity * price, terms.first_pay))
    INTO done.total, done.covered
    FROM unnest(codes, quantities, prices) AS bill(code, quantity, price);
  done.by_fund := least(greatest(done.covered - terms.deductible, 0) * terms.share / 10000, terms.ceiling);

  -- The own account, then those of the givers by rank, each up to its room. All are locked in the order of their numbers, so
  -- that two members of a family cannot wait for each other.
  WITH usable AS (
    SELECT account_id, rank, least(way.bill_limit, account.bill_limit, balance) AS room
      FROM (SELECT who AS account_id, 0 AS rank, 9223372036854775807 AS bill_limit
            UNION ALL SELECT giver, rank, bill_limit FROM binding WHERE beneficiary = who) AS way
      JOIN account USING (account_id)
     WHERE active
     ORDER BY account_id
       FOR UPDATE OF account
  ), draw AS (
    SELECT account_id, least(room, done.total - done.by_fund - sum(room) OVER (ORDER BY rank) + room) AS part
      FROM usable
  )
  SELECT coalesce(array_agg(account_id), '{}'), coalesce(array_agg(part), '{}'), coalesce(sum(part), 0)
    INTO givers, parts, done.by_accounts
    FROM draw WHERE part > 0;
  done.by_cash := done.total - done.by_fund - done.by_accounts;

  -- Of two at once with the same key, the second waits here and then fails on the key.
  INSERT INTO settlement (hospital, request_key, patient, total, covered, by_fund, by_accounts, by_cash)
    VALUES (at_hospital, request, who, done.total, done.covered, done.by_fund, done.by_accounts, done.by_cash)
    RETURNING settlement_id INTO done.settlement_id;
  INSERT INTO bill_line
    SELECT done.settlement_id, line_no, code, substr('ABC', code % 3 + 1, 1), quantity, price, quantity * price,
           part_covered(code, quantity * price, terms.first_pay)
      FROM unnest(codes, quantities, prices) WITH ORDINALITY AS bill(code, quantity, price, line_no);

  WITH taken AS (
    UPDATE account SET balance = balance - part
      FROM unnest(givers, parts) AS draw(giver, part)
     WHERE account_id = giver
    RETURNING account_id, -part, balance
  )
  INSERT INTO entry (settlement_id, account_id, amount, balance)
    SELECT done.settlement_id, taken.* FROM taken
    UNION ALL SELECT done.settlement_id, -1, -done.by_fund, NULL WHERE done.by_fund > 0;

  -- Last, since everybody at this hospital waits for this row until the commit.
  WITH given AS (
    UPDATE account SET balance = balance + done.by_fund + done.by_accounts
     WHERE account_id = 1000000000 + at_hospital
    RETURNING account_id, done.by_fund + done.by_accounts, balance
  )
  INSERT INTO entry (settlement_id, account_id, amount, balance)
    SELECT done.settlement_id, given.* FROM given;

  RETURN answer(done, false) || jsonb_build_object('givers', givers, 'parts', parts);
END $$;
