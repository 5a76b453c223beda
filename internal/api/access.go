package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/account"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// accessKey is where an operation's metadata holds its access.
const accessKey = "access"

// access says which tokens an operation takes. A side whose scope is "" is refused.
type access struct {
	staff    institution.Permission
	employer string
	// streams says that the operation reads its body itself, without the common limit.
	streams bool
}

// staff is the access of an institution's tokens with a scope.
func staff(scope institution.Permission) access { return access{staff: scope} }

// employer is the access of employer users' tokens with a scope.
func employer(scope string) access { return access{employer: scope} }

var securitySchemes = map[string]*huma.SecurityScheme{
	"institution": {Type: "http", Scheme: "bearer", Description: "A token of an institution, made by its owner under Settings or by `beckon token create --institution`."},
	"employer":    {Type: "http", Scheme: "bearer", Description: "A token of an employer user, made by `beckon token create --user`."},
}

// security is the access as OpenAPI says it: any of the entries is enough.
func (a access) security() (any []map[string][]string) {
	if a.staff != "" {
		any = append(any, map[string][]string{"institution": {string(a.staff)}})
	}
	if a.employer != "" {
		any = append(any, map[string][]string{"employer": {a.employer}})
	}
	return any
}

// refuse says why a token is not taken; nil if it is.
func (a access) refuse(t account.TokenInfo) *Problem {
	scope, whose := string(a.staff), "an institution's token"
	if t.InstitutionID == 0 {
		scope, whose = a.employer, "an employer user's token"
	}
	switch {
	case scope == "" && t.InstitutionID == 0:
		return newProblem(http.StatusForbidden, "This takes an institution's token; yours is an employer user's.")
	case scope == "":
		return newProblem(http.StatusForbidden, "This takes an employer user's token; yours is an institution's.")
	case !t.May(scope):
		return newProblem(http.StatusForbidden, "This takes "+whose+" with the scope "+scope+"; yours has not got it.")
	}
	return nil
}

type callerKey struct{}

// callerOf is the token that the request of ctx showed.
func callerOf(ctx context.Context) account.TokenInfo {
	t, _ := ctx.Value(callerKey{}).(account.TokenInfo)
	return t
}

func withCaller(ctx context.Context, t account.TokenInfo) context.Context {
	return context.WithValue(ctx, callerKey{}, t)
}

// scopeOf is the scope of the institution's token that the request showed.
func scopeOf(ctx context.Context) institution.Scope { return callerOf(ctx).Scope() }

// authenticate lets a request through whose token the operation takes.
func (rt *router) authenticate(who access, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := bearer(r.Header.Get("Authorization"))
		if !ok {
			unauthorized(w, "", "Send a token as `Authorization: Bearer TOKEN`.")
			return
		}
		token, err := rt.deps.Accounts.CheckToken(r.Context(), text)
		if errors.Is(err, fault.ErrNotFound) {
			unauthorized(w, `, error="invalid_token"`, "This token does not exist or was revoked; make a new one.")
			return
		}
		if err != nil {
			writeProblem(w, internalProblem(r.Context(), "check a token", err))
			return
		}
		if p := who.refuse(token); p != nil {
			writeProblem(w, p)
			return
		}
		next.ServeHTTP(w, r.WithContext(withCaller(r.Context(), token)))
	})
}

// bearer is the token of an Authorization header (RFC 6750, section 2.1).
func bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

func unauthorized(w http.ResponseWriter, why, detail string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="beckon"`+why)
	writeProblem(w, newProblem(http.StatusUnauthorized, detail))
}
