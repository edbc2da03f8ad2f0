-- A second number beside the catalogue's version: `content` stands still while pieces are only held,
-- freed and sold. Names, texts, photographs, papers, policies and the work in pieces are remembered
-- under it, so that a sale does not make every page read them again (PostgreSQL).

ALTER TABLE catalogue_version ADD COLUMN content BIGINT NOT NULL DEFAULT 1;

CREATE FUNCTION move_content_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Once per transaction and at commit, as the version itself (0002_guards.sql).
  IF COALESCE(current_setting('divinas.content_moved', TRUE), '') <> txid_current()::text THEN
    UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
    PERFORM set_config('divinas.content_moved', txid_current()::text, TRUE);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER member_content AFTER INSERT OR UPDATE OR DELETE ON member
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER member_text_content AFTER INSERT OR UPDATE OR DELETE ON member_text
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER member_consent_content AFTER INSERT OR UPDATE OR DELETE ON member_consent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER mine_content AFTER INSERT OR UPDATE OR DELETE ON mine
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER certificate_content AFTER INSERT OR UPDATE OR DELETE ON certificate
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER supplier_content AFTER INSERT OR UPDATE OR DELETE ON supplier
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER seller_licence_content AFTER INSERT OR UPDATE OR DELETE ON seller_licence
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER material_lot_content AFTER INSERT OR UPDATE OR DELETE ON material_lot
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER lot_document_content AFTER INSERT OR UPDATE OR DELETE ON lot_document
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER photo_content AFTER INSERT OR UPDATE OR DELETE ON photo
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER site_photo_content AFTER INSERT OR UPDATE OR DELETE ON site_photo
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER design_text_content AFTER INSERT OR UPDATE OR DELETE ON design_text
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER design_photo_content AFTER INSERT OR UPDATE OR DELETE ON design_photo
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER contribution_content AFTER INSERT OR UPDATE OR DELETE ON contribution
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER metal_movement_content AFTER INSERT OR UPDATE OR DELETE ON metal_movement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER exchange_rate_content AFTER INSERT OR UPDATE OR DELETE ON exchange_rate
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER split_policy_content AFTER INSERT OR UPDATE OR DELETE ON split_policy
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER split_policy_fund_content AFTER INSERT OR UPDATE OR DELETE ON split_policy_fund
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();

-- What only counts or moves pieces is no content.
CREATE CONSTRAINT TRIGGER design_content AFTER INSERT OR DELETE OR UPDATE OF id, slug, category, status, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, wholesale_price_minor, made_to_order_days, dimensions, stones, techniques, published_at_us, demo ON design
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
CREATE CONSTRAINT TRIGGER piece_content AFTER INSERT OR DELETE OR UPDATE OF id, serial, design_id, weight_mg, circumference_tenths_mm, stones_cost_minor, findings_cost_minor, inspected_on ON piece
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
