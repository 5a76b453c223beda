package conversation

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/student"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/trail"
	"github.com/a-h/templ"
)

const pageSize = 50

// yes is the value of the address's unread that leaves out what has been read.
const yes = "yes"

var labels = map[string]string{"body": "Your answer", "reason": "The reason"}

// Room is where one side reads and writes, made for one request.
type Room struct {
	Side
	// Base is the address of the list; conversations are below it.
	Base string
	// Frame surrounds a page.
	Frame func(title string) templ.Component
	Now   time.Time
	// Start is the way to a first conversation, and Also what one may do besides answering;
	// their Names are "" for none.
	Start, Also components.Link
	// Empty says what will stand in an empty list.
	Empty string
	// Acts are further entries of a conversation's menu, and Dialogs what they open; nil for
	// none.
	Acts, Dialogs func(student.Thread) templ.Component
}

// view is the list of conversations with one of them open.
type view struct {
	Room
	Q      string
	Unread bool
	// Said is the address's query, from its "?" on: whoever opens a conversation stays in the
	// list that was chosen.
	Said    string
	Threads []student.Thread
	Total   int
	Pager   components.Pager
	// Open is the conversation shown beside the list, without ID none. Chosen tells that its
	// address was asked for, so that a phone shows it instead of the list.
	Open   student.Thread
	Chosen bool
	// Typed is the answer, or the reason of a report, of a form that comes back.
	Typed string
	web.Trouble
}

func (m Room) url(id int64, act string) string { return m.Base + "/" + db.FormatID(id) + act }

// List shows the conversations, with the newest beside them where there is room.
func (m Room) List(w http.ResponseWriter, r *http.Request) {
	m.render(w, r, http.StatusOK, view{Room: m}, 0)
}

// Show is one conversation.
func (m Room) Show(w http.ResponseWriter, r *http.Request) {
	if id, ok := pathID(w, r); ok {
		m.render(w, r, http.StatusOK, view{Room: m, Chosen: true}, id)
	}
}

func (m Room) render(w http.ResponseWriter, r *http.Request, status int, v view, id int64) {
	v.Q, v.Unread, v.Said = r.URL.Query().Get("q"), r.URL.Query().Get("unread") == yes, query(r.URL.Query())
	way := trail.At(&url.URL{Path: m.Base, RawQuery: r.URL.RawQuery})
	page, next, total, err := m.Threads(r.Context(), student.ThreadQuery{Q: v.Q, Unread: v.Unread, After: trail.Marked[student.Latest](way.Place()), Limit: pageSize})
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Threads, v.Total, v.Pager = page, total, way.Pager(pageSize, len(page), total, trail.Mark(next))
	if id == 0 && len(page) > 0 {
		id = page[0].ID
	}
	if id != 0 {
		if v.Open, err = m.Thread(r.Context(), id); err != nil {
			web.Fail(w, r, err)
			return
		}
	}
	web.Render(w, r, status, roomPage(v))
}

// Reply sends an answer.
func (m Room) Reply(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	body := r.FormValue("body")
	if err := m.Side.Reply(r.Context(), id, body); err != nil {
		v := view{Room: m, Chosen: true, Typed: body}
		if v.Trouble, ok = web.ExplainForm(w, err, labels); !ok {
			web.Fail(w, r, err)
			return
		}
		m.render(w, r, v.Status, v, id)
		return
	}
	m.done(w, r, id, "Your answer is sent")
}

// Read notes that a conversation has been read, which its page asks for once it is seen.
func (m Room) Read(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	var upTo time.Time
	if last, err := strconv.ParseInt(r.FormValue("upto"), 10, 64); err == nil {
		upTo = db.Time(last)
	}
	if err := m.MarkRead(r.Context(), id, upTo); err != nil {
		web.Fail(w, r, err)
		return
	}
	if web.Partial(r) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	web.Redirect(w, r, m.url(id, ""))
}

