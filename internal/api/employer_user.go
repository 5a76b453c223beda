package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/recruiting"
)

// Me is who a token of an employer user acts as.
type Me struct {
	User       User        `json:"user"`
	Membership *Membership `json:"membership" doc:"Null for a user without a company."`
}

// User is a person with an account.
type User struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// Membership is a user's tie to a company.
type Membership struct {
	CompanyID   string `json:"company_id"`
	CompanyName string `json:"company_name"`
	State       string `json:"state" enum:"pending,approved,declined,left"`
	Role        string `json:"role" enum:"admin,recruiter"`
}

// TransformSchema tells OpenAPI that there may be none.
func (Membership) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Nullable = true
	return s
}

// Institution is an institution as a recruiter sees it.
type Institution struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Slug        string `json:"slug"`
	Website     string `json:"website"`
	Connection  string `json:"connection" enum:"none,requested,approved,declined,blocked" doc:"Of the user's company."`
	Reason      string `json:"reason" doc:"Why it was declined."`
	RequestedAt Time   `json:"requested_at"`
	InvitedAt   Time   `json:"invited_at" doc:"When the institution invited the user last."`
}

type institutionsInput struct {
	Paging
	Q string `query:"q" doc:"A part of the name."`
}

type requestOutput struct {
	Body struct {
		ID         string `json:"id"`
		Connection string `json:"connection" enum:"requested,approved"`
	}
}

func (a *api) registerEmployerUser() {
	tags := []string{"Recruiting"}
	register(a, employer(account.ReadScope), huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/me", Tags: tags,
		Summary: "Get the user of the token, and the company",
	}, a.getMe)
	register(a, employer(account.ReadScope), huma.Operation{
		OperationID: "list-institutions", Method: http.MethodGet, Path: "/institutions", Tags: tags,
		Summary: "Find institutions", Description: "Those that invited the user first, then by name.",
	}, a.listInstitutions)
	register(a, employer(account.RecruitScope), huma.Operation{
		OperationID: "request-institution", Method: http.MethodPost, Path: "/institutions/{id}/request", Tags: tags,
		Summary: "Ask an institution to let the company recruit there", Description: "Asking again changes nothing.",
	}, a.requestInstitution)
}

func (a *api) getMe(ctx context.Context, _ *struct{}) (*struct{ Body Me }, error) {
	u, err := a.Accounts.ByID(ctx, callerOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	m, err := a.Companies.Of(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	me := Me{User: User{ID: db.FormatID(u.ID), Email: u.Email, FirstName: u.FirstName, LastName: u.LastName}}
	if m.ID != 0 {
		me.Membership = &Membership{CompanyID: db.FormatID(m.CompanyID), CompanyName: m.Company, State: m.State, Role: m.Role}
	}
	return &struct{ Body Me }{me}, nil
}

func institutionOf(l recruiting.Listed) Institution {
	return Institution{
		ID: db.FormatID(l.ID), Name: l.Name, Slug: l.Slug, Website: l.Website, Connection: l.State, Reason: l.Reason,
		RequestedAt: Time{l.RequestedAt}, InvitedAt: Time{l.InvitedAt},
	}
}

func (a *api) listInstitutions(ctx context.Context, in *institutionsInput) (*listOutput[Institution], error) {
	s := seal(ctx, "institutions", in.Q)
	after, err := positionAt[recruiting.Cursor](in.Paging, s)
	if err != nil {
		return nil, err
	}
	found, next, total, err := a.Recruiting.Institutions(ctx, callerOf(ctx).UserID, in.Q, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, institutionOf)
}

func (a *api) requestInstitution(ctx context.Context, in *idInput) (*requestOutput, error) {
	id, err := pathID("institution", in.ID)
	if err != nil {
		return nil, err
	}
	state, err := a.Recruiting.Request(ctx, callerOf(ctx).UserID, id)
	if err != nil {
		return nil, err
	}
	out := &requestOutput{}
	out.Body.ID, out.Body.Connection = in.ID, state
	return out, nil
}
