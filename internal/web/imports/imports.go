// Package imports holds the pages on which contacts and students come in from files: upload,
// look at how the file is read and what will happen, run, and what became of it.
package imports

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"beckon/internal/act"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// perPage is how many imports the list shows.
const perPage = 50

// Pages are the pages of this package about one subject.
type Pages struct {
	// Subject is what the files hold: Contacts or Students.
	Subject Subject
	Imports *transfer.Imports
	// Book has the labels that are offered; nil for subjects without any.
	Book *contact.Book
	Now  func() time.Time
	// Wake tells the workers that there is an import to do; nil where they look by themselves.
	Wake func()
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	at := "/at/{slug}" + p.Subject.Base
	mux.HandleFunc("GET "+at, p.list)
	mux.HandleFunc("GET "+at+"/new", p.askFile)
	mux.HandleFunc("POST "+at+"/new", p.upload)
	mux.HandleFunc("GET "+at+"/{id}", p.show)
	mux.HandleFunc("POST "+at+"/{id}", p.correct)
	mux.HandleFunc("POST "+at+"/{id}/run", p.run)
	mux.HandleFunc("POST "+at+"/{id}/stop", p.stop)
	mux.HandleFunc("GET "+at+"/{id}/rejected.csv", p.rejected)
}

// view is the page of one import.
type view struct {
	visit.Desk
	Subject
	transfer.Import
	Labels []string
	// Typed is how the file should be read after a form that comes back; nil before.
	Typed *reading
	web.Trouble
	now time.Time
}

func (v view) url(path string) string { return v.URL(v.Base + "/" + db.FormatID(v.ID) + path) }

// open tells whether the workers are still at it.
func (v view) open() bool { return v.State == act.Queued || v.State == act.Running }

// good are the rows that an import takes.
func (v view) good() int { return int(v.Created + v.Updated + v.Unchanged) }

func (p *Pages) wake() {
	if p.Wake != nil {
		p.Wake()
	}
}

// ofPath is the import of the address.
func (p *Pages) ofPath(r *http.Request, d visit.Desk) (transfer.Import, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return transfer.Import{}, fault.NotFound("import")
	}
	return p.Imports.Get(r.Context(), d.Scope, id)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	i, err := p.ofPath(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v := view{Desk: d, Subject: p.Subject, Import: i, now: p.Now()}
	switch {
	case !web.Partial(r):
		p.render(w, r, http.StatusOK, v)
	case v.open():
		web.Render(w, r, http.StatusOK, progressCard(v))
	default:
		// The page around the card has something else to show now.
		w.Header().Set("HX-Refresh", "true")
		w.WriteHeader(http.StatusNoContent)
	}
}

// render shows an import: how it is read while nothing is written, otherwise what became of it.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	var err error
	if v.Labels, err = p.labels(r.Context(), v.Desk); err != nil {
		web.Fail(w, r, err)
		return
	}
	v.now = p.Now()
	v.Shell = v.Page(v.Section, "Import "+v.Filename)
	if v.DryRun {
		web.Render(w, r, status, checkPage(v))
		return
	}
	web.Render(w, r, status, resultPage(v))
}

// labels are the names that are offered.
func (p *Pages) labels(ctx context.Context, d visit.Desk) (names []string, err error) {
	if !p.Subject.Labelled {
		return nil, nil
	}
	all, err := p.Book.Labels(ctx, d.Scope)
	for _, l := range all {
		if !l.Archived {
			names = append(names, l.Name)
		}
	}
	return names, err
}

// correct changes how a file is read and counts anew what would happen.
func (p *Pages) correct(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, d visit.Desk, i transfer.Import) (string, error) {
		said, err := readReading(r)
		if err == nil {
			_, err = p.Imports.Correct(ctx, d.Scope, i.ID, said.Format, said.labels())
		}
		if err == nil {
			err = p.Imports.Start(ctx, d.Scope, i.ID, true)
		}
		return "", err
	})
}

// run imports what was shown. Where the form says something else than what was counted, it
// is counted anew first.
func (p *Pages) run(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, d visit.Desk, i transfer.Import) (string, error) {
		said, err := readReading(r)
		if err != nil {
			return "", err
		}
		if said.same(i) {
			return "", p.Imports.Start(ctx, d.Scope, i.ID, false)
		}
		if _, err = p.Imports.Correct(ctx, d.Scope, i.ID, said.Format, said.labels()); err == nil {
			err = p.Imports.Start(ctx, d.Scope, i.ID, true)
		}
		return "You changed how the file is read. Look at the new numbers, then import.", err
	})
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, d visit.Desk, i transfer.Import) (string, error) {
		return "It stops after the rows that it is at. What is in stays.", p.Imports.Stop(ctx, d.Scope, i.ID)
	})
}

