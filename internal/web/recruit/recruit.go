// Package recruit holds the recruiter's side: joining or creating a company, finding
// institutions and asking to recruit there, posting jobs, finding students and writing to
// them.
package recruit

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/conversation"
	"beckon/internal/web/visit"
)

// Pages are the pages of this package.
type Pages struct {
	Accounts   *account.Accounts
	Companies  *company.Companies
	Recruiting *recruiting.Recruiting
	Jobs       *posting.Jobs
	Students   *student.Students
	// FollowUp does what institutions have set to follow on a new membership; see
	// invite.Invites. Workers do it as well, so its errors only cost time. nil for nothing.
	FollowUp func(context.Context) error
	Now      func() time.Time
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.Handle("GET /recruit/{$}", http.RedirectHandler("/recruit/institutions", http.StatusSeeOther))
	mux.HandleFunc("GET /recruit/company", p.showCompany)
	mux.HandleFunc("POST /recruit/company", p.createCompany)
	mux.HandleFunc("POST /recruit/company/join", p.join)
	mux.HandleFunc("POST /recruit/company/nudge", p.nudge)
	mux.HandleFunc("POST /recruit/company/leave", p.leave)
	mux.HandleFunc("POST /recruit/company/profile", p.changeProfile)
	mux.HandleFunc("POST /recruit/company/people/{id}/{act}", p.decide)
	mux.HandleFunc("GET /recruit/institutions", p.listInstitutions)
	mux.HandleFunc("POST /recruit/institutions/{id}/request", p.request)
	mux.HandleFunc("POST /recruit/institutions/{id}/withdraw", p.withdrawRequest)
	mux.HandleFunc("GET /recruit/jobs", p.listJobs)
	mux.HandleFunc("GET /recruit/jobs/new", p.newJob)
	mux.HandleFunc("POST /recruit/jobs", p.postJob)
	mux.HandleFunc("GET /recruit/jobs/{id}", p.showJob)
	mux.HandleFunc("POST /recruit/jobs/{id}/withdraw", p.withdrawJob)
	mux.HandleFunc("GET /recruit/students", p.findStudents)
	mux.HandleFunc("POST /recruit/messages/new", p.newLetter)
	mux.HandleFunc("POST /recruit/messages", p.send)
	mux.HandleFunc("GET /recruit/messages", p.room(conversation.Room.List))
	mux.HandleFunc("GET /recruit/messages/{id}", p.room(conversation.Room.Show))
	mux.HandleFunc("POST /recruit/messages/{id}", p.room(conversation.Room.Reply))
	mux.HandleFunc("POST /recruit/messages/{id}/read", p.room(conversation.Room.Read))
	mux.HandleFunc("GET /recruit/messages/{id}/report", p.room(conversation.Room.AskReport))
	mux.HandleFunc("POST /recruit/messages/{id}/report", p.room(conversation.Room.Report))
}

// pageSize is how many rows a list shows at once.
const pageSize = 50

// view is what every page here knows.
type view struct {
	visit.Seat
	now time.Time
	web.Returned
}

func (v view) ago(t time.Time) string { return components.Ago(t, v.now) }

// enter tells who looks; false where the answer is given already.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request) (view, bool) {
	seat, ok := visit.Employer(w, r)
	return view{Seat: seat, now: p.Now()}, ok
}

// pathID is the id in the address; false where the answer (404) is given already.
func pathID(w http.ResponseWriter, r *http.Request, what string) (int64, bool) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		web.Fail(w, r, fault.NotFound(what))
	}
	return id, ok
}

// done leads to a page with a message about what was done there.
func done(w http.ResponseWriter, r *http.Request, path string, f components.Flash) {
	web.SetFlash(w, r, f)
	web.Redirect(w, r, path)
}

// followUp lets institutions' settings act on a membership that is new.
func (p *Pages) followUp(ctx context.Context) {
	if p.FollowUp == nil {
		return
	}
	if err := p.FollowUp(ctx); err != nil {
		slog.ErrorContext(ctx, "following up on a membership failed", "error", err)
	}
}

// noun is the word for what n counts.
func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
