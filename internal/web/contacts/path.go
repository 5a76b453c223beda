package contacts

import (
	"slices"
	"strings"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
	"beckon/internal/web/components"
)

// nextStep is the one thing that brings the contact further, none with a blank Name.
type nextStep struct {
	Name string
	// Kind is how it is done: "invite", "post" or "link".
	Kind string
	URL  string
}

// steps is the way from contact to approved, and where on it the contact is.
func (v contactView) steps() []components.Step {
	at := int(min(v.Standing, gate.IsApproved))
	if v.Standing == gate.IsBlocked {
		at = int(gate.IsApproved)
	}
	steps := []components.Step{
		{Name: "Contact", Note: "since " + v.when(v.CreatedAt)},
		{Name: "User", Note: v.userNote()},
		v.memberStep(),
		v.approvedStep(),
	}
	for i := range steps {
		switch {
		case i < at || v.Standing == gate.IsApproved:
			steps[i].State = "done"
		case i == at && v.Standing == gate.IsBlocked:
			steps[i].State = "stopped"
		case i == min(at+1, len(steps)-1) && v.underWay(), i == at && !v.underWay():
			steps[i].State = "here"
		case i == at:
			steps[i].State = "done"
		}
	}
	return steps
}

// decidable tells that the company has somebody who can decide about a request.
func (v contactView) decidable() bool { return len(v.Admins.Names)+v.Admins.Others > 0 }

// deciders are the company's admins, by name as far as they are contacts here.
func (v contactView) deciders() string {
	who := v.Admins.Names
	switch {
	case len(who) > 0 && v.Admins.Others > 0:
		who = append(slices.Clone(who), components.Count(v.Admins.Others, "other admin", "other admins"))
	case v.Admins.Others > 1:
		return "one of its " + components.Count(v.Admins.Others, "admin", "admins")
	case len(who) == 0:
		return "its admin"
	}
	return strings.Join(who, " or ")
}

// underWay tells that the step behind the present standing has been asked for.
func (v contactView) underWay() bool {
	return v.Standing == gate.IsUser && v.Membership.State == company.Pending ||
		v.Standing == gate.IsMember && v.Employer.State == recruiting.Requested
}

func (v contactView) userNote() string {
	for _, e := range v.History {
		if e.What == "user.created" {
			return "account since " + v.when(e.At)
		}
	}
	if v.UserID != 0 {
		return "has an account"
	}
	return "no account with this address"
}

func (v contactView) memberStep() components.Step {
	m := v.Membership
	s := components.Step{Name: "Member of a company", Note: "of none yet"}
	if m.ID != 0 && m.Company != "" {
		s.Name = "Member of " + m.Company
	}
	switch m.State {
	case company.Pending:
		s.Note = components.Sentence("asked "+v.when(m.RequestedAt), "waits for "+v.deciders())
	case company.Declined:
		s.Note = "declined " + v.when(m.DecidedAt)
	case company.Left:
		s.Note = "left " + v.when(m.DecidedAt)
	case company.Approved:
		s.Note = "since " + v.when(m.DecidedAt)
		if m.DecidedAt.IsZero() {
			s.Note = m.Role
		}
	}
	return s
}

func (v contactView) approvedStep() components.Step {
	s := components.Step{Name: "Approved here", Note: "the company is not connected"}
	switch e := v.Employer; e.State {
	case recruiting.Requested:
		s.Note = e.Name + " asked " + v.when(e.RequestedAt)
	case recruiting.Approved:
		s.Note = e.Name + " is approved"
	case recruiting.Declined:
		s.Note = e.Name + " was declined " + v.when(e.DecidedAt)
	case recruiting.Blocked:
		s.Note = e.Name + " is blocked"
	case recruiting.None:
		s.Note = e.Name + " has not asked yet"
	}
	return s
}

// missing says what keeps the contact from recruiting here, and who can mend it.
func (v contactView) missing() string {
	first, here := v.FirstName, v.Institution.Name
	switch v.Standing {
	case gate.IsContact:
		return first + " has no account with this address. An invite lets " + first + " make one" + v.invited() + "."
	case gate.IsUser:
		return v.missingMembership()
	case gate.IsMember:
		switch v.Employer.State {
		case recruiting.Requested:
			return here + " has not decided about " + v.Employer.Name + " yet. Whoever may approve employers can."
		case recruiting.Declined:
			return here + " declined " + v.Employer.Name + ". An invite, or approving the employer, lets it recruit here."
		}
		return v.Employer.Name + " is not connected with " + here + ". An invite connects it" + v.invited() + "."
	case gate.IsBlocked:
		return v.Employer.Name + " is blocked at " + here + ". Only staff who may approve employers can lift that; no invite does."
	}
	return ""
}

func (v contactView) missingMembership() string {
	m, first := v.Membership, v.FirstName
	switch {
	case m.State == company.Pending && v.decidable():
		return m.Company + " has not accepted " + first + " as a recruiter; " + v.deciders() + " can. Until then " + first + " cannot post jobs or request interviews."
	case m.State == company.Pending:
		return m.Company + " has nobody who could accept " + first + ". Beckon's operator can name an admin there."
	case m.State == company.Declined:
		return m.Company + " declined " + first + ", who can join another company. An invite leads there" + v.invited() + "."
	}
	return first + " belongs to no company yet. An invite leads to joining one, or making it" + v.invited() + "."
}

// invited adds when the latest invite went out.
func (v contactView) invited() string {
	if v.LastInvitedAt.IsZero() {
		return ""
	}
	return "; the last one went out " + v.when(v.LastInvitedAt)
}

// next is what the page's strong button does.
func (v contactView) next() nextStep {
	invite := nextStep{}
	if v.may(institution.Invite) {
		invite = nextStep{Name: "Invite", Kind: "invite", URL: v.URL("/invites/new")}
	}
	switch {
	case v.Archived && v.may(institution.Contacts):
		return nextStep{Name: "Restore", Kind: "post", URL: v.url("/restore")}
	case v.Archived, v.Standing == gate.IsApproved:
		return nextStep{}
	case v.Standing == gate.IsUser && v.Membership.State == company.Pending:
		if v.decidable() && v.may(institution.Contacts) {
			return nextStep{Name: "Remind the company's admin", Kind: "post", URL: v.url("/remind")}
		}
		return nextStep{}
	case v.Standing == gate.IsBlocked:
		if v.may(institution.Review) {
			return nextStep{Name: "See the employer", Kind: "link", URL: v.URL("/employers/" + db.FormatID(v.Employer.CompanyID))}
		}
		return nextStep{}
	case v.Standing == gate.IsMember && v.Employer.State == recruiting.Requested:
		if v.may(institution.Review) {
			return nextStep{Name: "Approve request", Kind: "link", URL: v.URL("/approvals")}
		}
		return nextStep{}
	}
	return invite
}
