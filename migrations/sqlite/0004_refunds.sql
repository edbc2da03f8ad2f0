-- Which piece a refund is of, and since when its key for the provider stands.

-- The line whose piece came back; none: the refund is of the order as a whole.
ALTER TABLE refund ADD COLUMN order_line_id TEXT REFERENCES order_line (id);
-- A provider forgets keys: a refund that nobody answered gets a fresh one. None: the first key,
-- as old as the refund.
ALTER TABLE refund ADD COLUMN key_made_at_us BIGINT;

-- The line is the refund's own order's, and neither what it is of nor how much ever changes.
CREATE TRIGGER refund_of_own_line BEFORE INSERT ON refund
WHEN NEW.order_line_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM order_line WHERE id = NEW.order_line_id AND order_id = NEW.order_id)
BEGIN
  SELECT RAISE(ABORT, 'a refund is of a line of its own order');
END;
CREATE TRIGGER refund_keeps_what_it_is BEFORE UPDATE ON refund
WHEN OLD.order_line_id IS NOT NEW.order_line_id OR OLD.amount_minor <> NEW.amount_minor
  OR OLD.currency <> NEW.currency OR OLD.order_id <> NEW.order_id OR OLD.payment_id <> NEW.payment_id
  OR (OLD.state = 'done' AND NEW.state <> 'done')
BEGIN
  SELECT RAISE(ABORT, 'a refund keeps what it is');
END;
