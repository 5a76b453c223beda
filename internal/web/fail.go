package web

import (
	"cmp"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/web/components"
)

// problem is an error as a person reads it: what is wrong and what to do.
type problem struct {
	status int
	title  string
	advice string
	// step is where one does what is missing, its Name "" for nowhere; help is the page that
	// explains, "" for the one about where it happened.
	step components.Link
	help string
}

// explained leads to the page of help.
func (p problem) explained() components.Link {
	return components.Link{Name: "Help", URL: cmp.Or(p.help, help)}
}

// links are where to go from the problem, the most useful first.
func (p problem) links() []components.Link {
	start := components.Link{Name: "Go to the start", URL: "/"}
	if p.step.Name == "" {
		return []components.Link{start, p.explained()}
	}
	return []components.Link{p.step, p.explained(), start}
}

// Fail answers with the error page of a domain error: 404, 403, 409, 422, 429, 413; anything
// else is 500 and logged, with a number that the page shows. A request of htmx gets the
// message in the corner of the page it came from.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := explain(w, err)
	p.help = cmp.Or(p.help, components.TopicAt(r.URL.Path).URL)
	if p.status == http.StatusInternalServerError {
		slog.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", r.Pattern, "error", err)
		p.advice += " Its number is " + RequestID(r) + "."
	}
	if Partial(r) {
		Render(w, r, p.status, components.Toast(components.Flash{Kind: "bad", Text: p.title + ". " + p.advice, Link: cmp.Or(p.step, p.explained())}))
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
		refusal   *gate.Refusal
	)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return problem{status: http.StatusNotFound, title: "There is nothing here", advice: "It may have been deleted, or belong to another institution than the one you are at. Check the address, or start from the navigation."}
	case errors.As(err, &forbidden):
		return problem{status: http.StatusForbidden, title: "You may not do this", advice: sentence("this needs " + forbidden.Needs), help: helpRoles}
	case errors.As(err, &refusal):
		return problem{status: http.StatusForbidden, title: "Not yet", advice: sentence(refusal.Error()), step: Step(refusal), help: helpApproved}
	case errors.As(err, &conflict):
		return problem{status: http.StatusConflict, title: "It has changed meanwhile", advice: sentence(conflict.Message)}
	case errors.As(err, &limited):
		seconds := int(math.Ceil(limited.After.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return problem{status: http.StatusTooManyRequests, title: "Too often", advice: sentence(limited.Message)}
	case errors.As(err, &tooLarge):
		return problem{status: http.StatusRequestEntityTooLarge, title: "That was too much at once", advice: "What you sent is larger than " + components.Num(int(tooLarge.Limit>>10)) + " kB. Go back and send less."}
	case errors.As(err, &fields):
		messages := make([]string, len(fields))
		for i, f := range fields {
			messages[i] = sentence(f.Message)
		}
		return problem{status: http.StatusUnprocessableEntity, title: "That cannot be taken", advice: strings.Join(messages, " ") + " Go back, change it and send it again."}
	}
	return problem{status: http.StatusInternalServerError, title: "Something went wrong in Beckon", advice: "Nothing you did is half done. Try again; if it stays so, tell who runs this server."}
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
