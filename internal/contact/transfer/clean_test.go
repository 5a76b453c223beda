package transfer

import (
	"slices"
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
			got := clean(s, lines)
			if again := clean(got, lines); again != got {
				t.Fatalf("clean(%q) = %q, then %q", s, got, again)
			}
			if got != fold.Trim(got) || !utf8.ValidString(got) {
				t.Fatalf("clean(%q) = %q", s, got)
			}
			for _, r := range got {
				if override(r) || unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) {
					t.Fatalf("clean(%q) = %q", s, got)
				}
			}
		}
	})
}

func TestLabels(t *testing.T) {
	field := ContactFields[slices.IndexFunc(ContactFields, func(f Field) bool { return f.Name == "labels" })]
	for in, want := range map[string][]string{
		"":                              nil,
		" ; ;":                          nil,
		"A;b; a ;B;C d":                 {"A", "b", "C d"},
		"A; B ::: * myContacts ::: C":   {"A; B", "C"},
		"* myContacts":                  nil,
		"* starred;Board":               {"Board"},
		strings.Repeat("x", 300) + ";y": {strings.Repeat("x", 300), "y"},
	} {
		if got, fault := labels(in, field); fault != nil || !slices.Equal(got, want) {
			t.Errorf("labels(%.40q) = %q, %v; want %q", in, got, fault, want)
		}
	}
	if got, fault := labels("a;"+strings.Repeat("x", 301), field); fault == nil || fault.Column != "labels" {
		t.Errorf("got %q, %v", got, fault)
	}
}

// A header may mean one thing only, and every name must find its own field.
func TestFieldsDoNotOverlap(t *testing.T) {
	meant := map[string]string{}
	for _, f := range ContactFields {
		if f.Label == "" || f.Max == 0 {
			t.Errorf("%s has no label or no limit", f.Name)
		}
		for _, header := range append([]string{f.Name}, f.Synonyms...) {
			key := headerKey(header)
			if other := meant[key]; other != "" {
				t.Errorf("%q means %s and %s", header, other, f.Name)
			}
			meant[key] = f.Name
		}
	}
}

func TestHeadersMean(t *testing.T) {
	words := newDictionary(ContactFields)
	for header, want := range map[string]string{
		"email": "email", "E-MAIL": "email", " e_mail ": "email", "Email\u00a0Address": "email", "e‑mail": "email",
		"E-mail 2 - Value": "email", "E-mail 12 Address": "email", "Email 3": "email", "E-mail 1 - Label": "", "E-mail 2 Type": "",
		"E-mail Display Name": "", "email_": "email", "emails": "",
		"FirstName": "first_name", "FIRST-NAME": "first_name", "Prenom": "first_name", "Middle Name": "",
		"employer_name": "company_name", "Employer ID": "", "Organization 1 - Name": "company_name", "Organization 2 - Name": "",
		"Phone 2 - Value": "phone", "Business Phone 2": "phone", "Business Fax": "",
		"Address 1 - Street": "street", "Address 2 - Street": "", "ZIP": "postal_code",
		"description": "notes", "Notes:": "", "Strasse": "street", "": "",
	} {
		if got := words.field(header); got != want {
			t.Errorf("%q means %q, want %q", header, got, want)
		}
	}
}
