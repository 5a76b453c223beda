package invites

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"beckon/internal/contact"
	"beckon/internal/fault"
	"beckon/internal/invite"
	"beckon/internal/mail"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// dialog is the question before a bulk invite, with what was typed so far.
type dialog struct {
	desk
	Selection web.Selection
	Include   []invite.Reason
	Plan      invite.Plan
	Label     string
	Note      string
	Time      sendTime
	// Key makes a second confirm of this very dialog answer the first.
	Key string
	// Shown is the variant whose message is previewed.
	Shown  invite.Variant
	Letter mail.Letter
	Labels []string
	// Told is what was just done: a test was sent.
	Told string
	web.Trouble
	partial bool
}

var dialogLabels = map[string]string{"note": "A word from you", "label": "Label", "scheduled_at": "The time"}

// ask shows the dialog; it changes nothing.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) {
	if d, sel, ok := p.read(w, r); ok {
		p.draw(w, r, http.StatusOK, d, sel)
	}
}

// sendTest mails the message on show to the one who asks, and shows the dialog again.
func (p *Pages) sendTest(w http.ResponseWriter, r *http.Request) {
	d, sel, ok := p.read(w, r)
	if !ok {
		return
	}
	to, err := p.Invites.SendTest(r.Context(), d.Scope, d.Shown, d.Note)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	d.Told = "A test is on its way to " + to + "."
	p.draw(w, r, http.StatusOK, d, sel)
}

// confirm makes the bulk invite, once for each dialog, if the selection is still the one
// that was shown.
func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) {
	d, sel, ok := p.read(w, r)
	if !ok {
		return
	}
	order := invite.Order{Selection: sel, Fingerprint: r.PostForm.Get("fingerprint"), Label: d.Label, Note: d.Note, Include: d.Include, Key: d.Key}
	if total, err := strconv.Atoi(r.PostForm.Get("expected_total")); err == nil {
		order.ExpectedTotal = &total
	}
	var b invite.Bulk
	var err error
	if order.ScheduledAt, err = d.Time.moment(d.Institution.Location()); err == nil {
		b, err = p.Invites.Confirm(r.Context(), d.Scope, order)
	}
	if err != nil {
		p.again(w, r, d, sel, order, err)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Done: true, Text: d.confirmed(b)})
	web.Redirect(w, r, d.bulkURL(b.ID))
}

// confirmed says what a confirm did.
func (d dialog) confirmed(b invite.Bulk) string {
	if b.State == invite.BulkScheduled {
		return components.Count(b.WillSend(), "contact will be invited", "contacts will be invited") + " " + d.exactly(b.ScheduledAt) + "."
	}
	return components.Count(b.WillSend(), "contact is being invited.", "contacts are being invited.") + " You can leave this page."
}

// again shows the dialog with why nothing was sent.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, d dialog, sel contact.Selection, o invite.Order, err error) {
	var changed invite.Changed
	var fields fault.Fields
	switch {
	case errors.As(err, &changed):
		d.Key = rand.Text()
		d.Trouble = web.Trouble{Status: http.StatusConflict, Note: changedNote(o, changed.Plan)}
	case errors.As(err, &fields) && fields[0].Path == "idempotency_key":
		d.Key = rand.Text()
		d.Trouble = web.Trouble{Status: http.StatusConflict, Note: "You have confirmed this dialog before, with other words. Nothing more was sent. Look at the past bulk invites before you confirm again.",
			Link: components.Link{Name: "Past bulk invites", URL: d.URL("/invites")}}
	case errors.As(err, &fields) && fields[0].Path == "selection":
		d.Trouble = web.Trouble{Status: http.StatusUnprocessableEntity}
	default:
		t, ok := web.ExplainForm(w, err, dialogLabels)
		if !ok || t.Status == http.StatusForbidden {
			web.Fail(w, r, err)
			return
		}
		d.Trouble = t
	}
	p.draw(w, r, d.Status, d, sel)
}

func changedNote(o invite.Order, now invite.Plan) string {
	if o.ExpectedTotal != nil && *o.ExpectedTotal != now.Total {
		return fmt.Sprintf("The selection has changed since you looked: it held %s, and holds %s now. Nothing was sent. Look at the new numbers and confirm again.",
			components.Count(*o.ExpectedTotal, "contact", "contacts"), components.Num(now.Total))
	}
	return "The selection has changed since you looked: it holds other contacts of the same number. Nothing was sent. Look at the new numbers and confirm again."
}

// read takes in the form of the dialog, or of the list that opens it.
func (p *Pages) read(w http.ResponseWriter, r *http.Request) (d dialog, sel contact.Selection, ok bool) {
	web.AllowBody(w, r, selectionLimit)
	if d.desk, ok = p.desk(w, r); !ok {
		return d, sel, false
	}
	if err := r.ParseForm(); err != nil {
		web.Fail(w, r, err)
		return d, sel, false
	}
	form := r.PostForm
	d.partial = web.Partial(r)
	d.Selection = web.ParseSelection(form)
	for _, name := range slices.Concat(form["include"], form["include_too"]) {
		d.Include = append(d.Include, invite.Reason(name))
	}
	d.Label, d.Note, d.Key, d.Shown = form.Get("label"), form.Get("note"), form.Get("key"), invite.Variant(form.Get("shown"))
	if preview := form.Get("preview"); preview != "" {
		d.Shown = invite.Variant(preview)
	}
	d.Time = d.typedTime(form)
	if !form.Has("label") {
		d.Label = "invited " + d.now.Format("2006-01-02")
	}
	sel, err := selection(d.Selection, d.Institution.Location())
	if err != nil {
		web.Fail(w, r, err)
	}
	return d, sel, err == nil
}

