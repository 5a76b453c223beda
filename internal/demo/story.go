package demo

import (
	"context"
	"errors"
	"net/url"
	"time"

	"beckon/internal/account"
	"beckon/internal/audit"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/posting"
)

// operator sets things up, as the command line does.
var operator = audit.Actor{Kind: audit.System, Name: "demo"}

// ownerEmail is the address of Elm University's owner.
const ownerEmail = "dana.whitfield@elm.example"

// founders is how many companies are on Beckon before Elm University invites anybody.
const founders = 150

// begin plans what does not follow from anything else.
func (w *world) begin() {
	w.plan(w.ago(340), "open institutions", w.openInstitutions)
	for i, f := range w.firms[:founders] {
		w.plan(w.ago(w.days(200, 330)), "found "+f.name, func(ctx context.Context) error { return w.found(ctx, f, i) })
	}
	w.importFile(300, "old-system.csv", w.people[:3200], false)
	w.importFile(170, "fair-2025.csv", w.people[3000:4300], false, "Fair 2025")
	w.importFile(40, "fair-2026.csv", w.people[4200:], true, "Fair 2026")
	w.plan(w.ago(90), "archive", w.archive)
	w.bulkInvite(150, "label=Fair+2025", notes[0])
	w.bulkInvite(118, "label=Finance&invite=never", notes[1])
	w.bulkInvite(96, "label=Health&invite=never", notes[1])
	w.bulkInvite(75, "label=Engineering&invite=never", notes[1])
	w.bulkInvite(48, "label=Media&invite=never", notes[2])
	w.bulkInvite(21, "label=Fair+2026&invite=never", notes[0])
	w.bulkInvite(2, "label=Advisory+board&invite=never", notes[2])
	w.plan(w.ago(.3), "schedule", w.scheduleInvite)
	w.plan(w.ago(30), "save views", w.saveViews)
	w.plan(w.ago(14), "save explores", w.saveExplores)
	w.planStudents()
	w.planMessages()
	w.planInterviews()
	w.plan(w.ago(5), "let newcomers act", w.newcomersAct)
	w.plan(w.ago(1), "ask to join the first company", func(ctx context.Context) error {
		return w.ask(ctx, w.firms[0], w.firms[0].people[2])
	})
}

func (w *world) openInstitutions(ctx context.Context) error {
	return errors.Join(
		w.open(ctx, w.elm, "Elm University", "elm", "Dana", "Whitfield"),
		w.open(ctx, w.oak, "Oak College", "oak", "Ruth", "Archer"),
		w.open(ctx, w.pine, "Pine Institute", "pine", "Ivo", "Marino"))
}

// open makes an institution with an owner and one person in each other role.
func (w *world) open(ctx context.Context, c *campus, name, slug, first, last string) (err error) {
	domain := slug + ".example"
	if c.Institution, err = w.institutions.Create(ctx, name, slug, "Europe/Copenhagen", "careers@"+domain, operator); err != nil {
		return err
	}
	system := institution.System(c.ID, operator.Name)
	for _, p := range []struct {
		role        institution.Role
		first, last string
	}{{institution.Owner, first, last}, {institution.Manager, "Maja", "Dahl"}, {institution.Coordinator, "Tom", "Ellis"},
		{institution.Reviewer, "Nora", "Flynn"}, {institution.Viewer, "Paul", "Grant"}} {
		u, err := w.accounts.Add(ctx, account.Person{Email: email(p.first, p.last, domain), FirstName: p.first, LastName: p.last}, operator)
		if err != nil {
			return err
		}
		if err := w.institutions.SetStaff(ctx, system, u.ID, p.role); err != nil {
			return err
		}
		scope, err := institution.Staff(ctx, w.DB, u.ID, c.ID)
		if err != nil {
			return err
		}
		switch p.role {
		case institution.Owner:
			c.owner, c.staff = u, scope
		case institution.Reviewer:
			c.reviewer = scope
		}
	}
	return nil
}

func email(first, last, domain string) string { return slug(first) + "." + slug(last) + "@" + domain }

