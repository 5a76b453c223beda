package contacts_test

import (
	"context"
	"testing"

	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/db"
)

func TestContactShowsItsWayAndOneNextStep(t *testing.T) {
	h := newHouse(t)
	c := h.add("Chiara", "Castillo", "chiara@northwind.example")
	h.Coordinator.Get(page(c, "")).Shows(200, "Recruiter at Northwind Robotics", "has no account with this address", `action="/at/elm/invites/new"`, ">Invite<", "1 contact, 0 approved")

	jonas := h.User("Jonas Weber", "jonas@northwind.example")
	company := h.Member(jonas, "Northwind Robotics", "admin")
	chiara := h.User("Chiara Castillo", "chiara@northwind.example")
	h.Coordinator.Get(page(c, "")).Shows(200, "Chiara belongs to no company yet", ">Invite<")

	if _, err := h.Companies.Join(t.Context(), chiara, company); err != nil {
		t.Fatal(err)
	}
	h.Coordinator.Get(page(c, "")).Shows(200, "Northwind Robotics has not accepted Chiara as a recruiter; its admin can", "Remind the company&#39;s admin").Lacks(">Invite<", "Jonas")
	h.Coordinator.Post(page(c, "/remind")).LeadsTo(page(c, ""))
	h.Coordinator.Post(page(c, "/remind")).Shows(429, "You may try again")
	h.add("Jonas", "Weber", "jonas@northwind.example")
	h.Viewer.Get(page(c, "")).Shows(200, "Jonas Weber can").Lacks("Remind the")

	if _, err := h.Companies.AddMember(t.Context(), audit.Actor{Kind: audit.System, Name: "test"}, chiara, company, "recruiter"); err != nil {
		t.Fatal(err)
	}
	h.Coordinator.Get(page(c, "")).Shows(200, "is not connected with Elm University", ">Invite<")
	if _, err := h.Recruiting.Request(t.Context(), chiara, h.Elm.ID()); err != nil {
		t.Fatal(err)
	}
	h.Reviewer.Get(page(c, "")).Shows(200, "has not decided about Northwind Robotics", `href="/at/elm/approvals">Approve request`)
	h.Coordinator.Get(page(c, "")).Shows(200, "has not decided").Lacks("Approve request", ">Invite<")
	if err := h.Recruiting.Approve(t.Context(), h.Elm, company); err != nil {
		t.Fatal(err)
	}
	h.Coordinator.Get(page(c, "")).Shows(200, "Northwind Robotics is approved", "2 contacts, 2 approved").Lacks("Missing:", ">Invite<")
	if err := h.Recruiting.Block(t.Context(), h.Elm, company, "spam"); err != nil {
		t.Fatal(err)
	}
	h.Reviewer.Get(page(c, "")).Shows(200, "is blocked at Elm University", "See the employer")
}

func TestHistoryNamesWhoDidWhat(t *testing.T) {
	h := newHouse(t)
	c := h.add("Ada", "Lang", "ada@northwind.example")
	h.Coordinator.Post(page(c, "/archive")).LeadsTo(page(c, ""))
	h.Coordinator.Get(page(c, "")).Shows(200, "Archived by Dana Whitfield", "This contact is archived", ">Restore<").Lacks(">Invite<")
	h.Coordinator.Post(page(c, "/restore")).LeadsTo(page(c, ""))
	h.Coordinator.Get(page(c, "/invites")).Shows(200, "Not invited yet")
}

func TestLabelsOfOneContact(t *testing.T) {
	h := newHouse(t)
	c := h.add("Ada", "Lang", "ada@northwind.example", "Fair 2026")
	h.Coordinator.Post(page(c, "/labels"), "add", "Board").LeadsTo(page(c, ""))
	h.Coordinator.Post(page(c, "/labels"), "remove", "Fair 2026").LeadsTo(page(c, ""))
	if h.count("label=Board") != 1 || h.count("label=Fair+2026") != 0 {
		t.Error("the labels are not those asked for")
	}
	h.Coordinator.Post(page(c, "/labels"), "add", " ").Shows(422)
}

func TestAddAndEdit(t *testing.T) {
	h := newHouse(t)
	h.Coordinator.Get("/at/elm/contacts/new").Shows(200, "Add contact")
	h.Coordinator.Post("/at/elm/contacts/new", "email", "not an address", "first_name", "Ada", "last_name", "").
		Shows(422, "things to mend", `href="#email"`, `href="#last_name"`, `value="not an address"`, `value="Ada"`)
	form := []string{"email", "ada@northwind.example", "first_name", "Ada", "last_name", "Lang", "labels", "Board"}
	added := h.Coordinator.Post("/at/elm/contacts/new", form...)
	to := added.Header.Get("Location")
	h.Coordinator.Get(to).Shows(200, "Ada Lang is added", "Board", "added by hand")
	h.Coordinator.Post("/at/elm/contacts/new", form...).Shows(409, `href="`+to+`">Open that contact`)

	h.Coordinator.Get(to+"/edit").Shows(200, `value="ada@northwind.example"`)
	h.Coordinator.Post(to+"/edit", "email", "ada@northwind.example", "first_name", "Ada", "last_name", "Lange", "notes", "one\r\ntwo").LeadsTo(to)
	h.Coordinator.Get(to).Shows(200, "Ada Lange", "Changed by Dana Whitfield")
	h.Coordinator.Post(to+"/edit", "email", "ada@northwind.example", "first_name", "", "last_name", "Lange").Shows(422, `href="#first_name"`)
	h.Coordinator.Post(to + "/delete").LeadsTo("/at/elm/contacts")
	h.Coordinator.Get(to).Shows(404)
}

// bulkOf puts n contacts into Elm's address book at once.
func (h *house) bulkOf(n int) {
	h.T.Helper()
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		rows := make([]contact.Incoming, n)
		for i := range rows {
			rows[i] = incoming(i)
		}
		_, err := h.Book.Merge(ctx, tx, h.Elm, rows, contact.SourceUpload)
		return err
	})
}
