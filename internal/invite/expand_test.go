package invite

import (
	"fmt"
	"strings"
	"testing"
)

// crowd adds more contacts than a confirm writes rows for at once, and answers how many.
func (h *house) crowd() int {
	h.t.Helper()
	n := expandChunk*chunksAtOnce + 3
	var people, standings []string
	for i := range int64(n) {
		id := 1<<32 | (i + 1)
		people = append(people, fmt.Sprintf(`(1, %d, 'p%[1]d@a.example', 'p%[1]d@a.example', 'a.example', 'p', 'Test', 1, 1, 'p', '', '', 'p')`, id))
		standings = append(standings, fmt.Sprintf(`(1, %d)`, id))
	}
	h.exec(h.in.DB, `INSERT INTO contacts (institution_id, id, email, email_key, domain, first_name, last_name, created_at, updated_at, name_key, company_key, title_key, search)
		VALUES `+strings.Join(people, ", "))
	h.exec(h.in.DB, `INSERT INTO contact_standing (institution_id, contact_id) VALUES `+strings.Join(standings, ", "))
	return n
}

// A label that is archived or deleted while a long list is being made keeps nobody from being
// invited.
func TestLabelGoesWhileTheListIsMade(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := h.crowd()
		b := h.confirm(Order{Selection: everybody(), Label: "fair"})
		labels, err := h.in.Book.Labels(ctx, h.scope)
		h.must(err)
		h.must(h.in.Book.DeleteLabel(ctx, h.scope, labels[0].ID))
		h.lists(b)
		h.expand()
		if b = h.bulk(b.ID); b.State != BulkSending || b.Counts.Queued != n || b.Label != "fair" {
			t.Fatalf("%+v", b)
		}
	})
}
