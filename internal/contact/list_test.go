package contact

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestListIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.SliceOf(rapid.OneOf(rapid.IntRange(1, 300), rapid.IntRange(1, 1<<32-1))).Draw(t, "ids")
		var ids []int64
		for _, n := range low {
			ids = append(ids, id(n))
		}
		l := NewList(1, append([]int64{2<<32 | 5, 5}, ids...))
		want := slices.Compact(slices.Sorted(slices.Values(ids)))
		if !slices.Equal(l.IDs(), want) || l.Len() != len(want) {
			t.Fatalf("%v, want %v", l.IDs(), want)
		}
		again, err := ReadList(1, l.Bytes())
		if err != nil || !slices.Equal(again.IDs(), want) || again.Fingerprint() != l.Fingerprint() {
			t.Fatalf("read back: %v, %v", again.IDs(), err)
		}
		slices.Reverse(ids)
		if NewList(1, ids).Fingerprint() != l.Fingerprint() {
			t.Fatal("the fingerprint depends on the order")
		}
		if len(want) > 0 && NewList(1, want[1:]).Fingerprint() == l.Fingerprint() {
			t.Fatal("the fingerprint is that of another list")
		}
		var walked []int64
		for after, n := int64(0), rapid.IntRange(1, 9).Draw(t, "n"); ; {
			part := l.Next(after, n)
			if len(part) == 0 {
				break
			}
			walked, after = append(walked, part...), part[len(part)-1]
		}
		if !slices.Equal(walked, want) {
			t.Fatalf("walked %v, want %v", walked, want)
		}
		if l.Contains(2<<32|5) || len(want) > 0 && !l.Contains(want[0]) {
			t.Fatal("Contains is wrong")
		}
	})
}

func TestEmptyList(t *testing.T) {
	var l List
	if l.Len() != 0 || l.Contains(id(1)) || l.Next(0, 5) != nil || len(l.IDs()) != 0 {
		t.Fatal("the zero List is not empty")
	}
	if read, err := ReadList(1, nil); err != nil || read.Len() != 0 {
		t.Fatalf("%v, %v", read, err)
	}
	if _, err := ReadList(1, []byte("no bitmap")); err == nil {
		t.Fatal("took garbage")
	}
}
