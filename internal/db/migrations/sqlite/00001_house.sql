-- +goose Up

-- Institutions and the people who work there.
CREATE TABLE institutions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    timezone TEXT NOT NULL DEFAULT 'UTC',
    reply_to TEXT NOT NULL DEFAULT '',
    website TEXT NOT NULL DEFAULT '',
    quiet_days INTEGER NOT NULL DEFAULT 14,
    connect_on TEXT NOT NULL DEFAULT 'send',
    after_signup TEXT NOT NULL DEFAULT 'ask',
    revision INTEGER NOT NULL DEFAULT 0,
    contact_seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    password_hash TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

-- An address is proven (verified_at > 0) by at most one user.
CREATE TABLE user_addresses (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    verified_at INTEGER NOT NULL DEFAULT 0,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, email_key)
);
CREATE UNIQUE INDEX user_addresses_verified ON user_addresses (email_key) WHERE verified_at > 0;

CREATE TABLE staff (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, user_id)
) WITHOUT ROWID;
CREATE INDEX staff_user ON staff (user_id);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    how TEXT NOT NULL,
    user_agent TEXT NOT NULL DEFAULT '',
    network TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user ON sessions (user_id);

-- The link's secret is derived with the key file and stands nowhere. The names are those of
-- a person without an account, who gets one by using the link.
CREATE TABLE sign_in_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    purpose TEXT NOT NULL,
    user_id INTEGER NOT NULL DEFAULT 0,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    return_to TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sign_in_links_expires ON sign_in_links (expires_at);

-- Counts of tries in fixed windows, by a hash of what is limited.
CREATE TABLE attempts (
    key_hash BLOB NOT NULL,
    window_start INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (key_hash, window_start)
) WITHOUT ROWID;
CREATE INDEX attempts_window ON attempts (window_start);

CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    institution_id INTEGER NOT NULL DEFAULT 0,
    user_id INTEGER NOT NULL DEFAULT 0,
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX api_tokens_institution ON api_tokens (institution_id);
CREATE INDEX api_tokens_user ON api_tokens (user_id);

-- status 0: the first request still runs.
CREATE TABLE idempotency_keys (
    token_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    response BLOB NOT NULL,
    content_type TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Companies, for the whole network.
CREATE TABLE companies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    domain TEXT NOT NULL DEFAULT '',
    website TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    auto_join INTEGER NOT NULL DEFAULT 0,
    created_by INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX companies_name ON companies (name_key, id);
CREATE INDEX companies_domain ON companies (domain) WHERE domain <> '';

CREATE TABLE memberships (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'recruiter',
    requested_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    reminded_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user_id, company_id)
);
CREATE UNIQUE INDEX memberships_one ON memberships (user_id) WHERE state = 'approved';
CREATE INDEX memberships_company ON memberships (company_id, state);

CREATE TABLE connections (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    requested_at INTEGER NOT NULL DEFAULT 0,
    requested_by INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0,
    decided_how TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (institution_id, company_id)
);
CREATE INDEX connections_state ON connections (institution_id, state, requested_at, company_id);
CREATE INDEX connections_company ON connections (company_id, state);

-- The address book.
CREATE TABLE address_directory (
    address_hash BLOB NOT NULL,
    institution_id INTEGER NOT NULL,
    PRIMARY KEY (address_hash, institution_id)
) WITHOUT ROWID;

-- A contact's id holds its institution in the upper 32 bits. As INTEGER PRIMARY KEY it is
-- the place of the row, found in one step instead of two.
CREATE TABLE contacts (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    domain TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    company_name TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL DEFAULT '',
    owner_id INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    mailable INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    name_key TEXT NOT NULL,
    company_key TEXT NOT NULL,
    title_key TEXT NOT NULL,
    search TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    website TEXT NOT NULL DEFAULT '',
    street TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    postal_code TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    external_id TEXT NOT NULL DEFAULT '',
    other_emails TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    UNIQUE (institution_id, id)
);
CREATE UNIQUE INDEX contacts_email ON contacts (institution_id, email_key);
CREATE INDEX contacts_name ON contacts (institution_id, name_key, id);
CREATE INDEX contacts_company ON contacts (institution_id, company_key, id);
CREATE INDEX contacts_created ON contacts (institution_id, created_at, id, archived);

