package student

import (
	"context"
	"fmt"

	"beckon/internal/db"
	"beckon/internal/mail"
)

// Kinds of the mails that messages cause. They go in Beckon's name and name no address to
// answer to: an answer by mail would reach neither of the two.
const (
	MessageSent     = "message_sent"     // to the student
	MessageAnswered = "message_answered" // to the recruiter
)

func (st *Students) tellStudent(ctx context.Context, tx *db.Tx, institutionID, threadID int64, to string) error {
	return st.tell(ctx, tx, MessageSent, institutionID, threadID, to)
}

func (st *Students) tellRecruiter(ctx context.Context, tx *db.Tx, institutionID, threadID int64, to string) error {
	return st.tell(ctx, tx, MessageAnswered, institutionID, threadID, to)
}

func (st *Students) tell(ctx context.Context, tx *db.Tx, kind string, institutionID, threadID int64, to string) error {
	return mail.Queue(ctx, tx, st.Now(), mail.Notice{Kind: kind, To: to,
		Params: map[string]string{"institution": db.FormatID(institutionID), "thread": db.FormatID(threadID)}})
}

// Letters are the writers of this package's mails, by kind. baseURL is where Beckon's pages
// are, without a slash at the end. What was read meanwhile is not told, nor is anything to a
// student who has shut the sender out, to a recruiter who has left the company, or of a report
// that is resolved.
func (st *Students) Letters(baseURL string) map[string]mail.LetterFunc {
	letter := func(who side, where string, write func(t Thread, baseURL string) (string, mail.Letter)) mail.LetterFunc {
		return func(ctx context.Context, n mail.Notice) (subject string, l mail.Letter, ok bool, err error) {
			institutionID, _ := db.ParseID(n.Params["institution"])
			threadID, _ := db.ParseID(n.Params["thread"])
			t, err := st.thread(ctx, who, `t.institution_id = $1 AND t.id = $2`+where, institutionID, threadID)
			if isNotFound(err) || err == nil && (!t.Unread || who == student && !t.Open) {
				return "", mail.Letter{}, false, nil
			}
			if err != nil {
				return "", mail.Letter{}, false, fmt.Errorf("write %s: %w", n.Kind, err)
			}
			subject, l = write(t, baseURL)
			return subject, l, true, nil
		}
	}
	return map[string]mail.LetterFunc{
		MessageSent:     letter(student, ``, sentLetter),
		MessageAnswered: letter(recruiter, ` AND `+inCompany, answeredLetter),
		MessageReported: st.reportedLetter(baseURL),
	}
}

// firstLines is how many characters of a message its mail shows.
const firstLines = 300

// watched tells both sides what staff can see.
func watched(t Thread) string {
	return fmt.Sprintf("The staff of %s see that messages go, and read a thread only when one of the two reports it.", t.Institution)
}

// newest is the beginning of the last message.
func newest(t Thread) string {
	if len(t.Messages) == 0 {
		return ""
	}
	return excerpt(t.Messages[len(t.Messages)-1].Body, firstLines)
}

func sentLetter(t Thread, baseURL string) (subject string, l mail.Letter) {
	pages := baseURL + "/student/" + t.Slug
	subject = fmt.Sprintf("%s of %s has written to you: %s", t.Recruiter, t.Company, t.Subject)
	return subject, mail.Letter{
		Institution: t.Institution,
		Preheader:   "Read it and answer in Beckon.",
		Heading:     subject,
		Note:        newest(t),
		NoteFrom:    t.Recruiter + ", " + t.Company,
		Button:      mail.Link{Text: "Read and answer", URL: pages + "/messages/" + db.FormatID(t.ID)},
		After: []string{
			"Answer with the button: an answer to this mail does not reach " + t.Recruiter + ", who does not know your address.",
			watched(t),
		},
		Footer: []string{fmt.Sprintf("You receive this because you let recruiters find you at %s.", t.Institution)},
		Links:  []mail.Link{{Text: "Change who may write to you", URL: pages + "/profile"}},
	}
}

func answeredLetter(t Thread, baseURL string) (subject string, l mail.Letter) {
	subject = fmt.Sprintf("%s has answered: %s", t.Student.Name(), t.Subject)
	return subject, mail.Letter{
		Institution: t.Institution,
		Preheader:   "Read it and answer in Beckon.",
		Heading:     subject,
		Note:        newest(t),
		NoteFrom:    t.Student.Name() + ", " + t.Institution,
		Button:      mail.Link{Text: "Read and answer", URL: baseURL + "/recruit/messages/" + db.FormatID(t.ID)},
		After:       []string{"Answer with the button: an answer to this mail does not reach " + t.Student.Name() + ".", watched(t)},
		Footer:      []string{fmt.Sprintf("You receive this because you wrote to students of %s for %s.", t.Institution, t.Company)},
	}
}
