package insights_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"beckon/internal/contact"
	"beckon/internal/guide"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web/contacts"
	"beckon/internal/web/firststeps"
	"beckon/internal/web/insights"
	"beckon/internal/web/visit/visittest"
)

// house is a site with Insights and Contacts and two institutions: staff of every kind work
// at Elm, nobody but Olive at Oak.
type house struct {
	*visittest.Site
	Book     *contact.Book
	Explores *insight.Explores
	Elm      institution.Scope
	Manager, Coordinator, Viewer,
	Stranger *visittest.Browser
	// dana is the coordinator's user.
	dana int64
	// added is how many contacts were added.
	added int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s := visittest.New(t)
	h := &house{Site: s, Book: &contact.Book{DB: s.DB, Now: s.Now}}
	h.Explores = &insight.Explores{DB: s.DB, Now: s.Now, Book: h.Book}
	guides := &guide.Guides{DB: s.DB, Now: s.Now}
	(&insights.Pages{Explores: h.Explores, Book: h.Book, Institutions: s.Institutions, Guides: guides, Now: s.Now, BaseURL: s.URL}).Routes(s.Mux)
	(&firststeps.Pages{Guides: guides}).Routes(s.Mux)
	book := &contacts.Pages{Book: h.Book, Institutions: s.Institutions, Companies: s.Companies,
		Recruiting: &recruiting.Recruiting{DB: s.DB, Now: s.Now}, Guides: guides, Now: s.Now}
	book.Routes(s.Mux)
	h.Elm = institution.System(s.Institution("Elm University"), "test")
	oak := s.Institution("Oak College")
	staff := func(at int64, name string, role institution.Role) (int64, *visittest.Browser) {
		id := s.User(name, strings.ToLower(strings.Fields(name)[0])+"@staff.example")
		s.Staff(at, id, role)
		return id, s.As(id)
	}
	_, h.Manager = staff(h.Elm.ID(), "Mia Hart", institution.Manager)
	h.dana, h.Coordinator = staff(h.Elm.ID(), "Dana Whitfield", institution.Coordinator)
	_, h.Viewer = staff(h.Elm.ID(), "Vera Lund", institution.Viewer)
	_, h.Stranger = staff(oak, "Olive Banks", institution.Owner)
	return h
}

// people adds n contacts of a company with labels.
func (h *house) people(n int, company string, labels ...string) {
	h.T.Helper()
	for range n {
		h.added++
		_, err := h.Book.Add(h.T.Context(), h.Elm, contact.New{Labels: labels, Fields: contact.Fields{
			FirstName: "Ada", LastName: fmt.Sprintf("L%05d", h.added), CompanyName: company,
			Email: fmt.Sprintf("p%d@%s.example", h.added, strings.ToLower(company))}})
		if err != nil {
			h.T.Fatal(err)
		}
	}
}

// fair fills Elm: 5 at the fair, 3 on the board, 2 of them both, 4 without a label.
func (h *house) fair() {
	h.people(3, "Northwind", "Fair 2026")
	h.people(2, "Alder", "Fair 2026", "Board")
	h.people(1, "Alder", "Board")
	h.people(4, "Quist")
}

const explorePath = "/at/elm/insights/contacts"

// row are the texts and links of the row of a table that begins with a name.
func row(t *testing.T, page visittest.Answer, name string) (texts, links []string) {
	t.Helper()
	m := regexp.MustCompile(`(?s)<tr><th scope="row"[^>]*>` + regexp.QuoteMeta(html.EscapeString(name)) + `</th>(.*?)</tr>`).FindStringSubmatch(page.Body)
	if m == nil {
		t.Fatalf("no row %q in\n%s", name, page.Body)
	}
	for _, cell := range regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`).FindAllStringSubmatch(m[1], -1) {
		link := ""
		if a := regexp.MustCompile(`href="([^"]*)">([^<]*)<`).FindStringSubmatch(cell[1]); a != nil {
			link, cell[1] = html.UnescapeString(a[1]), a[2]
		}
		texts, links = append(texts, cell[1]), append(links, link)
	}
	return texts, links
}
