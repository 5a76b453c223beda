package e2e

import (
	"strings"
	"testing"
)

// rule says who may use the pages, or the operations of the API, that begin so. What is no
// permission of staff at the institution is one of the words below.
type rule struct{ prefix, need string }

const (
	byAnybody  = "anybody"     // whoever looks
	byLink     = "link holder" // who has the link, which nobody guesses: it may lead nowhere
	byNobody   = "nobody"      // there only without a mail server
	bySignedIn = "signed in"   // whoever has an account
	byStudent  = "student"     // students of the institution
	byEmployer = "employer"    // people of companies, with what is their company's
	byGate     = "gate"        // who may recruit at the institution
)

// pageRules are those of pages and forms; the longest beginning counts. A page that none
// covers fails the test: say here who may see it.
var pageRules = []rule{
	{"GET /at/{slug}/{$}", "read"},
	{"GET /at/{slug}/contacts", "read"},
	{"GET /at/{slug}/contacts/new", "contacts"},
	{"GET /at/{slug}/contacts/{id}/edit", "contacts"},
	{"POST /at/{slug}/contacts/", "contacts"},
	{"POST /at/{slug}/contacts/export", "read"},
	{"POST /at/{slug}/bulk/", "contacts"},
	{"GET /at/{slug}/acts/", "read"},
	{"POST /at/{slug}/acts/", "contacts"},
	{"GET /at/{slug}/views", "read"},
	{"POST /at/{slug}/views", "contacts"},
	{"GET /at/{slug}/labels", "read"},
	{"POST /at/{slug}/labels", "contacts"},
	{"GET /at/{slug}/imports", "read"},
	{"GET /at/{slug}/imports/new", "contacts"},
	{"POST /at/{slug}/imports/", "contacts"},
	{"GET /at/{slug}/insights", "read"},
	{"POST /at/{slug}/insights/saved", "contacts"},
	{"GET /at/{slug}/invites", "read"},
	{"GET /at/{slug}/invites/{id}/schedule", "invite"},
	{"GET /at/{slug}/invites/{id}/again", "invite"},
	{"POST /at/{slug}/invites", "invite"},
	{"GET /at/{slug}/approvals", "read"},
	{"GET /at/{slug}/employers", "read"},
	{"POST /at/{slug}/employers/", "review"},
	{"GET /at/{slug}/jobs", "read"},
	{"POST /at/{slug}/jobs/", "review"},
	{"GET /at/{slug}/interviews", "read"},
	{"POST /at/{slug}/interviews/calendar", "read"},
	{"POST /at/{slug}/interviews/{id}/", "review"},
	{"GET /at/{slug}/students", "read"},
	{"GET /at/{slug}/students/imports/new", "contacts"},
	{"POST /at/{slug}/students/", "contacts"},
	{"GET /at/{slug}/messages", "review"},
	{"POST /at/{slug}/messages/", "review"},
	{"GET /at/{slug}/settings", "read"},
	{"GET /at/{slug}/settings/tokens", "people"},
	{"POST /at/{slug}/settings", "settings"},
	{"POST /at/{slug}/settings/staff", "people"},
	{"POST /at/{slug}/settings/tokens", "people"},
	{"POST /at/{slug}/settings/suppressed", "contacts"},
	{"POST /at/{slug}/guide/", "settings"},
	{"POST /at/{slug}/guide/steps/", "read"},

	{"GET /student/{slug}/", byStudent},
	{"POST /student/{slug}/", byStudent},

	{"GET /recruit/{$}", byAnybody},
	{"GET /recruit/company", bySignedIn},
	{"POST /recruit/company", bySignedIn},
	{"POST /recruit/company/people/", byEmployer},
	{"GET /recruit/institutions", bySignedIn},
	{"POST /recruit/institutions/", bySignedIn},
	{"GET /recruit/jobs", byEmployer},
	{"POST /recruit/jobs", byGate},
	{"POST /recruit/jobs/", byEmployer},
	{"GET /recruit/interviews", byEmployer},
	{"POST /recruit/interviews", byGate},
	{"POST /recruit/interviews/", byEmployer},
	{"GET /recruit/students", byEmployer},
	{"GET /recruit/messages", byEmployer},
	{"POST /recruit/messages", byGate},
	{"POST /recruit/messages/new", byGate},
	{"POST /recruit/messages/{id}", byEmployer},

	{"GET /account", bySignedIn},
	{"POST /account/", bySignedIn},
	{"POST /sign-out", byAnybody},
	{"GET /{$}", byAnybody},
	{"GET /sign-in", byAnybody},
	{"POST /sign-in", byAnybody},
	{"GET /sign-up", byAnybody},
	{"POST /sign-up", byAnybody},
	{"GET /help", byAnybody},
	{"GET /help/pictures/", byLink},
	{"GET /sign-in/{token}", byLink},
	{"POST /sign-in/{token}", byLink},
	{"GET /sign-up/{token}", byLink},
	{"POST /sign-up/{token}", byLink},
	{"GET /verify/", byLink},
	{"POST /verify/", byLink},
	{"GET /i/", byLink},
	{"POST /i/", byLink},
	{"GET /u/", byLink},
	{"POST /u/", byLink},
	{"GET /calendar/", byLink},
	{"GET /appointment/", byLink},
	{"GET /dev/mailbox", byNobody},
}

