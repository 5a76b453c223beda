package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/web/components"
)

// Trouble is an error as a form shows it when it comes back: what is wrong as a whole, and
// with which fields. The zero Trouble is none.
type Trouble struct {
	Status int
	// Fields are whole sentences, each for the field of its path.
	Fields fault.Fields
	// Note is about the act as a whole, "" for nothing; Link leads to what mends it, and Help
	// to the page that explains it, "" for none.
	Note string
	Link components.Link
	Help string
}

// explained is the page of help that explains it: of what concerns no rule of its own, the one
// about the page that shows it.
func (t Trouble) explained(ctx context.Context) string {
	if t.Help == help {
		return cmp.Or(components.Topic(ctx).URL, help)
	}
	return t.Help
}

// For is what is wrong with one field, "" for nothing.
func (t Trouble) For(path string) string { return components.ErrorFor(t.Fields, path) }

// Returned is a form that comes back: what is wrong with it, and what was typed into it. The
// zero Returned is a form that is shown for the first time.
type Returned struct {
	Trouble
	Typed url.Values
}

// Explain takes in the error of an act that a form asked for, as ExplainForm does. It gives
// false where no form can help, and the request is answered then.
func (f *Returned) Explain(w http.ResponseWriter, r *http.Request, err error, labels map[string]string) bool {
	t, ok := ExplainForm(w, err, labels)
	if !ok {
		Fail(w, r, err)
	}
	f.Trouble, f.Typed = t, r.PostForm
	return ok
}

// Value is what stands in a field: what was typed, otherwise what is stored.
func (f Returned) Value(name, stored string) string {
	if f.Typed.Has(name) {
		return f.Typed.Get(name)
	}
	return stored
}

// ExplainForm turns the error of an act into the trouble that its form shows. labels are the
// names of the form's fields by path, since messages read on from the name. It gives false
// for errors that no form can help with, for Fail.
func ExplainForm(w http.ResponseWriter, err error, labels map[string]string) (t Trouble, ok bool) {
	var (
		fields    fault.Fields
		forbidden fault.Forbidden
		conflict  fault.Conflict
		limited   fault.Limited
		refusal   *gate.Refusal
	)
	switch {
	case errors.As(err, &fields):
		return Trouble{Status: http.StatusUnprocessableEntity, Fields: Named(fields, labels)}, true
	case errors.As(err, &forbidden):
		return Trouble{Status: http.StatusForbidden, Note: sentence("this needs " + forbidden.Needs), Help: helpRoles}, true
	case errors.As(err, &conflict):
		return Trouble{Status: http.StatusConflict, Note: sentence(conflict.Message), Help: help}, true
	case errors.As(err, &limited):
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(limited.After.Seconds()))))
		return Trouble{Status: http.StatusTooManyRequests, Note: sentence(limited.Message) + " You may try again in " + wait(limited.After) + ".", Help: help}, true
	case errors.As(err, &refusal):
		return Trouble{Status: http.StatusForbidden, Note: sentence(refusal.Error()), Link: Step(refusal), Help: helpApproved}, true
	}
	return Trouble{}, false
}

// The pages of help that explain why something is refused.
const (
	help         = "/help"
	helpRoles    = "/help/roles"
	helpApproved = "/help/getting-approved"
)

// Step is where a person does what the gate found missing.
func Step(r *gate.Refusal) components.Link {
	switch r.Missing {
	case gate.VerifiedAddress:
		return components.Link{Name: "Your addresses", URL: "/account#addresses"}
	case gate.Membership:
		return components.Link{Name: "Your company", URL: "/recruit/company"}
	case gate.Blocked:
		return components.Link{Name: "What blocked means", URL: helpApproved + "#blocked"}
	}
	return components.Link{Name: "Find institutions", URL: "/recruit/institutions"}
}

// wait says how long to wait, rounded up.
func wait(d time.Duration) string {
	minutes := int(math.Ceil(d.Minutes()))
	if minutes > 90 {
		return components.Count((minutes+59)/60, "hour", "hours")
	}
	return components.Count(max(minutes, 1), "minute", "minutes")
}

// readsOn are the first words of messages that read on from the name of their input.
var readsOn = []string{"is", "has", "does", "needs", "belongs", "holds", "was", "must", "cannot"}

// Named makes a whole sentence of each message; see ExplainForm.
func Named(fields fault.Fields, labels map[string]string) fault.Fields {
	named := make(fault.Fields, len(fields))
	for i, f := range fields {
		first, _, _ := strings.Cut(f.Message, " ")
		if slices.Contains(readsOn, first) {
			label := labels[f.Path]
			if label == "" {
				label = strings.ReplaceAll(f.Path, "_", " ")
			}
			f.Message = fmt.Sprintf("%s %s", label, f.Message)
		}
		f.Message = sentence(f.Message)
		named[i] = f
	}
	return named
}
