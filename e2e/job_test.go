package e2e

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestMainJob goes the way Beckon is for: three kinds of contacts are imported, invited,
// and stand where the gate says.
func TestMainJob(t *testing.T) {
	engines(t, func(t *testing.T, databaseURL string) {
		mails := newSink(t)
		s := newSite(t, databaseURL, mails)
		s.run("migrate")
		elm, oak := s.institution("Elm University", "elm"), s.institution("Oak College", "oak")
		s.run("company", "create", "Acme Rockets", "--domain", "acme.example")
		rita := s.recruiter("rita@acme.example", "Rita", "Member", "Acme Rockets")
		lone := s.recruiter("lone@wolf.example", "Lone", "Wolf", "")
		s.serve()

		const strangers = 40
		file := string(people(strangers)) + "RITA@acme.example,Rita,Member,Acme Rockets\nlone@wolf.example,Lone,Wolf,\n"
		if i := elm.load([]byte(file)); i.Created != strangers+2 {
			t.Fatalf("the import: %+v", i)
		}
		for email, standing := range map[string]string{"person1@company1.example": "contact", "lone@wolf.example": "user", "rita@acme.example": "member"} {
			if got := elm.standing(email); got != standing {
				t.Errorf("%s stands as %s instead of %s", email, got, standing)
			}
		}
		refused(t, rita, "connection")
		refused(t, lone, "membership")

		id := invited(t, elm, strangers)
		wording(t, mails, strangers)
		if got := elm.standing("rita@acme.example"); got != "approved" {
			t.Errorf("after the invite went, Rita stands as %s", got)
		}
		if n := elm.contacts("label=autumn"); n != strangers+2 {
			t.Errorf("%d contacts have the label", n)
		}
		if status, text := postJob(t, rita); status != http.StatusCreated {
			t.Errorf("an approved recruiter posts a job: %d %s", status, text)
		}
		scanned(t, elm, id, mails)
		quietDays(t, elm, strangers+2)
		unsubscribed(t, elm, mails)
		for _, path := range []string{"/bulk-invites/" + id, "/bulk-invites/" + id + "/invites", "/contacts/" + get[list[contact]](elm, "/contacts").Data[0].ID} {
			if status, _ := oak.call("GET", path, nil); status != http.StatusNotFound {
				t.Errorf("another institution gets %d for %s", status, path)
			}
		}
	})
}

func postJob(t *testing.T, c *client) (int, []byte) {
	t.Helper()
	type choice struct{ ID, Name, Connection string }
	found := get[list[choice]](c, "/institutions?q=Elm")
	if len(found.Data) != 1 {
		t.Fatalf("a recruiter finds %+v", found)
	}
	return c.call("POST", "/jobs", body{"title": "Rocket engineer", "description": "Build rockets.", "institutions": []string{found.Data[0].ID}})
}

// refused checks that the gate names what is missing.
func refused(t *testing.T, c *client, missing string) {
	t.Helper()
	status, text := postJob(t, c)
	var problem struct{ Missing string }
	if err := json.Unmarshal(text, &problem); err != nil || status != http.StatusForbidden || problem.Missing != missing {
		t.Errorf("the gate answers %d %s, want 403 and missing %s", status, text, missing)
	}
}

// invited previews and confirms, once with numbers that do not hold and twice with one key,
// and answers the id when all is sent.
func invited(t *testing.T, elm *client, strangers int) string {
	t.Helper()
	all := strangers + 2
	p := want[preview](elm, http.StatusOK, "POST", "/bulk-invites/preview", body{"selection": everybody})
	if p.Total != all || p.WillSend != all || p.Variants["create_account"] != strangers || p.Variants["join_company"] != 1 || p.Variants["connect"] != 1 {
		t.Fatalf("the preview: %+v", p)
	}
	if status, text := elm.call("POST", "/bulk-invites", body{"selection": everybody, "expected_total": all - 1}); status != http.StatusConflict {
		t.Fatalf("a stale total: %d %s", status, text)
	}
	confirm := body{"selection": everybody, "expected_total": all, "label": "autumn"}
	first := want[bulkInvite](elm, http.StatusAccepted, "POST", "/bulk-invites", confirm, "Idempotency-Key", "once")
	again := want[bulkInvite](elm, http.StatusAccepted, "POST", "/bulk-invites", confirm, "Idempotency-Key", "once")
	if first.ID != again.ID {
		t.Fatal("a retry made a second bulk invite")
	}
	if b := elm.sent(first.ID); b.Counts["sent"] != all || b.Total != all {
		t.Fatalf("after sending: %+v", b)
	}
	return first.ID
}

