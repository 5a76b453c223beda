package student

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// ImportKind is the kind of the long acts that are imports of students.
const ImportKind = "student_import"

// ImportFields are the fields of a student that can be imported. Nobody may change the table.
var ImportFields = []transfer.Field{
	asOfContacts("email", "Student email", "School email", "University email", "Institution email", "Campus email"),
	asOfContacts("first_name", "Preferred name", "Student first name"),
	asOfContacts("last_name", "Student last name"),
	{Name: "major", Label: "Major", Max: 300, Synonyms: []string{
		"Primary major", "Major name", "Primary education:Primary major name", "Field of study", "Course of study", "Subject", "Programme", "Program",
		"Degree programme", "Degree program", "Studiengang", "Studienfach", "Hauptfach", "Filière", "Carrera", "Studierichting", "Opleiding",
		"Corso di laurea", "Kierunek studiów"}},
	{Name: "graduation_year", Label: "Graduation year", Max: 300, Check: checkYear, Synonyms: []string{
		"Grad year", "Year of graduation", "Expected graduation year", "Class of", "Class year",
		"Abschlussjahr", "Année de diplôme", "Año de graduación", "Afstudeerjaar", "Anno di laurea"}},
	{Name: "external_id", Label: "External ID", Max: 300, Synonyms: []string{
		"External identifier", "Student ID", "Student number", "Student no", "Registration number", "Matriculation number", "Auth identifier",
		"Matrikelnummer", "Numéro d'étudiant", "Número de matrícula", "Studentnummer", "Matricola"}},
}

// asOfContacts is a field that contacts have, too: its columns have the same names in the same
// systems, and some more where students are kept.
func asOfContacts(name string, more ...string) transfer.Field {
	f := transfer.ContactFields[slices.IndexFunc(transfer.ContactFields, func(f transfer.Field) bool { return f.Name == name })]
	f.Synonyms = slices.Concat(f.Synonyms, more)
	return f
}

// checkYear takes years from 1900 to 2200.
func checkYear(text string) string {
	if year, err := strconv.Atoi(text); err != nil || len(text) != 4 || year < 1900 || year > 2200 {
		return "is not a year from 1900 to 2200; write it like 2027, or leave it blank"
	}
	return ""
}

// Imports is what brings files of students in: all that transfer does for contacts, with
// lists of its own.
func (st *Students) Imports() *transfer.Imports {
	return &transfer.Imports{DB: st.DB, Now: st.Now, Into: &transfer.Target{
		Kind: ImportKind, Action: "student.imported", Table: "students", Fields: ImportFields, Merge: st.merge}}
}

// merge brings rows among the students, by their addresses: a row whose address is there
// updates that student, archived or not, any other becomes a student. A blank says nothing,
// another spelling of the same address changes nothing, and what students choose stays.
func (st *Students) merge(ctx context.Context, tx *db.Tx, s institution.Scope, rows []*transfer.Row) ([]contact.Merged, error) {
	if err := s.Require(institution.Contacts); err != nil {
		return nil, err
	}
	if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
		return nil, err
	}
	known, err := byAddress(ctx, tx, s.ID(), rows)
	if err != nil {
		return nil, err
	}
	now := db.Millis(st.Now())
	became := make([]contact.Merged, len(rows))
	var fresh []any
	for i, row := range rows {
		before, exists := known[row.Contact.Email.Key]
		after := before
		after.take(row)
		switch {
		case !exists:
			became[i] = contact.Created
			k := after.keys(row.Contact.Email.Key)
			fresh = append(fresh, newID(), s.ID(), row.Contact.Email.Written, row.Contact.Email.Key, after.FirstName, after.LastName, after.Major,
				after.GraduationYear, after.ExternalID, k.name, k.search, k.shown, now, now)
		case after == before:
			became[i] = contact.Unchanged
		default:
			became[i] = contact.Updated
			if err := update(ctx, tx, after, row.Contact.Email.Key, now); err != nil {
				return nil, err
			}
		}
	}
	return became, insert(ctx, tx, fresh)
}

// byAddress finds the students whose addresses stand in rows.
func byAddress(ctx context.Context, tx *db.Tx, institutionID int64, rows []*transfer.Row) (map[string]Student, error) {
	args := []any{institutionID}
	for _, row := range rows {
		args = append(args, row.Contact.Email.Key)
	}
	known := map[string]Student{}
	if len(rows) == 0 {
		return known, nil
	}
	return known, tx.Rows(ctx, func(r *sql.Rows) error {
		var key string
		s, err := scan(r, &key)
		known[key] = s
		return err
	}, `SELECT `+columns+`, s.email_key FROM students s WHERE s.institution_id = $1 AND s.email_key IN (`+db.Params(2, len(rows))+`)`, args...)
}

// take takes over what a row says.
func (s *Student) take(row *transfer.Row) {
	for text, to := range map[*string]string{&s.FirstName: row.Contact.FirstName, &s.LastName: row.Contact.LastName,
		&s.Major: row.Extra["major"], &s.ExternalID: row.Contact.ExternalID} {
		if to != "" {
			*text = to
		}
	}
	if year, err := strconv.Atoi(row.Extra["graduation_year"]); err == nil {
		s.GraduationYear = year
	}
	if s.ID == 0 {
		s.ShowsMajor, s.ShowsYear = true, true
	}
}

func update(ctx context.Context, tx *db.Tx, s Student, emailKey string, now int64) error {
	k := s.keys(emailKey)
	_, err := tx.Exec(ctx, `
		UPDATE students SET first_name = $3, last_name = $4, major = $5, graduation_year = $6, external_id = $7, name_key = $8, search = $9, shown = $10, updated_at = $11
		WHERE institution_id = $1 AND id = $2`, s.InstitutionID, s.ID, s.FirstName, s.LastName, s.Major, s.GraduationYear, s.ExternalID, k.name, k.search, k.shown, now)
	if err != nil {
		return fmt.Errorf("update a student: %w", err)
	}
	return nil
}

// newID is a random id: ids that count would tell recruiters, who see some, how many students
// there are.
func newID() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return 1 + int64(binary.BigEndian.Uint64(b[:])>>2)
}

// insert adds students, each of 14 values.
func insert(ctx context.Context, tx *db.Tx, values []any) error {
	const width = 14
	if len(values) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO students (id, institution_id, email, email_key, first_name, last_name, major, graduation_year, external_id, name_key, search, shown, created_at, updated_at)
		VALUES `+db.Tuples(1, len(values)/width, width), values...)
	if err != nil {
		return fmt.Errorf("add students: %w", err)
	}
	return nil
}
