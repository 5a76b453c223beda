// Package internal is empty but for tests of the house as a whole: which way packages
// depend, that what is exported is explained, and that nothing tells of one machine.
package internal

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "beckon/"

// sources parses the Go files of each package of the module, tests not included, by the
// folder's path.
func sources(t *testing.T, mode parser.Mode) (*token.FileSet, map[string][]*ast.File) {
	t.Helper()
	files, packages := token.NewFileSet(), map[string][]*ast.File{}
	for _, top := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(files, name, nil, mode)
			folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(name)), "../")
			packages[folder] = append(packages[folder], f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files, packages
}

// imports lists what each package imports.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	_, packages := sources(t, parser.ImportsOnly)
	all := map[string][]string{}
	for folder, files := range packages {
		all[folder] = nil
		for _, f := range files {
			for _, i := range f.Imports {
				name, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				all[folder] = append(all[folder], name)
			}
		}
		slices.Sort(all[folder])
		all[folder] = slices.Compact(all[folder])
	}
	return all
}

// forTests tells packages that only tests import.
func forTests(folder string) bool { return strings.HasSuffix(folder, "test") }

// within tells whether a package is one or lies below it.
func within(folder, top string) bool { return folder == top || strings.HasPrefix(folder, top+"/") }

// outer tells the packages that face the outside: they use the rules and hold none.
func outer(folder string) bool {
	for _, top := range []string{"cmd", "internal/web", "internal/api", "internal/demo"} {
		if within(folder, top) {
			return true
		}
	}
	return false
}

// exceptions are imports that are right where they are: mail has its layout in templ, and
// telemetry counts requests.
var exceptions = map[string]string{"internal/mail": "github.com/a-h/templ", "internal/telemetry": "net/http"}

func excepted(folder, name string) bool {
	top, ok := exceptions[folder]
	return ok && within(name, top)
}

// TestDirection checks that nothing of the field knows how it is shown, and that nothing
// leans on what faces the outside.
func TestDirection(t *testing.T) {
	foreign := []string{"net/http", "github.com/a-h/templ", "github.com/danielgtaylor/huma"}
	for folder, names := range imports(t) {
		if forTests(folder) {
			continue
		}
		for _, name := range names {
			if !outer(folder) && !excepted(folder, name) && slices.ContainsFunc(foreign, func(f string) bool { return within(name, f) }) {
				t.Errorf("%s imports %s; only web and api may", folder, name)
			}
			to, own := strings.CutPrefix(name, module)
			switch {
			case !own, within(folder, "cmd"):
			case within(to, "cmd"), within(to, "internal/api"), within(to, "internal/demo"):
				t.Errorf("%s imports %s; only cmd may", folder, to)
			case within(to, "internal/web") && !within(folder, "internal/web"):
				t.Errorf("%s imports %s; only cmd and web may", folder, to)
			case forTests(to):
				t.Errorf("%s imports %s, which is for tests", folder, to)
			}
		}
	}
}

// row is a line of the table of arrows: a package and what it leans on.
var row = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| (.*) \\|$")

// TestArrows compares the imports between the packages of the field with the table in the
// architecture page, in both directions, so that the page stays true.
func TestArrows(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "## Arrows")
	if !found {
		t.Fatal("the architecture page has no table of arrows")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	written := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(table, -1) {
		written[m[1]] = m[2]
	}
	for folder, names := range imports(t) {
		if outer(folder) || forTests(folder) {
			continue
		}
		var to []string
		for _, name := range names {
			if own, ok := strings.CutPrefix(name, module+"internal/"); ok {
				to = append(to, own)
			}
		}
		name, leans := strings.TrimPrefix(folder, "internal/"), strings.Join(to, ", ")
		if leans == "" {
			leans = "nothing"
		}
		if written[name] != leans {
			t.Errorf("the table in docs/architecture.md says of %s %q; the code: | `%s` | %s |", name, written[name], name, leans)
		}
		delete(written, name)
	}
	for name := range written {
		t.Errorf("the table in docs/architecture.md has %s, which is no package", name)
	}
}

// TestExplained wants a comment on everything that another package can use.
func TestExplained(t *testing.T) {
	files, packages := sources(t, parser.ParseComments|parser.SkipObjectResolution)
	for folder, parsed := range packages {
		about := false
		for _, f := range parsed {
			about = about || f.Doc != nil
			if ast.IsGenerated(f) {
				continue
			}
			for _, d := range f.Decls {
				for _, name := range unexplained(d) {
					t.Errorf("%s: %s has no comment", files.Position(d.Pos()), name)
				}
			}
		}
		if !about {
			t.Errorf("%s: no file says what the package is for", folder)
		}
	}
}

// unexplained names what a declaration exports without a comment. A comment on a group
// counts for all of it.
func unexplained(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && reachable(d) && !wellKnown[d.Name.Name] {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// wellKnown are methods whose meaning is fixed by an interface that every reader knows.
var wellKnown = map[string]bool{"Error": true, "String": true, "Unwrap": true, "Is": true, "Format": true}

// reachable tells whether other packages can name a function: a method is as hidden as its
// type.
func reachable(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	at := d.Recv.List[0].Type
	for {
		switch x := at.(type) {
		case *ast.StarExpr:
			at = x.X
		case *ast.IndexExpr:
			at = x.X
		case *ast.IndexListExpr:
			at = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// machinePath finds paths that exist on somebody's machine alone.
var machinePath = regexp.MustCompile(`(?m)(^|[\s"'=(:])/(home|root|work|Users)/\w`)

// TestNoMachine reads every text file of the repository.
func TestNoMachine(t *testing.T) {
	notOurs := []string{".git", "node_modules", "bin", "beckon-data", "dist"}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(notOurs, path.Base(filepath.ToSlash(name))) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			return err
		}
		if at := machinePath.Find(text); at != nil {
			t.Errorf("%s names a path of one machine: %s", name, bytes.TrimSpace(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// plainNumber finds a parameter that a statement first holds against a plain number.
// PostgreSQL takes it for an integer of 32 bits then, and ids are longer.
var plainNumber = regexp.MustCompile(`\((\$\d+) = 0 OR `)

// TestParametersAreIDs keeps statements from failing on PostgreSQL once ids are large, as they
// are after a restore: the column comes first, which tells what the parameter is.
func TestParametersAreIDs(t *testing.T) {
	files, packages := sources(t, parser.SkipObjectResolution)
	for _, all := range packages {
		for _, f := range all {
			ast.Inspect(f, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && plainNumber.MatchString(text.Value) {
					t.Errorf("%s: write (column < $n OR $n = 0), in this order", files.Position(text.Pos()))
				}
				return true
			})
		}
	}
}
