package contact

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// Entry is one thing that happened to a contact.
type Entry struct {
	At time.Time
	// Actor is who did it, zero for what mail servers and the contact did.
	Actor audit.Actor
	// What is an action of the audit, or one of those that a History adds: "invite.queued",
	// "invite.sent", "invite.bounced", "invite.opened", "invite.accepted", "invite.approved",
	// "user.created", "membership.requested", "membership.approved", "membership.declined",
	// "membership.left".
	What string
	// Subject is what the entry links to: an import, a bulk invite or a company; its name,
	// if it has one, is Name.
	SubjectKind string
	SubjectID   int64
	Name        string
	Detail      map[string]any
}

// mostBulk is how many of the newest bulk acts are looked through.
const mostBulk = 500

// History is what happened to a contact, newest first: its events in the audit, the bulk
// acts whose list holds it, its invites, and its user's account and memberships.
func (b *Book) History(ctx context.Context, s institution.Scope, id int64) (entries []Entry, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, err
	}
	err = b.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := load(ctx, tx, s.ID(), id)
		if err != nil {
			return err
		}
		for _, read := range []func(context.Context, *db.Tx, Contact) ([]Entry, error){events, bulkEvents, invites, account} {
			more, err := read(ctx, tx, c)
			if err != nil {
				return fmt.Errorf("read the history of a contact: %w", err)
			}
			entries = append(entries, more...)
		}
		return nil
	})
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.At.Compare(a.At) })
	return entries, err
}

func (c Contact) institution() int64 { return c.ID >> 32 }

func fromEvent(e audit.Event) Entry {
	name, _ := e.Detail["filename"].(string)
	return Entry{At: e.At, Actor: e.Actor, What: e.Action, SubjectKind: e.SubjectKind, SubjectID: e.SubjectID, Name: name, Detail: e.Detail}
}

// events are those about the contact itself. What an invite tells anyway is left out.
func events(ctx context.Context, tx *db.Tx, c Contact) (out []Entry, err error) {
	all, err := audit.Of(ctx, tx, c.institution(), "contact", c.ID, mostBulk)
	for _, e := range all {
		if e.Action != "invite.accepted" {
			out = append(out, fromEvent(e))
		}
	}
	return out, err
}

// bulkEvents are the bulk acts that the contact was part of. Its part in a bulk invite is
// its invite.
func bulkEvents(ctx context.Context, tx *db.Tx, c Contact) (out []Entry, err error) {
	all, err := audit.Bulk(ctx, tx, c.institution(), mostBulk)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.SubjectKind == "bulk_invite" {
			continue
		}
		l, err := ReadList(c.institution(), e.List)
		if err != nil {
			return nil, err
		}
		if l.Contains(c.ID) {
			out = append(out, fromEvent(e))
		}
	}
	return out, nil
}

// invites are the contact's invites with every time that they have.
func invites(ctx context.Context, tx *db.Tx, c Contact) (out []Entry, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var e Entry
		var state, reason, variant string
		var queued, sent, opened, accepted, approved int64
		err := r.Scan(&e.SubjectID, &e.Name, &e.Actor.Name, &queued, &variant, &state, &reason, &sent, &opened, &accepted, &approved)
		e.SubjectKind, e.Detail = "bulk_invite", map[string]any{"variant": variant, "state": state, "reason": reason}
		add := func(what string, at int64) {
			if at > 0 {
				next := e
				next.What, next.At = what, db.Time(at)
				out = append(out, next)
				e.Actor = audit.Actor{}
			}
		}
		add("invite.queued", queued)
		add("invite.sent", sent)
		if state == "bounced" || state == "failed" {
			add("invite."+state, cmp.Or(sent, queued))
		}
		add("invite.opened", opened)
		add("invite.accepted", accepted)
		add("invite.approved", approved)
		return err
	}, `SELECT b.id, b.label, b.created_by, b.created_at, i.variant, i.state, i.reason, i.sent_at, i.opened_at, i.accepted_at, i.approved_at
		FROM invites i JOIN bulk_invites b ON b.id = i.bulk_invite_id
		WHERE i.institution_id = $1 AND i.contact_id = $2 ORDER BY i.id`, c.institution(), c.ID)
	slices.Reverse(out) // the newest first among equals, too
	return out, err
}

