package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"beckon/internal/address"
	"beckon/internal/contact/field"
	"beckon/internal/fault"
)

func TestEveryFaultOfARow(t *testing.T) {
	_, rows := read(t, []byte("email,first_name,last_name,title,archive,labels\n"+
		"x,,"+strings.Repeat("n", 201)+","+strings.Repeat("t", 301)+",perhaps,a;"+strings.Repeat("l", 301)+",surplus\n"), Format{})
	if got, want := line(rows[0]), "2 faults email first_name last_name title labels archive row"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, f := range rows[0].Faults {
		if f.Message == "" {
			t.Errorf("%s has no message", f.Column)
		}
	}
}

func TestRowsNumberRecords(t *testing.T) {
	_, rows := read(t, []byte("\n\"pre\namble\"\nemail,first_name,last_name\n\n , ,\u200b\n\"a@one.example\",\"A\nB\",One\n\nb@one.example,B,One"), Format{})
	var got []int
	for _, r := range rows {
		got = append(got, r.Number)
	}
	if want := []int{6, 8}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFirstFilledCellCounts(t *testing.T) {
	_, rows := read(t, []byte("Mobile Phone,Email,Email Address,Work email,Business Phone,first,last\n"+
		",,a@one.example,Other <b@one.example>,+2,A,One\n+1,a@one.example,A@ONE.example,b@one.example ,+2,A,One\n"), Format{})
	want := []string{"2|a@one.example|A|One|+2|also=b@one.example", "3|a@one.example|A|One|+1|also=b@one.example"}
	for i, r := range rows {
		if line(r) != want[i] {
			t.Errorf("%q, want %q", line(r), want[i])
		}
	}
}

func TestUnclosedQuotationSpoilsOneRow(t *testing.T) {
	_, rows := read(t, []byte("email,first_name,last_name\na@one.example,\"A,One\nb@one.example,B,One\n"), Format{})
	if line(rows[0]) != "2 faults row" || line(rows[1]) != "3|b@one.example|B|One" || len(rows) != 2 {
		t.Errorf("%+v", rows)
	}
	if want := []string{"a@one.example", "\"A", "One"}; !slices.Equal(rows[0].Raw, want) {
		t.Errorf("raw %q, want %q", rows[0].Raw, want)
	}
}

// A file of Windows-1252 may show its first byte beyond ASCII long after what Sniff sees.
func TestLateWindows1252(t *testing.T) {
	file := "email,first_name,last_name\n" + strings.Repeat("a@one.example,A,One\n", 20_000) + "z@one.example,Zo\xeb,N\xfa\xf1ez\n"
	f, rows := read(t, []byte(file), Format{})
	if got := line(rows[len(rows)-1]); got != "20002|z@one.example|Zoë|Núñez" || f.Encoding != UTF8 {
		t.Errorf("%s: %q", f.Encoding, got)
	}
}

func TestCorrectedFormat(t *testing.T) {
	file := []byte("Kontakt;email;wer\nich@eins.example;du@zwei.example;Ich\nX;Y;Z\n")
	f, _ := read(t, file, Format{Columns: []Column{{"Kontakt", "email"}, {"email", ""}, {"wer", "first_name"}}})
	if want := []Column{{"Kontakt", "email"}, {"email", ""}, {"wer", "first_name"}}; !slices.Equal(f.Columns, want) || f.Separator != ";" {
		t.Errorf("%+v", f)
	}
	f, rows := read(t, file, Format{HeaderRow: 2, Columns: []Column{{Header: "du@zwei.example", Field: "email"}}})
	if f.HeaderRow != 2 || len(rows) != 1 || rows[0].Number != 3 {
		t.Errorf("%+v, %+v", f, rows)
	}
	f, err := Sniff(bytes.NewReader(file), ContactFields, Format{Separator: ",", Encoding: Windows1252})
	if r := (*Refusal)(nil); !errors.As(err, &r) || f.Separator != "," || f.Encoding != Windows1252 || len(f.Columns) != 1 || len(f.Sample) != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	f, err = Sniff(bytes.NewReader(file), ContactFields, Format{HeaderRow: 9})
	if r := (*Refusal)(nil); !errors.As(err, &r) || r.Reason != NoAddressColumn {
		t.Errorf("%+v, %v", f, err)
	}
	for path, f := range map[string]Format{
		"encoding": {Encoding: "ebcdic"}, "separator": {Separator: "|"}, "header_row": {HeaderRow: -1},
		"columns": {Columns: []Column{{"x", "shoe_size"}}},
	} {
		_, err := Sniff(bytes.NewReader(file), ContactFields, f)
		if faults := (fault.Fields)(nil); !errors.As(err, &faults) || faults[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFormatSurvivesJSON(t *testing.T) {
	for _, s := range shapes {
		f, _ := read(t, s.file, Format{})
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var again Format
		if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(f, again) {
			t.Errorf("%s: %+v, %v, want %+v", s.name, again, err, f)
		}
		if f, _ = read(t, s.file, again); !reflect.DeepEqual(f, again) {
			t.Errorf("%s: sniffing with its own format gives %+v, want %+v", s.name, f, again)
		}
	}
}

func TestNewReaderRefuses(t *testing.T) {
	for _, f := range []Format{
		{},
		{Columns: []Column{{"email", "email"}}},
		{Separator: ",", HeaderRow: 1, Columns: []Column{{"name", "first_name"}}},
		{Separator: ",", HeaderRow: 1, Columns: []Column{{"email", "email"}, {"email", ""}}},
		{Separator: "x", HeaderRow: 1, Columns: []Column{{"email", "email"}}},
	} {
		if _, err := NewReader(strings.NewReader(""), ContactFields, f); err == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
}

func TestOtherFields(t *testing.T) {
	fields := []Field{ContactFields[0], {Name: "major", Label: "Major", Max: 10, Synonyms: []string{"Studies"}}}
	file := "E-mail;studies\na@one.example; Law \nb@one.example;Everything there is\n"
	f, err := Sniff(strings.NewReader(file), fields, Format{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(strings.NewReader(file), fields, f)
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Extra["major"] != "Law" || row.Faults != nil {
		t.Errorf("%+v, %v", row, err)
	}
	if row, err := r.Next(); err != nil || line(row) != "3 faults major" {
		t.Errorf("%+v, %v", row, err)
	}
}

func TestSkip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab,\"\n\r é")))
		var file strings.Builder
		file.WriteString("pre\n\nemail,first_name,last_name\n")
		for _, c := range rapid.SliceOf(cell).Draw(t, "cells") {
			file.WriteString(c + ",x\n")
		}
		f, err := Sniff(strings.NewReader(file.String()), ContactFields, Format{})
		if err != nil {
			t.Fatal(err)
		}
		all := rest(t, file.String(), f, 0)
		for n := range f.HeaderRow + len(all) + 2 {
			want := slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return r.Number <= n })
			if got := rest(t, file.String(), f, n); !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
				t.Fatalf("after %d: %+v, want %+v", n, got, want)
			}
		}
	})
}

