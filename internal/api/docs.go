package api

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// serveDocs makes the OpenAPI document and the docs page, once, from the operations that are
// registered. Both are the same for everybody and take no token.
func (rt *router) serveDocs(doc *huma.OpenAPI) {
	asJSON, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("the OpenAPI document cannot be written: %v", err))
	}
	asYAML, err := doc.YAML()
	if err != nil {
		panic(fmt.Sprintf("the OpenAPI document cannot be written: %v", err))
	}
	var page bytes.Buffer
	docs := template.Must(template.New("docs").Parse(docsPage))
	if err := docs.Execute(&page, describe(doc, rt.deps.BaseURL)); err != nil {
		panic(fmt.Sprintf("the docs page cannot be made: %v", err))
	}
	rt.serveFixed("/openapi.json", "application/openapi+json", asJSON)
	rt.serveFixed("/openapi.yaml", "application/openapi+yaml", asYAML)
	rt.serveFixed("/docs", "text/html; charset=utf-8", page.Bytes())
	rt.serveFixed("/docs.css", "text/css; charset=utf-8", docsStyle)
}

func (rt *router) serveFixed(path, contentType string, content []byte) {
	rt.mux.HandleFunc("GET "+Prefix+path, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Length", strconv.Itoa(len(content)))
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "public, max-age=300")
		// Errors in writing mean that the reader is gone.
		_, _ = w.Write(content)
	})
}

// docsGroup is the operations on one kind of thing.
type docsGroup struct {
	Name, Anchor string
	Operations   []docsOperation
}

type docsOperation struct {
	ID, Method, Path     string
	Summary, Description string
	Tokens               []string
	Params               []docsParam
	Body                 []docsField
	BodyTypes            []string
	Answers              []docsAnswer
	Curl                 string
}

type docsParam struct{ Name, In, Type, Description string }

// docsField is one member of an object; members of members have a path with dots.
type docsField struct {
	Path, Type, Description string
	Required                bool
}

type docsAnswer struct {
	Status, Description string
	Fields              []docsField
}

type docsData struct {
	Title, Description, Base string
	Groups                   []docsGroup
	Problem                  []docsField
}

func describe(doc *huma.OpenAPI, base string) docsData {
	d := docsData{Title: doc.Info.Title, Description: strings.ReplaceAll(doc.Info.Description, "`", ""), Base: base + Prefix}
	s := schemas{doc.Components.Schemas}
	for _, op := range operations(doc) {
		name := op.Tags[0]
		i := slices.IndexFunc(d.Groups, func(g docsGroup) bool { return g.Name == name })
		if i < 0 {
			i = len(d.Groups)
			d.Groups = append(d.Groups, docsGroup{Name: name, Anchor: strings.ReplaceAll(strings.ToLower(name), " ", "-")})
		}
		d.Groups[i].Operations = append(d.Groups[i].Operations, s.operation(op, d.Base))
	}
	slices.SortStableFunc(d.Groups, func(a, b docsGroup) int { return cmp.Compare(a.Name, b.Name) })
	d.Problem = answered(s.fields(doc.Components.Schemas.Map()["Problem"], ""))
	return d
}

// operations is all operations by path and then in the order in which they are told apart
// best: reading, making, changing, removing.
func operations(doc *huma.OpenAPI) (all []*huma.Operation) {
	paths := make([]string, 0, len(doc.Paths))
	for path := range doc.Paths {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, op)
			}
		}
	}
	return all
}

// schemas tells what objects look like, in lines.
type schemas struct{ registry huma.Registry }

