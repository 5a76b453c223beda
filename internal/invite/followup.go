package invite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// FollowUp does what institutions have set to follow on a sign-up by invite (after_signup):
// where a person answered an invite and has an approved company by now that the institution
// has never decided about, it makes the request for them, or approves. With `ask`, the
// default, the person does it and this finds nothing. It looks at facts rather than being
// told, so that every way of joining a company leads here. One that fails holds nobody else up:
// it waits for the next look, and its error is among those answered.
func (in *Invites) FollowUp(ctx context.Context) error {
	type due struct {
		invite, institution, company, user int64
		approve                            bool
	}
	var found []due
	err := in.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var d due
			err := r.Scan(&d.invite, &d.institution, &d.company, &d.user, &d.approve)
			found = append(found, d)
			return err
		}, `SELECT i.id, i.institution_id, s.company_id, s.user_id, CASE WHEN b.after_signup = 'approve' THEN 1 ELSE 0 END
			FROM bulk_invites b JOIN invites i ON i.bulk_invite_id = b.id AND i.state = 'accepted'
			JOIN contact_standing s ON s.institution_id = i.institution_id AND s.contact_id = i.contact_id AND s.standing = 2
			LEFT JOIN connections k ON k.institution_id = i.institution_id AND k.company_id = s.company_id
			WHERE b.after_signup <> 'ask' AND (k.state IS NULL OR k.state = 'none' AND k.decided_at = 0) ORDER BY i.id LIMIT 200`)
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, d := range found {
		if d.approve {
			err = in.approveAnswered(ctx, d.institution, d.company)
		} else {
			_, err = in.Recruiting.Request(ctx, d.user, d.institution)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("follow up invite %d: %w", d.invite, err))
		}
	}
	return errors.Join(failed...)
}

// approveAnswered approves a company whose recruiter answered an invite.
func (in *Invites) approveAnswered(ctx context.Context, institutionID, companyID int64) error {
	return in.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, institutionID, 0); err != nil {
			return err
		}
		by := institution.System(institutionID, "answered invite").Actor()
		_, _, err := in.Recruiting.Connect(ctx, tx, by, institutionID, companyID)
		return err
	})
}
