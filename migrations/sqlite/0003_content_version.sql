-- A second number beside the catalogue's version: `content` stands still while pieces are only held,
-- freed and sold. Names, texts, photographs, papers, policies and the work in pieces are remembered
-- under it, so that a sale does not make every page read them again (SQLite).

ALTER TABLE catalogue_version ADD COLUMN content BIGINT NOT NULL DEFAULT 1;

CREATE TRIGGER member_content_insert AFTER INSERT ON member
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_content_update AFTER UPDATE ON member
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_content_delete AFTER DELETE ON member
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_text_content_insert AFTER INSERT ON member_text
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_text_content_update AFTER UPDATE ON member_text
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_text_content_delete AFTER DELETE ON member_text
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_consent_content_insert AFTER INSERT ON member_consent
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_consent_content_update AFTER UPDATE ON member_consent
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER member_consent_content_delete AFTER DELETE ON member_consent
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER mine_content_insert AFTER INSERT ON mine
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER mine_content_update AFTER UPDATE ON mine
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER mine_content_delete AFTER DELETE ON mine
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER certificate_content_insert AFTER INSERT ON certificate
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER certificate_content_update AFTER UPDATE ON certificate
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER certificate_content_delete AFTER DELETE ON certificate
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER supplier_content_insert AFTER INSERT ON supplier
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER supplier_content_update AFTER UPDATE ON supplier
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER supplier_content_delete AFTER DELETE ON supplier
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER seller_licence_content_insert AFTER INSERT ON seller_licence
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER seller_licence_content_update AFTER UPDATE ON seller_licence
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER seller_licence_content_delete AFTER DELETE ON seller_licence
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
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
CREATE TRIGGER lot_document_content_insert AFTER INSERT ON lot_document
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER lot_document_content_update AFTER UPDATE ON lot_document
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER lot_document_content_delete AFTER DELETE ON lot_document
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER photo_content_insert AFTER INSERT ON photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER photo_content_update AFTER UPDATE ON photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER photo_content_delete AFTER DELETE ON photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER site_photo_content_insert AFTER INSERT ON site_photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER site_photo_content_update AFTER UPDATE ON site_photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER site_photo_content_delete AFTER DELETE ON site_photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_text_content_insert AFTER INSERT ON design_text
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_text_content_update AFTER UPDATE ON design_text
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_text_content_delete AFTER DELETE ON design_text
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_photo_content_insert AFTER INSERT ON design_photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_photo_content_update AFTER UPDATE ON design_photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_photo_content_delete AFTER DELETE ON design_photo
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER contribution_content_insert AFTER INSERT ON contribution
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER contribution_content_update AFTER UPDATE ON contribution
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER contribution_content_delete AFTER DELETE ON contribution
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER metal_movement_content_insert AFTER INSERT ON metal_movement
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER metal_movement_content_update AFTER UPDATE ON metal_movement
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER metal_movement_content_delete AFTER DELETE ON metal_movement
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER exchange_rate_content_insert AFTER INSERT ON exchange_rate
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER exchange_rate_content_update AFTER UPDATE ON exchange_rate
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER exchange_rate_content_delete AFTER DELETE ON exchange_rate
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_content_insert AFTER INSERT ON split_policy
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_content_update AFTER UPDATE ON split_policy
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_content_delete AFTER DELETE ON split_policy
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_fund_content_insert AFTER INSERT ON split_policy_fund
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_fund_content_update AFTER UPDATE ON split_policy_fund
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER split_policy_fund_content_delete AFTER DELETE ON split_policy_fund
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;

-- What only counts or moves pieces is no content.
CREATE TRIGGER design_content_insert AFTER INSERT ON design
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_content_update AFTER UPDATE OF id, slug, category, status, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, wholesale_price_minor, made_to_order_days, dimensions, stones, techniques, published_at_us, demo ON design
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_content_delete AFTER DELETE ON design
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER piece_content_insert AFTER INSERT ON piece
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER piece_content_update AFTER UPDATE OF id, serial, design_id, weight_mg, circumference_tenths_mm, stones_cost_minor, findings_cost_minor, inspected_on ON piece
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER piece_content_delete AFTER DELETE ON piece
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
