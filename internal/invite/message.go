package invite

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"beckon/internal/mail"
)

// Content is what the messages of a bulk invite say besides what differs from one contact
// to the next.
type Content struct {
	InstitutionID   int64
	InstitutionName string
	Website         string
	ReplyTo         string
	Note            string
	NoteFrom        string
	MessageDomain   string
	ConnectOn       string
}

// ButtonText is the text of the button of a variant.
func ButtonText(v Variant, institutionName string) string {
	switch v {
	case CreateAccount:
		return "Create your account"
	case JoinCompany:
		return "Join your company"
	}
	return "Connect with " + institutionName
}

// Subject is the subject of the message of a variant.
func Subject(v Variant, institutionName string) string {
	if v == Connect {
		return institutionName + " would like to connect with you"
	}
	return "Recruit at " + institutionName
}

// Letter is what the message of a variant says to one contact. link and unsubscribe are
// addresses.
func (c Content) Letter(v Variant, firstName, email, link, unsubscribe, help string) mail.Letter {
	l := mail.Letter{
		Institution: c.InstitutionName,
		Preheader:   c.InstitutionName + " invites you to recruit its students.",
		Heading:     "Recruit at " + c.InstitutionName,
		Greeting:    "Dear " + firstName + ",",
		Note:        c.Note,
		NoteFrom:    c.NoteFrom,
		Paragraphs:  []string{c.InstitutionName + " would like you to post jobs, plan interviews and meet its students."},
		Button:      mail.Link{Text: ButtonText(v, c.InstitutionName), URL: link},
		Footer:      []string{"Sent to " + email + " by the career centre of " + c.InstitutionName + ", which has you in its address book."},
		Links: []mail.Link{
			{Text: "Stop these mails", URL: unsubscribe},
			{Text: "What this is", URL: help},
		},
	}
	if c.Note == "" {
		l.NoteFrom = ""
	}
	if c.Website != "" {
		l.Links = append(l.Links, mail.Link{Text: c.InstitutionName, URL: c.Website})
	}
	switch v {
	case CreateAccount:
		l.After = []string{"It takes about two minutes: create your account, join or create your company, and ask to recruit here."}
	case JoinCompany:
		l.After = []string{"You have an account already. Sign in, join or create your company, and ask to recruit here."}
	case Connect:
		if c.ConnectOn == "send" {
			l.After = []string{"Your company is now among the employers of " + c.InstitutionName + ": you can post jobs right away."}
		} else {
			l.After = []string{"One press adds " + c.InstitutionName + " to your company's institutions, approved."}
		}
	}
	l.After = append(l.After, "The link is meant for you alone and works for 30 days.")
	return l
}

// compose writes the whole message of one leased invite, unsigned.
func (in *Invites) compose(c Content, j *job, now time.Time) ([]byte, error) {
	unsubscribe := in.UnsubscribeLink(c.InstitutionID, j.id)
	l := c.Letter(j.variant, j.firstName, j.email, in.Link(j.id, j.generation), unsubscribe, in.BaseURL+"/help/invited")
	html, err := l.RenderHTML()
	if err != nil {
		return nil, fmt.Errorf("render the invite: %w", err)
	}
	return mail.Compose(mail.Message{
		From:            netmail.Address{Name: c.InstitutionName, Address: in.fromAddress()},
		To:              netmail.Address{Name: strings.TrimSpace(j.firstName + " " + j.lastName), Address: j.email},
		ReplyTo:         netmail.Address{Address: c.ReplyTo},
		Subject:         Subject(j.variant, c.InstitutionName),
		Text:            l.RenderText(),
		HTML:            html,
		MessageID:       in.messageID(j.id, j.generation, c.MessageDomain),
		Date:            now,
		ListUnsubscribe: unsubscribe,
	})
}

// fromAddress is MailFrom without a name.
func (in *Invites) fromAddress() string {
	if a, err := netmail.ParseAddress(in.MailFrom); err == nil {
		return a.Address
	}
	return in.MailFrom
}
