package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// Every answer that the tests of this package get is held against the document (caller.do);
// what huma does not look at is looked at here.
func TestDocumentTakesNullWhereItMayBe(t *testing.T) {
	for name, s := range document().Components.Schemas.Map() {
		for property, p := range s.Properties {
			if p.Nullable && p.Enum != nil && !slices.Contains(p.Enum, nil) {
				t.Errorf("%s.%s may be null, which is not among its values", name, property)
			}
		}
	}
}

// document is what the OpenAPI document is made from.
var document = sync.OnceValue(func() *huma.OpenAPI {
	a := &api{huma: newHuma(&router{mux: http.NewServeMux()})}
	a.registerAll()
	return a.huma.OpenAPI()
})

// fits tells what the document does not say of an answer: its status, its media type or its
// shape. Nothing is said of paths that no operation has.
func (a answerTo) fits(method, path string) (wrong []string) {
	op := operationOf(method, path)
	if op == nil {
		return nil
	}
	told := op.Responses[strconv.Itoa(a.status)]
	if told == nil && a.status >= 400 {
		told = op.Responses["default"]
	}
	if told == nil {
		return []string{"the status is not told"}
	}
	if len(a.raw) == 0 {
		return nil
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	content := told.Content[kind]
	switch {
	case content == nil:
		if told.Content[a.header.Get("Content-Type")] != nil {
			return nil
		}
		return []string{"the media type " + kind + " is not told"}
	case content.Schema == nil:
		return nil
	}
	var res huma.ValidateResult
	huma.Validate(document().Components.Schemas, content.Schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeReadFromServer, map[string]any(a.json), &res)
	for _, err := range res.Errors {
		wrong = append(wrong, err.Error())
	}
	return wrong
}

// operationOf is the one that takes a request, nil for none.
func operationOf(method, path string) *huma.Operation {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	var found *huma.Operation
	for template, item := range document().Paths {
		op := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete}[method]
		// What is written out goes before what any id fits.
		if op != nil && matches(strings.Split(template, "/"), parts) && (found == nil || !strings.Contains(template, "{")) {
			found = op
		}
	}
	return found
}

func matches(template, parts []string) bool {
	if len(template) != len(parts) {
		return false
	}
	for i, part := range template {
		if part != parts[i] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}
