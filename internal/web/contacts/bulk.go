package contacts

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// bulkWords tell a bulk act in words: what it asks, what it does, what was done.
type bulkWords struct{ verb, text, done string }

var bulkKinds = map[string]bulkWords{
	contact.BulkLabels:  {"Label", "", "labelled"},
	contact.BulkOwner:   {"Set the owner of", "Who looks after them. Everybody can filter by it.", "given an owner"},
	contact.BulkArchive: {"Archive", "They leave the lists that people pick from, and no invite goes to them. Restore brings them back.", "archived"},
	contact.BulkRestore: {"Restore", "They stand in the lists again, and can be invited.", "restored"},
	contact.BulkDelete:  {"Delete", "They go for good, with their labels and their history. Nobody can bring them back. To take them out of sight only, archive them.", "deleted"},
}

// bulkView is the question before a bulk act.
type bulkView struct {
	visit.Desk
	bulkWords
	Kind string
	// Selected carries the selection, Back the filter of the list that it came from.
	Selected web.Selection
	Back     string
	// List is whom the act is meant for, as they are found now.
	List contact.List
	// Changed says that it was another selection when the question was asked before.
	Changed bool
	Labels  []string
	Staff   []institution.Member
	Typed   url.Values
	web.Trouble
}

// title asks with the exact number.
func (v bulkView) title() string { return v.act() + "?" }

func (v bulkView) act() string {
	return v.verb + " " + components.Count(v.List.Len(), "contact", "contacts")
}

func bulkURL(d visit.Desk, kind string) string { return d.URL("/bulk/" + kind) }

func (v listView) bulkURL(kind string) string { return bulkURL(v.Desk, kind) }

func (v bulkView) back() string { return backTo(v.Desk, v.Back) }

// backTo is the list with a filter, as far as it can be read.
func backTo(d visit.Desk, filter string) string {
	words, err := url.ParseQuery(filter)
	if err != nil {
		return d.URL("/contacts")
	}
	f, err := contact.ParseFilter(words, zone(d))
	if err != nil {
		return d.URL("/contacts")
	}
	return filterbar.URL(d.URL("/contacts"), f.Values())
}

// readBulk reads the selection and finds whom it means now.
func (p *Pages) readBulk(r *http.Request, d visit.Desk) (v bulkView, err error) {
	v = bulkView{Desk: d, Kind: r.PathValue("kind")}
	words, ok := bulkKinds[v.Kind]
	if !ok {
		return v, fault.NotFound("bulk act")
	}
	v.bulkWords = words
	if err := d.Scope.Require(institution.Contacts); err != nil {
		return v, err
	}
	if err := r.ParseForm(); err != nil {
		return v, err
	}
	v.Typed = r.PostForm
	v.Selected, v.Back = web.ParseSelection(r.PostForm), r.PostForm.Get("filter")
	if back, ok := r.PostForm["back"]; ok {
		v.Back = back[0]
	}
	v.List, err = p.resolve(r.Context(), d, v.Selected)
	if err == nil && v.List.Len() == 0 {
		err = fault.Invalid("selection", "Nobody is selected. Tick contacts in the list first.")
	}
	return v, err
}

// resolve freezes a selection.
func (p *Pages) resolve(ctx context.Context, d visit.Desk, s web.Selection) (list contact.List, err error) {
	selection, err := s.Contacts(zone(d))
	if err != nil {
		return contact.List{}, err
	}
	err = p.Book.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = p.Book.Resolve(ctx, tx, d.Scope, selection)
		return err
	})
	return list, err
}

