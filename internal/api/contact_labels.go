package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/contact"
	"beckon/internal/institution"
)

type contactLabelsInput struct {
	Body struct {
		Selection Selection `json:"selection"`
		Add       []string  `json:"add,omitempty" nullable:"false" doc:"Names of labels; unknown ones are made."`
		Remove    []string  `json:"remove,omitempty" nullable:"false" doc:"Names of labels."`
	}
}

type contactLabelsOutput struct {
	Status int
	Body   struct {
		Changed *int    `json:"changed,omitempty" doc:"With 200: how many contacts changed."`
		ID      *string `json:"id,omitempty" doc:"With 202: the act that goes on, at GET /acts/{id}."`
	}
}

func (a *api) registerContactLabels() {
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "label-contacts", Method: http.MethodPost, Path: "/contacts/labels", Tags: []string{"Contacts"},
		Summary:     "Put labels on contacts, or take them off",
		Description: "With more than 10,000 contacts it goes on after the answer, which is 202 with the id of an act then.",
	}, a.labelContacts)
	answers := a.huma.OpenAPI().Paths["/contacts/labels"].Post.Responses
	answers["202"] = &huma.Response{Description: http.StatusText(http.StatusAccepted), Content: answers["200"].Content}
}

func (a *api) labelContacts(ctx context.Context, in *contactLabelsInput) (*contactLabelsOutput, error) {
	sel, err := a.parse(ctx, in.Body.Selection)
	if err != nil {
		return nil, err
	}
	done, err := a.Book.Apply(ctx, scopeOf(ctx), sel, contact.Bulk{Kind: contact.BulkLabels, Add: in.Body.Add, Remove: in.Body.Remove})
	if err != nil {
		return nil, err
	}
	out := &contactLabelsOutput{Status: http.StatusOK}
	if done.ActID == 0 {
		out.Body.Changed = &done.Changed
		return out, nil
	}
	out.Status, out.Body.ID = http.StatusAccepted, nullID(done.ActID)
	return out, nil
}
