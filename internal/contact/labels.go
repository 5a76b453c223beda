package contact

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Label is a tag of an institution's contacts.
type Label struct {
	ID   int64
	Name string
	// Kind is one of LabelKinds.
	Kind string
	// Color is an index into the palette of the pages, 0 to LabelColors-1.
	Color    int
	Archived bool
	// Contacts is how many contacts have the label, archived ones included.
	Contacts  int
	CreatedAt time.Time
}

// Kinds of labels: public ones are shown to the labelled, system ones are set by Beckon alone.
const (
	LabelNormal = "normal"
	LabelPublic = "public"
	LabelSystem = "system"
)

// LabelKinds lists the kinds.
var LabelKinds = []string{LabelNormal, LabelPublic, LabelSystem}

// LabelColors is how many colours the palette has; 0 is grey.
const LabelColors = 11

const labelColumns = `l.id, l.name, l.kind, l.color, l.archived, l.contacts, l.created_at`

func scanLabel(row interface{ Scan(...any) error }) (l Label, err error) {
	var created int64
	err = row.Scan(&l.ID, &l.Name, &l.Kind, &l.Color, &l.Archived, &l.Contacts, &created)
	l.CreatedAt = db.Time(created)
	if db.IsNoRows(err) {
		err = fault.NotFound("label")
	}
	return l, err
}

// Labels is all labels of the institution, archived ones too, by name.
func (b *Book) Labels(ctx context.Context, s institution.Scope) (all []Label, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			l, err := scanLabel(r)
			all = append(all, l)
			return err
		}, `SELECT `+labelColumns+` FROM labels l WHERE l.institution_id = $1 ORDER BY l.name_key, l.id`, s.ID())
	})
	return all, err
}

// labelsByName finds labels by field.LabelKey of their names; what does not exist is not in
// the map.
func labelsByName(ctx context.Context, tx *db.Tx, institutionID int64, names []string) (map[string]Label, error) {
	args := []any{institutionID}
	for _, name := range storable(names) {
		args = append(args, field.LabelKey(name))
	}
	found := map[string]Label{}
	if len(args) == 1 {
		return found, nil
	}
	err := tx.Rows(ctx, func(r *sql.Rows) error {
		l, err := scanLabel(r)
		found[field.LabelKey(l.Name)] = l
		return err
	}, `SELECT `+labelColumns+` FROM labels l WHERE l.institution_id = $1 AND l.name_key IN (`+db.Params(2, len(args)-1)+`)`, args...)
	return found, err
}

// GetLabel is one label.
func (b *Book) GetLabel(ctx context.Context, s institution.Scope, id int64) (l Label, err error) {
	if err := s.Require(institution.Read); err != nil {
		return Label{}, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		l, err = getLabel(ctx, tx, s.ID(), id)
		return err
	})
	return l, err
}

func getLabel(ctx context.Context, tx *db.Tx, institutionID, id int64) (Label, error) {
	return scanLabel(tx.QueryRow(ctx, `SELECT `+labelColumns+` FROM labels l WHERE l.institution_id = $1 AND l.id = $2`, institutionID, id))
}

// CreateLabel makes a label. A name that exists, without regard to case, is a
// fault.Conflict with its id. Kind "" is normal; system labels are not made by hand.
func (b *Book) CreateLabel(ctx context.Context, s institution.Scope, name, kind string, color int) (l Label, err error) {
	if err := s.Require(institution.Contacts); err != nil {
		return Label{}, err
	}
	if kind == "" {
		kind = LabelNormal
	}
	l = Label{Name: name, Kind: kind, Color: color}
	if err := l.check(); err != nil {
		return Label{}, err
	}
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if err := b.nameIsFree(ctx, tx, s, l); err != nil {
			return err
		}
		l, err = b.insertLabel(ctx, tx, s, l)
		return err
	})
	return l, err
}

