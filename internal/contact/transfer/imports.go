package transfer

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Kind is the kind of the long acts that are imports of contacts.
const Kind = "import"

// absent is the state of an import's act while its upload is not complete, or is being
// removed: nobody sees it.
const absent = "absent"

const (
	// DefaultMaxSize is the greatest size of an upload in bytes unless set otherwise.
	DefaultMaxSize = 2 << 30
	// MaxLabels is how many labels may be given to an import for all its contacts.
	MaxLabels = 20
	// maxErrors is how many errors an Import holds; Rejected has all.
	maxErrors = 100
)

// Imports brings files into address books: an upload is kept in the database, where every
// process can read it, and then merged a chunk at a time by the worker that Open makes. It
// is safe for concurrent use.
type Imports struct {
	DB  *db.DB
	Now func() time.Time
	// Book is where the contacts go; with Into it may be nil.
	Book *contact.Book
	// Into is what rows become instead of contacts; nil for contacts.
	Into *Target
	// MaxSize is the greatest size of an upload in bytes; 0 means DefaultMaxSize.
	MaxSize int64
}

// Target is something else than contacts that the rows of files become. It shares all but
// what it names; its imports and those of contacts do not see each other.
type Target struct {
	// Kind is that of its long acts.
	Kind string
	// Action is how the audit names what an import has done.
	Action string
	// Table is where the rows go.
	Table string
	// Fields are what columns can mean; email is one of them.
	Fields []Field
	// Merge brings accepted rows, of which no two have one address, to where they belong, and
	// tells what became of each. It checks the scope's permission and takes the locks.
	Merge func(ctx context.Context, tx *db.Tx, s institution.Scope, rows []*Row) ([]contact.Merged, error)
}

func (m *Imports) kind() string {
	if m.Into != nil {
		return m.Into.Kind
	}
	return Kind
}

func (m *Imports) fields() []Field {
	if m.Into != nil {
		return m.Into.Fields
	}
	return field.Contact
}

// Import is one upload and what has become of it.
type Import struct {
	// ID is that of its act, too.
	ID       int64
	State    string // one of act's
	Filename string
	Size     int64 // in bytes
	// DryRun says that the import has written nothing yet: it waits for a person, or counts
	// what it would do. It can be corrected and started.
	DryRun bool
	Format Format
	// Labels are the names of labels that every contact of the file gets.
	Labels []string
	// Rows counts the records read so far, blank ones not; it is the sum of the next four.
	Rows, Created, Updated, Unchanged, Rejected int64
	// Errors are the first 100 reasons for which rows were rejected. Only Get gives them.
	Errors []RowError
	// Done and Total are bytes of the file.
	Done, Total int64
	// Error says why it failed.
	Error string
	// Actor is who uploaded it.
	Actor                     audit.Actor
	Uploaded, Began, Finished time.Time
}

// RowError is one reason for which a row was rejected.
type RowError struct {
	// Row counts records as a spreadsheet does.
	Row int `json:"row"`
	// Column is the API's name of the field, or "row".
	Column string `json:"column"`
	// Message reads on from the column's name and says the cure.
	Message string `json:"message"`
}

const importColumns = `i.id, a.state, i.filename, i.size, i.dry_run, i.format, i.labels,
	i.row_count, i.created, i.updated, i.unchanged, i.rejected, a.done, a.total, a.error, a.actor, a.created_at, a.started_at, a.finished_at`

func scanImport(row interface{ Scan(...any) error }) (Import, error) {
	var i Import
	var format, labels, actor string
	var created, began, finished int64
	err := row.Scan(&i.ID, &i.State, &i.Filename, &i.Size, &i.DryRun, &format, &labels,
		&i.Rows, &i.Created, &i.Updated, &i.Unchanged, &i.Rejected, &i.Done, &i.Total, &i.Error, &actor, &created, &began, &finished)
	if db.IsNoRows(err) {
		return i, fault.NotFound("import")
	}
	if err != nil {
		return i, err
	}
	i.Uploaded, i.Began, i.Finished = db.Time(created), db.Time(began), db.Time(finished)
	for text, to := range map[string]any{format: &i.Format, labels: &i.Labels, actor: &i.Actor} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			return i, err
		}
	}
	return i, nil
}

func (m *Imports) load(ctx context.Context, tx *db.Tx, institutionID, id int64) (Import, error) {
	return scanImport(tx.QueryRow(ctx, `SELECT `+importColumns+` FROM imports i JOIN acts a ON a.id = i.id
		WHERE i.institution_id = $1 AND i.id = $2 AND a.kind = $3 AND a.state <> 'absent'`, institutionID, id, m.kind()))
}

// Get is one import, with its first errors; fault.ErrNotFound unless the institution has it.
func (m *Imports) Get(ctx context.Context, scope institution.Scope, id int64) (i Import, err error) {
	if err := scope.Require(institution.Read); err != nil {
		return Import{}, err
	}
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		if i, err = m.load(ctx, tx, scope.ID(), id); err != nil || i.Rejected == 0 {
			return err
		}
		i.Errors, err = firstErrors(ctx, tx, id)
		return err
	})
	return i, err
}

