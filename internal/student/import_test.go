package student_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"beckon/internal/contact/transfer"
	"beckon/internal/institution"
	"beckon/internal/student"
)

// people is the students of an institution in one line each.
func (w *world) people(institutionID int64) string {
	w.T.Helper()
	page, _, _, err := w.students.List(ctx, staff(institutionID), student.Query{Archived: "any", Limit: 100})
	w.ok(err)
	var all []string
	for _, s := range page {
		all = append(all, fmt.Sprintf("%s %s %s %s %d %s", s.Email, s.FirstName, s.LastName, s.Major, s.GraduationYear, s.ExternalID))
	}
	return strings.Join(all, "\n")
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		got, i := w.load(elm, "\xef\xbb\xbfElm students, autumn\r\n\r\nStudent Email;First Name;Surname;Field of Study;Grad-Year;Student ID;Shoe size\r\n"+
			"Ada@Elm.example;Ada;Löwe;\"Civil; bridges\";2027;7;39\r\n"+
			"bob@elm.example;Bob;;Law;1899;8;40\r\n"+
			"ADA@elm.example;Again;Löwe;Law;2028;9;41\r\n"+
			"cyd@elm.example;Cyd;Two;;;;\r\n", transfer.Options{})
		if got != "done: 4 rows, 2 created, 0 updated, 0 unchanged, 2 rejected" {
			t.Error(got)
		}
		var faults []string
		for _, e := range i.Errors {
			faults = append(faults, fmt.Sprintf("%d %s", e.Row, e.Column))
		}
		if got := strings.Join(faults, ", "); got != "5 last_name, 5 graduation_year, 6 email" {
			t.Error(got)
		}
		var rejected bytes.Buffer
		w.ok(w.imports.WriteRejected(ctx, staff(elm), i.ID, &rejected))
		if got := rejected.String(); !strings.Contains(got, "bob@elm.example,Bob,,Law,1899,8,40,") || !strings.Contains(got, "write it like 2027") {
			t.Error(got)
		}
		if got := w.people(elm); got != "Ada@Elm.example Ada Löwe Civil; bridges 2027 7\ncyd@elm.example Cyd Two  0 " {
			t.Error(got)
		}
	})
}

func TestImportReadsWhatSpreadsheetsWrite(t *testing.T) {
	const text = "E-mail address\tFirst name\tLast name\tMajor\r\nzoe@elm.example\tZo\u00eb\tL\u00f6we\tCaf\u00e9 \"studies\"\r\n"
	wide := []byte{0xff, 0xfe}
	var narrow []byte
	for _, r := range text {
		wide = append(wide, byte(r), byte(r>>8))
		narrow = append(narrow, byte(r)) // Windows-1252 has these where Unicode has them
	}
	each(t, func(t *testing.T, w *world) {
		for name, file := range map[string]string{"UTF-8": text, "UTF-16": string(wide), "Windows-1252": string(narrow)} {
			at := w.Institution(name)
			if got, _ := w.load(at, file, transfer.Options{}); got != "done: 1 rows, 1 created, 0 updated, 0 unchanged, 0 rejected" {
				t.Errorf("%s: %s", name, got)
			}
			if got := w.people(at); got != "zoe@elm.example Zo\u00eb L\u00f6we Caf\u00e9 \"studies\" 0 " {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}

// What systems write for contacts they write for students, too.
func TestImportReadsWhatAddressBooksWrite(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		got, _ := w.load(elm, "First Name,Last Name,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value\n"+
			"Ada,Low,Work,ada@elm.example,ada@home.example\nBob,One,Work,,bob@elm.example\n", transfer.Options{})
		if got != "done: 2 rows, 2 created, 0 updated, 0 unchanged, 0 rejected" {
			t.Error(got)
		}
		if got := w.people(elm); got != "ada@elm.example Ada Low  0 \nbob@elm.example Bob One  0 " {
			t.Error(got)
		}
	})
}

func TestImportAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		w.load(elm, "email,first_name,last_name,major,graduation_year\nada@elm.example,Ada,Low,Law,2027\nbob@elm.example,Bob,One,Art,2026\ncyd@elm.example,Cyd,Two,,\n", transfer.Options{})
		page, _, _, err := w.students.List(ctx, staff(elm), student.Query{Q: "bob", Limit: 5})
		w.ok(err, w.students.Archive(ctx, staff(elm), page[0].ID))
		again := "email,first_name,last_name,major,graduation_year\nADA@elm.example,Ada,Low,,\nbob@elm.example,Bob,One,Music,\ndan@elm.example,Dan,Three,,\n"
		before := w.people(elm)
		if got, _ := w.load(elm, again, transfer.Options{DryRun: true}); got != "done: 3 rows, 1 created, 1 updated, 1 unchanged, 0 rejected" || w.people(elm) != before {
			t.Errorf("%s\n%s", got, w.people(elm))
		}
		if got, _ := w.load(elm, again, transfer.Options{}); got != "done: 3 rows, 1 created, 1 updated, 1 unchanged, 0 rejected" {
			t.Error(got)
		}
		// Blanks erase nothing, who is missing stays, and who is archived stays so.
		want := "ada@elm.example Ada Low Law 2027 \nbob@elm.example Bob One Music 2026 \ndan@elm.example Dan Three  0 \ncyd@elm.example Cyd Two  0 "
		if got := w.people(elm); got != want {
			t.Error(got)
		}
		if _, _, total, _ := w.students.List(ctx, staff(elm), student.Query{Limit: 5}); total != 3 {
			t.Errorf("%d are not archived", total)
		}
	})
}

