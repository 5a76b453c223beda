package invites

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beckon/internal/fault"
	"beckon/internal/input"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

// sendTime is when to send, as a form asks for it: a day and a time on the institution's
// clock, or at once.
type sendTime struct {
	Later       bool
	Date, Clock string
}

// whenLater is the answer that a time is given.
const whenLater = "later"

// typedTime reads the form; until somebody has typed, it offers the next morning.
func (d desk) typedTime(form url.Values) sendTime {
	if form.Has("date") || form.Has("time") {
		return sendTime{Later: form.Get("when") == whenLater, Date: form.Get("date"), Clock: form.Get("time")}
	}
	return sendTime{Date: d.now.AddDate(0, 0, 1).Format(time.DateOnly), Clock: "09:00"}
}

// moment is the time that is meant, the zero time for at once. Its faults are of scheduled_at.
func (t sendTime) moment(zone *time.Location) (time.Time, error) {
	if !t.Later {
		return time.Time{}, nil
	}
	var f input.Form
	at := f.Moment("scheduled_at", t.Date, t.Clock, zone)
	return at, f.Err()
}

// exactly names a moment with its day and the institution's clock.
func (d desk) exactly(t time.Time) string {
	zone := d.Institution.Location()
	return t.In(zone).Format("Mon 2 Jan 2006 at 15:04 ") + components.ZoneName(t, zone)
}

// moveView is the question when a scheduled bulk invite is to go out instead.
type moveView struct {
	bulkView
	Time sendTime
	web.Trouble
	partial bool
}

// askTime shows the question, with the time that holds, or the next morning where that is
// over; it changes nothing.
func (p *Pages) askTime(w http.ResponseWriter, r *http.Request) {
	v, ok := p.scheduled(w, r)
	if !ok {
		return
	}
	offer := v.typedTime(nil)
	if v.Bulk.ScheduledAt.After(v.now) {
		at := v.Bulk.ScheduledAt.In(v.Institution.Location())
		offer = sendTime{Date: at.Format(time.DateOnly), Clock: at.Format("15:04")}
	}
	offer.Later = true
	p.drawTime(w, r, http.StatusOK, moveView{bulkView: v, Time: offer})
}

// scheduled is view for one that has not gone out, and for those who may invite.
func (p *Pages) scheduled(w http.ResponseWriter, r *http.Request) (bulkView, bool) {
	v, ok := p.view(w, r)
	if !ok {
		return v, false
	}
	err := v.Scope.Require(institution.Invite)
	if err == nil && v.Bulk.State != invite.BulkScheduled {
		err = fault.Conflict{Message: "it is not scheduled any more; look at its page"}
	}
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		web.Fail(w, r, err)
	}
	return v, err == nil
}

// move takes a scheduled bulk invite to another time.
func (p *Pages) move(w http.ResponseWriter, r *http.Request) {
	v, ok := p.scheduled(w, r)
	if !ok {
		return
	}
	m := moveView{bulkView: v, Time: v.typedTime(r.PostForm)}
	m.Time.Later = true
	at, err := m.Time.moment(v.Institution.Location())
	if err == nil {
		_, err = p.Invites.Reschedule(r.Context(), v.Scope, v.Bulk.ID, at)
	}
	if err != nil {
		if m.Trouble, ok = web.ExplainForm(w, err, dialogLabels); !ok || m.Status == http.StatusForbidden {
			web.Fail(w, r, err)
			return
		}
		p.drawTime(w, r, m.Status, m)
		return
	}
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: "It goes out " + v.exactly(at) + "."})
	web.Redirect(w, r, v.url(""))
}

func (p *Pages) drawTime(w http.ResponseWriter, r *http.Request, status int, m moveView) {
	if m.partial = web.Partial(r); m.partial {
		web.Render(w, r, status, timeForm(m))
		return
	}
	web.Render(w, r, status, timePage(m))
}

func (p *Pages) sendBulkNow(ctx context.Context, s institution.Scope, id int64) (invite.Bulk, error) {
	return p.Invites.SendNow(ctx, s, id)
}
