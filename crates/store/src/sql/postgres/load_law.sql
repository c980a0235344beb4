-- The epoch of institutions, mappings and law, and the law book in force.
SELECT fence.epoch, (SELECT book FROM law ORDER BY law.epoch DESC, law.serial DESC LIMIT 1)
FROM fence
