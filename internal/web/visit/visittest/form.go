package visittest

import (
	"strings"

	"golang.org/x/net/html"
)

// Fields is what a browser would send of the forms of a page as they stand, without buttons
// and files: names and values in turn, for Post.
func Fields(page string) (fields []string) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil // of a reader that does not fail
	}
	for n := range root.Descendants() {
		name, named := attribute(n, "name")
		if n.Type != html.ElementNode || !named {
			continue
		}
		switch n.Data {
		case "input":
			if value, ok := entered(n); ok {
				fields = append(fields, name, value)
			}
		case "textarea":
			fields = append(fields, name, text(n))
		case "select":
			fields = append(fields, name, chosen(n))
		}
	}
	return fields
}

// entered is the value of an input, false where it sends none.
func entered(n *html.Node) (string, bool) {
	value, _ := attribute(n, "value")
	switch kind, _ := attribute(n, "type"); kind {
	case "file", "submit", "search":
		return "", false
	case "checkbox", "radio":
		_, ticked := attribute(n, "checked")
		return value, ticked
	}
	return value, true
}

// chosen is the value of a list's selected option, or of its first.
func chosen(list *html.Node) (value string) {
	first := true
	for n := range list.Descendants() {
		if n.Data != "option" {
			continue
		}
		if _, selected := attribute(n, "selected"); selected || first {
			value, _ = attribute(n, "value")
			first = false
		}
	}
	return value
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func attribute(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
