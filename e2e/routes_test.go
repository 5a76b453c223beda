package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// route is one page or form of the site, as its package registers it.
type route struct{ method, path string }

// pages is the source of a package that serves pages.
type pages struct {
	files []*ast.File
	// texts are what its constants, variables and fields may stand for, by their names.
	texts map[string][]string
}

// routes reads what the packages of pages register. A mux cannot be asked, so their source
// is.
func routes(t *testing.T) (all []route) {
	t.Helper()
	packages := sources(t)
	for range 3 { // names that stand for names
		for _, p := range packages {
			p.learn(packages)
		}
	}
	for name, p := range packages {
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				pattern := registered(n)
				if pattern == nil {
					return true
				}
				patterns := p.value(pattern, packages)
				if len(patterns) == 0 {
					t.Errorf("%s: a pattern must be made of texts and names of texts, so that this test knows the page", name)
				}
				for _, text := range patterns {
					if method, path, ok := strings.Cut(text, " "); ok {
						all = append(all, route{method, path})
					}
				}
				return true
			})
		}
	}
	return all
}

// sources parses the packages of pages, by their names; those that serve tests alone are
// left out.
func sources(t *testing.T) map[string]*pages {
	t.Helper()
	packages := map[string]*pages{}
	err := filepath.WalkDir("../internal/web", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasSuffix(name, "test") {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		p := packages[f.Name.Name]
		if p == nil {
			p = &pages{texts: map[string][]string{}}
			packages[f.Name.Name] = p
		}
		p.files = append(p.files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// registered is the pattern of a call that adds to a mux, nil for anything else.
func registered(n ast.Node) ast.Expr {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil
	}
	if to, ok := call.Fun.(*ast.SelectorExpr); !ok || to.Sel.Name != "HandleFunc" && to.Sel.Name != "Handle" {
		return nil
	}
	return call.Args[0]
}

// learn notes the texts that the package gives names to.
func (p *pages) learn(packages map[string]*pages) {
	note := func(name ast.Expr, x ast.Expr) {
		if id, ok := name.(*ast.Ident); ok {
			for _, text := range p.value(x, packages) {
				if text != "" && !slices.Contains(p.texts[id.Name], text) {
					p.texts[id.Name] = append(p.texts[id.Name], text)
				}
			}
		}
	}
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, x := range n.Values {
					note(n.Names[i], x)
				}
			case *ast.AssignStmt:
				for i, x := range n.Rhs {
					if n.Tok == token.DEFINE {
						note(n.Lhs[i], x)
					}
				}
			case *ast.KeyValueExpr:
				note(n.Key, n.Value)
			}
			return true
		})
	}
}

// value is what an expression of literals and names may stand for.
func (p *pages) value(x ast.Expr, packages map[string]*pages) (texts []string) {
	switch x := x.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
			return []string{text}
		}
	case *ast.Ident:
		return p.texts[x.Name]
	case *ast.SelectorExpr:
		if from, ok := x.X.(*ast.Ident); ok && packages[from.Name] != nil {
			return packages[from.Name].texts[x.Sel.Name]
		}
		return p.texts[x.Sel.Name]
	case *ast.BinaryExpr:
		for _, left := range p.value(x.X, packages) {
			for _, right := range p.value(x.Y, packages) {
				texts = append(texts, left+right)
			}
		}
	}
	return texts
}
