package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"beckon/internal/act"
	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

func TestImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		first := h.run(h.scope, "\xef\xbb\xbfE-Mail;First Name;Last Name;Employer;Labels;Archive;E-mail 2\r\n"+
			"Ada@One.example;Ada;Löwe;\"One; Two\";Fair; ;ada@home.example\r\n"+
			"\r\n"+
			"bob@one.example;Bob;;One;;TRUE\r\n"+
			"ADA@one.example;Again;Löwe\r\n"+
			"cyd@one.example;Cyd;Two;One;fair;TRUE\r\n", Options{Labels: []string{" Board 2026 "}})
		h.want(first, "done: 4 rows, 2 created, 0 updated, 0 unchanged, 2 rejected")
		if got := faults(first); got != "4 last_name, 5 email" {
			t.Error(got)
		}
		if first.Done != first.Total || first.Total != first.Size || first.Finished.IsZero() || first.Actor != h.scope.Actor() {
			t.Errorf("%+v", first)
		}
		if got, want := h.people(h.scope), "ada@one.example|Ada|Löwe||One; Two|||||||||ada@home.example||\n"+
			"cyd@one.example|Cyd|Two||One||||||||||"+"|archived\n"; got != want {
			t.Errorf("%q\n%q", got, want)
		}
		labelled := `SELECT COUNT(*) FROM contact_labels x JOIN labels l ON l.id = x.label_id WHERE l.institution_id = 1 AND l.name = $1`
		if fair, board := h.count(labelled, "Fair"), h.count(labelled, "Board 2026"); fair != 2 || board != 2 {
			t.Errorf("%d at the fair, %d on the board", fair, board)
		}

		second := h.run(h.scope, "email,first_name,last_name,title,archive\nada@one.example,Ada,Löwe,,\ncyd@one.example,Cyd,Two,Lead,FALSE\n", Options{})
		h.want(second, "done: 2 rows, 0 created, 1 updated, 1 unchanged, 0 rejected")
		if got := h.people(h.scope); !strings.Contains(got, "cyd@one.example|Cyd|Two|Lead|One|||||||||||\n") {
			t.Error(got)
		}
		for _, table := range []string{"import_pieces", "import_seen"} {
			if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'contact.imported' AND institution_id = 1`); n != 2 {
			t.Errorf("%d audit events", n)
		}
	})
}

// What a dry run counts is what the run then does, and until then nothing is written.
func TestDryRunEqualsRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.run(h.scope, "email,first_name,last_name\nperson0@firm.example,First 0,Person 0\nperson1@firm.example,Old,Person 1\n", Options{})
		before := h.people(h.scope)
		i := h.upload(h.scope, file(2500), Options{})
		if i.State != act.Waiting || !i.DryRun {
			t.Fatalf("%+v", i)
		}
		h.drain()
		h.want(h.get(h.scope, i.ID), "waiting: 0 rows, 0 created, 0 updated, 0 unchanged, 0 rejected")
		var runs [3]Import
		for n := range runs {
			if err := h.imports.Start(h.ctx, h.scope, i.ID, n < 2); err != nil {
				t.Fatal(err)
			}
			if n == 2 && h.people(h.scope) != before {
				t.Error("a dry run has written")
			}
			h.drain()
			runs[n] = h.get(h.scope, i.ID)
			h.want(runs[n], "done: 2500 rows, 1998 created, 2 updated, 0 unchanged, 500 rejected")
			if len(runs[n].Errors) != 100 || faults(runs[n]) != faults(runs[0]) {
				t.Error(faults(runs[n]))
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM contacts`); n != 2000 {
			t.Errorf("%d contacts", n)
		}
		if err := h.imports.Start(h.ctx, h.scope, i.ID, false); !isConflict(err) {
			t.Errorf("a second run: %v", err)
		}
	})
}

func isConflict(err error) bool {
	var c fault.Conflict
	return errors.As(err, &c)
}

// breaker makes workers that break at a chosen point.
type breaker struct {
	act.Worker
	before, within func() error
}

func (b breaker) Prepare(ctx context.Context) error {
	if err := b.before(); err != nil {
		return err
	}
	return b.Worker.Prepare(ctx)
}

func (b breaker) Step(ctx context.Context, tx *db.Tx, a *act.Act) (bool, error) {
	last, err := b.Worker.Step(ctx, tx, a)
	return last, errors.Join(err, b.within())
}

