package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
	"beckon/internal/invite"
	"beckon/internal/telemetry"
)

// Problem is how every error reads (RFC 9457).
type Problem struct {
	Title  string         `json:"title" doc:"What kind of problem this is; the status in words."`
	Status int            `json:"status" doc:"The HTTP status."`
	Detail string         `json:"detail,omitempty" doc:"A sentence that says what is wrong and what to do."`
	Errors []ProblemField `json:"errors,omitempty" doc:"The inputs that cannot be accepted, all of them."`

	Missing     string   `json:"missing,omitempty" enum:"verified_address,membership,blocked,connection" doc:"With 403 of the gate: the first thing that is missing."`
	Institution string   `json:"institution,omitempty" doc:"With 403 of the gate: the id of the institution that refuses."`
	Step        string   `json:"step,omitempty" format:"uri" doc:"With 403 of the gate: the page where a person takes the missing step."`
	ID          string   `json:"id,omitempty" doc:"With 409: the id of what exists already."`
	Preview     *Preview `json:"preview,omitempty" doc:"With 409 of a bulk invite: the numbers as they are now."`

	header http.Header
}

// ProblemField is one input that cannot be accepted.
type ProblemField struct {
	Location string `json:"location" doc:"Where the input is: body, query, path or header, and its name." example:"body.email"`
	Message  string `json:"message" doc:"What is wrong with it, and the cure."`
}

// Error is the detail; with GetStatus and GetHeaders a Problem is an error that huma writes.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are headers that belong to the problem.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType marks a problem as one.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func init() {
	// huma makes the errors of its own checks with this, for the whole process.
	huma.NewError = func(status int, detail string, errs ...error) huma.StatusError {
		p := newProblem(status, sentence(detail))
		for _, err := range errs {
			var d huma.ErrorDetailer
			if errors.As(err, &d) {
				p.Errors = append(p.Errors, checked(d.ErrorDetail()))
			} else if err != nil {
				p.Errors = append(p.Errors, ProblemField{Location: "body", Message: err.Error()})
			}
		}
		if detail == "request body is required" {
			p.Errors = append(p.Errors, ProblemField{Location: "body", Message: "is missing; send JSON"})
		}
		return p
	}
}

// checked is a fault that huma found, without the value. Huma puts what is missing at the
// object that should have it; here it has its own place.
func checked(d *huma.ErrorDetail) ProblemField {
	f := ProblemField{Location: d.Location, Message: d.Message}
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		f.Location += "." + strings.TrimSuffix(name, " to be present")
		f.Message = "is missing; it is required"
	}
	return f
}

func newProblem(status int, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

// writeProblem answers with a problem outside of an operation.
func writeProblem(w http.ResponseWriter, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	// Errors in writing mean that the client is gone.
	_, _ = w.Write(append(body, '\n'))
}

// problem is the one place that says how an error of the domain reads in the API.
func (a *api) problem(ctx context.Context, op huma.Operation, err error) *Problem {
	var p *Problem
	var fields fault.Fields
	var forbidden fault.Forbidden
	var conflict fault.Conflict
	var limited fault.Limited
	var refusal *gate.Refusal
	var file *transfer.Refusal
	var changed invite.Changed
	switch {
	case errors.As(err, &p):
	case errors.As(err, &fields):
		p = newProblem(http.StatusUnprocessableEntity, "Some of the input cannot be accepted.")
		for _, f := range fields {
			p.Errors = append(p.Errors, ProblemField{Location: place(op.Method, f.Path), Message: f.Message})
		}
	case errors.As(err, &refusal):
		p = newProblem(http.StatusForbidden, sentence(refusal.Error()))
		p.Missing, p.Institution, p.Step = refusal.Missing, db.FormatID(refusal.InstitutionID), a.step(refusal)
	case errors.As(err, &file):
		p = newProblem(http.StatusUnprocessableEntity, sentence(file.Message))
		p.Errors = []ProblemField{{"body.file", file.Message}}
	case errors.As(err, &changed):
		p = newProblem(http.StatusConflict, sentence(changed.Error()))
		p.Preview = preview(changed.Plan)
	case errors.As(err, &forbidden):
		p = newProblem(http.StatusForbidden, "This takes "+forbidden.Needs+".")
	case errors.As(err, &conflict):
		p = newProblem(http.StatusConflict, sentence(conflict.Message))
		if conflict.ExistingID != 0 {
			p.ID = db.FormatID(conflict.ExistingID)
		}
	case errors.As(err, &limited):
		p = newProblem(http.StatusTooManyRequests, sentence(limited.Message))
		p.header = http.Header{"Retry-After": {retryAfter(limited.After)}}
	case errors.Is(err, fault.ErrNotFound):
		p = newProblem(http.StatusNotFound, sentence(err.Error())+" It may have been deleted, or be another's.")
	default:
		p = internalProblem(ctx, op.OperationID, err)
	}
	return p
}

// internalProblem is the problem of an error that is our own. What happened stands in the
// log under the number that the client gets.
func internalProblem(ctx context.Context, what string, err error) *Problem {
	if ctx.Err() == nil {
		slog.ErrorContext(ctx, "API operation failed", "doing", what, "error", err)
	}
	return brokenProblem(ctx)
}

// brokenProblem says that it is our own fault, and under which number the log tells more.
func brokenProblem(ctx context.Context) *Problem {
	return newProblem(http.StatusInternalServerError, "Something went wrong here. Try again; if it stays, tell who runs this server. The number of this request is "+telemetry.RequestID(ctx)+".")
}

// place is where an input stands: a location that names its place already is kept.
func place(method, path string) string {
	for _, known := range []string{"body", "query", "path", "header"} {
		if strings.HasPrefix(path, known+".") {
			return path
		}
	}
	if method == http.MethodGet {
		return "query." + path
	}
	return "body." + path
}

// step is the page where a recruiter takes the step that the gate misses, or reads what
// blocked means.
func (a *api) step(r *gate.Refusal) string {
	switch r.Missing {
	case gate.VerifiedAddress:
		return a.BaseURL + "/account"
	case gate.Membership:
		return a.BaseURL + "/recruit/company"
	case gate.Blocked:
		return a.BaseURL + "/help/getting-approved#blocked"
	}
	return a.BaseURL + "/recruit/institutions"
}

// sentence makes a message of the domain begin and end as sentences do.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
