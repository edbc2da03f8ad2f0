-- What the tables cannot say alone (PostgreSQL): visibility of writes, counts, append-only books.

CREATE FUNCTION move_catalogue_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Once per transaction is enough: at commit, so that the one shared row is the last lock taken.
  IF COALESCE(current_setting('divinas.version_moved', TRUE), '') <> txid_current()::text THEN
    UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
    PERFORM set_config('divinas.version_moved', txid_current()::text, TRUE);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER member_seen AFTER INSERT OR UPDATE OR DELETE ON member
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER member_text_seen AFTER INSERT OR UPDATE OR DELETE ON member_text
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER member_consent_seen AFTER INSERT OR UPDATE OR DELETE ON member_consent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER mine_seen AFTER INSERT OR UPDATE OR DELETE ON mine
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER certificate_seen AFTER INSERT OR UPDATE OR DELETE ON certificate
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER supplier_seen AFTER INSERT OR UPDATE OR DELETE ON supplier
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER seller_licence_seen AFTER INSERT OR UPDATE OR DELETE ON seller_licence
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER material_lot_seen AFTER INSERT OR UPDATE OR DELETE ON material_lot
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER lot_document_seen AFTER INSERT OR UPDATE OR DELETE ON lot_document
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER photo_seen AFTER INSERT OR UPDATE OR DELETE ON photo
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER site_photo_seen AFTER INSERT OR UPDATE OR DELETE ON site_photo
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER design_seen AFTER INSERT OR UPDATE OR DELETE ON design
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER design_text_seen AFTER INSERT OR UPDATE OR DELETE ON design_text
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER design_photo_seen AFTER INSERT OR UPDATE OR DELETE ON design_photo
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER piece_seen AFTER INSERT OR UPDATE OR DELETE ON piece
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER contribution_seen AFTER INSERT OR UPDATE OR DELETE ON contribution
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER metal_movement_seen AFTER INSERT OR UPDATE OR DELETE ON metal_movement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER exchange_rate_seen AFTER INSERT OR UPDATE OR DELETE ON exchange_rate
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER split_policy_seen AFTER INSERT OR UPDATE OR DELETE ON split_policy
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER split_policy_fund_seen AFTER INSERT OR UPDATE OR DELETE ON split_policy_fund
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER sale_seen AFTER INSERT OR UPDATE OR DELETE ON sale
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();

-- Counts on the design follow its pieces.
CREATE FUNCTION piece_counts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  available BIGINT := 0;
  held BIGINT := 0;
  of_design TEXT;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    available := available + (NEW.state = 'retail')::int;
    held := held + (NEW.state = 'checkout')::int;
    of_design := NEW.design_id;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    available := available - (OLD.state = 'retail')::int;
    held := held - (OLD.state = 'checkout')::int;
    of_design := OLD.design_id;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.design_id <> NEW.design_id THEN
    RAISE EXCEPTION 'a piece keeps its design';
  END IF;
  IF available <> 0 OR held <> 0 THEN
    UPDATE design SET pieces_available = pieces_available + available, pieces_held = pieces_held + held
    WHERE id = of_design;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER piece_counts AFTER INSERT OR UPDATE OR DELETE ON piece
  FOR EACH ROW EXECUTE FUNCTION piece_counts();

-- Whose hands are in which design follows the contributions.
CREATE FUNCTION contribution_makers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO design_maker (design_id, member_id, minutes, shown)
    SELECT p.design_id, NEW.member_id, NEW.minutes, d.status = 'published'
    FROM piece p JOIN design d ON d.id = p.design_id WHERE p.id = NEW.piece_id
    ON CONFLICT (design_id, member_id) DO UPDATE SET minutes = design_maker.minutes + EXCLUDED.minutes;
  ELSIF TG_OP = 'UPDATE' THEN
    IF OLD.piece_id <> NEW.piece_id OR OLD.member_id <> NEW.member_id THEN
      RAISE EXCEPTION 'a contribution keeps its piece and its member';
    END IF;
    IF OLD.minutes <> NEW.minutes THEN
      UPDATE design_maker SET minutes = minutes + NEW.minutes - OLD.minutes
      WHERE member_id = NEW.member_id AND design_id = (SELECT design_id FROM piece WHERE id = NEW.piece_id);
    END IF;
  ELSE
    UPDATE design_maker SET minutes = minutes - OLD.minutes
    WHERE member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
    DELETE FROM design_maker WHERE minutes <= 0
    AND member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER contribution_makers AFTER INSERT OR UPDATE OR DELETE ON contribution
  FOR EACH ROW EXECUTE FUNCTION contribution_makers();
CREATE FUNCTION design_makers_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> NEW.status THEN
    UPDATE design_maker SET shown = (NEW.status = 'published') WHERE design_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER design_makers_shown AFTER UPDATE OF status ON design
  FOR EACH ROW EXECUTE FUNCTION design_makers_shown();
