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

// InterviewRequest is a schedule of interviews that a company asks an institution for.
type InterviewRequest struct {
	ID               string          `json:"id"`
	State            string          `json:"state" enum:"requested,proposed,approved,declined,withdrawn,cancelled"`
	Institution      string          `json:"institution" doc:"The institution's id."`
	InstitutionName  string          `json:"institution_name"`
	Timezone         string          `json:"timezone" doc:"The institution's zone; dates and times of day are on its clock."`
	Job              string          `json:"job" doc:"The job's id."`
	JobTitle         string          `json:"job_title"`
	CompanyID        string          `json:"company_id"`
	CompanyName      string          `json:"company_name"`
	RequestedBy      string          `json:"requested_by" doc:"The name of the recruiter; to an institution empty unless that is one of its contacts."`
	Date             string          `json:"date" example:"2026-12-03"`
	StartsAt         string          `json:"starts_at" example:"09:00"`
	Slots            int             `json:"slots"`
	SlotMinutes      int             `json:"slot_minutes"`
	BreakMinutes     int             `json:"break_minutes"`
	PauseAfter       int             `json:"pause_after"`
	PauseMinutes     int             `json:"pause_minutes"`
	Way              string          `json:"way" enum:"on_site,video"`
	VideoURL         string          `json:"video_url"`
	Needs            string          `json:"needs"`
	Place            string          `json:"place"`
	ProposedDate     string          `json:"proposed_date" doc:"The other time that the institution proposes, or empty."`
	ProposedStartsAt string          `json:"proposed_starts_at"`
	Reason           string          `json:"reason" doc:"Why it was declined or cancelled, or what was said with a proposal."`
	Flagged          bool            `json:"flagged" doc:"It is approved and to come, and the company may not recruit at the institution now."`
	RequestedAt      Time            `json:"requested_at"`
	DecidedAt        Time            `json:"decided_at"`
	Times            []InterviewTime `json:"times" nullable:"false" doc:"The slots as moments, in their order."`
}

// InterviewTime is one slot of a schedule.
type InterviewTime struct {
	N        int    `json:"n" doc:"Its number, from 1."`
	StartsAt Time   `json:"starts_at"`
	EndsAt   Time   `json:"ends_at"`
	Taken    bool   `json:"taken"`
	Student  string `json:"student" doc:"The name of the student who has it: the whole one for the institution, the first name and an initial for the company."`
}

type interviewOutput struct{ Body InterviewRequest }

type interviewsInput struct {
	Paging
	State string `query:"state" doc:"Only requests in this state, or flagged."`
	Q     string `query:"q" doc:"A part of the job's title, or of the name of the other side: the company for an institution, the institution for a company."`
}

// NewInterview is a schedule to ask for. What is optional is looked at after the gate, by
// the use case.
type NewInterview struct {
	Institution  string `json:"institution" doc:"The institution's id."`
	Job          string `json:"job" doc:"The id of a job of your company that the institution has approved."`
	Date         string `json:"date" example:"2026-12-03" doc:"On the institution's clock."`
	StartsAt     string `json:"starts_at" example:"09:00"`
	Slots        int    `json:"slots" doc:"1 to 100."`
	SlotMinutes  int    `json:"slot_minutes" doc:"5 to 480."`
	BreakMinutes int    `json:"break_minutes,omitempty" doc:"Between slots."`
	PauseAfter   int    `json:"pause_after,omitempty" doc:"After which slot a longer pause lies; 0 for none."`
	PauseMinutes int    `json:"pause_minutes,omitempty"`
	Way          string `json:"way,omitempty" doc:"on_site, unless given, or video."`
	VideoURL     string `json:"video_url,omitempty" doc:"By https. Only students who have a slot see it."`
	Needs        string `json:"needs,omitempty" doc:"What you ask of the room; at most 1,000 characters."`
}

type interviewPlace struct {
	ID   string `path:"id"`
	Body *struct {
		Place string `json:"place,omitempty" doc:"At most 300 characters."`
	}
}

type interviewNewPlace struct {
	ID   string `path:"id"`
	Body struct {
		Place string `json:"place" doc:"At most 300 characters; empty while it is open."`
	}
}

type interviewDecision struct {
	ID   string `path:"id"`
	Body *Decision
}

