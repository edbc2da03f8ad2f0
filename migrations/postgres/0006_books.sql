-- The books as they must be: rates of an order, material in the currency of its cost, money in the
-- currency in which it lies, what each refund was of, and pieces that are with us again.
-- Refunds of a sale that were booked before this file have no parts: their orders take no further
-- refund or return until somebody has reversed their entries by hand.

-- The rates of every known currency at checkout: soles per unit, in millionths.
CREATE TABLE order_rate (
  order_id TEXT NOT NULL REFERENCES shop_order (id),
  currency TEXT NOT NULL CHECK (currency IN ('USD', 'EUR')),
  rate_micro BIGINT NOT NULL CHECK (rate_micro > 0),
  PRIMARY KEY (order_id, currency)
);
INSERT INTO order_rate (order_id, currency, rate_micro)
  SELECT o.id, r.currency, CASE WHEN o.currency = r.currency THEN o.rate_micro ELSE r.rate_micro END
  FROM shop_order o JOIN exchange_rate r ON r.effective_from_us = (
    SELECT MAX(e.effective_from_us) FROM exchange_rate e
    WHERE e.currency = r.currency AND e.effective_from_us <= o.created_at_us);

-- The reserve for refunds; a policy that names none lets its loss fund stand in.
ALTER TABLE split_policy ADD COLUMN reserve_fund TEXT;

-- What a sold piece was made of: what it cost in the currency of its price, and what the sale was
-- charged for it. They sum to the sale's material.
CREATE TABLE sale_material (
  sale_id TEXT NOT NULL REFERENCES sale (id),
  position BIGINT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('consigned', 'own')),
  currency TEXT NOT NULL CHECK (currency IN ('PEN', 'USD', 'EUR')),
  cost_minor BIGINT NOT NULL CHECK (cost_minor >= 0),
  deducted_minor BIGINT NOT NULL CHECK (deducted_minor >= 0),
  PRIMARY KEY (sale_id, position)
);
INSERT INTO sale_material (sale_id, position, source, currency, cost_minor, deducted_minor)
  SELECT id, 1, 'consigned', currency, material_consigned_minor, material_consigned_minor FROM sale
  WHERE material_consigned_minor > 0;
INSERT INTO sale_material (sale_id, position, source, currency, cost_minor, deducted_minor)
  SELECT id, 2, 'own', currency, material_own_minor, material_own_minor FROM sale
  WHERE material_own_minor > 0;

-- What a payment or a refund moved where the money lies, in the currency in which it lies there.
-- None: it lies as it was paid. The rate: what one unit paid became, in thousand-millionths.
ALTER TABLE payment ADD COLUMN settled_currency TEXT CHECK (settled_currency IN ('PEN', 'USD', 'EUR'));
ALTER TABLE payment ADD COLUMN settled_minor BIGINT;
ALTER TABLE payment ADD COLUMN settled_fee_minor BIGINT;
ALTER TABLE payment ADD COLUMN settled_rate_nano BIGINT;
ALTER TABLE refund ADD COLUMN settled_currency TEXT CHECK (settled_currency IN ('PEN', 'USD', 'EUR'));
ALTER TABLE refund ADD COLUMN settled_minor BIGINT;
ALTER TABLE refund ADD COLUMN settled_fee_minor BIGINT;

-- Whether it is of the shipping: with a line of that piece's goods and the shipping, without one
-- of the shipping alone. Neither line nor shipping: of all that is left.
ALTER TABLE refund ADD COLUMN of_shipping BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether the courier had the parcel when it was booked.
ALTER TABLE refund ADD COLUMN handed_over BOOLEAN NOT NULL DEFAULT FALSE;

