-- What the tables cannot say alone (SQLite): visibility of writes, counts, append-only books.

CREATE TRIGGER member_seen_insert AFTER INSERT ON member
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_seen_update AFTER UPDATE ON member
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_seen_delete AFTER DELETE ON member
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_text_seen_insert AFTER INSERT ON member_text
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_text_seen_update AFTER UPDATE ON member_text
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_text_seen_delete AFTER DELETE ON member_text
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_consent_seen_insert AFTER INSERT ON member_consent
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_consent_seen_update AFTER UPDATE ON member_consent
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER member_consent_seen_delete AFTER DELETE ON member_consent
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER mine_seen_insert AFTER INSERT ON mine
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER mine_seen_update AFTER UPDATE ON mine
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER mine_seen_delete AFTER DELETE ON mine
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER certificate_seen_insert AFTER INSERT ON certificate
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER certificate_seen_update AFTER UPDATE ON certificate
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER certificate_seen_delete AFTER DELETE ON certificate
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER supplier_seen_insert AFTER INSERT ON supplier
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER supplier_seen_update AFTER UPDATE ON supplier
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER supplier_seen_delete AFTER DELETE ON supplier
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER seller_licence_seen_insert AFTER INSERT ON seller_licence
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER seller_licence_seen_update AFTER UPDATE ON seller_licence
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER seller_licence_seen_delete AFTER DELETE ON seller_licence
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
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
CREATE TRIGGER lot_document_seen_insert AFTER INSERT ON lot_document
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER lot_document_seen_update AFTER UPDATE ON lot_document
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER lot_document_seen_delete AFTER DELETE ON lot_document
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER photo_seen_insert AFTER INSERT ON photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER photo_seen_update AFTER UPDATE ON photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER photo_seen_delete AFTER DELETE ON photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER site_photo_seen_insert AFTER INSERT ON site_photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER site_photo_seen_update AFTER UPDATE ON site_photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER site_photo_seen_delete AFTER DELETE ON site_photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_seen_insert AFTER INSERT ON design
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_seen_update AFTER UPDATE ON design
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_seen_delete AFTER DELETE ON design
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_text_seen_insert AFTER INSERT ON design_text
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_text_seen_update AFTER UPDATE ON design_text
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_text_seen_delete AFTER DELETE ON design_text
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_photo_seen_insert AFTER INSERT ON design_photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_photo_seen_update AFTER UPDATE ON design_photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_photo_seen_delete AFTER DELETE ON design_photo
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER piece_seen_insert AFTER INSERT ON piece
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER piece_seen_update AFTER UPDATE ON piece
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER piece_seen_delete AFTER DELETE ON piece
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER contribution_seen_insert AFTER INSERT ON contribution
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER contribution_seen_update AFTER UPDATE ON contribution
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER contribution_seen_delete AFTER DELETE ON contribution
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER metal_movement_seen_insert AFTER INSERT ON metal_movement
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER metal_movement_seen_update AFTER UPDATE ON metal_movement
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER metal_movement_seen_delete AFTER DELETE ON metal_movement
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER exchange_rate_seen_insert AFTER INSERT ON exchange_rate
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER exchange_rate_seen_update AFTER UPDATE ON exchange_rate
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER exchange_rate_seen_delete AFTER DELETE ON exchange_rate
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_seen_insert AFTER INSERT ON split_policy
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_seen_update AFTER UPDATE ON split_policy
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_seen_delete AFTER DELETE ON split_policy
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_fund_seen_insert AFTER INSERT ON split_policy_fund
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_fund_seen_update AFTER UPDATE ON split_policy_fund
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_fund_seen_delete AFTER DELETE ON split_policy_fund
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER sale_seen_insert AFTER INSERT ON sale
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER sale_seen_update AFTER UPDATE ON sale
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER sale_seen_delete AFTER DELETE ON sale
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;

-- Counts on the design follow its pieces.
CREATE TRIGGER piece_counts_insert AFTER INSERT ON piece
WHEN NEW.state IN ('retail', 'checkout')
BEGIN
  UPDATE design SET
    pieces_available = pieces_available + (NEW.state = 'retail'),
    pieces_held = pieces_held + (NEW.state = 'checkout')
  WHERE id = NEW.design_id;
END;
CREATE TRIGGER piece_counts_update AFTER UPDATE OF state ON piece
WHEN OLD.state <> NEW.state
BEGIN
  UPDATE design SET
    pieces_available = pieces_available + (NEW.state = 'retail') - (OLD.state = 'retail'),
    pieces_held = pieces_held + (NEW.state = 'checkout') - (OLD.state = 'checkout')
  WHERE id = NEW.design_id;
