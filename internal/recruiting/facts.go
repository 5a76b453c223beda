package recruiting

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"beckon/internal/company"
	"beckon/internal/db"
)

// addFacts fills in what is known about the companies of a page, with one query for each
// kind of fact.
func addFacts(ctx context.Context, tx *db.Tx, institutionID int64, page []Employer) error {
	at := make(map[int64]*Employer, len(page))
	args := []any{institutionID}
	for i := range page {
		at[page[i].CompanyID] = &page[i]
		args = append(args, page[i].CompanyID)
	}
	in := ` IN (` + db.Params(2, len(page)) + `)`
	for _, add := range []func(context.Context, *db.Tx, map[int64]*Employer, string, []any) error{addCounts, addElsewhere, addReasons} {
		if err := add(ctx, tx, at, in, args); err != nil {
			return err
		}
	}
	return addRequesters(ctx, tx, institutionID, page)
}

// addCounts counts members, those of them who are contacts of institution $1 (once, however
// many addresses they have there), and postings there.
func addCounts(ctx context.Context, tx *db.Tx, at map[int64]*Employer, in string, args []any) error {
	return tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		var kind string
		var n int
		if err := r.Scan(&id, &kind, &n); err != nil {
			return err
		}
		switch e := at[id]; kind {
		case "members":
			e.Members = n
		case "contacts":
			e.Contacts = n
		default:
			e.Jobs = n
		}
		return nil
	}, `SELECT m.company_id, 'members', COUNT(*) FROM memberships m
			WHERE m.company_id`+in+` AND m.state = 'approved' GROUP BY m.company_id
		UNION ALL
		SELECT m.company_id, 'contacts', COUNT(DISTINCT m.user_id) FROM memberships m
			JOIN contact_standing s ON s.user_id = m.user_id AND s.user_id > 0 AND s.institution_id = $1
			WHERE m.company_id`+in+` AND m.state = 'approved' GROUP BY m.company_id
		UNION ALL
		SELECT j.company_id, 'jobs', COUNT(*) FROM jobs j
			JOIN job_postings p ON p.job_id = j.id AND p.institution_id = $1
			WHERE j.company_id`+in+` GROUP BY j.company_id`, args...)
}

// addElsewhere counts what other institutions than $1 decided.
func addElsewhere(ctx context.Context, tx *db.Tx, at map[int64]*Employer, in string, args []any) error {
	return tx.Rows(ctx, func(r *sql.Rows) error {
		var id int64
		var state string
		var n int
		if err := r.Scan(&id, &state, &n); err != nil {
			return err
		}
		switch e := &at[id].Elsewhere; state {
		case Approved:
			e.Approved = n
		case Declined:
			e.Declined = n
		case Blocked:
			e.Blocked = n
		}
		return nil
	}, `SELECT company_id, state, COUNT(*) FROM connections
		WHERE institution_id <> $1 AND company_id`+in+` GROUP BY company_id, state`, args...)
}

// addReasons reads why other institutions than $1 declined.
func addReasons(ctx context.Context, tx *db.Tx, at map[int64]*Employer, in string, args []any) error {
	return tx.Rows(ctx, func(r *sql.Rows) error {
		var id, decided int64
		var text string
		if err := r.Scan(&id, &text, &decided); err != nil {
			return err
		}
		e := &at[id].Elsewhere
		e.Reasons = append(e.Reasons, Reason{Text: text, At: db.Time(decided)})
		return nil
	}, `SELECT company_id, reason, decided_at FROM connections
		WHERE institution_id <> $1 AND company_id`+in+` AND state = 'declined' AND reason <> ''
		ORDER BY decided_at DESC, institution_id`, args...)
}

// addRequesters reads what the verified addresses of those who asked prove, and who they are
// where they are contacts of the institution.
func addRequesters(ctx context.Context, tx *db.Tx, institutionID int64, page []Employer) error {
	by := map[int64][]*Employer{}
	for i := range page {
		if id := page[i].Requester.ID; id != 0 {
			by[id] = append(by[id], &page[i])
		}
	}
	if len(by) == 0 {
		return nil
	}
	ids := []any{institutionID}
	for id := range by {
		ids = append(ids, id)
	}
	return tx.Rows(ctx, func(r *sql.Rows) error {
		var id, contactID int64
		var name, key string
		if err := r.Scan(&id, &contactID, &name, &key); err != nil {
			return err
		}
		for _, e := range by[id] {
			if e.Requester.ContactID = contactID; contactID != 0 {
				e.Requester.Name = name
			}
			_, domain, _ := strings.Cut(key, "@")
			if domain != "" && !slices.Contains(e.Requester.Domains, domain) {
				e.Requester.Domains = append(e.Requester.Domains, domain)
			}
			if e.Domain != "" && company.ProvenDomain(key) == e.Domain {
				e.Requester.Matches = true
			}
		}
		return nil
	}, `SELECT u.id, COALESCE((SELECT MIN(s.contact_id) FROM contact_standing s WHERE s.institution_id = $1 AND s.user_id = u.id AND s.user_id > 0), 0),
			u.first_name || ' ' || u.last_name, COALESCE(a.email_key, '')
		FROM users u LEFT JOIN user_addresses a ON a.user_id = u.id AND a.verified_at > 0
		WHERE u.id IN (`+db.Params(2, len(by))+`) ORDER BY u.id, a.is_primary DESC, a.email_key`, ids...)
}
