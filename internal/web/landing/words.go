package landing

import (
	"beckon/internal/gate"
	"beckon/internal/invite"
)

// heading says what the invite is about.
func (v view) heading() string {
	name := v.FirstName
	switch {
	case v.Standing == gate.IsApproved:
		return name + ", you may recruit at " + v.Institution.Name
	case v.Now == invite.Connect && v.Company != "":
		return name + ", connect " + v.Company + " with " + v.Institution.Name
	}
	return name + " " + v.LastName + ", recruit at " + v.Institution.Name
}

// button is what the press does.
func (v view) button() string {
	switch {
	case v.Standing == gate.IsApproved, v.Standing == gate.IsBlocked:
		return "Go on"
	case v.Now == invite.Connect:
		return "Connect with " + v.Institution.Name
	}
	return "Join your company"
}

// overTitle says why the link does not work any more.
func (v view) overTitle() string {
	switch v.State {
	case invite.LinkUsed:
		return "You have answered this invite"
	case invite.LinkReplaced:
		return "There is a newer invite"
	}
	return "This invite is over"
}
