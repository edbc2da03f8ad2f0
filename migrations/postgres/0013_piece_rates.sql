-- Work is measured in minutes or by a piece rate in minor units of PEN, never by both (PostgreSQL).

ALTER TABLE contribution ALTER COLUMN minutes DROP NOT NULL;
ALTER TABLE contribution DROP CONSTRAINT contribution_minutes_check;
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

CREATE OR REPLACE FUNCTION contribution_makers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO design_maker (design_id, member_id, minutes, steps, shown)
    SELECT p.design_id, NEW.member_id, COALESCE(NEW.minutes, 0), 1, d.status = 'published'
    FROM piece p JOIN design d ON d.id = p.design_id WHERE p.id = NEW.piece_id
    ON CONFLICT (design_id, member_id) DO UPDATE
    SET minutes = design_maker.minutes + EXCLUDED.minutes, steps = design_maker.steps + 1;
  ELSIF TG_OP = 'UPDATE' THEN
    IF OLD.piece_id <> NEW.piece_id OR OLD.member_id <> NEW.member_id THEN
      RAISE EXCEPTION 'a contribution keeps its piece and its member';
    END IF;
    IF COALESCE(OLD.minutes, 0) <> COALESCE(NEW.minutes, 0) THEN
      UPDATE design_maker SET minutes = minutes + COALESCE(NEW.minutes, 0) - COALESCE(OLD.minutes, 0)
      WHERE member_id = NEW.member_id AND design_id = (SELECT design_id FROM piece WHERE id = NEW.piece_id);
    END IF;
  ELSE
    UPDATE design_maker SET minutes = minutes - COALESCE(OLD.minutes, 0), steps = steps - 1
    WHERE member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
    DELETE FROM design_maker WHERE steps <= 0
    AND member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
  END IF;
  RETURN NULL;
END $$;
