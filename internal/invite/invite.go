// Package invite turns contacts into approved recruiters. A bulk invite is one confirmed act
// on a frozen list of contacts; each contact's part in it is an invite, with one message and
// one state. The way of an invite: plan.go says what would happen, confirm.go fixes it,
// expand.go writes one row a contact, schedule.go lets it begin at its time, lease.go takes
// rows whose turn has come, send.go hands their messages (message.go, link.go) to the mail
// server, record.go commits what came of each, landing.go answers the person invited. What
// people see and do meanwhile: past.go, list.go, steer.go, unanswered.go.
package invite

import (
	"time"

	"beckon/internal/account"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/recruiting"
	"beckon/internal/secret"
)

// Variant is what the button of an invite does.
type Variant string

// The variants.
const (
	CreateAccount Variant = "create_account" // the address is unknown
	JoinCompany   Variant = "join_company"   // a user without an approved membership
	Connect       Variant = "connect"        // a user with one
)

// Variants lists all, in the order in which they are shown.
var Variants = []Variant{CreateAccount, JoinCompany, Connect}

// Reason is why a contact is not sent to.
type Reason string

// The reasons. A contact has one: the first that holds, in the order of Reasons.
const (
	Archived        Reason = "archived"
	InvalidEmail    Reason = "invalid_email"
	Suppressed      Reason = "suppressed"
	Blocked         Reason = "blocked"
	AlreadyApproved Reason = "already_approved"
	RecentlyInvited Reason = "recently_invited"
	// Erased is known only when the turn comes: the contact was deleted after the confirm.
	Erased Reason = "erased"
)

// Reasons lists those that a plan can give, in the order in which they are tried.
var Reasons = []Reason{Archived, InvalidEmail, Suppressed, Blocked, AlreadyApproved, RecentlyInvited}

// hardStops are the reasons that are read again when a contact's turn comes.
var hardStops = []Reason{Archived, Suppressed, Blocked, Erased}

// State is where an invite stands.
type State string

// The states of an invite.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Sent      State = "sent"
	Deferred  State = "deferred" // refused for now, will be tried again
	Bounced   State = "bounced"  // refused for good by a mail server
	Failed    State = "failed"   // given up after retries, or for a cause of our own
	Skipped   State = "skipped"
	Cancelled State = "cancelled"
	Accepted  State = "accepted"
)

// States lists all.
var States = []State{Queued, Sending, Sent, Deferred, Bounced, Failed, Skipped, Cancelled, Accepted}

// The states of a bulk invite.
const (
	BulkScheduled = "scheduled" // waits for its time, or for a person: see Bulk.Waits
	BulkPreparing = "preparing"
	BulkSending   = "sending"
	BulkPaused    = "paused"
	BulkSent      = "sent"
	BulkCancelled = "cancelled"
	BulkFailed    = "failed"
)

// LinkLife is for how long after sending the link of an invite works.
const LinkLife = 30 * 24 * time.Hour

// Invites holds the use cases. It is safe for concurrent use.
type Invites struct {
	DB         *db.DB
	Now        func() time.Time
	Key        *secret.Key
	Book       *contact.Book
	Accounts   *account.Accounts
	Recruiting *recruiting.Recruiting
	// BaseURL is where links lead, without a slash at the end.
	BaseURL string
	// MailFrom is the address that messages come from; its domain stands in Message-IDs.
	MailFrom string
	// Wake is called after a commit that left something to send or to expand; may be nil.
	Wake func()
}

func (in *Invites) wake() {
	if in.Wake != nil {
		in.Wake()
	}
}

// Invite is one contact's part in a bulk invite.
type Invite struct {
	ID           int64
	BulkInviteID int64
	ContactID    int64
	FirstName    string
	LastName     string
	Email        string
	Variant      Variant
	State        State
	Reason       string
	// Reply is the last word of a mail server about it.
	Reply      string
	Standing   string
	DueAt      time.Time
	SentAt     time.Time
	OpenedAt   time.Time
	AcceptedAt time.Time
	ApprovedAt time.Time
}
