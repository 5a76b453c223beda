package visit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beckon/internal/company"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
	"beckon/internal/web/visit/visittest"
)

// site has a page for staff, one for recruiters, one for students and one for everybody.
func site(t *testing.T) *visittest.Site {
	s := visittest.New(t)
	s.Mux.HandleFunc("GET /at/{slug}/contacts", func(w http.ResponseWriter, r *http.Request) {
		if d, ok := visit.Staff(w, r); ok {
			web.Render(w, r, http.StatusOK, components.Layout(d.Page("Contacts", "Contacts of "+d.Institution.Name)))
		}
	})
	s.Mux.HandleFunc("GET /recruit/institutions", func(w http.ResponseWriter, r *http.Request) {
		if e, ok := visit.Employer(w, r); ok {
			web.Render(w, r, http.StatusOK, components.RecruiterLayout(e.Page("Institutions", "Find institutions")))
		}
	})
	s.Mux.HandleFunc("GET /student/{slug}/jobs", func(w http.ResponseWriter, r *http.Request) {
		if p, ok := visit.Student(w, r); ok {
			web.Render(w, r, http.StatusOK, components.StudentLayout(p.Page("Jobs", "Jobs at "+p.Institution.Name)))
		}
	})
	s.Mux.HandleFunc("GET /account", func(w http.ResponseWriter, r *http.Request) {
		if o, ok := visit.Account(w, r); ok {
			web.Render(w, r, http.StatusOK, o.Frame("Your account"))
		}
	})
	s.Mux.HandleFunc("POST /account", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := visit.Account(w, r); ok {
			web.SetFlash(w, r, components.Flash{Text: "Done that"})
			web.Redirect(w, r, "/account")
		}
	})
	s.Mux.HandleFunc("POST /out", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Visits.SignOut(w, r); err != nil {
			web.Fail(w, r, err)
		}
	})
	return s
}

func TestStrangersAreLedToTheSignInAndBack(t *testing.T) {
	s := site(t)
	s.Institution("Elm University")
	b := s.Visitor()
	b.Get("/at/elm/contacts?q=a+b").LeadsTo("/sign-in?to=%2Fat%2Felm%2Fcontacts%3Fq%3Da%2Bb")
	b.Get("/recruit/institutions").LeadsTo("/sign-in?to=%2Frecruit%2Finstitutions")
	b.Post("/account").LeadsTo("/sign-in") // cannot be asked for again
	b.Header.Set("HX-Request", "true")
	if a := b.Get("/account"); a.Header.Get("HX-Redirect") != "/sign-in" {
		t.Errorf("htmx is led to %q", a.Header.Get("HX-Redirect"))
	}
}

func TestStaffSeeTheirInstitutionAndNoOther(t *testing.T) {
	s := site(t)
	elm, _ := s.Institution("Elm University"), s.Institution("Oak College")
	dana := s.User("Dana Whitfield", "dana@elm.example")
	s.Staff(elm, dana, institution.Coordinator)
	b := s.As(dana)
	b.Get("/at/elm/contacts").Shows(200, "Contacts of Elm University", "Coordinator at", "Dana W.", `href="/at/elm/contacts" aria-current="page"`)
	b.Get("/at/oak/contacts").Shows(404).Lacks("Oak College")
	b.Get("/at/none/contacts").Shows(404)
	b.Get("/account").Shows(200, `href="/at/elm/contacts"`)
}

func TestWhoWorksAtSeveralPlacesCanGoToEach(t *testing.T) {
	s := site(t)
	elm, oak := s.Institution("Elm University"), s.Institution("Oak College")
	dana := s.User("Dana Whitfield", "dana@elm.example")
	s.Staff(elm, dana, institution.Owner)
	s.Staff(oak, dana, institution.Viewer)
	s.Member(dana, "Northwind", company.Admin)
	b := s.As(dana)
	b.Get("/at/elm/contacts").Shows(200, `<a href="/at/oak/contacts">Go to Oak College</a>`, `<a href="/recruit/institutions">Go to Northwind</a>`).Lacks("Go to Elm")
	b.Get("/recruit/institutions").Shows(200, "Admin at", "Northwind", "Go to Elm University", "Go to Oak College").Lacks("Go to Northwind")
}

func TestAdminsSeeHowManyAskToJoin(t *testing.T) {
	s := site(t)
	amara, sami := s.User("Amara Okafor", "amara@mail.example"), s.User("Sami Brandt", "sami@mail.example")
	co := s.Member(amara, "Northwind", company.Admin)
	s.As(amara).Get("/recruit/institutions").Shows(200).Lacks("badge")
	if _, err := s.Companies.Join(t.Context(), sami, co); err != nil {
		t.Fatal(err)
	}
	s.As(amara).Get("/recruit/institutions").Shows(200, `badge due`)
	s.As(sami).Get("/recruit/institutions").Shows(200, "Your account").Lacks("badge")
}

func TestAMessageIsShownOnceAndOnAWholePage(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@mail.example"))
	b.Post("/account").LeadsTo("/account")
	b.Header.Set("HX-Request", "true")
	b.Get("/account").Shows(200).Lacks("Done that")
	b.Header.Del("HX-Request")
	b.Get("/account").Shows(200, "Done that")
	b.Get("/account").Shows(200).Lacks("Done that")
}

