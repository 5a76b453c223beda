package invites

import (
	"strings"

	"beckon/internal/invite"
)

// name is whom an invite is for; an erased contact has none any more.
func name(i invite.Invite) string {
	full := strings.TrimSpace(i.FirstName + " " + i.LastName)
	if full == "" {
		return "Deleted contact"
	}
	return full
}

// state is the kind and word of an invite's mark; one that is tried again says when.
func (v bulkView) state(i invite.Invite) (kind, word string) {
	words := stateWords[i.State]
	if i.State == invite.Deferred && !i.DueAt.IsZero() {
		return words[0], "Retry " + v.when(i.DueAt)
	}
	return words[0], words[1]
}

// lastWord is the latest that is known about an invite.
func (v bulkView) lastWord(i invite.Invite) string {
	switch {
	case i.State == invite.Skipped:
		return skipWords(invite.Reason(i.Reason), v.Institution.QuietDays)
	case !i.AcceptedAt.IsZero():
		return "accepted " + v.when(i.AcceptedAt)
	case i.State == invite.Bounced || i.State == invite.Failed || i.State == invite.Deferred:
		return i.Reply
	case !i.OpenedAt.IsZero():
		return "visited " + v.when(i.OpenedAt)
	case !i.SentAt.IsZero() && i.Variant == invite.Connect && !i.ApprovedAt.IsZero():
		return "connected on sending"
	case !i.SentAt.IsZero():
		return "sent " + v.when(i.SentAt)
	}
	return i.Reply
}