// A dry run and a run that break at any point, between two chunks or in a chunk that is
// written but not committed, end as ones that never broke.
func TestImportGoesOnWhereItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		text := file(6500)
		whole := h.run(h.other, text, Options{})
		h.slowly()
		i := h.upload(h.scope, text, Options{})
		for _, dryRun := range []bool{true, false} {
			if err := h.imports.Start(h.ctx, h.scope, i.ID, dryRun); err != nil {
				t.Fatal(err)
			}
			h.breakOften(i.ID)
			got := h.get(h.scope, i.ID)
			h.want(got, counts(whole))
			if faults(got) != faults(whole) {
				t.Error(faults(got))
			}
		}
		if h.people(h.scope) != h.people(h.other) {
			t.Error("not the same as in one go")
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'contact.imported' AND institution_id = 1`); n != 1 {
			t.Errorf("%d audit events", n)
		}
	})
}

// breakOften runs an import to its end with runners that break, each at another point.
func (h *house) breakOften(id int64) {
	for at := 0; h.get(h.scope, id).State != act.Done; at++ {
		if at > 40 {
			h.Fatal("does not come to its end")
		}
		h.now = h.now.Add(time.Hour)
		ctx, cancel := context.WithCancel(h.ctx)
		n, r := 0, h.runner()
		before := func() error {
			if n++; n == at%4+1 && at%2 == 0 {
				cancel()
			}
			return nil
		}
		within := func() error {
			if n == at%4+1 && at%2 == 1 {
				cancel()
				return errors.New("the power is gone")
			}
			return nil
		}
		r.Kinds[Kind] = func(ctx context.Context, a act.Act) (act.Worker, error) {
			w, err := h.imports.Open(ctx, a)
			return breaker{w, before, within}, err
		}
		_ = r.Drain(ctx) // broken on purpose
		cancel()
	}
}

func TestTwoImportsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		text := file(3000)
		a := h.upload(h.scope, text, Options{Confirm: true})
		b := h.upload(h.scope, text, Options{Confirm: true})
		done := make(chan error)
		for range 2 {
			go func() { done <- h.runner().Drain(h.ctx) }()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		a, b = h.get(h.scope, a.ID), h.get(h.scope, b.ID)
		if a.State != act.Done || b.State != act.Done || a.Created+b.Created != 2400 || a.Unchanged+b.Unchanged != 2400 || a.Rejected != 600 || b.Rejected != 600 {
			t.Errorf("%s and %s", counts(a), counts(b))
		}
	})
}

func TestRefusedFilesLeaveNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for name, c := range map[string]struct {
			file   string
			reason Reason
		}{
			"picture":          {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00", NoText},
			"empty":            {"", Empty},
			"no address":       {"name,town\nAda,Ort\n", NoAddressColumn},
			"same header":      {"email,first_name,first_name,last_name\na@one.example,A,B,C\n", SameHeader},
			"blank and commas": {",,\n,,\n", Empty},
		} {
			i, err := h.imports.Upload(h.ctx, h.scope, "x.csv", strings.NewReader(c.file), Options{Confirm: true})
			var refusal *Refusal
			if !errors.As(err, &refusal) || refusal.Reason != c.reason {
				t.Errorf("%s: %v", name, err)
			}
			if i.ID != 0 || (c.reason == NoAddressColumn) != (len(i.Format.Columns) == 2) {
				t.Errorf("%s: %+v", name, i)
			}
		}
		h.imports.MaxSize = 600_000
		large := file(20_000)
		_, err := h.imports.Upload(h.ctx, h.scope, "x.csv", strings.NewReader(large), Options{Confirm: true})
		var fields fault.Fields
		if !errors.As(err, &fields) || fields[0].Path != "file" {
			t.Errorf("too large: %v", err)
		}
		gone := io.MultiReader(strings.NewReader(large[:500_000]), broken{})
		if _, err := h.imports.Upload(h.ctx, h.scope, "x.csv", gone, Options{Confirm: true}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("broken off: %v", err)
		}
		_, err = h.imports.Upload(h.ctx, h.scope, "x.csv", strings.NewReader("email\n"), Options{Labels: []string{strings.Repeat("x", 400)}})
		if !errors.As(err, &fields) || fields[0].Path != "label" {
			t.Errorf("a long label: %v", err)
		}
		h.nothingKept()
		h.want(h.run(h.scope, "email,first_name,last_name\n", Options{}), "done: 0 rows, 0 created, 0 updated, 0 unchanged, 0 rejected")
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestCorrect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		i := h.upload(h.scope, "email,first_name,last_name,Given\na@one.example,,One,Zo\xc3\xab\n", Options{Labels: []string{"A"}})
		if i.Format.Encoding != UTF8 || i.Format.Sample[0][3] != "Zoë" {
			t.Errorf("%+v", i.Format)
		}
		if err := h.imports.Start(h.ctx, h.scope, i.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, err := h.imports.Correct(h.ctx, h.scope, i.ID, Format{}, nil); !isConflict(err) {
			t.Errorf("while it is queued: %v", err)
		}
		h.drain()
		h.want(h.get(h.scope, i.ID), "done: 1 rows, 0 created, 0 updated, 0 unchanged, 1 rejected")

		want := Format{Encoding: Windows1252, Columns: []Column{{Header: "Given", Field: "first_name"}, {Header: "first_name"}}}
		i, err := h.imports.Correct(h.ctx, h.scope, i.ID, want, []string{"B"})
		if err != nil {
			t.Fatal(err)
		}
		if i.State != act.Waiting || i.Rejected != 0 || i.Errors != nil || i.Format.Sample[0][3] != "ZoÃ«" || i.Labels[0] != "B" {
			t.Errorf("%+v", i)
		}
		_, err = h.imports.Correct(h.ctx, h.scope, i.ID, Format{Columns: []Column{{Header: "email"}}}, nil)
		var refusal *Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("without an address column: %v", err)
		}
		if err := h.imports.Start(h.ctx, h.scope, i.ID, false); err != nil {
			t.Fatal(err)
		}
		h.drain()
		h.want(h.get(h.scope, i.ID), "done: 1 rows, 1 created, 0 updated, 0 unchanged, 0 rejected")
		if got := h.people(h.scope); !strings.HasPrefix(got, "a@one.example|ZoÃ«|One|") {
			t.Error(got)
		}
	})
}

func TestStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.slowly()
		i := h.upload(h.scope, file(3000), Options{Confirm: true})
		n, r := 0, h.runner()
		r.Kinds[Kind] = func(ctx context.Context, a act.Act) (act.Worker, error) {
			w, err := h.imports.Open(ctx, a)
			return breaker{w, func() error {
				if n++; n == 3 { // the first step clears what an earlier dry run might have left
					return h.imports.Stop(h.ctx, h.scope, i.ID)
				}
				return nil
			}, func() error { return nil }}, err
		}
		if err := r.Drain(h.ctx); err != nil {
			t.Fatal(err)
		}
		h.want(h.get(h.scope, i.ID), "stopped: 1000 rows, 800 created, 0 updated, 0 unchanged, 200 rejected")
		if n := h.count(`SELECT COUNT(*) FROM contacts`); n != 800 {
			t.Errorf("%d contacts", n)
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'contact.imported' AND detail LIKE '%"stopped":true%' AND list IS NOT NULL`); n != 1 {
			t.Errorf("%d audit events", n)
		}
		if err := h.imports.Stop(h.ctx, h.scope, i.ID); !isConflict(err) {
			t.Errorf("twice: %v", err)
		}
		if err := h.imports.Sweep(h.ctx); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT (SELECT COUNT(*) FROM import_pieces) + (SELECT COUNT(*) FROM import_seen)`); n != 0 {
			t.Errorf("%d rows left", n)
		}
	})
}

func TestSweepRemovesWhatNobodyConfirmed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		i := h.upload(h.scope, file(20_000), Options{})
		dry := h.run(h.scope, file(10), Options{DryRun: true})
		sweep := func() {
			t.Helper()
			if err := h.imports.Sweep(h.ctx); err != nil {
				t.Fatal(err)
			}
		}
		sweep()
		if _, total, err := h.imports.List(h.ctx, h.scope, 0, 10); err != nil || total != 2 {
			t.Fatalf("%d, %v", total, err)
		}
		h.now = h.now.Add(25 * time.Hour)
		sweep()
		if _, err := h.imports.Get(h.ctx, h.scope, i.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("after a day: %v", err)
		}
		if n := h.count(`SELECT COUNT(*) FROM import_pieces`); n != 0 {
			t.Errorf("%d pieces left", n)
		}
		h.want(h.get(h.scope, dry.ID), "done: 10 rows, 8 created, 0 updated, 0 unchanged, 2 rejected")
		if err := h.imports.Start(h.ctx, h.scope, dry.ID, false); !isConflict(err) {
			t.Errorf("its file is gone: %v", err)
		}
	})
}

func TestImportsAreOfOneInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		i := h.upload(h.scope, file(10), Options{})
		reader := institution.Token(1, 9, "reads", nil)
		_, get := h.imports.Get(h.ctx, h.other, i.ID)
		_, correct := h.imports.Correct(h.ctx, h.other, i.ID, Format{}, nil)
		for what, err := range map[string]error{
			"get": get, "correct": correct,
			"start":    h.imports.Start(h.ctx, h.other, i.ID, false),
			"stop":     h.imports.Stop(h.ctx, h.other, i.ID),
			"rejected": h.imports.WriteRejected(h.ctx, h.other, i.ID, io.Discard),
		} {
			if !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s elsewhere: %v", what, err)
			}
		}
		_, upload := h.imports.Upload(h.ctx, reader, "x", strings.NewReader("email\n"), Options{})
		_, correct = h.imports.Correct(h.ctx, reader, i.ID, Format{}, nil)
		for what, err := range map[string]error{
			"upload": upload, "correct": correct,
			"start": h.imports.Start(h.ctx, reader, i.ID, false),
			"stop":  h.imports.Stop(h.ctx, reader, i.ID),
		} {
			if !errors.As(err, &fault.Forbidden{}) {
				t.Errorf("%s by a reader: %v", what, err)
			}
		}
		if _, total, err := h.imports.List(h.ctx, h.other, 0, 10); err != nil || total != 0 {
			t.Errorf("list elsewhere: %d, %v", total, err)
		}
		if h.get(reader, i.ID).State != act.Waiting {
			t.Error("started or stopped from elsewhere")
		}
	})
}

func TestListOfImports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for range 5 {
			h.upload(h.scope, file(1), Options{})
		}
		var ids []int64
		for before := int64(0); ; {
			page, total, err := h.imports.List(h.ctx, h.scope, before, 2)
			if err != nil || total != 5 {
				t.Fatal(total, err)
			}
			for _, i := range page {
				ids = append(ids, i.ID)
				before = i.ID
			}
			if len(page) < 2 {
				break
			}
		}
		if got := fmt.Sprint(ids); got != "[5 4 3 2 1]" {
			t.Error(got)
		}
	})
}

// All rejected rows come out, as many as there are, and can be corrected and imported.
func TestWriteRejected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var b strings.Builder
		b.WriteString("Mail;First Name;Last Name\n")
		for n := range 1500 {
			fmt.Fprintf(&b, "p%d@one.example;\"=1;\"\"\n%d\";\n", n, n)
		}
		i := h.run(h.scope, b.String(), Options{})
		h.want(i, "done: 1500 rows, 0 created, 0 updated, 0 unchanged, 1500 rejected")
		var out strings.Builder
		if err := h.imports.WriteRejected(h.ctx, h.scope, i.ID, &out); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), "\ufeffMail,First Name,Last Name,reason\np0@one.example,\"=1;\"\"\n0\",,last_name is missing; it is required\n") {
			t.Errorf("%.200q", out.String())
		}
		corrected := strings.ReplaceAll(out.String(), ",,last_name is", ",Mended,last_name is")
		h.want(h.run(h.scope, corrected, Options{}), "done: 1500 rows, 1500 created, 0 updated, 0 unchanged, 0 rejected")
	})
}

// Every shape of file that the reader knows goes the whole way, and twice: the second time
// nothing changes.
func TestShapesImported(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for n, s := range shapes {
			scope := h.institution(int64(10 + n))
			good, bad := 0, 0
			for _, row := range s.rows {
				if strings.Contains(row, " faults ") {
					bad++
				} else {
					good++
				}
			}
			first := h.run(scope, string(s.file), Options{})
			if want := fmt.Sprintf("done: %d rows, %d created, 0 updated, 0 unchanged, %d rejected", good+bad, good, bad); counts(first) != want {
				t.Errorf("%s: %s; want %s", s.name, counts(first), want)
			}
			again := h.run(scope, string(s.file), Options{})
			if want := fmt.Sprintf("done: %d rows, 0 created, 0 updated, %d unchanged, %d rejected", good+bad, good, bad); counts(again) != want {
				t.Errorf("%s: again %s; want %s", s.name, counts(again), want)
			}
			for _, row := range s.rows {
				if cells := strings.Split(row, "|"); len(cells) > 3 && !strings.Contains(h.people(scope), strings.Join(cells[1:4], "|")) {
					t.Errorf("%s: %q is not in %q", s.name, row, h.people(scope))
				}
			}
		}
	})
}

func TestMessyFileImported(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		messy, err := os.ReadFile("testdata/messy.csv")
		if err != nil {
			t.Fatal(err)
		}
		i := h.run(h.scope, string(messy), Options{})
		h.want(i, "done: 27 rows, 12 created, 0 updated, 0 unchanged, 15 rejected")
		if got, want := faults(i), "7 email, 8 email, 9 email, 10 email, 11 email, 13 email, 14 email, 15 email, 16 email, 17 first_name, "+
			"18 last_name, 23 email, 26 row, 27 email, 31 first_name"; got != want {
			t.Errorf("%s\n%s", got, want)
		}
	})
}
