package mail

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/secret"
)

// fakeServer answers each message with the next of its results, and keeps what it took.
type fakeServer struct {
	answers []Result
	took    [][]byte
	to      []string
	before  func() // runs before each body
}

func (f *fakeServer) Ready(context.Context) error { return nil }

func (f *fakeServer) Send(_ context.Context, e Envelope) Result {
	if f.before != nil {
		f.before()
	}
	message, err := e.Body()
	if err != nil {
		return Result{Err: err, Withheld: true}
	}
	f.took, f.to = append(f.took, message), append(f.to, e.To)
	answer := f.answers[0]
	f.answers = f.answers[1:]
	return answer
}

// outboxHouse is an outbox with a clock and a mail server of the test's own.
type outboxHouse struct {
	*Outbox
	t      *testing.T
	now    time.Time
	server *fakeServer
	log    *bytes.Buffer
	wanted bool
}

func newOutbox(t *testing.T, d *db.DB, answers ...Result) *outboxHouse {
	h := &outboxHouse{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), server: &fakeServer{answers: answers}, log: &bytes.Buffer{}, wanted: true}
	letter := func(context.Context, Notice) (string, Letter, bool, error) {
		return "Your link", Letter{Heading: "Hello", Button: Link{Text: "Go", URL: "https://beckon.example/x"}}, h.wanted, nil
	}
	h.Outbox = &Outbox{DB: d, Now: func() time.Time { return h.now }, Sender: h.server, From: "careers@beckon.example",
		Letters: map[string]LetterFunc{"link": letter}, Log: slog.New(slog.NewTextHandler(h.log, nil))}
	return h
}

func (h *outboxHouse) queue(n Notice) {
	h.t.Helper()
	err := h.DB.Write(context.Background(), func(tx *db.Tx) error { return Queue(context.Background(), tx, h.now, n) })
	if err != nil {
		h.t.Fatal(err)
	}
}

// work does all that is due and answers the state of the one mail.
func (h *outboxHouse) work() (state, recipient string) {
	h.t.Helper()
	for busy := true; busy; {
		var err error
		if busy, err = h.one(context.Background()); err != nil {
			h.t.Fatal(err)
		}
	}
	err := h.DB.SQL().QueryRow(`SELECT state, recipient FROM outbox`).Scan(&state, &recipient)
	if err != nil {
		h.t.Fatal(err)
	}
	return state, recipient
}

func TestOutboxSendsInTheNameOfTheInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newOutbox(t, d, Result{Class: Accepted, Code: 250})
		var id int64
		err := d.SQL().QueryRow(`INSERT INTO institutions (slug, name, name_key, reply_to, created_at)
			VALUES ('elm', 'Elm University', 'elm university', 'careers@elm.example', 1) RETURNING id`).Scan(&id)
		if err != nil {
			t.Fatal(err)
		}
		h.queue(Notice{InstitutionID: id, Kind: "link", To: "ada@acme.example", Params: map[string]string{"a": "b"}})
		if state, recipient := h.work(); state != "sent" || recipient != "" {
			t.Errorf("the mail is %s, and its recipient is kept as %q", state, recipient)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(h.server.took[0]))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"From": `"Elm University" <careers@beckon.example>`, "To": "<ada@acme.example>",
			"Reply-To": "<careers@elm.example>", "Subject": "Your link", "Auto-Submitted": "auto-generated"} {
			if got := m.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

func TestOutboxRetriesWithTheSameMessageID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newOutbox(t, d, Result{Class: Temporary, Code: 451, Text: "later"}, Result{Err: errors.New("gone")}, Result{Class: Accepted})
		h.queue(Notice{Kind: "link", To: "ada@acme.example"})
		if state, _ := h.work(); state != "queued" || len(h.server.took) != 1 {
			t.Fatalf("after a temporary refusal the mail is %s, sent %d times", state, len(h.server.took))
		}
		h.now = h.now.Add(5 * time.Second)
		h.work()
		if h.now = h.now.Add(9 * time.Second); len(h.server.took) != 2 {
			t.Fatalf("sent %d times after 5 seconds", len(h.server.took))
		}
		if state, _ := h.work(); state != "queued" || len(h.server.took) != 2 {
			t.Fatalf("the second wait is not longer than the first: %s, sent %d times", state, len(h.server.took))
		}
		h.now = h.now.Add(time.Second)
		if state, _ := h.work(); state != "sent" {
			t.Fatalf("in the end it is %s", state)
		}
		ids := map[string]bool{}
		for _, raw := range h.server.took {
			m, err := netmail.ReadMessage(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			ids[m.Header.Get("Message-ID")] = true
		}
		if len(ids) != 1 {
			t.Errorf("the tries carry several Message-IDs: %v", ids)
		}
	})
}

