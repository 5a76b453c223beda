package help

import (
	"cmp"
	"slices"
	"strings"

	"beckon/internal/fold"
)

// shelf is a part of the list of pages.
type shelf struct {
	Name  string
	pages []string
}

// shelves hold all pages, in the order of the list.
var shelves = []shelf{
	{"For staff", []string{"contacts-and-users", "importing", "labels", "inviting", "past-bulk-invites", "approvals", "explore", "roles"}},
	{"For recruiters", []string{"invited", "getting-approved"}},
	{"For students", []string{"for-students"}},
	{"For all of them", []string{"interviews", "messages"}},
}

// id names the part for its list.
func (s shelf) id() string { return "help-" + strings.ReplaceAll(strings.ToLower(s.Name), " ", "-") }

// Pages are those of the part, in order.
func (s shelf) Pages() []*page {
	pages := make([]*page, len(s.pages))
	for i, name := range s.pages {
		pages[i] = library.pages[name]
	}
	return pages
}

// about is what a page is about, without whom it is for where the part says that.
func (s shelf) about(p *page) string { return strings.TrimPrefix(p.About, s.Name+". ") }

// books are all pages by name.
type books struct{ pages map[string]*page }

// library is read once, when the program starts: its texts are part of it.
var library = mustOpen()

func mustOpen() books {
	b := books{pages: map[string]*page{}}
	for _, s := range shelves {
		for _, name := range s.pages {
			p, err := read(name)
			if err != nil {
				panic(err) // a fault of the program itself, which the first test finds
			}
			b.pages[name] = p
		}
	}
	return b
}

// hit is a part of a page that answers a search.
type hit struct {
	Page    *page
	Section section
	// Excerpt is around the first word found.
	Excerpt string
	weight  int
}

// name is that of the page and of the part.
func (h hit) name() string {
	if h.Section.Title == "" {
		return h.Page.Title
	}
	return h.Page.Title + ": " + h.Section.Title
}

// URL leads to the part of the page.
func (h hit) URL() string {
	if h.Section.ID == "" {
		return "/help/" + h.Page.Name
	}
	return "/help/" + h.Page.Name + "#" + h.Section.ID
}

// search finds the parts that hold every word, of each page the best one. What stands in a
// title counts more than what stands in the text.
func (b books) search(q string) (hits []hit) {
	words := strings.Fields(fold.Text(q))
	if len(words) == 0 {
		return nil
	}
	for _, s := range shelves {
		for _, name := range s.pages {
			if h, ok := b.pages[name].search(words); ok {
				hits = append(hits, h)
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.weight, a.weight) })
	return hits
}

func (p *page) search(words []string) (best hit, found bool) {
	title, about := fold.Text(p.Title), fold.Text(p.About)
	for _, s := range p.sections {
		weight := 0
		for _, word := range words {
			switch {
			case strings.Contains(title, word):
				weight += 8
			case strings.Contains(s.titleKey, word):
				weight += 4
			case s.ID == "" && strings.Contains(about, word):
				weight += 2
			case strings.Contains(s.textKey, word):
				weight++
			default:
				weight = -1 << 10
			}
		}
		if weight > best.weight {
			best, found = hit{p, s, excerpt(s, words), weight}, true
		}
	}
	return best, found
}

// excerptRunes is about how long an excerpt is.
const excerptRunes = 160

// excerpt is the text of a part from shortly before the first word that was searched for.
func excerpt(s section, words []string) string {
	text := []rune(s.Text)
	from := 0
	for _, word := range words {
		// Folding changes the length of few texts and by little: near is good enough.
		if at := strings.Index(s.textKey, word); at >= 0 {
			from = max(0, min(len([]rune(s.textKey[:at])), len(text)-1)-40)
			break
		}
	}
	for from > 0 && from < len(text) && text[from-1] != ' ' {
		from--
	}
	to := min(len(text), from+excerptRunes)
	for to < len(text) && text[to] != ' ' {
		to++
	}
	out := string(text[from:to])
	if from > 0 {
		out = "… " + out
	}
	if to < len(text) {
		out += " …"
	}
	return out
}
