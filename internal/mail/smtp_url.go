package mail

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// TLSMode is how a connection to a mail server is protected.
type TLSMode string

// The modes of ?tls= in BECKON_SMTP_URL. With STARTTLS a server that does not offer it is refused.
const (
	TLSStart    TLSMode = "starttls"
	TLSImplicit TLSMode = "implicit"
	TLSNone     TLSMode = "none"
)

// Faults of BECKON_SMTP_URL. None repeats a piece of the URL: an unescaped character in a password
// moves parts of it to where a host, a path or a parameter is expected.
var (
	errSMTPForm = errors.New("BECKON_SMTP_URL is not a URL of the form smtp://user:password@host:port?tls=starttls; " +
		"write special characters in user and password percent-encoded (@ as %40, / as %2F, ? as %3F, # as %23, % as %25)")
	errSMTPScheme = errors.New("BECKON_SMTP_URL must begin with smtp:// or smtps://")
	errSMTPHost   = errors.New("BECKON_SMTP_URL names no host; write smtp://host:port")
	errSMTPPort   = errors.New("BECKON_SMTP_URL has a port that is not between 1 and 65535")
	errSMTPRest   = errors.New("BECKON_SMTP_URL has something other than ?tls= behind host and port; " +
		"remove it, or, if it belongs to the password, percent-encode / ? and # there")
	errSMTPTLS   = errors.New("BECKON_SMTP_URL: tls must be starttls, implicit or none")
	errSMTPSTLS  = errors.New("BECKON_SMTP_URL: smtps:// is implicit TLS; write smtp:// for another tls=")
	errSMTPLogin = errors.New("BECKON_SMTP_URL needs both a user and a password, or neither: smtp://user:password@host")
)

// ParseSMTPURL reads smtp://user:password@host:port?tls=starttls|none|implicit, or smtps://, which is
// implicit TLS. Unless given, tls is starttls, and the port is 587 for starttls, 465 for implicit and
// 25 for none. The error is one line that names the fault of BECKON_SMTP_URL and its cure, and never
// holds a part of the password.
func ParseSMTPURL(raw string) (Relay, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return Relay{}, errSMTPForm
	}
	if u.Scheme != "smtp" && u.Scheme != "smtps" {
		return Relay{}, errSMTPScheme
	}
	if u.Opaque != "" {
		return Relay{}, errSMTPForm
	}
	if u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return Relay{}, errSMTPRest
	}
	r := Relay{Host: u.Hostname()}
	if r.Host == "" {
		return Relay{}, errSMTPHost
	}
	if _, err := netip.ParseAddr(r.Host); err != nil && !hostName(r.Host) {
		return Relay{}, errSMTPForm
	}
	if r.TLS, err = tlsMode(u); err != nil {
		return Relay{}, err
	}
	if r.Port, err = smtpPort(u.Port(), r.TLS); err != nil {
		return Relay{}, err
	}
	if u.User != nil {
		r.User = u.User.Username()
		r.password, _ = u.User.Password()
		if r.User == "" || r.password == "" || strings.ContainsFunc(r.User+r.password, unicode.IsControl) {
			return Relay{}, errSMTPLogin
		}
	}
	return r, nil
}

func tlsMode(u *url.URL) (TLSMode, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(query) > 1 || len(query) == 1 && len(query["tls"]) != 1 {
		return "", errSMTPRest
	}
	mode := TLSMode(query.Get("tls"))
	switch {
	case mode == "" && query.Has("tls"):
		return "", errSMTPTLS
	case mode == "" && u.Scheme == "smtps":
		return TLSImplicit, nil
	case mode == "":
		return TLSStart, nil
	case mode != TLSStart && mode != TLSImplicit && mode != TLSNone:
		return "", errSMTPTLS
	case mode != TLSImplicit && u.Scheme == "smtps":
		return "", errSMTPSTLS
	}
	return mode, nil
}

func smtpPort(given string, mode TLSMode) (int, error) {
	if given == "" {
		return map[TLSMode]int{TLSStart: 587, TLSImplicit: 465, TLSNone: 25}[mode], nil
	}
	port, err := strconv.Atoi(given)
	if err != nil || port < 1 || port > 65535 {
		return 0, errSMTPPort
	}
	return port, nil
}

// String is the URL with the password left out, so that it can be logged.
func (r Relay) String() string {
	u := url.URL{Scheme: "smtp", Host: r.address(), RawQuery: "tls=" + string(r.TLS)}
	if r.User != "" {
		u.User = url.UserPassword(r.User, "xxxxx")
	}
	return u.String()
}

// GoString keeps the password out of %#v.
func (r Relay) GoString() string { return fmt.Sprintf("mail.Relay(%q)", r.String()) }

// address is host and port as a dialer takes them.
func (r Relay) address() string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }
