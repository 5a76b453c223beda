package invite

import (
	"beckon/internal/contact"
	"beckon/internal/db"
)

// Unanswered is whom a bulk invite has asked in vain so far: its invite was sent, neither
// accepted nor returned, the address is not suppressed, and the contact is not approved in
// another way. As a filter it selects them for any act, now and later.
func Unanswered(bulkID int64) contact.Filter {
	return ofBulk(bulkID).With("invite_state", string(Sent)).With("suppressed", "no").With("standing", "contact", "user", "member", "blocked")
}

// Reached is whom a bulk invite has brought so far: what is one of "sent", "delivered",
// "opened", "accepted" and "approved".
func Reached(bulkID int64, what string) contact.Filter {
	return ofBulk(bulkID).With("invite_reached", what)
}

// InState is the contacts whose invite of a bulk invite is in the state.
func InState(bulkID int64, state State) contact.Filter {
	return ofBulk(bulkID).With("invite_state", string(state))
}

func ofBulk(id int64) contact.Filter {
	return contact.Filter{}.With("bulk_invite", db.FormatID(id)).With("archived", "any")
}
