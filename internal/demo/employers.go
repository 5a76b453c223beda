package demo

import (
	"context"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
)

// create makes a company of a firm, with the user as its admin.
func (w *world) create(ctx context.Context, f *firm, user account.User) error {
	co, err := w.companies.Create(ctx, user.ID, company.New{Name: f.name, Website: "https://www." + f.domain})
	if err == nil {
		f.companyID, f.admin = co.ID, user
	}
	return err
}

// found makes one of the first companies, with a recruiter beside the admin, and plans where
// they ask to recruit. The first two are those that guests look around with.
func (w *world) found(ctx context.Context, f *firm, i int) error {
	guests := i < 2
	for n, p := range f.people[:min(2, len(f.people))] {
		u, err := w.accounts.Add(ctx, account.Person{Email: p.email, FirstName: p.first, LastName: p.last}, operator)
		if err != nil {
			return err
		}
		if n == 0 {
			err = w.create(ctx, f, u)
		} else if f.recruiter = u; guests || w.perhaps(.5) {
			_, err = w.companies.AddMember(ctx, operator, u.ID, f.companyID, company.Recruiter)
		}
		if err != nil {
			return err
		}
	}
	if guests {
		w.planRequest(1, f.admin, f, w.elm)
		w.planRequest(2, f.admin, f, w.oak)
		return nil
	}
	for _, c := range []*campus{w.oak, w.pine} {
		if w.perhaps(.55) {
			w.planRequest(w.days(1, 30), f.admin, f, c)
		}
	}
	switch {
	case i%5 == 0:
		w.planRequest(w.days(10, 60), f.admin, f, w.elm)
	case i%4 == 1: // some of those that wait now
		w.plan(w.ago(w.days(.1, 5)), "ask Elm University", func(ctx context.Context) error { return w.request(ctx, f.admin, f, w.elm) })
	}
	return nil
}

// planRequest lets a user ask to recruit at an institution so many days from now.
func (w *world) planRequest(days float64, user account.User, f *firm, c *campus) {
	w.later(days, "ask "+c.Name, func(ctx context.Context) error { return w.request(ctx, user, f, c) })
}

// request asks, and plans what staff decide.
func (w *world) request(ctx context.Context, user account.User, f *firm, c *campus) error {
	state, err := w.recruiting.Request(ctx, user.ID, c.ID)
	if err != nil {
		return err
	}
	if state == recruiting.Approved {
		w.planJobs(user, f, c)
		return nil
	}
	guests := f == w.firms[0] || f == w.firms[1]
	w.later(w.days(2, 9), "decide about "+f.name, func(ctx context.Context) error {
		switch {
		case guests || w.perhaps(.86):
			if err := w.recruiting.Approve(ctx, c.reviewer, f.companyID); err != nil {
				return err
			}
			w.planJobs(user, f, c)
			return nil
		case w.perhaps(.7):
			return w.recruiting.Decline(ctx, c.reviewer, f.companyID, w.one(declineReasons))
		}
		return w.recruiting.Block(ctx, c.reviewer, f.companyID, "Asked students for fees.")
	})
	return nil
}

// planJobs lets a recruiter post some jobs, about which staff decide.
func (w *world) planJobs(user account.User, f *firm, c *campus) {
	jobs := w.chance.IntN(3)
	if f == w.firms[0] || f == w.firms[1] {
		jobs = 4
	}
	for range jobs {
		w.later(w.chance.ExpFloat64()*25, "post a job", func(ctx context.Context) error {
			job, err := w.jobs.Post(ctx, user.ID, posting.JobInput{Title: w.one(sampleTitles),
				Description: "You join a small team at " + f.name + ", learn the trade from people who like to explain it, and see your work in use. Apply with a short letter and your grades.",
				Location:    w.one(cities), Kind: w.one(posting.Kinds), ApplyURL: "https://www." + f.domain + "/jobs", Institutions: []int64{c.ID}})
			if err != nil {
				return err
			}
			w.later(w.days(.5, 7), "decide about a job", func(ctx context.Context) error {
				if w.perhaps(.1) {
					return w.jobs.Decline(ctx, c.reviewer, job.ID, "Please say what the work pays.")
				}
				if c == w.elm {
					w.approved[f] = append(w.approved[f], job.ID)
				}
				return w.jobs.Approve(ctx, c.reviewer, job.ID)
			})
			return nil
		})
	}
}
