// Package help holds the pages that explain Beckon, to everybody: what contacts and users
// can do, how inviting works, what an invited person may expect.
package help

import (
	"net/http"

	"beckon/internal/web"
	"github.com/a-h/templ"
)

// topic is one page of help.
type topic struct {
	name, title, about string
	text               func() templ.Component
}

// topics are all pages of help, in the order of the list.
var topics = []topic{
	{"invited", "You got an invite", "For recruiters: who wrote to you, what the button does, how to stop these mails.", invited},
	{"getting-approved", "Getting approved", "For recruiters: from an account to a company to recruiting at an institution.", gettingApproved},
	{"contacts-and-users", "Contacts and users", "What each can do, how one becomes the other, and what the standings mean.", contactsAndUsers},
	{"inviting", "Inviting", "For staff: from a selection in the list to approved recruiters.", inviting},
	{"labels", "Labels", "For staff: mark contacts, and find them again.", labels},
	{"imports", "Imports", "For staff: bring an address book from a file.", imports},
	{"approvals", "Approvals", "For staff: decide which companies recruit here.", approvals},
}

// Pages are the pages of this package.
type Pages struct{}

// Routes adds the pages to mux.
func (Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /help", index)
	mux.HandleFunc("GET /help/{page}", show)
}

func index(w http.ResponseWriter, r *http.Request) {
	web.Render(w, r, http.StatusOK, indexPage())
}

func show(w http.ResponseWriter, r *http.Request) {
	for _, t := range topics {
		if t.name == r.PathValue("page") {
			web.Render(w, r, http.StatusOK, topicPage(t))
			return
		}
	}
	web.NotFound(w, r)
}
