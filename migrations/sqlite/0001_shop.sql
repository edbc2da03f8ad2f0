-- People: who makes, who certifies, who supplies.

CREATE TABLE member (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  community TEXT NOT NULL,
  admitted_on TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'on_leave', 'left')),
  office TEXT CHECK (office IN ('presidenta', 'vicepresidenta', 'secretaria', 'tesorera', 'fiscal', 'vocal')),
  -- Published designs she has a hand in: kept by the triggers on design_maker.
  designs_shown BIGINT NOT NULL DEFAULT 0 CHECK (designs_shown >= 0),
  demo BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE member_text (
  member_id TEXT NOT NULL REFERENCES member (id),
  language TEXT NOT NULL CHECK (language IN ('es', 'en')),
  crafts TEXT NOT NULL,
  quote TEXT NOT NULL,
  story TEXT NOT NULL,
  PRIMARY KEY (member_id, language)
);

-- A consent is for one subject and one use, and current until withdrawn.
CREATE TABLE member_consent (
  id TEXT PRIMARY KEY,
  member_id TEXT NOT NULL REFERENCES member (id),
  subject TEXT NOT NULL CHECK (subject IN ('name', 'story', 'portrait', 'voice')),
  purpose TEXT NOT NULL CHECK (purpose IN ('site', 'social', 'press')),
  given_at_us BIGINT NOT NULL,
  withdrawn_at_us BIGINT CHECK (withdrawn_at_us >= given_at_us)
);
CREATE UNIQUE INDEX member_consent_current ON member_consent (member_id, subject, purpose) WHERE withdrawn_at_us IS NULL;

-- The metal: mines, certificates, lots and where every milligram went.

CREATE TABLE mine (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  place TEXT NOT NULL,
  altitude_m BIGINT
);

CREATE TABLE certificate (
  id TEXT PRIMARY KEY,
  mine_id TEXT NOT NULL REFERENCES mine (id),
  scheme TEXT NOT NULL,
  number TEXT NOT NULL,
  ecological BOOLEAN NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  -- Title of the document that shows it; without one it proves nothing.
  document TEXT,
  CHECK (valid_until >= valid_from),
  UNIQUE (scheme, number, valid_from)
);
CREATE INDEX certificate_of_mine ON certificate (mine_id);

