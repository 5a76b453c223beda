package imports_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"beckon/internal/act"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/institution"
	"beckon/internal/web/imports"
	"beckon/internal/web/visit/visittest"
)

type house struct {
	*visittest.Site
	book             *contact.Book
	runner           *act.Runner
	elm              institution.Scope
	dana, vic, olive *visittest.Browser
	woken            int
}

func newHouse(t *testing.T) *house {
	s := visittest.New(t)
	h := &house{Site: s, book: &contact.Book{DB: s.DB, Now: s.Now}}
	im := &transfer.Imports{DB: s.DB, Now: s.Now, Book: h.book, MaxSize: 1 << 20}
	h.runner = &act.Runner{DB: s.DB, Now: s.Now, Kinds: map[string]act.OpenFunc{transfer.Kind: im.Open}}
	(&imports.Pages{Subject: imports.Contacts, Imports: im, Book: h.book, Now: s.Now, Wake: func() { h.woken++ }}).Routes(s.Mux)
	h.elm = institution.System(s.Institution("Elm University"), "test")
	oak := s.Institution("Oak College")
	staff := func(at int64, name, email string, role institution.Role) *visittest.Browser {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return s.As(id)
	}
	h.dana = staff(h.elm.ID(), "Dana Whitfield", "dana@elm.example", institution.Coordinator)
	h.vic = staff(h.elm.ID(), "Vic Lund", "vic@elm.example", institution.Viewer)
	h.olive = staff(oak, "Olive Banks", "olive@oak.example", institution.Owner)
	return h
}

// upload sends a file as the form does: its fields first.
func (h *house) upload(b *visittest.Browser, name, content string, fields ...string) visittest.Answer {
	h.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			h.T.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		h.T.Fatal(err)
	}
	return b.Send("/at/elm/imports/new", form.FormDataContentType(), &body)
}

// work does what waits for the workers.
func (h *house) work() {
	h.T.Helper()
	if err := h.runner.Drain(h.T.Context()); err != nil {
		h.T.Fatal(err)
	}
}

func (h *house) contacts() int {
	h.T.Helper()
	n, err := h.book.Count(h.T.Context(), h.elm, contact.Filter{})
	if err != nil {
		h.T.Fatal(err)
	}
	return n
}

const file = "email;first_name;last_name;Where\nada@acme.example;Ada;<b>Lang</b>;Graz\nbad;Bo;Berg;Linz\nzoe@acme.example;Zo\xeb;M\xfcller;Wien\n"

func TestFileIsLookedAtThenImported(t *testing.T) {
	h := newHouse(t)
	h.dana.Get("/at/elm/imports").Shows(200, "No imports yet")
	h.dana.Get("/at/elm/imports/new").Shows(200, `enctype="multipart/form-data"`)
	to := h.upload(h.dana, "fair.csv", file, "label", "Fair; Board").Header.Get("Location")
	h.dana.Get(to).Shows(200, "Windows-1252, semicolon, headers in row 1", "Checking", "Look again").Lacks("Import 2 contacts")
	h.work()
	if h.contacts() != 0 || h.woken == 0 {
		t.Fatal("looking wrote contacts, or nobody was told that there is work")
	}
	page := h.dana.Get(to).Shows(200, "Import 2 contacts", "&lt;b&gt;Lang", "Müller", "Rows that cannot be taken", `value="Fair; Board"`, "E-mail address")
	page.Lacks("<b>Lang")
	h.dana.Get(to+"/rejected.csv").Shows(200, "bad,Bo,Berg,Linz,", "reason")

	h.dana.Post(to+"/run", visittest.Fields(page.Body)...).LeadsTo(to)
	h.work()
	h.dana.Get(to).Shows(200, "What happened", "Fair", "Download 1 rejected row").Lacks("hx-get", "Import 2 contacts")
	h.dana.Get("/at/elm/imports").Shows(200, "fair.csv", "done", "Dana Whitfield")
	if h.contacts() != 2 {
		t.Errorf("%d contacts, want 2", h.contacts())
	}
	h.dana.Post(to+"/run", visittest.Fields(page.Body)...).Shows(409, "has begun already")
}

