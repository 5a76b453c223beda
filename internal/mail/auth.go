package mail

import (
	"errors"
	"net/smtp"
	"slices"
	"strings"
)

// auth chooses how to log in, from what the server offers. The password itself goes over TLS or
// within this machine only, whatever is offered.
func (r Relay) auth(client *smtp.Client) (smtp.Auth, error) {
	_, offered := client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	_, secure := client.TLSConnectionState()
	secure = secure || r.Host == "localhost" || r.Host == "127.0.0.1" || r.Host == "::1"
	switch {
	case len(mechanisms) == 0:
		return nil, errors.New("it offers no login; remove user and password from BECKON_SMTP_URL, or use the port for submission")
	case secure && slices.Contains(mechanisms, "PLAIN"):
		return smtp.PlainAuth("", r.User, r.password, r.Host), nil
	case secure && slices.Contains(mechanisms, "LOGIN"):
		return &loginAuth{answers: []string{r.User, r.password}}, nil
	case slices.Contains(mechanisms, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(r.User, r.password), nil
	case !secure:
		return nil, errors.New("a password is not sent over an open connection; set tls=starttls or tls=implicit in BECKON_SMTP_URL")
	}
	return nil, errors.New("it offers none of the logins PLAIN, LOGIN and CRAM-MD5, but " + strings.Join(mechanisms, " "))
}

// loginAuth is AUTH LOGIN: the server asks for the user, then for the password, in words that differ
// from server to server.
type loginAuth struct{ answers []string }

func (a *loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (a *loginAuth) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if len(a.answers) == 0 {
		return nil, errors.New("unexpected question after the password")
	}
	answer := a.answers[0]
	a.answers = a.answers[1:]
	return []byte(answer), nil
}
