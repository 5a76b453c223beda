package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"beckon/internal/fault"
	"beckon/internal/web/components"
)

// problem is an error as a person reads it: what is wrong and what to do.
type problem struct {
	status int
	title  string
	advice string
}

// Fail answers with the error page of a domain error: 404, 403, 409, 422, 429, 413; anything
// else is 500 and logged, with a number that the page shows. A request of htmx gets the
// message in the corner of the page it came from.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := explain(w, err)
	if p.status == http.StatusInternalServerError {
		slog.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "request", RequestID(r), "error", err)
		p.advice += " Its number is " + RequestID(r) + "."
	}
	if Partial(r) {
		Render(w, r, p.status, components.Toast(components.Flash{Kind: "bad", Text: p.title + ". " + p.advice}))
		return
	}
	Render(w, r, p.status, errorPage(p))
}

// NotFound is the page for an address that leads nowhere.
func NotFound(w http.ResponseWriter, r *http.Request) { Fail(w, r, fault.ErrNotFound) }

func explain(w http.ResponseWriter, err error) problem {
	var (
		fields    fault.Fields
		forbidden fault.Forbidden
		conflict  fault.Conflict
		limited   fault.Limited
		tooLarge  *http.MaxBytesError
	)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return problem{http.StatusNotFound, "There is nothing here", "It may have been deleted, or belong to another institution than the one you are at. Check the address, or start from the navigation."}
	case errors.As(err, &forbidden):
		return problem{http.StatusForbidden, "You may not do this", sentence(forbidden.Needs)}
	case errors.As(err, &conflict):
		return problem{http.StatusConflict, "It has changed meanwhile", sentence(conflict.Message)}
	case errors.As(err, &limited):
		seconds := int(math.Ceil(limited.After.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return problem{http.StatusTooManyRequests, "Too often", sentence(limited.Message)}
	case errors.As(err, &tooLarge):
		return problem{http.StatusRequestEntityTooLarge, "That was too much at once", "What you sent is larger than " + components.Num(int(tooLarge.Limit>>10)) + " kB. Go back and send less."}
	case errors.As(err, &fields):
		messages := make([]string, len(fields))
		for i, f := range fields {
			messages[i] = sentence(f.Message)
		}
		return problem{http.StatusUnprocessableEntity, "That cannot be taken", strings.Join(messages, " ") + " Go back, change it and send it again."}
	}
	return problem{http.StatusInternalServerError, "Something went wrong in Beckon", "Nothing you did is half done. Try again; if it stays so, tell who runs this server."}
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}