CREATE TABLE supplier (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- Licences of the association itself as a seller; none is known today.
CREATE TABLE seller_licence (
  id TEXT PRIMARY KEY,
  scheme TEXT NOT NULL,
  number TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  document TEXT,
  CHECK (valid_until >= valid_from)
);

CREATE TABLE material_lot (
  id TEXT PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  metal TEXT NOT NULL CHECK (metal IN ('silver', 'gold')),
  fineness_permille BIGINT NOT NULL CHECK (fineness_permille BETWEEN 1 AND 1000),
  received_mg BIGINT NOT NULL CHECK (received_mg > 0),
  supplier_id TEXT NOT NULL REFERENCES supplier (id),
  mine_id TEXT REFERENCES mine (id),
  trading_model TEXT NOT NULL CHECK (trading_model IN ('labeled', 'incorporated', 'certificate', 'uncertified', 'recycled')),
  owner TEXT NOT NULL CHECK (owner IN ('consigned', 'bought')),
  mixed BOOLEAN NOT NULL DEFAULT FALSE,
  left_mine_on TEXT,
  received_on TEXT NOT NULL,
  price_per_fine_g_minor BIGINT NOT NULL CHECK (price_per_fine_g_minor >= 0),
  price_currency TEXT NOT NULL CHECK (price_currency IN ('PEN', 'USD', 'EUR'))
);

CREATE TABLE lot_document (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES material_lot (id),
  title TEXT NOT NULL,
  dated_on TEXT,
  object_key TEXT
);
CREATE INDEX lot_document_of_lot ON lot_document (lot_id);

-- The catalogue.

CREATE TABLE photo (
  hash TEXT PRIMARY KEY,
  width_px BIGINT NOT NULL CHECK (width_px > 0),
  height_px BIGINT NOT NULL CHECK (height_px > 0),
  colour TEXT NOT NULL,
  widths TEXT NOT NULL
);

-- Pictures of the site itself: the opening, the metal's way.
CREATE TABLE site_photo (
  place TEXT PRIMARY KEY,
  photo_hash TEXT NOT NULL REFERENCES photo (hash),
  alt_es TEXT NOT NULL,
  alt_en TEXT NOT NULL
);

CREATE TABLE design (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'withdrawn')),
  category TEXT NOT NULL CHECK (category IN ('ring', 'earrings', 'pendant', 'necklace', 'bracelet', 'brooch')),
  metal TEXT NOT NULL CHECK (metal IN ('silver', 'gold')),
  fineness_permille BIGINT NOT NULL CHECK (fineness_permille BETWEEN 1 AND 1000),
  weight_mg BIGINT NOT NULL CHECK (weight_mg > 0),
  gold_750_mg BIGINT NOT NULL CHECK (gold_750_mg BETWEEN 0 AND weight_mg),
  price_minor BIGINT NOT NULL CHECK (price_minor > 0),
  wholesale_price_minor BIGINT NOT NULL CHECK (wholesale_price_minor > 0),
  made_to_order_days BIGINT CHECK (made_to_order_days > 0),
  dimensions TEXT NOT NULL,
  stones TEXT NOT NULL,
  techniques TEXT NOT NULL,
  published_at_us BIGINT,
  -- Pieces that can be had now: kept by the triggers on piece, for lists of any length.
  pieces_available BIGINT NOT NULL DEFAULT 0 CHECK (pieces_available >= 0),
  pieces_held BIGINT NOT NULL DEFAULT 0 CHECK (pieces_held >= 0),
  demo BOOLEAN NOT NULL DEFAULT FALSE,
  CHECK ((status = 'published') <= (published_at_us IS NOT NULL))
);
-- A page of the catalogue is cut from an index alone: what filters ask stands behind the order.
CREATE INDEX design_newest ON design (status, published_at_us DESC, id, category, metal, fineness_permille, price_minor, pieces_available, made_to_order_days);
CREATE INDEX design_by_price ON design (status, price_minor, id, category, metal, fineness_permille, pieces_available, made_to_order_days);
CREATE INDEX design_by_category ON design (status, category, published_at_us DESC, id, metal, fineness_permille, price_minor, pieces_available, made_to_order_days);
CREATE INDEX design_by_category_price ON design (status, category, price_minor, id, metal, fineness_permille, pieces_available, made_to_order_days);
CREATE INDEX design_demo ON design (demo) WHERE demo;

CREATE TABLE design_text (
  design_id TEXT NOT NULL REFERENCES design (id),
  language TEXT NOT NULL CHECK (language IN ('es', 'en')),
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  description TEXT NOT NULL,
  care TEXT NOT NULL,
  PRIMARY KEY (design_id, language)
);
CREATE INDEX design_text_by_name ON design_text (language, name_folded, design_id);

CREATE TABLE design_photo (
  design_id TEXT NOT NULL REFERENCES design (id),
  position BIGINT NOT NULL,
  photo_hash TEXT NOT NULL REFERENCES photo (hash),
  alt_es TEXT NOT NULL,
  alt_en TEXT NOT NULL,
  PRIMARY KEY (design_id, position)
);

-- Numbers given out once, without gaps, inside the business transaction.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Orders come before pieces because a piece that is held or sold names its order.
CREATE TABLE shop_order (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  secret TEXT NOT NULL UNIQUE,
  attempt TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('pending_payment', 'paid', 'preparing', 'shipped', 'delivered', 'expired', 'cancelled')),
  language TEXT NOT NULL CHECK (language IN ('es', 'en')),
  currency TEXT NOT NULL CHECK (currency IN ('PEN', 'USD', 'EUR')),
  -- Soles per unit of the order's currency, in millionths; 1000000 for PEN itself.
  rate_micro BIGINT NOT NULL CHECK (rate_micro > 0),
  items_minor BIGINT NOT NULL CHECK (items_minor > 0),
  shipping_minor BIGINT NOT NULL CHECK (shipping_minor >= 0),
  tax_minor BIGINT NOT NULL CHECK (tax_minor >= 0),
  total_minor BIGINT NOT NULL,
  delivery TEXT NOT NULL,
  delivery_from TEXT NOT NULL,
  delivery_to TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  country TEXT NOT NULL,
  region TEXT NOT NULL,
  city TEXT NOT NULL,
  street TEXT NOT NULL,
  postal_code TEXT NOT NULL,
  gift_message TEXT,
  created_at_us BIGINT NOT NULL,
  hold_until_us BIGINT NOT NULL CHECK (hold_until_us > created_at_us),
  paid_at_us BIGINT,
  closed_at_us BIGINT,
  CHECK (total_minor = items_minor + shipping_minor),
  CHECK (tax_minor <= total_minor),
  CHECK ((state IN ('paid', 'preparing', 'shipped', 'delivered')) <= (paid_at_us IS NOT NULL))
);
CREATE INDEX shop_order_due ON shop_order (hold_until_us) WHERE state = 'pending_payment';

