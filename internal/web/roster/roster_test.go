package roster_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"beckon/internal/act"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/student"
	"beckon/internal/web/imports"
	"beckon/internal/web/roster"
	"beckon/internal/web/visit/visittest"
)

type house struct {
	*visittest.Site
	students            *student.Students
	runner              *act.Runner
	elm                 int64
	dana, vic, olive    int64
	coordinator, viewer *visittest.Browser
	talia               int64
}

func newHouse(t *testing.T) *house {
	s := visittest.New(t)
	h := &house{Site: s, students: &student.Students{DB: s.DB, Now: s.Now}}
	files := h.students.Imports()
	h.runner = &act.Runner{DB: s.DB, Now: s.Now, Kinds: map[string]act.OpenFunc{student.ImportKind: files.Open}}
	(&roster.Pages{Students: h.students, Now: s.Now}).Routes(s.Mux)
	(&imports.Pages{Subject: imports.Students, Imports: files, Now: s.Now}).Routes(s.Mux)
	h.elm = s.Institution("Elm University")
	h.dana, h.vic, h.olive = s.User("Dana Whitfield", "dana@elm.example"), s.User("Vic Lund", "vic@elm.example"), s.User("Olive Banks", "olive@oak.example")
	s.Staff(h.elm, h.dana, institution.Coordinator)
	s.Staff(h.elm, h.vic, institution.Viewer)
	s.Staff(s.Institution("Oak College"), h.olive, institution.Owner)
	h.coordinator, h.viewer = s.As(h.dana), s.As(h.vic)
	return h
}

func (h *house) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// fill puts two students into the list, one of whom allows recruiters to write.
func (h *house) fill() {
	h.T.Helper()
	user := h.User("Talia Smit", "talia@elm.example")
	h.talia = h.Student(h.elm, "Talia Smit", "talia@elm.example", "Economics", "2027")
	h.Student(h.elm, "Priya <Iyer>", "priya@elm.example")
	scope, err := institution.Student(h.T.Context(), h.DB, user, h.elm)
	h.must(err)
	_, err = h.students.Allow(h.T.Context(), scope, student.Choice{Allows: true, ShowsYear: true, About: "I like rockets"})
	h.must(err)
}

func TestStudentsAreListedAndFound(t *testing.T) {
	h := newHouse(t)
	h.coordinator.Get("/at/elm/students").Shows(200, "No students yet", "Import students", "Nobody is mailed")
	h.viewer.Get("/at/elm/students").Shows(200, "No students yet").Lacks("/students/imports/new")
	h.fill()
	h.viewer.Get("/at/elm/students").Shows(200, "1 to 2 of 2", "Talia Smit", "talia@elm.example", "may be written to", "Priya &lt;Iyer&gt;", "never signed in").Lacks("<Iyer>")
	h.viewer.Get("/at/elm/students?q=ECON").Shows(200, "Talia").Lacks("Priya")
	h.viewer.Get("/at/elm/students?allows=yes").Shows(200, "Talia").Lacks("Priya")
	h.viewer.Get("/at/elm/students?allows=no").Shows(200, "Priya").Lacks("Talia")
	h.viewer.Get("/at/elm/students?archived=yes").Shows(200, "Nobody stands here")
	h.viewer.Get("/at/elm/students?allows=maybe").Shows(422)
	h.As(h.olive).Get("/at/elm/students").Shows(404)
}

func TestAStudentIsArchivedAndRestored(t *testing.T) {
	h := newHouse(t)
	h.fill()
	page := "/at/elm/students/" + db.FormatID(h.talia)
	h.viewer.Get(page).Shows(200, "Talia Smit", "Economics", "has signed in", "Talia S.", "graduates 2027", "I like rockets", "Allowed since today ").Lacks("Archive")
	h.viewer.Post(page, "act", "archive").Shows(403)
	h.As(h.olive).Get(strings.Replace(page, "elm", "oak", 1)).Shows(404)
	h.As(h.olive).Post(strings.Replace(page, "elm", "oak", 1), "act", "archive").Shows(404)
	h.coordinator.Post(page, "act", "archive").LeadsTo(page)
	h.coordinator.Get(page).Shows(200, "The student is archived", "Restore", "recruiters do not find this student")
	h.coordinator.Get("/at/elm/students").Shows(200, "1 to 1 of 1").Lacks("Talia")
	h.coordinator.Get("/at/elm/students?archived=yes").Shows(200, "Talia")
	h.coordinator.Post(page, "act", "restore").LeadsTo(page)
	h.coordinator.Get("/at/elm/students").Shows(200, "Talia")
	h.coordinator.Get("/at/elm/students/!").Shows(404)
	h.viewer.Post(page, "act", "erase").Shows(403)
	h.coordinator.Post(page, "act", "archive").LeadsTo(page)
	h.coordinator.Get(page).Shows(200, "Erase Talia Smit?")
	h.coordinator.Post(page, "act", "erase").LeadsTo("/at/elm/students")
	h.coordinator.Get(page).Shows(404)
}

// upload sends a file as the form does.
func (h *house) upload(content string) visittest.Answer {
	h.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "students.csv")
	h.must(err)
	_, err = part.Write([]byte(content))
	h.must(err)
	h.must(form.Close())
	return h.coordinator.Send("/at/elm/students/imports/new", form.FormDataContentType(), &body)
}

const file = "email,first_name,last_name,Major,Class of\ntalia@elm.example,Talia,Smit,Economics,2027\nbad,Bo,Berg,,\noskar@elm.example,Oskar,Nowak,,soon\n"

func TestAFileOfStudentsIsLookedAtThenImported(t *testing.T) {
	h := newHouse(t)
	h.coordinator.Get("/at/elm/students/imports").Shows(200, "No imports yet", "Nobody is mailed")
	h.coordinator.Get("/at/elm/students/imports/new").Shows(200, "Import students", "<code>graduation_year</code>").Lacks("Label all", "company_name")
	h.viewer.Get("/at/elm/students/imports/new").Shows(403)
	to := h.upload(file).Header.Get("Location")
	h.must(h.runner.Drain(t.Context()))
	page := h.coordinator.Get(to).Shows(200, "Import 1 student<", "new students", "Graduation year", "Rows that cannot be taken", "is not a year").Lacks("Label all", "new contacts")
	if n := h.Int(`SELECT COUNT(*) FROM students`); n != 0 {
		t.Fatalf("looking wrote %d students", n)
	}
	h.coordinator.Get(to+"/rejected.csv").Shows(200, "bad,Bo,Berg")
	h.coordinator.Post(to+"/run", visittest.Fields(page.Body)...).LeadsTo(to)
	h.must(h.runner.Drain(t.Context()))
	h.coordinator.Get(to).Shows(200, "What happened", "See students")
	h.coordinator.Get("/at/elm/students").Shows(200, "1 to 1 of 1", "Talia Smit", "Economics")
	h.coordinator.Get("/at/elm/students/imports").Shows(200, "students.csv", "done")
	h.As(h.olive).Get(strings.Replace(to, "elm", "oak", 1)).Shows(404)
}

func TestPagesAreAccessible(t *testing.T) {
	h := newHouse(t)
	tab := h.Tab(h.dana)
	visittest.Accessible(t, tab, "/at/elm/students", "/at/elm/students/imports", "/at/elm/students/imports/new")
	h.fill()
	to := h.upload(file).Header.Get("Location")
	h.must(h.runner.Drain(t.Context()))
	visittest.Accessible(t, tab, "/at/elm/students", "/at/elm/students?archived=yes", "/at/elm/students/"+db.FormatID(h.talia), to)
}
