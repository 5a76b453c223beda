package mail

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestParseSMTPURL(t *testing.T) {
	for in, want := range map[string]Relay{
		"smtp://relay.example":                              {Host: "relay.example", Port: 587, TLS: TLSStart},
		"smtp://relay.example/":                             {Host: "relay.example", Port: 587, TLS: TLSStart},
		"smtp://127.0.0.1:2525?tls=none":                    {Host: "127.0.0.1", Port: 2525, TLS: TLSNone},
		"smtp://[::1]?tls=none":                             {Host: "::1", Port: 25, TLS: TLSNone},
		"smtp://relay.example?tls=implicit":                 {Host: "relay.example", Port: 465, TLS: TLSImplicit},
		"smtps://relay.example":                             {Host: "relay.example", Port: 465, TLS: TLSImplicit},
		"smtps://relay.example:1465?tls=implicit":           {Host: "relay.example", Port: 1465, TLS: TLSImplicit},
		"smtp://api%40elm:p%40%2F%3F%23%25@relay.example\n": {Host: "relay.example", Port: 587, TLS: TLSStart, User: "api@elm", password: "p@/?#%"},
	} {
		if got, err := ParseSMTPURL(in); err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", in, got, err, want)
		}
	}
}

func TestParseSMTPURLRefuses(t *testing.T) {
	for in, want := range map[string]error{
		"":                           errSMTPScheme,
		"relay.example:25":           errSMTPScheme,
		"http://relay.example":       errSMTPScheme,
		"smtp:relay.example":         errSMTPForm,
		"smtp://":                    errSMTPHost,
		"smtp://:25":                 errSMTPHost,
		"smtp://relay.example:0":     errSMTPPort,
		"smtp://relay.example:70000": errSMTPPort,
		"smtp://relay.example:smtp":  errSMTPForm,
		"smtp://relay.example/inbox": errSMTPRest,
		"smtp://relay.example?tls=none&timeout=3":   errSMTPRest,
		"smtp://relay.example?tls=none&tls=none":    errSMTPRest,
		"smtp://relay.example?starttls":             errSMTPRest,
		"smtp://relay.example?tls=":                 errSMTPTLS,
		"smtp://relay.example?tls=on":               errSMTPTLS,
		"smtps://relay.example?tls=none":            errSMTPSTLS,
		"smtp://api@relay.example":                  errSMTPLogin,
		"smtp://:hunter2hunter2@relay.example":      errSMTPLogin,
		"smtp://api:%00hunter2@relay.example":       errSMTPLogin,
		"smtp://api:hunter2%zzhunter2@relay":        errSMTPForm,
		"smtp://api:hunter2/hunter2@relay.example":  errSMTPForm,
		"smtp://api:12/hunter2@relay.example":       errSMTPRest,
		"smtp://api:12?hunter2@relay.example":       errSMTPRest,
		"smtp://api:12#hunter2@relay.example":       errSMTPRest,
		"smtp://api:hunter2 hunter2@relay.example":  errSMTPForm,
		"smtp://relay.example\r\nMAIL FROM:<x@y.ex": errSMTPForm,
	} {
		if got, err := ParseSMTPURL(in); err != want {
			t.Errorf("%q: %v %v, want %v", in, got, err, want)
		}
	}
}

func TestRelayKeepsItsPassword(t *testing.T) {
	r, err := ParseSMTPURL("smtp://api:hunter2@relay.example?tls=none")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.String(), "smtp://api:xxxxx@relay.example:25?tls=none"; got != want {
		t.Errorf("String: %s, want %s", got, want)
	}
	asJSON, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", r, r, r, &r), string(asJSON)} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("the password shows: %s", shown)
		}
	}
}

func FuzzParseSMTPURL(f *testing.F) {
	for _, seed := range []string{
		"smtp://api:hunter2@relay.example:25?tls=none", "smtps://[::1]:465", "smtp://a:b/c@d", "smtp://a:1?b@c", "smtp:x", "smtp://%@",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := ParseSMTPURL(raw)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			return
		}
		if r.Host == "" || r.Port < 1 || r.Port > 65535 || (r.User == "") != (r.password == "") {
			t.Errorf("%q gave %#v", raw, r)
		}
		again, err := ParseSMTPURL(r.String())
		if r.User != "" {
			again.password = r.password
		}
		if err != nil || again != r {
			t.Errorf("%q: %s does not read back: %v", raw, r, err)
		}
	})
}
