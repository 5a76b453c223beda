package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
)

// What fails is logged under the number that the client gets, in the format that was chosen,
// without the secret in the address.
func TestFailuresAreLoggedWithoutSecrets(t *testing.T) {
	s := startServer(t, "BECKON_LOG=json")
	ctx := context.Background()
	dana, err := s.Accounts.Add(ctx, account.Person{Email: "dana@elm.example", FirstName: "Dana", LastName: "Reyes"}, operator)
	if err != nil {
		t.Fatal(err)
	}
	link, err := s.Accounts.IssueLink(ctx, dana.ID, time.Hour, operator)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"sign_in_links", "api_tokens"} {
		if _, err := s.DB.SQL().ExecContext(ctx, "DROP TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	secrets := []string{link[strings.LastIndex(link, "/")+1:], "bkn_of-a-token"}
	api, err := http.NewRequest("GET", s.url+"/api/v1/contacts?q=ada@acme.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	api.Header.Set("Authorization", "Bearer "+secrets[1])
	page, err := http.NewRequest("GET", link, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*http.Request{page, api} {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		number := answer.Header.Get("X-Request-Id")
		if answer.StatusCode != http.StatusInternalServerError || number == "" || !strings.Contains(s.logs.String(), `"request":"`+number+`"`) {
			t.Errorf("%s answers %d and number %q; logged is\n%s", r.URL.Path, answer.StatusCode, number, s.logs)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(s.logs.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
		for _, secret := range append(secrets, "ada@acme.example") {
			if strings.Contains(line, secret) {
				t.Errorf("%s tells %s", line, secret)
			}
		}
	}
}
