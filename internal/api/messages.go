package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/student"
)

// Thread is a message to one student with what the two have answered.
type Thread struct {
	ID              string       `json:"id"`
	Institution     string       `json:"institution" doc:"The institution's id."`
	InstitutionName string       `json:"institution_name"`
	Student         FoundStudent `json:"student"`
	Subject         string       `json:"subject"`
	CreatedAt       Time         `json:"created_at"`
	LastAt          Time         `json:"last_at" doc:"When one of the two wrote last."`
	Unread          bool         `json:"unread" doc:"The student has written since the user has read it."`
	Open            bool         `json:"open" doc:"The user may write now."`
	ClosedWhy       string       `json:"closed_why" doc:"Why not, for people to read."`
	Messages        []Message    `json:"messages" nullable:"false" doc:"The oldest first."`
}

// Message is what one of the two wrote.
type Message struct {
	ID     string `json:"id"`
	From   string `json:"from" enum:"recruiter,student"`
	Body   string `json:"body"`
	SentAt Time   `json:"sent_at"`
}

// NewMessage is a message to students.
type NewMessage struct {
	Institution string   `json:"institution" doc:"The institution's id."`
	Students    []string `json:"students" nullable:"false" doc:"Ids of students of the institution whom the list of students has, at most 50."`
	Subject     string   `json:"subject" doc:"At most 200 characters."`
	Body        string   `json:"body" doc:"At most 10,000 characters."`
}

// Begun is the threads that a message begins.
type Begun struct {
	Data []Thread `json:"data" nullable:"false" doc:"One for each student, in the order given."`
}

// Reply is a message in a thread that exists.
type Reply struct {
	Body string `json:"body" doc:"At most 10,000 characters."`
}

type threadOutput struct{ Body Thread }

type threadsInput struct {
	Paging
	Institution string `query:"institution" doc:"Only threads with students of this institution."`
	Q           string `query:"q" doc:"A part of the subject or of a name."`
}

type replyInput struct {
	ID   string `path:"id"`
	Body Reply
}

func (a *api) registerMessages() {
	tags := []string{"Messages"}
	register(a, employer(account.ReadScope), huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/messages", Tags: tags,
		Summary: "List threads with students", Description: "The user's own at the present company, with their messages; the one in which somebody wrote last first.",
	}, a.listThreads)
	register(a, employer(account.ReadScope), huma.Operation{
		OperationID: "get-message", Method: http.MethodGet, Path: "/messages/{id}", Tags: tags,
		Summary: "Get a thread", Description: "Reading it here does not mark it as read.",
	}, a.getThread)
	register(a, employer(account.RecruitScope), huma.Operation{
		OperationID: "create-message", Method: http.MethodPost, Path: "/messages", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Write to students of an institution",
		Description: "To all or none of them. Where the user may not recruit it is 403 with what is missing; a student who does not allow it is 422 " +
			"naming the index. A company may write to 200 students a day at an institution, on its clock; beyond that it is 429. Answers do not count. " +
			"The institution's staff see that messages go, and read a thread only when one of the two reports it.",
	}, a.createMessage)
	register(a, employer(account.RecruitScope), huma.Operation{
		OperationID: "create-reply", Method: http.MethodPost, Path: "/messages/{id}/replies", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Write on in a thread",
		Description: "Where the user may not recruit any more it is 403 with what is missing; where the student does not take messages any more, 409.",
	}, a.createReply)
}

func threadOf(t student.Thread) Thread {
	return Thread{
		ID: db.FormatID(t.ID), Institution: db.FormatID(t.InstitutionID), InstitutionName: t.Institution, Student: foundStudentOf(t.Student),
		Subject: t.Subject, CreatedAt: Time{t.CreatedAt}, LastAt: Time{t.LastAt}, Unread: t.Unread, Open: t.Open, ClosedWhy: t.ClosedWhy,
		Messages: messagesOf(t.Messages),
	}
}

func messagesOf(all []student.Message) []Message {
	out := []Message{}
	for _, m := range all {
		from := "recruiter"
		if m.ByStudent {
			from = "student"
		}
		out = append(out, Message{ID: db.FormatID(m.ID), From: from, Body: m.Body, SentAt: Time{m.SentAt}})
	}
	return out
}

func (a *api) listThreads(ctx context.Context, in *threadsInput) (*listOutput[Thread], error) {
	s := seal(ctx, "messages", in.Institution, in.Q)
	after, err := positionAt[student.Latest](in.Paging, s)
	if err != nil {
		return nil, err
	}
	q := student.ThreadQuery{Q: in.Q, After: after, Limit: in.Limit}
	if in.Institution != "" {
		q.InstitutionID = bodyID(in.Institution)
	}
	found, next, total, err := a.Students.ThreadsOfRecruiter(ctx, callerOf(ctx).UserID, q)
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, threadOf)
}

func (a *api) getThread(ctx context.Context, in *idInput) (*threadOutput, error) {
	id, err := pathID("thread", in.ID)
	if err != nil {
		return nil, err
	}
	t, err := a.Students.ThreadForRecruiter(ctx, callerOf(ctx).UserID, id)
	if err != nil {
		return nil, err
	}
	return &threadOutput{threadOf(t)}, nil
}

func (a *api) createMessage(ctx context.Context, in *struct{ Body NewMessage }) (*struct{ Body Begun }, error) {
	l := student.Letter{InstitutionID: bodyID(in.Body.Institution), Subject: in.Body.Subject, Body: in.Body.Body}
	for _, id := range in.Body.Students {
		l.Students = append(l.Students, bodyID(id))
	}
	threads, err := a.Students.Write(ctx, callerOf(ctx).UserID, l)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body Begun }{}
	for _, t := range threads {
		out.Body.Data = append(out.Body.Data, threadOf(t))
	}
	return out, nil
}

func (a *api) createReply(ctx context.Context, in *replyInput) (*threadOutput, error) {
	id, err := pathID("thread", in.ID)
	if err != nil {
		return nil, err
	}
	t, err := a.Students.ReplyAsRecruiter(ctx, callerOf(ctx).UserID, id, in.Body.Body)
	if err != nil {
		return nil, err
	}
	return &threadOutput{threadOf(t)}, nil
}
