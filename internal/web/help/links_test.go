package help

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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

// Where a list is empty, its page says what would be there, and help says more.
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
			if !strings.Contains(block, "/help") && !strings.Contains(block, "HelpStanding") {
				t.Errorf("%s:%d: this empty state does not lead to help:%s", name, i+1, strings.TrimSpace(line))
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d empty states were found", found)
	}
}
