package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beckon/internal/fault"
	"beckon/internal/web/assets"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// The sample is a small site made of the components, with a list that pages, selects, opens
// a dialog and follows something that takes a while: what browser tests need to try them.

const (
	sampleTotal = 120
	samplePage  = 50
)

// with renders a component with children.
func with(parent templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return parent.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

// markup renders HTML written in a test.
func markup(format string, args ...any) templ.Component {
	return templ.Raw(fmt.Sprintf(format, args...))
}

func sampleShell(title, section string) components.Shell {
	return components.Shell{
		Title: title, Section: section,
		Institution: "Elm University", UserName: "Dana Whitfield", Role: "Coordinator",
		Counts: components.Counts{Contacts: 5012, Approvals: 7, Jobs: 3},
		Views: []components.NavView{
			{Name: "Fair 2026, not invited", URL: "/contacts?label=Fair+2026", Count: 1284},
			{Name: "Bounced", URL: "/contacts?invite=bounced", Count: 23},
			{Name: "Waiting for company", URL: "/contacts?standing=user", Count: 61},
		},
		Others: []components.Link{{Name: "Oak College", URL: "/at/oak"}},
	}
}

var (
	sampleFirst     = strings.Fields("Amara Benedikt Chiara Dmitri Esther Farid Grace Hanna Ikram Jonas Keiko Leila Mateo Nadia Oskar Priya Quentin Rosa Sami Talia")
	sampleLast      = strings.Fields("Haddad Banerjee Reyes Novak Castillo Ito Ferreira Weber Brandt Tanaka Nguyen Okafor Moreau Kowalski")
	sampleCompanies = []struct{ name, domain string }{
		{"Northwind Robotics", "northwind.example"}, {"Alder Clinics", "alder.example"}, {"Tidewater Bank", "tidewater.example"},
		{"Blue Fjord Energy", "bluefjord.example"}, {"Meridian Freight", "meridian.example"}, {"Harbour & Hale", "harbourhale.example"},
	}
	sampleStandings = []string{"contact", "user", "contact", "contact", "member", "approved", "contact", "blocked"}
)

func sampleRow(i int, ticked bool) templ.Component {
	first, last, company := sampleFirst[i%len(sampleFirst)], sampleLast[i%len(sampleLast)], sampleCompanies[i%len(sampleCompanies)]
	name := first + " " + last
	labels := []components.Label{{Name: "Fair 2026", Color: 1}, {Name: "Advisory board", Color: 2}}[:1+i%2]
	return templ.Join(
		markup("<tr>"),
		components.Pick("c"+strconv.Itoa(i), name, ticked),
		markup(`<td><a class="name" href="/contacts/c%d">%s</a></td><td class="soft under">%s@%s</td><td class="wide">%s</td><td class="wide">`,
			i, name, strings.ToLower(first+"."+last), company.domain, templ.EscapeString(company.name)),
		components.Tags(labels, 1),
		markup(`</td><td class="mark">`), components.Standing(sampleStandings[i%len(sampleStandings)]),
		markup(`</td><td class="soft right num wide">never</td></tr>`),
	)
}

func sampleList(shell components.Shell, query url.Values) templ.Component {
	page, _ := strconv.Atoi(query.Get("page"))
	all := query.Get("select") == "all"
	from, to := page*samplePage, min((page+1)*samplePage, sampleTotal)
	var rows []templ.Component
	for i := from; i < to; i++ {
		rows = append(rows, sampleRow(i, all))
	}
	selection := components.Selection{Filter: "label=Fair+2026", Total: sampleTotal, All: all, AllURL: "/contacts?select=all", ClearURL: "/contacts"}
	pager := components.Pager{From: from + 1, To: to, Total: sampleTotal}
	if page > 0 {
		pager.Previous = "/contacts?page=" + strconv.Itoa(page-1)
	}
	if to < sampleTotal {
		pager.Next = "/contacts?page=" + strconv.Itoa(page+1)
	}
	columns := []components.Column{
		components.PickColumn, {Name: "Name", Sort: "/contacts?sort=-name", Order: "ascending"}, {Name: "Address", Sort: "/contacts?sort=email"},
		{Name: "Company", Class: "wide", Sort: "/contacts?sort=company"}, {Name: "Labels", Class: "wide"}, {Name: "Standing"}, {Name: "Last invited", Class: "right wide"},
	}
	return with(components.Layout(shell),
		with(components.PageHead(components.Head{Title: "Contacts", Count: "1,284 of 5,012"}),
			markup(`<form class="search" action="/contacts">`), components.SearchField("q", "", "Search contacts", "Search name, address, company, title"), markup(`</form>`),
			markup(`<a class="button" href="/contacts/new">Add contact</a><a class="button strong" href="/contacts/import">Import</a>`)),
		with(components.Chips([]components.Chip{
			{Name: "Label", Values: []string{"Fair 2026"}, Remove: "/contacts?a"},
			{Name: "No label", Values: []string{"invited 2026-11-09"}, Remove: "/contacts?b"},
			{Name: "Standing", Values: []string{"contact", "user", "member"}, Remove: "/contacts?c"},
		}), markup(`<a class="button plain slim" href="/contacts/filter">+ Filter</a><span class="grow"></span><a class="button plain slim wide" href="/views/new">Save view</a>`)),
		with(components.SelectionForm(selection),
			with(components.Table("Contacts", "cards", columns), rows...),
			with(components.BulkBar(selection),
				markup(`<button class="button" formaction="/picked" data-needs-selection>Label</button>`),
				components.MenuButton("more", "More"),
				with(components.Menu("more"),
					markup(`<button formaction="/invite" hx-post="/invite" hx-target="#dialog" data-key="i">Invite employer contacts <kbd>i</kbd></button><button formaction="/export">Export</button><hr><button class="danger" formaction="/delete">Delete</button>`)))),
		components.PagerFoot(pager, "contacts"),
	)
}

func sampleDialog(s Selection) templ.Component {
	parts := []components.Part{{N: 1041, Tone: "accent", Name: "Create your account", Note: "Beckon does not know the address"}, {N: 61, Tone: "good", Name: "Connect with Elm University", Note: "connected on sending"}}
	return templ.Join(
		markup(`<form class="sheet" method="post" action="/picked">`),
		components.DialogHead("Invite 1,102 contacts to become users", fmt.Sprintf("%s: %d ids, %d exceptions", s.Mode, len(s.IDs), len(s.Except))),
		markup(`<div class="body stack">`),
		components.Split("1,041 create an account, 61 connect", parts),
		components.Parts(parts, ""),
		components.TextInput(components.Field{Name: "label", Label: "Label them", Hint: "Filter by it at once."}, "invited 2026-11-23", nil),
		markup(`</div><footer><span class="grow"></span>`), components.Cancel("/contacts"), markup(`<button class="button strong">Invite 1,102 employer contacts</button></footer></form>`),
	)
}

// sampleForm holds every control, with errors, and what stands on pages about one thing.
func sampleForm(shell components.Shell) templ.Component {
	errs := fault.Fields{{Path: "email", Message: "Write an address with a domain, such as amara@northwind.example."}}
	confirm := components.Confirm{ID: "delete", Title: "Delete Amara Haddad?", Text: "The contact and its history go for good.", Act: "Delete 1 contact", Action: "/picked"}
	return with(components.Layout(shell),
		with(components.PageHead(components.Head{Title: "Amara Haddad", Sub: "Head of Talent at Northwind Robotics", Back: components.Link{Name: "Contacts", URL: "/contacts"}}),
			components.ConfirmButton(confirm, "Delete", "danger")),
		components.ErrorSummary(errs),
		components.Tabs("About this contact", []components.Tab{{Name: "History", URL: "/form", Current: true}, {Name: "Notes", URL: "/form?notes", Count: "2"}}),
		components.Path("Standing", []components.Step{{Name: "Contact", Note: "since 12 Oct 2025", State: "done"}, {Name: "User", State: "here", Note: "account since 3 Nov"}, {Name: "Approved"}}),
		markup(`<form class="card form" method="post" action="/picked">`),
		components.TextInput(components.Field{Name: "email", Label: "Address", Error: components.ErrorFor(errs, "email"), Hint: "Where invites go.", Required: true}, "amara", templ.Attributes{"type": "email"}),
		components.TextArea(components.Field{Name: "notes", Label: "Notes", Optional: true}, "", 3),
		components.Select(components.Field{Name: "owner", Label: "Owner"}, []components.Option{{Value: "1", Label: "Dana Whitfield"}, {Value: "2", Label: "Sam Ortiz"}}, "2"),
		components.Radios(components.Field{Name: "after", Label: "After signing up"}, []components.Option{{Value: "ask", Label: "Ask"}, {Value: "approve", Label: "Approve", Hint: "without looking"}}, "ask"),
		components.Check("jobs", "1", components.Option{Label: "Post jobs", Hint: "each is looked at first"}, true),
		components.LabelPicker(components.Field{Name: "label", Label: "Label"}, "", []string{"Fair 2026", "Alumni"}),
		components.CopyField(components.Field{Name: "token", Label: "Token"}, "bk_2f8a"),
		markup(`<div class="row"><button class="button strong">Save</button></div></form>`),
		with(components.Funnel([]components.FunnelStep{{Name: "Sent", N: 812, Of: 1265, Link: components.Link{Name: "Select these", URL: "/contacts"}}})),
		with(components.ProgressCard(components.Progress{ID: "sending", Label: "Sent", Done: 1, Total: 3, Text: "1 of 3 sent", Poll: "/progress?done=1"}), markup("You can close this page.")),
		with(components.EmptyState("No notes yet", "Write down what colleagues should know."), markup(`<a class="button" href="/form">Write a note</a>`)),
		with(components.Timeline(), with(components.TimelineItem(markup("9 Nov")), markup("Changed by import"))),
		with(components.Facts(""), with(components.Fact("Phone"), markup("+1 555 0142")), with(components.Fact("State"), components.State("good", "approved"))),
		with(components.Note("wait"), markup("Missing: a company.")),
		components.ConfirmDialog(confirm),
	)
}

// sampleSite serves the sample through the chain.
func sampleSite() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Default)
	mux.HandleFunc("GET /contacts", func(w http.ResponseWriter, r *http.Request) {
		shell := sampleShell("Contacts", "Contacts")
		shell.Flash = TakeFlash(w, r)
		Render(w, r, http.StatusOK, sampleList(shell, r.URL.Query()))
	})
	mux.HandleFunc("GET /form", func(w http.ResponseWriter, r *http.Request) {
		Render(w, r, http.StatusOK, sampleForm(sampleShell("Amara Haddad", "Contacts")))
	})
	mux.HandleFunc("GET /door", func(w http.ResponseWriter, r *http.Request) {
		Render(w, r, http.StatusOK, with(components.Door("Sign in"), markup(`<h1>Sign in</h1><form class="form" method="post" action="/picked" data-opened-url="/opened">`),
			components.TextInput(components.Field{Name: "email", Label: "Address"}, "", nil), markup(`<button class="button strong large">Send me a link</button></form>`)))
	})
	mux.HandleFunc("GET /progress", func(w http.ResponseWriter, r *http.Request) {
		done, _ := strconv.Atoi(r.URL.Query().Get("done"))
		p := components.Progress{ID: "sending", Label: "Sent", Done: done + 1, Total: 3, Text: fmt.Sprintf("%d of 3 sent", done+1)}
		if p.Done < p.Total {
			p.Poll = fmt.Sprintf("/progress?done=%d", p.Done)
		}
		Render(w, r, http.StatusOK, components.ProgressCard(p))
	})
	mux.HandleFunc("POST /picked", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		s := ParseSelection(r.PostForm)
		slices.Sort(s.IDs)
		slices.Sort(s.Except)
		Render(w, r, http.StatusOK, with(components.Door("Picked"), markup(`<p id="picked">%s [%s] %s [%s]</p>`, s.Mode, strings.Join(s.IDs, " "), templ.EscapeString(s.Filter), strings.Join(s.Except, " "))))
	})
	mux.HandleFunc("POST /invite", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sheet := sampleDialog(ParseSelection(r.PostForm))
		if !Partial(r) {
			sheet = with(components.Layout(sampleShell("Invite", "Contacts")), markup(`<section class="dialog">`), sheet, markup(`</section>`))
		}
		Render(w, r, http.StatusOK, sheet)
	})
	mux.HandleFunc("POST /delete", func(w http.ResponseWriter, r *http.Request) {
		SetFlash(w, r, components.Flash{Kind: "good", Text: "3 contacts deleted", Done: true})
		Redirect(w, r, "/contacts")
	})
	mux.HandleFunc("/", NotFound)
	return Chain(mux, Options{BaseURL: "http://localhost"})
}
