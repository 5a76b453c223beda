package company

import (
	"context"
	"database/sql"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/mail"
)

// Letters are the writers of this package's mails, by kind. baseURL is where Beckon's pages
// are, without a slash at the end.
func (c *Companies) Letters(baseURL string) map[string]mail.LetterFunc {
	return map[string]mail.LetterFunc{
		JoinRequest: func(ctx context.Context, n mail.Notice) (string, mail.Letter, bool, error) {
			t, ok, err := c.teammate(ctx, n)
			if err != nil || !ok || t.State != Pending {
				return "", mail.Letter{}, false, err
			}
			subject, l := requestLetter(t, n.Params["institution"], baseURL)
			return subject, l, true, nil
		},
		JoinDecided: func(ctx context.Context, n mail.Notice) (string, mail.Letter, bool, error) {
			t, ok, err := c.teammate(ctx, n)
			if err != nil || !ok || t.State != n.Params["state"] {
				return "", mail.Letter{}, false, err
			}
			subject, l := decidedLetter(t, baseURL)
			return subject, l, true, nil
		},
	}
}

// teammate reads the membership that a notice is about; false if it is gone.
func (c *Companies) teammate(ctx context.Context, n mail.Notice) (t Teammate, ok bool, err error) {
	id, _ := db.ParseID(n.Params["membership"])
	err = c.DB.Read(ctx, func(tx *db.Tx) error {
		t.Membership, err = scanMembership(tx.QueryRow(ctx, `
			SELECT `+membershipColumns+`, u.first_name, u.last_name, `+addressOf("m.user_id", "email")+`
			FROM memberships m JOIN companies c ON c.id = m.company_id JOIN users u ON u.id = m.user_id
			WHERE m.id = $1`, id), &t.FirstName, &t.LastName, &t.Email)
		return err
	})
	if isNotFound(err) {
		return Teammate{}, false, nil
	}
	return t, err == nil, err
}

// requestLetter tells an admin that somebody asks; reminder is the name of the institution
// whose staff remind of it, blank if nobody does.
func requestLetter(t Teammate, reminder, baseURL string) (subject string, l mail.Letter) {
	subject = fmt.Sprintf("%s asks to join %s", t.Name(), t.Company)
	l = mail.Letter{
		Preheader: "Accept or decline in one press.",
		Heading:   subject,
		Paragraphs: []string{
			fmt.Sprintf("%s (%s) asks to recruit for %s on Beckon. Until you accept, they cannot post jobs or reach students in its name.", t.Name(), t.Email, t.Company),
			"Accept only people who work for you: all that they do there is done in your company's name.",
		},
		Button: mail.Link{Text: "Look at the request", URL: baseURL + "/recruit/company"},
		Footer: []string{fmt.Sprintf("You receive this because you are an admin of %s.", t.Company)},
	}
	if reminder != "" {
		subject = "Reminder: " + subject
		l.Institution = reminder
		l.Paragraphs = append([]string{fmt.Sprintf("%s would like to work with %s and asks you to decide.", reminder, t.Name())}, l.Paragraphs...)
	}
	return subject, l
}

// decidedLetter tells a person what the company's admin decided.
func decidedLetter(t Teammate, baseURL string) (subject string, l mail.Letter) {
	l = mail.Letter{
		Greeting: "Hello " + t.FirstName + ",",
		Footer:   []string{fmt.Sprintf("You receive this because you asked to join %s.", t.Company)},
	}
	if t.State == Approved {
		subject = fmt.Sprintf("You are a recruiter of %s now", t.Company)
		l.Paragraphs = []string{fmt.Sprintf("%s has accepted you. The next step is to find the institutions where you want to recruit.", t.Company)}
		l.Button = mail.Link{Text: "Find institutions", URL: baseURL + "/recruit/institutions"}
	} else {
		subject = fmt.Sprintf("%s has declined your request", t.Company)
		l.Paragraphs = []string{fmt.Sprintf("An admin of %s has declined your request to join.", t.Company)}
		l.Note = t.Reason
		l.After = []string{"If this is a mistake, talk to your colleagues there and ask again, or choose another company."}
		l.Button = mail.Link{Text: "Choose a company", URL: baseURL + "/recruit/company"}
	}
	l.Heading = subject
	return subject, l
}

func adminNames(ctx context.Context, tx *db.Tx, companyID int64) (names []string, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var first, last string
		err := r.Scan(&first, &last)
		names = append(names, first+" "+last)
		return err
	}, `SELECT u.first_name, u.last_name FROM memberships m JOIN users u ON u.id = m.user_id
		WHERE m.company_id = $1 AND m.state = 'approved' AND m.role = 'admin' ORDER BY m.id`, companyID)
	return names, err
}