-- What changes about a contact without its being edited: narrow, so that it is cheap to
-- write. standing: 0 contact, 1 user, 2 member, 3 approved, 4 blocked. invite: 0 never,
-- 1 queued, 2 sent, 3 bounced, 4 accepted, of the latest invite neither skipped nor cancelled.
CREATE TABLE contact_standing (
    institution_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL DEFAULT 0,
    company_id INTEGER NOT NULL DEFAULT 0,
    standing INTEGER NOT NULL DEFAULT 0,
    invite INTEGER NOT NULL DEFAULT 0,
    invite_id INTEGER NOT NULL DEFAULT 0,
    last_invited_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (institution_id, contact_id),
    FOREIGN KEY (institution_id, contact_id) REFERENCES contacts (institution_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX contact_standing_invited ON contact_standing (institution_id, last_invited_at, contact_id) WHERE last_invited_at > 0;
CREATE INDEX contact_standing_user ON contact_standing (user_id, institution_id) WHERE user_id > 0;

CREATE TABLE labels (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'normal',
    color INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    contacts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX labels_name ON labels (institution_id, name_key);

CREATE TABLE contact_labels (
    institution_id INTEGER NOT NULL,
    label_id INTEGER NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (institution_id, label_id, contact_id),
    FOREIGN KEY (institution_id, contact_id) REFERENCES contacts (institution_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX contact_labels_contact ON contact_labels (institution_id, contact_id, label_id);

CREATE TABLE views (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE INDEX views_institution ON views (institution_id, user_id);

CREATE TABLE suppressions (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    email_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    PRIMARY KEY (institution_id, email_key)
) WITHOUT ROWID;

-- Long acts. The row is its own queue: work is leased, and goes on at cursor after a crash.
CREATE TABLE acts (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    total INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    cursor INTEGER NOT NULL DEFAULT 0,
    params TEXT NOT NULL DEFAULT '{}',
    list BLOB,
    error TEXT NOT NULL DEFAULT '',
    stop INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX acts_institution ON acts (institution_id, kind, id);
CREATE INDEX acts_open ON acts (lease_until, id) WHERE state IN ('queued', 'running');

CREATE TABLE imports (
    institution_id INTEGER NOT NULL,
    id INTEGER NOT NULL PRIMARY KEY REFERENCES acts (id) ON DELETE CASCADE,
    filename TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    dry_run INTEGER NOT NULL DEFAULT 0,
    format TEXT NOT NULL DEFAULT '{}',
    labels TEXT NOT NULL DEFAULT '[]',
    row_count INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX imports_institution ON imports (institution_id, id);

-- Uploaded files, in pieces, where every process can read them; gone when the import is done.
CREATE TABLE import_pieces (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (import_id, n)
);

-- Addresses that a dry run has had accepted so far: the first accepted row wins. A run knows
-- them by the contacts in its act's list.
CREATE TABLE import_seen (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    email_key TEXT NOT NULL,
    PRIMARY KEY (import_id, email_key)
) WITHOUT ROWID;

CREATE TABLE import_rejects (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    row_number INTEGER NOT NULL,
    cells TEXT NOT NULL,
    faults TEXT NOT NULL,
    PRIMARY KEY (import_id, row_number)
);

-- Inviting.
CREATE TABLE bulk_invites (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    act_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    wait_reason TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_by_id INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER NOT NULL DEFAULT 0,
    confirm_key TEXT NOT NULL DEFAULT '',
    request_hash BLOB NOT NULL,
    selection TEXT NOT NULL,
    include TEXT NOT NULL DEFAULT '',
    label_id INTEGER NOT NULL DEFAULT 0,
    label TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    content_version INTEGER NOT NULL DEFAULT 1,
    message_domain TEXT NOT NULL,
    connect_on TEXT NOT NULL,
    after_signup TEXT NOT NULL,
    total INTEGER NOT NULL,
    create_account INTEGER NOT NULL DEFAULT 0,
    join_company INTEGER NOT NULL DEFAULT 0,
    connect INTEGER NOT NULL DEFAULT 0,
    skipped_archived INTEGER NOT NULL DEFAULT 0,
    skipped_suppressed INTEGER NOT NULL DEFAULT 0,
    skipped_invalid_email INTEGER NOT NULL DEFAULT 0,
    skipped_already_approved INTEGER NOT NULL DEFAULT 0,
    skipped_blocked INTEGER NOT NULL DEFAULT 0,
    skipped_recently_invited INTEGER NOT NULL DEFAULT 0,
    skipped_erased INTEGER NOT NULL DEFAULT 0,
    queued INTEGER NOT NULL DEFAULT 0,
    sending INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    deferred INTEGER NOT NULL DEFAULT 0,
    bounced INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    cancelled INTEGER NOT NULL DEFAULT 0,
    opened INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    approved INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX bulk_invites_institution ON bulk_invites (institution_id, id);
CREATE UNIQUE INDEX bulk_invites_once ON bulk_invites (institution_id, created_by_id, confirm_key) WHERE confirm_key <> '';
CREATE INDEX bulk_invites_open ON bulk_invites (state, id) WHERE state IN ('preparing', 'sending');

-- The row is its own queue row. attempt counts tries; generation is part of the link.
CREATE TABLE invites (
    institution_id INTEGER NOT NULL,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bulk_invite_id INTEGER NOT NULL REFERENCES bulk_invites (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL,
    email TEXT NOT NULL,
    variant TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    generation INTEGER NOT NULL DEFAULT 1,
    attempt INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    company_id INTEGER NOT NULL DEFAULT 0,
    reply TEXT NOT NULL DEFAULT '',
    sent_at INTEGER NOT NULL DEFAULT 0,
    opened_at INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER NOT NULL DEFAULT 0,
    approved_at INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX invites_once ON invites (bulk_invite_id, contact_id);
CREATE INDEX invites_state ON invites (bulk_invite_id, state, id);
CREATE INDEX invites_contact ON invites (institution_id, contact_id, id);
CREATE INDEX invites_due ON invites (bulk_invite_id, due_at, id) WHERE state IN ('queued', 'deferred');
CREATE INDEX invites_leased ON invites (lease_until) WHERE state = 'sending';

-- Single mails (sign-in, notices). What they say is made when they go; see mail.Outbox.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institution_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    params TEXT NOT NULL DEFAULT '{}',
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    reply TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'queued';

-- Messages kept instead of sent where no SMTP server is set; sealed with the key file.
CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    sealed BLOB NOT NULL
);

-- What the gate guards.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    description TEXT NOT NULL,
    location TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    apply_url TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL
);
CREATE INDEX jobs_company ON jobs (company_id, id);

CREATE TABLE job_postings (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    posted_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (institution_id, job_id)
);
CREATE INDEX job_postings_state ON job_postings (institution_id, state, job_id);
CREATE INDEX job_postings_job ON job_postings (job_id);

-- Who did what to what, when. institution_id 0: outside any institution. list holds the
-- contacts of a bulk act.
CREATE TABLE audit_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institution_id INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id INTEGER NOT NULL DEFAULT 0,
    actor_name TEXT NOT NULL DEFAULT '',
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '{}',
    list BLOB
);
CREATE INDEX audit_events_institution ON audit_events (institution_id, id);
CREATE INDEX audit_events_subject ON audit_events (institution_id, subject_kind, subject_id, id);
CREATE INDEX audit_events_bulk ON audit_events (institution_id, id) WHERE list IS NOT NULL;

-- +goose Down
SELECT 1;
