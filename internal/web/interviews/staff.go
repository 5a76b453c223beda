package interviews

import (
	"net/http"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// desk is the staff member's place, with what both pages need.
type desk struct {
	visit.Desk
	now time.Time
}

func (d desk) requestURL(id int64) string { return d.URL("/interviews/" + db.FormatID(id)) }

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{d, p.Now()}, ok
}

// staffWords are the marks and words of the states for staff.
var staffWords = map[string][2]string{
	posting.Requested: {"wait", "Requested"},
	posting.Proposed:  {"now", "Other time proposed"},
	posting.Approved:  {"good", "Approved"},
	posting.Declined:  {"", "Declined"},
	posting.Withdrawn: {"", "Withdrawn"},
	posting.Cancelled: {"bad", "Cancelled"},
}

// staffList is the list of the requests to the institution.
type staffList struct {
	desk
	list
}

func (p *Pages) listForStaff(w http.ResponseWriter, r *http.Request) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	v := staffList{desk: d, list: list{other: "company", words: staffWords, at: d.now}}
	err := v.read(r, func(q posting.InterviewQuery) ([]posting.Interview, int64, int, error) {
		return p.Interviews.List(r.Context(), d.Scope, q)
	})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, staffListPage(v))
}

// staffRequest is one request as staff see it.
type staffRequest struct {
	desk
	posting.Interview
	web.Returned
	// History is what happened to it, the newest first.
	History []audit.Event
}

// mayDecide tells whether the acts are offered.
func (v staffRequest) mayDecide() bool { return v.Scope.May(institution.Review) }

// headline says under the job's title what it is about.
func (v staffRequest) headline() string {
	if v.Interview.Awaits() {
		return v.Company + " asks for interviews"
	}
	return "Interviews with " + v.Company
}

// over tells whether the time asked for is over, or never comes.
func (v staffRequest) over() bool { return !v.Begins().After(v.now) }

func (v staffRequest) actURL(act string) string { return v.requestURL(v.ID) + "/" + act }

// proposing tells whether the form for another time is open: it came back, or nothing but
// another time will do.
func (v staffRequest) proposing() bool {
	return v.over() || v.Typed.Has("date")
}

func (p *Pages) showToStaff(w http.ResponseWriter, r *http.Request) {
	if d, ok := p.desk(w, r); ok {
		p.drawForStaff(w, r, http.StatusOK, staffRequest{desk: d})
	}
}

// history is how many events of a request are shown.
const history = 50

func (p *Pages) drawForStaff(w http.ResponseWriter, r *http.Request, status int, v staffRequest) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	var err error
	if v.Interview, err = p.Interviews.Requested(r.Context(), v.Scope, id); err == nil {
		err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
			v.History, err = audit.Of(r.Context(), tx, v.Scope.ID(), "interview", id, history)
			return err
		})
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, staffRequestPage(v))
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The interviews are approved. Students can choose their times.", func(s institution.Scope, id int64) error {
		return p.Interviews.Approve(r.Context(), s, id, r.FormValue("place"))
	})
}

func (p *Pages) decline(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The request is declined.", func(s institution.Scope, id int64) error {
		return p.Interviews.Decline(r.Context(), s, id, r.FormValue("reason"))
	})
}

func (p *Pages) propose(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The company is asked whether it can come at the other time.", func(s institution.Scope, id int64) error {
		return p.Interviews.Propose(r.Context(), s, id, posting.Proposal{
			Date: r.FormValue("date"), StartsAt: r.FormValue("starts_at"), Place: r.FormValue("place"), Note: r.FormValue("note"),
		})
	})
}

func (p *Pages) move(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The place is changed. The company is told, and so are the students who have times.", func(s institution.Scope, id int64) error {
		return p.Interviews.Move(r.Context(), s, id, r.FormValue("place"))
	})
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) {
	p.decide(w, r, "The interviews are cancelled. The company is told, and so are the students who had times.", func(s institution.Scope, id int64) error {
		return p.Interviews.Cancel(r.Context(), s, id, r.FormValue("reason"))
	})
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request, done string, do func(institution.Scope, int64) error) {
	d, ok := p.desk(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	err := do(d.Scope, id)
	if err == nil {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: done, Link: components.Link{Name: "Requests that wait", URL: d.URL("/interviews?state=" + posting.Requested)}})
		web.Redirect(w, r, d.requestURL(id))
		return
	}
	t, ok := web.ExplainForm(w, err, labels)
	if !ok || t.Status == http.StatusForbidden {
		web.Fail(w, r, err)
		return
	}
	p.drawForStaff(w, r, t.Status, staffRequest{desk: d, Returned: web.Returned{Trouble: t, Typed: r.PostForm}})
}

// happened are the words for what happened to a request.
var happened = map[string]string{
	"interview.requested": "asked for it", "interview.approved": "approved it", "interview.declined": "declined it",
	"interview.proposed": "proposed another time", "interview.accepted": "accepted the proposal", "interview.refused": "refused the proposal",
	"interview.withdrawn": "withdrew it", "interview.cancelled": "cancelled it", "interview.moved": "changed the place",
	"interview.slot_taken": "took a time", "interview.slot_given_back": "gave a time back",
}

// who did something to a request. Of the company's people staff read the names of contacts
// alone.
func (v staffRequest) who(e audit.Event) string {
	switch {
	case e.Actor.Kind != audit.User:
		return e.Actor.Name
	case e.Actor.ID == v.UserID && v.RequestedBy != "":
		return v.RequestedBy
	}
	return v.Company
}

// reasonOf is what was said with an event, "" for nothing.
func reasonOf(e audit.Event) string {
	text, _ := e.Detail["reason"].(string)
	return text
}