// rest reads all rows behind the record n.
func rest(t *rapid.T, file string, f Format, n int) []Row {
	r, err := NewReader(strings.NewReader(file), ContactFields, f)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Skip(n); err != nil {
		t.Fatal(err)
	}
	var rows []Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestBrokenFile(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Sniff(iotest.ErrReader(broken), ContactFields, Format{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	head := "email,first_name,last_name\na@one.example,A,One\n"
	f, err := Sniff(strings.NewReader(head), ContactFields, Format{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), ContactFields, f)
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Number != 2 {
		t.Errorf("%+v, %v", row, err)
	}
	if _, err := r.Next(); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := r.Skip(9); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// endless gives a header and then one row for ever, up to size bytes.
func endless(row string, size int64) io.Reader {
	return io.MultiReader(strings.NewReader(templateHeader), io.LimitReader(&repeated{row: row}, size))
}

const (
	templateHeader = "email_address,first_name,last_name,title,description,employer_name,archive,phone,website,street,city,state,postal_code,country,labels,external_id\n"
	templateRow    = "michalina.dudzik@acme-and-sons.example,Michalina,Dudzik,Human Implementation Liaison,,Acme and Sons,,+12307297739,https://acme-and-sons.example,skwer Kłos 43b,Szepietowo,,15-347,Poland,Career fair 2026;Alumni,C00000\n"
	plainRow       = "jens.lindenberg@acme-llc.example,Jens,Lindenberg,Coordinator,,Acme LLC,,+17088727694,https://acme-llc.example,1 Way,Town,,58564,Germany,,C00001\n"
)

type repeated struct {
	row string
	at  int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.row[r.at:])
	r.at = (r.at + n) % len(r.row)
	return n, nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for name, row := range map[string]string{"rows": templateRow, "one line without end": "x", "a quotation without end": "\"x"} {
		f, err := Sniff(strings.NewReader(templateHeader), ContactFields, Format{})
		if err != nil {
			t.Fatal(err)
		}
		before := heap()
		r, err := NewReader(endless(row, 32<<20), ContactFields, f)
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Next()
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		if after := heap(); after > before+4<<20 {
			t.Errorf("%s: the heap has grown from %d to %d bytes", name, before, after)
		}
		runtime.KeepAlive(r)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range shapes {
		f.Add(s.file)
	}
	f.Add([]byte("email\n\"a@one.example\n\"\"\r\r\nb\"\n\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		format, err := Sniff(bytes.NewReader(file), ContactFields, Format{})
		if err != nil {
			return
		}
		whole, err := NewReader(bytes.NewReader(file), ContactFields, format)
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := NewReader(iotest.HalfReader(bytes.NewReader(file)), ContactFields, format)
		if err != nil {
			t.Fatal(err)
		}
		last := format.HeaderRow
		for {
			row, err := whole.Next()
			again, errAgain := pieces.Next()
			if err != errAgain || !reflect.DeepEqual(row, again) {
				t.Fatalf("%+v, %v, but in pieces %+v, %v", row, err, again, errAgain)
			}
			if err == io.EOF {
				break
			}
			if err != nil || row.Number <= last || len(whole.records.buf) > maxRecord {
				t.Fatalf("row %d after %d: %v", row.Number, last, err)
			}
			last = row.Number
			checkRow(t, row)
		}
	})
}

// checkRow checks what holds for every accepted row.
func checkRow(t *testing.T, row Row) {
	c := row.Contact
	if row.Faults != nil {
		return
	}
	if a, err := address.Parse(c.Email.Written); err != nil || a != c.Email {
		t.Fatalf("row %d: %+v, %v", row.Number, c.Email, err)
	}
	for _, s := range []string{c.FirstName, c.LastName} {
		if s == "" || utf8.RuneCountInString(s) > 200 {
			t.Fatalf("row %d: name %q", row.Number, s)
		}
	}
	for _, s := range append(row.Labels, c.FirstName, c.LastName, c.Title, c.City, c.ExternalID) {
		if s != field.Text(s, false) || strings.ContainsAny(s, "\r\n\x00") || utf8.RuneCountInString(s) > 300 {
			t.Fatalf("row %d: %q", row.Number, s)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	for name, row := range map[string]string{"plain": plainRow, "accents and labels": templateRow} {
		b.Run(name, func(b *testing.B) {
			f, err := Sniff(strings.NewReader(templateHeader), ContactFields, Format{})
			if err != nil {
				b.Fatal(err)
			}
			r, err := NewReader(endless(row, 1<<60), ContactFields, f)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(row)))
			for b.Loop() {
				if row, err := r.Next(); err != nil || row.Faults != nil {
					b.Fatal(row, err)
				}
			}
		})
	}
}