func (p *Pages) askBulk(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	v, err := p.readBulk(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	p.renderBulk(w, r, http.StatusOK, v)
}

// renderBulk shows the question, in the dialog or as a page.
func (p *Pages) renderBulk(w http.ResponseWriter, r *http.Request, status int, v bulkView) {
	var err error
	switch v.Kind {
	case contact.BulkLabels:
		_, v.Labels, err = p.colors(r.Context(), v.Scope)
	case contact.BulkOwner:
		v.Staff, err = p.Institutions.Staff(r.Context(), v.Scope)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	if web.Partial(r) {
		web.Render(w, r, status, bulkSheet(v))
		return
	}
	v.Shell = v.Page(section, v.title())
	web.Render(w, r, status, bulkPage(v))
}

// confirmBulk does the act, unless the selection is another than the one that was shown.
func (p *Pages) confirmBulk(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	v, err := p.readBulk(r, d)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	if v.Changed = r.PostForm.Get("fingerprint") != v.List.Fingerprint(); v.Changed {
		p.renderBulk(w, r, http.StatusConflict, v)
		return
	}
	var did contact.Done
	what, err := v.bulk()
	if err == nil {
		did, err = p.Book.Apply(r.Context(), d.Scope, contact.Selection{IDs: v.List.IDs()}, what)
	}
	if err != nil {
		if v.Trouble, ok = web.ExplainForm(w, err, map[string]string{"add": "Add", "remove": "Remove", "owner": "Owner"}); !ok {
			web.Fail(w, r, err)
			return
		}
		p.renderBulk(w, r, v.Status, v)
		return
	}
	p.applied(w, r, v, did)
}

// bulk is the act that the form describes.
func (v bulkView) bulk() (b contact.Bulk, err error) {
	b.Kind = v.Kind
	switch v.Kind {
	case contact.BulkLabels:
		b.Add, b.Remove = names(v.Typed["add"]), names(v.Typed["remove"])
		if b.Add == nil && b.Remove == nil {
			err = fault.Invalid("add", "Write the name of a label to add, or of one to remove.")
		}
	case contact.BulkOwner:
		b.OwnerID, _ = db.ParseID(v.Typed.Get("owner"))
	}
	return b, err
}

// names are the names of labels that were typed.
func names(typed []string) (names []string) {
	for _, name := range typed {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// applied leads back to the list, or to the long act that goes on.
func (p *Pages) applied(w http.ResponseWriter, r *http.Request, v bulkView, did contact.Done) {
	if did.ActID != 0 {
		if p.Wake != nil {
			p.Wake()
		}
		to := v.URL("/acts/"+db.FormatID(did.ActID)) + "?" + url.Values{"back": {v.Back}}.Encode()
		done(w, r, to, components.Flash{Text: "It goes on by itself, also when you leave this page.", Done: true})
		return
	}
	text := components.Count(did.Changed, "contact", "contacts") + " " + v.done
	if rest := did.Total - did.Changed; rest > 0 {
		text += ", " + components.Num(rest) + " unchanged"
	}
	done(w, r, v.back(), components.Flash{Text: text, Done: true})
}

// export sends the selected contacts as a file.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		web.Fail(w, r, err)
		return
	}
	selection, err := web.ParseSelection(r.PostForm).Contacts(zone(d))
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	format := r.URL.Query().Get("format")
	name := d.Institution.Slug + "-contacts-" + p.Now().In(zone(d)).Format("2006-01-02")
	out := &download{w: w, name: name + "." + format, kind: exportTypes[format]}
	err = transfer.Export(r.Context(), p.Book, d.Scope, selection, format, out)
	switch {
	case err != nil && !out.begun:
		web.Fail(w, r, err)
	case err != nil && !errors.Is(err, context.Canceled):
		panic(http.ErrAbortHandler) // the browser sees that the file is not complete
	}
}

var exportTypes = map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}

// download is a file on its way to the browser. Nothing is said about it before its first
// byte is there, so that an error can still become a page.
type download struct {
	w          http.ResponseWriter
	name, kind string
	begun      bool
}

func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.w.Header()
		h.Set("Content-Type", d.kind)
		h.Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		h.Set("Cache-Control", "private, no-store")
	}
	return d.w.Write(b)
}
