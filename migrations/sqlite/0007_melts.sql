-- Melts: a lot stores its fine metal, movements say which lots became which, and a melted lot has
-- neither supplier, trading model nor price of its own (SQLite).

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

-- SQLite cannot drop a NOT NULL: the table is made again under its own name, so that whatever
-- refers to it goes on doing so.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE material_lot_kept AS SELECT * FROM material_lot;
DROP TABLE material_lot;
CREATE TABLE material_lot (
  id TEXT PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  metal TEXT NOT NULL CHECK (metal IN ('silver', 'gold')),
  -- The stamp: what is promised at least, for a melted lot rounded down.
  fineness_permille BIGINT NOT NULL CHECK (fineness_permille BETWEEN 1 AND 1000),
  received_mg BIGINT NOT NULL CHECK (received_mg > 0),
  -- Who handed it over; of a melted lot the supplier whose metal it stays, none when it is the association's.
  supplier_id TEXT REFERENCES supplier (id),
  mine_id TEXT REFERENCES mine (id),
  trading_model TEXT CHECK (trading_model IN ('labeled', 'incorporated', 'certificate', 'uncertified', 'recycled')),
  owner TEXT NOT NULL CHECK (owner IN ('consigned', 'bought')),
  -- Whether its supplier melted metal in it that no paper names.
  mixed BOOLEAN NOT NULL DEFAULT FALSE,
  left_mine_on TEXT,
  received_on TEXT NOT NULL,
  price_per_fine_g_minor BIGINT CHECK (price_per_fine_g_minor >= 0),
  price_currency TEXT CHECK (price_currency IN ('PEN', 'USD', 'EUR')),
  -- Fine metal; of a lot written without it, what its stamp says.
  fine_mg BIGINT CHECK (fine_mg BETWEEN 0 AND received_mg),
  -- The melt it came out of.
  melt_id TEXT UNIQUE REFERENCES melt (id),
  CHECK ((supplier_id IS NOT NULL) = (melt_id IS NULL OR owner = 'consigned')),
  CHECK ((trading_model IS NOT NULL) = (melt_id IS NULL)),
  CHECK ((price_per_fine_g_minor IS NOT NULL) = (melt_id IS NULL)),
  CHECK ((price_currency IS NOT NULL) = (melt_id IS NULL)),
  CHECK (melt_id IS NULL OR (mine_id IS NULL AND left_mine_on IS NULL AND NOT mixed AND fine_mg IS NOT NULL))
);
INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, mine_id, trading_model, owner, mixed,
  left_mine_on, received_on, price_per_fine_g_minor, price_currency, fine_mg)
SELECT id, code, metal, fineness_permille, received_mg, supplier_id, mine_id, trading_model, owner, mixed,
  left_mine_on, received_on, price_per_fine_g_minor, price_currency,
  -- Half to even, as domain::metal::fine_mg.
  received_mg * fineness_permille / 1000
    + (received_mg * fineness_permille % 1000 > 500
      OR (received_mg * fineness_permille % 1000 = 500 AND received_mg * fineness_permille / 1000 % 2 = 1))
FROM material_lot_kept;
DROP TABLE material_lot_kept;

CREATE TRIGGER material_lot_seen_insert AFTER INSERT ON material_lot
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER material_lot_seen_update AFTER UPDATE ON material_lot
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER material_lot_seen_delete AFTER DELETE ON material_lot
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER material_lot_content_insert AFTER INSERT ON material_lot
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER material_lot_content_update AFTER UPDATE ON material_lot
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER material_lot_content_delete AFTER DELETE ON material_lot
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER melt_seen_insert AFTER INSERT ON melt
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER melt_seen_update AFTER UPDATE ON melt
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER melt_seen_delete AFTER DELETE ON melt
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER melt_content_insert AFTER INSERT ON melt
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER melt_content_update AFTER UPDATE ON melt
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER melt_content_delete AFTER DELETE ON melt
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;