// account is what the contact's user did on the way to recruiting.
func account(ctx context.Context, tx *db.Tx, c Contact) (out []Entry, err error) {
	if c.UserID == 0 {
		return nil, nil
	}
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var made, requested, decided int64
		var e Entry
		var state string
		err := r.Scan(&made, &e.SubjectID, &e.Name, &state, &requested, &decided)
		if len(out) == 0 {
			out = append(out, Entry{What: "user.created", At: db.Time(made)})
		}
		if e.SubjectKind = "company"; e.SubjectID == 0 {
			return err
		}
		e.What, e.At = "membership.requested", db.Time(requested)
		out = append(out, e)
		if decided > 0 && state != "pending" {
			e.What, e.At = "membership."+state, db.Time(decided)
			out = append(out, e)
		}
		return err
	}, `SELECT u.created_at, COALESCE(m.company_id, 0), COALESCE(k.name, ''), COALESCE(m.state, ''), COALESCE(m.requested_at, 0), COALESCE(m.decided_at, 0)
		FROM users u LEFT JOIN memberships m ON m.user_id = u.id LEFT JOIN companies k ON k.id = m.company_id
		WHERE u.id = $1 ORDER BY m.requested_at`, c.UserID)
	slices.Reverse(out)
	return out, err
}

// sentences tell entries in words; {name} is the subject's name, {by} who did it.
var sentences = map[string]string{
	"contact.added":         "Added{by}",
	"contact.imported":      "In the import {name}{by}",
	"contact.archived":      "Archived{by}",
	"contact.restored":      "Restored{by}",
	"contact.unsubscribed":  "Unsubscribed",
	"contacts.labelled":     "Labels changed{by}",
	"contacts.archived":     "Archived{by}",
	"contacts.restored":     "Restored{by}",
	"contacts.owned":        "Owner set{by}",
	"invite.queued":         "Invited{by} in {name}",
	"invite.sent":           "Invite taken by the mail server",
	"invite.bounced":        "Invite bounced",
	"invite.failed":         "Invite could not be sent",
	"invite.opened":         "Opened the invite",
	"invite.accepted":       "Accepted the invite",
	"invite.approved":       "Company approved by the invite",
	"user.created":          "Made an account",
	"membership.requested":  "Asked to join {name}",
	"membership.approved":   "Joined {name}",
	"membership.declined":   "Declined by {name}",
	"membership.left":       "Left {name}",
	"membership.reminded":   "Company's admin reminded{by}",
	"bulk_invite.confirmed": "Invited{by}",
}

// cameBy tells the sources of contacts that came by themselves, in place of who added them.
var cameBy = map[string]string{
	SourceApproval:  "Came by asking to recruit here",
	SourceJob:       "Came by posting a job here",
	SourceInterview: "Came by requesting an interview here",
	SourceMessage:   "Came by writing to students here",
}

// Text tells the entry in one sentence, without the time.
func (e Entry) Text() string {
	by := ""
	if e.Actor.Name != "" {
		by = " by " + e.Actor.Name
	}
	if e.What == "contact.changed" {
		return "Changed" + by + e.changes()
	}
	sentence, ok := sentences[e.What]
	if source, _ := e.Detail["source"].(string); e.What == "contact.added" && cameBy[source] != "" {
		sentence = cameBy[source]
	}
	if !ok {
		sentence = strings.ReplaceAll(e.What, ".", " ") + "{by}"
	}
	if e.Name == "" {
		sentence = strings.NewReplacer(" in {name}", "", " {name}", "").Replace(sentence)
	}
	return strings.NewReplacer("{name}", e.Name, "{by}", by).Replace(sentence)
}

// changes tells what a change of fields changed: ": title Recruiter → Campus lead, phone".
func (e Entry) changes() string {
	names, _ := e.Detail["changed"].([]any)
	was, _ := e.Detail["was"].(map[string]any)
	is, _ := e.Detail["is"].(map[string]any)
	var parts []string
	for _, n := range names {
		name, _ := n.(string)
		part := strings.ReplaceAll(name, "_", " ")
		if now, ok := is[name].(string); ok {
			before, _ := was[name].(string)
			part += " " + cmp.Or(before, "none") + " → " + cmp.Or(now, "none")
		}
		parts = append(parts, part)
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}
