package address

import (
	"slices"
	"strings"
	"testing"
)

func TestFreeMail(t *testing.T) {
	for _, d := range []string{"gmail.com", "GMail.com", "outlook.com", "web.de", "yahoo.co.uk", "freemail.example", "mail.example"} {
		if !FreeMail(d) {
			t.Errorf("%s is not free mail", d)
		}
	}
	for _, d := range []string{"", "acme.example", "gmail.com.example", "# Domains"} {
		if FreeMail(d) {
			t.Errorf("%q is free mail", d)
		}
	}
}

// Every line must be a domain in the form in which Parse gives it, or it would never match.
func TestFreeMailList(t *testing.T) {
	var lines []string
	for d := range freeMail() {
		lines = append(lines, d)
		if a, err := Parse("a@" + d); err != nil || a.Domain != d {
			t.Errorf("%q: %+v, %v", d, a, err)
		}
	}
	if n := strings.Count(freeMailText, "\n") - 2; n != len(lines) {
		t.Errorf("%d lines, %d domains: some stand twice", n, len(lines))
	}
	if len(lines) < 100 {
		slices.Sort(lines)
		t.Errorf("only %v", lines)
	}
}

func TestOrganisation(t *testing.T) {
	for domain, want := range map[string]string{
		"acme.example":             "acme.example",
		"careers.acme.example":     "acme.example",
		"a.b.Acme.Example":         "acme.example",
		"jobs.acme.co.uk":          "acme.co.uk",
		"jobs.acme.com":            "acme.com",
		"co.uk":                    "co.uk",
		"example":                  "example",
		"xn--bcher-kva.example":    "xn--bcher-kva.example",
		"hr.xn--bcher-kva.example": "xn--bcher-kva.example",
		"":                         "",
	} {
		if got := Organisation(domain); got != want {
			t.Errorf("Organisation(%q) = %q, want %q", domain, got, want)
		}
	}
}

func TestUndeliverable(t *testing.T) {
	for domain, want := range map[string]bool{
		"acme.invalid": true, "ACME.Invalid": true, "mail.localhost": true, "abc.onion": true,
		"acme.example": false, "acme.test": false, "example.com": false, "invalid.example": false, "": false,
	} {
		if Undeliverable(domain) != want {
			t.Errorf("Undeliverable(%q) is not %v", domain, want)
		}
	}
}
