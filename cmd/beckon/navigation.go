package main

import (
	"context"

	"beckon/internal/contact"
	"beckon/internal/institution"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/web/components"
)

// staffCounts are the numbers in the navigation of an institution's pages: how many contacts
// there are, and what waits for a decision.
func (b *Beckon) staffCounts(ctx context.Context, s institution.Scope) (counts components.Counts, err error) {
	if counts.Contacts, err = b.Book.Count(ctx, s, contact.Filter{}); err != nil {
		return counts, err
	}
	if _, _, counts.Approvals, err = b.Recruiting.List(ctx, s, recruiting.Query{State: recruiting.Requested, Limit: 1}); err != nil {
		return counts, err
	}
	_, _, counts.Jobs, err = b.Jobs.List(ctx, s, posting.Query{State: posting.Pending, Limit: 1})
	return counts, err
}

// employerJobs is how many jobs stand in a recruiter's list.
func (b *Beckon) employerJobs(ctx context.Context, userID int64) (int, error) {
	_, _, total, err := b.Jobs.Mine(ctx, userID, 0, 1)
	return total, err
}
