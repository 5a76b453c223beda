package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/invite"
)

type previewInput struct {
	Body struct {
		Selection Selection `json:"selection"`
		Include   []string  `json:"include,omitempty" nullable:"false" doc:"Reasons to skip that are set aside: recently_invited, already_approved."`
	}
}

type previewOutput struct{ Body *Preview }

type confirmInput struct {
	Body struct {
		Selection     Selection `json:"selection"`
		ExpectedTotal *int      `json:"expected_total,omitempty" nullable:"true" doc:"The total that was shown; 409 if it is another by now."`
		Fingerprint   string    `json:"fingerprint,omitempty" doc:"The fingerprint of the preview; 409 if other contacts are selected by now."`
		Label         *string   `json:"label,omitempty" nullable:"true" doc:"The name of a label for all who are sent to; made if unknown."`
		Note          *string   `json:"note,omitempty" nullable:"true" doc:"A personal word in every message, at most 2,000 characters."`
		ScheduledAt   *string   `json:"scheduled_at,omitempty" nullable:"true" doc:"When it goes out, at most a year ahead, as RFC 3339 writes it; leave it out or null, and it is sent now."`
		Include       []string  `json:"include,omitempty" nullable:"true" doc:"Reasons to skip that are set aside: recently_invited, already_approved."`
	}
}

type scheduleInput struct {
	ID   string `path:"id"`
	Body struct {
		ScheduledAt string `json:"scheduled_at" doc:"When it goes out instead, at most a year ahead, as RFC 3339 writes it."`
	}
}

type bulkInviteOutput struct{ Body BulkInvite }

type invitesInput struct {
	Paging
	ID    string `path:"id"`
	State string `query:"state" doc:"Only those in this state."`
}

func (a *api) registerBulkInvites() {
	tags := []string{"Bulk invites"}
	register(a, staff(institution.Invite), huma.Operation{
		OperationID: "preview-bulk-invite", Method: http.MethodPost, Path: "/bulk-invites/preview", Tags: tags,
		Summary: "Look at what inviting a selection would do", Description: "It changes nothing.",
	}, a.previewBulkInvite)
	register(a, staff(institution.Invite), huma.Operation{
		OperationID: "create-bulk-invite", Method: http.MethodPost, Path: "/bulk-invites", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary: "Invite a selection of contacts",
		Description: "Confirming fixes the selection. If it is another than the one shown, nothing is sent and 409 has the new numbers in `preview`; " +
			"with nobody to send to it is 422. With scheduled_at it goes out then, to the contacts that were selected at the confirm.",
	}, a.createBulkInvite)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-bulk-invites", Method: http.MethodGet, Path: "/bulk-invites", Tags: tags,
		Summary: "List bulk invites", Description: "The newest first.",
	}, a.listBulkInvites)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-bulk-invite", Method: http.MethodGet, Path: "/bulk-invites/{id}", Tags: tags,
		Summary: "Get a bulk invite",
	}, a.getBulkInvite)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-invites", Method: http.MethodGet, Path: "/bulk-invites/{id}/invites", Tags: tags,
		Summary: "List the invites of a bulk invite",
	}, a.listInvites)
	register(a, staff(institution.Invite), huma.Operation{
		OperationID: "schedule-bulk-invite", Method: http.MethodPost, Path: "/bulk-invites/{id}/schedule", Tags: tags,
		Summary: "Move a scheduled bulk invite to another time", Description: "One that waits for a person goes out by itself again.",
	}, a.scheduleBulkInvite)
	for _, s := range []struct {
		name, summary string
		do            func(context.Context, institution.Scope, int64) (invite.Bulk, error)
	}{
		{"send-now", "Send a scheduled bulk invite without waiting for its time", a.Invites.SendNow},
		{"pause", "Pause a bulk invite", a.Invites.Pause},
		{"resume", "Go on with a bulk invite that is paused or waits for a person", a.Invites.Resume},
		{"cancel", "End a bulk invite: what has not gone stays unsent", a.Invites.Cancel},
	} {
		register(a, staff(institution.Invite), huma.Operation{
			OperationID: s.name + "-bulk-invite", Method: http.MethodPost, Path: "/bulk-invites/{id}/" + s.name, Tags: tags, Summary: s.summary,
		}, steer(s.do))
	}
}

