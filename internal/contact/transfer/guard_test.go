package transfer

import (
	"testing"

	"pgregory.net/rapid"
)

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"Ada":               "Ada",
		"O'Hara":            "O'Hara",
		"'t Hooft":          "'t Hooft",
		"'":                 "'",
		"=HYPERLINK(\"x\")": "'=HYPERLINK(\"x\")",
		"@SUM(A1)":          "'@SUM(A1)",
		"+49 (30) 123-45/6": "+49 (30) 123-45/6",
		"-1":                "-1",
		"+cmd|' /C calc'!A": "'+cmd|' /C calc'!A",
		"-1+A1":             "'-1+A1",
		"'=x":               "''=x",
		"''+49":             "'''+49",
	} {
		if got := guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("'=+-@1a"))).Draw(t, "s")
		if got := unguard(guard(s)); got != s {
			t.Fatalf("%q, then %q", s, got)
		}
	})
}
