-- Whose pieces are held unpaid, so that they can be counted: keyed hashes of the mailbox, of the
-- session and of the network that asked, kept only while their order awaits its payment.

CREATE TABLE order_hold (
  order_id TEXT PRIMARY KEY REFERENCES shop_order (id),
  mailbox TEXT NOT NULL,
  visitor TEXT,
  network TEXT
);
CREATE INDEX order_hold_of_mailbox ON order_hold (mailbox);
CREATE INDEX order_hold_of_visitor ON order_hold (visitor) WHERE visitor IS NOT NULL;
CREATE INDEX order_hold_of_network ON order_hold (network) WHERE network IS NOT NULL;

CREATE FUNCTION order_hold_is_unpaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM shop_order WHERE id = NEW.order_id AND state = 'pending_payment') THEN
    RAISE EXCEPTION 'only an unpaid order holds pieces';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_hold_is_unpaid BEFORE INSERT ON order_hold
  FOR EACH ROW EXECUTE FUNCTION order_hold_is_unpaid();
-- Whatever ends the hold, who had it is forgotten.
CREATE FUNCTION order_hold_is_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM order_hold WHERE order_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER order_hold_is_forgotten AFTER UPDATE OF state ON shop_order
  FOR EACH ROW WHEN (OLD.state = 'pending_payment' AND NEW.state <> 'pending_payment')
  EXECUTE FUNCTION order_hold_is_forgotten();
