package trail

import (
	"encoding/base64"
	"testing"
)

func TestAPlaceComesBack(t *testing.T) {
	type cursor struct {
		Key string
		ID  int64
	}
	for _, place := range []cursor{{}, {"low\x01ada", 7}, {"a ~ b?&=ü", -1}} {
		if got := Marked[cursor](Mark(place)); got != place {
			t.Errorf("%+v comes back as %+v", place, got)
		}
	}
	if Mark(cursor{}) != "" {
		t.Error("the zero place stands in addresses")
	}
	for _, text := range []string{"", "!", "bm8", base64.RawURLEncoding.EncodeToString([]byte(`{"Key":"a\u0000","ID":1}`)), base64.RawURLEncoding.EncodeToString([]byte(`{"ID":1,"Key":2}`))} {
		if got := Marked[cursor](text); got != (cursor{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