// importFile plans the import of people into Elm's address book.
func (w *world) importFile(daysAgo float64, name string, people []*person, spoiled bool, labels ...string) {
	w.plan(w.ago(daysAgo), "import "+name, func(ctx context.Context) error {
		_, err := w.imports.Upload(ctx, w.elm.staff, name, file(people, spoiled), transfer.Options{Labels: labels, Confirm: true})
		if err != nil {
			return err
		}
		return w.acts.Drain(ctx)
	})
}

// filter reads a filter as the Contacts page has it in its address.
func (w *world) filter(query string) (contact.Filter, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return contact.Filter{}, err
	}
	return contact.ParseFilter(values, w.elm.Location())
}

func (w *world) archive(ctx context.Context) error {
	f, err := w.filter("label=Left+the+field")
	if err != nil {
		return err
	}
	_, err = w.book.Apply(ctx, w.elm.staff, contact.Selection{Filter: f}, contact.Bulk{Kind: contact.BulkArchive})
	return err
}

func (w *world) saveViews(ctx context.Context) error {
	for _, v := range []struct {
		name, query string
		shared      bool
	}{{"Fair 2026, not invited", "label=Fair+2026&invite=never", true}, {"Bounced", "invite=bounced", true}, {"Waiting for a company", "standing=user", false}} {
		f, err := w.filter(v.query)
		if err != nil {
			return err
		}
		if _, err := w.book.SaveView(ctx, w.elm.staff, v.name, f, v.shared); err != nil {
			return err
		}
	}
	return nil
}

// scheduleInvite confirms a bulk invite that goes out next week.
func (w *world) scheduleInvite(ctx context.Context) error {
	f, err := w.filter("label=Science&invite=never")
	if err != nil {
		return err
	}
	day := w.weekday(6)
	at := time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, day.Location())
	if _, err := w.invites.Confirm(ctx, w.elm.staff, invite.Order{Selection: contact.Selection{Filter: f}, Label: "Science autumn", Note: notes[1], ScheduledAt: at}); err != nil {
		return err
	}
	return w.acts.Drain(ctx)
}

func (w *world) saveExplores(ctx context.Context) error {
	for _, e := range []struct {
		name, query string
		shared      bool
	}{
		{"The two fairs compared", "label_any=Fair+2025&label_any=Fair+2026&dim=label&measure=contacts&measure=sent&measure=accepted&measure=approved&chart=bar", true},
		{"Where our best answers come from", "dim=company&measure=accepted&measure=sent&measure=acceptance_rate&reached=accepted&limit=20&chart=bar", true},
		{"Standing by month of the last invite", "dim=last_invited_month&pivot=standing&measure=contacts&reached=sent&sort=last_invited_month&chart=stacked", false},
	} {
		if _, err := w.explores.Save(ctx, w.elm.staff, e.name, e.query, e.shared); err != nil {
			return err
		}
	}
	return nil
}

// newcomersAct lets people whom Elm University does not know ask to recruit, post and write:
// they become its contacts by that.
func (w *world) newcomersAct(ctx context.Context) error {
	ada, err := w.accounts.Add(ctx, account.Person{Email: "ada.winter@harvestlane.example", FirstName: "Ada", LastName: "Winter"}, operator)
	if err != nil {
		return err
	}
	if _, err := w.companies.Create(ctx, ada.ID, company.New{Name: "Harvest Lane Studio", Website: "https://www.harvestlane.example"}); err != nil {
		return err
	}
	if _, err := w.recruiting.Request(ctx, ada.ID, w.elm.ID); err != nil {
		return err
	}
	f := w.firms[0]
	robin, err := w.newcomer(ctx, f, "Robin", "Vale")
	if err != nil {
		return err
	}
	if _, err := w.jobs.Post(ctx, robin.ID, posting.JobInput{Title: "Working student in the test lab", Description: "Ten hours a week beside your studies, in the lab where our machines are tried.",
		Location: cities[2], Kind: posting.Kinds[0], Institutions: []int64{w.elm.ID}}); err != nil {
		return err
	}
	june, err := w.newcomer(ctx, f, "June", "Marsh")
	if err != nil {
		return err
	}
	return w.write(ctx, june, "Two questions about your studies", "Hello,\n\nwe plan a project with your faculty. Could I ask you two questions about your courses?\n\nJune", 2)
}
