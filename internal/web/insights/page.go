package insights

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/insight"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
	"github.com/a-h/templ"
)

// loads makes a link that changes the explore in place where there is a script, and leads
// to it where there is none.
func loads(url string) templ.Attributes {
	return templ.Attributes{"href": url, "hx-get": url, "hx-target": "#explore", "hx-swap": "outerMorph", "hx-push-url": "true"}
}

// current marks one of several links.
func current(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

var chartNames = map[string]string{barChart: "Bars", stackedChart: "Stacked", lineChart: "Line", funnelChart: "Funnel", noChart: "Table alone"}

// limitOptions are the numbers of rows to choose from, with the one that is on.
func (v exploreView) limitOptions() (options []components.Option) {
	for _, n := range []int{50, 100, insight.DefaultLimit, 2000, insight.MaxLimit} {
		options = append(options, components.Option{Value: strconv.Itoa(n), Label: components.Num(n)})
	}
	if v.limit != "" && !slices.ContainsFunc(options, func(o components.Option) bool { return o.Value == v.limit }) {
		options = append(options, components.Option{Value: v.limit, Label: v.limit})
	}
	return options
}

func (v exploreView) limitShown() int {
	if v.Limit == 0 {
		return insight.DefaultLimit
	}
	return v.Limit
}

func (v exploreView) limitValue() string {
	if v.limit == "" {
		return strconv.Itoa(insight.DefaultLimit)
	}
	return v.limit
}

// hidden is what the form of fields sends along: all but what it asks for, and the order of
// the dimensions.
func (v exploreView) hidden() map[string][]string {
	rest := v.values()
	for _, asked := range []string{"dim", "measure", "limit"} {
		delete(rest, asked)
	}
	rest["order"] = v.Dimensions
	return rest
}

// asOf says when the numbers were counted and how long that took.
func (v exploreView) asOf() string {
	zone := v.Institution.Location()
	return "as of " + v.Answer.AsOf.In(zone).Format("15:04:05") + ", " + zone.String() + " · " + components.Num(int(v.Took.Milliseconds())) + " ms"
}

// overlap says why rows may add up to more than the totals.
func (v exploreView) overlap() string {
	if !v.Answer.Overlaps {
		return ""
	}
	for _, name := range append([]string{v.Pivot}, v.Dimensions...) {
		if name == "label" {
			return "A contact with two labels stands in both rows; the last row counts it once."
		}
	}
	return "A contact with several invites may stand in several rows; the last row counts it once."
}

// named is the page's own name, or that of the saved explore which it is.
func (v exploreView) named() string {
	if v.Current.ID != 0 {
		return v.Current.Name
	}
	return "Contacts explore"
}

// suggestion is a name to save the explore under.
func (v exploreView) suggestion() string {
	if v.Naming.Name != "" || v.Naming.Status != 0 {
		return v.Naming.Name
	}
	if v.Current.Mine {
		return v.Current.Name
	}
	return v.title()
}

// payload is what the script draws, and how it names what is saved.
func (v exploreView) payload() map[string]any {
	zone := v.Institution.Location()
	return map[string]any{
		"spec": v.Picture.spec(), "title": v.Picture.Title, "subtitle": v.subtitle(),
		"name": fileName(v.Desk, v.state, v.Answer.AsOf.In(zone)),
	}
}

// subtitle says whose numbers these are, of which contacts and when.
func (v exploreView) subtitle() string {
	parts := []string{v.Institution.Name}
	for _, c := range v.chips() {
		parts = append(parts, c.Name+" "+strings.Join(c.Values, ", "))
	}
	return strings.Join(append(parts, v.Answer.AsOf.In(v.Institution.Location()).Format("2 January 2006")), " · ")
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// fileName names what is downloaded after what it shows, where and on which day.
func fileName(d visit.Desk, s state, day time.Time) string {
	what := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(s.title()), "-"), "-")
	if len(what) > 60 {
		what = strings.Trim(what[:60], "-")
	}
	return d.Institution.Slug + "-" + what + "-" + day.Format(time.DateOnly)
}

// sentence is a filter in words.
func sentence(all []contact.Sentence) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.Text()
	}
	return strings.Join(texts, " · ")
}
