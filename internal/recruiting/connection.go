// Package recruiting holds the connections of companies with institutions: who asks to
// recruit where, and what the institution's staff decide.
package recruiting

import (
	"context"
	"fmt"
	"time"

	"beckon/internal/audit"
	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
)

// States of a connection. One that was never made is None.
const (
	None      = "none"
	Requested = "requested"
	Approved  = "approved"
	Declined  = "declined"
	Blocked   = "blocked"
)

// How a connection was decided.
const (
	ByStaff  = "staff"
	ByInvite = "invite"
)

// Recruiting is the register of connections. It is safe for concurrent use.
type Recruiting struct {
	DB  *db.DB
	Now func() time.Time
	// Book is where those who ask become contacts.
	Book *contact.Book
}

// act is what can be done to a connection, named as histories tell it.
type act string

const (
	request  act = "requested" // by a user of the company
	withdraw act = "withdrawn" // by a user of the company
	approve  act = "approved"  // by staff
	decline  act = "declined"  // by staff
	block    act = "blocked"   // by staff
	unblock  act = "unblocked" // by staff
	connect  act = "connected" // by an invite
)

// moves is the whole life of a connection: the state to which an act leads from each state.
// An act that a state does not name is refused. Blocked is left by unblock alone.
var moves = map[act]map[string]string{
	request:  {None: Requested, Requested: Requested, Approved: Approved, Declined: Requested},
	withdraw: {None: None, Requested: None},
	approve:  {None: Approved, Requested: Approved, Approved: Approved, Declined: Approved},
	decline:  {None: Declined, Requested: Declined, Approved: Declined, Declined: Declined},
	block:    {None: Blocked, Requested: Blocked, Approved: Blocked, Declined: Blocked, Blocked: Blocked},
	unblock:  {Blocked: None},
	connect:  {None: Approved, Requested: Approved, Approved: Approved, Declined: Approved},
}

// connection is a row of the table connections.
type connection struct {
	institutionID, companyID int64
	state                    string
	requestedAt, requestedBy int64
	decidedAt, decidedBy     int64
	decidedHow, reason       string
}

// load reads a connection; one without a row is None.
func load(ctx context.Context, tx *db.Tx, institutionID, companyID int64) (connection, error) {
	c := connection{institutionID: institutionID, companyID: companyID, state: None}
	err := tx.QueryRow(ctx, `
		SELECT state, requested_at, requested_by, decided_at, decided_by, decided_how, reason FROM connections
		WHERE institution_id = $1 AND company_id = $2`, institutionID, companyID).
		Scan(&c.state, &c.requestedAt, &c.requestedBy, &c.decidedAt, &c.decidedBy, &c.decidedHow, &c.reason)
	if db.IsNoRows(err) {
		err = nil
	}
	return c, err
}

// decide is the one way in which a connection changes. It answers the connection as it is
// now and whether it changed; an act that moves does not allow is fault.Conflict. The
// standing of the company's people and the record follow in the same transaction. The
// caller holds gate.Lock of the institution.
func (r *Recruiting) decide(ctx context.Context, tx *db.Tx, a act, by audit.Actor, institutionID, companyID int64, reason string) (connection, bool, error) {
	c, err := load(ctx, tx, institutionID, companyID)
	if err != nil {
		return c, false, err
	}
	from := c.state
	to, ok := moves[a][from]
	if !ok {
		return c, false, refused(a, from)
	}
	if to == from {
		return c, false, nil
	}
	c.state = to
	c.note(a, by, db.Millis(r.Now()), reason)
	if err := c.store(ctx, tx); err != nil {
		return c, false, err
	}
	if err := gate.RecomputeCompany(ctx, tx, institutionID, companyID); err != nil {
		return c, false, err
	}
	return c, true, audit.Record(ctx, tx, audit.Event{InstitutionID: institutionID, At: r.Now(), Actor: by,
		Action: "connection." + string(a), SubjectKind: "company", SubjectID: companyID,
		Detail: map[string]any{"from": from, "to": to, "reason": reason}})
}

// note keeps who asked and who decided. A connection that is None again knows neither.
func (c *connection) note(a act, by audit.Actor, now int64, reason string) {
	asked, askedBy := c.requestedAt, c.requestedBy
	*c = connection{institutionID: c.institutionID, companyID: c.companyID, state: c.state}
	switch a {
	case withdraw, unblock:
	case request:
		c.requestedAt, c.requestedBy = now, by.ID
	default:
		c.requestedAt, c.requestedBy = asked, askedBy
		c.decidedAt, c.decidedHow, c.reason = now, ByStaff, reason
		if a == connect {
			c.decidedHow = ByInvite
		}
		if by.Kind == audit.Staff || by.Kind == audit.User {
			c.decidedBy = by.ID
		}
	}
}

func (c connection) store(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO connections (institution_id, company_id, state, requested_at, requested_by, decided_at, decided_by, decided_how, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (institution_id, company_id) DO UPDATE SET state = excluded.state,
			requested_at = excluded.requested_at, requested_by = excluded.requested_by, decided_at = excluded.decided_at,
			decided_by = excluded.decided_by, decided_how = excluded.decided_how, reason = excluded.reason`,
		c.institutionID, c.companyID, c.state, c.requestedAt, c.requestedBy, c.decidedAt, c.decidedBy, c.decidedHow, c.reason)
	if err != nil {
		return fmt.Errorf("store a connection: %w", err)
	}
	return nil
}

func refused(a act, from string) error {
	switch {
	case a == unblock:
		return fault.Conflict{Message: "the company is not blocked"}
	case from == Blocked:
		return fault.Conflict{Message: "the company is blocked; unblock it first"}
	}
	return fault.Conflict{Message: "the institution has decided already"}
}
