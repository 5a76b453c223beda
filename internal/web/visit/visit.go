// Package visit knows who looks at a page: it reads the session cookie once for each
// request and gives pages what they need to know about their visitor and the frame around
// them.
package visit

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

const (
	sessionCookie = "beckon_session"
	// cookieLife is for how long a browser keeps the cookie after its last use; sessions
	// themselves last as long.
	cookieLife = 30 * 24 * time.Hour
)

// Visits reads who visits. It is safe for concurrent use once its fields are set.
type Visits struct {
	Accounts     *account.Accounts
	Institutions *institution.Institutions
	Companies    *company.Companies
	Now          func() time.Time
	// StaffCounts are the numbers in the navigation of an institution's pages, asked for on
	// every whole page, so they must be cheap; nil for none.
	StaffCounts func(context.Context, institution.Scope) (components.Counts, error)
	// StaffViews are the saved views in that navigation; nil for none.
	StaffViews func(context.Context, institution.Scope) ([]components.NavView, error)
	// RecruiterCounts are the numbers in the navigation of a recruiter's pages; nil for none.
	RecruiterCounts func(ctx context.Context, userID int64) (components.Counts, error)
	// StudentCounts are the numbers in the navigation of a student's pages; nil for none.
	StudentCounts func(context.Context, institution.Scope) (components.Counts, error)
}

// Visitor is who is signed in.
type Visitor struct {
	User    account.User
	Session account.Session
}

type contextKey struct{}

type visiting struct {
	visits  *Visits
	visitor Visitor
}

// Middleware reads the session cookie and lets the pages behind it ask who visits. Files
// that are the same for everybody need not go through it.
func (v *Visits) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := visiting{visits: v}
		if cookie, err := r.Cookie(sessionCookie); err == nil {
			user, session, err := v.Accounts.SessionUser(r.Context(), cookie.Value)
			switch {
			case errors.Is(err, fault.ErrNotFound):
				setCookie(w, r, "", -1)
			case err != nil:
				web.Fail(w, r, err)
				return
			default:
				known.visitor = Visitor{user, session}
				if v.Now().Sub(session.LastSeen) < time.Second {
					// The session has just been prolonged, which the cookie must follow.
					setCookie(w, r, cookie.Value, cookieLife)
				}
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, known)))
	})
}

// From is who is signed in; false for nobody.
func From(ctx context.Context) (Visitor, bool) {
	known, _ := ctx.Value(contextKey{}).(visiting)
	return known.visitor, known.visitor.User.ID != 0
}

// Required is who is signed in. Where nobody is, it answers the request by leading to the
// sign-in, from where the visitor comes back to the page asked for, and gives false. It
// reads a form that was posted, and answers one that is too large or none: fields that did
// not arrive must not count as blank.
func Required(w http.ResponseWriter, r *http.Request) (Visitor, bool) {
	visitor, ok := From(r.Context())
	if !ok {
		web.Redirect(w, r, SignInURL(wanted(r)))
		return visitor, false
	}
	if r.Method == http.MethodPost {
		if err := web.ParseForm(r); err != nil {
			web.Fail(w, r, err)
			return visitor, false
		}
	}
	return visitor, true
}

// SignInURL is the sign-in page which afterwards leads to a local path; "" to nowhere
// special.
func SignInURL(to string) string {
	if to == "" || to == "/" {
		return "/sign-in"
	}
	return "/sign-in?to=" + url.QueryEscape(to)
}

// wanted is the page that a request asks for, "" where it cannot be asked for again.
func wanted(r *http.Request) string {
	if r.Method != http.MethodGet || web.Partial(r) {
		return ""
	}
	return r.URL.RequestURI()
}

// SignIn ends the session that this browser has, if any, and keeps the token of the new one.
func (v *Visits) SignIn(w http.ResponseWriter, r *http.Request, token string) error {
	err := v.SignOut(w, r)
	setCookie(w, r, token, cookieLife)
	return err
}

// SignOut ends the session of this browser.
func (v *Visits) SignOut(w http.ResponseWriter, r *http.Request) error {
	setCookie(w, r, "", -1)
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil // no cookie: signed out already
	}
	return v.Accounts.SignOut(r.Context(), cookie.Value)
}

// setCookie keeps the session's token, instead of what this answer said before; a negative
// life removes it.
func setCookie(w http.ResponseWriter, r *http.Request, token string, life time.Duration) {
	age := int(life / time.Second)
	if life < 0 {
		age = -1
	}
	set := w.Header()["Set-Cookie"]
	w.Header()["Set-Cookie"] = slices.DeleteFunc(set, func(line string) bool { return strings.HasPrefix(line, sessionCookie+"=") })
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: web.Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

// Client is where a request comes from, for limits and the list of sessions. A proxy on
// this machine is believed about whom it stands for.
func Client(r *http.Request) account.Client {
	remote := r.RemoteAddr
	host, _, err := net.SplitHostPort(remote)
	if forwarded := r.Header.Values("X-Forwarded-For"); err == nil && len(forwarded) > 0 && net.ParseIP(host).IsLoopback() {
		hops := strings.Split(forwarded[len(forwarded)-1], ",")
		remote = strings.TrimSpace(hops[len(hops)-1])
	}
	return account.Client{UserAgent: r.UserAgent(), Network: account.Network(remote)}
}