END;
CREATE TRIGGER piece_counts_delete AFTER DELETE ON piece
WHEN OLD.state IN ('retail', 'checkout')
BEGIN
  UPDATE design SET
    pieces_available = pieces_available - (OLD.state = 'retail'),
    pieces_held = pieces_held - (OLD.state = 'checkout')
  WHERE id = OLD.design_id;
END;
CREATE TRIGGER piece_keeps_its_design BEFORE UPDATE OF design_id ON piece
WHEN OLD.design_id <> NEW.design_id
BEGIN
  SELECT RAISE(ABORT, 'a piece keeps its design');
END;

-- Whose hands are in which design follows the contributions.
CREATE TRIGGER contribution_makers_insert AFTER INSERT ON contribution
BEGIN
  INSERT INTO design_maker (design_id, member_id, minutes, shown)
  SELECT p.design_id, NEW.member_id, NEW.minutes, d.status = 'published'
  FROM piece p JOIN design d ON d.id = p.design_id WHERE p.id = NEW.piece_id
  ON CONFLICT (design_id, member_id) DO UPDATE SET minutes = design_maker.minutes + EXCLUDED.minutes;
END;
CREATE TRIGGER contribution_makers_update AFTER UPDATE OF minutes ON contribution
WHEN OLD.minutes <> NEW.minutes
BEGIN
  UPDATE design_maker SET minutes = minutes + NEW.minutes - OLD.minutes
  WHERE member_id = NEW.member_id AND design_id = (SELECT design_id FROM piece WHERE id = NEW.piece_id);
END;
CREATE TRIGGER contribution_makers_delete AFTER DELETE ON contribution
BEGIN
  UPDATE design_maker SET minutes = minutes - OLD.minutes
  WHERE member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
  DELETE FROM design_maker WHERE minutes <= 0
  AND member_id = OLD.member_id AND design_id = (SELECT design_id FROM piece WHERE id = OLD.piece_id);
END;
CREATE TRIGGER contribution_keeps_its_piece BEFORE UPDATE OF piece_id, member_id ON contribution
WHEN OLD.piece_id <> NEW.piece_id OR OLD.member_id <> NEW.member_id
BEGIN
  SELECT RAISE(ABORT, 'a contribution keeps its piece and its member');
END;
CREATE TRIGGER design_makers_shown AFTER UPDATE OF status ON design
WHEN OLD.status <> NEW.status
BEGIN
  UPDATE design_maker SET shown = (NEW.status = 'published') WHERE design_id = NEW.id;
END;
CREATE TRIGGER design_maker_counts_insert AFTER INSERT ON design_maker
WHEN NEW.shown
BEGIN
  UPDATE member SET designs_shown = designs_shown + 1 WHERE id = NEW.member_id;
END;
CREATE TRIGGER design_maker_counts_update AFTER UPDATE OF shown ON design_maker
WHEN OLD.shown <> NEW.shown
BEGIN
  UPDATE member SET designs_shown = designs_shown + NEW.shown - OLD.shown WHERE id = NEW.member_id;
END;
CREATE TRIGGER design_maker_counts_delete AFTER DELETE ON design_maker
WHEN OLD.shown
BEGIN
  UPDATE member SET designs_shown = designs_shown - 1 WHERE id = OLD.member_id;
END;

-- Books are appended to, never edited.
CREATE TRIGGER metal_movement_append_only_update BEFORE UPDATE ON metal_movement
BEGIN
  SELECT RAISE(ABORT, 'metal_movement is append-only');
END;
CREATE TRIGGER metal_movement_append_only_delete BEFORE DELETE ON metal_movement
BEGIN
  SELECT RAISE(ABORT, 'metal_movement is append-only');
END;
CREATE TRIGGER ledger_posting_append_only_update BEFORE UPDATE ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'ledger_posting is append-only');
END;
CREATE TRIGGER ledger_posting_append_only_delete BEFORE DELETE ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'ledger_posting is append-only');
END;
CREATE TRIGGER sale_append_only_update BEFORE UPDATE ON sale
BEGIN
  SELECT RAISE(ABORT, 'sale is append-only');
END;
CREATE TRIGGER sale_append_only_delete BEFORE DELETE ON sale
BEGIN
  SELECT RAISE(ABORT, 'sale is append-only');
