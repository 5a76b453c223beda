package trail

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Mark writes a place in a list, of texts and numbers, for an address; "" for the zero place.
func Mark[P comparable](place P) string {
	if place == *new(P) {
		return ""
	}
	raw, _ := json.Marshal(place) // texts and numbers alone
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Marked reads what Mark wrote. Anything else is the zero place, and so is what holds a NUL,
// which no stored text does and PostgreSQL does not take.
func Marked[P any](text string) (place P) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || strings.Contains(string(raw), `\u0000`) || json.Unmarshal(raw, &place) != nil {
		return *new(P)
	}
	return place
}
