package student_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/student"
)

func letter(institutionID int64, to ...int64) student.Letter {
	return student.Letter{InstitutionID: institutionID, Students: to, Subject: "Bridges", Body: "We build bridges.\n\nJoin us."}
}

func TestWrite(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada, bob := w.student(elm, "Ada", "Low", "Law", 2026, open), w.student(elm, "Bob", "Stone", "Law", 2026, open)
		begun, err := w.students.Write(ctx, amara, student.Letter{InstitutionID: elm, Students: []int64{bob.StudentID(), ada.StudentID(), bob.StudentID()},
			Subject: " Build\tbridges ", Body: "Come.\r\nSoon."})
		w.ok(err)
		if len(begun) != 2 || begun[0].Student.Name() != "Bob S." || begun[1].Student.Name() != "Ada L." {
			t.Fatalf("%+v", begun)
		}
		got := begun[1]
		if got.Subject != "Build bridges" || got.Company != "Northwind" || got.CompanyID != co || got.Recruiter != "Amara Okafor" || !got.Open || got.Unread ||
			got.LastByStudent || len(got.Messages) != 1 || got.Messages[0].Body != "Come.\nSoon." || got.Messages[0].ByStudent {
			t.Errorf("%+v", got)
		}
		if got := w.mails(); got != "message_sent bob.stone@students.example, message_sent ada.low@students.example" {
			t.Error(got)
		}
		if n := w.Int(`SELECT COUNT(*) FROM contacts WHERE institution_id = $1 AND email_key = 'amara@northwind.example' AND source = $2`, elm, contact.SourceMessage); n != 1 {
			t.Errorf("%d contacts", n)
		}
		if n := w.Int(`SELECT COUNT(*) FROM audit_events WHERE institution_id = $1 AND action = 'message.sent' AND actor_id = $2`, elm, amara); n != 1 {
			t.Errorf("%d records", n)
		}
		if n := w.Int(`SELECT sent FROM message_days WHERE institution_id = $1 AND company_id = $2`, elm, co); n != 2 {
			t.Errorf("%d are counted", n)
		}
	})
}

func TestWriteRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada, shy := w.student(elm, "Ada", "Low", "Law", 2026, open), w.student(elm, "Shy", "One", "Law", 2026, student.Choice{})
		gone, far := w.student(elm, "Gone", "Two", "Law", 2026, open), w.student(oak, "Far", "Away", "Law", 2026, open)
		w.ok(w.students.Archive(ctx, staff(elm), gone.StudentID()))
		// The gate comes before every fault of the message.
		if _, err := w.students.Write(ctx, amara, student.Letter{InstitutionID: oak}); missing(err) != gate.Connection {
			t.Errorf("at another institution: %v", err)
		}
		if _, err := w.students.Write(ctx, amara, student.Letter{InstitutionID: 99}); paths(err) != "institution" {
			t.Errorf("at no institution: %v", err)
		}
		_, err := w.students.Write(ctx, amara, letter(elm, ada.StudentID(), shy.StudentID(), gone.StudentID(), far.StudentID(), 12345, -1))
		if got := paths(err); got != "students[1], students[2], students[3], students[4], students[5]" {
			t.Errorf("%s: %v", got, err)
		}
		// Nobody can tell from the answer which of the reasons it is.
		var f fault.Fields
		for errors.As(err, &f); len(f) > 1; f = f[1:] {
			if f[0].Message != f[1].Message {
				t.Errorf("%q, then %q", f[0].Message, f[1].Message)
			}
		}
		for _, c := range []struct {
			l    student.Letter
			want string
		}{
			{student.Letter{InstitutionID: elm}, "subject, body, students"},
			{student.Letter{InstitutionID: elm, Students: make([]int64, 51), Subject: "x", Body: "x"}, "students"},
			{student.Letter{InstitutionID: elm, Students: []int64{ada.StudentID()}, Subject: strings.Repeat("x", 201), Body: strings.Repeat("x", 10_001)}, "subject, body"},
		} {
			if _, err := w.students.Write(ctx, amara, c.l); paths(err) != c.want {
				t.Errorf("%s, want %s", paths(err), c.want)
			}
		}
		if n := w.Int(`SELECT COUNT(*) FROM threads`) + w.Int(`SELECT COUNT(*) FROM message_days`) + w.Int(`SELECT COUNT(*) FROM contacts`); n != 0 {
			t.Errorf("%d rows of what was refused", n)
		}
	})
}

