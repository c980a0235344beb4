-- The epoch of institutions, mappings and law, when it began, and the law book in force.
SELECT fence.epoch, fence.stamp, (SELECT book FROM law ORDER BY law.epoch DESC, law.serial DESC LIMIT 1)
FROM fence
