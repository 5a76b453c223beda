package input

import (
	"errors"
	"strings"
	"testing"

	"beckon/internal/fault"
)

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"  acme.example ":               "https://acme.example",
		"http://acme.example/jobs?a=1":  "http://acme.example/jobs?a=1",
		"https://acme.example:8443/x#y": "https://acme.example:8443/x#y",
	} {
		var f Form
		if got := f.URL("website", in); got != want || f.Err() != nil {
			t.Errorf("%q: %q, %v", in, got, f.Err())
		}
	}
	for _, in := range []string{"javascript:alert(1)", "ftp://acme.example", "acme", "https://", "https://a@acme.example", "acme.example/<b>", strings.Repeat("a", 300) + ".example"} {
		var f Form
		if got := f.URL("website", in); f.Err() == nil {
			t.Errorf("%q is taken as %q", in, got)
		}
	}
}

func TestFormTellsEveryFault(t *testing.T) {
	var f Form
	f.Required("title", " \u00a0", 10)
	if got := f.Line("location", "a\x00b\n", 10); got != "a b" {
		t.Errorf("a line is kept as %q", got)
	}
	if got := f.Lines("description", "a\r\nb", 10); got != "a\nb" {
		t.Errorf("lines are kept as %q", got)
	}
	f.Lines("notes", strings.Repeat("é", 11), 10)
	var faults fault.Fields
	if !errors.As(f.Err(), &faults) || len(faults) != 2 || faults[0].Path != "title" || faults[1].Path != "notes" {
		t.Errorf("faults %v", f.Err())
	}
}

func TestSearchTakesWildcardsAsText(t *testing.T) {
	if got := Containing(" 50%_Ö\x00\\ "); got != `%50\%\_o \\%` {
		t.Errorf("contains %q", got)
	}
	if got := Beginning(strings.Repeat("é", 300)); got != strings.Repeat("e", 200)+"%" {
		t.Errorf("begins with %q", got)
	}
}
