package recruiting

import (
	"context"
	"fmt"

	"beckon/internal/company"
	"beckon/internal/db"
	"beckon/internal/mail"
)

// ConnectionDecided is the kind of the mail that tells a company what staff decided.
const ConnectionDecided = "connection_decided"

// tell queues a mail about a decided connection to who asked and to the company's admins.
func (r *Recruiting) tell(ctx context.Context, tx *db.Tx, c connection) error {
	to, err := company.Addresses(ctx, tx, c.companyID, c.requestedBy)
	if err != nil {
		return err
	}
	for _, email := range to {
		err := mail.Queue(ctx, tx, r.Now(), mail.Notice{InstitutionID: c.institutionID, Kind: ConnectionDecided, To: email,
			Params: map[string]string{"company": db.FormatID(c.companyID), "state": c.state}})
		if err != nil {
			return err
		}
	}
	return nil
}

// Letters are the writers of this package's mails, by kind. baseURL is where Beckon's pages
// are, without a slash at the end. A decision that was changed meanwhile is not told.
func (r *Recruiting) Letters(baseURL string) map[string]mail.LetterFunc {
	return map[string]mail.LetterFunc{
		ConnectionDecided: func(ctx context.Context, n mail.Notice) (string, mail.Letter, bool, error) {
			var institution, name string
			var c connection
			id, _ := db.ParseID(n.Params["company"])
			err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
				if c, err = load(ctx, tx, n.InstitutionID, id); err != nil {
					return err
				}
				return tx.QueryRow(ctx, `SELECT i.name, c.name FROM institutions i, companies c WHERE i.id = $1 AND c.id = $2`,
					n.InstitutionID, id).Scan(&institution, &name)
			})
			if db.IsNoRows(err) || err == nil && c.state != n.Params["state"] {
				return "", mail.Letter{}, false, nil
			}
			if err != nil {
				return "", mail.Letter{}, false, fmt.Errorf("write %s: %w", n.Kind, err)
			}
			subject, l := decidedLetter(institution, name, c, baseURL)
			return subject, l, true, nil
		},
	}
}

func decidedLetter(institution, name string, c connection, baseURL string) (subject string, l mail.Letter) {
	l = mail.Letter{
		Institution: institution,
		Footer:      []string{fmt.Sprintf("You receive this because you recruit for %s.", name)},
	}
	if c.state == Approved {
		subject = fmt.Sprintf("%s has approved %s", institution, name)
		l.Paragraphs = []string{fmt.Sprintf("%s may recruit at %s from now on: post jobs, request interviews and write to students.", name, institution)}
		l.Button = mail.Link{Text: "Post a job", URL: baseURL + "/recruit/jobs/new"}
	} else {
		subject = fmt.Sprintf("%s has declined %s", institution, name)
		l.Paragraphs = []string{fmt.Sprintf("%s cannot recruit at %s for now.", name, institution)}
		if c.reason != "" {
			l.Note, l.NoteFrom = c.reason, institution
		}
		l.After = []string{"You may ask again when the reason is gone."}
		l.Button = mail.Link{Text: "Find institutions", URL: baseURL + "/recruit/institutions"}
	}
	l.Heading = subject
	return subject, l
}