func TestASessionEndsAndIsProlonged(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@mail.example"))
	s.Pass(29 * 24 * time.Hour)
	prolonged := b.Get("/account").Shows(200).Header.Get("Set-Cookie")
	for _, part := range []string{"beckon_session=", "Max-Age=2592000", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(prolonged, part) {
			t.Errorf("the cookie %q lacks %s", prolonged, part)
		}
	}
	s.Pass(time.Minute)
	if again := b.Get("/account").Shows(200).Header.Get("Set-Cookie"); again != "" {
		t.Errorf("the next page sets the cookie again: %q", again)
	}
	s.Pass(29 * 24 * time.Hour)
	b.Get("/account").Shows(200)
	s.Pass(31 * 24 * time.Hour)
	b.Get("/account").LeadsTo("/sign-in?to=%2Faccount")
}

func TestSigningOutEndsTheSessionItself(t *testing.T) {
	s := site(t)
	amara := s.User("Amara Okafor", "amara@mail.example")
	b := s.As(amara)
	b.Post("/out").Shows(200)
	b.Get("/account").LeadsTo("/sign-in?to=%2Faccount")
	if n := s.Int(`SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestCookiesAreSecureWhereTheSiteIs(t *testing.T) {
	for base, want := range map[string]bool{"https://beckon.example": true, "http://beckon.example": false} {
		s := visittest.New(t)
		set := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := s.Visits.SignIn(w, r, "secret"); err != nil {
				t.Error(err)
			}
		})
		w := httptest.NewRecorder()
		web.Chain(set, web.Options{BaseURL: base}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		cookies := w.Result().Cookies()
		if len(cookies) != 1 || cookies[0].Value != "secret" || cookies[0].Secure != want || !cookies[0].HttpOnly {
			t.Errorf("%s: %v", base, cookies)
		}
	}
}

func TestClientBelievesAProxyOnThisMachineAlone(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:4711", "", "192.0.2.0/24"},
		{"192.0.2.7:4711", "198.51.100.9", "192.0.2.0/24"},
		{"127.0.0.1:4711", "", "127.0.0.0/24"},
		{"127.0.0.1:4711", "203.0.113.1, 198.51.100.9", "198.51.100.0/24"},
		{"[::1]:4711", "198.51.100.9", "198.51.100.0/24"},
		{"127.0.0.1:4711", "nonsense", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := visit.Client(r).Network; got != c.want {
			t.Errorf("%s for %q: %q, want %q", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestStudentsSeeTheirInstitutionAndNoOther(t *testing.T) {
	s := site(t)
	elm, oak := s.Institution("Elm University"), s.Institution("Oak College")
	talia, dana := s.User("Talia Smit", "talia@elm.example"), s.User("Dana Whitfield", "dana@elm.example")
	s.Student(elm, "Talia Smit", "Talia@ELM.example")
	s.Staff(oak, talia, institution.Viewer)
	s.Staff(elm, dana, institution.Owner)
	s.Visitor().Get("/student/elm/jobs").LeadsTo("/sign-in?to=%2Fstudent%2Felm%2Fjobs")
	b := s.As(talia)
	b.Get("/student/elm/jobs").Shows(200, "Jobs at Elm University", "Student at", `href="/student/elm/jobs" aria-current="page"`, `href="/student/elm/profile"`,
		`<a href="/at/oak/contacts">Go to Oak College</a>`).Lacks("as a student", "/recruit")
	b.Get("/at/oak/contacts").Shows(200, `<a href="/student/elm/jobs">Go to Elm University as a student</a>`)
	b.Get("/student/oak/jobs").Shows(404)
	b.Get("/student/none/jobs").Shows(404)
	s.As(dana).Get("/student/elm/jobs").Shows(404)
}

func TestAStudentsAccountStandsInAStudentsFrame(t *testing.T) {
	s := site(t)
	elm := s.Institution("Elm University")
	talia := s.User("Talia Smit", "talia@elm.example")
	b := s.As(talia)
	b.Get("/account").Shows(200, `href="/recruit/institutions"`)
	s.Student(elm, "Talia Smit", "talia@elm.example")
	b.Get("/account").Shows(200, `href="/student/elm/jobs"`).Lacks("/recruit/")
	s.Member(talia, "Northwind", company.Recruiter)
	b.Get("/account").Shows(200, `href="/recruit/institutions"`, "Go to Elm University as a student")
}

// A form that did not arrive whole must not be taken for one with blank fields.
func TestFormsThatCannotBeRead(t *testing.T) {
	s := site(t)
	b := s.As(s.User("Amara Okafor", "amara@mail.example"))
	const form = "application/x-www-form-urlencoded"
	b.Send("/account", form, strings.NewReader("first_name=%zz")).Shows(422, "not encoded as forms are")
	b.Send("/account", form, strings.NewReader("first_name="+strings.Repeat("x", 1<<20))).Shows(413, "larger than 1,024 kB")
	b.Send("/account", form, strings.NewReader("first_name=Ann")).LeadsTo("/account")
}
