package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/posting"
)

// Job is what a company offers.
type Job struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Location    string    `json:"location"`
	Kind        string    `json:"kind" doc:"full_time, part_time, internship, temporary, or empty."`
	ApplyURL    string    `json:"apply_url"`
	CompanyID   string    `json:"company_id"`
	CompanyName string    `json:"company_name"`
	CreatedAt   Time      `json:"created_at"`
	PostedBy    string    `json:"posted_by" doc:"The name of the recruiter; to an institution empty unless that is one of its contacts."`
	Postings    []Posting `json:"postings" nullable:"false" doc:"The job at each institution; staff see their own alone."`
}

// Posting is a job at one institution.
type Posting struct {
	Institution     string `json:"institution" doc:"The institution's id."`
	InstitutionName string `json:"institution_name"`
	State           string `json:"state" enum:"pending,approved,declined,withdrawn"`
	Reason          string `json:"reason" doc:"Why it was declined."`
	PostedAt        Time   `json:"posted_at"`
	DecidedAt       Time   `json:"decided_at"`
}

type jobOutput struct{ Body Job }

type jobsInput struct {
	Paging
	State string `query:"state" doc:"Only jobs in this state; with an employer user's token, in it at one institution at least."`
	Q     string `query:"q" doc:"A part of the title, or of the name of the other side: the company for an institution, the institution for a company."`
}

// NewJob is a job to post. What is optional is looked at after the gate, by the use case.
type NewJob struct {
	Title        string   `json:"title" doc:"At most 200 characters."`
	Description  string   `json:"description" doc:"At most 20,000 characters."`
	Institutions []string `json:"institutions" nullable:"false" doc:"Ids of institutions, at most 200."`
	Location     string   `json:"location,omitempty"`
	Kind         string   `json:"kind,omitempty" doc:"full_time, part_time, internship or temporary."`
	ApplyURL     string   `json:"apply_url,omitempty"`
}

type jobDecision struct {
	ID   string `path:"id"`
	Body *Decision
}

func (a *api) registerJobs() {
	tags := []string{"Jobs"}
	both := access{staff: institution.Read, employer: account.ReadScope}
	register(a, both, huma.Operation{
		OperationID: "list-jobs", Method: http.MethodGet, Path: "/jobs", Tags: tags,
		Summary:     "List jobs",
		Description: "With an institution's token those posted to it; with an employer user's token the user's own, and an admin's of the whole company.",
	}, a.listJobs)
	register(a, employer(account.RecruitScope), huma.Operation{
		OperationID: "create-job", Method: http.MethodPost, Path: "/jobs", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Post a job to institutions", Description: "To all or none of them: if one refuses, it is 403 with what is missing and where.",
	}, a.createJob)
	register(a, both, huma.Operation{
		OperationID: "get-job", Method: http.MethodGet, Path: "/jobs/{id}", Tags: tags,
		Summary: "Get a job",
	}, a.getJob)
	register(a, staff(institution.Review), huma.Operation{
		OperationID: "approve-job", Method: http.MethodPost, Path: "/jobs/{id}/approve", Tags: tags,
		Summary: "Show a job to the institution's students",
	}, a.approveJob)
	register(a, staff(institution.Review), huma.Operation{
		OperationID: "decline-job", Method: http.MethodPost, Path: "/jobs/{id}/decline", Tags: tags,
		Summary: "Keep a job from the institution's students", Description: "The company reads the reason.",
	}, a.declineJob)
}

func jobOf(j posting.Job) Job {
	out := Job{
		ID: db.FormatID(j.ID), Title: j.Title, Description: j.Description, Location: j.Location, Kind: j.Kind, ApplyURL: j.ApplyURL,
		CompanyID: db.FormatID(j.CompanyID), CompanyName: j.Company, CreatedAt: Time{j.CreatedAt}, PostedBy: j.PostedBy, Postings: []Posting{},
	}
	for _, p := range j.Postings {
		out.Postings = append(out.Postings, Posting{
			Institution: db.FormatID(p.InstitutionID), InstitutionName: p.Institution, State: p.State, Reason: p.Reason,
			PostedAt: Time{p.PostedAt}, DecidedAt: Time{p.DecidedAt},
		})
	}
	return out
}

func (a *api) listJobs(ctx context.Context, in *jobsInput) (*listOutput[Job], error) {
	s := seal(ctx, "jobs", in.State, in.Q)
	after, err := positionAt[int64](in.Paging, s)
	if err != nil {
		return nil, err
	}
	q := posting.Query{State: in.State, Q: in.Q, After: after, Limit: in.Limit}
	var found []posting.Job
	var next int64
	var total int
	if userID := callerOf(ctx).UserID; userID != 0 {
		found, next, total, err = a.Jobs.Mine(ctx, userID, q)
	} else {
		found, next, total, err = a.Jobs.List(ctx, scopeOf(ctx), q)
	}
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, jobOf)
}

func (a *api) createJob(ctx context.Context, in *struct{ Body NewJob }) (*jobOutput, error) {
	b := in.Body
	institutions := make([]int64, len(b.Institutions))
	for i, id := range b.Institutions {
		institutions[i] = bodyID(id)
	}
	job, err := a.Jobs.Post(ctx, callerOf(ctx).UserID, posting.JobInput{
		Title: b.Title, Description: b.Description, Location: b.Location, Kind: b.Kind, ApplyURL: b.ApplyURL, Institutions: institutions,
	})
	if err != nil {
		return nil, err
	}
	return &jobOutput{jobOf(job)}, nil
}

func (a *api) getJob(ctx context.Context, in *idInput) (*jobOutput, error) {
	id, err := pathID("job", in.ID)
	if err != nil {
		return nil, err
	}
	var job posting.Job
	if userID := callerOf(ctx).UserID; userID != 0 {
		job, err = a.Jobs.Get(ctx, userID, id)
	} else {
		job, err = a.Jobs.Posted(ctx, scopeOf(ctx), id)
	}
	if err != nil {
		return nil, err
	}
	return &jobOutput{jobOf(job)}, nil
}

func (a *api) approveJob(ctx context.Context, in *idInput) (*jobOutput, error) {
	id, err := pathID("job", in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Jobs.Approve(ctx, scopeOf(ctx), id); err != nil {
		return nil, err
	}
	return a.getJob(ctx, in)
}

func (a *api) declineJob(ctx context.Context, in *jobDecision) (*jobOutput, error) {
	id, err := pathID("job", in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Jobs.Decline(ctx, scopeOf(ctx), id, reason(in.Body)); err != nil {
		return nil, err
	}
	return a.getJob(ctx, &idInput{in.ID})
}
