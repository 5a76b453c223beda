package invites

import (
	"context"
	"net/http"
	"net/url"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
	"beckon/internal/web/trail"
)

// bulkView is one bulk invite with some of its invites.
type bulkView struct {
	desk
	Bulk invite.Bulk
	// Delivered is how many a mail server took and nobody has returned so far.
	Delivered, Unanswered int
	// Again is how many contacts could be invited once more, which is fewer than Unanswered
	// where some are approved or suppressed by now; notCounted while that is not known.
	Again  int
	Origin origin
	Rate   float64
	// Show is which of the invites are listed, Q what their names or addresses hold.
	Show, Q string
	Invites []invite.Invite
	Total   int
	Pager   components.Pager
}

const (
	// countAtOnce is the total up to which a page counts whom it could be repeated for before
	// it is shown; of a longer bulk invite the page asks once it is there.
	countAtOnce = 10_000
	notCounted  = -1
)

// shows are the lists of a bulk invite's page, by the word in its address.
var shows = map[string]invite.InviteFilter{
	"": {}, "sent": {Time: "sent"}, "delivered": {Time: "delivered"}, "opened": {Time: "opened"}, "accepted": {Time: "accepted"}, "approved": {Time: "approved"},
	"unanswered": {Time: "unanswered"}, "waiting": {Time: "waiting"},
	"bounced": {State: invite.Bounced}, "failed": {State: invite.Failed}, "skipped": {State: invite.Skipped}, "cancelled": {State: invite.Cancelled},
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	query := r.URL.Query()
	v.Show, v.Q = query.Get("show"), query.Get("q")
	f, known := shows[v.Show]
	if !known {
		web.NotFound(w, r)
		return
	}
	f.Q = v.Q
	way := trail.At(r.URL)
	after, _ := db.ParseID(way.Place())
	found, total, err := p.Invites.List(r.Context(), v.Scope, v.Bulk.ID, f, after, pageSize+1)
	if err == nil {
		_, v.Unanswered, err = p.Invites.List(r.Context(), v.Scope, v.Bulk.ID, shows["unanswered"], 0, 1)
	}
	if err == nil {
		err = p.about(r.Context(), &v)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	next := ""
	if len(found) > pageSize {
		found = found[:pageSize]
		next = db.FormatID(found[pageSize-1].ID)
	}
	v.Invites, v.Total, v.Pager = found, total, way.Pager(pageSize, len(found), total, next)
	web.Render(w, r, http.StatusOK, bulkPage(v))
}

// about reads where the bulk invite comes from, and whom it could be repeated for.
func (p *Pages) about(ctx context.Context, v *bulkView) error {
	origins, err := p.origins(ctx, v.desk, v.Bulk)
	if err != nil {
		return err
	}
	v.Origin = origins[0]
	switch {
	case !v.mayInvite() || v.Unanswered == 0:
	case v.Bulk.Total > countAtOnce:
		v.Again = notCounted
	default:
		v.Again, err = p.Book.Count(ctx, v.Scope, invite.Unanswered(v.Bulk.ID))
	}
	return err
}

// countAgain answers the page of a long bulk invite: the button with its number.
func (p *Pages) countAgain(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	err := v.Scope.Require(institution.Invite)
	if err == nil {
		v.Again, err = p.Book.Count(r.Context(), v.Scope, invite.Unanswered(v.Bulk.ID))
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, again(v))
}

// progress answers the page's question of every second; once all is done the page is loaded
// anew. A page that shows the bulk invite as scheduled asks whether it still is.
func (p *Pages) progress(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	if r.URL.Query().Has(askedScheduled) {
		if v.Bulk.State != invite.BulkScheduled || v.Bulk.Waits() {
			w.Header().Set("HX-Refresh", "true")
		}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if !v.polls() {
		w.Header().Set("HX-Refresh", "true")
	}
	web.Render(w, r, http.StatusOK, progressPart(v))
}

// askedScheduled is the word in the address of progress for a page of a scheduled one.
const askedScheduled = "scheduled"

// view reads the bulk invite that the address names, with its numbers.
func (p *Pages) view(w http.ResponseWriter, r *http.Request) (v bulkView, ok bool) {
	if v.desk, ok = p.desk(w, r); !ok {
		return v, false
	}
	id, err := pathID(r)
	if err == nil {
		v.Bulk, err = p.Invites.Get(r.Context(), v.Scope, id)
	}
	if err == nil {
		v.Delivered, err = p.delivered(r.Context(), v.Scope, v.Bulk)
	}
	if err != nil {
		web.Fail(w, r, err)
		return v, false
	}
	if v.polls() {
		v.Rate = p.rates.note(id, p.Now(), v.Bulk.Counts.Sent)
	}
	return v, true
}

// delivered leaves out of those sent the ones returned later: bounced ones were not all taken
// by a mail server before.
func (p *Pages) delivered(ctx context.Context, s institution.Scope, b invite.Bulk) (int, error) {
	if b.Counts.Bounced == 0 {
		return b.Counts.Sent, nil
	}
	_, returned, err := p.Invites.List(ctx, s, b.ID, invite.InviteFilter{State: invite.Bounced, Time: "sent"}, 0, 1)
	return b.Counts.Sent - returned, err
}

// steer does something with a bulk invite and leads back to its page.
func (p *Pages) steer(done string, do func(context.Context, institution.Scope, int64) (invite.Bulk, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, ok := p.desk(w, r)
		if !ok {
			return
		}
		id, err := pathID(r)
		if err == nil {
			_, err = do(r.Context(), d.Scope, id)
		}
		if err != nil {
			web.Fail(w, r, err)
			return
		}
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: done})
		web.Redirect(w, r, d.bulkURL(id))
	}
}

