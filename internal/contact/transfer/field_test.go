package transfer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	field := ContactFields[slices.IndexFunc(ContactFields, func(f Field) bool { return f.Name == "labels" })]
	for in, want := range map[string][]string{
		"":                              nil,
		" ; ;":                          nil,
		"A;b; a ;B;C d":                 {"A", "b", "C d"},
		"A; B ::: * myContacts ::: C":   {"A; B", "C"},
		"* myContacts":                  nil,
		"* starred;Board":               {"Board"},
		strings.Repeat("x", 100) + ";y": {strings.Repeat("x", 100), "y"},
	} {
		if got, fault := labels(in, field); fault != nil || !slices.Equal(got, want) {
			t.Errorf("labels(%.40q) = %q, %v; want %q", in, got, fault, want)
		}
	}
	if got, fault := labels("a;"+strings.Repeat("x", 101), field); fault == nil || fault.Column != "labels" {
		t.Errorf("got %q, %v", got, fault)
	}
	many := strings.Repeat("A;", 10) + fmt.Sprint(1)
	for i := range 50 {
		many += fmt.Sprintf(";%d", i)
	}
	if got, fault := labels(many, field); fault == nil || fault.Column != "labels" {
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
