-- The database. Facts first (append-only), then judgement (rebuildable, keyed by ruleset),
-- then reference data. Every closed vocabulary has a CHECK, filled in from crawler.model
-- where {Name} stands. Rows per site x agent exist nowhere: site -> body -> policy.

-- Facts ---------------------------------------------------------------------

CREATE TABLE panels (
  panel_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  source TEXT, licence TEXT, inclusion_rules TEXT,
  suffix_list TEXT NOT NULL,
  rows_read INTEGER NOT NULL, accepted INTEGER NOT NULL,
  rejected INTEGER NOT NULL, duplicates INTEGER NOT NULL,
  loaded_at TEXT NOT NULL,
  CHECK (rows_read = accepted + rejected + duplicates)
) STRICT;

CREATE TABLE panel_rejections (
  panel_id INTEGER NOT NULL REFERENCES panels (panel_id),
  line INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rejected', 'duplicate')),
  text TEXT NOT NULL,
  problem TEXT NOT NULL
) STRICT;

CREATE TABLE sites (
  site_id INTEGER PRIMARY KEY,
  host TEXT NOT NULL UNIQUE,
  registrable_domain TEXT,
  registrable_domain_private TEXT
) STRICT;

CREATE TABLE panel_sites (
  panel_id INTEGER NOT NULL REFERENCES panels (panel_id),
  site_id INTEGER NOT NULL REFERENCES sites (site_id),
  stratum TEXT, sector TEXT, creator_type TEXT, country TEXT, platform TEXT,
  rank INTEGER, weight REAL, cluster TEXT, note TEXT,
  line INTEGER NOT NULL,
  PRIMARY KEY (panel_id, site_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE waves (
  wave_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  panel_id INTEGER NOT NULL REFERENCES panels (panel_id),
  seed INTEGER NOT NULL,
  software TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  user_agent TEXT NOT NULL,
  vantage TEXT,
  plan_ruleset INTEGER NOT NULL,  -- whose signals said what to ask for
  started_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;

CREATE TABLE visits (
  visit_id INTEGER PRIMARY KEY,
  wave_id INTEGER NOT NULL REFERENCES waves (wave_id),
  site_id INTEGER NOT NULL REFERENCES sites (site_id),
  outcome TEXT NOT NULL CHECK (outcome IN ({Outcome})),
  reason TEXT NOT NULL CHECK (reason IN ({Reason})),
  detail TEXT,
  requests INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  UNIQUE (wave_id, site_id)
) STRICT;

-- Every visit that was begun: one that ended in a passing failure is made again later, and
-- only the last becomes the row in `visits`. Begun and neither finished nor interrupted:
-- our process was killed. The rest of the row is the record of our politeness.
CREATE TABLE attempts (
  wave_id INTEGER NOT NULL REFERENCES waves (wave_id),
  site_id INTEGER NOT NULL REFERENCES sites (site_id),
  attempt INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  outcome TEXT CHECK (outcome IN ({Outcome})),
  reason TEXT CHECK (reason IN ({Reason})),
  detail TEXT,
  requests INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  waited REAL NOT NULL DEFAULT 0,
  shortest_gap REAL,
  crawl_delay REAL,
  retry_after REAL,
  again_at REAL,  -- Unix time before which the site is not asked again; null: it is not
  PRIMARY KEY (wave_id, site_id, attempt)
) STRICT, WITHOUT ROWID;

-- Entries of the do-not-survey list that kept us from something in a wave.
CREATE TABLE exclusions (
  wave_id INTEGER NOT NULL REFERENCES waves (wave_id),
  entry TEXT NOT NULL,
  since TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (wave_id, entry)
) STRICT, WITHOUT ROWID;

-- Hosts, and suffixes that begin with a dot, whose data were removed: never asked again.
CREATE TABLE tombstones (
  entry TEXT PRIMARY KEY,
  forgotten_at TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bodies (
  body_id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE headers (
  headers_id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE captures (
  capture_id INTEGER PRIMARY KEY,
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  seq INTEGER NOT NULL,
  resource TEXT NOT NULL,
  url TEXT NOT NULL,
  final_url TEXT NOT NULL,
  hops TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(hops)),
  status INTEGER,
  http_version TEXT,
  reason_phrase TEXT,
  failure TEXT CHECK (failure IN ({Failure})),
  detail TEXT,
  headers_id INTEGER REFERENCES headers (headers_id),
  body_id INTEGER REFERENCES bodies (body_id),
  bytes INTEGER NOT NULL,
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
  data_loss INTEGER NOT NULL CHECK (data_loss IN (0, 1)),
  coding_error INTEGER NOT NULL CHECK (coding_error IN (0, 1)),
  superseded INTEGER NOT NULL CHECK (superseded IN (0, 1)),
  address TEXT,
  tls TEXT,
  fetched_at TEXT NOT NULL,
  elapsed REAL NOT NULL,
  first_byte REAL,
  -- Where status is 304: the capture that brought the body, which may be gone by now.
  revalidated_from INTEGER,
  CHECK (revalidated_from IS NULL OR status = 304),
  UNIQUE (visit_id, seq)
) STRICT;

-- What visits brought that were made again later: the record is whole, and no judge reads it.
CREATE TABLE attempt_captures (
  wave_id INTEGER NOT NULL,
  site_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  resource TEXT NOT NULL,
  url TEXT NOT NULL,
  final_url TEXT NOT NULL,
  hops TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(hops)),
  status INTEGER,
  http_version TEXT,
  reason_phrase TEXT,
  failure TEXT CHECK (failure IN ({Failure})),
  detail TEXT,
  headers_id INTEGER REFERENCES headers (headers_id),
  body_id INTEGER REFERENCES bodies (body_id),
  bytes INTEGER NOT NULL,
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1)),
  data_loss INTEGER NOT NULL CHECK (data_loss IN (0, 1)),
  coding_error INTEGER NOT NULL CHECK (coding_error IN (0, 1)),
  superseded INTEGER NOT NULL CHECK (superseded IN (0, 1)),
  address TEXT,
  tls TEXT,
  fetched_at TEXT NOT NULL,
  elapsed REAL NOT NULL,
  first_byte REAL,
  revalidated_from INTEGER,
  PRIMARY KEY (wave_id, site_id, attempt, seq),
  FOREIGN KEY (wave_id, site_id, attempt) REFERENCES attempts (wave_id, site_id, attempt)
) STRICT, WITHOUT ROWID;

-- What public crawls took, as their indexes or others tell. One row a host as the collection writes
-- it (`www.` kept). No row: nothing is known; pages = 0: looked for in the whole index, and not
-- there. `dates` says whose days the two are: of the host's captures, or of the collection, in
-- whose run its captures lie somewhere.
CREATE TABLE public_captures (
  host TEXT NOT NULL,
  collection TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  dates TEXT NOT NULL CHECK (dates IN ('captures', 'collection')),
  pages INTEGER NOT NULL CHECK (pages >= 0),
  robots_2xx INTEGER, robots_3xx INTEGER, robots_4xx INTEGER, robots_5xx INTEGER,
  source TEXT NOT NULL,
  row INTEGER,
  CHECK (first_seen <= last_seen),
  PRIMARY KEY (host, collection)
) STRICT, WITHOUT ROWID;

-- Whose models are made from a collection, as operators or others say: those whose names begin with
-- prefix and lie between first and last (null: no limit on that side).
CREATE TABLE corpus_users (
  prefix TEXT NOT NULL,
  agent TEXT NOT NULL,
  first TEXT, last TEXT,
  operator TEXT NOT NULL,
  statement TEXT NOT NULL,
  source TEXT NOT NULL,
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  PRIMARY KEY (prefix, agent)
) STRICT, WITHOUT ROWID;

-- What was measured at the door, by others or by us with the consent of a site's owner: observations
-- of their own, dated and with their method, never mixed with what a visit brought.
CREATE TABLE studies (
  study TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  method TEXT NOT NULL,
  source TEXT NOT NULL,
  day TEXT NOT NULL,
  made_by TEXT NOT NULL CHECK (made_by IN ('third-party', 'us')),
  format TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  unanswered INTEGER NOT NULL,
  loaded_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE probes (
  study TEXT NOT NULL REFERENCES studies (study),
  host TEXT NOT NULL,
  agent TEXT NOT NULL,
  came TEXT NOT NULL CHECK (
    came IN ('ok', 'refused', 'payment', 'challenge', 'rate-limited', 'error')),
  control TEXT CHECK (
    control IN ('ok', 'refused', 'payment', 'challenge', 'rate-limited', 'error')),
  status INTEGER,
  row INTEGER NOT NULL,
  PRIMARY KEY (study, host, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE compliance_rates (
  study TEXT NOT NULL REFERENCES studies (study),
  agent TEXT NOT NULL,
  directive TEXT NOT NULL,
  obeyed INTEGER NOT NULL,
  n INTEGER NOT NULL CHECK (n > 0),
  traffic REAL,
  row INTEGER NOT NULL,
  PRIMARY KEY (study, agent, directive)
) STRICT, WITHOUT ROWID;

-- Judgement -----------------------------------------------------------------

CREATE TABLE rulesets (
  ruleset INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  versions TEXT NOT NULL CHECK (json_valid(versions)),
  agents_version TEXT NOT NULL,
  agents_sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE judged_waves (
  wave_id INTEGER NOT NULL REFERENCES waves (wave_id),
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  digest TEXT NOT NULL,
  visits INTEGER NOT NULL,
  judged_at TEXT NOT NULL,
  PRIMARY KEY (wave_id, ruleset)
) STRICT, WITHOUT ROWID;

-- Every agent's answer by one distinct reading of a robots.txt. `digest` is of the content.
CREATE TABLE robots_policies (
  policy_id INTEGER PRIMARY KEY,
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  digest TEXT NOT NULL,
  UNIQUE (ruleset, digest)
) STRICT;

-- agent_id 0 holds the answer for every agent that has no row of its own.
CREATE TABLE robots_access (
  policy_id INTEGER NOT NULL REFERENCES robots_policies (policy_id),
  reader TEXT NOT NULL,
  agent_id INTEGER NOT NULL,
  root TEXT NOT NULL CHECK (root IN ({Access})),
  extent TEXT CHECK (extent IN ({Extent})),
  basis TEXT CHECK (basis IN ({Basis})),
  rule TEXT NOT NULL,
  line INTEGER,
  rule_text TEXT,
  PRIMARY KEY (policy_id, reader, agent_id)
) STRICT, WITHOUT ROWID;

-- Agents about whom the readers of one policy disagree; agent 0 as above. A reader that could not
-- be asked (unmeasured) disagrees with nobody. Derived from robots_access when that is written.
CREATE TABLE reader_disagreements (
  policy_id INTEGER NOT NULL REFERENCES robots_policies (policy_id),
  agent_id INTEGER NOT NULL,
  rfc9309_root TEXT NOT NULL CHECK (rfc9309_root IN ({Access})),
  google_root TEXT NOT NULL CHECK (google_root IN ({Access})),
  protego_root TEXT NOT NULL CHECK (protego_root IN ({Access})),
  rfc9309_extent TEXT CHECK (rfc9309_extent IN ({Extent})),
  google_extent TEXT CHECK (google_extent IN ({Extent})),
  rfc9309_line INTEGER,
  google_line INTEGER,
  PRIMARY KEY (policy_id, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE robots_bodies (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  body_id INTEGER NOT NULL REFERENCES bodies (body_id),
  policy_id INTEGER NOT NULL REFERENCES robots_policies (policy_id),
  state TEXT NOT NULL CHECK (state IN ({RobotsState})),
  groups INTEGER NOT NULL,
  agents_named INTEGER NOT NULL,
  authorship TEXT NOT NULL,
  template TEXT,  -- digest of what files of one origin have in common; null if nothing is left
  PRIMARY KEY (ruleset, body_id)
) STRICT, WITHOUT ROWID;

-- By which published definitions a body "blocks AI crawlers" of the panel strict8; sparse.
CREATE TABLE body_definitions (
  ruleset INTEGER NOT NULL,
  body_id INTEGER NOT NULL REFERENCES bodies (body_id),
  definition TEXT NOT NULL,
  PRIMARY KEY (ruleset, body_id, definition),
  FOREIGN KEY (ruleset, definition) REFERENCES definitions (ruleset, definition)
) STRICT, WITHOUT ROWID;

-- Agents that a robots.txt tries to keep out by name where RFC 9309 sees no such rule: `reading` is
-- the tolerant one that does. `whole`: from the root, else from a part of the site. Whether such an
-- attempt fails is a matter of the policy: `*` may keep the agent out all the same.
CREATE TABLE robots_attempts (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  body_id INTEGER NOT NULL REFERENCES bodies (body_id),
  agent_id INTEGER NOT NULL,
  whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
  reading TEXT NOT NULL CHECK (reading IN ('google', 'mended')),
  PRIMARY KEY (ruleset, body_id, agent_id),
  FOREIGN KEY (ruleset, agent_id) REFERENCES agents (ruleset, agent_id)
) STRICT, WITHOUT ROWID;

-- What the statements of a site come to, once per distinct set of verdicts.
CREATE TABLE use_policies (
  use_policy_id INTEGER PRIMARY KEY,
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  digest TEXT NOT NULL,
  UNIQUE (ruleset, digest)
) STRICT;

CREATE TABLE verdicts (
  use_policy_id INTEGER NOT NULL REFERENCES use_policies (use_policy_id),
  purpose TEXT NOT NULL CHECK (purpose IN ({Purpose})),
  preference_strict TEXT NOT NULL CHECK (preference_strict IN ({Preference})),
  preference_lenient TEXT NOT NULL CHECK (preference_lenient IN ({Preference})),
  rule TEXT NOT NULL,
  conflict INTEGER NOT NULL CHECK (conflict IN (0, 1)),
  PRIMARY KEY (use_policy_id, purpose)
) STRICT, WITHOUT ROWID;

CREATE TABLE judgements (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  robots_state TEXT NOT NULL CHECK (robots_state IN ({RobotsState})),
  robots_capture_id INTEGER REFERENCES captures (capture_id),
  policy_id INTEGER NOT NULL REFERENCES robots_policies (policy_id),
  use_policy_id INTEGER NOT NULL REFERENCES use_policies (use_policy_id),
  PRIMARY KEY (ruleset, visit_id)
) STRICT, WITHOUT ROWID;

-- All findings but plain absence: a judged capture that has no row here for a signal that
-- reads its resource was read, and the signal is not there. v_signals spells it out.
CREATE TABLE findings (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  capture_id INTEGER NOT NULL REFERENCES captures (capture_id),
  signal TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ({Reading})),
  note TEXT,
  PRIMARY KEY (ruleset, capture_id, signal)
) STRICT, WITHOUT ROWID;

CREATE TABLE statements (
  ruleset INTEGER NOT NULL,
  capture_id INTEGER NOT NULL,
  signal TEXT NOT NULL,
  seq INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ({Purpose})),
  preference TEXT NOT NULL CHECK (preference IN ({Preference})),
  strictness TEXT NOT NULL CHECK (strictness IN ({Strictness})),
  agent TEXT NOT NULL,
  path TEXT,
  scope TEXT NOT NULL CHECK (scope IN ({Scope})),
  quote TEXT NOT NULL,
  line INTEGER,
  derived INTEGER NOT NULL CHECK (derived IN (0, 1)),
  stance TEXT,
  language TEXT,
  PRIMARY KEY (ruleset, capture_id, signal, seq),
  FOREIGN KEY (ruleset, capture_id, signal) REFERENCES findings (ruleset, capture_id, signal)
) STRICT, WITHOUT ROWID;

CREATE TABLE defects (
  ruleset INTEGER NOT NULL,
  capture_id INTEGER NOT NULL,
  signal TEXT NOT NULL,
  seq INTEGER NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ({Severity})),
  quote TEXT NOT NULL,
  effect TEXT NOT NULL,
  line INTEGER,
  PRIMARY KEY (ruleset, capture_id, signal, seq),
  FOREIGN KEY (ruleset, capture_id, signal) REFERENCES findings (ruleset, capture_id, signal)
) STRICT, WITHOUT ROWID;

CREATE TABLE conflicts (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  seq INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ({Purpose})),
  signal_a TEXT NOT NULL, quote_a TEXT NOT NULL,
  signal_b TEXT NOT NULL, quote_b TEXT NOT NULL,
  PRIMARY KEY (ruleset, visit_id, seq)
) STRICT, WITHOUT ROWID;

-- Distinct links of the home page to its own site, and how many of them an agent may fetch.
-- agent_id 0 holds the answer for agents without a group of their own; an agent without a row
-- may fetch all of them or none, as its extent says.
CREATE TABLE own_links (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  links INTEGER NOT NULL,
  PRIMARY KEY (ruleset, visit_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_access (
  ruleset INTEGER NOT NULL,
  visit_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  allowed INTEGER NOT NULL,
  PRIMARY KEY (ruleset, visit_id, agent_id),
  FOREIGN KEY (ruleset, visit_id) REFERENCES own_links (ruleset, visit_id)
) STRICT, WITHOUT ROWID;

-- Platforms that a visit shows, with the marks that show them; one of them is the main one. No
-- row: none was found, or (where asset_hosts has none either) the home page was not read.
CREATE TABLE site_platforms (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  platform TEXT NOT NULL,
  main INTEGER NOT NULL CHECK (main IN (0, 1)),
  strength TEXT NOT NULL CHECK (strength IN ('sure', 'likely', 'hint')),
  evidence TEXT NOT NULL CHECK (json_valid(evidence)),
  PRIMARY KEY (ruleset, visit_id, platform)
) STRICT, WITHOUT ROWID;

-- Origins that serve the works on a home page that was read. Its own is always there, with or
-- without works.
CREATE TABLE asset_hosts (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  origin TEXT NOT NULL,
  host TEXT NOT NULL,
  control TEXT NOT NULL CHECK (
    control IN ('own', 'domain', 'platform', 'shared-cdn', 'tenant-cdn', 'unknown')),
  platform TEXT,
  images INTEGER NOT NULL,
  audio INTEGER NOT NULL,
  videos INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  example TEXT NOT NULL,
  PRIMARY KEY (ruleset, visit_id, origin)
) STRICT, WITHOUT ROWID;

-- Works that came, as their metadata was read. `service` and `origin` stand where a picture names the
-- one that it was made from, `wish` and `notice` say what became of what that one says.
CREATE TABLE works (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  capture_id INTEGER NOT NULL REFERENCES captures (capture_id),
  control TEXT NOT NULL CHECK (
    control IN ('own', 'domain', 'platform', 'shared-cdn', 'tenant-cdn', 'unknown')),
  container TEXT NOT NULL,
  length INTEGER,
  fetched INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  problem TEXT,
  signature TEXT,
  service TEXT,
  origin TEXT,
  origin_capture_id INTEGER REFERENCES captures (capture_id),
  wish TEXT CHECK (wish IN ('kept', 'lost', 'changed', 'appeared', 'none', 'unknown')),
  notice TEXT CHECK (notice IN ('kept', 'lost', 'changed', 'appeared', 'none', 'unknown')),
  PRIMARY KEY (ruleset, capture_id)
) STRICT, WITHOUT ROWID;

-- Home pages that a browser leaves by itself, by a Refresh header field (no line) or a meta element.
CREATE TABLE refreshes (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  visit_id INTEGER NOT NULL REFERENCES visits (visit_id),
  capture_id INTEGER NOT NULL REFERENCES captures (capture_id),
  seconds INTEGER NOT NULL,
  sent_to TEXT NOT NULL,
  other_domain INTEGER CHECK (other_domain IN (0, 1)),
  quote TEXT NOT NULL,
  line INTEGER,
  PRIMARY KEY (ruleset, visit_id)
) STRICT, WITHOUT ROWID;

-- Reference data, per ruleset ------------------------------------------------

CREATE TABLE agents (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  agent_id INTEGER NOT NULL,
  token TEXT NOT NULL,
  operator TEXT,
  country TEXT,
  status TEXT,
  verification TEXT NOT NULL,
  documentation TEXT,
  announced TEXT,
  first_listed TEXT,
  retired TEXT,
  superseded_by TEXT,
  honours_robots TEXT,
  is_token INTEGER NOT NULL CHECK (is_token IN (0, 1)),
  PRIMARY KEY (ruleset, agent_id),
  UNIQUE (ruleset, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_purposes (
  ruleset INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  PRIMARY KEY (ruleset, agent_id, purpose),
  FOREIGN KEY (ruleset, agent_id) REFERENCES agents (ruleset, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_panels (
  ruleset INTEGER NOT NULL,
  agent_panel TEXT NOT NULL,
  agent_id INTEGER NOT NULL,
  PRIMARY KEY (ruleset, agent_panel, agent_id),
  FOREIGN KEY (ruleset, agent_id) REFERENCES agents (ruleset, agent_id)
) STRICT, WITHOUT ROWID;

-- Every signal that is known of; `signals` holds the modules that read some of them.
CREATE TABLE inventory (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  place TEXT NOT NULL,
  scope TEXT NOT NULL,
  status TEXT NOT NULL,
  coverage TEXT NOT NULL,
  iptc TEXT,
  measure TEXT,
  basis TEXT,
  labels TEXT,
  europe TEXT,
  PRIMARY KEY (ruleset, id)
) STRICT, WITHOUT ROWID;

-- Who says that it reads what. An operator without a row: unknown.
CREATE TABLE honours (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  family TEXT NOT NULL,
  operator TEXT NOT NULL,
  honours TEXT NOT NULL,
  note TEXT,
  source TEXT NOT NULL,
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  PRIMARY KEY (ruleset, family, operator)
) STRICT, WITHOUT ROWID;

-- Which statements a family is about: the signal, a word in the quotation ('' is any), and the
-- agent for which the word has a meaning ('*' is any).
CREATE TABLE honours_signals (
  ruleset INTEGER NOT NULL,
  id TEXT NOT NULL,
  family TEXT NOT NULL,
  word TEXT NOT NULL,
  agent TEXT NOT NULL,
  PRIMARY KEY (ruleset, id, family, word, agent),
  FOREIGN KEY (ruleset, id) REFERENCES inventory (ruleset, id)
) STRICT, WITHOUT ROWID;

-- Places where creators publish. A cell without a row in platform_facts: unknown.
CREATE TABLE platforms (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  platform TEXT NOT NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (ruleset, platform)
) STRICT, WITHOUT ROWID;

CREATE TABLE platform_facts (
  ruleset INTEGER NOT NULL,
  platform TEXT NOT NULL,
  cell TEXT NOT NULL,
  value TEXT NOT NULL,
  since TEXT,
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  source TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (ruleset, platform, cell),
  FOREIGN KEY (ruleset, platform) REFERENCES platforms (ruleset, platform)
) STRICT, WITHOUT ROWID;

-- The crawlers that the AI switch of a platform named on a day; agent_id is null for a name that
-- the registry of agents does not have.
CREATE TABLE platform_switches (
  ruleset INTEGER NOT NULL,
  platform TEXT NOT NULL,
  as_of TEXT NOT NULL,
  agent TEXT NOT NULL,
  agent_id INTEGER,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  source TEXT NOT NULL,
  PRIMARY KEY (ruleset, platform, as_of, agent),
  FOREIGN KEY (ruleset, platform) REFERENCES platforms (ruleset, platform)
) STRICT, WITHOUT ROWID;

-- Operators with a card. A cell without a row in operator_facts: unknown.
CREATE TABLE operators (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  operator TEXT NOT NULL,
  card TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (ruleset, operator)
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_facts (
  ruleset INTEGER NOT NULL,
  operator TEXT NOT NULL,
  cell TEXT NOT NULL,
  value TEXT NOT NULL,
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  source TEXT NOT NULL,
  address TEXT,
  note TEXT,
  PRIMARY KEY (ruleset, operator, cell),
  FOREIGN KEY (ruleset, operator) REFERENCES operators (ruleset, operator)
) STRICT, WITHOUT ROWID;

-- What an operator says follows when robots.txt refuses one of its agents.
CREATE TABLE operator_effects (
  ruleset INTEGER NOT NULL,
  operator TEXT NOT NULL,
  agent_id INTEGER NOT NULL,
  effect TEXT NOT NULL,
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  source TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (ruleset, operator, agent_id, effect),
  FOREIGN KEY (ruleset, operator) REFERENCES operators (ruleset, operator),
  FOREIGN KEY (ruleset, agent_id) REFERENCES agents (ruleset, agent_id)
) STRICT, WITHOUT ROWID;

-- Ways by which something is removed. `corpus`: how the names of collections begin.
CREATE TABLE removal_routes (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  route TEXT NOT NULL,
  operator TEXT NOT NULL,
  title TEXT NOT NULL,
  removes TEXT NOT NULL,
  covers TEXT NOT NULL,
  corpus TEXT,
  how TEXT NOT NULL,
  address TEXT,
  days INTEGER,
  account TEXT,
  documented INTEGER NOT NULL CHECK (documented IN (0, 1)),
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  source TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (ruleset, route)
) STRICT, WITHOUT ROWID;

-- Ways to a licence; run by an operator of agents, or by somebody else. `signals`: what says so to
-- machines, as a JSON list of ids of the inventory.
CREATE TABLE licence_routes (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  route TEXT NOT NULL,
  title TEXT NOT NULL,
  way TEXT NOT NULL,
  operator TEXT,
  run_by TEXT,
  asks TEXT NOT NULL,
  open_to TEXT NOT NULL,
  signals TEXT NOT NULL CHECK (json_valid(signals)),
  as_of TEXT NOT NULL,
  verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
  source TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (ruleset, route)
) STRICT, WITHOUT ROWID;

-- What an operator says its crawler obeys where the file names another one only.
CREATE TABLE agent_fallbacks (
  ruleset INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  fallback_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  verification TEXT NOT NULL,
  PRIMARY KEY (ruleset, agent_id),
  FOREIGN KEY (ruleset, agent_id) REFERENCES agents (ruleset, agent_id),
  FOREIGN KEY (ruleset, fallback_id) REFERENCES agents (ruleset, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE signals (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  signal TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  spec TEXT NOT NULL,
  spec_version TEXT NOT NULL,
  PRIMARY KEY (ruleset, signal)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_resources (
  ruleset INTEGER NOT NULL,
  resource TEXT NOT NULL,
  signal TEXT NOT NULL,
  PRIMARY KEY (ruleset, resource, signal),
  FOREIGN KEY (ruleset, signal) REFERENCES signals (ruleset, signal)
) STRICT, WITHOUT ROWID;

CREATE TABLE readers (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  reader TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (ruleset, reader)
) STRICT, WITHOUT ROWID;

CREATE TABLE definitions (
  ruleset INTEGER NOT NULL REFERENCES rulesets (ruleset),
  definition TEXT NOT NULL,
  title TEXT NOT NULL,
  source TEXT NOT NULL,
  counts TEXT NOT NULL,
  quantifier TEXT NOT NULL DEFAULT 'any' CHECK (quantifier IN ('any', 'all')),
  PRIMARY KEY (ruleset, definition)
) STRICT, WITHOUT ROWID;

CREATE INDEX visits_by_outcome ON visits (wave_id, outcome, reason);
CREATE INDEX judgements_by_policy ON judgements (ruleset, policy_id);
CREATE INDEX bodies_by_template ON robots_bodies (ruleset, template, body_id);
CREATE INDEX access_by_agent ON robots_access (reader, agent_id, policy_id);
CREATE INDEX agents_by_operator ON agents (ruleset, operator);
CREATE INDEX probes_by_host ON probes (host);
CREATE INDEX findings_by_signal ON findings (ruleset, signal, outcome, capture_id);

-- Numbers of results and indicators as they were computed last for a wave and ruleset, where
-- somebody asked to keep them (`optout indicators --save`): for SQL and Datasette. Judging the wave
-- again, or forgetting a host, takes them away.
CREATE TABLE published_numbers (
  kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT, wave TEXT NOT NULL, panel TEXT NOT NULL,
  ruleset INTEGER NOT NULL, stratum TEXT NOT NULL, key TEXT NOT NULL, k INTEGER, n INTEGER,
  share REAL, low REAL, high REAL, weighted_share REAL, weighted_low REAL, weighted_high REAL,
  effective_n REAL, cluster_low REAL, cluster_high REAL, template_low REAL, template_high REAL,
  adjusted_share REAL, told INTEGER, if_none REAL, if_all REAL, weighted_if_none REAL,
  weighted_if_all REAL, p10 REAL, median REAL, p90 REAL, mean REAL, weighted_mean REAL,
  outcomes TEXT, before TEXT, title TEXT, definition TEXT, numerator TEXT, denominator TEXT,
  unit TEXT, caveat TEXT,
  PRIMARY KEY (ruleset, wave, kind, name, stratum, key)
) STRICT, WITHOUT ROWID;