// pageKinds say what an {id} of a page names, by what stands before it. What belongs to the
// network, anybody may name.
var pageKinds = map[string]string{
	"/at/{slug}/contacts/": "contact", "/at/{slug}/acts/": "act", "/at/{slug}/views/": "view", "/at/{slug}/labels/": "label",
	"/at/{slug}/imports/": "import", "/at/{slug}/insights/saved/": "explore", "/at/{slug}/invites/": "bulk invite",
	"/at/{slug}/employers/": "company", "/at/{slug}/jobs/": "job", "/at/{slug}/interviews/": "interview",
	"/at/{slug}/students/": "student", "/at/{slug}/students/imports/": "student import", "/at/{slug}/messages/": "report",
	"/at/{slug}/settings/staff/": "staff", "/at/{slug}/settings/tokens/": "token",
	"/student/{slug}/jobs/": "job", "/student/{slug}/interviews/": "interview", "/student/{slug}/messages/": "thread",
	"/recruit/company/people/": "membership", "/recruit/institutions/": "institution", "/recruit/jobs/": "job",
	"/recruit/interviews/": "interview", "/recruit/messages/": "thread",
	"/account/sessions/": "session", "/account/tokens/": "user token",
	"/dev/mailbox/": "mail",
}

// sharedKinds are the kinds of things that belong to the network.
var sharedKinds = []string{"company", "institution"}

// personalKinds are the kinds of things that a person has, not the institution.
var personalKinds = []string{"view", "explore"}

// othersKinds are the kinds of things that are another person's for every visitor.
var othersKinds = []string{"session", "user token"}

// apiRules are those of the API's operations: which scope a token of an institution needs, and which one of an
// employer's user, "" where no such token will do.
var apiRules = []struct{ prefix, staff, employer string }{
	{"GET /acts/", "read", ""},
	{"GET /audit-events", "read", ""},
	{"GET /bulk-invites", "read", ""},
	{"POST /bulk-invites", "invite", ""},
	{"GET /contacts", "read", ""},
	{"POST /contacts", "contacts", ""},
	{"PATCH /contacts/", "contacts", ""},
	{"DELETE /contacts/", "contacts", ""},
	{"GET /employers", "read", ""},
	{"POST /employers/", "review", ""},
	{"GET /insights/", "read", ""},
	{"POST /insights/contacts/query", "read", ""},
	{"POST /insights/explores", "settings", ""},
	{"DELETE /insights/explores/", "settings", ""},
	{"GET /institutions", "", "read"},
	{"POST /institutions/", "", "recruit"},
	{"GET /interview-requests", "read", "read"},
	{"POST /interview-requests", "", "recruit"},
	{"POST /interview-requests/{id}/approve", "review", ""},
	{"POST /interview-requests/{id}/decline", "review", ""},
	{"POST /interview-requests/{id}/propose", "review", ""},
	{"POST /interview-requests/{id}/move", "review", ""},
	{"POST /interview-requests/{id}/cancel", "review", "recruit"},
	{"GET /jobs", "read", "read"},
	{"POST /jobs", "", "recruit"},
	{"POST /jobs/{id}/", "review", ""},
	{"GET /labels", "read", ""},
	{"POST /labels", "contacts", ""},
	{"PATCH /labels/", "contacts", ""},
	{"DELETE /labels/", "contacts", ""},
	{"GET /me", "", "read"},
	{"GET /message-counts", "review", ""},
	{"GET /message-reports", "review", ""},
	{"POST /message-reports/", "review", ""},
	{"GET /messages", "", "read"},
	{"POST /messages", "", "recruit"},
	{"GET /students", "read", "read"},
	{"GET /students/{id}", "read", ""},
	{"DELETE /students/", "contacts", ""},
	{"GET /students/imports", "read", ""},
	{"POST /students/imports", "contacts", ""},
}

// apiKinds are pageKinds for the API.
var apiKinds = map[string]string{
	"/acts/": "act", "/bulk-invites/": "bulk invite", "/contacts/": "contact", "/contacts/imports/": "import", "/employers/": "company",
	"/insights/explores/": "explore", "/institutions/": "institution", "/interview-requests/": "interview", "/jobs/": "job",
	"/labels/": "label", "/message-reports/": "report", "/messages/": "thread", "/students/": "student", "/students/imports/": "student import",
}

// longest finds the entry whose beginning of the text is the longest, -1 for none.
func longest(n int, prefix func(int) string, text string) int {
	best := -1
	for i := range n {
		if strings.HasPrefix(text, prefix(i)) && (best < 0 || len(prefix(i)) > len(prefix(best))) {
			best = i
		}
	}
	return best
}

// needOf is what a page needs.
func needOf(t *testing.T, r route) string {
	t.Helper()
	i := longest(len(pageRules), func(i int) string { return pageRules[i].prefix }, r.method+" "+r.path)
	if i < 0 {
		t.Errorf("%s %s: tell this test who may see it", r.method, r.path)
		return byAnybody
	}
	return pageRules[i].need
}

// kindOf is what the first {id} of a path names, "" without one.
func kindOf(t *testing.T, kinds map[string]string, path, id string) string {
	t.Helper()
	before, _, ok := strings.Cut(path, id)
	if !ok {
		return ""
	}
	if kinds[before] == "" {
		t.Errorf("%s: tell this test what the id names", path)
	}
	return kinds[before]
}