func TestOutboxGivesUp(t *testing.T) {
	d := dbtest.SQLite(t)
	h := newOutbox(t, d, slices.Repeat([]Result{{Class: Temporary, Code: 451}}, 100)...)
	h.queue(Notice{Kind: "link", To: "ada@acme.example"})
	state := "queued"
	for begun := h.now; state == "queued"; h.now = h.now.Add(time.Second) {
		if h.now.Sub(begun) > 61*time.Minute {
			t.Fatal("it is tried for more than an hour")
		}
		state, _ = h.work()
	}
	if state != "failed" {
		t.Errorf("in the end it is %s", state)
	}
	if strings.Contains(h.log.String(), "acme.example") {
		t.Errorf("the log holds an address: %s", h.log)
	}
}

func TestOutboxKeepsNoAddressOfWhatIsOver(t *testing.T) {
	d := dbtest.SQLite(t)
	h := newOutbox(t, d, Result{Class: Permanent, Code: 550, Text: "no such user ada@acme.example"})
	h.queue(Notice{Kind: "link", To: "ada@acme.example"})
	if state, recipient := h.work(); state != "failed" || recipient != "" {
		t.Errorf("the mail is %s, and its recipient is kept as %q", state, recipient)
	}
	var reply string
	if err := d.SQL().QueryRow(`SELECT reply FROM outbox`).Scan(&reply); err != nil || reply != "550 no such user the recipient" {
		t.Errorf("the reply is kept as %q, %v", reply, err)
	}
}

func TestOutboxDropsWhatIsNotWanted(t *testing.T) {
	h := newOutbox(t, dbtest.SQLite(t))
	h.wanted = false
	h.queue(Notice{Kind: "link", To: "ada@acme.example"})
	if state, _ := h.work(); state != "dropped" || len(h.server.took) != 0 {
		t.Errorf("the mail is %s, sent %d times", state, len(h.server.took))
	}
}

// A worker that slept past its lease must not send what another one may have sent.
func TestOutboxSendsNothingPastItsLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newOutbox(t, d, Result{Class: Accepted})
		h.server.before = func() { h.now, h.server.before = h.now.Add(outboxLease+time.Second), nil }
		h.queue(Notice{Kind: "link", To: "ada@acme.example"})
		if _, err := h.one(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(h.server.took) != 0 {
			t.Fatal("it was sent after the lease")
		}
		h.now = h.now.Add(time.Minute)
		if state, _ := h.work(); state != "sent" {
			t.Errorf("afterwards it is %s", state)
		}
	})
}

func TestOutboxRunsUntilItIsTold(t *testing.T) {
	d := dbtest.SQLite(t)
	h := newOutbox(t, d, Result{Class: Accepted})
	ended := make(chan string, 1)
	h.Ended = func(state string) { ended <- state }
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { h.Run(ctx); close(over) }()
	h.queue(Notice{Kind: "link", To: "ada@acme.example"})
	h.Wake()
	if state := <-ended; state != "sent" {
		t.Errorf("it ended as %s", state)
	}
	cancel()
	<-over
}

func TestKeptMessages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		k := &Kept{DB: d, Key: secret.Fixed("a"), Now: time.Now}
		message, err := Compose(Message{
			From: netmail.Address{Name: "Børs", Address: "a@elm.example"}, To: netmail.Address{Address: "ada@acme.example"},
			Subject: "Größe", Text: "Hello =\nAda", HTML: "<p>Hello</p>", MessageID: "1@elm.example", Date: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		for range 2*trimEvery + keptMost {
			if err := k.Keep(ctx, "", "ada@acme.example", message); err != nil {
				t.Fatal(err)
			}
		}
		page, total, err := k.List(ctx, "ACME", 0, 3)
		if err != nil || len(page) != 3 || total != keptMost || page[0].Subject != "Größe" || page[0].ID < page[1].ID {
			t.Fatalf("%d of %d kept, %+v, %v", len(page), total, page, err)
		}
		if _, total, _ := k.List(ctx, "nobody", 0, 3); total != 0 {
			t.Errorf("%d messages to nobody", total)
		}
		m, err := k.Get(ctx, page[0].ID)
		if err != nil || m.Text != "Hello =\r\nAda" || m.HTML != "<p>Hello</p>" || m.From != "Børs <a@elm.example>" {
			t.Errorf("the message is %+v, %v", m, err)
		}
		if !slices.Contains(m.Header, Header{"Message-ID", "<1@elm.example>"}) {
			t.Errorf("its header is %v", m.Header)
		}
		k.Key = secret.Fixed("b")
		if m, err := k.Get(ctx, page[0].ID); err != nil || m.Text != "" {
			t.Errorf("another key opens it: %+v, %v", m, err)
		}
	})
}
