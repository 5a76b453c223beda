package settings

import (
	"context"
	"regexp"
	"testing"

	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/guide"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/recruiting"
	"beckon/internal/web/visit/visittest"
)

type house struct {
	*visittest.Site
	elm, ownerID, viewerID               int64
	owner, coordinator, viewer, stranger *visittest.Browser
}

func open(t *testing.T) *house {
	s := visittest.New(t)
	h := &house{Site: s, elm: s.Institution("Elm University")}
	oak := s.Institution("Oak College")
	invites := &invite.Invites{DB: s.DB, Now: s.Now, Key: s.Key, Book: &contact.Book{DB: s.DB, Now: s.Now}, Accounts: s.Accounts,
		Recruiting: &recruiting.Recruiting{DB: s.DB, Now: s.Now, Book: &contact.Book{DB: s.DB, Now: s.Now}}, BaseURL: s.URL}
	(&Pages{DB: s.DB, Institutions: s.Institutions, Accounts: s.Accounts, Invites: invites, Guides: &guide.Guides{DB: s.DB, Now: s.Now}, Now: s.Now}).Routes(s.Mux)
	join := func(name, email string, at int64, role institution.Role) (int64, *visittest.Browser) {
		id := s.User(name, email)
		s.Staff(at, id, role)
		return id, s.As(id)
	}
	h.ownerID, h.owner = join("Dana Whitfield", "dana@elm.example", h.elm, institution.Owner)
	_, h.coordinator = join("Cora Novak", "cora@elm.example", h.elm, institution.Coordinator)
	h.viewerID, h.viewer = join("Vera Moreau", "vera@elm.example", h.elm, institution.Viewer)
	_, h.stranger = join("Otto Reyes", "otto@oak.example", oak, institution.Owner)
	return h
}

func staffURL(userID int64, act string) string {
	return "/at/elm/settings/staff/" + db.FormatID(userID) + "/" + act
}

func TestChangeTheSettings(t *testing.T) {
	h := open(t)
	h.owner.Get("/at/elm/settings").Shows(200, "Elm University", "On sending", "The person asks, you decide").Lacks("style=")
	all := []string{"timezone", "Europe/Copenhagen", "reply_to", "careers@elm.example", "website", "elm.example", "quiet_days", "21", "connect_on", "accept", "after_signup", "request"}
	h.owner.Post("/at/elm/settings", append(all, "name", "Elm <i>University</i>")...).LeadsTo("/at/elm/settings")
	i, err := h.Institutions.BySlug(t.Context(), "elm")
	if err != nil || i.Name != "Elm <i>University</i>" || i.QuietDays != 21 || i.Website != "https://elm.example" || i.ConnectOn != "accept" {
		t.Errorf("%+v, %v", i, err)
	}
	h.owner.Get("/at/elm/settings").Shows(200, "The settings are saved", "Elm &lt;i&gt;").Lacks("<i>University")
	h.owner.Post("/at/elm/settings", "timezone", "Mars/Base", "quiet_days", "soon", "website", "javascript://elm", "connect_on", "send", "after_signup", "ask").
		Shows(422, `href="#timezone"`, `href="#quiet_days"`, `href="#website"`, `value="Mars/Base"`, `value="soon"`)
}

