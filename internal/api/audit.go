package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// AuditEvent is one act at the institution.
type AuditEvent struct {
	ID      string         `json:"id"`
	At      Time           `json:"at"`
	Actor   AuditActor     `json:"actor"`
	Action  string         `json:"action" example:"contact.archived"`
	Subject AuditSubject   `json:"subject"`
	Detail  map[string]any `json:"detail" doc:"What the act was about; it depends on the action."`
}

// AuditActor is who acted.
type AuditActor struct {
	Kind string  `json:"kind" enum:"staff,token,user,student,system"`
	ID   *string `json:"id" doc:"The user, the student, or the token; null for Beckon itself."`
	Name string  `json:"name" doc:"Empty for an employer's user who is not among the institution's contacts."`
}

// AuditSubject is what was acted on.
type AuditSubject struct {
	Kind string  `json:"kind" example:"contact"`
	ID   *string `json:"id"`
}

func (a *api) registerAudit() {
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-audit-events", Method: http.MethodGet, Path: "/audit-events", Tags: []string{"Audit"},
		Summary: "List who did what to what, when", Description: "The newest first.",
	}, a.listAuditEvents)
}

func (a *api) listAuditEvents(ctx context.Context, in *struct{ Paging }) (*listOutput[AuditEvent], error) {
	s := seal(ctx, "audit-events")
	before, err := in.positionID(s)
	if err != nil {
		return nil, err
	}
	var events []audit.Event
	var total int
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		events, total, err = audit.Page(ctx, tx, scopeOf(ctx).ID(), before, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return byID(in.Paging, s, events, total, func(e audit.Event) int64 { return e.ID }, auditEvent), nil
}

func auditEvent(e audit.Event) AuditEvent {
	return AuditEvent{
		ID: db.FormatID(e.ID), At: Time{e.At}, Action: e.Action, Detail: e.Detail,
		Actor:   AuditActor{Kind: e.Actor.Kind, ID: nullID(e.Actor.ID), Name: e.Actor.Name},
		Subject: AuditSubject{Kind: e.SubjectKind, ID: nullID(e.SubjectID)},
	}
}
