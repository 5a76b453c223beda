package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/contact"
)

// Selection says which contacts an act is meant for, as contact.ParseSelection reads it.
type Selection struct{ raw json.RawMessage }

// UnmarshalJSON keeps the selection for parse.
func (s *Selection) UnmarshalJSON(data []byte) error { return s.raw.UnmarshalJSON(data) }

// Schema tells OpenAPI about it.
func (Selection) Schema(huma.Registry) *huma.Schema {
	ids := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	return &huma.Schema{
		Type: huma.TypeObject,
		Description: "Either ids, or a filter with exceptions: the words of GET /contacts, each with a text or a list of texts, or all of them as one text of URL parameters. " +
			"An empty filter is everybody active. Ids that are not there are ignored and do not count.",
		Properties: map[string]*huma.Schema{
			"ids":    ids,
			"filter": {Description: "An object of words, or a text of URL parameters.", Examples: []any{map[string]any{"label": []string{"Career fair"}}}},
			"except": ids,
		},
		Examples: []any{map[string]any{"filter": map[string]any{"label": []string{"Career fair"}, "standing": "contact"}}},
	}
}

// parse reads the selection; dates in it are dates of the institution.
func (a *api) parse(ctx context.Context, s Selection) (contact.Selection, error) {
	i, err := a.Institutions.Get(ctx, scopeOf(ctx))
	if err != nil {
		return contact.Selection{}, err
	}
	return contact.ParseSelection(s.raw, i.Location())
}
