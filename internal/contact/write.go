package contact

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"beckon/internal/address"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// New is a contact to add.
type New struct {
	Fields
	// Labels are names; those that do not exist are made.
	Labels []string
	// Source is one of the Source constants.
	Source string
}

// Add puts one contact into the address book. Faulty fields are fault.Fields; an address
// that is there already is a fault.Conflict with the contact's id.
func (b *Book) Add(ctx context.Context, s institution.Scope, n New) (c Contact, err error) {
	if err := s.Require(institution.Contacts); err != nil {
		return Contact{}, err
	}
	if faults := n.clean(); len(faults) > 0 {
		return Contact{}, faults
	}
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		c, err = b.AddIn(ctx, tx, s, n)
		return err
	})
	return c, err
}

// AddIn is Add within the caller's transaction, for those to whom a contact comes by the
// way: a company's request, a posted job. It takes the locks and asks for no permission.
func (b *Book) AddIn(ctx context.Context, tx *db.Tx, s institution.Scope, n New) (Contact, error) {
	if faults := n.clean(); len(faults) > 0 {
		return Contact{}, faults
	}
	a, err := address.Parse(n.Email)
	if err != nil {
		return Contact{}, fault.Invalid("email", "%s", err)
	}
	if err := gate.LockAddresses(ctx, tx, false); err != nil {
		return Contact{}, err
	}
	id, err := gate.Lock(ctx, tx, s.ID(), 1)
	if err != nil {
		return Contact{}, err
	}
	if err := addressIsFree(ctx, tx, s.ID(), a.Key); err != nil {
		return Contact{}, err
	}
	row := newRow{id: id, fields: &n.Fields, address: a, source: n.Source}
	if err := insertContacts(ctx, tx, s.ID(), db.Millis(b.Now()), []newRow{row}); err != nil {
		return Contact{}, err
	}
	if err := gate.RecomputeNew(ctx, tx, s.ID(), []int64{id}); err != nil {
		return Contact{}, err
	}
	if _, err := b.label(ctx, tx, s, []int64{id}, n.Labels, nil); err != nil {
		return Contact{}, err
	}
	detail := map[string]any{"source": n.Source}
	if err := s.Record(ctx, tx, b.Now(), "contact.added", "contact", id, detail); err != nil {
		return Contact{}, err
	}
	return load(ctx, tx, s.ID(), id)
}

// addressIsFree answers a fault.Conflict if a contact has the address.
func addressIsFree(ctx context.Context, tx *db.Tx, institutionID int64, key string) error {
	var id int64
	err := tx.QueryRow(ctx, `SELECT id FROM contacts WHERE institution_id = $1 AND email_key = $2`, institutionID, key).Scan(&id)
	if err == nil {
		return fault.Conflict{Message: "there is a contact with this address already", ExistingID: id}
	}
	if db.IsNoRows(err) {
		return nil
	}
	return err
}

// Change is what to change about a contact.
type Change struct {
	// Fields holds new texts by the API's names of fields; "" empties one that is not
	// required.
	Fields map[string]string
	// Labels, if not nil, become the contact's labels, beside those that Beckon set itself.
	Labels *[]string
	// OwnerID, if not nil, is a staff member's user, 0 for none.
	OwnerID  *int64
	Archived *bool
}

// Change changes one contact and answers it. An address that another contact has is a
// fault.Conflict; a new address links the contact with its user anew.
func (b *Book) Change(ctx context.Context, s institution.Scope, id int64, to Change) (c Contact, err error) {
	if err := s.Require(institution.Contacts); err != nil {
		return Contact{}, err
	}
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		if err := gate.LockAddresses(ctx, tx, false); err != nil {
			return err
		}
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if err := b.change(ctx, tx, s, id, to); err != nil {
			return err
		}
		c, err = load(ctx, tx, s.ID(), id)
		return err
	})
	return c, err
}

