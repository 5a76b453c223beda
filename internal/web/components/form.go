package components

import (
	"maps"
	"strconv"
	"strings"

	"beckon/internal/fault"
	"github.com/a-h/templ"
)

// Field is one question of a form. Its name is also its id, unless ID says otherwise.
type Field struct {
	Name, ID string
	Label    string
	Hint     string
	// Error says what is wrong with the answer, as a sentence that names the cure.
	Error string
	// Required lets the browser ask for an answer; Optional says beside the label that
	// none is needed.
	Required, Optional bool
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// Attrs ties a control to its label, hint and error. Controls that no component makes
// spread it: <input { f.Attrs()... }/>.
func (f Field) Attrs() templ.Attributes {
	attrs := templ.Attributes{"id": f.id(), "name": f.Name, "class": "input", "required": f.Required}
	var described []string
	if f.Error != "" {
		attrs["aria-invalid"] = "true"
		described = append(described, f.id()+"-error")
	}
	if f.Hint != "" {
		described = append(described, f.id()+"-hint")
	}
	if len(described) > 0 {
		attrs["aria-describedby"] = strings.Join(described, " ")
	}
	return attrs
}

// with adds attributes; later ones win.
func (f Field) with(more ...templ.Attributes) templ.Attributes {
	attrs := f.Attrs()
	for _, m := range more {
		maps.Copy(attrs, m)
	}
	return attrs
}

// Option is one answer to choose from.
type Option struct {
	Value, Label, Hint string
}

// ErrorFor finds what is wrong with one input, "" for nothing.
func ErrorFor(errs fault.Fields, path string) string {
	for _, e := range errs {
		if e.Path == path {
			return e.Message
		}
	}
	return ""
}

func summaryTitle(n int) string {
	if n == 1 {
		return "One thing to mend"
	}
	return strconv.Itoa(n) + " things to mend"
}

// DialogAct is for a submit button that opens its answer in the page's dialog where there is
// a script, and as a page of its own where there is none.
func DialogAct(url string) templ.Attributes {
	return templ.Attributes{"formaction": url, "hx-post": url, "hx-target": "#dialog"}
}

// DialogLink is DialogAct for a link.
func DialogLink(url string) templ.Attributes {
	return templ.Attributes{"href": url, "hx-get": url, "hx-target": "#dialog"}
}

func itoa(n int) string { return strconv.Itoa(n) }