func (a *api) previewBulkInvite(ctx context.Context, in *previewInput) (*previewOutput, error) {
	sel, err := a.parse(ctx, in.Body.Selection)
	if err != nil {
		return nil, err
	}
	plan, err := a.Invites.Preview(ctx, scopeOf(ctx), sel, reasons(in.Body.Include))
	if err != nil {
		return nil, err
	}
	return &previewOutput{preview(plan)}, nil
}

func (a *api) createBulkInvite(ctx context.Context, in *confirmInput) (*bulkInviteOutput, error) {
	sel, err := a.parse(ctx, in.Body.Selection)
	if err != nil {
		return nil, err
	}
	var at time.Time
	if in.Body.ScheduledAt != nil {
		if at, err = moment("scheduled_at", *in.Body.ScheduledAt); err != nil {
			return nil, err
		}
	}
	b, err := a.Invites.Confirm(ctx, scopeOf(ctx), invite.Order{
		Selection: sel, ExpectedTotal: in.Body.ExpectedTotal, Fingerprint: in.Body.Fingerprint,
		Label: text(in.Body.Label), Note: text(in.Body.Note), Include: reasons(in.Body.Include), ScheduledAt: at, Key: keyOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &bulkInviteOutput{bulkInvite(b)}, nil
}

func (a *api) scheduleBulkInvite(ctx context.Context, in *scheduleInput) (*bulkInviteOutput, error) {
	at, err := moment("scheduled_at", in.Body.ScheduledAt)
	if err != nil {
		return nil, err
	}
	return steer(func(ctx context.Context, s institution.Scope, id int64) (invite.Bulk, error) {
		return a.Invites.Reschedule(ctx, s, id, at)
	})(ctx, &idInput{ID: in.ID})
}

func reasons(names []string) []invite.Reason {
	out := make([]invite.Reason, len(names))
	for i, name := range names {
		out[i] = invite.Reason(name)
	}
	return out
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (a *api) listBulkInvites(ctx context.Context, in *struct{ Paging }) (*listOutput[BulkInvite], error) {
	s := seal(ctx, "bulk-invites")
	before, err := in.positionID(s)
	if err != nil {
		return nil, err
	}
	found, total, err := a.Invites.Past(ctx, scopeOf(ctx), "", before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return byID(in.Paging, s, found, total, func(b invite.Bulk) int64 { return b.ID }, bulkInvite), nil
}

func (a *api) getBulkInvite(ctx context.Context, in *idInput) (*bulkInviteOutput, error) {
	return steer(a.Invites.Get)(ctx, in)
}

func (a *api) listInvites(ctx context.Context, in *invitesInput) (*listOutput[Invite], error) {
	id, err := pathID("bulk invite", in.ID)
	if err != nil {
		return nil, err
	}
	if in.State != "" && !slices.Contains(invite.States, invite.State(in.State)) {
		return nil, fault.Invalid("state", "is not a state of an invite")
	}
	s := seal(ctx, "invites", in.ID, in.State)
	after, err := in.positionID(s)
	if err != nil {
		return nil, err
	}
	found, total, err := a.Invites.List(ctx, scopeOf(ctx), id, invite.InviteFilter{State: invite.State(in.State)}, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return byID(in.Paging, s, found, total, func(i invite.Invite) int64 { return i.ID }, inviteOf), nil
}

// steer is an operation that does something with one bulk invite and answers it.
func steer(do func(context.Context, institution.Scope, int64) (invite.Bulk, error)) func(context.Context, *idInput) (*bulkInviteOutput, error) {
	return func(ctx context.Context, in *idInput) (*bulkInviteOutput, error) {
		id, err := pathID("bulk invite", in.ID)
		if err != nil {
			return nil, err
		}
		b, err := do(ctx, scopeOf(ctx), id)
		if err != nil {
			return nil, err
		}
		return &bulkInviteOutput{bulkInvite(b)}, nil
	}
}