-- What a booked refund paid back: of the goods of a line, or (no line) of the shipping.
CREATE TABLE refund_part (
  refund_id TEXT NOT NULL REFERENCES refund (id),
  position BIGINT NOT NULL,
  order_line_id TEXT REFERENCES order_line (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  PRIMARY KEY (refund_id, position)
);
CREATE INDEX refund_part_of_line ON refund_part (order_line_id);

-- What a booked refund took of a member's share of a sold piece.
CREATE TABLE refund_share (
  refund_id TEXT NOT NULL REFERENCES refund (id),
  order_line_id TEXT NOT NULL REFERENCES order_line (id),
  member_id TEXT NOT NULL REFERENCES member (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  PRIMARY KEY (refund_id, order_line_id, member_id)
);
CREATE INDEX refund_share_of_line ON refund_share (order_line_id, member_id);

-- A sold piece that is with us again, with its money given back or not.
CREATE TABLE piece_return (
  order_line_id TEXT PRIMARY KEY REFERENCES order_line (id),
  at_us BIGINT NOT NULL
);

-- No line and no shipping gives back more than was paid for it.
CREATE FUNCTION refund_part_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_order TEXT;
  paid BIGINT;
  back BIGINT;
BEGIN
  SELECT order_id INTO of_order FROM refund WHERE id = NEW.refund_id;
  IF NEW.order_line_id IS NULL THEN
    SELECT shipping_minor INTO paid FROM shop_order WHERE id = of_order;
    SELECT COALESCE(SUM(p.amount_minor), 0) INTO back FROM refund_part p JOIN refund r ON r.id = p.refund_id
      WHERE p.order_line_id IS NULL AND r.order_id = of_order;
  ELSE
    SELECT price_minor INTO paid FROM order_line WHERE id = NEW.order_line_id AND order_id = of_order;
    SELECT COALESCE(SUM(amount_minor), 0) INTO back FROM refund_part WHERE order_line_id = NEW.order_line_id;
  END IF;
  IF paid IS NULL OR NEW.amount_minor + back > paid THEN
    RAISE EXCEPTION 'a refund gives back more than was paid for it';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refund_part_within_paid BEFORE INSERT ON refund_part
  FOR EACH ROW EXECUTE FUNCTION refund_part_within_paid();
-- Nobody is taken more than her share of that very sale.
CREATE FUNCTION refund_share_within_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.amount_minor + (SELECT COALESCE(SUM(amount_minor), 0) FROM refund_share
      WHERE order_line_id = NEW.order_line_id AND member_id = NEW.member_id)
    > (SELECT COALESCE(SUM(h.amount_minor), 0) FROM sale_share h JOIN sale s ON s.id = h.sale_id
      WHERE s.order_line_id = NEW.order_line_id AND h.member_id = NEW.member_id) THEN
    RAISE EXCEPTION 'a refund takes more than a share';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refund_share_within_share BEFORE INSERT ON refund_share
  FOR EACH ROW EXECUTE FUNCTION refund_share_within_share();
-- Only what was sold comes back.
CREATE FUNCTION piece_return_of_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM sale WHERE order_line_id = NEW.order_line_id) THEN
    RAISE EXCEPTION 'only a sold piece comes back';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER piece_return_of_sale BEFORE INSERT ON piece_return
  FOR EACH ROW EXECUTE FUNCTION piece_return_of_sale();

CREATE OR REPLACE FUNCTION refund_keeps_what_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.order_line_id IS DISTINCT FROM NEW.order_line_id OR OLD.amount_minor <> NEW.amount_minor
    OR OLD.currency <> NEW.currency OR OLD.order_id <> NEW.order_id OR OLD.payment_id <> NEW.payment_id
    OR OLD.of_shipping <> NEW.of_shipping
    OR (OLD.state = 'done' AND (NEW.state <> 'done' OR OLD.handed_over <> NEW.handed_over)) THEN
    RAISE EXCEPTION 'a refund keeps what it is';
  END IF;
  RETURN NEW;
END $$;

-- Books are appended to, never edited.
CREATE TRIGGER order_rate_append_only BEFORE UPDATE OR DELETE ON order_rate
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER sale_material_append_only BEFORE UPDATE OR DELETE ON sale_material
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER refund_part_append_only BEFORE UPDATE OR DELETE ON refund_part
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER refund_share_append_only BEFORE UPDATE OR DELETE ON refund_share
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER piece_return_append_only BEFORE UPDATE OR DELETE ON piece_return
  FOR EACH ROW EXECUTE FUNCTION append_only();
