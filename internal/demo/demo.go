// Package demo fills an empty database with a realistic institution: Elm University with its
// address book, a year of imports, bulk invites and what came of them, employers who wait for
// approval, students, interviews and messages, and two further institutions. What happens is a story of events in their order of
// time, told through the same use cases that people use, with a clock of its own. The same
// seed tells the same story; people, companies and addresses are invented.
package demo

import (
	"context"
	"time"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/secret"
)

// Guests are the people as whom somebody may look around.
type Guests struct {
	// Owner works at Elm University, Admin and Recruiter at companies that it has approved.
	Owner, Admin, Recruiter account.User
	// Student is a student of Elm University.
	Student account.User
}

// Options are what a story needs to know about the server.
type Options struct {
	DB  *db.DB
	Key *secret.Key
	// BaseURL is where people reach Beckon, MailFrom the address that mail comes from.
	BaseURL, MailFrom string
	// Now is when the story ends: what would happen later has not happened.
	Now time.Time
}

// Fill tells the story. The database must be migrated and empty, and nobody else may work on
// it meanwhile.
func Fill(ctx context.Context, o Options) (Guests, error) {
	w := newWorld(o)
	defer func(clock func() time.Time) { o.DB.Clock = clock }(o.DB.Clock)
	o.DB.Clock = w.now
	w.begin()
	if err := w.play(ctx); err != nil {
		return Guests{}, err
	}
	if err := w.forgetOldMail(ctx); err != nil {
		return Guests{}, err
	}
	return Guests{Owner: w.elm.owner, Admin: w.firms[0].admin, Recruiter: w.firms[1].recruiter, Student: w.pupils[0].user}, nil
}

// Find is the guests of a database that was filled before; fault.ErrNotFound for another one.
func Find(ctx context.Context, o Options) (g Guests, err error) {
	w := newWorld(o)
	for to, address := range map[*account.User]string{&g.Owner: ownerEmail, &g.Admin: w.firms[0].people[0].email, &g.Recruiter: w.firms[1].people[1].email, &g.Student: w.pupils[0].email} {
		if *to, err = w.accounts.ByEmail(ctx, address); err != nil {
			return Guests{}, err
		}
	}
	return g, nil
}
