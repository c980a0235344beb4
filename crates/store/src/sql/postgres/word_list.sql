-- The words of all lists.
SELECT list, no, word
FROM word
