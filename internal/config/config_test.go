package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beckon/internal/config"
)

func TestNothingSet(t *testing.T) {
	c, warnings, err := config.FromEnv([]string{"HOME=/root", "BECKON_LOG=", "BECKON_TEST_POSTGRES_URL=x", "broken"})
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	want := config.Config{DatabaseURL: "sqlite:beckon-data/beckon.db", Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080",
		SMTPConnections: 10, SecretKeyFile: "beckon-data/secret.key", Log: "text", APIRate: 100}
	want.MailFrom.Address = "beckon@127.0.0.1"
	if c != want {
		t.Fatalf("%#v", c)
	}
}

func TestEverythingSet(t *testing.T) {
	c, warnings, err := config.FromEnv([]string{
		"BECKON_DATABASE_URL=postgres://beckon:geheim@db.example:5432/beckon", "BECKON_LISTEN=:9000", "BECKON_BASE_URL=https://beckon.elm.example/",
		"BECKON_SMTP_URL=smtp://u:hush@mail.example?tls=none", "BECKON_SMTP_CONNECTIONS=200", "BECKON_MAIL_FROM=Elm Careers <Careers@ELM.example>",
		"BECKON_MAIL_RATE=600", "BECKON_SECRET_KEY_FILE=/keys/k", "BECKON_LOG=json", "BECKON_DKIM_KEY_FILE=/keys/dkim.pem",
		"BECKON_DKIM_SELECTOR=b2026", "BECKON_API_RATE=7", "BECKON_LISTEN=:9001",
	})
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	if c.Listen != ":9001" || c.BaseURL != "https://beckon.elm.example" || c.SMTP.Host != "mail.example" || c.SMTP.Port != 25 || c.SMTPConnections != 200 ||
		c.MailFrom.Name != "Elm Careers" || c.MailFrom.Address != "Careers@elm.example" || c.MailRate != 600 || c.SecretKeyFile != "/keys/k" ||
		c.Log != "json" || c.DKIM != (config.DKIM{KeyFile: "/keys/dkim.pem", Selector: "b2026", Domain: "elm.example"}) || c.APIRate != 7 {
		t.Fatalf("%#v", c)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, "geheim") || strings.Contains(text, "hush") || !strings.Contains(text, "mail.example") {
			t.Errorf("%s shows %s", format, text)
		}
	}
}

