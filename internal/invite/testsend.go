package invite

import (
	"context"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/mail"
)

// TestKind is the kind of notice that carries a test of an invite's message.
const TestKind = "invite_test"

// SendTest mails the message of a variant to the staff member who asks. Its link leads to
// the help page about invites and does nothing.
func (in *Invites) SendTest(ctx context.Context, s institution.Scope, v Variant, note string) (to string, err error) {
	if err := s.Require(institution.Invite); err != nil {
		return "", err
	}
	if s.UserID() == 0 {
		return "", fault.Forbidden{Needs: "a staff member, whose address the test goes to"}
	}
	user, err := in.Accounts.ByID(ctx, s.UserID())
	if err != nil {
		return "", err
	}
	return user.Email, in.DB.Write(ctx, func(tx *db.Tx) error {
		return mail.Queue(ctx, tx, in.Now(), mail.Notice{InstitutionID: s.ID(), Kind: TestKind, To: user.Email,
			Params: map[string]string{"variant": string(v), "note": note, "first_name": user.FirstName, "from": user.Name()}})
	})
}

// TestLetter is the mail.LetterFunc of TestKind.
func (in *Invites) TestLetter(ctx context.Context, n mail.Notice) (subject string, l mail.Letter, ok bool, err error) {
	var inst institution.Institution
	err = in.DB.Read(ctx, func(tx *db.Tx) (err error) {
		inst, err = institution.Load(ctx, tx, n.InstitutionID)
		return err
	})
	if err != nil {
		return "", l, false, err
	}
	v := Variant(n.Params["variant"])
	l = in.PreviewLetter(inst, v, n.Params["note"], n.Params["from"], n.Params["first_name"], n.To)
	return "Test: " + Subject(v, inst.Name), l, true, nil
}

// PreviewLetter is the message of a variant as it would read, with links that do nothing.
func (in *Invites) PreviewLetter(inst institution.Institution, v Variant, note, from, firstName, email string) mail.Letter {
	c := Content{InstitutionID: inst.ID, InstitutionName: inst.Name, Website: inst.Website, Note: note, NoteFrom: from, ConnectOn: inst.ConnectOn}
	help := in.BaseURL + "/help/invited"
	return c.Letter(v, firstName, email, help, help, help)
}