func (b *Book) change(ctx context.Context, tx *db.Tx, s institution.Scope, id int64, to Change) error {
	old, err := load(ctx, tx, s.ID(), id)
	if err != nil {
		return err
	}
	next, changed, err := to.apply(old)
	if err != nil {
		return err
	}
	if to.OwnerID != nil && *to.OwnerID != 0 && *to.OwnerID != old.OwnerID {
		if err := worksHere(ctx, tx, s.ID(), *to.OwnerID); err != nil {
			return err
		}
	}
	if slices.Contains(changed, "email") {
		if err := readdress(ctx, tx, s.ID(), old, next.Email); err != nil {
			return err
		}
	}
	if to.Labels != nil {
		touched, err := b.relabel(ctx, tx, s, old, *to.Labels)
		if err != nil {
			return err
		}
		if touched {
			changed = append(changed, "labels")
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := updateContact(ctx, tx, s.ID(), db.Millis(b.Now()), next); err != nil {
		return err
	}
	return s.Record(ctx, tx, b.Now(), changeAction(changed, next), "contact", id, changeDetail(old, next, changed))
}

func changeAction(changed []string, next Contact) string {
	if !slices.Equal(changed, []string{"archived"}) {
		return "contact.changed"
	}
	if next.Archived {
		return "contact.archived"
	}
	return "contact.restored"
}

// apply answers the contact as it is to be, and the names of what differs.
func (to Change) apply(old Contact) (next Contact, changed []string, err error) {
	next = old
	var names []string
	var faults fault.Fields
	for name, text := range to.Fields {
		if at := next.At(name); at != nil {
			*at = text
			names = append(names, name)
		} else {
			faults = append(faults, fault.Field{Path: name, Message: "is not a field of a contact"})
		}
	}
	if len(names) > 0 {
		faults = append(faults, next.clean(names...)...)
	}
	if len(faults) > 0 {
		return old, nil, faults
	}
	set(&next.OwnerID, to.OwnerID)
	set(&next.Archived, to.Archived)
	for i, at := range next.all() {
		if *at != *old.all()[i] {
			changed = append(changed, FieldNames[i])
		}
	}
	if next.OwnerID != old.OwnerID {
		changed = append(changed, "owner")
	}
	if next.Archived != old.Archived {
		changed = append(changed, "archived")
	}
	return next, changed, nil
}

// changeDetail tells a history what changed. Only of title and company it tells the texts:
// nothing that makes out the person may outlive the contact.
func changeDetail(old, next Contact, changed []string) map[string]any {
	was, is := map[string]string{}, map[string]string{}
	for _, name := range []string{"title", "company_name"} {
		if slices.Contains(changed, name) {
			was[name], is[name] = *old.At(name), *next.At(name)
		}
	}
	return map[string]any{"changed": changed, "was": was, "is": is}
}

// worksHere answers fault.Fields unless the user is staff of the institution.
func worksHere(ctx context.Context, tx *db.Tx, institutionID, userID int64) error {
	var one int
	err := tx.QueryRow(ctx, `SELECT 1 FROM staff WHERE institution_id = $1 AND user_id = $2`, institutionID, userID).Scan(&one)
	if db.IsNoRows(err) {
		return fault.Invalid("owner", "does not work at this institution; choose one of its staff")
	}
	return err
}

// readdress moves the contact's entry in the directory, and its link to a user.
func readdress(ctx context.Context, tx *db.Tx, institutionID int64, old Contact, email string) error {
	before, err := address.Parse(old.Email)
	if err != nil {
		return fmt.Errorf("the stored address of contact %d: %w", old.ID, err)
	}
	after, err := address.Parse(email)
	if err != nil {
		return fault.Invalid("email", "%s", err)
	}
	if before.Key == after.Key {
		return nil
	}
	if err := addressIsFree(ctx, tx, institutionID, after.Key); err != nil {
		return err
	}
	if err := leaveDirectory(ctx, tx, institutionID, []string{before.Key}); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO address_directory (address_hash, institution_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		address.Hash(after.Key), institutionID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE contacts SET email_key = $3 WHERE institution_id = $1 AND id = $2`, institutionID, old.ID, after.Key)
	if err != nil {
		return err
	}
	return gate.RecomputeNew(ctx, tx, institutionID, []int64{old.ID})
}

// leaveDirectory takes addresses of contacts out of the directory: within an institution
// no other contact has them.
func leaveDirectory(ctx context.Context, tx *db.Tx, institutionID int64, keys []string) error {
	args := []any{institutionID}
	for _, key := range keys {
		args = append(args, address.Hash(key))
	}
	_, err := tx.Exec(ctx, `DELETE FROM address_directory WHERE institution_id = $1 AND address_hash IN (`+db.Params(2, len(keys))+`)`, args...)
	return err
}

// updateContact stores everything that can change about a contact but its standing and its
// labels.
func updateContact(ctx context.Context, tx *db.Tx, institutionID, now int64, c Contact) error {
	a, err := address.Parse(c.Email)
	if err != nil {
		return fault.Invalid("email", "%s", err)
	}
	args := []any{institutionID, c.ID}
	for _, column := range updatable {
		args = append(args, contactValue(column, &c.Fields, a, c.keys(a)))
	}
	args = append(args, joinEmails(c.OtherEmails), c.OwnerID, db.Bool(c.Archived), now)
	if _, err := tx.Exec(ctx, updateStatement, args...); err != nil {
		return fmt.Errorf("change a contact: %w", err)
	}
	return nil
}

// updatable are the columns that follow from the fields of a contact; an insert writes the
// same ones.
var updatable = append([]string{"email_key", "domain", "mailable", "name_key", "company_key", "title_key", "search"}, FieldNames...)

// updateStatement sets updatable and the four columns behind it.
var updateStatement = func() string {
	var sets []string
	for i, column := range append(slices.Clone(updatable), "other_emails", "owner_id", "archived", "updated_at") {
		sets = append(sets, column+` = $`+strconv.Itoa(i+3))
	}
	return `UPDATE contacts SET ` + strings.Join(sets, `, `) + ` WHERE institution_id = $1 AND id = $2`
}()

// contactValue is what stands in a column for these fields.
func contactValue(column string, f *Fields, a address.Address, k keys) any {
	switch column {
	case "email_key":
		return a.Key
	case "domain":
		return a.Domain
	case "mailable":
		return db.Bool(!address.Undeliverable(a.Domain))
	case "name_key":
		return k.name
	case "company_key":
		return k.company
	case "title_key":
		return k.title
	case "search":
		return k.search
	}
	return *f.At(column)
}

// Archive takes a contact out of the lists that people pick from.
func (b *Book) Archive(ctx context.Context, s institution.Scope, id int64) (Contact, error) {
	yes := true
	return b.Change(ctx, s, id, Change{Archived: &yes})
}

// Restore brings an archived contact back.
func (b *Book) Restore(ctx context.Context, s institution.Scope, id int64) (Contact, error) {
	no := false
	return b.Change(ctx, s, id, Change{Archived: &no})
}