func TestImportOfManyAcrossChunks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		var file strings.Builder
		file.WriteString("email,first_name,last_name\n")
		for n := range 2500 {
			fmt.Fprintf(&file, "s%d@elm.example,First,Last%d\n", n%2400, n)
		}
		for _, dry := range []bool{true, false} {
			if got, _ := w.load(elm, file.String(), transfer.Options{DryRun: dry}); got != "done: 2500 rows, 2400 created, 0 updated, 0 unchanged, 100 rejected" {
				t.Errorf("dry %v: %s", dry, got)
			}
		}
		if n := w.Int(`SELECT COUNT(*) FROM students`); n != 2400 {
			t.Errorf("%d students", n)
		}
		if n := w.Int(`SELECT COUNT(*) FROM import_seen s JOIN imports i ON i.id = s.import_id WHERE i.dry_run = 0`) + w.Int(`SELECT COUNT(*) FROM import_pieces p JOIN imports i ON i.id = p.import_id WHERE i.dry_run = 0`); n != 0 {
			t.Errorf("%d rows are left behind", n)
		}
	})
}

func TestImportsOfStudentsAndOfContactsDoNotSeeEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		_, i := w.load(elm, "email,first_name,last_name\nada@elm.example,Ada,Low\n", transfer.Options{})
		contacts := &transfer.Imports{DB: w.DB, Now: w.imports.Now, Book: w.students.Book}
		if _, total, err := contacts.List(ctx, staff(elm), 0, 10); total != 0 || err != nil {
			t.Errorf("%d imports of contacts, %v", total, err)
		}
		if _, err := contacts.Get(ctx, staff(elm), i.ID); !isNotFound(err) {
			t.Errorf("an import of students among those of contacts: %v", err)
		}
		if _, err := w.imports.Get(ctx, staff(oak), i.ID); !isNotFound(err) {
			t.Errorf("another institution's import: %v", err)
		}
		if list, total, err := w.imports.List(ctx, staff(elm), 0, 10); total != 1 || len(list) != 1 || err != nil {
			t.Errorf("%d imports of students, %v", total, err)
		}
		reader := institution.Token(elm, 1, "reader", nil)
		if _, err := w.imports.Upload(ctx, reader, "x.csv", strings.NewReader("email\n"), transfer.Options{}); err == nil {
			t.Error("a token that may only read has imported students")
		}
		var refused *transfer.Refusal
		if _, err := w.imports.Upload(ctx, staff(elm), "x.csv", strings.NewReader("name,major\nAda,Law\n"), transfer.Options{}); !errors.As(err, &refused) || refused.Reason != transfer.NoAddressColumn {
			t.Errorf("a file without addresses: %v", err)
		}
	})
}

// Every header that the table names is found, and none names two fields.
func TestImportFields(t *testing.T) {
	owner := map[string]string{}
	for _, f := range student.ImportFields {
		for _, header := range append([]string{f.Name, f.Label}, f.Synonyms...) {
			format, err := transfer.Sniff(strings.NewReader("email,"+header+" \n"), student.ImportFields, transfer.Format{})
			if f.Name == "email" {
				format, err = transfer.Sniff(strings.NewReader(header+",x\n"), student.ImportFields, transfer.Format{})
			}
			if err != nil {
				t.Fatalf("%s: %v", header, err)
			}
			found := format.Columns[len(format.Columns)-1].Field
			if f.Name == "email" {
				found = format.Columns[0].Field
			}
			if found != f.Name {
				t.Errorf("%s means %q, want %q", header, found, f.Name)
			}
			if before := owner[header]; before != "" && before != f.Name {
				t.Errorf("%s means %s and %s", header, before, f.Name)
			}
			owner[header] = f.Name
		}
	}
}

func TestListOfStudents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		w.student(elm, "Zoe", "Abel", "Law", 2027, open)
		w.student(elm, "Ada", "Öl", "Civil engineering", 2026, student.Choice{})
		w.student(elm, "Bob", "Oak", "Law", 2026, student.Choice{})
		w.student(oak, "Cyd", "Far", "Law", 2026, open)
		list := func(q student.Query) string {
			t.Helper()
			var names []string
			for q.Limit = 1; ; {
				page, next, total, err := w.students.List(ctx, staff(elm), q)
				w.ok(err)
				for _, s := range page {
					names = append(names, s.FirstName)
				}
				if q.After = next; next == (student.Cursor{}) {
					if total != len(names) {
						t.Errorf("total %d of %v", total, names)
					}
					return strings.Join(names, " ")
				}
			}
		}
		for _, c := range []struct {
			q    student.Query
			want string
		}{
			{student.Query{}, "Zoe Bob Ada"}, {student.Query{Q: "ADA OL"}, "Ada"}, {student.Query{Q: "x-oak"}, "Bob"}, {student.Query{Q: "law"}, "Zoe Bob"},
			{student.Query{Q: "zoe.abel@stud"}, "Zoe"}, {student.Query{Allows: "yes"}, "Zoe"}, {student.Query{Allows: "no"}, "Bob Ada"},
			{student.Query{Archived: "yes"}, ""}, {student.Query{Q: "%"}, ""},
		} {
			if got := list(c.q); got != c.want {
				t.Errorf("%+v: %s, want %s", c.q, got, c.want)
			}
		}
		if _, _, _, err := w.students.List(ctx, staff(elm), student.Query{Allows: "maybe", Archived: "perhaps"}); paths(err) != "allows, archived" {
			t.Error(err)
		}
		cyd, _, _, err := w.students.List(ctx, staff(oak), student.Query{Limit: 1})
		w.ok(err)
		if _, err := w.students.Get(ctx, staff(elm), cyd[0].ID); !isNotFound(err) {
			t.Errorf("another institution's student: %v", err)
		}
		if err := w.students.Archive(ctx, staff(elm), cyd[0].ID); !isNotFound(err) {
			t.Errorf("another institution's student is archived: %v", err)
		}
	})
}
