package contacts_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"beckon/internal/act"
	"beckon/internal/address"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web/contacts"
	"beckon/internal/web/visit/visittest"
)

// house is a site with the pages of this package and two institutions: staff of every role
// work at Elm, nobody but Olive at Oak.
type house struct {
	*visittest.Site
	Book       *contact.Book
	Recruiting *recruiting.Recruiting
	Runner     *act.Runner
	Elm, Oak   institution.Scope
	Coordinator, Viewer,
	Reviewer, Stranger *visittest.Browser
	// dana is the coordinator's user.
	dana int64
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s := visittest.New(t)
	h := &house{Site: s, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	h.Recruiting = &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: h.Book}
	h.Runner = &act.Runner{DB: s.DB, Now: s.Now, Kinds: h.Book.Workers()}
	pages := &contacts.Pages{Book: h.Book, Institutions: s.Institutions, Companies: s.Companies, Recruiting: h.Recruiting, Guides: &guide.Guides{DB: s.DB, Now: s.Now}, Now: s.Now}
	pages.Routes(s.Mux)
	s.Visits.StaffViews = pages.NavViews
	h.Elm = institution.System(s.Institution("Elm University"), "test")
	h.Oak = institution.System(s.Institution("Oak College"), "test")
	staff := func(at institution.Scope, name string, role institution.Role) (int64, *visittest.Browser) {
		id := s.User(name, strings.ToLower(strings.Fields(name)[0])+"@staff.example")
		s.Staff(at.ID(), id, role)
		return id, s.As(id)
	}
	h.dana, h.Coordinator = staff(h.Elm, "Dana Whitfield", institution.Coordinator)
	_, h.Viewer = staff(h.Elm, "Vera Lund", institution.Viewer)
	_, h.Reviewer = staff(h.Elm, "Rae Ortiz", institution.Reviewer)
	_, h.Stranger = staff(h.Oak, "Olive Banks", institution.Owner)
	return h
}

// add puts a contact into Elm's address book.
func (h *house) add(first, last, email string, labels ...string) contact.Contact {
	h.T.Helper()
	c, err := h.Book.Add(h.T.Context(), h.Elm, contact.New{Labels: labels,
		Fields: contact.Fields{FirstName: first, LastName: last, Email: email, CompanyName: "Northwind Robotics", Title: "Recruiter"}})
	if err != nil {
		h.T.Fatal(err)
	}
	return c
}

// people adds n contacts, whose last names sort as they were added.
func (h *house) people(n int, labels ...string) (ids []string) {
	h.T.Helper()
	for i := range n {
		ids = append(ids, db.FormatID(h.add("Ada", fmt.Sprintf("L%05d", i), fmt.Sprintf("p%d@northwind.example", i), labels...).ID))
	}
	return ids
}

// count is how many of Elm's contacts a filter finds.
func (h *house) count(query string) int {
	h.T.Helper()
	words, err := url.ParseQuery(query)
	if err != nil {
		h.T.Fatal(err)
	}
	f, err := h.Book.Filter(h.T.Context(), h.Elm, words)
	if err != nil {
		h.T.Fatal(err)
	}
	n, err := h.Book.Count(h.T.Context(), h.Elm, f)
	if err != nil {
		h.T.Fatal(err)
	}
	return n
}

func page(c contact.Contact, path string) string {
	return "/at/elm/contacts/" + db.FormatID(c.ID) + path
}

// incoming is one row of a made-up file.
func incoming(i int) contact.Incoming {
	a, err := address.Parse(fmt.Sprintf("r%d@northwind.example", i))
	if err != nil {
		panic(err)
	}
	return contact.Incoming{Address: a, Fields: contact.Fields{Email: a.Written, FirstName: "Row", LastName: fmt.Sprintf("N%05d", i)}}
}
