-- +goose Up

-- What a contact's invites have reached, for Insights: bits 1 invited (one not skipped),
-- 2 sent, 4 bounced, 8 opened, 16 accepted. accept_ms is how long the first answer took from
-- sending, -1 without one.
ALTER TABLE contact_standing ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_standing ADD COLUMN accept_ms INTEGER NOT NULL DEFAULT -1;
UPDATE contact_standing SET
    reached = COALESCE((SELECT MAX(CASE WHEN i.state <> 'skipped' THEN 1 ELSE 0 END) + MAX(CASE WHEN i.sent_at > 0 THEN 2 ELSE 0 END)
            + MAX(CASE WHEN i.state = 'bounced' THEN 4 ELSE 0 END) + MAX(CASE WHEN i.opened_at > 0 THEN 8 ELSE 0 END)
            + MAX(CASE WHEN i.accepted_at > 0 OR i.state = 'accepted' THEN 16 ELSE 0 END)
        FROM invites i WHERE i.institution_id = contact_standing.institution_id AND i.contact_id = contact_standing.contact_id), 0),
    accept_ms = COALESCE((SELECT CASE WHEN i.accepted_at > i.sent_at THEN i.accepted_at - i.sent_at ELSE 0 END FROM invites i
        WHERE i.institution_id = contact_standing.institution_id AND i.contact_id = contact_standing.contact_id AND i.accepted_at > 0 AND i.sent_at > 0
        ORDER BY i.accepted_at, i.id LIMIT 1), -1);

-- Where an address is looked for among the further ones of contacts.
CREATE INDEX contacts_other_emails ON contacts (institution_id, id) WHERE other_emails <> '';

-- Saved explores, own or for all staff; query is that of the page's address.
CREATE TABLE explores (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE INDEX explores_institution ON explores (institution_id, user_id);

-- When a bulk invite is to go out; 0: at once.
ALTER TABLE bulk_invites ADD COLUMN scheduled_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX bulk_invites_scheduled ON bulk_invites (scheduled_at, id) WHERE state = 'scheduled';

-- Of the skipped, how many became unfit between the confirm and their turn.
ALTER TABLE bulk_invites ADD COLUMN unfit_archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bulk_invites ADD COLUMN unfit_suppressed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bulk_invites ADD COLUMN unfit_blocked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bulk_invites ADD COLUMN unfit_erased INTEGER NOT NULL DEFAULT 0;

-- Steps of the first-run guide that somebody has taken, where nothing else tells.
CREATE TABLE guide_steps (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    done_by INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (institution_id, step)
) WITHOUT ROWID;

-- Students. A user is a student by a proven address that equals email_key. allows_at > 0:
-- recruiters may find and write to them. Ids are random, so that they tell nobody how many
-- students there are.
-- The indexes of the two lists hold all that their searches look at: reading the rows, which
-- are several times as long, takes several times as long.
CREATE TABLE students (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    major TEXT NOT NULL DEFAULT '',
    graduation_year INTEGER NOT NULL DEFAULT 0,
    external_id TEXT NOT NULL DEFAULT '',
    archived INTEGER NOT NULL DEFAULT 0,
    allows_at INTEGER NOT NULL DEFAULT 0,
    shows_major INTEGER NOT NULL DEFAULT 1,
    shows_year INTEGER NOT NULL DEFAULT 1,
    about TEXT NOT NULL DEFAULT '',
    name_key TEXT NOT NULL,
    search TEXT NOT NULL,
    shown TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX students_email ON students (institution_id, email_key);
CREATE INDEX students_name ON students (institution_id, name_key, id, archived, allows_at, search);
CREATE INDEX students_address ON students (email_key);
CREATE INDEX students_found ON students (institution_id, SUBSTR(shown, 1, 60), id, shown) WHERE allows_at > 0 AND archived = 0;

-- A conversation of one recruiter with one student. Whether it is open follows from the gate.
-- by_recruiter_at and by_student_at are when each wrote last, last_at the later of the two;
-- what one wrote is unread while that is later than what the other has read.
CREATE TABLE threads (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    company_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    student_id INTEGER NOT NULL REFERENCES students (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    search TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    by_recruiter_at INTEGER NOT NULL DEFAULT 0,
    by_student_at INTEGER NOT NULL DEFAULT 0,
    read_by_student_at INTEGER NOT NULL DEFAULT 0,
    read_by_recruiter_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX threads_student ON threads (student_id, last_at, id);
CREATE INDEX threads_user ON threads (user_id, last_at, id);
CREATE INDEX threads_institution ON threads (institution_id, company_id, created_at);

CREATE TABLE messages (
    institution_id INTEGER NOT NULL,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    thread_id INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    by_student INTEGER NOT NULL,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL
);
CREATE INDEX messages_thread ON messages (thread_id, id);

-- How many messages a company has sent to students of an institution on a day there.
CREATE TABLE message_days (
    institution_id INTEGER NOT NULL,
    company_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (institution_id, company_id, day)
) WITHOUT ROWID;

-- Senders whom a student has blocked: one recruiter, or with user_id 0 a whole company.
CREATE TABLE student_blocks (
    institution_id INTEGER NOT NULL,
    student_id INTEGER NOT NULL REFERENCES students (id) ON DELETE CASCADE,
    company_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (student_id, company_id, user_id)
) WITHOUT ROWID;

-- Reports open a conversation to staff.
CREATE TABLE message_reports (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    thread_id INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    by_student INTEGER NOT NULL,
    reason TEXT NOT NULL,
    reported_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX message_reports_state ON message_reports (institution_id, state, id);
CREATE INDEX message_reports_thread ON message_reports (thread_id);
CREATE UNIQUE INDEX message_reports_open ON message_reports (thread_id, by_student) WHERE state = 'open';

-- Interviews. date and starts_at are on the institution's clock, as they were asked for; the
-- slots hold the moments that follow from them once the request is approved, and ends_at the
-- end of the last one. break_minutes lies between slots, and pause_minutes once more after
-- slot pause_after.
CREATE TABLE interview_requests (
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    company_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    date TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    slots INTEGER NOT NULL,
    slot_minutes INTEGER NOT NULL,
    break_minutes INTEGER NOT NULL DEFAULT 0,
    pause_after INTEGER NOT NULL DEFAULT 0,
    pause_minutes INTEGER NOT NULL DEFAULT 0,
    way TEXT NOT NULL DEFAULT 'on_site',
    video_url TEXT NOT NULL DEFAULT '',
    needs TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    proposed_date TEXT NOT NULL DEFAULT '',
    proposed_starts_at TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    ends_at INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    requested_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX interview_requests_state ON interview_requests (institution_id, state, id);
CREATE INDEX interview_requests_job ON interview_requests (job_id);
CREATE INDEX interview_requests_coming ON interview_requests (institution_id, ends_at) WHERE state = 'approved';
CREATE INDEX interview_requests_company ON interview_requests (company_id, id);

CREATE TABLE interview_slots (
    institution_id INTEGER NOT NULL,
    request_id INTEGER NOT NULL REFERENCES interview_requests (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    student_id INTEGER NOT NULL DEFAULT 0,
    taken_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (request_id, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX interview_slots_once ON interview_slots (request_id, student_id) WHERE student_id > 0;
CREATE INDEX interview_slots_student ON interview_slots (student_id, starts_at) WHERE student_id > 0;

-- Calendar feeds: their address is derived with the key file, and changes with generation.
CREATE TABLE calendar_feeds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institution_id INTEGER NOT NULL DEFAULT 0,
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX calendar_feeds_once ON calendar_feeds (user_id, institution_id, kind);

-- +goose Down
SELECT 1;
