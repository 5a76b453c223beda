package e2e

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// route is one page or form of the site, as its package registers it.
type route struct{ method, path string }

// routes reads what the packages of pages register. A mux cannot be asked, so their source
// is.
func routes(t *testing.T) (all []route) {
	t.Helper()
	err := filepath.WalkDir("../internal/web", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasSuffix(name, "test") {
			return fs.SkipDir // what serves tests alone
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		texts := constants(f)
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			if to, ok := call.Fun.(*ast.SelectorExpr); !ok || to.Sel.Name != "HandleFunc" && to.Sel.Name != "Handle" {
				return true
			}
			pattern, err := value(call.Args[0], texts)
			if err != nil {
				t.Errorf("%s: %v; a pattern must be made of constants, so that this test knows the page", name, err)
				return true
			}
			if method, path, ok := strings.Cut(pattern, " "); ok {
				all = append(all, route{method, path})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// constants are the texts that a file gives names to.
func constants(f *ast.File) map[string]string {
	texts := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok && len(s.Names) == len(s.Values) {
			for i, name := range s.Names {
				if text, err := value(s.Values[i], texts); err == nil {
					texts[name.Name] = text
				}
			}
		}
		return true
	})
	return texts
}

// value is a text made of literals and names.
func value(x ast.Expr, texts map[string]string) (string, error) {
	switch x := x.(type) {
	case *ast.BasicLit:
		return strconv.Unquote(x.Value)
	case *ast.Ident:
		if text, ok := texts[x.Name]; ok {
			return text, nil
		}
	case *ast.BinaryExpr:
		left, err := value(x.X, texts)
		if err != nil {
			return "", err
		}
		right, err := value(x.Y, texts)
		return left + right, err
	}
	return "", fmt.Errorf("%v is no constant text", x)
}