func TestStaffComeAndGo(t *testing.T) {
	h := open(t)
	h.owner.Post("/at/elm/settings/staff", "email", "new@elm.example", "role", "reviewer").LeadsTo("/at/elm/settings/staff")
	h.owner.Get("/at/elm/settings/staff").Shows(200, "A sign-in link is on its way to new@elm.example.", "new@elm.example")
	if letters := h.Letters(); len(letters) != 1 || letters[0].Button.URL == "" {
		t.Errorf("the mail is %+v", letters)
	}
	u, err := h.Accounts.ByEmail(t.Context(), "new@elm.example")
	if err != nil {
		t.Fatal(err)
	}
	h.owner.Post(staffURL(u.ID, "role"), "role", "viewer").LeadsTo("/at/elm/settings/staff")
	h.owner.Post(staffURL(u.ID, "remove")).LeadsTo("/at/elm/settings/staff")
	if n := h.Int(`SELECT COUNT(*) FROM staff WHERE user_id = $1`, u.ID); n != 0 {
		t.Error("still there")
	}
	h.owner.Post(staffURL(u.ID, "role"), "role", "owner").Shows(404)
	h.owner.Post("/at/elm/settings/staff", "email", "no address", "role", "viewer").Shows(422, `value="no address"`)
	h.owner.Post("/at/elm/settings/staff", "email", "x@elm.example", "role", "king").Shows(422)
	if _, err := h.Accounts.ByEmail(t.Context(), "x@elm.example"); err == nil {
		t.Error("an account was made without a role")
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	h := open(t)
	h.owner.Post(staffURL(h.ownerID, "remove")).Shows(409, "only owner")
	h.owner.Post(staffURL(h.ownerID, "role"), "role", "viewer").Shows(409, "only owner")
	h.owner.Post(staffURL(h.viewerID, "role"), "role", "owner").LeadsTo("/at/elm/settings/staff")
	h.owner.Post(staffURL(h.ownerID, "remove")).LeadsTo("/")
	h.owner.Get("/at/elm/settings").Shows(404)
}

var secret = regexp.MustCompile(`bkn_[A-Za-z0-9_-]+`)

func TestATokenIsShownOnce(t *testing.T) {
	h := open(t)
	h.owner.Get("/at/elm/settings/tokens").Shows(200, "No tokens yet")
	text := secret.FindString(h.owner.Post("/at/elm/settings/tokens", "name", "<b>sync</b>", "scopes", "read", "scopes", "contacts").Shows(200, "&lt;b&gt;sync", "contacts, read").Body)
	info, err := h.Accounts.CheckToken(t.Context(), text)
	if err != nil || info.InstitutionID != h.elm || info.May("invite") {
		t.Fatalf("%+v, %v", info, err)
	}
	h.owner.Get("/at/elm/settings/tokens").Shows(200, "works").Lacks(text, "<b>sync")
	h.owner.Post("/at/elm/settings/tokens/" + db.FormatID(info.ID) + "/revoke").LeadsTo("/at/elm/settings/tokens")
	h.owner.Get("/at/elm/settings/tokens").Shows(200, "revoked")
	h.owner.Post("/at/elm/settings/tokens", "name", "idle").Shows(422, "Tick at least one thing", `value="idle"`)
	h.owner.Post("/at/elm/settings/tokens/" + db.FormatID(info.ID) + "/revoke").Shows(404)
}

func TestLiftASuppressedAddress(t *testing.T) {
	h := open(t)
	h.owner.Get("/at/elm/settings/suppressed").Shows(200, "No address is suppressed")
	h.Contact(h.elm, "gone@alder.example")
	h.Write(func(ctx context.Context, tx *db.Tx) error {
		for key, reason := range map[string]string{"gone@alder.example": "bounced", "stop@alder.example": "unsubscribed"} {
			if _, err := tx.Exec(ctx, `INSERT INTO suppressions (institution_id, email_key, reason, detail, created_at) VALUES ($1, $2, $3, '550 <no>', 1)`, h.elm, key, reason); err != nil {
				return err
			}
		}
		return nil
	})
	h.owner.Get("/at/elm/settings/suppressed").Shows(200, "gone@alder.example", "Bounced", "Unsubscribed", "550 &lt;no&gt;", "Lift it only if they asked you to", "2 of 2")
	h.owner.Get("/at/elm/settings/suppressed?q=STOP").Shows(200, "stop@alder.example").Lacks("gone@alder.example")
	h.owner.Get("/at/elm/settings/suppressed?page=99999999").Shows(200, "gone@alder.example") // what is no place is the beginning
	h.coordinator.Post("/at/elm/settings/suppressed", "email", "nobody").Shows(422, `value="nobody"`, `href="#email"`)
	h.coordinator.Post("/at/elm/settings/suppressed", "email", "STOP@alder.example").Shows(409, "This address is suppressed already")
	h.coordinator.Post("/at/elm/settings/suppressed", "email", "hand@alder.example").LeadsTo("/at/elm/settings/suppressed")
	h.coordinator.Get("/at/elm/settings/suppressed").Shows(200, "hand@alder.example is not mailed any more", "Stopped by staff", "3 of 3")
	h.coordinator.Post("/at/elm/settings/suppressed/lift", "email", "hand@alder.example").LeadsTo("/at/elm/settings/suppressed")
	h.viewer.Post("/at/elm/settings/suppressed", "email", "hand@alder.example").Shows(403)
	h.stranger.Post("/at/elm/settings/suppressed", "email", "hand@alder.example").Shows(404)
	h.owner.Get("/at/elm/settings/suppressed?q=nobody").Shows(200, "Nothing matches")
	h.viewer.Get("/at/elm/settings/suppressed").Shows(200, "gone@alder.example").Lacks("Lift 1 address", "Stop mailing it")
	h.viewer.Post("/at/elm/settings/suppressed/lift", "email", "gone@alder.example").Shows(403)
	h.coordinator.Post("/at/elm/settings/suppressed/lift", "email", "gone@alder.example").LeadsTo("/at/elm/settings/suppressed")
	h.coordinator.Post("/at/elm/settings/suppressed/lift", "email", "gone@alder.example").Shows(404)
	h.owner.Get("/at/elm/settings/audit").Shows(200, "Suppression lifted", "Cora Novak", "reason bounced").Lacks("gone@alder.example")
}

func TestTheAuditLogPages(t *testing.T) {
	h := open(t)
	for range pageSize {
		h.Staff(h.elm, h.viewerID, institution.Viewer)
	}
	first := h.owner.Get("/at/elm/settings/audit").Shows(200, "Staff set", "1 to 50 of 53", `rel="next"`)
	next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(first.Body)
	h.owner.Get(next[1]).Shows(200, "51 to 53 of 53", `rel="prev" href="/at/elm/settings/audit"`)
}

// People of a company who are no contacts have no name, and each act leads to what it was on.
func TestTheAuditLogNamesContactsAlone(t *testing.T) {
	h := open(t)
	amara := h.User("Amara Okafor", "amara@northwind.example")
	err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		by := audit.Actor{Kind: audit.User, ID: amara, Name: "Amara Okafor"}
		for action, kind := range map[string]string{"interview.requested": "interview", "connection.requested": "company"} {
			if err := audit.Record(t.Context(), tx, audit.Event{InstitutionID: h.elm, At: h.Now(), Actor: by, Action: action, SubjectKind: kind, SubjectID: 7}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.owner.Get("/at/elm/settings/audit").Shows(200, "Somebody of a company", "Company asked to recruit", "/at/elm/interviews/7", "/at/elm/employers/7").Lacks("Okafor")
}

func TestWhoMay(t *testing.T) {
	h := open(t)
	h.viewer.Get("/at/elm/settings").Shows(200, "takes the role manager or owner").Lacks("<form class=\"card form\"", "API tokens")
	h.viewer.Get("/at/elm/settings/staff").Shows(200, "Cora Novak").Lacks("Add somebody", "Remove 1 person", "<select")
	h.viewer.Get("/at/elm/settings/tokens").Shows(403)
	for _, b := range []*visittest.Browser{h.viewer, h.coordinator} {
		b.Post("/at/elm/settings", "name", "Mine").Shows(403)
		b.Post("/at/elm/settings/staff", "email", "pal@elm.example", "role", "owner").Shows(403)
		b.Post(staffURL(h.viewerID, "role"), "role", "owner").Shows(403)
		b.Post(staffURL(h.viewerID, "remove")).Shows(403)
		b.Post("/at/elm/settings/tokens", "name", "x", "scopes", "read").Shows(403)
	}
	if _, err := h.Accounts.ByEmail(t.Context(), "pal@elm.example"); err == nil {
		t.Error("an account was made for somebody by a viewer")
	}
	for _, page := range []string{"", "/staff", "/tokens", "/suppressed", "/audit"} {
		h.stranger.Get("/at/elm/settings" + page).Shows(404)
	}
	h.stranger.Post("/at/elm/settings/suppressed/lift", "email", "x@y.example").Shows(404)
}

func TestATokenOfAnotherInstitution(t *testing.T) {
	h := open(t)
	_, token, err := h.Accounts.CreateToken(t.Context(), institution.System(h.elm, "test"), "theirs", nil)
	if err != nil {
		t.Fatal(err)
	}
	h.stranger.Post("/at/oak/settings/tokens/" + db.FormatID(token.ID) + "/revoke").Shows(404)
	h.stranger.Post("/at/oak/settings/staff/"+db.FormatID(h.viewerID)+"/role", "role", "owner").Shows(404)
	if h.Int(`SELECT COUNT(*) FROM staff WHERE user_id = $1 AND role = 'owner'`, h.viewerID) != 0 {
		t.Error("another institution's viewer became an owner")
	}
}
