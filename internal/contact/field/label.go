package field

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// LabelKey is the form in which the names of labels are compared: without regard to case,
// in composed form. Accents count: "Cafe" and "Café" are two labels.
func LabelKey(name string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(name))) }