type interviewReason struct {
	ID   string `path:"id"`
	Body struct {
		Reason string `json:"reason" doc:"At most 1,000 characters. The students who have slots read it, too."`
	}
}

type interviewProposal struct {
	ID   string `path:"id"`
	Body struct {
		Date     string `json:"date" example:"2026-12-04"`
		StartsAt string `json:"starts_at" example:"13:00"`
		Place    string `json:"place,omitempty" doc:"At most 300 characters."`
		Note     string `json:"note,omitempty" doc:"At most 1,000 characters; the company reads it."`
	}
}

type interviewAnswer struct {
	ID   string `path:"id"`
	Body struct {
		Accept bool `json:"accept"`
	}
}

const interviewPath = "/interview-requests"

func (a *api) registerInterviews() {
	tags := []string{"Interviews"}
	both := access{staff: institution.Read, employer: account.ReadScope}
	register(a, both, huma.Operation{
		OperationID: "list-interview-requests", Method: http.MethodGet, Path: interviewPath, Tags: tags,
		Summary:     "List interview requests",
		Description: "With an institution's token those made to it; with an employer user's token the user's own, and an admin's of the whole company. Requested ones in the order in which they were made, others the newest first.",
	}, a.listInterviews)
	register(a, employer(account.RecruitScope), huma.Operation{
		OperationID: "create-interview-request", Method: http.MethodPost, Path: interviewPath, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Ask an institution for a schedule of interviews", Description: "If the institution refuses, it is 403 with what is missing.",
	}, a.requestInterview)
	register(a, both, huma.Operation{
		OperationID: "get-interview-request", Method: http.MethodGet, Path: interviewPath + "/{id}", Tags: tags,
		Summary: "Get an interview request",
	}, a.getInterview)
	a.registerInterviewDecisions(tags)
	a.registerInterviewAnswers(tags)
}

// registerInterviewDecisions adds what staff do to a request.
func (a *api) registerInterviewDecisions(tags []string) {
	register(a, staff(institution.Review), interviewAct("approve", tags, "Let students take the slots", "Where another time was proposed, the recruiter's own is approved."),
		func(ctx context.Context, in *interviewPlace) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error {
				place := ""
				if in.Body != nil {
					place = in.Body.Place
				}
				return a.Interviews.Approve(ctx, scopeOf(ctx), id, place)
			})
		})
	register(a, staff(institution.Review), interviewAct("move", tags, "Tell another place for an approved schedule", "The company and the students who have slots are told."),
		func(ctx context.Context, in *interviewNewPlace) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error { return a.Interviews.Move(ctx, scopeOf(ctx), id, in.Body.Place) })
		})
	register(a, staff(institution.Review), interviewAct("decline", tags, "Refuse a request", "The company reads the reason."),
		func(ctx context.Context, in *interviewDecision) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error { return a.Interviews.Decline(ctx, scopeOf(ctx), id, reason(in.Body)) })
		})
	register(a, staff(institution.Review), interviewAct("propose", tags, "Propose another time", "If the recruiter accepts, the request is approved with it."),
		func(ctx context.Context, in *interviewProposal) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error {
				return a.Interviews.Propose(ctx, scopeOf(ctx), id, posting.Proposal{Date: in.Body.Date, StartsAt: in.Body.StartsAt, Place: in.Body.Place, Note: in.Body.Note})
			})
		})
}

// registerInterviewAnswers adds what the company's people do to a request, and what both do.
func (a *api) registerInterviewAnswers(tags []string) {
	register(a, employer(account.RecruitScope), interviewAct("answer", tags, "Answer a proposal", "Accepting approves the request with the proposed time; refusing leaves it as it was asked for."),
		func(ctx context.Context, in *interviewAnswer) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error {
				return a.Interviews.AnswerProposal(ctx, callerOf(ctx).UserID, id, in.Body.Accept)
			})
		})
	register(a, employer(account.RecruitScope), interviewAct("withdraw", tags, "Take a request back that is not approved yet", ""),
		func(ctx context.Context, in *idInput) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error { return a.Interviews.Withdraw(ctx, callerOf(ctx).UserID, id) })
		})
	register(a, access{staff: institution.Review, employer: account.RecruitScope}, interviewAct("cancel", tags, "Cancel an approved schedule", "The other side and the students who have slots are told."),
		func(ctx context.Context, in *interviewReason) (*interviewOutput, error) {
			return a.interview(ctx, in.ID, func(id int64) error {
				if userID := callerOf(ctx).UserID; userID != 0 {
					return a.Interviews.CallOff(ctx, userID, id, in.Body.Reason)
				}
				return a.Interviews.Cancel(ctx, scopeOf(ctx), id, in.Body.Reason)
			})
		})
}

