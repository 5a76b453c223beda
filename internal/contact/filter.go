package contact

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"beckon/internal/fault"
	"beckon/internal/gate"
)

// Filter says which contacts are meant, in the words that the list, selections, saved views,
// Insights, the API and the command line share. Different words narrow; the same word
// repeated widens, but for label (has all of them) and label_none (has none of them). The
// zero Filter is everybody who is not archived. A Filter never changes once it is made.
type Filter struct {
	values map[string][]string // sorted, each once
	times  map[string]int64    // of the date words, Unix milliseconds
}

// word is one word of the grammar.
type word struct {
	name string
	// choices is the fixed list of values, nil where any text will do; with blank, a blank
	// value may stand beside them.
	choices []string
	blank   bool
	// date says that the value is a date or a time.
	date bool
	// once says that the word cannot be repeated.
	once bool
	// says is how the word begins a sentence for people.
	says string
	// each says that every value is a sentence of its own, since all of them must hold.
	each bool
}

// inviteWords are the states of a contact's latest invite, by the number that is stored, and
// the one that is made of time: sent, unanswered and over 30 days old.
var inviteWords = []string{"never", "queued", "sent", "bounced", "accepted", "expired"}

// The numbers of inviteWords as they stand in contact_standing.invite, which package invite
// writes.
const (
	InviteNever = iota
	InviteQueued
	InviteSent
	InviteBounced
	InviteAccepted
	inviteExpired
)

// The bits of contact_standing.reached, which package invite writes: what any of a contact's
// invites has come to.
const (
	ReachedInvited  = 1 << iota // there is one in which the contact was not skipped
	ReachedSent                 // a mail server took one
	ReachedBounced              // one was refused for good
	ReachedOpened               // a person looked at where one leads
	ReachedAccepted             // a person pressed its button
)

// reachedWords are what reached asks for, by the bits above; and notSent, that no mail server
// took an invite yet, which is when last_invited_at is never.
var reachedWords = []string{"invited", "sent", "bounced", "opened", "accepted", notSent}

const notSent = "not_sent"

// The values of variant and invite_state; package invite says what they mean.
var (
	variantWords     = []string{"create_account", "join_company", "connect"}
	inviteStateWords = []string{"queued", "sending", "sent", "deferred", "bounced", "failed", "cancelled", "accepted"}
)

// inviteReachedWords are what invite_reached asks for: the times beside the state of an
// invite, and that a mail server took it and nobody has returned it so far.
var inviteReachedWords = []string{"sent", "delivered", "opened", "accepted", "approved"}

// expiresAfter is the age at which an unanswered invite counts as expired.
const expiresAfter = 30 * 24 * time.Hour

// maxValues is how often a word may stand in one filter; databases have limits.
const maxValues = 500

var grammar = []word{
	{name: "q", says: "Search"},
	{name: "label", says: "Label", each: true},
	{name: "label_any", says: "Any label of"}, // blank: has none
	{name: "label_none", says: "No label", each: true},
	{name: "company", says: "Company"},
	{name: "domain", says: "Domain"},
	{name: "title", says: "Title"},
	{name: "source", says: "Source"},
	{name: "standing", says: "Standing", choices: gate.Standings()},
	{name: "invite", says: "Invite", choices: inviteWords},
	{name: "reached", says: "So far", choices: reachedWords, each: true},
	{name: "bulk_invite", says: "Bulk invite"},
	{name: "variant", says: "Invited to", choices: variantWords, blank: true},
	{name: "invite_state", says: "An invite is", choices: inviteStateWords, blank: true},
	{name: "invite_reached", says: "An invite was", choices: inviteReachedWords},
	{name: "suppressed", says: "Suppressed", choices: []string{"no", "yes"}, once: true},
	{name: "invited_after", says: "Invited since", date: true, once: true},
	{name: "invited_before", says: "Invited before", date: true, once: true},
	{name: "created_after", says: "Added since", date: true, once: true},
	{name: "created_before", says: "Added before", date: true, once: true},
	{name: "owner", says: "Owner"},
	{name: "archived", says: "Archived", choices: []string{"no", "yes", "any"}, once: true},
}

// FilterWords are the words of the grammar.
func FilterWords() []string {
	names := make([]string, len(grammar))
	for i, w := range grammar {
		names[i] = w.name
	}
	return names
}

// FilterChoices are the values that a word may have, beside a blank one, nil where any text
// will do.
func FilterChoices(name string) []string {
	if w := findWord(name); w != nil {
		return w.choices
	}
	return nil
}

// FilterTakesBlank tells whether a blank value may stand beside the choices of a word: who has
// none.
func FilterTakesBlank(name string) bool {
	w := findWord(name)
	return w != nil && w.blank
}

func findWord(name string) *word {
	for i := range grammar {
		if grammar[i].name == name {
			return &grammar[i]
		}
	}
	return nil
}

