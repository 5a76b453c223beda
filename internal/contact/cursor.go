package contact

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"beckon/internal/fault"
)

// boundTo is what ties a cursor to the question it came from.
func boundTo(institutionID int64, f Filter, o order, down bool) [8]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%t\n%s", institutionID, o.name, down, f.Query()))
	return [8]byte(sum[:8])
}

// writeCursor packs the last place of a page: what it is bound to, id, number, text.
func writeCursor(p place, bound [8]byte) string {
	b := append([]byte(nil), bound[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(p.id))
	b = binary.BigEndian.AppendUint64(b, uint64(p.number))
	return base64.RawURLEncoding.EncodeToString(append(b, p.text...))
}

// readCursor is the reverse; nil for "", and fault.Fields for a cursor of another question.
func readCursor(s string, bound [8]byte) (*place, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 24 || [8]byte(b[:8]) != bound || !utf8.Valid(b[24:]) || bytes.IndexByte(b[24:], 0) >= 0 {
		return nil, fault.Invalid("cursor", "does not belong to this filter and sort; begin at the first page, without a cursor")
	}
	return &place{id: int64(binary.BigEndian.Uint64(b[8:16])), number: int64(binary.BigEndian.Uint64(b[16:24])), text: string(b[24:])}, nil
}
