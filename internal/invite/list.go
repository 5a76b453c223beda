package invite

import (
	"context"
	"database/sql"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/institution"
)

// InviteFilter picks invites of a bulk invite.
type InviteFilter struct {
	// State is one state; "" for all.
	State State
	// Time is "opened", "accepted" or "approved": those with that time; "sent": those that a
	// mail server took; "delivered": taken and not returned so far; "unanswered": taken and
	// neither answered nor bounced; "waiting": queued, sending or deferred; "" for all.
	Time string
	// Q is part of a name or an address, in any case.
	Q string
}

var byTime = map[string]string{
	"": "", "sent": "i.sent_at > 0", "opened": "i.opened_at > 0", "accepted": "i.accepted_at > 0", "approved": "i.approved_at > 0",
	"delivered": "i.sent_at > 0 AND i.state <> 'bounced'", "unanswered": "i.state = 'sent'", "waiting": "i.state IN ('queued', 'sending', 'deferred')",
}

// fromInvites joins invites with what is shown of their contacts.
const fromInvites = ` FROM invites i
	LEFT JOIN contacts c ON c.institution_id = i.institution_id AND c.id = i.contact_id
	LEFT JOIN contact_standing s ON s.institution_id = i.institution_id AND s.contact_id = i.contact_id`

// List is part of the invites of a bulk invite in the order of their ids: up to limit of
// those behind the id after. total is how many the filter finds.
func (in *Invites) List(ctx context.Context, s institution.Scope, bulkID int64, f InviteFilter, after int64, limit int) (all []Invite, total int, err error) {
	if err := s.Require(institution.Read); err != nil {
		return nil, 0, err
	}
	where, args, err := f.where(s.ID(), bulkID)
	if err != nil {
		return nil, 0, err
	}
	err = in.DB.Read(ctx, func(tx *db.Tx) error {
		b, err := getBulk(ctx, tx, s.ID(), bulkID)
		if err != nil {
			return err
		}
		if total, err = f.count(ctx, tx, b, where, args); err != nil {
			return err
		}
		before, err := beforeFirst(ctx, tx, bulkID)
		if err != nil {
			return err
		}
		n := len(args)
		return tx.Rows(ctx, func(r *sql.Rows) error {
			i, err := scanInvite(r)
			all = append(all, i)
			return err
		}, `SELECT `+inviteColumns+fromInvites+where+` AND i.id > `+db.Params(n+1, 1)+` ORDER BY i.id LIMIT `+db.Params(n+2, 1), append(args, max(after, before), limit)...)
	})
	return all, total, err
}

// containing is what somebody typed into a search box as a pattern for LIKE, without what no
// stored text holds and PostgreSQL does not take.
func containing(q string) string {
	return "%" + db.Like(strings.ToValidUTF8(strings.ReplaceAll(q, "\x00", ""), "")) + "%"
}

// where is the filter as SQL over fromInvites.
func (f InviteFilter) where(institutionID, bulkID int64) (where string, args []any, err error) {
	where, args = ` WHERE i.institution_id = $1 AND i.bulk_invite_id = $2`, []any{institutionID, bulkID}
	if f.State != "" {
		args = append(args, string(f.State))
		where += ` AND i.state = $3`
	}
	if t, ok := byTime[f.Time]; !ok {
		return "", nil, fault.Invalid("show", "choose one of sent, delivered, opened, accepted, approved, unanswered, waiting")
	} else if t != "" {
		where += ` AND ` + t
	}
	if f.Q != "" {
		args = append(args, containing(f.Q))
		p := db.Params(len(args), 1)
		where += ` AND (LOWER(i.email) LIKE LOWER(` + p + `) ESCAPE '\' OR LOWER(c.first_name || ' ' || c.last_name) LIKE LOWER(` + p + `) ESCAPE '\')`
	}
	return where, args, nil
}

// count is how many invites of the bulk invite the filter finds. It counts rows only where
// the counts of the bulk invite do not tell: a long list is opened often.
func (f InviteFilter) count(ctx context.Context, tx *db.Tx, b Bulk, where string, args []any) (n int, err error) {
	if n, ok := f.counted(b); ok {
		return n, nil
	}
	if f.State == "" && f.Q == "" && (f.Time == "delivered" || f.Time == "unanswered") {
		left := ``
		if f.Time == "unanswered" {
			left = `, 'accepted'`
		}
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM invites WHERE bulk_invite_id = $1 AND sent_at > 0 AND state IN ('bounced'`+left+`)`, b.ID).Scan(&n)
		return b.Counts.Sent - n, err
	}
	from := ` FROM invites i`
	if f.Q != "" {
		from = fromInvites
	}
	err = tx.QueryRow(ctx, `SELECT COUNT(*)`+from+where, args...).Scan(&n)
	return n, err
}

// counted is how many the filter finds where the bulk invite knows.
func (f InviteFilter) counted(b Bulk) (n int, ok bool) {
	if f.Q != "" || f.State != "" && f.Time != "" {
		return 0, false
	}
	c := b.Counts
	switch f.State {
	case "":
	case Queued:
		return c.Queued, true
	case Sending:
		return c.Sending, true
	case Deferred:
		return c.Deferred, true
	case Bounced:
		return c.Bounced, true
	case Failed:
		return c.Failed, true
	case Cancelled:
		return c.Cancelled, true
	default:
		return 0, false
	}
	switch f.Time {
	case "":
		return b.Prepared, true
	case "sent":
		return c.Sent, true
	case "opened":
		return c.Opened, true
	case "accepted":
		return c.Accepted, true
	case "approved":
		return c.Approved, true
	case "waiting":
		return c.Queued + c.Sending + c.Deferred, true
	}
	return 0, false
}

// beforeFirst is the id before that of the first invite of a bulk invite: a walk in the order
// of ids begins there, and not at the first invite of all times.
func beforeFirst(ctx context.Context, tx *db.Tx, bulkID int64) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT COALESCE(MIN((SELECT i.id FROM invites i WHERE i.bulk_invite_id = $1 AND i.state = v.column1 ORDER BY i.id LIMIT 1)), 1) - 1
		FROM (VALUES ('queued'), ('sending'), ('sent'), ('deferred'), ('bounced'), ('failed'), ('skipped'), ('cancelled'), ('accepted')) AS v`, bulkID).Scan(&id)
	return id, err
}

const inviteColumns = `i.id, i.bulk_invite_id, i.contact_id, COALESCE(c.first_name, ''), COALESCE(c.last_name, ''), i.email, i.variant, i.state, i.reason, i.reply,
	COALESCE(s.standing, 0), i.due_at, i.sent_at, i.opened_at, i.accepted_at, i.approved_at`

func scanInvite(row interface{ Scan(...any) error }) (i Invite, err error) {
	var standing gate.Standing
	var due, sent, opened, accepted, approved int64
	err = row.Scan(&i.ID, &i.BulkInviteID, &i.ContactID, &i.FirstName, &i.LastName, &i.Email, &i.Variant, &i.State, &i.Reason, &i.Reply,
		&standing, &due, &sent, &opened, &accepted, &approved)
	i.Standing = standing.String()
	i.DueAt, i.SentAt, i.OpenedAt, i.AcceptedAt, i.ApprovedAt = db.Time(due), db.Time(sent), db.Time(opened), db.Time(accepted), db.Time(approved)
	return i, err
}
