// Package api is Beckon's JSON over HTTP: one file for each resource, each operation a
// function that decodes, calls one use case of a domain package and renders what comes back.
// What holds for every operation stands beside them: who may call (access.go), how often
// (limit.go), a repeat that must not act twice (once.go), lists in parts (page.go), and how
// an error reads (problem.go). The OpenAPI document is made from the same types.
package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/account"
	"beckon/internal/company"
	"beckon/internal/contact"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/insight"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/posting"
	"beckon/internal/recruiting"
	"beckon/internal/student"
)

// Prefix is where the API begins; Handler wants requests with their whole path.
const Prefix = "/api/v1"

// Deps are the use cases that the API offers, and what it needs itself.
type Deps struct {
	DB           *db.DB
	Now          func() time.Time
	Accounts     *account.Accounts
	Institutions *institution.Institutions
	Book         *contact.Book
	Imports      *transfer.Imports
	Students     *student.Students
	// StudentImports brings files of students in.
	StudentImports *transfer.Imports
	Invites        *invite.Invites
	Explores       *insight.Explores
	Companies      *company.Companies
	Recruiting     *recruiting.Recruiting
	Jobs           *posting.Jobs
	Interviews     *posting.Interviews
	// BaseURL is where people reach Beckon, without a slash at the end.
	BaseURL string
	// RequestsPerSecond is how many requests a token may make; 0 means 100.
	RequestsPerSecond int
}

// api is the operations with what they stand on.
type api struct {
	Deps
	huma huma.API
}

// New makes the handler of everything below Prefix. It needs neither cookies nor protection
// from other sites' forms: whoever calls shows a token. It limits bodies itself, so nothing
// in front of it may.
func New(d Deps) http.Handler { return newRouter(d) }

// newHuma sets huma up without its own document, docs and schema pages: those are served
// from here.
func newHuma(r *router) huma.API {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Beckon",
				Version: "1",
				Description: "An address book of employer contacts, and the way to make them approved recruiters. " +
					"Requests carry `Authorization: Bearer TOKEN`; a token belongs to one institution or to one employer user.",
			},
			Servers: []*huma.Server{{URL: Prefix}},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: securitySchemes,
			},
		},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	}
	return huma.NewAPI(config, r)
}

// registerAll adds every operation, in the order in which the docs show them.
func (a *api) registerAll() {
	a.registerContacts()
	a.registerImports()
	a.registerContactLabels()
	a.registerLabels()
	a.registerBulkInvites()
	a.registerInsights()
	a.registerEmployers()
	a.registerJobs()
	a.registerInterviews()
	a.registerStudents()
	a.registerMessages()
	a.registerMessageReports()
	a.registerEmployerUser()
	a.registerActs()
	a.registerAudit()
	nullsToo(a.huma.OpenAPI().Components.Schemas)
}

// nullsToo puts null among the fixed values of what may be null, where JSON Schema wants it
// and huma leaves it out.
func nullsToo(schemas huma.Registry) {
	for _, s := range schemas.Map() {
		for _, p := range s.Properties {
			if p.Nullable && p.Enum != nil {
				p.Enum = append(p.Enum, nil)
			}
		}
	}
}

// register adds an operation: who may call it, what it is called and what it does.
func register[I, O any](a *api, who access, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.Metadata = map[string]any{accessKey: who}
	op.Security = who.security()
	if op.Method != http.MethodGet {
		op.Parameters = append(op.Parameters, keyParameter)
	}
	op.RejectUnknownQueryParameters = true
	// The router has read the body, within its own limit and time.
	op.MaxBodyBytes, op.BodyReadTimeout = -1, -1
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, op, err)
		}
		return out, nil
	})
}
