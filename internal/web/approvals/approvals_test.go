package approvals

import (
	"net/url"
	"testing"

	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web/visit/visittest"
)

type house struct {
	*visittest.Site
	elm                      int64
	recruiting               *recruiting.Recruiting
	owner, viewer, stranger  *visittest.Browser
	northwind, alder         int64
	northwindURL, alderURL   string
	northwindUser, alderUser int64
}

func open(t *testing.T) *house {
	s := visittest.New(t)
	h := &house{Site: s, elm: s.Institution("Elm University")}
	oak := s.Institution("Oak College")
	h.recruiting = &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	(&Pages{Recruiting: h.recruiting, DB: s.DB, Now: s.Now}).Routes(s.Mux)
	join := func(name, email string, at int64, role institution.Role) *visittest.Browser {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return s.As(id)
	}
	h.owner = join("Dana Whitfield", "dana@elm.example", h.elm, institution.Reviewer)
	h.viewer = join("Vera Moreau", "vera@elm.example", h.elm, institution.Viewer)
	h.stranger = join("Otto Reyes", "otto@oak.example", oak, institution.Owner)
	h.northwindUser, h.alderUser = s.User("Amara Okafor", "amara@northwind.example"), s.User("Keiko Ito", "keiko@alder.example")
	h.northwind, h.alder = s.Member(h.northwindUser, "Northwind <b>Robotics</b>", "admin"), s.Member(h.alderUser, "Alder Clinics", "admin")
	h.northwindURL, h.alderURL = "/at/elm/employers/"+db.FormatID(h.northwind), "/at/elm/employers/"+db.FormatID(h.alder)
	return h
}

func (h *house) ask(userID int64) {
	h.T.Helper()
	if _, err := h.recruiting.Request(h.T.Context(), userID, h.elm); err != nil {
		h.T.Fatal(err)
	}
}

func (h *house) state(companyID int64) string {
	h.T.Helper()
	e, err := h.recruiting.Get(h.T.Context(), institution.System(h.elm, "test"), companyID)
	if err != nil {
		h.T.Fatal(err)
	}
	return e.State
}

func TestDecideRequests(t *testing.T) {
	h := open(t)
	h.owner.Get("/at/elm/approvals").Shows(200, "Nobody waits", "/help/approvals")
	h.ask(h.northwindUser)
	h.ask(h.alderUser)
	h.owner.Get("/at/elm/approvals").Shows(200, "2 wait", "Northwind &lt;b&gt;Robotics", "Alder Clinics", "Amara Okafor</a>", "asks to recruit at Elm University since", "1 person, in your contacts",
		"northwind.example", "no other institution has decided", `data-key="a"`, `data-key="d"`).Lacks("<b>Robotics</b>", "style=")
	h.owner.Get("/at/elm/approvals?employer="+db.FormatID(h.alder)).Shows(200, "Keiko Ito</a>")
	h.owner.Post(h.northwindURL+"/approve", "from", "approvals").LeadsTo("/at/elm/approvals")
	h.owner.Get("/at/elm/approvals").Shows(200, "may recruit here now.", "1 waits")
	h.owner.Post(h.alderURL+"/decline", "from", "approvals", "reason", "No <i>students</i>").LeadsTo("/at/elm/approvals")
	if h.state(h.northwind) != recruiting.Approved || h.state(h.alder) != recruiting.Declined {
		t.Errorf("states are %s and %s", h.state(h.northwind), h.state(h.alder))
	}
	h.owner.Get(h.alderURL).Shows(200, "No &lt;i&gt;students", "Dana Whitfield declined the company", "Keiko Ito asked to recruit here").Lacks("<i>students")
}

