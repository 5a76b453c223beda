package main

import (
	"context"

	"beckon/internal/contact"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/student"
	"beckon/internal/web/components"
)

// staffCounts are the numbers in the navigation of an institution's pages: how many contacts
// there are, and what waits for a decision.
func (b *Beckon) staffCounts(ctx context.Context, s institution.Scope) (counts components.Counts, err error) {
	if counts.Contacts, err = b.Book.Count(ctx, s, contact.Filter{}); err != nil {
		return counts, err
	}
	if counts.Invites, err = b.Invites.Waiting(ctx, s); err != nil {
		return counts, err
	}
	if _, _, counts.Approvals, err = b.Recruiting.List(ctx, s, recruiting.Query{State: recruiting.Requested, Limit: 1}); err != nil {
		return counts, err
	}
	if counts.Jobs, err = b.Jobs.Waiting(ctx, s); err != nil {
		return counts, err
	}
	if counts.Interviews, err = b.Interviews.Waiting(ctx, s); err != nil || !s.May(institution.Review) {
		return counts, err
	}
	_, _, counts.Messages, err = b.Students.Reports(ctx, s, student.ReportQuery{State: student.ReportOpen, Limit: 1})
	return counts, err
}

// recruiterCounts are the numbers in a recruiter's navigation: the jobs in the list, the
// proposals that wait for an answer, and what waits to be read.
func (b *Beckon) recruiterCounts(ctx context.Context, userID int64) (counts components.Counts, err error) {
	if _, _, counts.Jobs, err = b.Jobs.Mine(ctx, userID, posting.Query{Limit: 1}); err != nil {
		return counts, err
	}
	if counts.Interviews, err = b.Interviews.ToAnswer(ctx, userID); err != nil {
		return counts, err
	}
	counts.Messages, err = b.Students.UnreadOfRecruiter(ctx, userID)
	return counts, err
}

// studentCounts are the numbers in a student's navigation: the jobs to look at, the
// interviews to come, and what waits to be read.
func (b *Beckon) studentCounts(ctx context.Context, s institution.Scope) (counts components.Counts, err error) {
	if _, _, counts.Jobs, err = b.Jobs.Live(ctx, s, posting.Query{Limit: 1}); err != nil {
		return counts, err
	}
	if counts.Interviews, err = b.Interviews.Coming(ctx, s); err != nil {
		return counts, err
	}
	counts.Messages, err = b.Students.UnreadOfStudent(ctx, s)
	return counts, err
}
