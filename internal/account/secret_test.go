package account_test

import (
	"fmt"
	"strings"
	"testing"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// dump is every cell of every table as text.
func (h *house) dump() string {
	h.t.Helper()
	tables := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if h.d.Engine() == db.Postgres {
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	rows, err := h.d.SQL().Query(tables)
	h.must(err)
	var names []string
	for rows.Next() {
		var name string
		h.must(rows.Scan(&name))
		names = append(names, name)
	}
	h.must(rows.Err())
	var b strings.Builder
	for _, name := range names {
		rows, err := h.d.SQL().Query(`SELECT * FROM ` + name)
		h.must(err)
		columns, err := rows.Columns()
		h.must(err)
		cells, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			to[i] = &cells[i]
		}
		for rows.Next() {
			h.must(rows.Scan(to...))
			for i, c := range cells {
				if raw, ok := c.([]byte); ok {
					c = string(raw)
				}
				fmt.Fprintf(&b, "%s.%s: %v\n", name, columns[i], c)
			}
		}
		h.must(rows.Err())
	}
	return b.String()
}

// Whoever reads the database, or a backup, gets in nowhere with what stands there.
func TestNothingInTheDatabaseOpensAnything(t *testing.T) {
	each(t, func(h *house) {
		var secrets []string
		h.must(h.SignUp(ctx, robin(), "/", browser))
		token := h.oneLetter(account.SignUpLink).token()
		in, err := h.ConfirmSignUp(ctx, token, goodPassword, browser)
		h.must(err)
		secrets = append(secrets, token, in.Token, goodPassword)
		h.must(h.RequestLink(ctx, "robin@acme.example", "/", browser))
		h.must(h.AddAddress(ctx, in.User, "robin@home.example", browser))
		h.must(h.RequestLink(ctx, "nobody@acme.example", "/", browser))
		for kind, write := range h.Letters() {
			if write == nil {
				h.t.Fatal(kind)
			}
		}
		waiting := h.dump()
		for _, l := range h.letters() {
			secrets = append(secrets, l.token())
		}
		text, _, err := h.CreateToken(ctx, institution.System(1, "test"), "x", nil)
		h.must(err)
		userText, _, err := h.CreateUserToken(ctx, in.User, "x", nil, in.User.Actor())
		h.must(err)
		_, _ = h.SignInPassword(ctx, "robin@acme.example", "a wrong password of mine", browser)
		secrets = append(secrets, text, userText, "a wrong password of mine")
		all := waiting + h.dump()
		if !strings.Contains(all, "Robin@Acme.example") || !strings.Contains(all, "outbox.kind: verify_address") {
			h.t.Fatal("the dump lacks what it must hold")
		}
		for _, s := range secrets {
			if s != "sign-up" && strings.Contains(all, s) {
				h.t.Errorf("%q stands in the database", s)
			}
		}
	})
}