END;
CREATE TRIGGER sale_share_append_only_update BEFORE UPDATE ON sale_share
BEGIN
  SELECT RAISE(ABORT, 'sale_share is append-only');
END;
CREATE TRIGGER sale_share_append_only_delete BEFORE DELETE ON sale_share
BEGIN
  SELECT RAISE(ABORT, 'sale_share is append-only');
END;
CREATE TRIGGER piece_event_append_only_update BEFORE UPDATE ON piece_event
BEGIN
  SELECT RAISE(ABORT, 'piece_event is append-only');
END;
CREATE TRIGGER piece_event_append_only_delete BEFORE DELETE ON piece_event
BEGIN
  SELECT RAISE(ABORT, 'piece_event is append-only');
END;
CREATE TRIGGER split_policy_append_only_update BEFORE UPDATE ON split_policy
BEGIN
  SELECT RAISE(ABORT, 'split_policy is append-only');
END;
CREATE TRIGGER split_policy_append_only_delete BEFORE DELETE ON split_policy
BEGIN
  SELECT RAISE(ABORT, 'split_policy is append-only');
END;
CREATE TRIGGER split_policy_fund_append_only_update BEFORE UPDATE ON split_policy_fund
BEGIN
  SELECT RAISE(ABORT, 'split_policy_fund is append-only');
END;
CREATE TRIGGER split_policy_fund_append_only_delete BEFORE DELETE ON split_policy_fund
BEGIN
  SELECT RAISE(ABORT, 'split_policy_fund is append-only');
END;

CREATE TRIGGER ledger_entry_sealed_update BEFORE UPDATE ON ledger_entry
WHEN OLD.sealed
BEGIN
  SELECT RAISE(ABORT, 'a sealed ledger entry is not edited');
END;
CREATE TRIGGER ledger_entry_append_only_delete BEFORE DELETE ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger_entry is append-only');
END;
CREATE TRIGGER ledger_entry_born_open BEFORE INSERT ON ledger_entry
WHEN NEW.sealed
BEGIN
  SELECT RAISE(ABORT, 'a ledger entry is sealed after its postings');
END;
CREATE TRIGGER ledger_entry_sums_to_zero BEFORE UPDATE OF sealed ON ledger_entry
WHEN NEW.sealed AND (
  NOT EXISTS (SELECT 1 FROM ledger_posting WHERE entry_id = NEW.id)
  OR EXISTS (SELECT 1 FROM ledger_posting WHERE entry_id = NEW.id GROUP BY currency HAVING SUM(amount_minor) <> 0))
BEGIN
  SELECT RAISE(ABORT, 'a ledger entry sums to zero in every currency');
END;
CREATE TRIGGER ledger_posting_open_entry BEFORE INSERT ON ledger_posting
WHEN (SELECT sealed FROM ledger_entry WHERE id = NEW.entry_id)
BEGIN
  SELECT RAISE(ABORT, 'a sealed ledger entry takes no more postings');
END;

-- Refunds never exceed what was paid.
CREATE TRIGGER refund_within_payment BEFORE INSERT ON refund
WHEN NEW.amount_minor + (SELECT COALESCE(SUM(amount_minor), 0) FROM refund WHERE payment_id = NEW.payment_id AND state <> 'failed')
  > (SELECT amount_minor FROM payment WHERE id = NEW.payment_id)
  AND NEW.reason <> 'mismatch'
BEGIN
  SELECT RAISE(ABORT, 'refunds exceed the payment');
END;

-- An order goes only where domain::order lets it go.
CREATE TRIGGER shop_order_transition BEFORE UPDATE OF state ON shop_order
WHEN OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN (
  'pending_payment>paid', 'pending_payment>expired', 'pending_payment>cancelled',
  'expired>paid', 'paid>preparing', 'paid>cancelled', 'preparing>cancelled',
  'preparing>shipped', 'shipped>delivered')
BEGIN
  SELECT RAISE(ABORT, 'an order cannot go there');
END;

-- No lot gives more than it received.
CREATE TRIGGER metal_movement_covered BEFORE INSERT ON metal_movement
WHEN NEW.kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt')
  AND NEW.amount_mg + (SELECT COALESCE(SUM(amount_mg), 0) FROM metal_movement
    WHERE lot_id = NEW.lot_id AND kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt'))
  > (SELECT received_mg FROM material_lot WHERE id = NEW.lot_id)
BEGIN
  SELECT RAISE(ABORT, 'a lot cannot give more than it received');
END;

CREATE VIRTUAL TABLE design_search USING fts5 (design_id UNINDEXED, language UNINDEXED, body, tokenize = 'unicode61 remove_diacritics 2');
