package address

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for raw, want := range map[string]Address{
		"ada@acme.example":                            {"ada@acme.example", "ada@acme.example", "acme.example"},
		"Ada.L@ACME.Example":                          {"Ada.L@ACME.Example", "ada.l@acme.example", "acme.example"},
		" \u00a0ada@acme.example\u200b\r\n":           {"ada@acme.example", "ada@acme.example", "acme.example"},
		"mailto:ada@acme.example":                     {"ada@acme.example", "ada@acme.example", "acme.example"},
		"MAILTO: ada%2Bfair@acme.example?subject=a@b": {"ada+fair@acme.example", "ada+fair@acme.example", "acme.example"},
		"mailto:m%C3%BCller@acme.example":             {"müller@acme.example", "müller@acme.example", "acme.example"},
		"Ada <ada@acme.example>":                      {"ada@acme.example", "ada@acme.example", "acme.example"},
		"<ada@acme.example>":                          {"ada@acme.example", "ada@acme.example", "acme.example"},
		"Ada < mailto:ada@acme.example >":             {"ada@acme.example", "ada@acme.example", "acme.example"},
		`"Lovelace, Ada" <ada@acme.example>`:          {"ada@acme.example", "ada@acme.example", "acme.example"},
		`"A \"<x@y>\"; B" <ada@acme.example>`:         {"ada@acme.example", "ada@acme.example", "acme.example"},
		"Lovelace, Ada (HR) <ada@acme.example>":       {"ada@acme.example", "ada@acme.example", "acme.example"},
		"ada@acme.example <ada@acme.example>":         {"ada@acme.example", "ada@acme.example", "acme.example"},
		"o'hara+fair@acme.example.com":                {"o'hara+fair@acme.example.com", "o'hara+fair@acme.example.com", "acme.example.com"},
		"!#$%&'*+-/=?^_`{|}~@acme.example":            {"!#$%&'*+-/=?^_`{|}~@acme.example", "!#$%&'*+-/=?^_`{|}~@acme.example", "acme.example"},
		"user@bücher.example":                         {"user@bücher.example", "user@xn--bcher-kva.example", "xn--bcher-kva.example"},
		"user@BU\u0308CHER.example":                   {"user@BU\u0308CHER.example", "user@xn--bcher-kva.example", "xn--bcher-kva.example"},
		"USER@Xn--bcher-kva.example":                  {"USER@Xn--bcher-kva.example", "user@xn--bcher-kva.example", "xn--bcher-kva.example"},
		"user@straße.example":                         {"user@straße.example", "user@xn--strae-oqa.example", "xn--strae-oqa.example"},
		"user@例え。example":                             {"user@例え。example", "user@xn--r8jz45g.example", "xn--r8jz45g.example"},
		"user@r3---sn.example":                        {"user@r3---sn.example", "user@r3---sn.example", "r3---sn.example"},
		"MÜLLER@acme.example":                         {"MÜLLER@acme.example", "müller@acme.example", "acme.example"},
		"用户@例え.example":                               {"用户@例え.example", "用户@xn--r8jz45g.example", "xn--r8jz45g.example"},
		"a@3com.example":                              {"a@3com.example", "a@3com.example", "3com.example"},
		strings.Repeat("x", 64) + "@long.example":     {strings.Repeat("x", 64) + "@long.example", strings.Repeat("x", 64) + "@long.example", "long.example"},
	} {
		got, err := Parse(raw)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", raw, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	label := strings.Repeat("d", 63)
	for raw, want := range map[string]Error{
		"":                                   errBlank,
		" \u200b\u00a0":                      errBlank,
		"Ada <>":                             errBlank,
		"mailto:":                            errBlank,
		"\xff@acme.example":                  errUTF8,
		"mailto:%FF@acme.example":            errUTF8,
		"mailto:%4@acme.example":             errEscape,
		"mailto:a@acme.example%4":            errEscape,
		"Ada <ada@acme.example":              errAngle,
		"ada@acme.example>":                  errAngle,
		"<ada@acme.example> (Ada)":           errAngle,
		"not-an-address":                     errNoAt,
		"two@@signs.example":                 errTwoAt,
		"a@b@acme.example":                   errTwoAt,
		"one@list.example; two@list.example": errSeveral,
		"one@list.example,two@list.example":  errSeveral,
		"one@list.example two@list.example":  errSeveral,
		"One <one@list.example>, Two <two@list.example>": errSeveral,
		"one@list.example, Two <two@list.example>":       errSeveral,
		"sp ace@in.example":                              errSpace,
		"space@in .example":                              errSpace,
		"no\u00a0break@in.example":                       errSpace,
		"@acme.example":                                  errNoLocal,
		strings.Repeat("x", 65) + "@long.example":        errLocalLong,
		strings.Repeat("ü", 33) + "@long.example":        errLocalLong,
		".dot@lead.example":                              errLocalDots,
		"dot.@trail.example":                             errLocalDots,
		"d..ot@twice.example":                            errLocalDots,
		`"ada"@acme.example`:                             errQuotes,
		"=cmd()@evil.example":                            errComment,
		"ada(work)@acme.example":                         errComment,
		"a:b@acme.example":                               errLocalChar,
		`a\b@acme.example`:                               errLocalChar,
		"a\x00b@acme.example":                            errLocalChar,
		"a\u200bb@acme.example":                          errLocalChar,
		"a\u202eb@acme.example":                          errLocalChar,
		"ada@":                                           errNoDomain,
		"ada@[192.0.2.1]":                                errLiteral,
		"ada@192.0.2.1":                                  errLiteral,
		"a@b":                                            errNoDot,
		"a@localhost":                                    errNoDot,
		"ada@.acme.example":                              errDots,
		"ada@acme.example.":                              errDots,
		"ada@acme..example":                              errDots,
		"ada@acme.exam_ple":                              errDomain,
		"ada@-acme.example":                              errDomain,
		"ada@acme-.example":                              errDomain,
		"ada@acme.example(hq)":                           errDomain,
		"ada@xn--\u00fc.example":                         errDomain,
		"ada@xn--zzzzzzzzzzzzzz99999.example":            errDomain,
		"ada@" + label + "d.example":                     errLabelLong,
		"ada@" + strings.Repeat("ü", 60) + "y" + strings.Repeat("é", 9) + ".example":   errLabelLong,
		strings.Repeat("x", 60) + "@" + label + "." + label + "." + label + ".example": errLong,
	} {
		got, err := Parse(raw)
		if !errors.Is(err, want) {
			t.Errorf("Parse(%q) = %+v, %v; want %v", raw, got, err, want)
		}
	}
}

