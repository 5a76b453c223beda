package institution

import (
	"context"
	"slices"
	"time"

	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
)

// Scope is the right to reach one institution's data. Every method on tenant data takes
// one. It is made in four places only: Staff, Student, Token and System; the zero Scope
// reaches nothing.
type Scope struct {
	id        int64
	actor     audit.Actor
	may       []Permission
	role      Role
	userID    int64
	studentID int64
}

// ID is the institution. 0 for the zero Scope, which no row has.
func (s Scope) ID() int64 { return s.id }

// Actor is who acts, for the audit.
func (s Scope) Actor() audit.Actor { return s.actor }

// UserID is the staff member or the student's user behind the scope, 0 for tokens and the
// system.
func (s Scope) UserID() int64 { return s.userID }

// StudentID is the student behind the scope, 0 for everybody else.
func (s Scope) StudentID() int64 { return s.studentID }

// Role is the staff member's role, "" for tokens and the system.
func (s Scope) Role() Role { return s.role }

// May tells whether the scope has the permission.
func (s Scope) May(p Permission) bool { return s.id != 0 && slices.Contains(s.may, p) }

// Require answers fault.Forbidden, naming what it takes, unless the scope has the
// permission.
func (s Scope) Require(p Permission) error {
	if s.May(p) {
		return nil
	}
	if s.actor.Kind == audit.Token {
		return fault.Forbidden{Needs: "a token with the scope " + string(p)}
	}
	return fault.Forbidden{Needs: needs[p]}
}

// Record writes an audit event in this scope's name.
func (s Scope) Record(ctx context.Context, tx *db.Tx, at time.Time, action, kind string, id int64, detail map[string]any) error {
	return audit.Record(ctx, tx, audit.Event{InstitutionID: s.id, At: at, Actor: s.actor, Action: action, SubjectKind: kind, SubjectID: id, Detail: detail})
}

// Staff is the scope of a user who works at the institution; fault.ErrNotFound for
// anybody else, so that a stranger cannot tell which institutions there are.
func Staff(ctx context.Context, d *db.DB, userID, institutionID int64) (Scope, error) {
	var role Role
	var first, last string
	err := d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT s.role, u.first_name, u.last_name FROM staff s JOIN users u ON u.id = s.user_id
			WHERE s.institution_id = $1 AND s.user_id = $2`, institutionID, userID).Scan(&role, &first, &last)
	})
	if db.IsNoRows(err) {
		return Scope{}, fault.NotFound("institution")
	}
	if err != nil {
		return Scope{}, err
	}
	return Scope{id: institutionID, role: role, userID: userID, may: allowed[role],
		actor: audit.Actor{Kind: audit.Staff, ID: userID, Name: first + " " + last}}, nil
}

// Student is the scope of a user who is a student of the institution: one of the user's
// proven addresses is that of a student there who has not been archived. It has Attend
// alone. fault.ErrNotFound for anybody else.
func Student(ctx context.Context, d *db.DB, userID, institutionID int64) (Scope, error) {
	var id int64
	var first, last string
	err := d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT s.id, s.first_name, s.last_name FROM students s
			JOIN user_addresses a ON a.email_key = s.email_key AND a.verified_at > 0
			WHERE s.institution_id = $1 AND a.user_id = $2 AND s.archived = 0 ORDER BY s.id LIMIT 1`, institutionID, userID).Scan(&id, &first, &last)
	})
	if db.IsNoRows(err) {
		return Scope{}, fault.NotFound("institution")
	}
	if err != nil {
		return Scope{}, err
	}
	return Scope{id: institutionID, userID: userID, studentID: id, may: []Permission{Attend},
		actor: audit.Actor{Kind: audit.Student, ID: id, Name: first + " " + last}}, nil
}

// Token is the scope of an institution's API token, which account.Tokens has checked.
func Token(institutionID, tokenID int64, name string, scopes []Permission) Scope {
	return Scope{id: institutionID, may: append([]Permission{Read}, scopes...),
		actor: audit.Actor{Kind: audit.Token, ID: tokenID, Name: name}}
}

// System is the scope of Beckon itself at one institution, for work that no person asked
// for there: verifying an address, a worker that carries out what somebody confirmed.
// The reason stands as the actor's name in the audit.
func System(institutionID int64, reason string) Scope {
	return Scope{id: institutionID, may: Permissions, actor: audit.Actor{Kind: audit.System, Name: reason}}
}

// Resume is the scope of a worker that carries out a confirmed act: the system's rights,
// recorded in the name of the one who confirmed.
func Resume(institutionID int64, actor audit.Actor) Scope {
	return Scope{id: institutionID, may: Permissions, actor: actor}
}