func TestTwoHundredADayOnTheInstitutionsClock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE institutions SET timezone = 'America/New_York' WHERE id = $1`, elm)
			return err
		})
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		bea, _ := w.recruiter("Bea Bright", "bea@brightwater.example", "Brightwater", elm)
		ada, bob := w.student(elm, "Ada", "Low", "Law", 2026, open).StudentID(), w.student(elm, "Bob", "Stone", "Law", 2026, open).StudentID()
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO message_days (institution_id, company_id, day, sent) VALUES ($1, $2, '2026-11-23', 199)`, elm, co)
			return err
		})
		var limited fault.Limited
		// It is four in the morning there: twenty hours to midnight.
		if _, err := w.students.Write(ctx, amara, letter(elm, ada, bob)); !errors.As(err, &limited) || limited.After != 20*time.Hour {
			t.Fatalf("%v after %v", err, limited.After)
		}
		if n := w.Int(`SELECT COUNT(*) FROM threads`); n != 0 {
			t.Errorf("%d threads of a message that was refused", n)
		}
		must(w.students.Write(ctx, amara, letter(elm, ada)))
		if _, err := w.students.Write(ctx, amara, letter(elm, bob)); !errors.As(err, &limited) {
			t.Errorf("the 201st: %v", err)
		}
		must(w.students.Write(ctx, bea, letter(elm, bob)))
		w.now = w.now.Add(19 * time.Hour)
		if _, err := w.students.Write(ctx, amara, letter(elm, bob)); !errors.As(err, &limited) {
			t.Errorf("an hour before midnight: %v", err)
		}
		w.now = w.now.Add(time.Hour)
		must(w.students.Write(ctx, amara, letter(elm, ada, bob)))
	})
}

func TestTwoHundredADayHoldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		var file strings.Builder
		file.WriteString("email,first_name,last_name\n")
		for n := range 50 {
			fmt.Fprintf(&file, "s%d@elm.example,First,Last\n", n)
		}
		w.load(elm, file.String(), transfer.Options{})
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE students SET allows_at = 1`)
			return err
		})
		page, _, _, err := w.students.List(ctx, staff(elm), student.Query{Limit: 50})
		w.ok(err)
		var to []int64
		for _, s := range page {
			to = append(to, s.ID)
		}
		var all sync.WaitGroup
		sent, limited := make(chan int, 12), make(chan error, 12)
		for range 2 {
			all.Go(func() {
				for range 6 {
					begun, err := w.students.Write(ctx, amara, letter(elm, to[:40]...))
					if err != nil {
						limited <- err
					}
					sent <- len(begun)
				}
			})
		}
		all.Wait()
		close(sent)
		close(limited)
		n := 0
		for more := range sent {
			n += more
		}
		for err := range limited {
			if l := (fault.Limited{}); !errors.As(err, &l) {
				t.Error(err)
			}
		}
		if threads := w.Int(`SELECT COUNT(*) FROM threads`); n != 200 || threads != 200 || w.Int(`SELECT sent FROM message_days WHERE company_id = $1`, co) != 200 {
			t.Errorf("%d sent, %d threads", n, threads)
		}
	})
}

func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada, bob := w.student(elm, "Ada", "Low", "Law", 2026, open), w.student(elm, "Bob", "Stone", "Law", 2026, open)
		id := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
		unread := func(want string) {
			t.Helper()
			if got := fmt.Sprint(must(w.students.UnreadOfStudent(ctx, ada)), must(w.students.UnreadOfRecruiter(ctx, amara))); got != want {
				t.Errorf("unread %s, want %s", got, want)
			}
		}
		unread("1 0")
		// One mail until it is read, though the clock stands still.
		must(w.students.ReplyAsRecruiter(ctx, amara, id, "One more thing."))
		if got := w.mails(); got != "message_sent ada.low@students.example" {
			t.Error(got)
		}
		w.ok(w.students.MarkReadAsStudent(ctx, ada, id, time.Time{}))
		unread("0 0")
		must(w.students.ReplyAsRecruiter(ctx, amara, id, "And another."))
		unread("1 0")
		got := must(w.students.ReplyAsStudent(ctx, ada, id, "Tell me more."))
		unread("0 1")
		must(w.students.ReplyAsStudent(ctx, ada, id, "Please."))
		if got := w.mails(); got != "message_sent ada.low@students.example, message_sent ada.low@students.example, message_answered amara@northwind.example" {
			t.Error(got)
		}
		if !got.LastByStudent || got.Last != "Tell me more." || len(got.Messages) != 4 || !got.Messages[3].ByStudent {
			t.Errorf("%+v", got)
		}
		if got := must(w.students.ThreadForRecruiter(ctx, amara, id)); !got.Unread || !got.LastByStudent || got.Last != "Please." || len(got.Messages) != 5 {
			t.Errorf("%+v", got)
		}
		// Answers do not count towards the day.
		if n := w.Int(`SELECT sent FROM message_days WHERE company_id = $1`, co); n != 1 {
			t.Errorf("%d are counted", n)
		}
		carl, _ := w.recruiter("Carl Cold", "carl@quarry.example", "Quarry", elm)
		for what, err := range map[string]error{
			"another student reads":     second(w.students.ThreadForStudent(ctx, bob, id)),
			"another student answers":   second(w.students.ReplyAsStudent(ctx, bob, id, "x")),
			"another student marks":     w.students.MarkReadAsStudent(ctx, bob, id, time.Time{}),
			"another student reports":   w.students.ReportAsStudent(ctx, bob, id, "x"),
			"another student blocks":    w.students.Block(ctx, bob, id, true),
			"another recruiter reads":   second(w.students.ThreadForRecruiter(ctx, carl, id)),
			"another recruiter answers": second(w.students.ReplyAsRecruiter(ctx, carl, id, "x")),
			"another recruiter marks":   w.students.MarkReadAsRecruiter(ctx, carl, id, time.Time{}),
			"another recruiter reports": w.students.ReportAsRecruiter(ctx, carl, id, "x"),
		} {
			if !isNotFound(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, body := range []string{" \n", strings.Repeat("x", 10_001)} {
			if err := second(w.students.ReplyAsRecruiter(ctx, amara, id, body)); paths(err) != "body" {
				t.Error(err)
			}
		}
	})
}

func TestWhatComesWhileSomebodyReadsStaysUnread(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		id := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
		seen := must(w.students.ThreadForStudent(ctx, ada, id)).LastAt
		must(w.students.ReplyAsRecruiter(ctx, amara, id, "One more thing."))
		w.ok(w.students.MarkReadAsStudent(ctx, ada, id, seen))
		if got := must(w.students.ThreadForStudent(ctx, ada, id)); !got.Unread {
			t.Error("a message is read that nobody has seen")
		}
		if _, _, ok := w.letter(student.MessageSent); !ok {
			t.Error("nobody is told of it")
		}
		w.ok(w.students.MarkReadAsStudent(ctx, ada, id, seen.Add(time.Hour)), w.students.MarkReadAsStudent(ctx, ada, id, seen))
		if got := must(w.students.ThreadForStudent(ctx, ada, id)); got.Unread {
			t.Error("what was read is unread again")
		}
		must(w.students.ReplyAsRecruiter(ctx, amara, id, "And one."))
		if got := must(w.students.ThreadForStudent(ctx, ada, id)); !got.Unread {
			t.Error("a message is read before it was written")
		}
	})
}

func second[V any](_ V, err error) error { return err }

// Each thing that keeps a recruiter away closes the thread at once, for both, and opens it
// again when it is taken back.
func TestThreadsCloseAndOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, co := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		id := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
		recruiter, conflict, fine := "refused", "conflict", "open"
		answer := func(err error) string {
			switch {
			case err == nil:
				return fine
			case missing(err) != "":
				return recruiter
			case isConflict(err):
				return conflict
			}
			return err.Error()
		}
		allow := func(c student.Choice) error { return second(w.students.Allow(ctx, ada, c)) }
		for _, c := range []struct {
			what                           string
			do, undo                       error
			recruiter, student, why, tells string
		}{
			{what: "blocked by the institution", recruiter: recruiter, student: conflict,
				why: "Elm University has blocked your company: only its career centre can lift that.", tells: "Northwind may not recruit at Elm University at present."},
			{what: "declined", recruiter: recruiter, student: conflict,
				why: "Elm University has declined your company: you may ask again.", tells: "Northwind may not recruit at Elm University at present."},
			{what: "not allowed", recruiter: conflict, student: fine, why: "Ada L. does not take messages from you any more."},
			{what: "recruiter blocked", recruiter: conflict, student: conflict, why: "Ada L. does not take messages from you any more.", tells: "You have blocked Amara Okafor."},
			{what: "company blocked", recruiter: conflict, student: conflict, why: "Ada L. does not take messages from you any more.", tells: "You have blocked Northwind."},
			{what: "archived", recruiter: conflict, why: "Ada L. does not take messages from you any more."},
		} {
			do := map[string][2]func() error{
				"blocked by the institution": {func() error { return w.recruiting.Block(ctx, staff(elm), co, "") }, func() error {
					return errors.Join(w.recruiting.Unblock(ctx, staff(elm), co), w.recruiting.Approve(ctx, staff(elm), co))
				}},
				"declined":          {func() error { return w.recruiting.Decline(ctx, staff(elm), co, "") }, func() error { return w.recruiting.Approve(ctx, staff(elm), co) }},
				"not allowed":       {func() error { return allow(student.Choice{}) }, func() error { return allow(open) }},
				"recruiter blocked": {func() error { return w.students.Block(ctx, ada, id, false) }, func() error { return w.students.Unblock(ctx, ada, co, amara) }},
				"company blocked":   {func() error { return w.students.Block(ctx, ada, id, true) }, func() error { return w.students.Unblock(ctx, ada, co, 0) }},
				"archived": {func() error { return w.students.Archive(ctx, staff(elm), ada.StudentID()) },
					func() error { return w.students.Restore(ctx, staff(elm), ada.StudentID()) }},
			}[c.what]
			w.ok(do[0]())
			if got := answer(second(w.students.ReplyAsRecruiter(ctx, amara, id, "x"))); got != c.recruiter {
				t.Errorf("%s: the recruiter's answer is %s", c.what, got)
			}
			if got := must(w.students.ThreadForRecruiter(ctx, amara, id)); got.Open || got.ClosedWhy != c.why || got.Student.Major != "" {
				t.Errorf("%s: %v %q %+v", c.what, got.Open, got.ClosedWhy, got.Student)
			}
			if c.student != "" {
				if got := must(w.students.ThreadForStudent(ctx, ada, id)); got.Open != (c.student == fine) || got.ClosedWhy != c.tells {
					t.Errorf("%s: the student is told %q", c.what, got.ClosedWhy)
				}
				if got := answer(second(w.students.ReplyAsStudent(ctx, ada, id, "x"))); got != c.student {
					t.Errorf("%s: the student's answer is %s", c.what, got)
				}
			}
			if err := second(w.students.Write(ctx, amara, letter(elm, ada.StudentID()))); err == nil {
				t.Errorf("%s: a new message goes", c.what)
			}
			w.ok(do[1]())
			if got := answer(second(w.students.ReplyAsRecruiter(ctx, amara, id, "x"))); got != fine {
				t.Errorf("%s taken back: %s", c.what, got)
			}
		}
	})
}

func TestThreadsStayWithTheCompany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		bea, brightwater := w.recruiter("Bea Bright", "bea@brightwater.example", "Brightwater", elm)
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		id := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))[0].ID
		w.ok(w.students.Block(ctx, ada, id, false))
		w.ok(w.companies.Leave(ctx, amara))
		if err := second(w.students.ReplyAsRecruiter(ctx, amara, id, "x")); missing(err) != gate.Membership {
			t.Errorf("an answer without a company: %v", err)
		}
		w.ok(second(w.companies.AddMember(ctx, operator, amara, brightwater, "recruiter")))
		if err := second(w.students.ThreadForRecruiter(ctx, amara, id)); !isNotFound(err) {
			t.Errorf("a thread of the company before: %v", err)
		}
		if err := second(w.students.ReplyAsRecruiter(ctx, amara, id, "x")); !isNotFound(err) {
			t.Errorf("an answer for the company before: %v", err)
		}
		if got := must(w.students.ThreadForStudent(ctx, ada, id)); got.ClosedWhy != "You have blocked Amara Okafor." {
			t.Errorf("%q", got.ClosedWhy)
		}
		// The block goes along with the person.
		if got := w.found(amara, elm, "") + w.found(bea, elm, ""); got != "Ada L." {
			t.Errorf("found: %q", got)
		}
		blocks, _, _, err := w.students.Blocks(ctx, ada, student.BlockQuery{Limit: 10})
		w.ok(err)
		if len(blocks) != 1 || blocks[0].Recruiter != "Amara Okafor" || blocks[0].Company != "Northwind" || !blocks[0].At.Equal(w.now) {
			t.Errorf("%+v", blocks)
		}
		w.ok(w.students.Unblock(ctx, ada, blocks[0].CompanyID, blocks[0].UserID))
		if got := must(w.students.ThreadForStudent(ctx, ada, id)); got.ClosedWhy != "Amara Okafor does not recruit for Northwind any more." {
			t.Errorf("%q", got.ClosedWhy)
		}
		if err := w.students.Unblock(ctx, ada, blocks[0].CompanyID, blocks[0].UserID); !isNotFound(err) {
			t.Errorf("unblocked twice: %v", err)
		}
	})
}

func TestBlocksAreListedByPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		ada := w.student(elm, "Ada", "Low", "Law", 2026, open)
		for _, name := range []string{"Northwind", "Brightwater", "Über"} {
			user, _ := w.recruiter("Robin Reed", "robin@"+strings.ToLower(name)+".example", name, elm)
			id := must(w.students.Write(ctx, user, letter(elm, ada.StudentID())))[0].ID
			w.ok(w.students.Block(ctx, ada, id, true)) // all in the same moment
		}
		read := func(q student.BlockQuery) (names string, next student.BlockPlace) {
			page, next, total, err := w.students.Blocks(ctx, ada, q)
			w.ok(err)
			for _, b := range page {
				names += b.Company + " "
			}
			return fmt.Sprintf("%sof %d", names, total), next
		}
		got, next := read(student.BlockQuery{Limit: 2})
		rest, end := read(student.BlockQuery{Limit: 2, After: next})
		if got != "Northwind Brightwater of 3" || rest != "Über of 3" || end != (student.BlockPlace{}) {
			t.Errorf("%s, then %s, then %v", got, rest, end)
		}
		if got, _ := read(student.BlockQuery{Q: "uber", Limit: 2}); got != "Über of 1" {
			t.Error(got)
		}
		if _, _, _, err := w.students.Blocks(ctx, staff(elm), student.BlockQuery{Limit: 2}); err == nil {
			t.Error("staff read whom a student has blocked")
		}
	})
}

func TestThreadLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm, oak := w.Institution("Elm University"), w.Institution("Oak College")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm, oak)
		bea, _ := w.recruiter("Bea Bright", "bea@brightwater.example", "Brightwater", elm)
		ada, bob, cyd := w.student(elm, "Ada", "Low", "Law", 2026, open), w.student(elm, "Bob", "Stone", "Law", 2026, open), w.student(oak, "Cyd", "Far", "Law", 2026, open)
		write := func(user, at int64, subject string, to institution.Scope) int64 {
			w.now = w.now.Add(time.Minute)
			return must(w.students.Write(ctx, user, student.Letter{InstitutionID: at, Students: []int64{to.StudentID()}, Subject: subject, Body: "x"}))[0].ID
		}
		first := write(amara, elm, "Brücken", ada)
		write(amara, elm, "Tunnels", bob)
		write(amara, oak, "Roads", cyd)
		write(bea, elm, "Rivers", ada)
		w.now = w.now.Add(time.Minute)
		must(w.students.ReplyAsStudent(ctx, ada, first, "Yes?"))
		list := func(of func(student.ThreadQuery) ([]student.Thread, student.Latest, int, error), q student.ThreadQuery) string {
			t.Helper()
			var subjects []string
			for q.Limit = 1; ; {
				page, next, total, err := of(q)
				w.ok(err)
				for _, x := range page {
					if len(x.Messages) == 0 {
						t.Errorf("%s has no messages", x.Subject)
					}
					subjects = append(subjects, x.Subject)
				}
				if q.After = next; next == (student.Latest{}) {
					if total != len(subjects) {
						t.Errorf("total %d of %v", total, subjects)
					}
					return strings.Join(subjects, " ")
				}
			}
		}
		ofAmara := func(q student.ThreadQuery) ([]student.Thread, student.Latest, int, error) {
			return w.students.ThreadsOfRecruiter(ctx, amara, q)
		}
		ofAda := func(q student.ThreadQuery) ([]student.Thread, student.Latest, int, error) {
			return w.students.ThreadsOfStudent(ctx, ada, q)
		}
		for _, c := range []struct {
			who  string
			got  string
			want string
		}{
			{"amara", list(ofAmara, student.ThreadQuery{}), "Brücken Roads Tunnels"},
			{"amara at elm", list(ofAmara, student.ThreadQuery{InstitutionID: elm}), "Brücken Tunnels"},
			{"amara unread", list(ofAmara, student.ThreadQuery{Unread: true}), "Brücken"},
			{"amara, subject", list(ofAmara, student.ThreadQuery{Q: "BRUCK"}), "Brücken"},
			{"amara, name", list(ofAmara, student.ThreadQuery{Q: "bob s"}), "Tunnels"},
			{"amara, hidden name", list(ofAmara, student.ThreadQuery{Q: "stone"}), ""},
			{"ada", list(ofAda, student.ThreadQuery{}), "Brücken Rivers"},
			{"ada, company", list(ofAda, student.ThreadQuery{Q: "brightwater"}), "Rivers"},
			{"ada unread", list(ofAda, student.ThreadQuery{Unread: true}), "Rivers"},
		} {
			if c.got != c.want {
				t.Errorf("%s: %s, want %s", c.who, c.got, c.want)
			}
		}
	})
}

// All that a recruiter can get hold of holds nothing that the student does not show.
func TestNothingOfAStudentLeaks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elm := w.Institution("Elm University")
		amara, _ := w.recruiter("Amara Okafor", "amara@northwind.example", "Northwind", elm)
		ada := w.student(elm, "Ada", "Lindqvist", "Thermodynamics", 2031, student.Choice{Allows: true, About: "Likes bridges"})
		begun := must(w.students.Write(ctx, amara, letter(elm, ada.StudentID())))
		id := begun[0].ID
		all := []any{begun, must(w.students.ReplyAsRecruiter(ctx, amara, id, "Well?")), w.seen(amara, elm)}
		must(w.students.ReplyAsStudent(ctx, ada, id, "Yes."))
		collect := func() {
			page, next, _, err := w.students.ThreadsOfRecruiter(ctx, amara, student.ThreadQuery{Limit: 5})
			w.ok(err)
			subject, l, _ := w.letter(student.MessageAnswered)
			all = append(all, page, next, must(w.students.ThreadForRecruiter(ctx, amara, id)), subject, l, l.RenderText())
		}
		collect()
		found, next, _, err := w.students.Find(ctx, amara, elm, student.FindQuery{Limit: 5})
		w.ok(err)
		to, _, err := w.students.Recipients(ctx, amara, elm, []int64{ada.StudentID()})
		w.ok(err, w.students.Block(ctx, ada, id, true))
		all = append(all, found, next, to)
		collect()
		if err := second(w.students.ReplyAsRecruiter(ctx, amara, id, "x")); err != nil {
			all = append(all, err.Error())
		}
		if err := second(w.students.Write(ctx, amara, letter(elm, ada.StudentID()))); err != nil {
			all = append(all, err.Error())
		}
		text, err := json.Marshal(all)
		w.ok(err)
		folded := strings.ToLower(string(text))
		if !strings.Contains(folded, "ada") || !strings.Contains(folded, "likes bridges") {
			t.Fatalf("nothing to look at: %s", folded)
		}
		for _, hidden := range []string{"lindqvist", "students.example", "thermo", "2031", "x-lind"} {
			if strings.Contains(folded, hidden) {
				t.Errorf("%s is in %s", hidden, folded)
			}
		}
	})
}
