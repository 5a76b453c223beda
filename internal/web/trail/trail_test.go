package trail

import (
	"net/url"
	"testing"
)

func read(t *testing.T, address string) Trail {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return At(u)
}

func TestWalkThereAndBack(t *testing.T) {
	first := read(t, "/list?q=a%26b")
	if first.Place() != "" {
		t.Fatalf("the list begins at %q", first.Place())
	}
	p := first.Pager(50, 50, 120, "x1")
	if p.From != 1 || p.To != 50 || p.Previous != "" {
		t.Errorf("first page: %+v", p)
	}
	second := read(t, p.Next)
	if second.Place() != "x1" {
		t.Errorf("the second page begins at %q", second.Place())
	}
	p = second.Pager(50, 50, 120, "x2")
	third := read(t, p.Next)
	last := third.Pager(50, 20, 120, "")
	if last.From != 101 || last.To != 120 || last.Next != "" {
		t.Errorf("last page: %+v", last)
	}
	if back := read(t, last.Previous); back.Place() != "x1" {
		t.Errorf("back is %q", back.Place())
	}
	if p.Previous != "/list?q=a%26b" {
		t.Errorf("back at the beginning is %q", p.Previous)
	}
}

func TestATrailStaysShort(t *testing.T) {
	at := read(t, "/list")
	for range 3 * longest {
		at = read(t, at.Pager(1, 1, 1000, "z").Next)
	}
	if len(at.places) != longest {
		t.Errorf("%d places", len(at.places))
	}
	if p := at.Pager(1, 1, 1000, ""); p.From != 0 {
		t.Errorf("numbers from %d, which nobody knows", p.From)
	}
}
