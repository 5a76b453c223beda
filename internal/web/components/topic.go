package components

import (
	"context"
	"strings"
)

// topics are the pages of help by what they speak of: a side of Beckon (staff's, recruiters',
// students', or none) and the first part of an address there.
var topics = map[string]Link{
	"/at/contacts":            {"Contacts and users", "/help/contacts-and-users"},
	"/at/views":               {"Labels", "/help/labels#filtering"},
	"/at/labels":              {"Labels", "/help/labels"},
	"/at/acts":                {"Labels", "/help/labels#giving-and-taking"},
	"/at/imports":             {"Importing", "/help/importing"},
	"/at/invites":             {"Past bulk invites", "/help/past-bulk-invites"},
	"/at/invites/new":         {"Inviting", "/help/inviting"},
	"/at/approvals":           {"Approvals", "/help/approvals"},
	"/at/employers":           {"Approvals", "/help/approvals#approve-decline-block"},
	"/at/jobs":                {"Approvals", "/help/approvals#jobs"},
	"/at/interviews":          {"Interviews", "/help/interviews#for-staff"},
	"/at/students":            {"For students", "/help/for-students"},
	"/at/messages":            {"Messages", "/help/messages#for-staff"},
	"/at/insights":            {"Explore", "/help/explore"},
	"/at/settings":            {"Roles", "/help/roles"},
	"/at/settings/suppressed": {"Inviting", "/help/inviting#who-is-skipped"},
	"/at/settings/tokens":     {"Roles", "/help/roles#api-tokens"},
	"/at/settings/audit":      {"Roles", "/help/roles#the-audit-log"},
	"/recruit/institutions":   {"Getting approved", "/help/getting-approved"},
	"/recruit/company":        {"Getting approved", "/help/getting-approved"},
	"/recruit/jobs":           {"Getting approved", "/help/getting-approved#what-you-can-do-when"},
	"/recruit/interviews":     {"Interviews", "/help/interviews#for-recruiters"},
	"/recruit/students":       {"Messages", "/help/messages#for-recruiters"},
	"/recruit/messages":       {"Messages", "/help/messages#for-recruiters"},
	"/student/jobs":           {"For students", "/help/for-students"},
	"/student/interviews":     {"Interviews", "/help/interviews#for-students"},
	"/student/messages":       {"Messages", "/help/messages#for-students"},
	"/student/blocked":        {"Messages", "/help/messages#for-students"},
	"/student/profile":        {"For students", "/help/for-students#what-recruiters-see"},
	"/i":                      {"You got an invite", "/help/invited"},
	"/u":                      {"You got an invite", "/help/invited#not-you-or-no-more-of-these"},
}

// Topics are the pages of help that TopicAt leads to, each by its title.
func Topics() (all []Link) {
	for _, t := range topics {
		all = append(all, t)
	}
	return all
}

// TopicAt is the page of help that speaks of what stands at a path of the site, the zero Link
// where none does.
func TopicAt(path string) Link {
	side, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if side == "at" || side == "student" { // the institution comes next
		_, rest, _ = strings.Cut(rest, "/")
	} else if side != "recruit" {
		return topics["/"+side]
	}
	if t, ok := topics["/"+side+"/"+rest]; ok {
		return t
	}
	area, _, _ := strings.Cut(rest, "/")
	return topics["/"+side+"/"+area]
}

type topicKey struct{}

// WithTopic lets what is rendered with the context know the page of help for a path.
func WithTopic(ctx context.Context, path string) context.Context {
	return context.WithValue(ctx, topicKey{}, TopicAt(path))
}

// Topic is the page of help that speaks of the page being rendered; see WithTopic.
func Topic(ctx context.Context) Link {
	t, _ := ctx.Value(topicKey{}).(Link)
	return t
}