// draw shows the dialog with the numbers of now.
func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, d dialog, sel contact.Selection) {
	var err error
	if d.Plan, err = p.Invites.Preview(r.Context(), d.Scope, sel, d.Include); err != nil {
		web.Fail(w, r, err)
		return
	}
	labels, err := p.Book.Labels(r.Context(), d.Scope)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	for _, l := range labels {
		if !l.Archived {
			d.Labels = append(d.Labels, l.Name)
		}
	}
	if d.Key == "" {
		d.Key = rand.Text()
	}
	if !slices.Contains(invite.Variants, d.Shown) {
		d.Shown = d.firstVariant()
	}
	d.Letter = p.Invites.PreviewLetter(d.Institution, d.Shown, d.Note, d.User.Name(), d.User.FirstName, d.User.Email)
	if d.partial {
		web.Render(w, r, status, dialogForm(d))
		return
	}
	web.Render(w, r, status, dialogPage(d))
}

// firstVariant is the first that somebody will get.
func (d dialog) firstVariant() invite.Variant {
	for _, v := range invite.Variants {
		if d.Plan.Variants[v] > 0 {
			return v
		}
	}
	return invite.CreateAccount
}

func (d dialog) skipped() int { return d.Plan.Total - d.Plan.WillSend }

func (d dialog) title() string {
	if d.Plan.WillSend == 0 {
		return "There is nobody to invite"
	}
	return "Invite " + components.Count(d.Plan.WillSend, "contact to become a user", "contacts to become users")
}

func (d dialog) sub() string {
	switch skipped := d.skipped(); {
	case d.Plan.Total == 0:
		return "Nobody is selected"
	case skipped == 0:
		return components.Num(d.Plan.Total) + " selected"
	default:
		return components.Num(d.Plan.Total) + " selected, " + components.Num(skipped) + " will be skipped"
	}
}

// act is the text of the button that sends.
func (d dialog) act() string {
	return "Invite " + components.Count(d.Plan.WillSend, "employer contact", "employer contacts")
}

// hidden are the fields that carry the dialog from one answer to the next.
func (d dialog) hidden() url.Values {
	fields := d.Selection.Values()
	for _, reason := range d.Include {
		fields.Add("include", string(reason))
	}
	fields.Set("expected_total", strconv.Itoa(d.Plan.Total))
	fields.Set("fingerprint", d.Plan.Fingerprint)
	fields.Set("key", d.Key)
	fields.Set("shown", string(d.Shown))
	return fields
}

// to opens an answer in the dialog, or as a page where the dialog is one.
func (d dialog) to(path string) templ.Attributes {
	if d.partial {
		return components.DialogAct(d.URL(path))
	}
	return templ.Attributes{"formaction": d.URL(path)}
}

// variants are the parts that are sent to, with what the button in each message does.
func (d dialog) variants() []components.Part {
	notes := map[invite.Variant]string{
		invite.CreateAccount: "Beckon does not know the address",
		invite.JoinCompany:   "has an account, no approved company",
		invite.Connect:       "has an approved company: connected and approved on sending",
	}
	if d.Institution.ConnectOn == "accept" {
		notes[invite.Connect] = "has an approved company: connected once the button is pressed"
	}
	var parts []components.Part
	for _, v := range invite.Variants {
		part := components.Part{N: d.Plan.Variants[v], Tone: variantTones[v], Name: invite.ButtonText(v, d.Institution.Name), Note: notes[v]}
		if part.N > 0 {
			part.Act, part.Link = "preview", components.Link{Name: "Preview", URL: string(v)}
		}
		parts = append(parts, part)
	}
	return parts
}

// reasons are the parts that are skipped, with what can be done about each.
func (d dialog) reasons() []components.Part {
	var parts []components.Part
	for _, reason := range invite.Reasons {
		n := d.Plan.Skipped[reason]
		if n == 0 {
			continue
		}
		part := components.Part{N: n, Tone: "skip", Name: skipWords(reason, d.Institution.QuietDays), Link: d.cure(reason)}
		if slices.Contains(invite.Overridable, reason) {
			part.Act, part.Link = "include_too", components.Link{Name: "Include them", URL: string(reason)}
		}
		parts = append(parts, part)
	}
	return parts
}

// cure leads to where those skipped for a reason can be looked at, if there is such a place.
func (d dialog) cure(reason invite.Reason) components.Link {
	switch {
	case reason == invite.Suppressed:
		return components.Link{Name: "Suppressed addresses", URL: d.URL("/settings/suppressed")}
	case d.Selection.Mode != web.ModeFilter:
		return components.Link{}
	}
	words, err := url.ParseQuery(d.Selection.Filter)
	if err != nil {
		return components.Link{}
	}
	switch reason {
	case invite.Archived:
		words.Set("archived", "yes")
	case invite.Blocked:
		words.Set("standing", "blocked")
	default:
		return components.Link{}
	}
	return components.Link{Name: "Show", URL: d.URL("/contacts?" + words.Encode())}
}

// included says which reasons are set aside.
func (d dialog) included(reason invite.Reason) bool { return slices.Contains(d.Include, reason) }