// written draws addresses that must be accepted, in any case and with IDN domains.
func written(t *rapid.T) string {
	local := rapid.StringMatching(`[A-Za-z0-9!#$%&'*+/=?^_{|}~-]{1,20}(\.[A-Za-zÀ-ÖØ-öø-ÿ0-9-]{1,8}){0,2}`).Draw(t, "local")
	domain := rapid.StringMatching(`([a-zA-Zäöüéß][a-z0-9äöüéß]{0,10}\.){1,4}(example|Example|COM)`).Draw(t, "domain")
	return local + "@" + domain
}

func TestParsedIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := written(t)
		a, err := Parse(s)
		if err != nil {
			t.Fatalf("Parse(%q): %v", s, err)
		}
		if a.Written != s || !strings.HasSuffix(a.Key, "@"+a.Domain) {
			t.Fatalf("Parse(%q) = %+v", s, a)
		}
		again, err := Parse(a.Key)
		if err != nil || again.Key != a.Key || again.Written != a.Key || again.Domain != a.Domain {
			t.Fatalf("Parse(%q) = %+v, %v after %+v", a.Key, again, err, a)
		}
	})
}

func TestSpellingsOfOneAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := written(t)
		a, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		readable, err := idna.ToUnicode(a.Domain)
		if err != nil {
			t.Fatal(err)
		}
		local := s[:strings.IndexByte(s, '@')]
		for _, other := range []string{
			strings.ToUpper(s[:1]) + s[1:],
			"  " + s + "\u00a0",
			"Name, X <" + s + ">",
			`"<,;>" <` + s + `>`,
			"mailto:" + strings.NewReplacer("%", "%25", "?", "%3f").Replace(s) + "?cc=x@y.example",
			local + "@" + a.Domain,
			local + "@" + readable,
		} {
			if b, err := Parse(other); err != nil || b.Key != a.Key {
				t.Fatalf("Parse(%q) = %+v, %v; want the key %q", other, b, err, a.Key)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"ada@acme.example", `"A, B" <ada@acme.example>`, "mailto:a%2Bb@acme.example?x", "ÄÖ@bücher.example",
		"user@XN--bcher-kva.example", "a@xn--a", "İ@ﬀ。example", "Ⱥ@ß.example", "<<>>", "a@\u200d.example", "K\u0301@a.b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := Parse(raw)
		if err != nil {
			if a != (Address{}) || !errors.As(err, new(Error)) {
				t.Fatalf("Parse(%q) = %+v, %v", raw, a, err)
			}
			return
		}
		local := strings.TrimSuffix(a.Key, "@"+a.Domain)
		if len(a.Key) > MaxLength || len(local) > MaxLocal || len(local) == 0 || !utf8.ValidString(a.Key) ||
			!isASCII(a.Domain) || !strings.Contains(a.Domain, ".") || strings.ContainsAny(a.Written, " \t\r\n\x00<>\"(),;") {
			t.Fatalf("Parse(%q) = %+v", raw, a)
		}
		for _, s := range []string{a.Key, a.Written} {
			if again, err := Parse(s); err != nil || again.Key != a.Key {
				t.Fatalf("Parse(%q) = %+v, %v after Parse(%q) = %+v", s, again, err, raw, a)
			}
		}
	})
}

func TestHash(t *testing.T) {
	sum := sha256.Sum256([]byte("ada@acme.example"))
	if got := Hash("ada@acme.example"); !bytes.Equal(got, sum[:16]) {
		t.Errorf("got %x", got)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, s := range map[string]string{"plain": "megane.reichel@howe-llc.example", "capitals": "Megane.Reichel@Howe-LLC.example", "idn": "user@bücher.example"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
