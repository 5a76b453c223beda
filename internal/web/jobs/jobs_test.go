package jobs

import (
	"strings"
	"testing"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/web/visit/visittest"
)

type house struct {
	*visittest.Site
	elm                     int64
	jobs                    *posting.Jobs
	owner, viewer, stranger *visittest.Browser
	author                  int64
}

func open(t *testing.T) *house {
	s := visittest.New(t)
	h := &house{Site: s, elm: s.Institution("Elm University"), jobs: &posting.Jobs{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}}
	oak := s.Institution("Oak College")
	(&Pages{Jobs: h.jobs, Now: s.Now}).Routes(s.Mux)
	join := func(name, email string, at int64, role institution.Role) *visittest.Browser {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return s.As(id)
	}
	h.owner = join("Dana Whitfield", "dana@elm.example", h.elm, institution.Reviewer)
	h.viewer = join("Vera Moreau", "vera@elm.example", h.elm, institution.Viewer)
	h.stranger = join("Otto Reyes", "otto@oak.example", oak, institution.Owner)
	h.author = s.User("Amara Okafor", "amara@northwind.example")
	company := s.Member(h.author, "Northwind Robotics", "admin")
	r := &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	if err := r.Approve(t.Context(), institution.System(h.elm, "test"), company); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) post(title string) (url string) {
	h.T.Helper()
	j, err := h.jobs.Post(h.T.Context(), h.author, posting.JobInput{Title: title, Description: "Two\nlines of <b>work</b>", Kind: "internship", Institutions: []int64{h.elm}})
	if err != nil {
		h.T.Fatal(err)
	}
	return "/at/elm/jobs/" + db.FormatID(j.ID)
}

func TestReviewAJob(t *testing.T) {
	h := open(t)
	h.owner.Get("/at/elm/jobs").Shows(200, "No jobs yet")
	url := h.post("Robot <i>tamer</i>")
	h.owner.Get("/at/elm/jobs?state=pending").Shows(200, "Robot &lt;i&gt;tamer", "Northwind Robotics", "Internship", "Waiting").Lacks("<i>tamer", "style=")
	h.owner.Get("/at/elm/jobs?state=approved").Shows(200, "No job stands here")
	h.owner.Get(url).Shows(200, "lines of &lt;b&gt;work", "do not see it", "Amara Okafor", "/approve", "/decline")
	h.owner.Post(url + "/approve").LeadsTo(url)
	h.owner.Get(url).Shows(200, "The job is shown to students.", "see it").Lacks("/approve\"")
	h.owner.Post(url+"/decline", "reason", strings.Repeat("x", 1001)).Shows(422, "Reason")
	h.owner.Post(url+"/decline", "reason", "Not <u>paid</u>").LeadsTo(url)
	h.owner.Get(url).Shows(200, "Not &lt;u&gt;paid", "Declined").Lacks("<u>paid")
}

func TestAWithdrawnJobIsOver(t *testing.T) {
	h := open(t)
	url := h.post("Tester")
	id, _ := db.ParseID(strings.TrimPrefix(url, "/at/elm/jobs/"))
	if err := h.jobs.Withdraw(t.Context(), h.author, id); err != nil {
		t.Fatal(err)
	}
	h.owner.Get(url).Shows(200, "Withdrawn").Lacks("/approve\"", "/decline\"")
	h.owner.Post(url + "/approve").Shows(409)
}

func TestWhoMay(t *testing.T) {
	h := open(t)
	url := h.post("Tester")
	h.viewer.Get(url).Shows(200, "Tester").Lacks("/approve\"", "/decline\"")
	h.stranger.Get(url).Shows(404)
	h.stranger.Get(strings.Replace(url, "/elm/", "/oak/", 1)).Shows(404)
	for _, act := range []string{"/approve", "/decline"} {
		h.viewer.Post(url + act).Shows(403)
		h.stranger.Post(url + act).Shows(404)
		h.stranger.Post(strings.Replace(url, "/elm/", "/oak/", 1) + act).Shows(404)
	}
	h.owner.Get("/at/elm/jobs/zzz").Shows(404)
	h.owner.Get("/at/elm/jobs?state=odd").Shows(422)
}
