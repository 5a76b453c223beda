// Package settings holds the pages on which staff look after their institution: how Beckon
// behaves for it, who works there, its API tokens, the addresses that are not mailed, and
// the record of who did what.
package settings

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

const pageSize = 50

// Pages are the pages of this package.
type Pages struct {
	DB           *db.DB
	Institutions *institution.Institutions
	Accounts     *account.Accounts
	Invites      *invite.Invites
	Guides       *guide.Guides
	Now          func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /at/{slug}/settings", p.show)
	mux.HandleFunc("POST /at/{slug}/settings", p.change)
	mux.HandleFunc("GET /at/{slug}/settings/staff", p.showStaff)
	mux.HandleFunc("POST /at/{slug}/settings/staff", p.addStaff)
	mux.HandleFunc("POST /at/{slug}/settings/staff/{id}/role", p.setRole)
	mux.HandleFunc("POST /at/{slug}/settings/staff/{id}/remove", p.removeStaff)
	mux.HandleFunc("GET /at/{slug}/settings/tokens", p.showTokens)
	mux.HandleFunc("POST /at/{slug}/settings/tokens", p.createToken)
	mux.HandleFunc("POST /at/{slug}/settings/tokens/{id}/revoke", p.revokeToken)
	mux.HandleFunc("GET /at/{slug}/settings/suppressed", p.suppressed)
	mux.HandleFunc("POST /at/{slug}/settings/suppressed", p.suppress)
	mux.HandleFunc("POST /at/{slug}/settings/suppressed/lift", p.lift)
	mux.HandleFunc("GET /at/{slug}/settings/audit", p.auditLog)
}

// desk is the staff member's place, with what was wrong with a form and what was typed.
type desk struct {
	visit.Desk
	now time.Time
	web.Trouble
	Typed url.Values
	Guide guide.Guide
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{Desk: d, now: p.Now()}, ok
}

func (d desk) may(permission institution.Permission) bool { return d.Scope.May(permission) }

func (d desk) ago(t time.Time) string { return components.Ago(t, d.now) }

// typed is what stands in a field: what was typed, otherwise what is stored.
func (d desk) typed(name, stored string) string {
	if d.Typed.Has(name) {
		return d.Typed.Get(name)
	}
	return stored
}

// tabs are the parts of the settings; tokens are for those alone who may make them.
func (d desk) tabs(current string) (tabs []components.Tab) {
	for _, t := range []struct{ path, name string }{{"", "Institution"}, {"/staff", "Staff"}, {"/tokens", "API tokens"}, {"/suppressed", "Suppressed addresses"}, {"/audit", "Audit log"}} {
		if t.path != "/tokens" || d.may(institution.People) {
			tabs = append(tabs, components.Tab{Name: t.name, URL: d.URL("/settings" + t.path), Current: t.path == current})
		}
	}
	return tabs
}

// done leads to one of the parts with a message.
func (d desk) done(w http.ResponseWriter, r *http.Request, path, text string) {
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: text})
	web.Redirect(w, r, d.URL("/settings"+path))
}

// troubled takes in why a form was not accepted. It answers the request itself and gives
// false where no form can help.
func (d *desk) troubled(w http.ResponseWriter, r *http.Request, err error) bool {
	t, ok := web.ExplainForm(w, err, fieldLabels)
	if !ok || t.Status == http.StatusForbidden {
		web.Fail(w, r, err)
		return false
	}
	d.Trouble, d.Typed = t, r.PostForm
	return true
}

var fieldLabels = map[string]string{
	"name": "Name", "timezone": "Time zone", "reply_to": "Reply address", "website": "Website", "quiet_days": "Quiet days",
	"connect_on": "When a connect invite approves", "after_signup": "After an invited person joins", "email": "Address", "role": "Role", "scopes": "What it may do",
	"first_name": "First name", "last_name": "Last name",
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	var err error
	if d.Guide, err = p.Guides.Of(r.Context(), d.Scope); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, institutionPage(d))
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	if err := p.Institutions.Change(r.Context(), d.Scope, r.FormValue("name"), typedSettings(r)); err != nil {
		if d.troubled(w, r, err) {
			web.Render(w, r, d.Status, institutionPage(d))
		}
		return
	}
	d.done(w, r, "", "The settings are saved")
}

func typedSettings(r *http.Request) institution.Settings {
	line := func(name string) string { return strings.TrimSpace(r.FormValue(name)) }
	days, err := strconv.Atoi(line("quiet_days"))
	if err != nil {
		days = -1 // which the settings refuse with what they take
	}
	website := line("website")
	if website != "" && !strings.Contains(website, "://") {
		website = "https://" + website
	}
	return institution.Settings{Timezone: line("timezone"), ReplyTo: line("reply_to"), Website: website, QuietDays: days,
		ConnectOn: line("connect_on"), AfterSignup: line("after_signup")}
}

var (
	connectAnswers = []components.Option{
		{Value: "send", Label: "On sending", Hint: "Inviting somebody whose company is known counts as your approval: the company may recruit here as soon as the mail is taken."},
		{Value: "accept", Label: "On acceptance", Hint: "The company is approved once the person invited presses the button."},
	}
	signUpAnswers = []components.Option{
		{Value: "ask", Label: "The person asks, you decide", Hint: "Nothing is approved that no person approved."},
		{Value: "request", Label: "The request is made for them, you decide", Hint: "It waits under Approvals without a further press."},
		{Value: "approve", Label: "Approve at once", Hint: "Whoever joins a company by your invite may recruit here straight away, unless you have decided about the company before."},
	}
)
