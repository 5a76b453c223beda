package fold_test

import (
	"testing"

	"beckon/internal/fold"
)

func TestInitialIsNeverTheWholeName(t *testing.T) {
	for name, want := range map[string]string{
		"Low": "L", "lindqvist": "L", "o\u0308berg": "Ö", "Öberg": "Ö", "Ng": "N", "王小明": "王",
		"": "", "O": "", "X.": "", "o\u0308": "", "-": "", "王": "",
	} {
		if got := fold.Initial(name); got != want {
			t.Errorf("of %q: %q, want %q", name, got, want)
		}
	}
}