func TestDefaultsFollowOtherSettings(t *testing.T) {
	for _, x := range []struct{ set, base, from, key, warning string }{
		{"BECKON_LISTEN=localhost:80", "http://localhost:80", "beckon@localhost", "beckon-data/secret.key", ""},
		{"BECKON_LISTEN=[::1]:80", "http://[::1]:80", "beckon@localhost", "beckon-data/secret.key", ""},
		{"BECKON_LISTEN=:8080", "http://localhost:8080", "beckon@localhost", "beckon-data/secret.key", "BECKON_BASE_URL"},
		{"BECKON_LISTEN=0.0.0.0:8080", "http://localhost:8080", "beckon@localhost", "beckon-data/secret.key", "BECKON_BASE_URL"},
		{"BECKON_LISTEN=elm.example:8080", "http://elm.example:8080", "beckon@elm.example", "beckon-data/secret.key", "BECKON_BASE_URL"},
		{"BECKON_BASE_URL=https://Elm.example", "https://Elm.example", "beckon@elm.example", "beckon-data/secret.key", ""},
		{"BECKON_DATABASE_URL=sqlite:/srv/b.db", "http://127.0.0.1:8080", "beckon@127.0.0.1", "/srv/secret.key", ""},
		{"BECKON_DATABASE_URL=sqlite:b.db", "http://127.0.0.1:8080", "beckon@127.0.0.1", "secret.key", ""},
		{"BECKON_SMTP_URL=smtp://mail.example", "http://127.0.0.1:8080", "beckon@127.0.0.1", "beckon-data/secret.key", "BECKON_MAIL_FROM"},
		{"BECKON_MAIL_FORM=x", "http://127.0.0.1:8080", "beckon@127.0.0.1", "beckon-data/secret.key", `"BECKON_MAIL_FORM"`},
	} {
		c, warnings, err := config.FromEnv([]string{x.set})
		if err != nil || c.BaseURL != x.base || c.MailFrom.Address != x.from || c.SecretKeyFile != x.key {
			t.Errorf("%s: %#v %v", x.set, c, err)
		}
		if (x.warning == "") != (len(warnings) == 0) || len(warnings) > 1 || len(warnings) == 1 && !strings.HasPrefix(warnings[0], x.warning+" ") {
			t.Errorf("%s: %q", x.set, warnings)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, set := range []string{
		"BECKON_DATABASE_URL=mysql://db", "BECKON_DATABASE_URL=beckon.db", "BECKON_DATABASE_URL=sqlite:", "BECKON_DATABASE_URL=sqlite::memory:",
		"BECKON_LISTEN=8080", "BECKON_LISTEN=localhost", "BECKON_LISTEN=localhost:http", "BECKON_LISTEN=:65536", "BECKON_LISTEN=a b:80", "BECKON_LISTEN=http://localhost:80",
		"BECKON_BASE_URL=beckon.example", "BECKON_BASE_URL=ftp://beckon.example", "BECKON_BASE_URL=https://", "BECKON_BASE_URL=https://beckon.example/app",
		"BECKON_BASE_URL=https://u:p@beckon.example", "BECKON_BASE_URL=https://beckon.example?x=y", "BECKON_BASE_URL=https://beckon.example:0", "BECKON_BASE_URL=https://a b",
		"BECKON_SMTP_URL=mail.example", "BECKON_SMTP_URL=smtp://mail.example?tls=maybe",
		"BECKON_SMTP_CONNECTIONS=0", "BECKON_SMTP_CONNECTIONS=201", "BECKON_SMTP_CONNECTIONS=many", "BECKON_SMTP_CONNECTIONS=1.5",
		"BECKON_MAIL_FROM=beckon", "BECKON_MAIL_FROM=a@b.example, c@d.example", "BECKON_MAIL_FROM=jörg@elm.example", "BECKON_MAIL_RATE=-1",
		"BECKON_LOG=xml", "BECKON_DKIM_KEY_FILE=k.pem", "BECKON_DKIM_SELECTOR=s", "BECKON_DKIM_DOMAIN=elm.example", "BECKON_API_RATE=0",
	} {
		name, _, _ := strings.Cut(set, "=")
		_, _, err := config.FromEnv([]string{set})
		if err == nil {
			t.Errorf("%s is taken", set)
			continue
		}
		if strings.HasPrefix(name, "BECKON_DKIM") { // each of the three may be what is missing
			name = "BECKON_DKIM"
		}
		if text := err.Error(); !strings.HasPrefix(text, name) || strings.Contains(text, "\n") {
			t.Errorf("%s: %s", set, text)
		}
	}
	_, _, err := config.FromEnv([]string{"BECKON_DATABASE_URL=postgres://db.example/beckon"})
	if err == nil || !strings.HasPrefix(err.Error(), "BECKON_SECRET_KEY_FILE must be set") {
		t.Error(err)
	}
	_, _, err = config.FromEnv([]string{"BECKON_LOG=xml", "BECKON_MAIL_RATE=x"})
	if err == nil || len(strings.Split(err.Error(), "\n")) != 2 {
		t.Error("each fault is told, a line each:", err)
	}
}

// Whatever stands in a variable, nothing that is said holds its value, every refusal names
// a variable in one line, and what is accepted can be used.
func FuzzFromEnv(f *testing.F) {
	for _, seed := range [][2]string{
		{"BECKON_DATABASE_URL", "postgres://beckon:topsecretword@db.example/beckon"},
		{"BECKON_DATABASE_URL", "topsecretword"},
		{"BECKON_SMTP_URL", "smtp://u:topsecretword@mail.example:25"},
		{"BECKON_SMTP_URL", "smtp://u:topsecretword/x@mail.example:25"},
		{"BECKON_BASE_URL", "https://u:topsecretword@beckon.example"},
		{"BECKON_LISTEN", "topsecretword"},
		{"BECKON_MAIL_FROM", "topsecretword"},
		{"BECKON_LOG", "topsecretword"},
		{"BECKON_DKIM_SELECTOR", "topsecretword\n"},
		{"BECKON_SECRET_KEY_FILE", "\x00"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if !slices.Contains(config.Variables, name) {
			return // the name itself is what a warning tells
		}
		c, warnings, err := config.FromEnv([]string{name + "=" + value})
		said := strings.Join(warnings, "\n")
		if err != nil {
			said += err.Error()
			for line := range strings.Lines(err.Error()) {
				if !slices.ContainsFunc(config.Variables, func(v string) bool { return strings.HasPrefix(line, v) }) {
					t.Errorf("%q names no variable", line)
				}
			}
			if c != (config.Config{}) {
				t.Error("settings beside an error")
			}
		} else if strings.HasSuffix(c.BaseURL, "/") || c.SecretKeyFile == "" || c.MailFrom.Address == "" || c.SMTPConnections < 1 {
			t.Errorf("%#v", c)
		}
		if strings.Contains(value, "topsecretword") && strings.Contains(said, "topsecretword") {
			t.Errorf("%q is told: %s", value, said)
		}
	})
}
