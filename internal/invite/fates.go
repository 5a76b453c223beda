package invite

import (
	"encoding/binary"
	"errors"

	"beckon/internal/contact"
)

// bytes writes the fates as a frozen list: for each variant and reason its list, in the order
// of Variants and Reasons, each with its length in front.
func (f fates) bytes() []byte {
	var out []byte
	for _, l := range f.inOrder() {
		raw := l.list.Bytes()
		out = append(binary.AppendUvarint(out, uint64(len(raw))), raw...)
	}
	return out
}

// readFates is the reverse of bytes; selected stays empty.
func readFates(institutionID int64, raw []byte) (fates, error) {
	f := fates{variants: map[Variant]contact.List{}, skipped: map[Reason]contact.List{}}
	next := func() (contact.List, error) {
		n, size := binary.Uvarint(raw)
		if size <= 0 || uint64(len(raw)-size) < n {
			return contact.List{}, errors.New("the frozen list is damaged")
		}
		part := raw[size : size+int(n)]
		raw = raw[size+int(n):]
		return contact.ReadList(institutionID, part)
	}
	var err error
	for _, v := range Variants {
		if f.variants[v], err = next(); err != nil {
			return f, err
		}
	}
	for _, r := range Reasons {
		if f.skipped[r], err = next(); err != nil {
			return f, err
		}
	}
	return f, nil
}

// part is the contacts that share a fate.
type part struct {
	variant Variant // "" for the skipped
	reason  Reason
	list    contact.List
}

// inOrder is all parts in the order in which they are written and expanded.
func (f fates) inOrder() []part {
	var parts []part
	for _, v := range Variants {
		parts = append(parts, part{variant: v, list: f.variants[v]})
	}
	for _, r := range Reasons {
		parts = append(parts, part{reason: r, list: f.skipped[r]})
	}
	return parts
}

// place is where the expansion of fates has got to: the part, and the last contact in it.
type place struct {
	Part  int   `json:"part"`
	After int64 `json:"after"`
}

// next is up to n contacts behind the place that share one fate, and the place behind them;
// no contacts at the end.
func (f fates) next(at place, n int) (p part, ids []int64, then place) {
	parts := f.inOrder()
	for ; at.Part < len(parts); at = (place{Part: at.Part + 1}) {
		p = parts[at.Part]
		if ids = p.list.Next(at.After, n); len(ids) > 0 {
			return p, ids, place{at.Part, ids[len(ids)-1]}
		}
	}
	return part{}, nil, at
}