// act does something to the import of the address and leads back to its page, with a
// message if there is one to say.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, do func(context.Context, visit.Desk, transfer.Import) (string, error)) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	i, err := p.ofPath(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	text, err := do(r.Context(), d, i)
	if err != nil {
		p.again(w, r, view{Desk: d, Subject: p.Subject, Import: i}, err)
		return
	}
	p.wake()
	if text != "" {
		web.SetFlash(w, r, components.Flash{Kind: "wait", Text: text})
	}
	web.Redirect(w, r, d.URL(p.Subject.Base+"/"+db.FormatID(i.ID)))
}

// again shows an import with what is wrong with an act on it, and what was typed.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, v view, err error) {
	t, ok := explain(w, err)
	if !ok {
		web.Fail(w, r, err)
		return
	}
	v.Trouble = t
	if said, err := readReading(r); err == nil && len(said.Format.Columns) > 0 {
		v.Typed = &said
	}
	p.render(w, r, t.Status, v)
}

// explain is web.ExplainForm with the refusal of a file.
func explain(w http.ResponseWriter, err error) (web.Trouble, bool) {
	var refused *transfer.Refusal
	if errors.As(err, &refused) {
		return web.Trouble{Status: http.StatusUnprocessableEntity, Note: refused.Message, Help: "/help/importing"}, true
	}
	return web.ExplainForm(w, err, map[string]string{
		"file": "The file", "label": "A label", "encoding": "Characters", "separator": "Separator", "header_row": "Header row", "columns": "A column",
	})
}

// rejected sends the rejected rows as a file that can be corrected and imported.
func (p *Pages) rejected(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	i, err := p.ofPath(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="import-`+db.FormatID(i.ID)+`.rejected.csv"`)
	h.Set("Cache-Control", "private, no-store")
	if err := p.Imports.WriteRejected(r.Context(), d.Scope, i.ID, w); err != nil {
		panic(http.ErrAbortHandler) // the browser sees that the file is not complete
	}
}

// listView is the list of past imports.
type listView struct {
	visit.Desk
	Subject
	Imports []transfer.Import
	Total   int
	// Older is the address of the page with older ones, "" at the end.
	Older string
	// First is the address of the first page, "" there.
	First string
	now   time.Time
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	before, _ := db.ParseID(r.URL.Query().Get("before"))
	v := listView{Desk: d, Subject: p.Subject, now: p.Now()}
	var err error
	if v.Imports, v.Total, err = p.Imports.List(r.Context(), d.Scope, before, perPage+1); err != nil {
		web.Fail(w, r, err)
		return
	}
	if before != 0 {
		v.First = d.URL(v.Base)
	}
	if len(v.Imports) > perPage {
		v.Imports = v.Imports[:perPage]
		v.Older = d.URL(v.Base + "?before=" + db.FormatID(v.Imports[perPage-1].ID))
	}
	v.Shell = d.Page(v.Section, "Imports")
	web.Render(w, r, http.StatusOK, listPage(v))
}

// progress is the import as its card shows it: rows counted, bytes of the file done.
func (v view) progress() components.Progress {
	pr := components.Progress{ID: "import-progress", Label: "Importing", Done: int(v.Done), Total: int(v.Total), Poll: v.url("")}
	if v.DryRun {
		pr.Label = "Checking"
	}
	pr.Text = components.Count(int(v.Rows), "row", "rows")
	if share := components.Percent(int(v.Done), int(v.Total)); share != "" {
		pr.Text += ", " + share
	}
	if since := v.now.Sub(v.Began).Seconds(); !v.Began.IsZero() && since > 0 {
		pr.Rate = components.Sentence(components.PerSecond(float64(v.Rows)/since), components.Left(int(v.Total-v.Done), float64(v.Done)/since))
	}
	return pr
}

// parts are the rows of the file by what happens to them.
func (v view) parts() []components.Part {
	words := [4]string{"added", "changed", "stayed as they were", "could not be taken"}
	if v.DryRun {
		words = [4]string{"new " + v.Many, "change", "stay as they are", "cannot be taken"}
	}
	parts := []components.Part{
		{N: int(v.Created), Tone: "good", Name: words[0]},
		{N: int(v.Updated), Tone: "accent", Name: words[1]},
		{N: int(v.Unchanged), Tone: "none", Name: words[2]},
		{N: int(v.Rejected), Tone: "bad", Name: words[3]},
	}
	if v.Rejected > 0 {
		parts[3].Link = components.Link{Name: "rows and reasons", URL: "#errors"}
	}
	return parts
}

// state is an import's state as the list shows it.
func state(i transfer.Import) (kind, word string) {
	switch {
	case i.State == act.Failed:
		return "bad", "failed"
	case i.State == act.Stopped && !i.DryRun:
		return "", "stopped"
	case i.DryRun:
		return "wait", "not imported yet"
	case i.State == act.Done:
		return "good", "done"
	}
	return "now", "running"
}

func number(n int) string { return strconv.Itoa(n) }
