package transfer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// records reads all records, each as its cells between bars, with its flaw in front.
func records(t testing.TB, s *splitter) []string {
	t.Helper()
	var out []string
	for {
		f, err := s.next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		mark := [...]string{"", "unclosed: ", "oversize: "}[f]
		out = append(out, mark+strings.Join(s.cells(UTF8), "|"))
		if len(s.buf) > maxRecord {
			t.Fatalf("the buffer has grown to %d bytes", len(s.buf))
		}
	}
}

func TestRecords(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for in, want := range map[string][]string{
		"":                          nil,
		"a,b":                       {"a|b"},
		"a,b\n":                     {"a|b"},
		"a,\n,b\n\nc":               {"a|", "|b", "", "c"},
		"a\r\nb\rc\r\r\nd\r\r\re":   {"a", "b", "c", "d", "", "", "e"},
		"\ufeffa,b":                 {"a|b"},
		"\"a,\"\"b\"\"\",c":         {`a,"b"|c`},
		"\"a\r\nb\nc\rd\",e\nf":     {"a\r\nb\nc\rd|e", "f"},
		"\"a\" ,b\n\"c\"  \r\nd":    {"a|b", "c", "d"},
		`a "b" c,d"e`:               {`a "b" c|d"e`},
		`"Head of "Talent" here",b`: {`Head of "Talent" here|b`},
		`"",""`:                     {"|"},
		`""`:                        {""},
		`a,"`:                       {`unclosed: a|"`},
		"a,\"b\nc,d\ne":             {`unclosed: a|"b`, "c|d", "e"},
		"\"a\nb\",\"c\nd,\"\"\ne":   {"unclosed: a\nb|\"c", "d|", "e"},
		"\"" + long + "\n" + long + "\n" + long + "\nb,c": {`unclosed: "` + long, long, long, "b|c"},
		long + "," + long + "," + long + "\nb,c":          {"oversize: " + (long + "|" + long + "|" + long)[:maxRecord], "b|c"},
		"\"" + long + "\n" + long + "\",c":                {long + "\n" + long + "|c"},
	} {
		if got := records(t, newSplitter(strings.NewReader(in), ',')); !slices.Equal(got, want) {
			t.Errorf("%.60q: %.200q, want %.200q", in, got, want)
		}
		if got := records(t, newSplitter(iotest.OneByteReader(strings.NewReader(in)), ',')); !slices.Equal(got, want) {
			t.Errorf("%.60q byte by byte: %.200q, want %.200q", in, got, want)
		}
	}
}

// What the standard library writes must come back, whatever the cells hold.
func TestRecordsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab ,;\"\r\n\té一")))
		table := rapid.SliceOf(rapid.SliceOfN(cell, 1, 5)).Draw(t, "table")
		separator := rapid.SampledFrom(Separators).Draw(t, "separator")
		var file strings.Builder
		w := csv.NewWriter(&file)
		w.Comma = rune(separator[0])
		if err := w.WriteAll(table); err != nil {
			t.Fatal(err)
		}
		s := newSplitter(strings.NewReader(file.String()), separator[0])
		for i, cells := range table {
			f, err := s.next()
			if err != nil || f != flawless || s.number != i+1 || !slices.Equal(s.cells(UTF8), cells) {
				t.Fatalf("record %d of %q is %q (%v, %v), want %q", i+1, file.String(), s.cells(UTF8), f, err, cells)
			}
		}
		if _, err := s.next(); err != io.EOF {
			t.Fatalf("more than %d records in %q", len(table), file.String())
		}
	})
}

// Each of these lines opens a quotation that no line closes. Reading must stay linear.
func TestManyUnclosedQuotations(t *testing.T) {
	const lines = 200_000
	s := newSplitter(strings.NewReader(strings.Repeat("\"ab\n", lines)+"\"a\",b"), ',')
	for range lines {
		if f, err := s.next(); err != nil || f != unclosed || string(s.text) != "\"ab\x00" {
			t.Fatalf("record %d: %v, %v, %q", s.number, f, err, s.text)
		}
	}
	if f, err := s.next(); err != nil || f != flawless || string(s.text) != "a\x00b\x00" {
		t.Fatalf("the last record: %v, %v, %q", f, err, s.text)
	}
	if s.lookahead > maxLookahead+maxRecord {
		t.Errorf("read %d bytes in vain", s.lookahead)
	}
}

func TestBrokenStream(t *testing.T) {
	broken := errors.New("broken")
	for in, whole := range map[string]int{"": 0, "a,b\nc,d": 1, "a\n\"b\nc\n": 1} {
		s := newSplitter(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), ',')
		for range whole {
			if _, err := s.next(); err != nil {
				t.Fatalf("%q: %v", in, err)
			}
		}
		for range 2 {
			if _, err := s.next(); !errors.Is(err, broken) {
				t.Errorf("%q: %v, want %v", in, err, broken)
			}
		}
	}
}

func TestCellsOfSeveralEncodings(t *testing.T) {
	for _, c := range []struct {
		in       string
		encoding Encoding
		want     string
	}{
		{"Zo\xeb,Caf\xe9 \x80\n", UTF8, "Zoë|Café €"},
		{"Zoë,M\xfcller\n", UTF8, "Zoë|Müller"},
		{"\xc3,\xa9\n", UTF8, "Ã|©"},
		{"Zoë,M\xfcller\n", Windows1252, "ZoÃ«|Müller"},
		{"plain,\x81\n", Windows1252, "plain|\ufffd"},
	} {
		s := newSplitter(strings.NewReader(c.in), ',')
		if _, err := s.next(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(s.cells(c.encoding), "|"); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.in, c.encoding, got, c.want)
		}
	}
}

func ExampleReader() {
	file := "email,first name,last name\nada@acme.example,Ada,\n"
	f, _ := Sniff(strings.NewReader(file), ContactFields, Format{})
	r, _ := NewReader(strings.NewReader(file), ContactFields, f)
	row, _ := r.Next()
	fmt.Println(row.Number, row.Contact.Email.Key, row.Faults)
	// Output: 2 ada@acme.example [{last_name is missing; it is required}]
}
