package contacts

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/visit"
)

// contactView is the page of one contact.
type contactView struct {
	visit.Desk
	contact.Contact
	// Membership is where its user stands with companies, Admins who decides about that.
	Membership company.Membership
	Admins     company.Admins
	// Employer is the user's company as this institution sees it, zero without one.
	Employer recruiting.Employer
	History  []contact.Entry
	Colors   map[string]int
	Labels   []string
	// Colleagues are contacts of the same company, Approved those of them who may recruit.
	Colleagues, Approved int
	Guide                guide.Guide
	// Tab is "history" or "invites".
	Tab string
	web.Trouble
	now time.Time
}

func (v contactView) url(path string) string {
	return v.URL("/contacts/" + db.FormatID(v.Contact.ID) + path)
}

func (v contactView) may(p institution.Permission) bool { return v.Scope.May(p) }

// sub tells what the person does: "Campus lead at Harbour & Hale".
func (v contactView) sub() string {
	switch {
	case v.CompanyName == "":
		return v.Title
	case v.Title == "":
		return v.CompanyName
	}
	return v.Title + " at " + v.CompanyName
}

func (v contactView) colleagues() string {
	return components.Sentence(components.Count(v.Colleagues, "contact", "contacts"), components.Num(v.Approved)+" approved")
}

func (v contactView) colleaguesURL() string {
	return filterbar.URL(v.URL("/contacts"), url.Values{"company": {v.CompanyName}})
}

func (p *Pages) history(w http.ResponseWriter, r *http.Request) { p.show(w, r, "history") }

func (p *Pages) invites(w http.ResponseWriter, r *http.Request) { p.show(w, r, "invites") }

func (p *Pages) show(w http.ResponseWriter, r *http.Request, tab string) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, err := pathID(r, "contact")
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	p.renderContact(w, r, http.StatusOK, contactView{Desk: d, Tab: tab}, id)
}

func (p *Pages) renderContact(w http.ResponseWriter, r *http.Request, status int, v contactView, id int64) {
	if err := p.readContact(r.Context(), &v, id); err != nil {
		web.Fail(w, r, err)
		return
	}
	v.now = p.Now()
	v.Shell = v.Page(section, v.Name())
	web.Render(w, r, status, contactPage(v))
}

func (p *Pages) readContact(ctx context.Context, v *contactView, id int64) (err error) {
	if v.Contact, err = p.Book.Get(ctx, v.Scope, id); err != nil {
		return err
	}
	if v.Membership, v.Admins, err = p.Companies.AtContact(ctx, v.Scope, id); err != nil {
		return err
	}
	if v.CompanyID != 0 {
		if v.Employer, err = p.Recruiting.Get(ctx, v.Scope, v.CompanyID); err != nil {
			return err
		}
	}
	if v.History, err = p.Book.History(ctx, v.Scope, id); err != nil {
		return err
	}
	if v.Guide, err = p.Guides.Of(ctx, v.Scope); err != nil {
		return err
	}
	if v.Colors, v.Labels, err = p.colors(ctx, v.Scope); err != nil {
		return err
	}
	if v.CompanyName == "" {
		return nil
	}
	words := url.Values{"company": {v.CompanyName}}
	if v.Colleagues, err = p.count(ctx, v.Desk, words); err == nil {
		v.Approved, err = p.count(ctx, v.Desk, with(words, "standing", gate.IsApproved.String()))
	}
	return err
}

func (p *Pages) count(ctx context.Context, d visit.Desk, words url.Values) (int, error) {
	f, err := contact.ParseFilter(words, zone(d))
	if err != nil {
		return 0, err
	}
	return p.Book.Count(ctx, d.Scope, f)
}

// act does something to the contact of the address and leads back to its page.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, text string, do func(context.Context, visit.Desk, int64) error) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, err := pathID(r, "contact")
	if err == nil {
		err = do(r.Context(), d, id)
	}
	if err == nil {
		done(w, r, d.URL("/contacts/"+db.FormatID(id)), components.Flash{Text: text})
		return
	}
	t, ok := web.ExplainForm(w, err, map[string]string{"add": "Label", "remove": "Label"})
	if !ok {
		web.Fail(w, r, err)
		return
	}
	p.renderContact(w, r, t.Status, contactView{Desk: d, Tab: "history", Trouble: t}, id)
}

func (p *Pages) relabel(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The labels are changed", func(ctx context.Context, d visit.Desk, id int64) error {
		// Whose the contact is is asked first: a selection leaves foreign ones out silently.
		if _, err := p.Book.Get(ctx, d.Scope, id); err != nil {
			return err
		}
		change := contact.Bulk{Kind: contact.BulkLabels, Add: names([]string{r.FormValue("add")}), Remove: names([]string{r.FormValue("remove")})}
		_, err := p.Book.Apply(ctx, d.Scope, contact.Selection{IDs: []int64{id}}, change)
		return err
	})
}

func (p *Pages) remind(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The company's admins get a reminder by mail", func(ctx context.Context, d visit.Desk, id int64) error {
		return p.Companies.Remind(ctx, d.Scope, id)
	})
}

func (p *Pages) archive(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "Archived: it leaves the lists, and no invite goes to it", func(ctx context.Context, d visit.Desk, id int64) error {
		_, err := p.Book.Archive(ctx, d.Scope, id)
		return err
	})
}

func (p *Pages) restore(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "Restored", func(ctx context.Context, d visit.Desk, id int64) error {
		_, err := p.Book.Restore(ctx, d.Scope, id)
		return err
	})
}

func (p *Pages) delete(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, err := pathID(r, "contact")
	if err == nil {
		err = p.Book.Delete(r.Context(), d.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	done(w, r, d.URL("/contacts"), components.Flash{Text: "1 contact deleted", Done: true})
}