func TestColumnsAreCorrectedAndCountedAgain(t *testing.T) {
	h := newHouse(t)
	to := h.upload(h.dana, "fair.csv", file).Header.Get("Location")
	h.work()
	// The last column is the one without a field.
	corrected := append(withoutBlankField(visittest.Fields(h.dana.Get(to).Body)), "field", "city")
	h.dana.Post(to+"/run", corrected...).LeadsTo(to)
	h.work()
	if h.contacts() != 0 {
		t.Fatal("what nobody had seen was imported")
	}
	page := h.dana.Get(to).Shows(200, "Import 2 contacts", `<option value="city" selected`)
	h.dana.Post(to, append(visittest.Fields(page.Body), "header_row", "zero")...).LeadsTo(to)
	h.work()
	h.dana.Post(to, "header_row", "zero").Shows(422, "Header row is no row")
	h.dana.Post(to, "header", "email", "field", "").Shows(422, "No column holds e-mail addresses")
}

// withoutBlankField drops the first blank answer for a field.
func withoutBlankField(fields []string) (kept []string) {
	dropped := false
	for i := 0; i+1 < len(fields); i += 2 {
		if !dropped && fields[i] == "field" && fields[i+1] == "" {
			dropped = true
			continue
		}
		kept = append(kept, fields[i], fields[i+1])
	}
	return kept
}

func TestRefusedFileSaysTheCure(t *testing.T) {
	h := newHouse(t)
	for content, says := range map[string]string{
		"":                           "The file is empty",
		"PK\x03\x04\x00\x00\x00\x00": "This is not a text file",
		"name,phone\nAda,1\n":        "No column holds e-mail addresses",
		"email,email\na@b.example,x": "Two columns have the header",
	} {
		h.upload(h.dana, "x.csv", content).Shows(422, says, "Look at the file")
	}
	// Which column holds the addresses can be said beside the same file, sent again.
	again := h.upload(h.dana, "x.csv", "who,first_name,last_name\na@b.example,A,B\n")
	again.Shows(422, `aria-label="who goes to"`)
	to := h.upload(h.dana, "x.csv", "who,first_name,last_name\na@b.example,A,B\n", "header", "who", "field", "email").Header.Get("Location")
	h.work()
	h.dana.Get(to).Shows(200, "Import 1 contact<")
	h.upload(h.dana, "big.csv", "email,first_name,last_name\n"+strings.Repeat("x", 2<<20)).Shows(422, "larger than")
	h.dana.Post("/at/elm/imports/new").Shows(422, "Choose one first")
}

func TestImportIsStopped(t *testing.T) {
	h := newHouse(t)
	to := h.upload(h.dana, "fair.csv", file).Header.Get("Location")
	h.dana.Post(to + "/stop").LeadsTo(to)
	h.work()
	h.dana.Get(to).Shows(200, "It was stopped", "Check again").Lacks("Import 2 contacts")
	h.dana.Post(to + "/stop").Shows(409)
}

func TestPartOfThePageFollowsTheImport(t *testing.T) {
	h := newHouse(t)
	to := h.upload(h.dana, "fair.csv", file).Header.Get("Location")
	h.dana.Header.Set("HX-Request", "true")
	h.dana.Get(to).Shows(200, `hx-get="`+to+`"`).Lacks("<html")
	h.work()
	if over := h.dana.Get(to); over.Header.Get("HX-Refresh") != "true" {
		t.Error("the page does not show the end")
	}
}

func TestViewersLookAndStrangersSeeNothing(t *testing.T) {
	h := newHouse(t)
	to := h.upload(h.dana, "fair.csv", file).Header.Get("Location")
	h.work()
	foreign := strings.Replace(to, "elm", "oak", 1)
	h.vic.Get("/at/elm/imports").Shows(200, "fair.csv").Lacks("/imports/new")
	h.vic.Get(to).Shows(200, "What will happen").Lacks("<select", "Check again")
	h.vic.Get("/at/elm/imports/new").Shows(403)
	h.upload(h.vic, "mine.csv", file).Shows(403)
	for _, act := range []string{"", "/run", "/stop"} {
		h.vic.Post(to+act, "header", "email", "field", "email").Shows(403)
		h.olive.Post(foreign+act, "header", "email", "field", "email").Shows(404)
	}
	h.olive.Get(foreign).Shows(404)
	h.olive.Get(foreign + "/rejected.csv").Shows(404)
	h.olive.Get(to).Shows(404)
}