// wording checks that each was written to once, with the button and the headers that are
// promised.
func wording(t *testing.T, mails *sink, strangers int) {
	t.Helper()
	if n := mails.count(); n != strangers+2 {
		t.Fatalf("%d mails went", n)
	}
	for email, words := range map[string]string{
		"person0@company0.example": "Create your account",
		"lone@wolf.example":        "Join your company",
		"rita@acme.example":        "Connect with Elm University",
	} {
		got := mails.to(email)
		if len(got) != 1 {
			t.Fatalf("%s got %d mails", email, len(got))
		}
		link := got[0].button(words)
		if link == "" || !strings.Contains(got[0].Text, link) {
			t.Errorf("the button %q of the mail to %s leads to %q, which the text part must name too:\n%s", words, email, link, got[0].Text)
		}
		for _, name := range []string{"Message-ID", "Date", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if got[0].Header.Get(name) == "" {
				t.Errorf("the mail to %s has no %s", email, name)
			}
		}
	}
}

// visit opens a page as a mail scanner does.
func visit(t *testing.T, url string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s", url, answer.Status)
	}
}

// scanned checks that opening links changes nothing.
func scanned(t *testing.T, elm *client, id string, mails *sink) {
	t.Helper()
	for range 3 {
		visit(t, mails.one("person3@company3.example").button("Create your account"))
	}
	if b := get[bulkInvite](elm, "/bulk-invites/"+id); b.Counts["opened"] != 0 || b.Counts["accepted"] != 0 {
		t.Errorf("opening a link counted: %+v", b.Counts)
	}
	if got := elm.standing("person3@company3.example"); got != "contact" {
		t.Errorf("opening a link made the contact a %s", got)
	}
}

// quietDays checks that nobody is asked again at once, unless somebody wants that.
func quietDays(t *testing.T, elm *client, all int) {
	t.Helper()
	p := want[preview](elm, http.StatusOK, "POST", "/bulk-invites/preview", body{"selection": everybody})
	if p.WillSend != 0 || p.Skipped["recently_invited"] != all-1 || p.Skipped["already_approved"] != 1 {
		t.Errorf("right after sending: %+v", p)
	}
	p = want[preview](elm, http.StatusOK, "POST", "/bulk-invites/preview", body{"selection": everybody, "include": []string{"recently_invited"}})
	if p.WillSend != all-1 {
		t.Errorf("with those invited lately: %+v", p)
	}
	if status, _ := elm.call("POST", "/bulk-invites", body{"selection": everybody}); status != http.StatusUnprocessableEntity {
		t.Errorf("confirming with nobody to send to: %d", status)
	}
}

// unsubscribed follows the one-click link of a mail (RFC 8058).
func unsubscribed(t *testing.T, elm *client, mails *sink) {
	t.Helper()
	header := mails.one("person6@company6.example").Header.Get("List-Unsubscribe")
	link := regexp.MustCompile(`<(http[^>]+)>`).FindStringSubmatch(header)
	if link == nil {
		t.Fatalf("no link in List-Unsubscribe: %q", header)
	}
	suppressed := func() int {
		p := want[preview](elm, http.StatusOK, "POST", "/bulk-invites/preview", body{"selection": everybody})
		sum := p.WillSend
		for _, n := range p.Skipped {
			sum += n
		}
		if sum != p.Total {
			t.Errorf("the numbers do not add up: %+v", p)
		}
		return p.Skipped["suppressed"]
	}
	visit(t, link[1])
	if n := suppressed(); n != 0 {
		t.Errorf("opening the link suppressed %d", n)
	}
	answer, err := http.Post(link[1], "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if n := suppressed(); n != 1 {
		t.Errorf("one click (%s) suppressed %d", answer.Status, n)
	}
}
