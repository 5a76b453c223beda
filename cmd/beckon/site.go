package main

import (
	"net/http"

	"beckon/internal/api"
	"beckon/internal/telemetry"
	"beckon/internal/web"
	"beckon/internal/web/account"
	"beckon/internal/web/approvals"
	"beckon/internal/web/assets"
	"beckon/internal/web/contacts"
	"beckon/internal/web/devmail"
	"beckon/internal/web/firststeps"
	"beckon/internal/web/help"
	"beckon/internal/web/imports"
	"beckon/internal/web/insights"
	"beckon/internal/web/interviews"
	"beckon/internal/web/invites"
	"beckon/internal/web/jobs"
	"beckon/internal/web/labels"
	"beckon/internal/web/landing"
	"beckon/internal/web/recruit"
	"beckon/internal/web/reports"
	"beckon/internal/web/roster"
	staffsettings "beckon/internal/web/settings"
	"beckon/internal/web/signin"
	"beckon/internal/web/students"
	"beckon/internal/web/visit"
)

// mailboxPath is where kept messages are shown.
const mailboxPath = "/dev/mailbox"

// site is all that the server answers: probes, the API, files and pages.
func (b *Beckon) site(ready *readiness) http.Handler {
	mux := b.probes(ready)
	count := b.Metrics.Requests()
	mux.Handle("GET "+assets.Prefix, count(assets.Default))
	mux.Handle(api.Prefix+"/", ready.guard(telemetry.Numbered(count(api.New(api.Deps{
		DB: b.DB, Now: b.Now, Accounts: b.Accounts, Institutions: b.Institutions, Book: b.Book, Imports: b.Imports, Invites: b.Invites, Explores: b.Explores,
		Companies: b.Companies, Recruiting: b.Recruiting, Jobs: b.Jobs, Interviews: b.Interviews, Students: b.Students, StudentImports: b.StudentImports,
		BaseURL: b.Config.BaseURL, RequestsPerSecond: b.Config.APIRate,
	})))))
	mux.Handle("/", ready.guard(b.pages(count)))
	return mux
}

// pages is everything that people see. count surrounds what chooses among the pages, where
// the pattern of each request is known.
func (b *Beckon) pages(count func(http.Handler) http.Handler) http.Handler {
	mux := http.NewServeMux()
	book := &contacts.Pages{Book: b.Book, Institutions: b.Institutions, Companies: b.Companies, Recruiting: b.Recruiting, Guides: b.Guides, Now: b.Now, Wake: b.Acts.Wake}
	visits := &visit.Visits{Accounts: b.Accounts, Institutions: b.Institutions, Companies: b.Companies, Now: b.Now,
		StaffCounts: b.staffCounts, StaffViews: book.NavViews, RecruiterCounts: b.recruiterCounts, StudentCounts: b.studentCounts}
	signIn := &signin.Pages{Accounts: b.Accounts, Visits: visits}
	if b.Kept != nil {
		(&devmail.Pages{Kept: b.Kept, Now: b.Now, BaseURL: b.Config.BaseURL}).Routes(mux)
		signIn.Mailbox = mailboxPath
	}
	signIn.Routes(mux)
	(&account.Pages{Accounts: b.Accounts, Now: b.Now}).Routes(mux)
	(&landing.Pages{Accounts: b.Accounts, Invites: b.Invites, Visits: visits}).Routes(mux)
	(&recruit.Pages{Accounts: b.Accounts, Companies: b.Companies, Recruiting: b.Recruiting, Jobs: b.Jobs, Students: b.Students, FollowUp: b.Invites.FollowUp, Now: b.Now}).Routes(mux)
	(&students.Pages{Students: b.Students, Jobs: b.Jobs, Interviews: b.Interviews, Companies: b.Companies, Now: b.Now}).Routes(mux)
	book.Routes(mux)
	(&insights.Pages{Explores: b.Explores, Book: b.Book, Institutions: b.Institutions, Guides: b.Guides, Now: b.Now, BaseURL: b.Config.BaseURL}).Routes(mux)
	(&roster.Pages{Students: b.Students, Now: b.Now}).Routes(mux)
	(&reports.Pages{Students: b.Students, Now: b.Now}).Routes(mux)
	(&imports.Pages{Subject: imports.Students, Imports: b.StudentImports, Now: b.Now, Wake: b.Acts.Wake}).Routes(mux)
	(&labels.Pages{Book: b.Book}).Routes(mux)
	(&imports.Pages{Subject: imports.Contacts, Imports: b.Imports, Book: b.Book, Now: b.Now, Wake: b.Acts.Wake}).Routes(mux)
	(&invites.Pages{Invites: b.Invites, Book: b.Book, Institutions: b.Institutions, Now: b.Now}).Routes(mux)
	(&approvals.Pages{Recruiting: b.Recruiting, DB: b.DB, Now: b.Now}).Routes(mux)
	(&jobs.Pages{Jobs: b.Jobs, Now: b.Now}).Routes(mux)
	(&interviews.Pages{Interviews: b.Interviews, DB: b.DB, Now: b.Now}).Routes(mux)
	(&staffsettings.Pages{DB: b.DB, Institutions: b.Institutions, Accounts: b.Accounts, Invites: b.Invites, Guides: b.Guides, Now: b.Now}).Routes(mux)
	(&firststeps.Pages{Guides: b.Guides}).Routes(mux)
	help.Pages{}.Routes(mux)
	mux.HandleFunc("/", web.NotFound)
	return web.Chain(visits.Middleware(count(mux)), web.Options{BaseURL: b.Config.BaseURL, CrossOrigin: []string{"POST /u/{token}"}})
}
