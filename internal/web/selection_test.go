package web

import (
	"net/url"
	"reflect"
	"testing"
)

func TestParseSelection(t *testing.T) {
	for name, c := range map[string]struct {
		form url.Values
		want Selection
	}{
		"ticked rows": {
			url.Values{"mode": {"ids"}, "filter": {"label=Fair"}, "id": {"a", "c"}, "page_id": {"a", "b", "c"}},
			Selection{Mode: ModeIDs, IDs: []string{"a", "c"}},
		},
		"ticked rows and those of other pages, each once": {
			url.Values{"mode": {"ids"}, "id": {"z", "a", "a", ""}, "page_id": {"a", "b"}},
			Selection{Mode: ModeIDs, IDs: []string{"z", "a"}},
		},
		"nothing": {
			url.Values{},
			Selection{Mode: ModeIDs},
		},
		"an unknown mode never means all": {
			url.Values{"mode": {"everything"}, "filter": {""}},
			Selection{Mode: ModeIDs},
		},
		"all that match": {
			url.Values{"mode": {"filter"}, "filter": {"label=Fair"}, "id": {"a", "b"}, "page_id": {"a", "b"}},
			Selection{Mode: ModeFilter, Filter: "label=Fair"},
		},
		"all that match but one unticked here": {
			url.Values{"mode": {"filter"}, "filter": {"label=Fair"}, "id": {"a"}, "page_id": {"a", "b"}},
			Selection{Mode: ModeFilter, Filter: "label=Fair", Except: []string{"b"}},
		},
		"all that match but some of other pages and one here": {
			url.Values{"mode": {"filter"}, "filter": {""}, "except": {"y", "z", "y"}, "id": {"a"}, "page_id": {"a", "b"}},
			Selection{Mode: ModeFilter, Except: []string{"y", "z", "b"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ParseSelection(c.form); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestASelectionSurvivesADialog(t *testing.T) {
	for _, s := range []Selection{
		{Mode: ModeIDs, IDs: []string{"a", "b"}},
		{Mode: ModeFilter, Filter: "q=amara&label=Fair", Except: []string{"c"}},
	} {
		if got := ParseSelection(s.Values()); !reflect.DeepEqual(got, s) {
			t.Errorf("got %+v, want %+v", got, s)
		}
	}
}
