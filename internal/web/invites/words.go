package invites

import (
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/invite"
	"beckon/internal/web/components"
)

// bulkWords are a bulk invite's states as people read them: the kind of the mark, the word.
var bulkWords = map[string][2]string{
	invite.BulkPreparing: {"now", "Preparing"},
	invite.BulkSending:   {"now", "Sending"},
	invite.BulkPaused:    {"wait", "Paused"},
	invite.BulkSent:      {"good", "Sent"},
	invite.BulkCancelled: {"", "Cancelled"},
	invite.BulkFailed:    {"bad", "Failed"},
}

var stateWords = map[invite.State][2]string{
	invite.Queued:    {"", "Queued"},
	invite.Sending:   {"now", "Sending"},
	invite.Sent:      {"now", "Sent"},
	invite.Deferred:  {"wait", "Deferred"},
	invite.Bounced:   {"bad", "Bounced"},
	invite.Failed:    {"bad", "Failed"},
	invite.Skipped:   {"", "Skipped"},
	invite.Cancelled: {"", "Cancelled"},
	invite.Accepted:  {"good", "Accepted"},
}

var variantWords = map[invite.Variant]string{
	invite.CreateAccount: "Create account",
	invite.JoinCompany:   "Join company",
	invite.Connect:       "Connect",
}

var variantTones = map[invite.Variant]string{invite.CreateAccount: "accent", invite.JoinCompany: "teal", invite.Connect: "good"}

// skipWords say why somebody is not sent to; the quiet days are the institution's own.
func skipWords(r invite.Reason, quietDays int) string {
	switch r {
	case invite.Archived:
		return "archived"
	case invite.InvalidEmail:
		return "address cannot receive mail"
	case invite.Suppressed:
		return "unsubscribed, bounced or stopped by staff"
	case invite.Blocked:
		return "company blocked here"
	case invite.AlreadyApproved:
		return "approved here already"
	case invite.RecentlyInvited:
		return "invited in the last " + components.Count(quietDays, "day", "days") + ", or about to be"
	case invite.Erased:
		return "deleted since"
	}
	return string(r)
}

// said tells a selection in words for people, and the filter that shows it in Contacts, ""
// for chosen ones.
func said(stored string, zone *time.Location) (words, query string, byFilter bool) {
	sel, err := contact.ParseSelection([]byte(stored), zone)
	switch {
	case err != nil:
		return "a selection", "", false
	case sel.IDs != nil:
		return components.Count(len(sel.IDs), "chosen contact", "chosen contacts"), "", false
	}
	var parts []string
	for _, s := range sel.Filter.Sentences(nil) {
		parts = append(parts, s.Text())
	}
	words = strings.Join(parts, ", ")
	if words == "" {
		words = "All contacts"
	}
	if n := len(sel.Except); n > 0 {
		words += ", less " + components.Num(n)
	}
	return words, sel.Filter.Query(), true
}

// title names a bulk invite: by its label, or by its day.
func (d desk) title(b invite.Bulk) string {
	if b.Label != "" {
		return b.Label
	}
	return "Bulk invite of " + b.CreatedAt.In(d.Institution.Location()).Format("2006-01-02")
}
