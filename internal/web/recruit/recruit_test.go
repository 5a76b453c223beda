package recruit_test

import (
	"context"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web/recruit"
	"beckon/internal/web/visit/visittest"
)

type site struct {
	*visittest.Site
	recruiting *recruiting.Recruiting
	jobs       *posting.Jobs
	students   *student.Students
	followed   int
}

func newSite(t *testing.T) *site {
	s := &site{Site: visittest.New(t)}
	s.recruiting = &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	s.jobs = &posting.Jobs{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	s.students = &student.Students{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	follow := func(context.Context) error { s.followed++; return nil }
	(&recruit.Pages{Accounts: s.Accounts, Companies: s.Companies, Recruiting: s.recruiting, Jobs: s.jobs, Students: s.students, FollowUp: follow, Now: s.Now}).Routes(s.Mux)
	return s
}

func (s *site) must(err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

func (s *site) staff(institutionID int64) institution.Scope {
	return institution.System(institutionID, "test")
}

func TestThePagesAreForWhoIsSignedIn(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/recruit/company", "/recruit/institutions", "/recruit/jobs", "/recruit/jobs/new", "/recruit/jobs/1"} {
		if a := s.Visitor().Get(path); a.Status != 303 {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
	s.Visitor().Post("/recruit/jobs", "title", "x").LeadsTo("/sign-in")
}

func TestCreateACompany(t *testing.T) {
	s := newSite(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Get("/recruit/company").Shows(200, "Which company do you recruit for?", "northwind.example", "Create company").Lacks("Ask to join")
	b.Post("/recruit/company", "name", "", "website", "not a site").Shows(422, `href="#name"`, `href="#website"`, `value="not a site"`)
	b.Post("/recruit/company", "name", "Northwind <Robotics>").LeadsTo("/recruit/institutions")
	if s.followed != 1 {
		t.Errorf("followed up %d times", s.followed)
	}
	b.Get("/recruit/institutions").Shows(200, "Northwind &lt;Robotics&gt; is on Beckon").Lacks("<Robotics>")
	b.Get("/recruit/company").Shows(200, "Northwind &lt;Robotics&gt;", "northwind.example, 1 member", "Save profile", "Admin")
	b.Post("/recruit/company", "name", "Another").Shows(409, "You belong to Northwind")
}

func TestACompanyThatExistsIsOfferedInstead(t *testing.T) {
	s := newSite(t)
	_, err := s.Companies.Create(t.Context(), s.User("Sami Brandt", "sami@northwind.example"), company.New{Name: "Northwind"})
	s.must(err)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Get("/recruit/company").Shows(200, "your address is there", "Ask to join")
	b.Get("/recruit/company?q=zzz").Shows(200, "your address is there")
	b.Post("/recruit/company", "name", "Northwind").Shows(409, "Northwind exists already: join it instead", "Ask to join")
	stranger := s.As(s.User("Rosa Smit", "rosa@mail.example"))
	stranger.Get("/recruit/company").Shows(200).Lacks("Ask to join")
	stranger.Get("/recruit/company?q=NORTH").Shows(200, "Ask to join").Lacks("your address is there")
}

func TestJoiningWaitsAndCanBeNudgedAndWithdrawn(t *testing.T) {
	s := newSite(t)
	amara, sami := s.User("Amara Okafor", "amara@northwind.example"), s.User("Sami Brandt", "sami@mail.example")
	co := s.Member(amara, "Northwind", company.Admin)
	b := s.As(sami)
	b.Post("/recruit/company/join", "company", "!").Shows(404)
	b.Post("/recruit/company/join", "company", db.FormatID(co)).LeadsTo("/recruit/company")
	b.Get("/recruit/company").Shows(200, "Your request to Northwind", "Amara Okafor at Northwind", "You asked to join just now").Lacks("Remind them")
	b.Get("/recruit/institutions").Shows(200, "Northwind has not decided about you yet")
	b.Post("/recruit/company/nudge").Shows(429, "You may try again in 24 hours")
	s.Pass(25 * time.Hour)
	b.Get("/recruit/company").Shows(200, "Remind them")
	b.Post("/recruit/company/nudge").LeadsTo("/recruit/company")
	b.Get("/recruit/company").Shows(200, "You asked to join 1 day ago", "They were reminded just now")
	b.Post("/recruit/company/leave").LeadsTo("/recruit/company")
	b.Get("/recruit/company").Shows(200, "is withdrawn", "Which company do you recruit for?")
}

func TestAdminsDecideAndOthersDoNot(t *testing.T) {
	s := newSite(t)
	amara, sami, rosa := s.User("Amara Okafor", "amara@northwind.example"), s.User("Sami Brandt", "sami@mail.example"), s.User("Rosa Smit", "rosa@mail.example")
	co := s.Member(amara, "Northwind", company.Admin)
	for _, u := range []int64{sami, rosa} {
		_, err := s.Companies.Join(t.Context(), u, co)
		s.must(err)
	}
	m, err := s.Companies.Of(t.Context(), sami)
	s.must(err)
	of := func(act string) string { return "/recruit/company/people/" + db.FormatID(m.ID) + "/" + act }
	admin := s.As(amara)
	admin.Get("/recruit/company").Shows(200, "Who asks to join", "Sami Brandt", "Rosa Smit", "not at your domain", of("approve"))
	s.As(sami).Post(of("approve")).Shows(404)
	admin.Post(of("approve"), "who", "Sami Brandt").LeadsTo("/recruit/company")
	admin.Get("/recruit/company").Shows(200, "Sami Brandt is a recruiter of your company now", of("admin"))
	recruiter := s.As(sami)
	recruiter.Get("/recruit/company").Shows(200, "an admin decides", "Rosa Smit").Lacks("/approve", "Save profile")
	recruiter.Post("/recruit/company/profile", "name", "Mine").Shows(403, "This needs the role admin")
	r, err := s.Companies.Of(t.Context(), rosa)
	s.must(err)
	admin.Post("/recruit/company/people/"+db.FormatID(r.ID)+"/decline", "reason", "Not one of <us>").LeadsTo("/recruit/company")
	s.As(rosa).Get("/recruit/company").Shows(200, "Northwind has declined your request", "Not one of &lt;us&gt;")
	admin.Post("/recruit/company/leave").Shows(409, "only admin")
	admin.Post(of("admin")).LeadsTo("/recruit/company")
	admin.Post("/recruit/company/leave").LeadsTo("/recruit/company")
	recruiter.Post(of("nonsense")).Shows(404)
}

func TestChangeTheProfile(t *testing.T) {
	s := newSite(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Post("/recruit/company", "name", "Northwind").LeadsTo("/recruit/institutions")
	b.Post("/recruit/company/profile", "name", "Northwind", "domain", "elsewhere.example").Shows(422, "Mail domain is not the domain of a verified address of yours")
	b.Post("/recruit/company/profile", "name", "North Wind", "domain", "northwind.example", "auto_join", "yes", "description", "Robots.").LeadsTo("/recruit/company")
	b.Get("/recruit/company").Shows(200, "The profile is saved", "North Wind", "Robots.", "checked")
	sami := s.As(s.User("Sami Brandt", "sami@northwind.example"))
	sami.Get("/recruit/company").Shows(200, `Join <span class="hidden">North Wind</span>`)
}

func TestFindInstitutionsAndAsk(t *testing.T) {
	s := newSite(t)
	elm, oak := s.Institution("Elm University"), s.Institution("Oak College")
	amara := s.User("Amara Okafor", "amara@northwind.example")
	b := s.As(amara)
	b.Get("/recruit/institutions").Shows(200, "join or create yours first", "Elm University").Lacks("/request\"")
	ask := "/recruit/institutions/" + db.FormatID(elm) + "/request"
	b.Post(ask).Shows(403, "No company has approved you as its recruiter yet", `href="/recruit/company"`)
	co := s.Member(amara, "Northwind", company.Admin)
	b.Get("/recruit/institutions").Shows(200, ask)
	b.Get("/recruit/institutions?q=OAK").Shows(200, "Oak College").Lacks("Elm University")
	b.Get("/recruit/institutions?q=zzz").Shows(200, "No institution is called like that")
	b.Post(ask).LeadsTo("/recruit/institutions")
	s.Pass(48 * time.Hour)
	b.Get("/recruit/institutions").Shows(200, "requested 2 days ago", "Withdraw")
	withdraw := "/recruit/institutions/" + db.FormatID(elm) + "/withdraw"
	b.Post(withdraw).LeadsTo("/recruit/institutions")
	b.Post(ask).LeadsTo("/recruit/institutions")
	s.must(s.recruiting.Approve(t.Context(), s.staff(elm), co))
	b.Post(withdraw).Shows(409, "The institution has decided already")
	b.Get("/recruit/institutions").Shows(200, "You may post jobs", "/recruit/jobs/new?institution="+db.FormatID(elm))
	s.must(s.recruiting.Block(t.Context(), s.staff(oak), co, ""))
	b.Post("/recruit/institutions/"+db.FormatID(oak)+"/request").Shows(403, "Oak College has blocked your company")
	b.Post("/recruit/institutions/zzzz/request").Shows(404)
}

func TestPostAJobWhereTheGateIsOpen(t *testing.T) {
	s := newSite(t)
	elm, oak := s.Institution("Elm University"), s.Institution("Oak College")
	amara := s.User("Amara Okafor", "amara@northwind.example")
	b := s.As(amara)
	b.Get("/recruit/jobs").Shows(200, "No jobs yet")
	b.Get("/recruit/jobs/new").Shows(200, "join or create yours first", "No institution has approved your company yet")
	co := s.Member(amara, "Northwind", company.Admin)
	s.must(s.recruiting.Approve(t.Context(), s.staff(elm), co))
	_, err := s.recruiting.Request(t.Context(), amara, oak)
	s.must(err)
	place, closed := `name="institution" value="`+db.FormatID(elm)+`"`, `name="institution" value="`+db.FormatID(oak)+`"`
	b.Get("/recruit/jobs/new?institution="+db.FormatID(elm)).Shows(200, place+" checked", "Not yet open to you", "Oak College", "Has not decided about your company yet").Lacks(closed)
	b.Post("/recruit/jobs", "title", "", "description", "Robots").Shows(422, `href="#title"`, `href="#institutions"`, ">Robots</textarea>")
	b.Post("/recruit/jobs", "title", "Builder", "description", "Robots", "institution", db.FormatID(elm), "institution", db.FormatID(oak)).
		Shows(403, "Oak College has not decided about your company yet", `href="/recruit/institutions"`, `value="Builder"`, place+" checked")
	b.Post("/recruit/jobs", "title", "Builder", "description", "Robots", "apply_url", "no", "institution", db.FormatID(elm)).Shows(422, `href="#apply_url"`)
	if n := s.Int(`SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Fatalf("%d jobs are made by refused forms", n)
	}
	a := b.Post("/recruit/jobs", "title", "<i>Builder", "description", "One.\nTwo.", "kind", "internship", "institution", db.FormatID(elm))
	page := a.Header.Get("Location")
	b.Get(page).Shows(200, "&lt;i&gt;Builder", "<p>Two.</p>", "Internship", "waits for a decision", "is posted to 1 institution").Lacks("<i>Builder")
	b.Get("/recruit/jobs").Shows(200, "&lt;i&gt;Builder", "Elm University")
	b.Get("/recruit/jobs?state=pending&q=ELM").Shows(200, "&lt;i&gt;Builder", "1 to 1 of 1", `name="state" value="pending"`)
	b.Get("/recruit/jobs?state=approved").Shows(200, "No job stands here", "All jobs").Lacks("Builder")
	b.Get("/recruit/jobs?state=odd").Shows(422)
	s.As(s.User("Eve Strange", "eve@mail.example")).Get(page).Shows(404)
	s.As(s.User("Adam Strange", "adam@mail.example")).Post(page + "/withdraw").Shows(404)
	b.Post(page+"/withdraw", "institution", db.FormatID(elm)).LeadsTo(page)
	b.Get(page).Shows(200, "withdrawn").Lacks("Withdraw there")
}

func TestPostsOfOtherSitesChangeNothing(t *testing.T) {
	s := newSite(t)
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Post("/recruit/company", "name", "Evil").Shows(403)
	if n := s.Int(`SELECT COUNT(*) FROM companies`); n != 0 {
		t.Error("a company is made")
	}
}

func TestInstitutionsArePagedAndNoneIsMissed(t *testing.T) {
	s := newSite(t)
	for i := range 60 {
		s.Write(func(ctx context.Context, tx *db.Tx) error {
			name := "elm " + db.FormatID(int64(1000+i))
			_, err := tx.Exec(ctx, `INSERT INTO institutions (slug, name, name_key, created_at) VALUES ($1, $2, $2, 1)`, "elm-"+db.FormatID(int64(i)), name)
			return err
		})
	}
	b := s.As(s.User("Amara Okafor", "amara@northwind.example"))
	first := b.Get("/recruit/institutions?q=elm").Shows(200, "60 institutions", "elm "+db.FormatID(1000)).Lacks("elm " + db.FormatID(1050))
	next := linkTo(first.Body, `rel="next" href="`)
	b.Get(next).Shows(200, "elm "+db.FormatID(1050), "elm "+db.FormatID(1059), `rel="prev" href="/recruit/institutions?q=elm"`).Lacks("elm " + db.FormatID(1049))
	b.Get("/recruit/institutions?after=nonsense").Shows(200, "elm "+db.FormatID(1000))
}
