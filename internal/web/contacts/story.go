package contacts

import (
	"strings"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/web/components"
)

func (v contactView) when(t time.Time) string { return components.WhenText(t, zone(v.Desk), v.now) }

// told is one line of the history: its text, in which the name of what it is about is a link.
type told struct {
	Before, Name, After string
	URL                 string
}

func (v contactView) tell(e contact.Entry) told {
	link := v.subject(e)
	before, after, found := strings.Cut(e.Text(), e.Name)
	switch {
	case link == "":
		return told{Before: e.Text()}
	case e.Name == "" || !found:
		return told{Before: e.Text() + " ", Name: "see " + strings.ReplaceAll(e.SubjectKind, "_", " "), URL: link}
	}
	return told{Before: before, Name: e.Name, After: after, URL: link}
}

// subject is the page of what an entry is about, "" for none.
func (v contactView) subject(e contact.Entry) string {
	id := db.FormatID(e.SubjectID)
	switch {
	case e.SubjectID == 0:
		return ""
	case e.SubjectKind == "import":
		return v.URL("/imports/" + id)
	case e.SubjectKind == "bulk_invite" && e.What == "invite.queued":
		return v.URL("/invites/" + id)
	case e.SubjectKind == "company":
		return v.URL("/employers/" + id)
	}
	return ""
}

// invited is one invite of the contact.
type invited struct {
	Name, URL, By string
	State, Reason string
	Queued        time.Time
	Sent          time.Time
	Answered      time.Time
}

// invites are those of the contact, the newest first, as its history tells them.
func (v contactView) invites() (all []invited) {
	places := map[int64]int{}
	for _, e := range v.History {
		if e.SubjectKind != "bulk_invite" || !strings.HasPrefix(e.What, "invite.") {
			continue
		}
		i, known := places[e.SubjectID]
		if !known {
			i = len(all)
			places[e.SubjectID] = i
			state, _ := e.Detail["state"].(string)
			reason, _ := e.Detail["reason"].(string)
			all = append(all, invited{Name: e.Name, URL: v.URL("/invites/" + db.FormatID(e.SubjectID)), State: state, Reason: strings.ReplaceAll(reason, "_", " ")})
		}
		switch e.What {
		case "invite.queued":
			all[i].Queued, all[i].By = e.At, e.Actor.Name
		case "invite.sent":
			all[i].Sent = e.At
		case "invite.accepted":
			all[i].Answered = e.At
		}
	}
	return all
}

// inviteCount stands beside the tab, "" for none.
func (v contactView) inviteCount() string {
	if n := len(v.invites()); n > 0 {
		return components.Num(n)
	}
	return ""
}

// stateKinds are the dots beside the states of invites.
var stateKinds = map[string]string{"accepted": "good", "sent": "now", "queued": "wait", "sending": "wait", "deferred": "wait", "bounced": "bad", "failed": "bad"}
