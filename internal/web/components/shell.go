// Package components holds the parts that Beckon's pages are made of: layouts, tables,
// forms, dialogs. A part takes plain values and knows nothing of the domain or of requests,
// so that every page can use it. Pages may not carry style attributes or scripts (the
// Content-Security-Policy forbids both); what they need of either belongs in assets/src.
package components

import (
	"strings"

	"github.com/a-h/templ"
)

// Shell is what surrounds a page: which page it is, where it is and who looks at it. Build
// one for each request and pass it to Layout, RecruiterLayout or StudentLayout.
type Shell struct {
	// Title stands in the browser's tab.
	Title string
	// Section is the entry of the navigation that the page belongs to, by its label.
	Section string
	// Base is put before every path of the navigation; "" when pages live at the root.
	Base string
	// Institution is the name of the institution; on the recruiter's side, of the company
	// ("" before there is one).
	Institution string
	UserName    string
	// Role is the person's role there, in the words of the product.
	Role   string
	Counts Counts
	// Reviews tells that a staff member may look after employers and messages.
	Reviews bool
	// Views are the saved views of the staff member, in the navigation.
	Views []NavView
	// Others are the other places this person may go to: institutions, their company.
	Others []Link
	// Flash is a message about what was just done; nil for none.
	Flash *Flash
}

// Counts stand in the navigation; zeros are left out. Contacts is how many there are, as is
// Jobs on a recruiter's or a student's side; the others are what waits for somebody.
type Counts struct {
	Contacts, Approvals, Jobs int
	// Invites is bulk invites that wait for a person.
	Invites int
	// Interviews waits for a decision; for a student it is how many are coming.
	Interviews int
	// Messages is unread conversations; for staff, reports.
	Messages int
}

// NavView is one saved view of the navigation. Count is left out when negative.
type NavView struct {
	Name, URL string
	Count     int
	Current   bool
}

// Link is a place to go to, by name.
type Link struct {
	Name, URL string
}

// Flash is a message about what was just done. Kind is "good", "wait" or "bad". Done says
// that the act used up the selection of the list, which is then emptied. Link is what to do
// next; its Name is "" for none.
type Flash struct {
	Kind string
	Text string
	Link Link
	Done bool
}

type navEntry struct {
	label, path string
	count       int
	due, hidden bool
}

func (s Shell) staffEntries() []navEntry {
	return []navEntry{
		{label: "Contacts", path: "/contacts", count: s.Counts.Contacts},
		{label: "Invites", path: "/invites", count: s.Counts.Invites, due: true},
		{label: "Approvals", path: "/approvals", count: s.Counts.Approvals, due: true},
		{label: "Employers", path: "/employers"},
		{label: "Jobs", path: "/jobs", count: s.Counts.Jobs, due: true},
		{label: "Interviews", path: "/interviews", count: s.Counts.Interviews, due: true},
		{label: "Students", path: "/students"},
		{label: "Messages", path: "/messages", count: s.Counts.Messages, due: true, hidden: !s.Reviews},
		{label: "Insights", path: "/insights"},
	}
}

func (s Shell) recruiterEntries() []navEntry {
	return []navEntry{
		{label: "Institutions", path: "/institutions"},
		{label: "Jobs", path: "/jobs", count: s.Counts.Jobs},
		{label: "Interviews", path: "/interviews", count: s.Counts.Interviews, due: true},
		{label: "Students", path: "/students"},
		{label: "Messages", path: "/messages", count: s.Counts.Messages, due: true},
		{label: "Company", path: "/company", count: s.Counts.Approvals, due: true},
	}
}

func (s Shell) studentEntries() []navEntry {
	return []navEntry{
		{label: "Jobs", path: "/jobs", count: s.Counts.Jobs},
		{label: "Interviews", path: "/interviews", count: s.Counts.Interviews, due: true},
		{label: "Messages", path: "/messages", count: s.Counts.Messages, due: true},
		{label: "What recruiters see", path: "/profile"},
	}
}

// current gives the attribute that marks where one is, in the page and for screen readers.
func current(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// place names where one is, also for somebody who has no company yet.
func (s Shell) place() string {
	if s.Institution == "" {
		return "Your account"
	}
	return s.Institution
}

// shortName is the first name and the last one's initial: the navigation is narrow.
func shortName(full string) string {
	first, rest, found := strings.Cut(strings.TrimSpace(full), " ")
	if !found {
		return first
	}
	last := []rune(rest[strings.LastIndex(rest, " ")+1:])
	return first + " " + string(last[:1]) + "."
}

// shortcut is what keys do; staff says that they do it on staff's pages alone.
type shortcut struct {
	keys  []string
	does  string
	staff bool
}

var shortcutList = []shortcut{
	{[]string{"/"}, "search", false},
	{[]string{"j", "k"}, "next row, row before", false},
	{[]string{"x"}, "tick the row", false},
	{[]string{"Enter"}, "open the row", false},
	{[]string{"i"}, "invite the selected contacts", true},
	{[]string{"a", "d"}, "approve, decline", true},
	{[]string{"Esc"}, "close what is open", false},
	{[]string{"?"}, "this list", false},
}