func interviewAct(name string, tags []string, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: name + "-interview-request", Method: http.MethodPost, Path: interviewPath + "/{id}/" + name,
		Tags: tags, Summary: summary, Description: description,
	}
}

// interview does something with one request and answers it as it is then.
func (a *api) interview(ctx context.Context, text string, do func(id int64) error) (*interviewOutput, error) {
	id, err := pathID("interview request", text)
	if err != nil {
		return nil, err
	}
	if err := do(id); err != nil {
		return nil, err
	}
	var i posting.Interview
	if userID := callerOf(ctx).UserID; userID != 0 {
		i, err = a.Interviews.Get(ctx, userID, id)
	} else {
		i, err = a.Interviews.Requested(ctx, scopeOf(ctx), id)
	}
	if err != nil {
		return nil, err
	}
	return &interviewOutput{interviewOf(i)}, nil
}

func (a *api) getInterview(ctx context.Context, in *idInput) (*interviewOutput, error) {
	return a.interview(ctx, in.ID, func(int64) error { return nil })
}

func (a *api) listInterviews(ctx context.Context, in *interviewsInput) (*listOutput[InterviewRequest], error) {
	s := seal(ctx, "interviews", in.State, in.Q)
	after, err := positionAt[int64](in.Paging, s)
	if err != nil {
		return nil, err
	}
	q := posting.InterviewQuery{State: in.State, Q: in.Q, After: after, Limit: in.Limit}
	var found []posting.Interview
	var next int64
	var total int
	if userID := callerOf(ctx).UserID; userID != 0 {
		found, next, total, err = a.Interviews.Mine(ctx, userID, q)
	} else {
		found, next, total, err = a.Interviews.List(ctx, scopeOf(ctx), q)
	}
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, interviewOf)
}

func (a *api) requestInterview(ctx context.Context, in *struct{ Body NewInterview }) (*interviewOutput, error) {
	b := in.Body
	i, err := a.Interviews.Request(ctx, callerOf(ctx).UserID, posting.InterviewInput{
		InstitutionID: bodyID(b.Institution), JobID: bodyID(b.Job),
		Schedule: posting.Schedule{Date: b.Date, StartsAt: b.StartsAt, SlotCount: b.Slots, SlotMinutes: b.SlotMinutes, BreakMinutes: b.BreakMinutes,
			PauseAfter: b.PauseAfter, PauseMinutes: b.PauseMinutes, Way: b.Way, VideoURL: b.VideoURL, Needs: b.Needs},
	})
	if err != nil {
		return nil, err
	}
	return &interviewOutput{interviewOf(i)}, nil
}

func interviewOf(i posting.Interview) InterviewRequest {
	out := InterviewRequest{
		ID: db.FormatID(i.ID), State: i.State, Institution: db.FormatID(i.InstitutionID), InstitutionName: i.Institution, Timezone: i.Zone.String(),
		Job: db.FormatID(i.JobID), JobTitle: i.Job, CompanyID: db.FormatID(i.CompanyID), CompanyName: i.Company, RequestedBy: i.RequestedBy,
		Date: i.Date, StartsAt: i.StartsAt, Slots: i.SlotCount, SlotMinutes: i.SlotMinutes, BreakMinutes: i.BreakMinutes,
		PauseAfter: i.PauseAfter, PauseMinutes: i.PauseMinutes, Way: i.Way, VideoURL: i.VideoURL, Needs: i.Needs, Place: i.Place,
		ProposedDate: i.ProposedDate, ProposedStartsAt: i.ProposedStartsAt, Reason: i.Reason, Flagged: i.Flagged,
		RequestedAt: Time{i.RequestedAt}, DecidedAt: Time{i.DecidedAt}, Times: []InterviewTime{},
	}
	for _, s := range i.Slots {
		out.Times = append(out.Times, InterviewTime{N: s.N, StartsAt: Time{s.StartsAt}, EndsAt: Time{s.EndsAt}, Taken: s.Taken, Student: s.Student})
	}
	return out
}
