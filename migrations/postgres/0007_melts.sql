-- Melts: a lot stores its fine metal, movements say which lots became which, and a melted lot has
-- neither supplier, trading model nor price of its own (PostgreSQL).

-- Lots, pieces and scrap of one owner melted into a new lot on one day. Its inputs are the movements
-- of the kind `melt` that name it; the lot that names it closes it.
CREATE TABLE melt (
  id TEXT PRIMARY KEY,
  melted_on TEXT NOT NULL,
  -- Base metal added.
  alloy_mg BIGINT NOT NULL CHECK (alloy_mg >= 0),
  -- What did not come out of the crucible, and the fine metal in it.
  loss_mg BIGINT NOT NULL CHECK (loss_mg >= 0),
  loss_fine_mg BIGINT NOT NULL CHECK (loss_fine_mg BETWEEN 0 AND loss_mg),
  -- Why more was lost than is tolerated.
  reason TEXT,
  noted_at_us BIGINT NOT NULL
);
CREATE CONSTRAINT TRIGGER melt_seen AFTER INSERT OR UPDATE OR DELETE ON melt
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER melt_content AFTER INSERT OR UPDATE OR DELETE ON melt
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();

-- Half to even, as domain::metal::fine_mg.
CREATE FUNCTION fine_by_stamp(gross_mg BIGINT, permille BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT gross_mg * permille / 1000
    + CASE WHEN gross_mg * permille % 1000 > 500
      OR (gross_mg * permille % 1000 = 500 AND gross_mg * permille / 1000 % 2 = 1) THEN 1 ELSE 0 END
$$;

-- Who handed it over; of a melted lot the supplier whose metal it stays, none when it is the association's.
ALTER TABLE material_lot ALTER COLUMN supplier_id DROP NOT NULL;
ALTER TABLE material_lot ALTER COLUMN trading_model DROP NOT NULL;
ALTER TABLE material_lot ALTER COLUMN price_per_fine_g_minor DROP NOT NULL;
ALTER TABLE material_lot ALTER COLUMN price_currency DROP NOT NULL;
-- Fine metal; of a lot written without it, what its stamp says.
ALTER TABLE material_lot ADD COLUMN fine_mg BIGINT CHECK (fine_mg BETWEEN 0 AND received_mg);
-- The melt it came out of.
ALTER TABLE material_lot ADD COLUMN melt_id TEXT UNIQUE REFERENCES melt (id);
UPDATE material_lot SET fine_mg = fine_by_stamp(received_mg, fineness_permille);
-- The checks wait for no deferred trigger of the line above.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE material_lot
  ADD CHECK ((supplier_id IS NOT NULL) = (melt_id IS NULL OR owner = 'consigned')),
  ADD CHECK ((trading_model IS NOT NULL) = (melt_id IS NULL)),
  ADD CHECK ((price_per_fine_g_minor IS NOT NULL) = (melt_id IS NULL)),
  ADD CHECK ((price_currency IS NOT NULL) = (melt_id IS NULL)),
  ADD CHECK (melt_id IS NULL OR (mine_id IS NULL AND left_mine_on IS NULL AND NOT mixed AND fine_mg IS NOT NULL));

CREATE FUNCTION material_lot_fine() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.melt_id IS NULL AND NEW.fine_mg IS NULL THEN
    NEW.fine_mg := fine_by_stamp(NEW.received_mg, NEW.fineness_permille);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER material_lot_fine BEFORE INSERT ON material_lot
  FOR EACH ROW EXECUTE FUNCTION material_lot_fine();

-- Which melt took it, out of the safe, the scrap or a retired piece, and the fine metal in it.
ALTER TABLE metal_movement ADD COLUMN melt_id TEXT REFERENCES melt (id);
ALTER TABLE metal_movement ADD COLUMN taken_from TEXT CHECK (taken_from IN ('stock', 'scrap', 'piece'));
ALTER TABLE metal_movement ADD COLUMN fine_mg BIGINT CHECK (fine_mg BETWEEN 0 AND amount_mg);
CREATE INDEX metal_movement_of_melt ON metal_movement (melt_id, lot_id) WHERE melt_id IS NOT NULL;

-- No lot gives more than it received, and its row is locked while that is counted; scrap and
-- metal in pieces are in it already and can be melted once.
CREATE OR REPLACE FUNCTION metal_movement_covered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  received BIGINT;
BEGIN
  IF NEW.kind NOT IN ('into_piece', 'scrap', 'loss', 'return', 'melt') THEN
    RETURN NEW;
  END IF;
  SELECT received_mg INTO received FROM material_lot WHERE id = NEW.lot_id FOR UPDATE;
  IF COALESCE(NEW.taken_from, 'stock') = 'stock' AND NEW.amount_mg + (SELECT COALESCE(SUM(amount_mg), 0) FROM metal_movement
    WHERE lot_id = NEW.lot_id AND kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt')
    AND COALESCE(taken_from, 'stock') = 'stock') > received THEN
    RAISE EXCEPTION 'a lot cannot give more than it received';
  END IF;
  IF NEW.taken_from = 'scrap' AND NEW.amount_mg > (SELECT COALESCE(SUM(CASE kind WHEN 'scrap' THEN amount_mg ELSE -amount_mg END), 0)
    FROM metal_movement WHERE lot_id = NEW.lot_id AND (kind = 'scrap' OR taken_from = 'scrap')) THEN
    RAISE EXCEPTION 'a lot has not so much scrap';
  END IF;
  IF NEW.taken_from = 'piece' AND (NEW.piece_id IS NULL
    OR NOT EXISTS (SELECT 1 FROM piece WHERE id = NEW.piece_id AND state = 'retired')
    OR NEW.amount_mg > (SELECT COALESCE(SUM(CASE kind WHEN 'into_piece' THEN amount_mg ELSE -amount_mg END), 0)
      FROM metal_movement WHERE lot_id = NEW.lot_id AND piece_id = NEW.piece_id AND (kind = 'into_piece' OR taken_from = 'piece'))) THEN
    RAISE EXCEPTION 'only what a retired piece holds can be melted';
  END IF;
  RETURN NEW;
END $$;

-- A melt takes named metal with its fine part, on its day, while it is open.
CREATE FUNCTION metal_movement_melt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind = 'melt') <> (NEW.melt_id IS NOT NULL) OR (NEW.kind = 'melt') <> (NEW.taken_from IS NOT NULL)
    OR (NEW.kind = 'melt') <> (NEW.fine_mg IS NOT NULL)
    OR (NEW.kind = 'melt' AND (EXISTS (SELECT 1 FROM material_lot WHERE melt_id = NEW.melt_id)
      OR to_char(to_timestamp(NEW.at_us / 1000000 - 18000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') <> (SELECT melted_on FROM melt WHERE id = NEW.melt_id)
      -- Within the rounding of part × fine ÷ gross.
      OR (SELECT ABS(NEW.fine_mg * received_mg - NEW.amount_mg * fine_mg) * 2 > received_mg FROM material_lot WHERE id = NEW.lot_id))) THEN
    RAISE EXCEPTION 'a melt names what it takes, with its fine metal, on its day';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER metal_movement_melt BEFORE INSERT ON metal_movement
  FOR EACH ROW EXECUTE FUNCTION metal_movement_melt();

-- The lot closes its melt: one metal, one owner, one day, and every milligram of fine metal is in it or lost.
CREATE FUNCTION material_lot_melted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  closed melt%ROWTYPE;
BEGIN
  IF NEW.melt_id IS NULL THEN
    RETURN NEW;
  END IF;
  SELECT * INTO closed FROM melt WHERE id = NEW.melt_id FOR UPDATE;
  IF NOT EXISTS (SELECT 1 FROM metal_movement WHERE melt_id = NEW.melt_id)
    OR NEW.received_on <> closed.melted_on
    OR NEW.received_mg <> closed.alloy_mg - closed.loss_mg + (SELECT SUM(amount_mg) FROM metal_movement WHERE melt_id = NEW.melt_id)
    OR NEW.fine_mg + closed.loss_fine_mg <> (SELECT SUM(fine_mg) FROM metal_movement WHERE melt_id = NEW.melt_id)
    OR NEW.fineness_permille * NEW.received_mg > NEW.fine_mg * 1000
    OR EXISTS (SELECT 1 FROM metal_movement m JOIN material_lot l ON l.id = m.lot_id WHERE m.melt_id = NEW.melt_id
      AND (l.metal <> NEW.metal OR l.owner <> NEW.owner OR (NEW.owner = 'consigned' AND l.supplier_id <> NEW.supplier_id))) THEN
    RAISE EXCEPTION 'a melt conserves fine metal of one kind and one owner';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER material_lot_melted BEFORE INSERT ON material_lot
  FOR EACH ROW EXECUTE FUNCTION material_lot_melted();
CREATE FUNCTION material_lot_keeps_its_metal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.id <> NEW.id OR OLD.metal <> NEW.metal OR OLD.received_mg <> NEW.received_mg
    OR (OLD.fine_mg IS NOT NULL AND OLD.fine_mg IS DISTINCT FROM NEW.fine_mg) OR OLD.melt_id IS DISTINCT FROM NEW.melt_id
    OR ((OLD.owner <> NEW.owner OR OLD.supplier_id IS DISTINCT FROM NEW.supplier_id)
      AND EXISTS (SELECT 1 FROM metal_movement WHERE lot_id = OLD.id AND kind = 'melt'))
    OR (OLD.melt_id IS NOT NULL AND (OLD.owner <> NEW.owner OR OLD.supplier_id IS DISTINCT FROM NEW.supplier_id OR OLD.received_on <> NEW.received_on)) THEN
    RAISE EXCEPTION 'a lot keeps its metal, and a melted one its owner';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER material_lot_keeps_its_metal BEFORE UPDATE ON material_lot
  FOR EACH ROW EXECUTE FUNCTION material_lot_keeps_its_metal();
CREATE TRIGGER melt_append_only BEFORE UPDATE OR DELETE ON melt
  FOR EACH ROW EXECUTE FUNCTION append_only();

CREATE FUNCTION piece_melted_stays_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM metal_movement WHERE piece_id = OLD.id AND taken_from = 'piece') THEN
    RAISE EXCEPTION 'a piece that was melted stays retired';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER piece_melted_stays_retired BEFORE UPDATE OF state ON piece
  FOR EACH ROW WHEN (OLD.state = 'retired' AND NEW.state <> 'retired') EXECUTE FUNCTION piece_melted_stays_retired();

-- What is in a piece besides its metal, so that its weight can be judged.
ALTER TABLE piece ADD COLUMN stones_mg BIGINT NOT NULL DEFAULT 0 CHECK (stones_mg >= 0);
ALTER TABLE piece ADD COLUMN findings_mg BIGINT NOT NULL DEFAULT 0 CHECK (findings_mg >= 0);
DROP TRIGGER piece_content ON piece;
CREATE CONSTRAINT TRIGGER piece_content AFTER INSERT OR DELETE OR UPDATE OF id, serial, design_id, weight_mg, stones_mg, findings_mg, circumference_tenths_mm, stones_cost_minor, findings_cost_minor, inspected_on ON piece
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
