package contacts

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
	"github.com/a-h/templ"
)

// chips are the filter as sentences, each with the address of the list without it.
func (at place) chips(staff []institution.Member) (chips []components.Chip) {
	for _, s := range at.Filter.Sentences(func(value string) string { return ownerName(value, staff) }) {
		rest, err := url.ParseQuery(s.Without)
		if err != nil {
			continue // the filter wrote it itself
		}
		if at.Sort != "" {
			rest.Set("sort", at.Sort)
		}
		values := s.Values
		if s.Word == "source" {
			values = []string{}
			for _, value := range at.Filter.Values()["source"] {
				values = append(values, sourceName(value))
			}
		}
		chips = append(chips, components.Chip{Name: s.Says, Values: values, Remove: address(at.base, rest)})
	}
	return chips
}

func ownerName(value string, staff []institution.Member) string {
	for _, m := range staff {
		if db.FormatID(m.UserID) == value || strings.EqualFold(m.Email, value) {
			return m.Name()
		}
	}
	return value
}

// Words of the filter by how the panel asks for them. Blank answers of all but checkboxes
// say nothing; that a contact has none of something is ticked.
var (
	textWords = []string{"label", "label_any", "label_none", "company", "domain", "title", "owner"}
	tickWords = []string{"standing", "invite", "source"}
	onceWords = []string{"invited_after", "invited_before", "created_after", "created_before", "archived"}
	noneWords = []string{"company", "title", "owner"}
)

// addFilter leads to the list with what the panel asks for.
func (p *Pages) addFilter(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		web.Redirect(w, r, address(d.URL("/contacts"), fromPanel(r.URL.Query())))
	}
}

// fromPanel makes the words of a filter out of the panel's form. Texts of the filter so far
// are sent as kept_WORD, everything else as it is shown.
func fromPanel(form url.Values) url.Values {
	words := url.Values{}
	take := func(word string, values []string) {
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(words[word], v) {
				words.Add(word, v)
			}
		}
	}
	take("q", form["kept_q"])
	for _, word := range textWords {
		take(word, form["kept_"+word])
		take(word, form[word])
	}
	// How several labels are meant is chosen beside the one that is added.
	if how := form.Get("label_how"); slices.Contains(textWords, how) {
		take(how, form["add_label"])
	}
	for _, word := range tickWords {
		if values := form[word]; len(values) > 0 {
			words[word] = values
		}
	}
	for _, word := range onceWords {
		take(word, form[word])
	}
	for _, word := range noneWords {
		if form.Has("none_" + word) {
			words.Add(word, "")
		}
	}
	if words.Get("archived") == "no" {
		words.Del("archived")
	}
	if sort := form.Get("sort"); sort != "" {
		words.Set("sort", sort)
	}
	return words
}

// has tells whether the filter has a value of a word.
func (v listView) has(word, value string) bool {
	return slices.Contains(v.Filter.Values()[word], value)
}

// dateAttrs make the field for a date; a time of day needs a field for text.
func dateAttrs(value string) templ.Attributes {
	if len(value) > len("2026-11-23") {
		return templ.Attributes{"type": "text"}
	}
	return templ.Attributes{"type": "date"}
}

var textAttrs = templ.Attributes{"autocomplete": "off", "maxlength": "300"}

var standingNames, inviteNames = named(gate.Standings()), named(contact.FilterChoices("invite"))

// named writes words of the domain with a capital, as answers to choose from.
func named(values []string) []components.Option {
	options := make([]components.Option, len(values))
	for i, value := range values {
		options[i] = components.Option{Value: value, Label: strings.ToUpper(value[:1]) + value[1:]}
	}
	return options
}

// sourceOptions are the sources in words.
func sourceOptions() []components.Option {
	var options []components.Option
	for _, s := range []string{contact.SourceUpload, contact.SourceAdded, contact.SourceApproval, contact.SourceJob, contact.SourceInterview, contact.SourceMessage} {
		name := sourceName(s)
		options = append(options, components.Option{Value: s, Label: strings.ToUpper(name[:1]) + name[1:]})
	}
	return options
}

// ownerOptions are everybody who works here, behind an answer for nobody in particular.
func ownerOptions(staff []institution.Member, first components.Option) []components.Option {
	options := []components.Option{first}
	for _, m := range staff {
		options = append(options, components.Option{Value: db.FormatID(m.UserID), Label: m.Name()})
	}
	return options
}

var labelHow = []components.Option{
	{Value: "label", Label: "has all of"}, {Value: "label_any", Label: "has any of"}, {Value: "label_none", Label: "has none of"},
}

var archivedOptions = []components.Option{{Value: "no", Label: "No"}, {Value: "yes", Label: "Only archived"}, {Value: "any", Label: "Both"}}
