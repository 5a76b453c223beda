package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// reject writes all rows with faults of a file.
func reject(t *testing.T, file []byte) []byte {
	t.Helper()
	f, rows := read(t, file, Format{})
	var out bytes.Buffer
	w := NewRejected(&out, f)
	for _, r := range rows {
		if r.Faults != nil {
			w.Write(r.Raw, r.Faults)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRejected(t *testing.T) {
	file := []byte("email;first_name;last_name;x\n" +
		"a@one.example;A;One\n" +
		"=bad;\" \"\"B\"\";\nX \";Two\n" +
		"c@one.example;C;Two;;surplus\n" +
		"zo\xeb;+1\n")
	text := reject(t, file)
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, byteOrderMark)))
	r.FieldsPerRecord = -1
	got, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"email", "first_name", "last_name", "x", "reason"},
		{"=bad", " \"B\";\nX ", "Two", "", "email has no @; write name@company.example"},
		{"c@one.example", "C", "Two", "", "row has a filled cell beyond the last header; remove it, or quote the cell that holds a separator", "surplus"},
		{"zoë", "+1", "", "", "email has no @; write name@company.example; last_name is missing; it is required"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

// What is still wrong after a correction comes back with one column of reasons, not two.
func TestRejectedAgain(t *testing.T) {
	once := reject(t, []byte("email,first_name,last_name\na@one.example,,\nb@one.example,B,One,more\n"))
	if twice := reject(t, once); !bytes.Equal(once, twice) {
		t.Errorf("%q, then %q", once, twice)
	}
	own := reject(t, []byte("reason,email,first_name,last_name\nmine,a@one.example,,\n"))
	if !strings.Contains(string(own), "reason,email,first_name,last_name,reason_\nmine,a@one.example,,,") {
		t.Errorf("%q", own)
	}
}

func TestReasonIsNoFormula(t *testing.T) {
	for _, column := range []string{"=1", "+1", "-1", "@x", "\tx"} {
		if got := reasonText([]Fault{{Column: column, Message: "is wrong"}}); !strings.HasPrefix(got, "'"+column) {
			t.Errorf("%q", got)
		}
	}
	if got := reasonText([]Fault{{Column: "email", Message: "is -1"}, {Column: "row", Message: "= x"}}); got != "email is -1; row = x" {
		t.Errorf("%q", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRejectedOnFullDisk(t *testing.T) {
	w := NewRejected(full{}, Format{Columns: []Column{{"email", "email"}}})
	w.Write(slices.Repeat([]string{"x"}, 3), nil)
	if err := w.Flush(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Error(err)
	}
}