CREATE FUNCTION design_maker_counts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  more BIGINT := 0;
  of_member TEXT;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    more := more + NEW.shown::int;
    of_member := NEW.member_id;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    more := more - OLD.shown::int;
    of_member := OLD.member_id;
  END IF;
  IF more <> 0 THEN
    UPDATE member SET designs_shown = designs_shown + more WHERE id = of_member;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER design_maker_counts AFTER INSERT OR UPDATE OR DELETE ON design_maker
  FOR EACH ROW EXECUTE FUNCTION design_maker_counts();

-- Books are appended to, never edited.
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER metal_movement_append_only BEFORE UPDATE OR DELETE ON metal_movement
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE ON ledger_posting
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER sale_append_only BEFORE UPDATE OR DELETE ON sale
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER sale_share_append_only BEFORE UPDATE OR DELETE ON sale_share
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER piece_event_append_only BEFORE UPDATE OR DELETE ON piece_event
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER split_policy_append_only BEFORE UPDATE OR DELETE ON split_policy
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER split_policy_fund_append_only BEFORE UPDATE OR DELETE ON split_policy_fund
  FOR EACH ROW EXECUTE FUNCTION append_only();

CREATE FUNCTION ledger_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'ledger_entry is append-only';
  ELSIF TG_OP = 'INSERT' THEN
    IF NEW.sealed THEN
      RAISE EXCEPTION 'a ledger entry is sealed after its postings';
    END IF;
  ELSE
    IF OLD.sealed THEN
      RAISE EXCEPTION 'a sealed ledger entry is not edited';
    END IF;
    IF NEW.sealed AND (
      NOT EXISTS (SELECT 1 FROM ledger_posting WHERE entry_id = NEW.id)
      OR EXISTS (SELECT 1 FROM ledger_posting WHERE entry_id = NEW.id GROUP BY currency HAVING SUM(amount_minor) <> 0)) THEN
      RAISE EXCEPTION 'a ledger entry sums to zero in every currency';
    END IF;
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER ledger_entry_guard BEFORE INSERT OR UPDATE OR DELETE ON ledger_entry
  FOR EACH ROW EXECUTE FUNCTION ledger_entry_guard();

CREATE FUNCTION ledger_posting_open_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sealed FROM ledger_entry WHERE id = NEW.entry_id FOR SHARE) THEN
    RAISE EXCEPTION 'a sealed ledger entry takes no more postings';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_posting_open_entry BEFORE INSERT ON ledger_posting
  FOR EACH ROW EXECUTE FUNCTION ledger_posting_open_entry();

-- Refunds never exceed what was paid; the payment's row is locked while that is counted.
CREATE FUNCTION refund_within_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  paid BIGINT;
BEGIN
  SELECT amount_minor INTO paid FROM payment WHERE id = NEW.payment_id FOR UPDATE;
  IF NEW.reason <> 'mismatch' AND NEW.amount_minor
    + (SELECT COALESCE(SUM(amount_minor), 0) FROM refund WHERE payment_id = NEW.payment_id AND state <> 'failed') > paid THEN
    RAISE EXCEPTION 'refunds exceed the payment';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refund_within_payment BEFORE INSERT ON refund
  FOR EACH ROW EXECUTE FUNCTION refund_within_payment();

-- An order goes only where domain::order lets it go.
CREATE FUNCTION shop_order_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN (
    'pending_payment>paid', 'pending_payment>expired', 'pending_payment>cancelled',
    'expired>paid', 'paid>preparing', 'paid>cancelled', 'preparing>cancelled',
    'preparing>shipped', 'shipped>delivered') THEN
    RAISE EXCEPTION 'an order cannot go there';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER shop_order_transition BEFORE UPDATE OF state ON shop_order
  FOR EACH ROW EXECUTE FUNCTION shop_order_transition();

-- No lot gives more than it received; the lot's row is locked while that is counted.
CREATE FUNCTION metal_movement_covered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  received BIGINT;
BEGIN
  IF NEW.kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt') THEN
    SELECT received_mg INTO received FROM material_lot WHERE id = NEW.lot_id FOR UPDATE;
    IF NEW.amount_mg + (SELECT COALESCE(SUM(amount_mg), 0) FROM metal_movement
      WHERE lot_id = NEW.lot_id AND kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt')) > received THEN
      RAISE EXCEPTION 'a lot cannot give more than it received';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER metal_movement_covered BEFORE INSERT ON metal_movement
  FOR EACH ROW EXECUTE FUNCTION metal_movement_covered();

CREATE TABLE design_search (
  design_id TEXT NOT NULL REFERENCES design (id),
  language TEXT NOT NULL CHECK (language IN ('es', 'en')),
  body TEXT NOT NULL,
  -- The words arrive folded and stemmed by domain::search_text; 'simple' only splits them.
  words TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED,
  PRIMARY KEY (design_id, language)
);
CREATE INDEX design_search_words ON design_search USING GIN (words);