// ParseFilter reads the words of a filter, as URL parameters hold them. Dates are dates in
// the zone, the institution's. What it cannot accept is fault.Fields, all of it at once,
// with the word as path: an unknown word, a value outside a fixed list, a bad date, a date
// or archived twice, more than 500 values of a word. A word without values says nothing.
func ParseFilter(values map[string][]string, zone *time.Location) (Filter, error) {
	f := Filter{values: map[string][]string{}, times: map[string]int64{}}
	var faults fault.Fields
	for _, name := range slices.Sorted(maps.Keys(values)) {
		w := findWord(name)
		if w == nil {
			faults = append(faults, fault.Field{Path: name, Message: "is not a word of the filter; the words are " + strings.Join(FilterWords(), ", ")})
			continue
		}
		if len(values[name]) == 0 {
			continue
		}
		if message := f.take(w, values[name], zone); message != "" {
			faults = append(faults, fault.Field{Path: name, Message: message})
		}
	}
	if len(faults) > 0 {
		return Filter{}, faults
	}
	return f, nil
}

// take adds a word with its values, and answers what is wrong with them.
func (f *Filter) take(w *word, values []string, zone *time.Location) string {
	if w.once && len(values) > 1 {
		return "stands more than once; keep one"
	}
	if len(values) > maxValues {
		return fmt.Sprintf("has more than %d values; ask in parts", maxValues)
	}
	var clean []string
	for _, v := range values {
		if w.choices != nil && !slices.Contains(w.choices, v) && !(w.blank && v == "") {
			return "has the value " + shorten(v) + "; choose one of " + strings.Join(w.choices, ", ")
		}
		if w.date {
			ms, ok := parseMoment(v, zone)
			if !ok {
				return "has the value " + shorten(v) + "; write a date like 2026-11-23 or a time like 2026-11-23T09:30:00Z"
			}
			f.times[w.name] = ms
		}
		clean = append(clean, strings.ToValidUTF8(v, "\ufffd"))
	}
	slices.Sort(clean)
	clean = slices.Compact(clean)
	if w.name == "archived" && clean[0] == "no" {
		return "" // what holds without the word too
	}
	f.values[w.name] = clean
	return ""
}

// shorten quotes a value for a message.
func shorten(v string) string {
	v = strings.ToValidUTF8(v, "\ufffd")
	if r := []rune(v); len(r) > 40 {
		v = string(r[:40]) + "…"
	}
	return `"` + v + `"`
}

// Query is the filter as URL parameters in one order, whatever order it was asked in.
// ParseFilter reads it back, in the same zone.
func (f Filter) Query() string { return url.Values(f.values).Encode() }

// Values are the words with their values, as ParseFilter takes them.
func (f Filter) Values() url.Values {
	out := url.Values{}
	for name, values := range f.values {
		out[name] = slices.Clone(values)
	}
	return out
}

// Empty tells whether the filter is everybody who is not archived.
func (f Filter) Empty() bool { return len(f.values) == 0 }

// without is the filter less one word, or less one value of it.
func (f Filter) without(name, value string, each bool) Filter {
	rest := maps.Clone(f.values)
	delete(rest, name)
	if each {
		if left := slices.DeleteFunc(slices.Clone(f.values[name]), func(v string) bool { return v == value }); len(left) > 0 {
			rest[name] = left
		}
	}
	return Filter{values: rest, times: f.times}
}

// Sentence is one narrowing of a filter in words for people: "Standing" and "contact, user
// or member".
type Sentence struct {
	Word   string   // of the grammar
	Says   string   // how the sentence begins
	Values []string // what it goes on with; a blank one is "none"
	// Without is the query of the filter without this narrowing.
	Without string
}

// Text is the sentence as a whole.
func (s Sentence) Text() string {
	last := len(s.Values) - 1
	if last < 1 {
		return s.Says + " " + strings.Join(s.Values, "")
	}
	return s.Says + " " + strings.Join(s.Values[:last], ", ") + " or " + s.Values[last]
}

// Sentences tells the filter in words for people. name tells what a value of a word is called
// where it is an id or an address: of owner and bulk_invite; nil leaves the values.
func (f Filter) Sentences(name func(word, value string) string) (out []Sentence) {
	for _, w := range grammar {
		values := f.values[w.name]
		if len(values) == 0 {
			continue
		}
		if !w.each {
			out = append(out, f.sentence(w, values, name))
			continue
		}
		for _, v := range values {
			out = append(out, f.sentence(w, []string{v}, name))
		}
	}
	return out
}

func (f Filter) sentence(w word, values []string, name func(word, value string) string) Sentence {
	s := Sentence{Word: w.name, Says: w.says, Without: f.without(w.name, values[0], w.each).Query()}
	if w.choices != nil { // in the order of the list, which is the order of the steps
		values = slices.Clone(values)
		slices.SortFunc(values, func(a, b string) int { return slices.Index(w.choices, a) - slices.Index(w.choices, b) })
	}
	for _, v := range values {
		switch {
		case v == "":
			v = "none"
		case w.choices != nil:
			v = strings.ReplaceAll(v, "_", " ")
		case name != nil && (w.name == "owner" || w.name == "bulk_invite"):
			v = name(w.name, v)
		}
		s.Values = append(s.Values, v)
	}
	return s
}