CREATE TRIGGER material_lot_fine AFTER INSERT ON material_lot
WHEN NEW.fine_mg IS NULL
BEGIN
  UPDATE material_lot SET fine_mg = received_mg * fineness_permille / 1000
    + (received_mg * fineness_permille % 1000 > 500
      OR (received_mg * fineness_permille % 1000 = 500 AND received_mg * fineness_permille / 1000 % 2 = 1))
  WHERE id = NEW.id;
END;

-- Which melt took it, out of the safe, the scrap or a retired piece, and the fine metal in it.
ALTER TABLE metal_movement ADD COLUMN melt_id TEXT REFERENCES melt (id);
ALTER TABLE metal_movement ADD COLUMN taken_from TEXT CHECK (taken_from IN ('stock', 'scrap', 'piece'));
ALTER TABLE metal_movement ADD COLUMN fine_mg BIGINT CHECK (fine_mg BETWEEN 0 AND amount_mg);
CREATE INDEX metal_movement_of_melt ON metal_movement (melt_id, lot_id) WHERE melt_id IS NOT NULL;

-- No lot gives more than it received; scrap and metal in pieces are in it already and can be
-- melted once.
DROP TRIGGER metal_movement_covered;
CREATE TRIGGER metal_movement_covered BEFORE INSERT ON metal_movement
WHEN NEW.kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt') AND COALESCE(NEW.taken_from, 'stock') = 'stock'
  AND NEW.amount_mg + (SELECT COALESCE(SUM(amount_mg), 0) FROM metal_movement
    WHERE lot_id = NEW.lot_id AND kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt')
    AND COALESCE(taken_from, 'stock') = 'stock')
  > (SELECT received_mg FROM material_lot WHERE id = NEW.lot_id)
BEGIN
  SELECT RAISE(ABORT, 'a lot cannot give more than it received');
END;
CREATE TRIGGER metal_movement_scrap_covered BEFORE INSERT ON metal_movement
WHEN NEW.taken_from = 'scrap' AND NEW.amount_mg > (SELECT COALESCE(SUM(CASE kind WHEN 'scrap' THEN amount_mg ELSE -amount_mg END), 0)
  FROM metal_movement WHERE lot_id = NEW.lot_id AND (kind = 'scrap' OR taken_from = 'scrap'))
BEGIN
  SELECT RAISE(ABORT, 'a lot has not so much scrap');
END;
CREATE TRIGGER metal_movement_piece_covered BEFORE INSERT ON metal_movement
WHEN NEW.taken_from = 'piece' AND (NEW.piece_id IS NULL
  OR NOT EXISTS (SELECT 1 FROM piece WHERE id = NEW.piece_id AND state = 'retired')
  OR NEW.amount_mg > (SELECT COALESCE(SUM(CASE kind WHEN 'into_piece' THEN amount_mg ELSE -amount_mg END), 0)
    FROM metal_movement WHERE lot_id = NEW.lot_id AND piece_id = NEW.piece_id AND (kind = 'into_piece' OR taken_from = 'piece')))
BEGIN
  SELECT RAISE(ABORT, 'only what a retired piece holds can be melted');
END;

-- A melt takes named metal with its fine part, on its day, while it is open.
CREATE TRIGGER metal_movement_melt BEFORE INSERT ON metal_movement
WHEN (NEW.kind = 'melt') <> (NEW.melt_id IS NOT NULL) OR (NEW.kind = 'melt') <> (NEW.taken_from IS NOT NULL)
  OR (NEW.kind = 'melt') <> (NEW.fine_mg IS NOT NULL)
  OR (NEW.kind = 'melt' AND (EXISTS (SELECT 1 FROM material_lot WHERE melt_id = NEW.melt_id)
    OR date(NEW.at_us / 1000000 - 18000, 'unixepoch') <> (SELECT melted_on FROM melt WHERE id = NEW.melt_id)
    -- Within the rounding of part × fine ÷ gross.
    OR (SELECT ABS(NEW.fine_mg * received_mg - NEW.amount_mg * fine_mg) * 2 > received_mg FROM material_lot WHERE id = NEW.lot_id)))
