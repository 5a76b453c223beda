package help

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"regexp"
	"strings"

	texts "beckon/docs/help"
	"beckon/internal/fold"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// page is one page of help.
type page struct {
	Name, Title string
	// About is the first paragraph: for whom the page is and what it tells.
	About    string
	html     string
	sections []section
}

// section is a part of a page below a heading, as search sees it. The part before the first
// heading has neither ID nor Title.
type section struct {
	ID, Title, Text   string
	titleKey, textKey string
}

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(ours{}, 100))),
)

// read makes a page of its text, which begins with the title and a paragraph about it.
func read(name string) (*page, error) {
	source, err := fs.ReadFile(texts.Files, name+".md")
	if err != nil {
		return nil, err
	}
	doc := markdown.Parser().Parse(text.NewReader(source))
	title, about := doc.FirstChild(), ast.Node(nil)
	if title != nil {
		about = title.NextSibling()
	}
	if title == nil || title.Kind() != ast.KindHeading || about == nil || about.Kind() != ast.KindParagraph {
		return nil, fmt.Errorf("help page %s: begin with a heading and a paragraph", name)
	}
	p := &page{Name: name, Title: plain(title, source), About: plain(about, source)}
	doc.RemoveChild(doc, title)
	doc.RemoveChild(doc, about)
	p.sections = sections(doc, source)
	var out bytes.Buffer
	if err := markdown.Renderer().Render(&out, source, doc); err != nil {
		return nil, fmt.Errorf("help page %s: %w", name, err)
	}
	p.html = out.String()
	return p, nil
}

func sections(doc ast.Node, source []byte) []section {
	all := []section{{}}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindHeading {
			all = append(all, section{ID: headingID(n), Title: plain(n, source)})
			continue
		}
		last := &all[len(all)-1]
		last.Text = strings.TrimSpace(last.Text + " " + plain(n, source))
	}
	for i, s := range all {
		all[i].titleKey, all[i].textKey = fold.Text(s.Title), fold.Text(s.Text)
	}
	return all
}

// plain is what a part of a page says, without marks.
func plain(part ast.Node, source []byte) string {
	var out strings.Builder
	// The walk ends early only by an error, of which there is none.
	_ = ast.Walk(part, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Image:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering {
				out.Write(n.Segment.Value(source))
				if n.SoftLineBreak() {
					out.WriteByte(' ')
				}
			}
		default:
			if !entering && (n.Type() == ast.TypeBlock) {
				out.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(out.String()), " ")
}

func headingID(n ast.Node) string {
	id, _ := n.AttributeString("id")
	text, _ := id.([]byte)
	return string(text)
}

// own finds links to pages of the reader's own; see the package of the texts.
var own = regexp.MustCompile(`<a href="beckon:(staff|recruit|student)(/[^"]*)">(.*?)</a>`)

// body is the page as somebody reads it who has these places: where they have none, the
// link's words stand without a link.
func (p *page) body(places map[string]string) string {
	return own.ReplaceAllStringFunc(p.html, func(link string) string {
		m := own.FindStringSubmatch(link)
		if base, ok := places[m[1]]; ok {
			return `<a href="` + base + m[2] + `">` + m[3] + `</a>`
		}
		return m[3]
	})
}

// ours renders what pages of help have differently from other markdown.
type ours struct{}

func (ours) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, heading)
	r.Register(ast.KindLink, link)
	r.Register(ast.KindImage, image)
	r.Register(tables.KindTable, table)
}

// heading can be linked to.
func heading(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	level, id := n.(*ast.Heading).Level, headingID(n)
	if entering {
		fmt.Fprintf(w, `<h%d id="%s">`, level, id)
	} else {
		fmt.Fprintf(w, ` <a class="anchor" href="#%s" aria-label="%s: link to this part">#</a></h%d>`+"\n", id, html.EscapeString(plain(n, source)), level)
	}
	return ast.WalkContinue, nil
}

// link leads from one page's file to another page's address.
func link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, err := w.WriteString("</a>")
		return ast.WalkContinue, err
	}
	to := string(n.(*ast.Link).Destination)
	if file, anchor, _ := strings.Cut(to, "#"); strings.HasSuffix(file, ".md") {
		to = "/help/" + strings.TrimSuffix(file, ".md")
		if anchor != "" {
			to += "#" + anchor
		}
	}
	_, err := fmt.Fprintf(w, `<a href="%s">`, html.EscapeString(to))
	return ast.WalkContinue, err
}

// variants are the files of a picture beside the one for a desk by day: what is added to its
// name, and when it is shown. The first that holds is taken.
var variants = []struct {
	suffix, media string
	width, height int
}{
	{"-narrow-dark", "(max-width: 48rem) and (prefers-color-scheme: dark)", narrowWidth, narrowHeight},
	{"-narrow", "(max-width: 48rem)", narrowWidth, narrowHeight},
	{"-dark", "(prefers-color-scheme: dark)", wideWidth, wideHeight},
}

// The sizes of all pictures, for a desk and for a phone; e2e/picture_test.go takes them so.
const (
	wideWidth, wideHeight     = 744, 520
	narrowWidth, narrowHeight = 390, 560
)

// image is a picture as the reader would see the page: on a phone or not, light or dark.
func image(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	file := strings.TrimSuffix(strings.TrimPrefix(string(n.(*ast.Image).Destination), "pictures/"), ".webp")
	_, _ = w.WriteString("<picture>")
	for _, v := range variants {
		fmt.Fprintf(w, `<source media="%s" srcset="%s" width="%d" height="%d">`, v.media, pictureURL(file+v.suffix+".webp"), v.width, v.height)
	}
	_, err := fmt.Fprintf(w, `<img src="%s" width="%d" height="%d" loading="lazy" alt="%s"></picture>`,
		pictureURL(file+".webp"), wideWidth, wideHeight, html.EscapeString(alt(n, source)))
	return ast.WalkSkipChildren, err
}

func alt(n ast.Node, source []byte) string {
	var out strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			out.Write(t.Segment.Value(source))
		}
	}
	return out.String()
}

// table may be wider than a phone and scrolls in its own place then.
func table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "</table></div>\n"
	if entering {
		tag = `<div class="table scroll"><table>` + "\n"
	}
	_, err := w.WriteString(tag)
	return ast.WalkContinue, err
}
