package recruit_test

import (
	"testing"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/posting"
	"beckon/internal/web/visit/visittest"
)

func TestPagesAreAccessible(t *testing.T) {
	s := newSite(t)
	elm, oak, larch := s.Institution("Elm University"), s.Institution("Oak College"), s.Institution("Larch Institute of Art")
	s.Institution("Rowan State University")
	amara, sami, rosa := s.User("Amara Okafor", "amara@northwind.example"), s.User("Sami Brandt", "sami@mail.example"), s.User("Rosa Smit", "rosa@mail.example")
	tab := s.Tab(amara)
	visittest.Accessible(t, tab, "/recruit/company", "/recruit/institutions")
	co := s.Member(amara, "Northwind Robotics", company.Admin)
	_, err := s.Companies.Join(t.Context(), sami, co)
	s.must(err)
	s.Member(rosa, "Meridian Freight", company.Recruiter)
	s.must(s.recruiting.Approve(t.Context(), s.staff(elm), co))
	_, err = s.recruiting.Request(t.Context(), amara, oak)
	s.must(err)
	s.must(s.recruiting.Decline(t.Context(), s.staff(larch), co, "We only work with studios in the region."))
	job, err := s.jobs.Post(t.Context(), amara, posting.JobInput{Title: "Builder", Description: "Robots.", Location: "Remote", ApplyURL: "northwind.example/jobs", Institutions: []int64{elm}})
	s.must(err)
	visittest.Accessible(t, tab, "/recruit/company", "/recruit/institutions", "/recruit/institutions?q=zzz", "/recruit/jobs", "/recruit/jobs/new", "/recruit/jobs/"+db.FormatID(job.ID))
	visittest.Accessible(t, s.Tab(sami), "/recruit/company", "/recruit/jobs")
}

func TestAFormComesBackWithWhatIsWrong(t *testing.T) {
	s := newSite(t)
	elm := s.Institution("Elm University")
	amara := s.User("Amara Okafor", "amara@northwind.example")
	s.must(s.recruiting.Approve(t.Context(), s.staff(elm), s.Member(amara, "Northwind Robotics", company.Admin)))
	tab := s.Tab(amara)
	tab.Visit("/recruit/jobs/new")
	tab.Fill("#title", "Builder")
	tab.Fill("#description", "Robots.")
	tab.Expect("422")
	tab.Follow("form .button.strong")
	if got := tab.Text(".summary h2"); got != "One thing to mend" {
		t.Errorf("the summary says %q", got)
	}
	tab.Axe()
	tab.Click(`[name=institution]`)
	tab.Follow("form .button.strong")
	if got := tab.Text("h1"); got != "Builder" {
		t.Errorf("posted to %q", got)
	}
}
