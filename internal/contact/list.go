package contact

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"
)

// List is a frozen set of contacts of one institution: what a bulk act works on, from its
// confirmation to its end. It is small (a million contacts that follow each other take some
// bytes, a million scattered ones two a contact). A List does not change once it is made
// and is safe for concurrent reading.
type List struct {
	institution int64
	bits        *roaring.Bitmap
}

// NewList is the list of the ids that are of the institution, in any order.
func NewList(institutionID int64, ids []int64) List {
	l := List{institutionID, roaring.New()}
	for _, id := range ids {
		l.add(id)
	}
	return l
}

func (l List) add(id int64) {
	if id>>32 == l.institution {
		l.bits.Add(uint32(id))
	}
}

// With is the list with these ids more, as far as they are of the institution.
func (l List) With(ids []int64) List {
	more := NewList(l.institution, ids)
	if l.bits != nil {
		more.bits.Or(l.bits)
	}
	return more
}

// ReadList is the list that Bytes wrote.
func ReadList(institutionID int64, data []byte) (List, error) {
	l := List{institutionID, roaring.New()}
	if len(data) == 0 {
		return l, nil
	}
	if err := l.bits.UnmarshalBinary(data); err != nil {
		return List{}, errors.New("a stored list of contacts cannot be read: " + err.Error())
	}
	return l, nil
}

// Bytes is the list as it is stored: the lower halves of the ids as a Roaring bitmap.
func (l List) Bytes() []byte {
	packed := l.bits.Clone()
	packed.RunOptimize()
	data, err := packed.ToBytes()
	if err != nil {
		panic(err) // writing to memory does not fail
	}
	return data
}

// Len is how many contacts there are.
func (l List) Len() int {
	if l.bits == nil {
		return 0
	}
	return int(l.bits.GetCardinality())
}

// Contains tells whether the contact is in the list.
func (l List) Contains(id int64) bool {
	return l.bits != nil && id>>32 == l.institution && l.bits.Contains(uint32(id))
}

// Next is up to n ids of the list that are greater than after (0: from the first), in order.
func (l List) Next(after int64, n int) []int64 {
	if l.bits == nil || n <= 0 {
		return nil
	}
	it := l.bits.Iterator()
	if after > l.institution<<32 {
		low := after - l.institution<<32
		if low >= 1<<32-1 {
			return nil
		}
		it.AdvanceIfNeeded(uint32(low) + 1)
	}
	ids := make([]int64, 0, min(n, l.Len()))
	for len(ids) < n && it.HasNext() {
		ids = append(ids, l.institution<<32|int64(it.Next()))
	}
	return ids
}

// IDs is all ids, in order.
func (l List) IDs() []int64 { return l.Next(0, l.Len()) }

// Fingerprint tells two lists apart: equal for the same contacts, whatever way they came
// into the list.
func (l List) Fingerprint() string {
	h := sha256.New()
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(l.institution))
	h.Write(b[:])
	var block [4096]byte
	used := 0
	if l.bits != nil {
		for it := l.bits.Iterator(); it.HasNext(); {
			if used == len(block) {
				h.Write(block[:])
				used = 0
			}
			binary.BigEndian.PutUint32(block[used:], it.Next())
			used += 4
		}
	}
	h.Write(block[:used])
	return hex.EncodeToString(h.Sum(nil)[:16])
}
