package student

import (
	"context"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// Erase deletes a student with everything that speaks of the student alone: what was imported
// and chosen, conversations with their reports, blocks, slots taken. Slots to come are free
// again. What the audit keeps makes nobody out. A later import of the same address begins
// anew. The user's account, which is the person's own, stays. fault.ErrNotFound for no
// student of the institution.
func (st *Students) Erase(ctx context.Context, s institution.Scope, id int64) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	return st.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := gate.Lock(ctx, tx, s.ID(), 0); err != nil {
			return err
		}
		if _, err := load(ctx, tx, s.ID(), id); err != nil {
			return err
		}
		for what, statement := range map[string]string{
			"slots":   `UPDATE interview_slots SET student_id = 0, taken_at = 0 WHERE institution_id = $1 AND student_id = $2`,
			"name":    `UPDATE audit_events SET actor_name = 'an erased student' WHERE institution_id = $1 AND actor_kind = 'student' AND actor_id = $2`,
			"details": `UPDATE audit_events SET detail = '{}' WHERE institution_id = $1 AND subject_kind = 'student' AND subject_id = $2`,
		} {
			if _, err := tx.Exec(ctx, statement, s.ID(), id); err != nil {
				return fmt.Errorf("erase the %s of a student: %w", what, err)
			}
		}
		// Conversations, reports and blocks go with the row.
		if _, err := tx.Exec(ctx, `DELETE FROM students WHERE institution_id = $1 AND id = $2`, s.ID(), id); err != nil {
			return fmt.Errorf("erase a student: %w", err)
		}
		return s.Record(ctx, tx, st.Now(), "student.erased", "student", id, nil)
	})
}
