package interviews

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// recruiterList is the address of a recruiter's list.
const recruiterList = "/recruit/interviews"

// seat is what every page of a recruiter knows.
type seat struct {
	visit.Seat
	now time.Time
	web.Returned
}

func (p *Pages) seat(w http.ResponseWriter, r *http.Request) (seat, bool) {
	s, ok := visit.Employer(w, r)
	return seat{Seat: s, now: p.Now()}, ok
}

func ownURL(id int64) string { return recruiterList + "/" + db.FormatID(id) }

// recruiterWords are the marks and words of the states for the company's people.
var recruiterWords = map[string][2]string{
	posting.Requested: {"wait", "Waits for a decision"},
	posting.Proposed:  {"now", "Other time proposed"},
	posting.Approved:  {"good", "Approved"},
	posting.Declined:  {"", "Declined"},
	posting.Withdrawn: {"", "Withdrawn"},
	posting.Cancelled: {"bad", "Cancelled"},
}

// ownList is the list of a recruiter's requests.
type ownList struct {
	seat
	list
}

// clocks are the institutions' zones, each named once: all rows then tell the time on the same
// clock where there is one.
func (v ownList) clocks() (names []string) {
	for _, i := range v.Rows {
		if name := components.ZoneName(i.Begins(), i.Zone); !i.Begins().IsZero() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (p *Pages) listForRecruiter(w http.ResponseWriter, r *http.Request) {
	s, ok := p.seat(w, r)
	if !ok {
		return
	}
	v := ownList{seat: s, list: list{other: "institution", words: recruiterWords, at: s.now}}
	err := v.read(r, func(q posting.InterviewQuery) ([]posting.Interview, int64, int, error) {
		return p.Interviews.Mine(r.Context(), s.User.ID, q)
	})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, http.StatusOK, ownListPage(v))
}

// ownRequest is one request as the company's people see it.
type ownRequest struct {
	seat
	posting.Interview
}

// seesJob tells whether the job's page is open to the person: a colleague's is to admins
// alone.
func (v ownRequest) seesJob() bool { return v.Membership.Role == company.Admin }

// again is the form with what was asked for in it, but for the date.
func (v ownRequest) again() string {
	query := url.Values{
		"job":       {offerKey(posting.Offer{JobID: v.JobID, InstitutionID: v.InstitutionID})},
		"slots":     {strconv.Itoa(v.SlotCount)},
		"way":       {v.Way},
		"needs":     {v.Needs},
		"starts_at": {v.StartsAt}, "slot_minutes": {strconv.Itoa(v.SlotMinutes)}, "break_minutes": {strconv.Itoa(v.BreakMinutes)},
		"pause_after": {strconv.Itoa(v.PauseAfter)}, "pause_minutes": {strconv.Itoa(v.PauseMinutes)}, "video_url": {v.VideoURL},
	}
	return recruiterList + "/new?" + query.Encode()
}

// next says what happens next, and who does it; "" where another part of the page does.
func (v ownRequest) next() string {
	switch {
	case v.State == posting.Requested:
		return "Staff of " + v.Institution + " decide. You get a mail then."
	case v.State == posting.Approved && !v.Flagged && v.Open() && v.Ends().After(v.now) && v.Taken() == 0:
		return "Students choose their times on the page of the job. Who has chosen stands here."
	}
	return ""
}

func (p *Pages) showToRecruiter(w http.ResponseWriter, r *http.Request) {
	if s, ok := p.seat(w, r); ok {
		p.drawForRecruiter(w, r, http.StatusOK, s)
	}
}

func (p *Pages) drawForRecruiter(w http.ResponseWriter, r *http.Request, status int, s seat) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	i, err := p.Interviews.Get(r.Context(), s.User.ID, id)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Render(w, r, status, ownRequestPage(ownRequest{s, i}))
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) {
	accept := r.FormValue("accept") == "yes"
	done := "You have refused the other time. Your request stands as it was."
	if accept {
		done = "The interviews are approved. Students can choose their times."
	}
	p.act(w, r, done, func(userID, id int64) error { return p.Interviews.AnswerProposal(r.Context(), userID, id, accept) })
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The request is withdrawn.", func(userID, id int64) error { return p.Interviews.Withdraw(r.Context(), userID, id) })
}

func (p *Pages) callOff(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, "The interviews are cancelled. The institution is told, and so are the students who had times.", func(userID, id int64) error {
		return p.Interviews.CallOff(r.Context(), userID, id, r.FormValue("reason"))
	})
}

// act does something to one request and shows its page again.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, done string, do func(userID, id int64) error) {
	s, ok := p.seat(w, r)
	if !ok {
		return
	}
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	err := do(s.User.ID, id)
	if err == nil {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: done})
		web.Redirect(w, r, ownURL(id))
		return
	}
	if s.Explain(w, r, err, labels) {
		p.drawForRecruiter(w, r, s.Status, s)
	}
}