// check cleans the name and answers all faults.
func (l *Label) check() error {
	var faults fault.Fields
	name, wrong := field.Clean(labelsFieldPath, l.Name)
	if l.Name = name; wrong != nil {
		faults = append(faults, fault.Field{Path: "name", Message: wrong.Message})
	} else if name == "" {
		faults = append(faults, fault.Field{Path: "name", Message: "is missing; write the label's name"})
	}
	if l.Kind != LabelNormal && l.Kind != LabelPublic {
		faults = append(faults, fault.Field{Path: "kind", Message: "is not a kind that people can choose; choose normal or public"})
	}
	if l.Color < 0 || l.Color >= LabelColors {
		faults = append(faults, fault.Field{Path: "color", Message: fmt.Sprintf("is out of range; choose a number from 0 to %d", LabelColors-1)})
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// nameIsFree answers a fault.Conflict if another label has the name.
func (b *Book) nameIsFree(ctx context.Context, tx *db.Tx, s institution.Scope, l Label) error {
	known, err := labelsByName(ctx, tx, s.ID(), []string{l.Name})
	if err != nil {
		return err
	}
	if other, ok := known[field.LabelKey(l.Name)]; ok && other.ID != l.ID {
		return fault.Conflict{Message: fmt.Sprintf("there is a label %q already", other.Name), ExistingID: other.ID}
	}
	return nil
}

func (b *Book) insertLabel(ctx context.Context, tx *db.Tx, s institution.Scope, l Label) (Label, error) {
	l.CreatedAt = db.Time(db.Millis(b.Now()))
	err := tx.QueryRow(ctx, `
		INSERT INTO labels (institution_id, name, name_key, kind, color, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		s.ID(), l.Name, field.LabelKey(l.Name), l.Kind, l.Color, db.Millis(l.CreatedAt)).Scan(&l.ID)
	if err != nil {
		return Label{}, fmt.Errorf("make a label: %w", err)
	}
	return l, s.Record(ctx, tx, b.Now(), "label.created", "label", l.ID, map[string]any{"name": l.Name})
}

// EnsureLabel is the label of that name, made if there is none and restored if it is
// archived. The caller holds gate.Lock. A system label is fault.Fields: nobody sets it by
// hand.
func (b *Book) EnsureLabel(ctx context.Context, tx *db.Tx, s institution.Scope, name string) (Label, error) {
	l := Label{Name: name, Kind: LabelNormal}
	if err := l.check(); err != nil {
		return Label{}, err
	}
	known, err := labelsByName(ctx, tx, s.ID(), []string{l.Name})
	if err != nil {
		return Label{}, err
	}
	old, ok := known[field.LabelKey(l.Name)]
	switch {
	case !ok:
		l.Color = colorOf(l.Name)
		return b.insertLabel(ctx, tx, s, l)
	case old.Kind == LabelSystem:
		return Label{}, fault.Invalid("label", "%q is set by Beckon itself; choose another name", old.Name)
	case old.Archived:
		old.Archived = false
		_, err = tx.Exec(ctx, `UPDATE labels SET archived = 0 WHERE institution_id = $1 AND id = $2`, s.ID(), old.ID)
	}
	return old, err
}

// colorOf is the colour that a label made by its name alone gets: another for most names, and
// grey for the labels of bulk invites, of which there is one a day.
func colorOf(name string) int {
	if strings.HasPrefix(name, "invited ") {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(field.LabelKey(name))) // never fails
	return 1 + int(h.Sum32()%(LabelColors-1))
}

// LabelChange is what to change about a label; nil leaves a thing as it is.
type LabelChange struct {
	Name     *string
	Kind     *string
	Color    *int
	Archived *bool
}

// ChangeLabel renames, recolours, archives or restores a label. System labels stay as they
// are.
func (b *Book) ChangeLabel(ctx context.Context, s institution.Scope, id int64, to LabelChange) (l Label, err error) {
	err = b.writeLabel(ctx, s, id, func(tx *db.Tx, old Label) error {
		l = old
		set(&l.Name, to.Name)
		set(&l.Kind, to.Kind)
		set(&l.Color, to.Color)
		set(&l.Archived, to.Archived)
		if err := l.check(); err != nil {
			return err
		}
		if l == old {
			return nil
		}
		if err := b.nameIsFree(ctx, tx, s, l); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE labels SET name = $3, name_key = $4, kind = $5, color = $6, archived = $7 WHERE institution_id = $1 AND id = $2`,
			s.ID(), id, l.Name, field.LabelKey(l.Name), l.Kind, l.Color, db.Bool(l.Archived))
		if err != nil {
			return err
		}
		return s.Record(ctx, tx, b.Now(), "label.changed", "label", id, map[string]any{"name": l.Name, "was": old.Name, "archived": l.Archived})
	})
	return l, err
}

// DeleteLabel takes a label from all contacts and removes it.
func (b *Book) DeleteLabel(ctx context.Context, s institution.Scope, id int64) error {
	return b.writeLabel(ctx, s, id, func(tx *db.Tx, old Label) error {
		if _, err := tx.Exec(ctx, `DELETE FROM contact_labels WHERE institution_id = $1 AND label_id = $2`, s.ID(), id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM labels WHERE institution_id = $1 AND id = $2`, s.ID(), id); err != nil {
			return err
		}
		return s.Record(ctx, tx, b.Now(), "label.deleted", "label", id, map[string]any{"name": old.Name, "contacts": old.Contacts})
	})
}

// writeLabel runs f on a label that people may change, under the institution's lock.
func (b *Book) writeLabel(ctx context.Context, s institution.Scope, id int64, f func(*db.Tx, Label) error) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		old, err := getLabel(ctx, tx, s.ID(), id)
		if err != nil {
			return err
		}
		if old.Kind == LabelSystem {
			return fault.Conflict{Message: fmt.Sprintf("%q is set by Beckon itself and cannot be changed", old.Name)}
		}
		return f(tx, old)
	})
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
