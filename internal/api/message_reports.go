package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/student"
)

// MessageCounts tells how many messages go to the institution's students.
type MessageCounts struct {
	ThreadCounts
	OpenReports int             `json:"open_reports" doc:"Reports that nobody has resolved."`
	Companies   []CompanyCounts `json:"companies" nullable:"false" doc:"All that have written, the busiest of late first."`
}

// CompanyCounts are those of one company.
type CompanyCounts struct {
	CompanyID   string `json:"company_id"`
	CompanyName string `json:"company_name"`
	ThreadCounts
}

// ThreadCounts are how many threads and messages there are.
type ThreadCounts struct {
	Threads        int `json:"threads"`
	Messages       int `json:"messages" doc:"Of both sides."`
	ThreadsLately  int `json:"threads_lately" doc:"Begun in the last 30 days."`
	MessagesLately int `json:"messages_lately" doc:"Of the last 30 days."`
}

// MessageReport is a recruiter's or a student's word that something is wrong in a thread.
type MessageReport struct {
	ID          string `json:"id"`
	State       string `json:"state" enum:"open,resolved"`
	By          string `json:"by" enum:"recruiter,student"`
	Reason      string `json:"reason"`
	ReportedAt  Time   `json:"reported_at"`
	CompanyID   string `json:"company_id"`
	CompanyName string `json:"company_name"`
	Recruiter   string `json:"recruiter" doc:"The name of the recruiter; empty unless that is one of the institution's contacts."`
	StudentID   string `json:"student_id"`
	Student     string `json:"student" doc:"The name of the student."`
	Messages    int    `json:"messages" doc:"How many the two have written."`
	Note        string `json:"note" doc:"What was done about it."`
	ResolvedAt  Time   `json:"resolved_at"`
	ResolvedBy  string `json:"resolved_by"`
}

// ReportedThread is the thread of a report.
type ReportedThread struct {
	ID       string    `json:"id"`
	Subject  string    `json:"subject"`
	Messages []Message `json:"messages" nullable:"false" doc:"The oldest first; of a resolved report those up to then."`
}

type reportOutput struct{ Body MessageReport }

type reportsInput struct {
	Paging
	State string `query:"state" doc:"open or resolved; open ones come the oldest first."`
	Q     string `query:"q" doc:"A part of the company's name, or of what students are found by."`
}

type resolveInput struct {
	ID   string `path:"id"`
	Body struct {
		Note string `json:"note" doc:"What was done about it, at most 1,000 characters; staff alone read it."`
	}
}

func (a *api) registerMessageReports() {
	tags, who := []string{"Messages"}, staff(institution.Review)
	register(a, who, huma.Operation{
		OperationID: "get-message-counts", Method: http.MethodGet, Path: "/message-counts", Tags: tags,
		Summary: "Count the messages between recruiters and students",
	}, a.getMessageCounts)
	register(a, who, huma.Operation{
		OperationID: "list-message-reports", Method: http.MethodGet, Path: "/message-reports", Tags: tags,
		Summary: "List reports of threads", Description: "The newest first, but for open ones.",
	}, a.listMessageReports)
	register(a, who, huma.Operation{
		OperationID: "get-message-report", Method: http.MethodGet, Path: "/message-reports/{id}", Tags: tags,
		Summary: "Get a report",
	}, a.getMessageReport)
	register(a, who, huma.Operation{
		OperationID: "read-reported-thread", Method: http.MethodGet, Path: "/message-reports/{id}/thread", Tags: tags,
		Summary: "Read the thread of a report", Description: "No thread without a report can be read, and the audit names who read one.",
	}, a.readReportedThread)
	register(a, who, huma.Operation{
		OperationID: "resolve-message-report", Method: http.MethodPost, Path: "/message-reports/{id}/resolve", Tags: tags,
		Summary: "Resolve a report",
	}, a.resolveMessageReport)
}

func countsOf(c student.Counts) ThreadCounts {
	return ThreadCounts{Threads: c.Threads, Messages: c.Messages, ThreadsLately: c.ThreadsLately, MessagesLately: c.MessagesLately}
}

func reportOf(r student.Report) MessageReport {
	by := "recruiter"
	if r.ByStudent {
		by = "student"
	}
	return MessageReport{
		ID: db.FormatID(r.ID), State: r.State, By: by, Reason: r.Reason, ReportedAt: Time{r.ReportedAt}, CompanyID: db.FormatID(r.CompanyID),
		CompanyName: r.Company, Recruiter: r.Recruiter, StudentID: db.FormatID(r.StudentID), Student: r.Student, Messages: r.Messages,
		Note: r.Note, ResolvedAt: Time{r.DecidedAt}, ResolvedBy: r.DecidedBy,
	}
}

func (a *api) getMessageCounts(ctx context.Context, _ *struct{}) (*struct{ Body MessageCounts }, error) {
	all, err := a.Students.MessageCounts(ctx, scopeOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &struct{ Body MessageCounts }{MessageCounts{ThreadCounts: countsOf(all.Counts), OpenReports: all.OpenReports, Companies: []CompanyCounts{}}}
	for _, c := range all.Companies {
		out.Body.Companies = append(out.Body.Companies, CompanyCounts{CompanyID: db.FormatID(c.CompanyID), CompanyName: c.Company, ThreadCounts: countsOf(c.Counts)})
	}
	return out, nil
}

func (a *api) listMessageReports(ctx context.Context, in *reportsInput) (*listOutput[MessageReport], error) {
	s := seal(ctx, "message-reports", in.State, in.Q)
	after, err := positionAt[int64](in.Paging, s)
	if err != nil {
		return nil, err
	}
	found, next, total, err := a.Students.Reports(ctx, scopeOf(ctx), student.ReportQuery{State: in.State, Q: in.Q, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, reportOf)
}

func (a *api) getMessageReport(ctx context.Context, in *idInput) (*reportOutput, error) {
	id, err := pathID("report", in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.Students.Report(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &reportOutput{reportOf(found)}, nil
}

func (a *api) readReportedThread(ctx context.Context, in *idInput) (*struct{ Body ReportedThread }, error) {
	id, err := pathID("report", in.ID)
	if err != nil {
		return nil, err
	}
	_, t, err := a.Students.ReportedThread(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &struct{ Body ReportedThread }{ReportedThread{ID: db.FormatID(t.ID), Subject: t.Subject, Messages: messagesOf(t.Messages)}}, nil
}

func (a *api) resolveMessageReport(ctx context.Context, in *resolveInput) (*reportOutput, error) {
	id, err := pathID("report", in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Students.Resolve(ctx, scopeOf(ctx), id, in.Body.Note); err != nil {
		return nil, err
	}
	return a.getMessageReport(ctx, &idInput{in.ID})
}
