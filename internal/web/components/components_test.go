package components

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"beckon/internal/fault"
	"github.com/a-h/templ"
)

// evil stands wherever people's text is shown, hostile where an address is expected.
const (
	evil    = `Mallory<script>alert(1)</script>"'&`
	hostile = `javascript:alert(1)`
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryComponentEscapesWhatItShows(t *testing.T) {
	link := Link{Name: evil, URL: hostile}
	field := Field{Name: evil, Label: evil, Hint: evil, Error: evil, Optional: true}
	options := []Option{{Value: evil, Label: evil, Hint: evil}}
	part := Part{N: 1, Tone: evil, Name: evil, Note: evil, Link: link}
	confirm := Confirm{ID: evil, Title: evil, Text: evil, Act: evil, Action: hostile}
	shell := Shell{
		Title: evil, Section: evil, Institution: evil, UserName: evil, Role: evil,
		Views:  []NavView{{Name: evil, URL: hostile, Count: 1}},
		Others: []Link{link}, Flash: &Flash{Kind: evil, Text: evil, Link: link},
	}
	selection := Selection{Filter: evil, Total: 3, AllURL: hostile, ClearURL: hostile}
	for name, c := range map[string]templ.Component{
		"Layout": Layout(shell), "RecruiterLayout": RecruiterLayout(shell), "StudentLayout": StudentLayout(shell), "Door": Door(evil),
		"PageHead": PageHead(Head{Title: evil, Count: evil, Sub: evil, Back: link}),
		"Tabs":     Tabs(evil, []Tab{{Name: evil, URL: hostile, Count: evil}}), "EmptyState": EmptyState(evil, evil),
		"FlashMessage": FlashMessage(Flash{Kind: evil, Text: evil, Link: link}), "Toast": Toast(Flash{Kind: evil, Text: evil, Link: link}),
		"State": State(evil, evil), "Chips": Chips([]Chip{{Name: evil, Values: []string{evil, evil}, Remove: hostile}}),
		"Tag": Tag(Label{Name: evil}), "Tags": Tags([]Label{{Name: evil}, {Name: evil}}, 1),
		"Table": Table(evil, evil, []Column{{Name: evil, Class: evil, Sort: hostile, Order: "ascending"}}), "Pick": Pick(evil, evil, true),
		"SelectionForm": SelectionForm(selection), "PagerFoot": PagerFoot(Pager{Next: hostile}, evil),
		"TextInput": TextInput(field, evil, nil), "TextArea": TextArea(field, evil, 2), "Select": Select(field, options, evil),
		"Radios": Radios(field, options, evil), "Check": Check(evil, evil, options[0], true), "LabelPicker": LabelPicker(field, evil, []string{evil}),
		"SearchField": SearchField("q", evil, evil, evil), "CopyField": CopyField(field, evil),
		"ErrorSummary": ErrorSummary(fault.Fields{{Path: evil, Message: evil}}),
		"MenuButton":   MenuButton("m", evil), "DialogHead": DialogHead(evil, evil),
		"ConfirmButton": ConfirmButton(confirm, evil, evil), "ConfirmDialog": ConfirmDialog(confirm),
		"ProgressCard": ProgressCard(Progress{ID: evil, Label: evil, Text: evil, Rate: evil, Poll: hostile}),
		"Funnel":       Funnel([]FunnelStep{{Name: evil, N: 1, Tone: evil, Link: link}}), "Parts": Parts([]Part{part}, evil), "Split": Split(evil, []Part{part}),
		"Path": Path(evil, []Step{{Name: evil, Note: evil, State: evil, Link: link}}), "Fact": Fact(evil),
		"Said":        Said([]Saying{{Who: evil, Text: evil, At: time.Unix(1, 0)}}, time.UTC, time.Unix(1, 0)),
		"ReportSheet": ReportSheet(Report{Institution: evil, Action: hostile, Back: hostile, Typed: evil, Error: evil}),
	} {
		html := render(t, c)
		if strings.Contains(html, "<script>alert") || strings.Contains(html, `href="javascript`) || strings.Contains(html, `action="javascript`) {
			t.Errorf("%s lets markup through: %s", name, html)
		}
		if !strings.Contains(html, "Mallory&lt;script&gt;") && !strings.Contains(html, "Mallory%3Cscript") {
			t.Errorf("%s does not show its text: %s", name, html)
		}
	}
}

func TestChipsReadAsSentences(t *testing.T) {
	for want, c := range map[string]Chip{
		"Label Fair 2026":                  {Name: "Label", Values: []string{"Fair 2026"}},
		"Label Fair 2026 and Alumni":       {Name: "Label", Values: []string{"Fair 2026", "Alumni"}, All: true},
		"Standing contact, user or member": {Name: "Standing", Values: []string{"contact", "user", "member"}},
	} {
		if got := c.text(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if html := render(t, Chips([]Chip{c})); !strings.Contains(html, `aria-label="Remove filter `+want+`"`) {
			t.Errorf("the cross does not say what it removes: %s", html)
		}
	}
}

func TestStandingSaysItInStepsAndWords(t *testing.T) {
	for level, want := range map[string]string{"contact": "0", "user": "1", "member": "2", "approved": "3", "blocked": "3"} {
		html := render(t, Standing(level))
		if !strings.Contains(html, `data-step="`+want+`"`) || !strings.Contains(html, `href="/help/contacts-and-users#`+level+`"`) {
			t.Errorf("%s: %s", level, html)
		}
		if strings.Contains(html, "standing blocked") != (level == "blocked") {
			t.Errorf("%s: %s", level, html)
		}
	}
}

func TestAControlIsTiedToItsHintAndError(t *testing.T) {
	html := render(t, TextInput(Field{Name: "email", Label: "Address", Hint: "Where invites go.", Error: "Write one.", Required: true}, "x", templ.Attributes{"type": "email"}))
	for _, want := range []string{`<label for="email">`, `aria-describedby="email-error email-hint"`, `aria-invalid="true"`, `id="email-error"`, `id="email-hint"`, ` required`, `type="email"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
	html = render(t, TextInput(Field{Name: "email", Label: "Address"}, "x", nil))
	for _, unwanted := range []string{"aria-describedby", "aria-invalid", "required"} {
		if strings.Contains(html, unwanted) {
			t.Errorf("%s in %s", unwanted, html)
		}
	}
}

func TestNum(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1284: "1,284", 50000: "50,000", 1234567: "1,234,567", -1284: "−1,284"} {
		if got := Num(n); got != want {
			t.Errorf("Num(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestWhenTextSpeaksInTheZoneOfTheInstitution(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, zone)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "never"},
		{time.Date(2026, 11, 23, 19, 2, 0, 0, time.UTC), "today 14:02"},
		{time.Date(2026, 11, 23, 4, 59, 0, 0, time.UTC), "yesterday 23:59"},
		{time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC), "tomorrow 09:00"},
		{time.Date(2026, 11, 9, 12, 0, 0, 0, time.UTC), "9 Nov"},
		{time.Date(2025, 10, 12, 12, 0, 0, 0, time.UTC), "12 Oct 2025"},
		{time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC), "31 Dec 2025"},
	} {
		if got := WhenText(c.at, zone, now); got != c.want {
			t.Errorf("WhenText(%v) = %q, want %q", c.at, got, c.want)
		}
	}
	if html := render(t, When(time.Date(2026, 11, 23, 19, 2, 0, 0, time.UTC), zone, now)); !strings.Contains(html, `datetime="2026-11-23T19:02:00Z"`) {
		t.Error(html)
	}
}

func TestLeftAndPerSecond(t *testing.T) {
	for _, c := range []struct {
		rest int
		rate float64
		want string
	}{
		{0, 5, ""}, {100, 0, ""}, {40, 9.6, "a few seconds left"}, {453, 9.6, "less than a minute left"},
		{1200, 10, "about 2 minutes left"}, {100_000, 5, "about 6 hours left"},
	} {
		if got := Left(c.rest, c.rate); got != c.want {
			t.Errorf("Left(%d, %v) = %q, want %q", c.rest, c.rate, got, c.want)
		}
	}
	for rate, want := range map[float64]string{0: "", 9.6: "9.6 a second", 5210.4: "5,210 a second"} {
		if got := PerSecond(rate); got != want {
			t.Errorf("PerSecond(%v) = %q, want %q", rate, got, want)
		}
	}
}

func TestBarsFillTheWholeAndShowTheSmallest(t *testing.T) {
	all := bars([]Part{{N: 1_000_000, Tone: "accent"}, {N: 0, Tone: "teal"}, {N: 1, Tone: "good"}})
	if len(all) != 2 {
		t.Fatalf("%d bars, want 2", len(all))
	}
	if last := all[1]; last.width < 4 || last.x+last.width < 999.9 || last.x+last.width > 1000.1 {
		t.Errorf("the last bar is %+v", last)
	}
	if bars(nil) != nil || bars([]Part{{N: 0}}) != nil {
		t.Error("bars of nothing")
	}
}

func TestShortName(t *testing.T) {
	for full, want := range map[string]string{"Dana Whitfield": "Dana W.", "Ana María Ñuñez": "Ana Ñ.", "Cher": "Cher", "": "", "  Dana  ": "Dana"} {
		if got := shortName(full); got != want {
			t.Errorf("shortName(%q) = %q, want %q", full, got, want)
		}
	}
}

func TestNothingWaitingLeavesNoBadge(t *testing.T) {
	html := render(t, Layout(Shell{Title: "Contacts", Section: "Contacts", Institution: "Elm University", UserName: "Dana Whitfield"}))
	if strings.Contains(html, "badge") {
		t.Error("a badge without a number")
	}
	if !strings.Contains(html, `href="/contacts" aria-current="page"`) || strings.Count(html, "aria-current") != 1 {
		t.Error("the navigation does not mark the one current page")
	}
}

func TestZonesAreNamed(t *testing.T) {
	at := time.Date(2026, 12, 3, 14, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "UTC", "America/New_York": "EST (UTC−05:00)", "Europe/Copenhagen": "CET (UTC+01:00)", "Asia/Dubai": "UTC+04:00"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := ZoneName(at, loc); got != want {
			t.Errorf("%s is %q, want %q", zone, got, want)
		}
	}
}

func TestConversationsSayWhatIsUnreadAndOpen(t *testing.T) {
	html := render(t, Conversations("Conversations", []Conversation{
		{With: evil, Note: evil, When: evil, Last: evil, Mark: evil, URL: hostile, Unread: true},
		{With: "Amara Okafor", URL: "/messages/1", Current: true},
	}))
	if strings.Count(html, "(unread)") != 1 || strings.Count(html, `aria-current="true"`) != 1 || strings.Contains(html, "<script>alert") || strings.Contains(html, `href="javascript`) {
		t.Error(html)
	}
}
