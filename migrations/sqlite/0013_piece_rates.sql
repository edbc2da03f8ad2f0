-- Work is measured in minutes or by a piece rate in minor units of PEN, never by both (SQLite).

DROP TRIGGER contribution_makers_insert;
DROP TRIGGER contribution_makers_update;
DROP TRIGGER contribution_makers_delete;

ALTER TABLE contribution ADD COLUMN timed_minutes BIGINT;
UPDATE contribution SET timed_minutes = minutes;
ALTER TABLE contribution DROP COLUMN minutes;
ALTER TABLE contribution RENAME COLUMN timed_minutes TO minutes;
ALTER TABLE contribution ADD COLUMN piece_rate_minor BIGINT CHECK (
  (minutes IS NULL) <> (piece_rate_minor IS NULL)
  AND COALESCE(minutes, piece_rate_minor) BETWEEN 1 AND 1000000000
);

-- Minutes at the bench, and how many steps: who worked by the piece has steps without minutes.
ALTER TABLE design_maker ADD COLUMN steps BIGINT NOT NULL DEFAULT 0;
UPDATE design_maker SET steps = (
  SELECT COUNT(*) FROM contribution c JOIN piece p ON p.id = c.piece_id
  WHERE p.design_id = design_maker.design_id AND c.member_id = design_maker.member_id
);

CREATE TRIGGER contribution_makers_insert AFTER INSERT ON contribution
BEGIN
  INSERT INTO design_maker (design_id, member_id, minutes, steps, shown)
  SELECT p.design_id, NEW.member_id, COALESCE(NEW.minutes, 0), 1, d.status = 'published'
  FROM piece p JOIN design d ON d.id = p.design_id WHERE p.id = NEW.piece_id
  ON CONFLICT (design_id, member_id) DO UPDATE
  SET minutes = design_maker.minutes + EXCLUDED.minutes, steps = design_maker.steps + 1;
END;
CREATE TRIGGER contribution_makers_update AFTER UPDATE OF minutes ON contribution
WHEN COALESCE(OLD.minutes, 0) <> COALESCE(NEW.minutes, 0)
BEGIN
  UPDATE design_maker SET minutes = minutes + COALESCE(NEW.minutes, 0) - COALESCE(OLD.minutes, 0)
  WHERE member_id = NEW.member_id AND design_id = (SELECT design_id FROM piece WHERE id = NEW.piece_id);
END;
CREATE TRIGGER contribution_makers_delete AFTER DELETE ON contribution
BEGIN
  UPDATE design_maker SET minutes = minutes - COALESCE(OLD.minutes, 0), steps = steps - 1
  WHERE member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
  DELETE FROM design_maker WHERE steps <= 0
  AND member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
END;
