package fold

import (
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"plain ascii 1":     "plain ascii 1",
		"ADA Lovelace":      "ada lovelace",
		"Gödel":             "godel",
		"GO\u0308DEL":       "godel",
		"Straße":            "strasse",
		"Ærø & Sønner, A/S": "ærø & sønner, a/s",
		"ŁÓDŹ":              "łodz",
		"İstanbul":          "istanbul",
		"ﬁnance":            "finance",
		"Ⅷ ½":               "viii 1⁄2",
		"ΣΊΣΥΦΟΣ":           "σισυφοσ",
		"σίσυφος":           "σισυφοσ",
		"Йошкар-Ола":        "иошкар-ола",
		"Nguyễn Văn Ậu":     "nguyen van au",
		"森本 ガ":              "森本 カ",
		"한글":                norm.NFD.String("한글"),
		"ℌ":                 "H",
		"\u0345":            "ι",
		"a\xffB":            "a\ufffdb",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

// defined is the definition once more, written without the package's own helpers.
func defined(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(cases.Fold().String(strings.ToValidUTF8(s, "\ufffd"))) {
		if !unicode.Is(unicode.M, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestTextOfEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if s := string(r); utf8.ValidRune(r) && Text(s) != defined(s) {
			t.Errorf("Text(%U) = %q, want %q", r, Text(s), defined(s))
		}
	}
}

func TestTextIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if got, want := Text(s), defined(s); got != want {
			t.Fatalf("Text(%q) = %q, want %q", s, got, want)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Gödel", "a\xffé\xc3", "e\u0323\u0302x", "\u1100\u1161\u11a8", "ẞﬃǅ\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if got != defined(s) {
			t.Fatalf("Text(%q) = %q, want %q", s, got, defined(s))
		}
		for _, r := range got {
			if unicode.Is(unicode.M, r) {
				t.Fatalf("Text(%q) = %q holds a combining mark", s, got)
			}
		}
	})
}

func TestTextConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if got := Text("Ünïcode ガ"); got != "unicode カ" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func TestTrim(t *testing.T) {
	if got := Trim(" \u00a0\u200bAda\u00a0Love\u200blace\t\ufeff\u2060\r\n"); got != "Ada\u00a0Love\u200blace" {
		t.Errorf("got %q", got)
	}
	if got := Trim("\u3000\u200d\u200e "); got != "" {
		t.Errorf("got %q", got)
	}
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{"ascii": "megane reichel", "capitals": "Megane Reichel", "latin": "Abigaïl Müller-Gödel", "japanese": "森本 颯太"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Text(s)
			}
		})
	}
}