// List is part of an institution's imports, the newest first: up to limit of those older
// than before (0: from the newest), and how many there are in all.
func (m *Imports) List(ctx context.Context, scope institution.Scope, before int64, limit int) (list []Import, total int, err error) {
	if err := scope.Require(institution.Read); err != nil {
		return nil, 0, err
	}
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM imports i JOIN acts a ON a.id = i.id
			WHERE i.institution_id = $1 AND a.kind = $2 AND a.state <> 'absent'`, scope.ID(), m.kind()).Scan(&total)
		if err != nil {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			i, err := scanImport(r)
			list = append(list, i)
			return err
		}, `SELECT `+importColumns+` FROM imports i JOIN acts a ON a.id = i.id
			WHERE i.institution_id = $1 AND a.kind = $2 AND a.state <> 'absent' AND (i.id < $3 OR $3 = 0) ORDER BY i.id DESC LIMIT $4`,
			scope.ID(), m.kind(), before, limit)
	})
	return list, total, err
}

// Start puts an import that has written nothing yet into the queue: to count what it would
// do, or to do it. The same upload can be dry-run, corrected, and run in the end; once it
// runs, or when its file is gone, it is a fault.Conflict.
func (m *Imports) Start(ctx context.Context, scope institution.Scope, id int64, dryRun bool) error {
	if err := scope.Require(institution.Contacts); err != nil {
		return err
	}
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		if err := m.rewind(ctx, tx, scope, id, act.Queued); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE imports SET dry_run = $2 WHERE id = $1`, id, db.Bool(dryRun)); err != nil {
			return err
		}
		if dryRun {
			return nil
		}
		return m.recordStart(ctx, tx, scope, id)
	})
}

func (m *Imports) recordStart(ctx context.Context, tx *db.Tx, scope institution.Scope, id int64) error {
	return scope.Record(ctx, tx, m.Now(), m.kind()+".started", m.kind(), id, nil)
}

// rewind puts an import that has written nothing back to its beginning.
func (m *Imports) rewind(ctx context.Context, tx *db.Tx, scope institution.Scope, id int64, state string) error {
	i, err := m.load(ctx, tx, scope.ID(), id)
	if err != nil {
		return err
	}
	if !i.DryRun {
		return fault.Conflict{Message: "This import has begun already, or is over. Upload the file again to import it once more."}
	}
	if err := act.Restart(ctx, tx, scope.ID(), id, state); err != nil {
		return err
	}
	// The act's row is held from here on: the file stays, or is gone.
	kept, err := filed(ctx, tx, id)
	if err != nil {
		return err
	}
	if !kept {
		return fault.Conflict{Message: "The file of this import is no longer kept. Upload it again."}
	}
	_, err = tx.Exec(ctx, `UPDATE imports SET row_count = 0, created = 0, updated = 0, unchanged = 0, rejected = 0 WHERE id = $1`, id)
	return err
}

// Stop ends an import after its present chunk. What it has written stays, and is recorded.
func (m *Imports) Stop(ctx context.Context, scope institution.Scope, id int64) error {
	if err := scope.Require(institution.Contacts); err != nil {
		return err
	}
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := m.load(ctx, tx, scope.ID(), id); err != nil {
			return err
		}
		if err := act.Stop(ctx, tx, m.Now(), scope.ID(), id); err != nil {
			return err
		}
		// The act's row is held from here on: no chunk changes the counts any more.
		a, err := act.Get(ctx, tx, scope.ID(), id)
		if err != nil {
			return err
		}
		if a.Cursor == tidying {
			return fault.Conflict{Message: "it is over already"}
		}
		i, err := m.load(ctx, tx, scope.ID(), id)
		if err != nil || i.DryRun {
			return err
		}
		return m.record(ctx, tx, scope, i, true)
	})
}

// manyNew is from how many new contacts on PostgreSQL is told at once that its statistics are
// old: by itself it finds out after a minute, in which it would choose slow ways to find them.
const manyNew = 5000

// record writes the one audit event of what an import did.
func (m *Imports) record(ctx context.Context, tx *db.Tx, scope institution.Scope, i Import, stopped bool) error {
	action, tables := "contact.imported", "contacts, contact_standing, contact_labels"
	if m.Into != nil {
		action, tables = m.Into.Action, m.Into.Table
	}
	if tx.Engine() == db.Postgres && i.Created >= manyNew {
		if _, err := tx.Exec(ctx, `ANALYZE `+tables); err != nil {
			return err
		}
	}
	var touched []byte
	if err := tx.QueryRow(ctx, `SELECT list FROM acts WHERE id = $1`, i.ID).Scan(&touched); err != nil {
		return err
	}
	detail := map[string]any{"filename": i.Filename, "rows": i.Rows, "created": i.Created, "updated": i.Updated, "unchanged": i.Unchanged, "rejected": i.Rejected}
	if stopped {
		detail["stopped"] = true
	}
	return audit.Record(ctx, tx, audit.Event{InstitutionID: scope.ID(), At: m.Now(), Actor: scope.Actor(), Action: action,
		SubjectKind: m.kind(), SubjectID: i.ID, Detail: detail, List: touched})
}

// labelNames cleans the names of labels that are given to a whole import.
func labelNames(names []string) ([]string, error) {
	cleaned, seen := []string{}, map[string]bool{}
	for _, name := range names {
		name, flaw := field.Clean("labels", name)
		if flaw != nil {
			return nil, fault.Invalid("label", "%s", flaw.Message)
		}
		if key := field.LabelKey(name); name != "" && !seen[key] {
			seen[key] = true
			cleaned = append(cleaned, name)
		}
	}
	if len(cleaned) > MaxLabels {
		return nil, fault.Invalid("label", "is given %d times; at most %d are possible", len(cleaned), MaxLabels)
	}
	return cleaned, nil
}
