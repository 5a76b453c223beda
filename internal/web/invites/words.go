package invites

import (
	"context"
	"strings"

	"beckon/internal/contact"
	"beckon/internal/invite"
	"beckon/internal/web/components"
	"beckon/internal/web/filterbar"
)

// bulkWords are a bulk invite's states as people read them: the kind of the mark, the word.
var bulkWords = map[string][2]string{
	invite.BulkScheduled: {"wait", "Scheduled"},
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

// origin is the selection that a bulk invite was made of, in words for people. Filter shows
// it in Contacts; chosen contacts have none.
type origin struct {
	Words    string
	Filter   contact.Filter
	ByFilter bool
}

// origins tells where each of the bulk invites comes from.
func (p *Pages) origins(ctx context.Context, d desk, bulks ...invite.Bulk) ([]origin, error) {
	selections := make([]*contact.Selection, len(bulks))
	var named []string
	for i, b := range bulks {
		if sel, err := contact.ParseSelection([]byte(b.Selection), d.Institution.Location()); err == nil {
			selections[i] = &sel
			named = append(named, sel.Filter.Values()["bulk_invite"]...)
		}
	}
	staff, err := p.Institutions.Staff(ctx, d.Scope)
	if err != nil {
		return nil, err
	}
	names, err := p.Book.BulkInviteNames(ctx, d.Scope, named)
	if err != nil {
		return nil, err
	}
	all := make([]origin, len(bulks))
	for i, sel := range selections {
		all[i] = said(sel, filterbar.Names(staff, names))
	}
	return all, nil
}

// said tells one selection; nil is one that cannot be read any more.
func said(sel *contact.Selection, name func(word, value string) string) origin {
	switch {
	case sel == nil:
		return origin{Words: "a selection"}
	case sel.IDs != nil:
		return origin{Words: components.Count(len(sel.IDs), "chosen contact", "chosen contacts")}
	}
	var parts []string
	for _, s := range sel.Filter.Sentences(name) {
		parts = append(parts, s.Text())
	}
	words := strings.Join(parts, ", ")
	if words == "" {
		words = "All contacts"
	}
	if n := len(sel.Except); n > 0 {
		words += ", less " + components.Num(n)
	}
	return origin{Words: words, Filter: sel.Filter, ByFilter: true}
}

// title names a bulk invite: by its label, or by its day.
func (d desk) title(b invite.Bulk) string {
	if b.Label != "" {
		return b.Label
	}
	return "Bulk invite of " + b.CreatedAt.In(d.Institution.Location()).Format("2006-01-02")
}
