package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/recruiting"
)

// Employer is a company as the institution sees it.
type Employer struct {
	ID          string `json:"id" doc:"The company's id."`
	CompanyID   string `json:"company_id"`
	Name        string `json:"name"`
	Domain      string `json:"domain" doc:"Proven by an address at it, or empty."`
	Website     string `json:"website"`
	Connection  string `json:"connection" enum:"none,requested,approved,declined,blocked"`
	RequestedAt Time   `json:"requested_at"`
	RequestedBy string `json:"requested_by" doc:"The name of who asked; empty unless that is one of the institution's contacts."`
	DecidedAt   Time   `json:"decided_at"`
	Reason      string `json:"reason" doc:"Given with the last decision."`
	Members     int    `json:"members" doc:"How many recruiters the company has."`
	Contacts    int    `json:"contacts" doc:"How many of them are contacts of the institution. The others are counted, never named."`
	Jobs        int    `json:"jobs" doc:"How many jobs it posted here."`
}

type employerOutput struct{ Body Employer }

type employersInput struct {
	Paging
	Connection string `query:"connection" doc:"Only those with this connection; any but none unless given."`
	Q          string `query:"q" doc:"A part of the name or domain."`
}

type companyInput struct {
	CompanyID string `path:"company_id"`
}

// Decision is what may go with a decision.
type Decision struct {
	Reason string `json:"reason,omitempty" doc:"At most 1,000 characters."`
}

type companyDecision struct {
	CompanyID string `path:"company_id"`
	Body      *Decision
}

func (a *api) registerEmployers() {
	tags := []string{"Employers"}
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-employers", Method: http.MethodGet, Path: "/employers", Tags: tags,
		Summary: "List employers", Description: "Requested ones in the order in which they asked, others by name.",
	}, a.listEmployers)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-employer", Method: http.MethodGet, Path: "/employers/{company_id}", Tags: tags,
		Summary: "Get an employer",
	}, func(ctx context.Context, in *companyInput) (*employerOutput, error) {
		return a.employer(ctx, in.CompanyID, func(institution.Scope, int64) error { return nil })
	})
	register(a, staff(institution.Review), decide("approve", "Let a company recruit here", ""),
		func(ctx context.Context, in *companyInput) (*employerOutput, error) {
			return a.employer(ctx, in.CompanyID, func(s institution.Scope, id int64) error { return a.Recruiting.Approve(ctx, s, id) })
		})
	register(a, staff(institution.Review), decide("decline", "Refuse a company", "The company reads the reason."),
		func(ctx context.Context, in *companyDecision) (*employerOutput, error) {
			return a.employer(ctx, in.CompanyID, func(s institution.Scope, id int64) error { return a.Recruiting.Decline(ctx, s, id, reason(in.Body)) })
		})
	register(a, staff(institution.Review), decide("block", "Keep a company away", "No request and no invite lifts it. The reason is for staff alone."),
		func(ctx context.Context, in *companyDecision) (*employerOutput, error) {
			return a.employer(ctx, in.CompanyID, func(s institution.Scope, id int64) error { return a.Recruiting.Block(ctx, s, id, reason(in.Body)) })
		})
	register(a, staff(institution.Review), decide("unblock", "Let a blocked company ask again", ""),
		func(ctx context.Context, in *companyInput) (*employerOutput, error) {
			return a.employer(ctx, in.CompanyID, func(s institution.Scope, id int64) error { return a.Recruiting.Unblock(ctx, s, id) })
		})
}

func decide(name, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: name + "-employer", Method: http.MethodPost, Path: "/employers/{company_id}/" + name,
		Tags: []string{"Employers"}, Summary: summary, Description: description,
	}
}

func reason(d *Decision) string {
	if d == nil {
		return ""
	}
	return d.Reason
}

// employer does something with one company and answers it as it is then.
func (a *api) employer(ctx context.Context, companyID string, do func(institution.Scope, int64) error) (*employerOutput, error) {
	id, err := pathID("company", companyID)
	if err != nil {
		return nil, err
	}
	if err := do(scopeOf(ctx), id); err != nil {
		return nil, err
	}
	e, err := a.Recruiting.Get(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &employerOutput{employerOf(e)}, nil
}

func employerOf(e recruiting.Employer) Employer {
	id := db.FormatID(e.CompanyID)
	return Employer{
		ID: id, CompanyID: id, Name: e.Name, Domain: e.Domain, Website: e.Website, Connection: e.State,
		RequestedAt: Time{e.RequestedAt}, RequestedBy: e.Requester.Name, DecidedAt: Time{e.DecidedAt}, Reason: e.Reason,
		Members: e.Members, Contacts: e.Contacts, Jobs: e.Jobs,
	}
}

func (a *api) listEmployers(ctx context.Context, in *employersInput) (*listOutput[Employer], error) {
	s := seal(ctx, "employers", in.Connection, in.Q)
	after, err := positionAt[recruiting.Cursor](in.Paging, s)
	if err != nil {
		return nil, err
	}
	found, next, total, err := a.Recruiting.List(ctx, scopeOf(ctx), recruiting.Query{State: in.Connection, Q: in.Q, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, employerOf)
}
