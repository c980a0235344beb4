-- Whether the books are right after a run, as one JSON object; psql variables: people. The four counts of mistakes must be 0.
WITH booked AS (
  SELECT settlement_id, sum(amount) AS rest, count(*) AS entries,
         count(*) FILTER (WHERE amount < 0 AND account_id >= 0) AS debits
    FROM entry GROUP BY settlement_id
), shape AS (
  SELECT count(*) AS settlements, sum(entries) AS entries, sum(debits) AS debits,
         count(*) FILTER (WHERE rest IS DISTINCT FROM 0) AS unbalanced,
         count(*) FILTER (WHERE total <> by_fund + by_accounts + by_cash) AS wrong_split
    FROM settlement FULL JOIN booked USING (settlement_id)
), lines AS (
  SELECT count(*) FILTER (WHERE total IS DISTINCT FROM lines_total) AS wrong_lines
    FROM settlement FULL JOIN (SELECT settlement_id, sum(amount) AS lines_total FROM bill_line GROUP BY settlement_id) AS bill
      USING (settlement_id)
), drift AS (
  SELECT (SELECT sum(balance) FROM account) - :people * 100000000000
         - (SELECT coalesce(sum(amount), 0) FROM entry WHERE account_id >= 0) AS drift
)
SELECT json_build_object('program', 'postgres', 'settlements', settlements,
    'debits_per_settlement', round(debits / nullif(settlements, 0), 2),
    'entries_per_settlement', round(entries / nullif(settlements, 0), 2),
    'unbalanced', unbalanced, 'wrong_split', wrong_split, 'wrong_lines', wrong_lines, 'drift', drift,
    'balanced', unbalanced = 0 AND wrong_split = 0 AND wrong_lines = 0 AND drift = 0)
  FROM shape, lines, drift;