func (s schemas) operation(op *huma.Operation, base string) docsOperation {
	out := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: strings.ReplaceAll(op.Description, "`", "")}
	for _, any := range op.Security {
		for kind, scopes := range any {
			out.Tokens = append(out.Tokens, fmt.Sprintf("%s, scope %s", map[string]string{"institution": "an institution's", "employer": "an employer user's"}[kind], strings.Join(scopes, ", ")))
		}
	}
	for _, p := range op.Parameters {
		out.Params = append(out.Params, docsParam{Name: p.Name, In: p.In, Type: s.kind(p.Schema), Description: cmp.Or(p.Description, p.Schema.Description)})
	}
	if op.RequestBody != nil {
		for media, content := range op.RequestBody.Content {
			out.BodyTypes = append(out.BodyTypes, media)
			if media == "application/json" {
				out.Body = s.fields(content.Schema, "")
			}
		}
		slices.Sort(out.BodyTypes)
	}
	for status, answer := range op.Responses {
		if status == "default" || answer == nil {
			continue
		}
		a := docsAnswer{Status: status, Description: answer.Description}
		if content := answer.Content["application/json"]; content != nil {
			a.Fields = answered(s.fields(content.Schema, ""))
		}
		out.Answers = append(out.Answers, a)
	}
	slices.SortFunc(out.Answers, func(a, b docsAnswer) int { return strings.Compare(a.Status, b.Status) })
	out.Curl = curl(out, base)
	return out
}

func (s schemas) resolve(x *huma.Schema) *huma.Schema {
	for x != nil && x.Ref != "" {
		x = s.registry.SchemaFromRef(x.Ref)
	}
	return x
}

// fields is the members of an object, those of objects within it too.
func (s schemas) fields(x *huma.Schema, within string) (out []docsField) {
	x = s.resolve(x)
	if x == nil {
		return nil
	}
	names := make([]string, 0, len(x.Properties))
	for name := range x.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := x.Properties[name]
		path, inner := within+name, s.resolve(p)
		out = append(out, docsField{Path: path, Type: s.kind(p), Description: cmp.Or(p.Description, inner.Description), Required: slices.Contains(x.Required, name)})
		if inner.Type == huma.TypeArray {
			path, inner = path+"[]", s.resolve(inner.Items)
		}
		if inner != nil && inner.Type == huma.TypeObject {
			out = append(out, s.fields(inner, path+".")...)
		}
	}
	return out
}

// answered is fields of an answer, of which nobody is required to send any.
func answered(fields []docsField) []docsField {
	for i := range fields {
		fields[i].Required = false
	}
	return fields
}

// kind is the type of a value in words.
func (s schemas) kind(x *huma.Schema) string {
	x = s.resolve(x)
	if x == nil || x.Type == "" {
		return "any"
	}
	words := x.Type
	switch {
	case len(x.Enum) > 0:
		var choices []string
		for _, c := range x.Enum {
			if c != nil && c != "" {
				choices = append(choices, fmt.Sprint(c))
			}
		}
		words = strings.Join(choices, " | ")
	case x.Type == huma.TypeArray:
		words = "list of " + s.kind(x.Items)
	case x.Format == "date-time":
		words = "time"
	}
	if x.Nullable {
		words += " or null"
	}
	return words
}

// curl is a request to try.
func curl(op docsOperation, base string) string {
	var b strings.Builder
	b.WriteString("curl")
	if op.Method != http.MethodGet {
		b.WriteString(" -X " + op.Method)
	}
	b.WriteString(" '" + base + strings.NewReplacer("{", "", "}", "").Replace(op.Path) + "'")
	b.WriteString(" \\\n  -H 'Authorization: Bearer TOKEN'")
	switch {
	case slices.Contains(op.BodyTypes, "text/csv"):
		b.WriteString(" \\\n  -H 'Content-Type: text/csv' -T contacts.csv")
	case len(op.Body) > 0:
		b.WriteString(" \\\n  -H 'Content-Type: application/json' -d '" + sample(op.Body) + "'")
	}
	return b.String()
}

// sample is a body with what is required, or with the first member where nothing is.
func sample(fields []docsField) string {
	body := map[string]any{}
	for i, f := range fields {
		if strings.Contains(f.Path, ".") || !f.Required && i > 0 {
			continue
		}
		switch {
		case f.Path == "selection":
			body[f.Path] = map[string]any{"filter": map[string]any{"label": "Career fair"}}
		case strings.HasPrefix(f.Type, "list"):
			body[f.Path] = []string{"..."}
		case f.Type == huma.TypeBoolean:
			body[f.Path] = true
		case f.Type == huma.TypeInteger:
			body[f.Path] = 1
		default:
			body[f.Path] = "..."
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}
