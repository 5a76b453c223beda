package field

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"beckon/internal/fold"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ field, in, want string }{
		{"first_name", "Ada", "Ada"},
		{"first_name", " Ada  Maria ", "Ada  Maria"},
		{"first_name", "\u00a0\u200bAda\u00a0M\u200b\ufeff\t", "Ada\u00a0M"},
		{"first_name", "Line\r\nBcc: x@evil.example", "Line Bcc: x@evil.example"},
		{"first_name", "a\x00\x01b\u0085c\u2028d\x7f", "a b c d"},
		{"first_name", "\u202e \u2066evil\u202c\u2069", "evil"},
		{"first_name", "a\u202eb", "ab"},
		{"first_name", "a\xffb", "a\ufffdb"},
		{"first_name", "=HYPERLINK(\"x\")", "=HYPERLINK(\"x\")"},
		{"first_name", strings.Repeat("é", 200), strings.Repeat("é", 200)},
		{"notes", "\r\none\r\ntwo\rthree\n\tfour\x00\x00five\u202e ", "one\ntwo\nthree\n\tfour five"},
		{"notes", strings.Repeat("n", 10_000), strings.Repeat("n", 10_000)},
		{"title", "", ""},
		{"email", " Ada <Ada@Acme.example>", "Ada@Acme.example"},
		{"archive", "true", "true"},
		{"labels", " Career fair\n2026 ", "Career fair 2026"},
		{"unheard_of", " x\ty ", "x y"},
	} {
		if got, fault := Clean(c.field, c.in); fault != nil || got != c.want {
			t.Errorf("Clean(%q, %q) = %q, %v; want %q", c.field, c.in, got, fault, c.want)
		}
	}
}

func TestCleanFaults(t *testing.T) {
	for _, c := range []struct{ field, in, message string }{
		{"first_name", " \u200b\n", "is missing; it is required"},
		{"last_name", strings.Repeat("é", 201), "has more than 200 characters; shorten it"},
		{"title", strings.Repeat("x", 301), "has more than 300 characters; shorten it"},
		{"notes", strings.Repeat("x\n", 5_001), "has more than 10000 characters; shorten it"},
		{"email", "", "is missing; write an address like name@company.example"},
		{"email", "ada", "has no @; write name@company.example"},
		{"archive", "maybe", "is neither TRUE nor FALSE; write one of the two, or leave it blank"},
		{"unheard_of", strings.Repeat("x", 301), "has more than 300 characters; shorten it"},
	} {
		if c.field == "notes" {
			c.in += "x"
		}
		got, fault := Clean(c.field, c.in)
		if fault == nil || got != "" || *fault != (Fault{c.field, c.message}) {
			t.Errorf("Clean(%q, %.20q) = %q, %v; want %q", c.field, c.in, got, fault, c.message)
		}
	}
}

func TestCleanedIsClean(t *testing.T) {
	odd := []rune("a é\u00a0\u200b\u202e\u2066\r\n\t\x00\u0085\u2029一🎓")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.SampledFrom(odd), rapid.Rune())).Draw(t, "s")
		for _, lines := range []bool{false, true} {
			got := Text(s, lines)
			if again := Text(got, lines); again != got {
				t.Fatalf("Text(%q) = %q, then %q", s, got, again)
			}
			if got != fold.Trim(got) || !utf8.ValidString(got) {
				t.Fatalf("Text(%q) = %q", s, got)
			}
			for _, r := range got {
				if override(r) || unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) {
					t.Fatalf("Text(%q) = %q", s, got)
				}
			}
		}
	})
}
