package invites

import (
	"net/http"

	"beckon/internal/db"
	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
)

// pastView is the list of past bulk invites.
type pastView struct {
	desk
	Q     string
	Bulks []invite.Bulk
	// From is where each of them comes from.
	From  []origin
	Total int
	Pager components.Pager
}

func (p *Pages) past(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	v := pastView{desk: d, Q: r.URL.Query().Get("q")}
	way := trail.At(r.URL)
	before, _ := db.ParseID(way.Place())
	found, total, err := p.Invites.Past(r.Context(), d.Scope, v.Q, before, pageSize+1)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	next := ""
	if len(found) > pageSize {
		found = found[:pageSize]
		next = db.FormatID(found[pageSize-1].ID)
	}
	v.Bulks, v.Total, v.Pager = found, total, way.Pager(pageSize, len(found), total, next)
	if v.From, err = p.origins(r.Context(), d, found...); err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, pastPage(v))
}

// came says in short what came of it, or when it goes out.
func (d desk) came(b invite.Bulk) string {
	c := b.Counts
	switch {
	case b.Waits(), b.State == invite.BulkPaused && b.WaitReason == invite.WaitRestored:
		return "waits for you"
	case b.State == invite.BulkScheduled:
		return "goes out " + d.exactly(b.ScheduledAt)
	}
	return components.Sentence(components.Num(c.Sent)+" sent", some(c.Bounced, "bounced"), some(c.Accepted, "accepted"), some(c.Approved, "approved"))
}

func some(n int, what string) string {
	if n == 0 {
		return ""
	}
	return components.Num(n) + " " + what
}
