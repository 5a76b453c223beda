package api

import (
	"beckon/internal/db"
	"beckon/internal/invite"
)

// Variants counts contacts by what their invite does.
type Variants struct {
	CreateAccount int `json:"create_account" doc:"Their address is unknown."`
	JoinCompany   int `json:"join_company" doc:"Users without an approved membership."`
	Connect       int `json:"connect" doc:"Users with one."`
}

// Skipped counts contacts by why they are not sent to.
type Skipped struct {
	Archived        int `json:"archived"`
	InvalidEmail    int `json:"invalid_email"`
	Suppressed      int `json:"suppressed"`
	Blocked         int `json:"blocked"`
	AlreadyApproved int `json:"already_approved"`
	RecentlyInvited int `json:"recently_invited"`
	Erased          int `json:"erased,omitempty" doc:"Deleted after the confirm."`
}

// Unfit counts contacts that were to be sent to when the bulk invite was confirmed, and fell
// out since.
type Unfit struct {
	Archived   int `json:"archived"`
	Suppressed int `json:"suppressed"`
	Blocked    int `json:"blocked"`
	Erased     int `json:"erased"`
}

// Preview is what inviting a selection would do now.
type Preview struct {
	Total       int      `json:"total" doc:"All that is selected: will_send and all skipped."`
	WillSend    int      `json:"will_send" doc:"The sum of the variants."`
	Variants    Variants `json:"variants"`
	Skipped     Skipped  `json:"skipped"`
	Fingerprint string   `json:"fingerprint" doc:"Stands for the exact set of contacts selected."`
}

// Counts tells how far a bulk invite is. Sent counts all that a mail server took, whatever
// came of them; opened, accepted and approved count those times; the others present states.
type Counts struct {
	Queued    int `json:"queued"`
	Sending   int `json:"sending"`
	Sent      int `json:"sent"`
	Deferred  int `json:"deferred"`
	Bounced   int `json:"bounced"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
	Opened    int `json:"opened"`
	Accepted  int `json:"accepted"`
	Approved  int `json:"approved"`
}

// BulkInvite is one confirmed act of inviting.
type BulkInvite struct {
	ID          string   `json:"id"`
	State       string   `json:"state" enum:"scheduled,preparing,sending,paused,sent,cancelled,failed"`
	WaitReason  string   `json:"wait_reason" doc:"What sending waits for, empty for nothing: late or restored (a person must send it now, move, resume or cancel it), or what the mail server says."`
	Label       string   `json:"label" doc:"The name of the label that went to all who are sent to, empty for none."`
	Note        string   `json:"note"`
	CreatedAt   Time     `json:"created_at"`
	CreatedBy   string   `json:"created_by" doc:"The name of who confirmed it."`
	ScheduledAt Time     `json:"scheduled_at" doc:"When it is, or was, to go out; null for at once."`
	FinishedAt  Time     `json:"finished_at"`
	Total       int      `json:"total"`
	WillSend    int      `json:"will_send"`
	Variants    Variants `json:"variants"`
	Skipped     Skipped  `json:"skipped"`
	Unfit       Unfit    `json:"unfit" doc:"Which of the skipped fell out since the confirm."`
	Counts      Counts   `json:"counts"`
}

// Invite is one contact's part in a bulk invite.
type Invite struct {
	ID         string `json:"id"`
	ContactID  string `json:"contact_id"`
	Email      string `json:"email"`
	Variant    string `json:"variant" enum:"create_account,join_company,connect," doc:"Empty for one that was skipped."`
	State      string `json:"state" enum:"queued,sending,sent,deferred,bounced,failed,skipped,cancelled,accepted"`
	Reason     string `json:"reason" doc:"Why it was skipped, or what a mail server said last."`
	SentAt     Time   `json:"sent_at"`
	OpenedAt   Time   `json:"opened_at"`
	AcceptedAt Time   `json:"accepted_at"`
	ApprovedAt Time   `json:"approved_at"`
}

func variants(v map[invite.Variant]int) Variants {
	return Variants{CreateAccount: v[invite.CreateAccount], JoinCompany: v[invite.JoinCompany], Connect: v[invite.Connect]}
}

func skipped(s map[invite.Reason]int) Skipped {
	return Skipped{
		Archived: s[invite.Archived], InvalidEmail: s[invite.InvalidEmail], Suppressed: s[invite.Suppressed], Blocked: s[invite.Blocked],
		AlreadyApproved: s[invite.AlreadyApproved], RecentlyInvited: s[invite.RecentlyInvited], Erased: s[invite.Erased],
	}
}

func unfit(u map[invite.Reason]int) Unfit {
	return Unfit{Archived: u[invite.Archived], Suppressed: u[invite.Suppressed], Blocked: u[invite.Blocked], Erased: u[invite.Erased]}
}

func preview(p invite.Plan) *Preview {
	return &Preview{Total: p.Total, WillSend: p.WillSend, Variants: variants(p.Variants), Skipped: skipped(p.Skipped), Fingerprint: p.Fingerprint}
}

func bulkInvite(b invite.Bulk) BulkInvite {
	return BulkInvite{
		ID: db.FormatID(b.ID), State: b.State, WaitReason: b.WaitReason, Label: b.Label, Note: b.Note,
		CreatedAt: Time{b.CreatedAt}, CreatedBy: b.CreatedBy, ScheduledAt: Time{b.ScheduledAt}, FinishedAt: Time{b.FinishedAt},
		Total: b.Total, WillSend: b.WillSend(), Variants: variants(b.Variants), Skipped: skipped(b.Skipped), Unfit: unfit(b.Unfit), Counts: Counts(b.Counts),
	}
}

func inviteOf(i invite.Invite) Invite {
	out := Invite{
		ID: db.FormatID(i.ID), ContactID: db.FormatID(i.ContactID), Email: i.Email, Variant: string(i.Variant), State: string(i.State), Reason: i.Reason,
		SentAt: Time{i.SentAt}, OpenedAt: Time{i.OpenedAt}, AcceptedAt: Time{i.AcceptedAt}, ApprovedAt: Time{i.ApprovedAt},
	}
	if out.Reason == "" {
		out.Reason = i.Reply
	}
	return out
}
