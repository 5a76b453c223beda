package student_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/internal/act"
	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
	"beckon/internal/mail"
	"beckon/internal/recruiting"
	"beckon/internal/student"
)

var (
	ctx      = context.Background()
	operator = audit.Actor{Kind: audit.System, Name: "command line"}
)

type world struct {
	gatetest.World
	students   *student.Students
	imports    *transfer.Imports
	companies  *company.Companies
	recruiting *recruiting.Recruiting
	now        time.Time
}

func newWorld(t gatetest.T, d *db.DB) *world {
	w := &world{World: gatetest.World{T: t, DB: d}, now: gatetest.Now}
	now := func() time.Time { return w.now }
	book := &contact.Book{DB: d, Now: now}
	w.students = &student.Students{DB: d, Now: now, Book: book}
	w.imports = w.students.Imports()
	w.companies = &company.Companies{DB: d, Now: now}
	w.recruiting = &recruiting.Recruiting{DB: d, Now: now, Book: book}
	return w
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *world) ok(errs ...error) {
	w.T.Helper()
	if err := errors.Join(errs...); err != nil {
		w.T.Fatalf("%v", err)
	}
}

func staff(institutionID int64) institution.Scope { return institution.System(institutionID, "test") }

// recruiter makes a company that may recruit at the institutions, and its admin.
func (w *world) recruiter(name, email, companyName string, institutions ...int64) (userID, companyID int64) {
	w.T.Helper()
	userID = w.User(name, email)
	co := must(w.companies.Create(ctx, userID, company.New{Name: companyName}))
	for _, id := range institutions {
		w.ok(w.recruiting.Approve(ctx, staff(id), co.ID))
	}
	return userID, co.ID
}

// load imports a file and answers what came of it in one line.
func (w *world) load(institutionID int64, file string, o transfer.Options) (string, transfer.Import) {
	w.T.Helper()
	o.Confirm = true
	i, err := w.imports.Upload(ctx, staff(institutionID), "students.csv", strings.NewReader(file), o)
	w.ok(err)
	runner := &act.Runner{DB: w.DB, Now: w.imports.Now, Kinds: map[string]act.OpenFunc{student.ImportKind: w.imports.Open}}
	w.ok(runner.Drain(ctx))
	if i, err = w.imports.Get(ctx, staff(institutionID), i.ID); err != nil {
		w.T.Fatalf("%v", err)
	}
	return fmt.Sprintf("%s: %d rows, %d created, %d updated, %d unchanged, %d rejected", i.State, i.Rows, i.Created, i.Updated, i.Unchanged, i.Rejected), i
}

// student imports one student who signs in, and who allows recruiters if choice says so.
func (w *world) student(institutionID int64, first, last, major string, year int, choice student.Choice) institution.Scope {
	w.T.Helper()
	email := strings.ToLower(first+"."+last) + "@students.example"
	if got, _ := w.load(institutionID, fmt.Sprintf("email,first_name,last_name,major,graduation_year,external_id\n%s,%s,%s,%s,%d,X-%s\n",
		email, first, last, major, year, last), transfer.Options{}); !strings.Contains(got, "1 created") {
		w.T.Fatalf("%s", got)
	}
	s, err := institution.Student(ctx, w.DB, w.User(first+" "+last, email), institutionID)
	w.ok(err)
	must(w.students.Allow(ctx, s, choice))
	return s
}

// open lets recruiters find a student, and shows all there is.
var open = student.Choice{Allows: true, ShowsMajor: true, ShowsYear: true, About: "Likes bridges"}

// mails is the kinds and recipients of the mails that wait, in order.
func (w *world) mails() string {
	w.T.Helper()
	var all []string
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT kind, recipient FROM outbox WHERE kind IN ('message_sent', 'message_answered') ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, to string
			if err := rows.Scan(&kind, &to); err != nil {
				return err
			}
			all = append(all, kind+" "+to)
		}
		return rows.Err()
	})
	return strings.Join(all, ", ")
}

// letter writes the last mail of a kind that waits.
func (w *world) letter(kind string) (subject string, l mail.Letter, wanted bool) {
	w.T.Helper()
	var institutionID, threadID int64
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT institution_id, id FROM threads ORDER BY id DESC LIMIT 1`).Scan(&institutionID, &threadID)
	})
	subject, l, wanted, err := w.students.Letters("https://beckon.example")[kind](ctx, mail.Notice{Kind: kind,
		Params: map[string]string{"institution": db.FormatID(institutionID), "thread": db.FormatID(threadID)}})
	w.ok(err)
	return subject, l, wanted
}

func paths(err error) string {
	var f fault.Fields
	errors.As(err, &f)
	var all []string
	for _, x := range f {
		all = append(all, x.Path)
	}
	return strings.Join(all, ", ")
}

func isConflict(err error) bool {
	var c fault.Conflict
	return errors.As(err, &c)
}

func isNotFound(err error) bool { return errors.Is(err, fault.ErrNotFound) }
