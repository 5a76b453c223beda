// Package filterbar is the filter of contacts as pages show it: chips that read as
// sentences, each with a way to take it away, and the panel from which words are added. The
// Contacts page and the explores of Insights share it, so that a filter taken from one to
// the other means and looks the same.
package filterbar

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// Bar is the filter of one page.
type Bar struct {
	// Base is the page's address without its query. The panel is sent to PanelPath below it,
	// which Lead answers.
	Base   string
	Filter contact.Filter
	// More is what else the page's address says, which stays when the filter changes.
	More url.Values
	// Labels are the names that the panel offers.
	Labels []string
	Staff  []institution.Member
	// BulkInvites names those that the filter speaks of, as Book.BulkInviteNames does.
	BulkInvites map[string]string
}

// PanelPath is where the panel is sent, below the page's own address.
const PanelPath = "/filter"

// URL is an address with a query, which may be empty.
func URL(base string, query url.Values) string {
	if len(query) == 0 {
		return base
	}
	return base + "?" + query.Encode()
}

// with is the page's address with other words of the filter.
func (b Bar) with(words url.Values) string {
	for name, values := range b.More {
		words[name] = values
	}
	return URL(b.Base, words)
}

// Chips are the filter as sentences, each with the page's address without it.
func (b Bar) Chips() (chips []components.Chip) {
	for _, s := range b.Filter.Sentences(Names(b.Staff, b.BulkInvites)) {
		rest, err := url.ParseQuery(s.Without)
		if err != nil {
			continue // the filter wrote it itself
		}
		values := s.Values
		if s.Word == "source" {
			values = []string{}
			for _, value := range b.Filter.Values()["source"] {
				values = append(values, SourceName(value))
			}
		}
		chips = append(chips, components.Chip{Name: s.Says, Values: values, Remove: b.with(rest)})
	}
	return chips
}

// Names tells for Filter.Sentences what values are called that are ids or addresses. bulkInvites
// are as Book.BulkInviteNames answers them.
func Names(staff []institution.Member, bulkInvites map[string]string) func(word, value string) string {
	return func(word, value string) string {
		if word == "owner" {
			return OwnerName(value, staff)
		}
		return cmp.Or(bulkInvites[value], value)
	}
}

// OwnerName is who a value of the word owner names; the value itself where nobody does.
func OwnerName(value string, staff []institution.Member) string {
	for _, m := range staff {
		if db.FormatID(m.UserID) == value || strings.EqualFold(m.Email, value) {
			return m.Name()
		}
	}
	return value
}

// has tells whether the filter has a value of a word.
func (b Bar) has(word, value string) bool {
	return slices.Contains(b.Filter.Values()[word], value)
}

// Words of the filter by how the panel asks for them. Blank answers of all but checkboxes
// say nothing; that a contact has none of something is ticked. A word that the panel does
// not ask for stays as it is.
var (
	textWords = []string{"q", "label", "label_any", "label_none", "company", "domain", "title", "owner"}
	tickWords = []string{"standing", "invite", "reached", "source"}
	onceWords = []string{"invited_after", "invited_before", "created_after", "created_before", "archived"}
	noneWords = []string{"label_any", "company", "title", "owner"}
)

// kept are the values of the filter that the panel sends along unseen.
func (b Bar) kept() url.Values {
	kept := url.Values{}
	for word, values := range b.Filter.Values() {
		for _, value := range values {
			switch {
			case slices.Contains(onceWords, word), value != "" && slices.Contains(tickWords, word):
			case value == "" && slices.Contains(noneWords, word):
			default:
				kept.Add("kept_"+word, value)
			}
		}
	}
	return kept
}

// Lead answers what the panel sends: it leads to the page at base with the filter that was
// asked for, and with those parameters of the address that more names.
func Lead(w http.ResponseWriter, r *http.Request, base string, more ...string) {
	form := r.URL.Query()
	words := words(form)
	for _, name := range more {
		if values := form[name]; len(values) > 0 {
			words[name] = values
		}
	}
	web.Redirect(w, r, URL(base, words))
}

// words makes the words of a filter out of the panel's form. Texts of the filter so far are
// sent as kept_WORD, everything else as it is shown.
func words(form url.Values) url.Values {
	words := url.Values{}
	take := func(word string, values []string) {
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(words[word], v) {
				words.Add(word, v)
			}
		}
	}
	for _, word := range contact.FilterWords() {
		kept := form["kept_"+word]
		switch {
		case slices.Contains(textWords, word):
			take(word, kept)
			take(word, form[word])
		case slices.Contains(onceWords, word):
			take(word, form[word])
		case slices.Contains(tickWords, word):
			kept = slices.Concat(kept, form[word])
			fallthrough
		default:
			if len(kept) > 0 {
				words[word] = kept
			}
		}
	}
	// How several labels are meant is chosen beside the one that is added.
	if how := form.Get("label_how"); slices.ContainsFunc(labelHow, func(o components.Option) bool { return o.Value == how }) {
		take(how, form["add_label"])
	}
	for _, word := range noneWords {
		if form.Has("none_" + word) {
			words.Add(word, "")
		}
	}
	if words.Get("archived") == "no" {
		words.Del("archived")
	}
	return words
}

// dateAttrs make the field for a date; a time of day needs a field for text.
func dateAttrs(value string) templ.Attributes {
	if len(value) > len("2026-11-23") {
		return templ.Attributes{"type": "text"}
	}
	return templ.Attributes{"type": "date"}
}