func (p *Pages) pauseBulk(ctx context.Context, s institution.Scope, id int64) (invite.Bulk, error) {
	return p.Invites.Pause(ctx, s, id)
}

func (p *Pages) resumeBulk(ctx context.Context, s institution.Scope, id int64) (invite.Bulk, error) {
	return p.Invites.Resume(ctx, s, id)
}

func (p *Pages) cancelBulk(ctx context.Context, s institution.Scope, id int64) (invite.Bulk, error) {
	return p.Invites.Cancel(ctx, s, id)
}

// polls tells whether the numbers may change from one second to the next.
func (v bulkView) polls() bool {
	return v.Bulk.State == invite.BulkPreparing || v.Bulk.State == invite.BulkSending
}

// waiting is how many have not gone yet.
func (v bulkView) waiting() int {
	c := v.Bulk.Counts
	return c.Queued + c.Sending + c.Deferred
}

// unsent is how many a cancel would keep from going.
func (v bulkView) unsent() int {
	if v.Bulk.State == invite.BulkPreparing || v.Bulk.State == invite.BulkScheduled {
		return v.Bulk.WillSend() - v.Bulk.Counts.Sent - v.Bulk.Counts.Sending
	}
	return v.Bulk.Counts.Queued + v.Bulk.Counts.Deferred
}

func (v bulkView) url(path string) string { return v.bulkURL(v.Bulk.ID) + path }

// list is the address of one of the lists of the page.
func (v bulkView) list(show string) string {
	if show == "" {
		return v.url("")
	}
	return v.url("?" + url.Values{"show": {show}}.Encode())
}

func (v bulkView) tabs() []components.Tab {
	c, skipped := v.Bulk.Counts, 0
	for _, n := range v.Bulk.Skipped {
		skipped += n
	}
	all := []struct {
		name, show string
		n          int
		always     bool
	}{
		{"All", "", v.Bulk.Total, true}, {"Sent", "sent", c.Sent, false}, {"Delivered so far", "delivered", v.Delivered, false}, {"Visited", "opened", c.Opened, false},
		{"Accepted", "accepted", c.Accepted, true}, {"Approved", "approved", c.Approved, false}, {"No answer", "unanswered", v.Unanswered, true},
		{"Bounced", "bounced", c.Bounced, true}, {"Waiting", "waiting", v.waiting(), true}, {"Skipped", "skipped", skipped, true},
		{"Failed", "failed", c.Failed, c.Failed > 0}, {"Cancelled", "cancelled", c.Cancelled, c.Cancelled > 0},
	}
	var tabs []components.Tab
	for _, t := range all {
		if t.always || t.show == v.Show {
			tabs = append(tabs, components.Tab{Name: t.name, URL: v.list(t.show), Count: components.Num(t.n), Current: t.show == v.Show})
		}
	}
	return tabs
}

func (v bulkView) funnel() []components.FunnelStep {
	c, of := v.Bulk.Counts, v.Bulk.WillSend()
	step := func(name string, n int, tone string, who contact.Filter) components.FunnelStep {
		s := components.FunnelStep{Name: name, N: n, Of: of, Tone: tone}
		if n > 0 {
			s.Link = components.Link{Name: "Select these", URL: v.contacts(who)}
		}
		return s
	}
	reached := func(what string) contact.Filter { return invite.Reached(v.Bulk.ID, what) }
	return []components.FunnelStep{
		step("Sent", c.Sent, "", reached("sent")), step("Delivered so far", v.Delivered, "", reached("delivered")),
		step("Bounced", c.Bounced, "bad", invite.InState(v.Bulk.ID, invite.Bounced)), step("Visited", c.Opened, "", reached("opened")),
		step("Accepted", c.Accepted, "good", reached("accepted")), step("Approved", c.Approved, "good", reached("approved")),
	}
}

// card tells how far it is, and how long it still takes.
func (v bulkView) card() components.Progress {
	of := v.Bulk.WillSend()
	card := components.Progress{ID: "progress", Label: "Progress", Total: of, Done: of - v.waiting(),
		Text: components.Num(v.Bulk.Counts.Sent) + " of " + components.Num(of) + " sent"}
	if v.Bulk.State == invite.BulkPreparing {
		card.Done = v.Bulk.Counts.Sent
	}
	if v.polls() {
		card.Poll = v.url("/progress")
		card.Rate = components.Sentence(components.PerSecond(v.Rate), components.Left(v.Bulk.Counts.Queued+v.Bulk.Counts.Sending, v.Rate))
	}
	return card
}

// contacts is the address of Contacts with those whom a filter finds.
func (v bulkView) contacts(f contact.Filter) string {
	return filterbar.URL(v.URL("/contacts"), f.Values())
}

// labelled is the address of Contacts with all who got the label.
func (v bulkView) labelled() string {
	return v.URL("/contacts?" + url.Values{"label": {v.Bulk.Label}, "archived": {"any"}}.Encode())
}