BEGIN
  SELECT RAISE(ABORT, 'a melt names what it takes, with its fine metal, on its day');
END;

-- The lot closes its melt: one metal, one owner, one day, and every milligram of fine metal is in it or lost.
CREATE TRIGGER material_lot_melted BEFORE INSERT ON material_lot
WHEN NEW.melt_id IS NOT NULL AND (
  NOT EXISTS (SELECT 1 FROM metal_movement WHERE melt_id = NEW.melt_id)
  OR NEW.received_on <> (SELECT melted_on FROM melt WHERE id = NEW.melt_id)
  OR NEW.received_mg <> (SELECT alloy_mg - loss_mg FROM melt WHERE id = NEW.melt_id)
    + (SELECT SUM(amount_mg) FROM metal_movement WHERE melt_id = NEW.melt_id)
  OR NEW.fine_mg + (SELECT loss_fine_mg FROM melt WHERE id = NEW.melt_id)
    <> (SELECT SUM(fine_mg) FROM metal_movement WHERE melt_id = NEW.melt_id)
  OR NEW.fineness_permille * NEW.received_mg > NEW.fine_mg * 1000
  OR EXISTS (SELECT 1 FROM metal_movement m JOIN material_lot l ON l.id = m.lot_id WHERE m.melt_id = NEW.melt_id
    AND (l.metal <> NEW.metal OR l.owner <> NEW.owner OR (NEW.owner = 'consigned' AND l.supplier_id <> NEW.supplier_id))))
BEGIN
  SELECT RAISE(ABORT, 'a melt conserves fine metal of one kind and one owner');
END;
CREATE TRIGGER material_lot_keeps_its_metal BEFORE UPDATE ON material_lot
WHEN OLD.id <> NEW.id OR OLD.metal <> NEW.metal OR OLD.received_mg <> NEW.received_mg
  OR (OLD.fine_mg IS NOT NULL AND OLD.fine_mg IS NOT NEW.fine_mg) OR OLD.melt_id IS NOT NEW.melt_id
  OR ((OLD.owner <> NEW.owner OR OLD.supplier_id IS NOT NEW.supplier_id)
    AND EXISTS (SELECT 1 FROM metal_movement WHERE lot_id = OLD.id AND kind = 'melt'))
  OR (OLD.melt_id IS NOT NULL AND (OLD.owner <> NEW.owner OR OLD.supplier_id IS NOT NEW.supplier_id OR OLD.received_on <> NEW.received_on))
BEGIN
  SELECT RAISE(ABORT, 'a lot keeps its metal, and a melted one its owner');
END;
CREATE TRIGGER melt_append_only_update BEFORE UPDATE ON melt
BEGIN
  SELECT RAISE(ABORT, 'melt is append-only');
END;
CREATE TRIGGER melt_append_only_delete BEFORE DELETE ON melt
BEGIN
  SELECT RAISE(ABORT, 'melt is append-only');
END;

CREATE TRIGGER piece_melted_stays_retired BEFORE UPDATE OF state ON piece
WHEN OLD.state = 'retired' AND NEW.state <> 'retired'
  AND EXISTS (SELECT 1 FROM metal_movement WHERE piece_id = OLD.id AND taken_from = 'piece')
BEGIN
  SELECT RAISE(ABORT, 'a piece that was melted stays retired');
END;

-- What is in a piece besides its metal, so that its weight can be judged.
ALTER TABLE piece ADD COLUMN stones_mg BIGINT NOT NULL DEFAULT 0 CHECK (stones_mg >= 0);
ALTER TABLE piece ADD COLUMN findings_mg BIGINT NOT NULL DEFAULT 0 CHECK (findings_mg >= 0);
DROP TRIGGER piece_content_update;
CREATE TRIGGER piece_content_update AFTER UPDATE OF id, serial, design_id, weight_mg, stones_mg, findings_mg, circumference_tenths_mm, stones_cost_minor, findings_cost_minor, inspected_on ON piece
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
