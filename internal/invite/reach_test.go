package invite

import (
	"slices"
	"testing"

	"beckon/internal/contact"
)

// The words of the filter for one invite are the variants and the states, less skipped.
func TestFilterWordsAreTheirs(t *testing.T) {
	var variants, states []string
	for _, v := range Variants {
		variants = append(variants, string(v))
	}
	for _, s := range States {
		if s != Skipped {
			states = append(states, string(s))
		}
	}
	if got := contact.FilterChoices("variant"); !slices.Equal(got, variants) {
		t.Errorf("variant is %q", got)
	}
	if got := contact.FilterChoices("invite_state"); !slices.Equal(got, states) {
		t.Errorf("invite_state is %q", got)
	}
}