// Who is not among the contacts has no name on any page about the company.
func TestPeopleWhoAreNoContactsAreCounted(t *testing.T) {
	h := open(t)
	h.ask(h.northwindUser)
	sami := h.User("Sami Brandt", "sami@northwind.example")
	if _, err := h.Companies.AddMember(t.Context(), audit.Actor{Kind: audit.System, Name: "test"}, sami, h.northwind, "recruiter"); err != nil {
		t.Fatal(err)
	}
	pages := []string{"/at/elm/approvals", "/at/elm/employers", h.northwindURL}
	for _, page := range pages {
		h.owner.Get(page).Lacks("Sami", "Brandt", "sami@", "amara@")
	}
	h.owner.Get(h.northwindURL).Shows(200, "2 people, 1 of them in your contacts", "Amara Okafor")
	book := h.recruiting.Book
	staff := institution.System(h.elm, "test")
	found, err := book.Find(t.Context(), staff, contact.Search{Limit: 10})
	if err != nil || len(found.Contacts) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if err := book.Delete(t.Context(), staff, found.Contacts[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		h.owner.Get(page).Lacks("Amara", "Okafor", "amara@")
	}
	h.owner.Get(h.northwindURL).Shows(200, "2 people, none of them in your contacts", "Somebody of the company asked to recruit here")
	h.owner.Get("/at/elm/approvals").Shows(200, "Somebody of the company")
}

// What the company does otherwise, such as writing to students, is no decision, and however
// much of it there is hides none.
func TestDecisionsAreOfTheConnectionAlone(t *testing.T) {
	h := open(t)
	h.ask(h.northwindUser)
	err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		for range decisions {
			err := audit.Record(t.Context(), tx, audit.Event{InstitutionID: h.elm, At: h.Now(), Action: "message.sent", SubjectKind: "company", SubjectID: h.northwind,
				Actor: audit.Actor{Kind: audit.User, ID: h.northwindUser, Name: "Amara Okafor"}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.owner.Get(h.northwindURL).Shows(200, "Amara Okafor asked to recruit here").Lacks("Okafor sent")
}

func TestBlockAndUnblock(t *testing.T) {
	h := open(t)
	h.owner.Get(h.alderURL).Shows(200, "Not connected", "Block 1 company")
	h.owner.Post(h.alderURL + "/block").LeadsTo(h.alderURL)
	h.owner.Get(h.alderURL).Shows(200, "Unblock 1 company").Lacks("Approve\n", "/approve\"")
	h.owner.Post(h.alderURL+"/approve").Shows(409, "Alder Clinics")
	h.owner.Post(h.alderURL + "/unblock").LeadsTo(h.alderURL)
	if got := h.state(h.alder); got != recruiting.None {
		t.Errorf("unblocking led to %s", got)
	}
}

func TestListEmployers(t *testing.T) {
	h := open(t)
	h.owner.Get("/at/elm/employers").Shows(200, "No employers yet")
	h.owner.Post(h.alderURL + "/approve").LeadsTo(h.alderURL)
	h.owner.Get("/at/elm/employers").Shows(200, "Alder Clinics", h.alderURL).Lacks("Northwind")
	h.owner.Get("/at/elm/employers?state=none&q=north").Shows(200, "Northwind &lt;b&gt;")
	h.owner.Get("/at/elm/employers?state=blocked").Shows(200, "No company stands here")
	h.owner.Get("/at/elm/employers?q="+url.QueryEscape(`"><script>`)).Shows(200, "Nothing matches").Lacks("<script>\"")
	h.owner.Get("/at/elm/employers?state=odd").Shows(422)
}

func TestAReasonTooLongComesBack(t *testing.T) {
	h := open(t)
	h.ask(h.alderUser)
	long := make([]byte, 1001)
	for i := range long {
		long[i] = 'x'
	}
	h.owner.Post(h.alderURL+"/decline", "from", "approvals", "reason", string(long)).Shows(422, "Reason", string(long)+"</textarea>")
	if got := h.state(h.alder); got != recruiting.Requested {
		t.Errorf("the company is %s", got)
	}
}

func TestWhoMay(t *testing.T) {
	h := open(t)
	h.ask(h.alderUser)
	h.viewer.Get("/at/elm/approvals").Shows(200, "Alder Clinics", "takes the role reviewer").Lacks("data-key=\"a\"", "/block")
	h.viewer.Get(h.alderURL).Shows(200).Lacks("/approve\"", "/decline\"")
	for _, act := range []string{"/approve", "/decline", "/block", "/unblock"} {
		h.viewer.Post(h.alderURL + act).Shows(403)
		h.stranger.Post(h.alderURL + act).Shows(404)
	}
	for _, page := range []string{"/at/elm/approvals", "/at/elm/employers", h.alderURL} {
		h.stranger.Get(page).Shows(404)
	}
	h.owner.Get("/at/elm/employers/zzzz").Shows(404)
	if got := h.state(h.alder); got != recruiting.Requested {
		t.Errorf("the company is %s", got)
	}
}
