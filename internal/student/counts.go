package student

import (
	"context"
	"database/sql"
	"time"

	"beckon/internal/db"
	"beckon/internal/institution"
)

// lately is the span of the counts that tell how it goes at present.
const lately = 30 * 24 * time.Hour

// Counts tell how many messages go, and nothing of what they say.
type Counts struct {
	// Threads and Messages are all there are, ThreadsLately and MessagesLately those begun
	// and written in the last 30 days.
	Threads, Messages             int
	ThreadsLately, MessagesLately int
}

func (c *Counts) add(o Counts) {
	c.Threads += o.Threads
	c.Messages += o.Messages
	c.ThreadsLately += o.ThreadsLately
	c.MessagesLately += o.MessagesLately
}

// MessageCounts is what an institution's staff see of the messages to its students.
type MessageCounts struct {
	Counts
	// OpenReports counts the reports that nobody has resolved.
	OpenReports int
	// Companies are all that have written, the busiest of late first.
	Companies []CompanyCounts
}

// CompanyCounts are those of the threads of one company's recruiters.
type CompanyCounts struct {
	CompanyID int64
	Company   string
	Counts
}

// MessageCounts counts the institution's threads and messages, in all and by company.
func (st *Students) MessageCounts(ctx context.Context, s institution.Scope) (all MessageCounts, err error) {
	if err := s.Require(institution.Review); err != nil {
		return MessageCounts{}, err
	}
	since := db.Millis(st.Now().Add(-lately))
	err = st.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM message_reports WHERE institution_id = $1 AND state = 'open'`, s.ID()).Scan(&all.OpenReports)
		if err != nil {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			var c CompanyCounts
			err := r.Scan(&c.CompanyID, &c.Company, &c.Threads, &c.Messages, &c.ThreadsLately, &c.MessagesLately)
			all.Companies = append(all.Companies, c)
			all.add(c.Counts)
			return err
		}, `SELECT c.id, c.name, COUNT(*), SUM(t.messages), SUM(CASE WHEN t.created_at >= $2 THEN 1 ELSE 0 END), SUM(t.lately)
			FROM (SELECT t.company_id, t.messages, t.created_at,
					CASE WHEN t.last_at < $2 THEN 0 ELSE (SELECT COUNT(*) FROM messages m WHERE m.thread_id = t.id AND m.sent_at >= $2) END AS lately
				FROM threads t WHERE t.institution_id = $1) AS t
			JOIN companies c ON c.id = t.company_id GROUP BY c.id, c.name, c.name_key ORDER BY 6 DESC, c.name_key, c.id`, s.ID(), since)
	})
	return all, err
}