-- A piece is in exactly one place: its state says which, and a piece that is held or
-- sold names the one order it belongs to. One row, one claim.
CREATE TABLE piece (
  id TEXT PRIMARY KEY,
  serial TEXT NOT NULL UNIQUE,
  design_id TEXT NOT NULL REFERENCES design (id),
  state TEXT NOT NULL CHECK (state IN ('workshop', 'inspection', 'retail', 'checkout', 'sold', 'wholesale', 'delivered_wholesale', 'fair', 'returned', 'retired')),
  order_id TEXT REFERENCES shop_order (id),
  held_until_us BIGINT,
  sold_at_us BIGINT,
  weight_mg BIGINT NOT NULL CHECK (weight_mg > 0),
  circumference_tenths_mm BIGINT CHECK (circumference_tenths_mm BETWEEN 360 AND 800),
  stones_cost_minor BIGINT NOT NULL DEFAULT 0 CHECK (stones_cost_minor >= 0),
  findings_cost_minor BIGINT NOT NULL DEFAULT 0 CHECK (findings_cost_minor >= 0),
  inspected_on TEXT,
  CHECK ((state = 'checkout') = (held_until_us IS NOT NULL)),
  CHECK ((state IN ('checkout', 'sold')) = (order_id IS NOT NULL)),
  CHECK ((state = 'sold') = (sold_at_us IS NOT NULL)),
  CHECK ((state IN ('retail', 'checkout', 'sold')) <= (inspected_on IS NOT NULL))
);
CREATE INDEX piece_of_design ON piece (design_id, state);
CREATE INDEX piece_of_order ON piece (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX piece_by_size ON piece (circumference_tenths_mm, design_id) WHERE state = 'retail';

CREATE TABLE piece_event (
  id TEXT PRIMARY KEY,
  piece_id TEXT NOT NULL REFERENCES piece (id),
  order_id TEXT REFERENCES shop_order (id),
  kind TEXT NOT NULL CHECK (kind IN ('held', 'released', 'sold', 'unsold')),
  at_us BIGINT NOT NULL
);
CREATE INDEX piece_event_of_piece ON piece_event (piece_id);

-- Who did what on a piece; closed at inspection.
CREATE TABLE contribution (
  id TEXT PRIMARY KEY,
  piece_id TEXT NOT NULL REFERENCES piece (id),
  member_id TEXT NOT NULL REFERENCES member (id),
  step TEXT NOT NULL,
  minutes BIGINT NOT NULL CHECK (minutes > 0),
  closed_at_us BIGINT
);
CREATE INDEX contribution_of_piece ON contribution (piece_id);
CREATE INDEX contribution_of_member ON contribution (member_id, piece_id);

-- Whose hands are in which design: kept by the triggers on contribution and design, so that
-- lists and counts need no walk through every piece. `shown`: the design is published.
CREATE TABLE design_maker (
  design_id TEXT NOT NULL REFERENCES design (id),
  member_id TEXT NOT NULL REFERENCES member (id),
  minutes BIGINT NOT NULL,
  shown BOOLEAN NOT NULL,
  PRIMARY KEY (design_id, member_id)
);
CREATE INDEX design_maker_of_member ON design_maker (shown, member_id, design_id);

-- The metal book, append-only. Scrap and loss name the piece they fell off.
CREATE TABLE metal_movement (
  id TEXT PRIMARY KEY,
  lot_id TEXT NOT NULL REFERENCES material_lot (id),
  kind TEXT NOT NULL CHECK (kind IN ('receive', 'issue', 'into_piece', 'scrap', 'loss', 'return', 'melt')),
  amount_mg BIGINT NOT NULL CHECK (amount_mg > 0),
  piece_id TEXT REFERENCES piece (id),
  member_id TEXT REFERENCES member (id),
  reason TEXT,
  at_us BIGINT NOT NULL,
  CHECK (kind <> 'into_piece' OR piece_id IS NOT NULL),
  CHECK (kind <> 'issue' OR member_id IS NOT NULL)
);
CREATE INDEX metal_movement_of_lot ON metal_movement (lot_id, kind, amount_mg);
CREATE INDEX metal_movement_of_piece ON metal_movement (piece_id);

-- Money: rates, policies, orders' lines, payments.

CREATE TABLE exchange_rate (
  id TEXT PRIMARY KEY,
  currency TEXT NOT NULL CHECK (currency IN ('USD', 'EUR')),
  -- Soles per unit, in millionths.
  rate_micro BIGINT NOT NULL CHECK (rate_micro > 0),
  source TEXT NOT NULL,
  effective_from_us BIGINT NOT NULL,
  UNIQUE (currency, effective_from_us)
);

CREATE TABLE split_policy (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL UNIQUE,
  minute TEXT NOT NULL,
  adopted_on TEXT NOT NULL,
  effective_from_us BIGINT NOT NULL UNIQUE,
  -- Bears what a sale costs more than it brings, and fees lost in refunds.
  loss_fund TEXT NOT NULL,
  -- The agreed worth of a minute of work in minor units of PEN.
  minute_rate_minor BIGINT NOT NULL CHECK (minute_rate_minor > 0)
);

CREATE TABLE split_policy_fund (
  policy_id TEXT NOT NULL REFERENCES split_policy (id),
  position BIGINT NOT NULL,
  fund TEXT NOT NULL,
  share_bps BIGINT NOT NULL CHECK (share_bps BETWEEN 0 AND 10000),
  PRIMARY KEY (policy_id, position),
  UNIQUE (policy_id, fund)
);

-- A line is one piece. Its shares of shipping, tax and fee are exact parts of the order's.
CREATE TABLE order_line (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES shop_order (id),
  position BIGINT NOT NULL,
  piece_id TEXT NOT NULL REFERENCES piece (id),
  price_minor BIGINT NOT NULL CHECK (price_minor > 0),
  UNIQUE (order_id, position),
  UNIQUE (order_id, piece_id)
);
CREATE INDEX order_line_of_piece ON order_line (piece_id);

-- What was asked of a payment provider. The intent is stored before the provider is called.
CREATE TABLE payment (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES shop_order (id),
  provider TEXT NOT NULL CHECK (provider IN ('stripe', 'manual')),
  state TEXT NOT NULL CHECK (state IN ('intended', 'open', 'processing', 'paid', 'expired', 'failed', 'mismatched')),
  currency TEXT NOT NULL CHECK (currency IN ('PEN', 'USD', 'EUR')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  idempotency_key TEXT NOT NULL UNIQUE,
  session_id TEXT UNIQUE,
  payment_url TEXT,
  payment_intent TEXT UNIQUE,
  charge TEXT UNIQUE,
  fee_minor BIGINT,
  created_at_us BIGINT NOT NULL,
  expires_at_us BIGINT NOT NULL,
  paid_at_us BIGINT,
  CHECK ((state IN ('open', 'processing', 'paid')) <= (session_id IS NOT NULL)),
  CHECK ((state = 'paid') <= (fee_minor IS NOT NULL))
);
CREATE INDEX payment_of_order ON payment (order_id);

CREATE TABLE refund (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES shop_order (id),
  payment_id TEXT NOT NULL REFERENCES payment (id),
  currency TEXT NOT NULL CHECK (currency IN ('PEN', 'USD', 'EUR')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  reason TEXT NOT NULL CHECK (reason IN ('pieces_taken', 'mismatch', 'cancelled', 'requested', 'duplicate')),
  state TEXT NOT NULL CHECK (state IN ('intended', 'done', 'failed')),
  idempotency_key TEXT NOT NULL UNIQUE,
  provider_ref TEXT UNIQUE,
  created_at_us BIGINT NOT NULL,
  done_at_us BIGINT,
  CHECK ((state = 'done') <= (provider_ref IS NOT NULL))
);
CREATE INDEX refund_of_order ON refund (order_id);
CREATE INDEX refund_of_payment ON refund (payment_id);

CREATE TABLE webhook_event (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  event_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- The checkout and the payment it is about, when it names one.
  session_id TEXT,
  payment_intent TEXT,
  payload TEXT NOT NULL,
  received_at_us BIGINT NOT NULL,
  processed_at_us BIGINT,
  outcome TEXT,
  UNIQUE (provider, event_id)
);

-- The split of one sold piece, frozen: which policy, every step from gross to net.
CREATE TABLE sale (
  id TEXT PRIMARY KEY,
  order_line_id TEXT NOT NULL UNIQUE REFERENCES order_line (id),
  policy_id TEXT NOT NULL REFERENCES split_policy (id),
  currency TEXT NOT NULL CHECK (currency IN ('PEN', 'USD', 'EUR')),
  -- Price plus the shipping allotted to this piece.
  gross_minor BIGINT NOT NULL,
  price_minor BIGINT NOT NULL,
  tax_minor BIGINT NOT NULL,
  shipping_minor BIGINT NOT NULL,
  fee_minor BIGINT NOT NULL,
  material_consigned_minor BIGINT NOT NULL,
  material_own_minor BIGINT NOT NULL,
  net_minor BIGINT NOT NULL,
  -- The makers' part while nobody is recorded as maker.
  held_minor BIGINT NOT NULL,
  loss_fund TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  CHECK (net_minor = gross_minor - tax_minor - shipping_minor - fee_minor - material_consigned_minor - material_own_minor)
);

CREATE TABLE sale_share (
  sale_id TEXT NOT NULL REFERENCES sale (id),
  position BIGINT NOT NULL,
  fund TEXT,
  member_id TEXT REFERENCES member (id),
  -- Basis points for a fund, the worth of her work for a member.
  weight BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL,
  PRIMARY KEY (sale_id, position),
  CHECK ((fund IS NULL) <> (member_id IS NULL))
);
CREATE INDEX sale_share_of_member ON sale_share (member_id) WHERE member_id IS NOT NULL;

-- The ledger: double entry, append-only, zero-sum per currency. An entry counts once it is
-- sealed; sealing refuses an entry that does not sum to zero.

CREATE TABLE ledger_entry (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('sale', 'fee', 'refund', 'stray', 'reversal', 'manual')),
  reference TEXT NOT NULL,
  order_id TEXT REFERENCES shop_order (id),
  at_us BIGINT NOT NULL,
  sealed BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (kind, reference)
);
CREATE INDEX ledger_entry_of_order ON ledger_entry (order_id);

CREATE TABLE ledger_posting (
  id TEXT PRIMARY KEY,
  entry_id TEXT NOT NULL REFERENCES ledger_entry (id),
  position BIGINT NOT NULL,
  account TEXT NOT NULL,
  member_id TEXT REFERENCES member (id),
  currency TEXT NOT NULL CHECK (currency IN ('PEN', 'USD', 'EUR')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
  UNIQUE (entry_id, position)
);
CREATE INDEX ledger_posting_of_account ON ledger_posting (account, currency);

-- Work to do later, enqueued in the business transaction.

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  dedup_key TEXT UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('ready', 'done', 'dead')),
  run_at_us BIGINT NOT NULL,
  leased_until_us BIGINT NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at_us BIGINT NOT NULL
);
CREATE INDEX job_due ON job (run_at_us) WHERE state = 'ready';

-- Every mail ever written. `kept`: no SMTP is configured, the board reads it here.
-- `unsure`: the process died while handing it over; it is not sent again by itself.
CREATE TABLE mail (
  id TEXT PRIMARY KEY,
  dedup_key TEXT NOT NULL UNIQUE,
  order_id TEXT REFERENCES shop_order (id),
  to_address TEXT NOT NULL,
  subject TEXT NOT NULL,
  body_text TEXT NOT NULL,
  body_html TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'kept', 'failed', 'unsure')),
  created_at_us BIGINT NOT NULL,
  sent_at_us BIGINT,
  last_error TEXT
);

-- Sessions of visitors (the bag) with their expiry.
CREATE TABLE session (
  id TEXT PRIMARY KEY,
  data TEXT NOT NULL,
  expires_at_us BIGINT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at_us);

-- One number that every write to what shoppers see moves on, inside the same transaction.
-- A page rendered under a version is good exactly as long as the version stands.
CREATE TABLE catalogue_version (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);
INSERT INTO catalogue_version (id, version) VALUES (1, 1);
INSERT INTO counter (name, value) VALUES ('order', 0);
