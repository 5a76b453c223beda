package contact

import (
	"context"
	"database/sql"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
	"beckon/internal/institution"
)

// Facet is one value that a word of the filter can have, and how many contacts, archived
// ones left out, have it.
type Facet struct {
	Value    string
	Contacts int
}

// facets are the words that Suggest knows: the column that a prefix is compared with, and
// the one that is shown.
var facets = map[string]struct{ key, shown string }{
	"company": {"c.company_key", "c.company_name"},
	"title":   {"c.title_key", "c.title"},
	"domain":  {"c.domain", "c.domain"},
	"source":  {"c.source", "c.source"},
}

// Suggest is up to limit values of a word ("company", "title", "domain", "source") that
// begin with the prefix, folded, the most frequent first. Blanks are left out, but for
// source, where they are the uploads.
func (b *Book) Suggest(ctx context.Context, s institution.Scope, word, prefix string, limit int) (found []Facet, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	f, ok := facets[word]
	if !ok {
		return nil, fault.Invalid("word", "has no suggestions")
	}
	from, to := fold.Text(prefix), fold.Text(prefix)+"\U0010ffff"
	if word != "source" && from == "" {
		from = "\x01" // behind the blanks
	}
	if from, to = storableText(from), storableText(to); to == "" {
		return nil, nil
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var v Facet
			err := r.Scan(&v.Value, &v.Contacts)
			found = append(found, v)
			return err
		}, `SELECT MIN(`+f.shown+`), COUNT(*) FROM contacts c
			WHERE c.institution_id = $1 AND c.archived = 0 AND `+f.key+` >= $2 AND `+f.key+` < $3
			GROUP BY `+f.key+` ORDER BY COUNT(*) DESC, `+f.key+` LIMIT $4`, s.ID(), from, to, limit)
	})
	return found, err
}

// storableText is the text, or "" if it holds what no stored text has.
func storableText(s string) string {
	if len(storable([]string{s})) == 0 {
		return ""
	}
	return s
}
