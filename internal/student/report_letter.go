package student

import (
	"context"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

// MessageReported is the kind of the mail that tells an institution of a report.
const MessageReported = "message_reported"

// tellOfReport queues a mail to the institution: a report that nobody sees helps nobody.
func (st *Students) tellOfReport(ctx context.Context, tx *db.Tx, institutionID, reportID int64) error {
	all, err := institution.WriteTo(ctx, tx, institutionID)
	if err != nil {
		return fmt.Errorf("look whom to tell of a report: %w", err)
	}
	for _, to := range all {
		err := mail.Queue(ctx, tx, st.Now(), mail.Notice{Kind: MessageReported, To: to,
			Params: map[string]string{"institution": db.FormatID(institutionID), "report": db.FormatID(reportID)}})
		if err != nil {
			return err
		}
	}
	return nil
}

// reportedLetter writes the mail of a report that is still open. It says no more than the
// company: what the two wrote, and why one of them reports it, is read on Beckon's page alone,
// which records who reads.
func (st *Students) reportedLetter(baseURL string) mail.LetterFunc {
	return func(ctx context.Context, n mail.Notice) (subject string, l mail.Letter, ok bool, err error) {
		institutionID, _ := db.ParseID(n.Params["institution"])
		reportID, _ := db.ParseID(n.Params["report"])
		var name, slug, company, state string
		var byStudent bool
		err = st.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT i.name, i.slug, c.name, r.state, r.by_student FROM message_reports r JOIN threads t ON t.id = r.thread_id
				JOIN institutions i ON i.id = r.institution_id JOIN companies c ON c.id = t.company_id
				WHERE r.institution_id = $1 AND r.id = $2`, institutionID, reportID).Scan(&name, &slug, &company, &state, &byStudent)
		})
		if db.IsNoRows(err) || err == nil && state != ReportOpen {
			return "", mail.Letter{}, false, nil
		}
		if err != nil {
			return "", mail.Letter{}, false, fmt.Errorf("write %s: %w", n.Kind, err)
		}
		subject = fmt.Sprintf("A student reports a conversation with %s", company)
		if !byStudent {
			subject = fmt.Sprintf("A recruiter of %s reports a conversation with a student", company)
		}
		return subject, mail.Letter{
			Institution: name,
			Preheader:   "Read why, and decide what to do.",
			Heading:     subject,
			Button:      mail.Link{Text: "Look at the report", URL: baseURL + "/at/" + slug + "/messages/" + db.FormatID(reportID)},
			After:       []string{"The report opens the conversation to you. Both sides are told that you can read it, and the audit log notes who did."},
			Footer:      []string{fmt.Sprintf("You receive this because you look after employers at %s.", name)},
		}, true, nil
	}
}
