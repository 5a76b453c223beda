package help

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"beckon/internal/web/components"
)

// sources gives every template and every Go file that is not generated to f.
func sources(t *testing.T, f func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		ours := strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_templ.go") && !strings.HasSuffix(name, "_test.go")
		if err != nil || d.IsDir() || !ours {
			return err
		}
		text, err := os.ReadFile(name)
		f(name, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// toHelp finds addresses of pages of help in source code.
var toHelp = regexp.MustCompile(`"/help/([a-z-]+)(?:#([a-z-]+))?"`)

func TestEveryLinkToHelpLeadsToAPart(t *testing.T) {
	found := 0
	sources(t, func(name, text string) {
		for _, m := range toHelp.FindAllStringSubmatch(text, -1) {
			if m[1] == "pictures" {
				continue
			}
			found++
			p, ok := library.pages[m[1]]
			if !ok || m[2] != "" && !strings.Contains(p.html, `id="`+m[2]+`"`) {
				t.Errorf("%s links to %s, which is not there", name, m[0])
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d links were found", found)
	}
}

// Where a list is empty, its page says what would be there, and the page of help about that
// says more.
func TestEveryEmptyStateLeadsToHelp(t *testing.T) {
	const call = "@components.EmptyState("
	found := 0
	sources(t, func(name, text string) {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if !strings.Contains(line, call) {
				continue
			}
			found++
			indent := line[:strings.Index(line, call)]
			block := line
			for j := i + 1; strings.HasSuffix(line, "{") && j < len(lines) && lines[j] != indent+"}"; j++ {
				block += lines[j]
			}
			if !toHelp.MatchString(block) && !strings.Contains(block, "HelpStanding") {
				t.Errorf("%s:%d: this empty state does not lead to help:%s", name, i+1, strings.TrimSpace(line))
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d empty states were found", found)
	}
}

// Who may not do something is told which role may, and is led to the roles.
func TestEveryRoleThatIsMissingIsExplained(t *testing.T) {
	found := 0
	sources(t, func(name, text string) {
		for i, line := range strings.Split(text, "\n") {
			if !strings.HasSuffix(name, ".templ") || !strings.Contains(line, "takes the role") {
				continue
			}
			found++
			if !strings.Contains(line, "@components.RoleNote(") {
				t.Errorf("%s:%d: this refusal does not lead to help: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	})
	if found < 3 {
		t.Errorf("only %d refusals were found", found)
	}
}

// areas finds the parts of the site by the addresses of their pages, and base what several of
// a file begin with.
var (
	areas = regexp.MustCompile(`"GET (/at/\{slug\}|/recruit|/student/\{slug\})/([a-z]+)`)
	base  = regexp.MustCompile(`const at = "([^"]+)"`)
)

// Every page of the site has a page of help about it, which its `?` and its refusals lead to.
func TestEveryAreaHasItsPageOfHelp(t *testing.T) {
	found := map[string]bool{}
	sources(t, func(name, text string) {
		if at := base.FindStringSubmatch(text); at != nil {
			text = strings.ReplaceAll(text, `"+at+"`, at[1])
		}
		for _, m := range areas.FindAllStringSubmatch(text, -1) {
			path := strings.ReplaceAll(m[1], "{slug}", "elm") + "/" + m[2]
			found[path] = true
			if components.TopicAt(path).URL == "" {
				t.Errorf("%s: no page of help speaks of %s", name, path)
			}
		}
	})
	if len(found) < 15 {
		t.Errorf("only %v were found", found)
	}
	for _, topic := range components.Topics() {
		name, anchor, _ := strings.Cut(strings.TrimPrefix(topic.URL, "/help/"), "#")
		p, ok := library.pages[name]
		if !ok || topic.Name != p.Title || anchor != "" && !strings.Contains(p.html, `id="`+anchor+`"`) {
			t.Errorf("%v leads to a page that is not there or is called otherwise", topic)
		}
	}
}