// AskReport asks what is wrong, in the page's dialog or as a page.
func (m Room) AskReport(w http.ResponseWriter, r *http.Request) {
	if id, ok := pathID(w, r); ok {
		m.renderReport(w, r, http.StatusOK, view{Room: m}, id)
	}
}

func (m Room) renderReport(w http.ResponseWriter, r *http.Request, status int, v view, id int64) {
	var err error
	if v.Open, err = m.Thread(r.Context(), id); err != nil {
		web.Fail(w, r, err)
		return
	}
	if web.Partial(r) {
		web.Render(w, r, status, components.ReportSheet(v.report()))
		return
	}
	web.Render(w, r, status, reportPage(v))
}

// Report shows a conversation to staff.
func (m Room) Report(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	reason := r.FormValue("reason")
	if err := m.Side.Report(r.Context(), id, reason); err != nil {
		v := view{Room: m, Typed: reason}
		if v.Trouble, ok = web.ExplainForm(w, err, labels); !ok {
			web.Fail(w, r, err)
			return
		}
		m.renderReport(w, r, v.Status, v, id)
		return
	}
	m.done(w, r, id, "Reported. Staff read it and see to it.")
}

func (m Room) done(w http.ResponseWriter, r *http.Request, id int64, text string) {
	web.SetFlash(w, r, components.Flash{Kind: "good", Text: text})
	web.Redirect(w, r, m.url(id, ""))
}

// pathID is the conversation in the address; false where the answer (404) is given already.
func pathID(w http.ResponseWriter, r *http.Request) (int64, bool) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		web.Fail(w, r, fault.NotFound("thread"))
	}
	return id, ok
}

// tabs lead to all conversations and to the unread ones, with what was searched for.
func (v view) tabs() []components.Tab {
	all, unread := url.Values{}, url.Values{"unread": {yes}}
	if v.Q != "" {
		all.Set("q", v.Q)
		unread.Set("q", v.Q)
	}
	return []components.Tab{
		{Name: "All", URL: v.Base + query(all), Current: !v.Unread},
		{Name: "Unread", URL: v.Base + query(unread), Current: v.Unread},
	}
}

func query(said url.Values) string {
	if len(said) == 0 {
		return ""
	}
	return "?" + said.Encode()
}

// lines are the conversations as the list shows them.
func (v view) lines() (lines []components.Conversation) {
	for _, t := range v.Threads {
		said := t.Last
		if v.Wrote(t.LastByStudent) {
			said = "You: " + said
		}
		lines = append(lines, components.Conversation{
			With: v.Other(t), Note: v.About(t), When: components.WhenText(t.LastAt, t.Zone, v.Now), Last: said, Mark: mark(t),
			URL: v.url(t.ID, "") + v.Said, Unread: t.Unread, Current: t.ID == v.Open.ID,
		})
	}
	return lines
}

func mark(t student.Thread) string {
	switch {
	case t.Reported:
		return "reported"
	case !t.Open:
		return "closed"
	}
	return ""
}

// sayings are the messages of the open conversation.
func (v view) sayings() (all []components.Saying) {
	for _, s := range v.Open.Messages {
		said := components.Saying{Who: v.Other(v.Open), At: s.SentAt, Text: s.Body, Mine: v.Wrote(s.ByStudent)}
		if said.Mine {
			said.Who = "You"
		}
		all = append(all, said)
	}
	return all
}

// watched says who else can read the open conversation.
func (v view) watched() string {
	return "Staff of " + v.Open.Institution + " can read this conversation only if one of you reports it."
}

func (v view) report() components.Report {
	return components.Report{Institution: v.Open.Institution, Action: v.url(v.Open.ID, "/report"), Back: v.url(v.Open.ID, ""),
		Typed: v.Typed, Error: v.For("reason"), Note: v.Note}
}

// Facts are what stands below a student's name: "Economics, graduates 2027".
func Facts(s student.Shown) string {
	year := ""
	if s.GraduationYear > 0 {
		year = "graduates " + strconv.Itoa(s.GraduationYear)
	}
	return sentence(s.Major, year)
}

func sentence(parts ...string) string { return components.Sentence(parts...) }
