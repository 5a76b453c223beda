package config

import (
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"beckon/internal/address"
	"beckon/internal/mail"
)

// database reads where data is kept, and the key file with it: its usual place is beside
// the SQLite file.
func (r *reader) database(c *Config) {
	c.DatabaseURL, c.SecretKeyFile = r.values[databaseURL], r.values[secretKeyFile]
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:beckon-data/beckon.db"
	}
	path, sqlite := strings.CutPrefix(c.DatabaseURL, "sqlite:")
	switch {
	case sqlite && (path == "" || strings.HasPrefix(path, ":") || strings.HasSuffix(path, "/") || strings.ContainsRune(path, 0)):
		r.refuse(databaseURL, "names no file; write for example sqlite:beckon-data/beckon.db")
	case !sqlite && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://"):
		r.refuse(databaseURL, "must begin with sqlite: or postgres://, for example sqlite:beckon-data/beckon.db")
	case !sqlite && !postgresURL(c.DatabaseURL):
		r.refuse(databaseURL, "is not a PostgreSQL address; write postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters in the password percent-encoded (@ as %40, / as %2F)")
	}
	switch {
	case strings.ContainsRune(c.SecretKeyFile, 0):
		r.refuse(secretKeyFile, "is not a path; write for example /var/lib/beckon/secret.key")
	case c.SecretKeyFile == "" && sqlite:
		c.SecretKeyFile = filepath.Join(filepath.Dir(path), "secret.key")
	case c.SecretKeyFile == "" && strings.HasPrefix(c.DatabaseURL, "postgres"):
		r.refuse(secretKeyFile, "must be set with PostgreSQL: name a file that every process of Beckon can read, for example /var/lib/beckon/secret.key")
	}
}

func postgresURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Host != "" || u.Query().Has("host")) && u.Fragment == ""
}

// address reads what to listen on.
func (r *reader) address(raw string) (host, port string) {
	host, port, err := net.SplitHostPort(raw)
	n, portErr := strconv.Atoi(port)
	_, ipErr := netip.ParseAddr(host)
	if err != nil || portErr != nil || n < 0 || n > 65535 || host != "" && ipErr != nil && !hostName(host) {
		r.refuse(listen, "must be HOST:PORT, for example 127.0.0.1:8080 or :8080 for all addresses")
	}
	return host, port
}

// baseURL reads where people reach Beckon. Unless set it is the address that is listened on.
func (r *reader) baseURL(c *Config, host, port string) {
	c.BaseURL = strings.TrimRight(r.values[baseURL], "/")
	if c.BaseURL == "" {
		ip, _ := netip.ParseAddr(host)
		own := host == "localhost" || ip.IsLoopback()
		if host == "" || ip.IsValid() && ip.IsUnspecified() {
			host = "localhost"
		}
		c.BaseURL = "http://" + net.JoinHostPort(host, port)
		if !own {
			r.warn(baseURL, "is not set, so links in mails lead to the address of "+listen+"; set it to the one that people use")
		}
		return
	}
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || !hostName(u.Hostname()) && !isIP(u.Hostname()):
		r.refuse(baseURL, "must be a web address like https://beckon.university.example")
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(c.BaseURL, "#"):
		r.refuse(baseURL, "must be scheme and host alone, like https://beckon.university.example; remove what stands before or behind the host")
	case u.Port() != "" && !portNumber(u.Port()):
		r.refuse(baseURL, "has a port that is not between 1 and 65535")
	}
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func portNumber(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}

// hostName says whether s is made of what host names are made of (RFC 1123, section 2.1).
func hostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// mail reads where mail goes and who sends it.
func (r *reader) mail(c *Config) {
	if raw := r.values[smtpURL]; raw != "" {
		relay, err := mail.ParseSMTPURL(raw)
		if err != nil {
			r.errs = append(r.errs, err) // names the variable itself
		}
		c.SMTP = &relay
		if r.values[mailFrom] == "" {
			r.warn(mailFrom, "is not set, so mail comes from an address made of the base URL; set it to one that your mail server may send for")
		}
	}
	c.SMTPConnections = r.number(smtpConnections, 10, 1, 200)
	c.MailRate = r.number(mailRate, 0, 0, 10_000_000)
	raw := r.values[mailFrom]
	if raw == "" {
		c.MailFrom.Address = "beckon@" + mailHost(c.BaseURL)
		return
	}
	from, err := sender(raw)
	if err != nil {
		r.refuse(mailFrom, err.Error())
	}
	c.MailFrom = from
}

// mailHost is the host of the base URL as a mail domain, which an IPv6 address is not.
func mailHost(base string) string {
	u, err := url.Parse(base)
	if err != nil || !hostName(u.Hostname()) {
		return "localhost"
	}
	return strings.ToLower(u.Hostname())
}

// sender reads "name@domain.example" or "Name <name@domain.example>".
func sender(raw string) (netmail.Address, error) {
	addr, err := address.Parse(raw)
	if err != nil {
		return netmail.Address{}, err
	}
	local, _, _ := strings.Cut(addr.Written, "@")
	if strings.ContainsFunc(local, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return netmail.Address{}, address.Error("has a letter beyond ASCII before the @, which not every mail server takes from a sender; choose another address")
	}
	from := netmail.Address{Address: local + "@" + addr.Domain}
	if name, err := netmail.ParseAddress(raw); err == nil {
		from.Name = name.Name
	}
	return from, nil
}

// dkim reads how mail is signed: all of it or none.
func (r *reader) dkim(c *Config) {
	c.DKIM = DKIM{KeyFile: r.values[dkimKeyFile], Selector: r.values[dkimSelector], Domain: strings.ToLower(r.values[dkimDomain])}
	switch {
	case c.DKIM == (DKIM{}):
		return
	case c.DKIM.KeyFile == "":
		r.refuse(dkimKeyFile, "is not set, but "+dkimSelector+" or "+dkimDomain+" is; name the file of the private key, or remove them")
	case !hostName(c.DKIM.Selector):
		r.refuse(dkimSelector, "must be set with "+dkimKeyFile+", to the name under which the key stands in the DNS: SELECTOR in SELECTOR._domainkey.DOMAIN")
	}
	if c.DKIM.Domain == "" {
		_, c.DKIM.Domain, _ = strings.Cut(c.MailFrom.Address, "@")
	}
	if !hostName(c.DKIM.Domain) {
		r.refuse(dkimDomain, "must be a domain name, for example university.example")
	}
}
