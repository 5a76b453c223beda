package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/contact"
	"beckon/internal/institution"
)

// contactQuery is the question to the list of contacts: the words of the filter, whatever
// they are, beside sort, limit and cursor.
type contactQuery struct{ values url.Values }

// Resolve takes the parameters as they are: the filter tells its own faults.
func (q *contactQuery) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return []error{&huma.ErrorDetail{Location: "query", Message: "is not encoded as URL parameters are"}}
	}
	q.values = values
	return nil
}

// search splits the parameters into the filter and the rest. Dates are dates of the
// institution.
func (a *api) search(ctx context.Context, values url.Values) (s contact.Search, err error) {
	s.Limit = contact.DefaultLimit
	if values.Has("limit") {
		// What is no number is out of range too.
		s.Limit, _ = strconv.Atoi(values.Get("limit"))
	}
	s.Sort, s.Cursor = values.Get("sort"), values.Get("cursor")
	words := url.Values{}
	for name, v := range values {
		if name != "limit" && name != "sort" && name != "cursor" {
			words[name] = v
		}
	}
	i, err := a.Institutions.Get(ctx, scopeOf(ctx))
	if err != nil {
		return s, err
	}
	s.Filter, err = contact.ParseFilter(words, i.Location())
	return s, err
}

// filterParameters tell OpenAPI about the words of the filter.
func filterParameters() (params []*huma.Param) {
	repeatable := true
	for _, name := range contact.FilterWords() {
		one := &huma.Schema{Type: huma.TypeString}
		for _, choice := range contact.FilterChoices(name) {
			one.Enum = append(one.Enum, choice)
		}
		if one.Enum != nil && contact.FilterTakesBlank(name) {
			one.Enum = append(one.Enum, "")
		}
		params = append(params, &huma.Param{Name: name, In: "query", Explode: &repeatable,
			Schema: &huma.Schema{Type: huma.TypeArray, Items: one}})
	}
	sorts := &huma.Schema{Type: huma.TypeString, Default: "name"}
	for _, name := range contact.Sorts() {
		sorts.Enum = append(sorts.Enum, name, "-"+name)
	}
	low, high := 1.0, float64(contact.MaxLimit)
	return append(params,
		&huma.Param{Name: "sort", In: "query", Schema: sorts, Description: "With - in front for down. Blanks come last in both directions."},
		&huma.Param{Name: "limit", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &low, Maximum: &high, Default: contact.DefaultLimit}},
		&huma.Param{Name: "cursor", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "The next_cursor of the part before."})
}

type contactOutput struct{ Body Contact }

type contactPatch struct {
	ID   string `path:"id"`
	Body ContactChange
}

func (a *api) registerContacts() {
	tags := []string{"Contacts"}
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-contacts", Method: http.MethodGet, Path: "/contacts", Tags: tags, Parameters: filterParameters(), SkipValidateParams: true,
		Summary: "Find contacts",
		Description: "Different words narrow; the same word repeated widens, but for label (has all of them) and label_none (has none of them). " +
			"Without archived, archived ones are left out.",
	}, a.listContacts)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "create-contact", Method: http.MethodPost, Path: "/contacts", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Add a contact", Description: "An address that is there already is 409 with the contact's id.",
	}, a.createContact)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-contact", Method: http.MethodGet, Path: "/contacts/{id}", Tags: tags,
		Summary: "Get a contact",
	}, a.getContact)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "change-contact", Method: http.MethodPatch, Path: "/contacts/{id}", Tags: tags,
		Summary: "Change, archive or restore a contact",
	}, a.changeContact)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "delete-contact", Method: http.MethodDelete, Path: "/contacts/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Delete a contact", Description: "To take it out of lists and keep its history, archive it instead.",
	}, a.deleteContact)
}

func (a *api) listContacts(ctx context.Context, in *contactQuery) (*listOutput[Contact], error) {
	search, err := a.search(ctx, in.values)
	if err != nil {
		return nil, err
	}
	page, err := a.Book.Find(ctx, scopeOf(ctx), search)
	if err != nil {
		return nil, err
	}
	out := &listOutput[Contact]{List[Contact]{Data: []Contact{}, Total: page.Total}}
	if page.Next != "" {
		out.Body.NextCursor = &page.Next
	}
	for _, c := range page.Contacts {
		out.Body.Data = append(out.Body.Data, contactOf(c))
	}
	return out, nil
}

func (a *api) createContact(ctx context.Context, in *struct{ Body NewContact }) (*contactOutput, error) {
	c, err := a.Book.Add(ctx, scopeOf(ctx), in.Body.domain())
	if err != nil {
		return nil, err
	}
	return &contactOutput{contactOf(c)}, nil
}

func (a *api) getContact(ctx context.Context, in *idInput) (*contactOutput, error) {
	id, err := pathID("contact", in.ID)
	if err != nil {
		return nil, err
	}
	c, err := a.Book.Get(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &contactOutput{contactOf(c)}, nil
}

func (a *api) changeContact(ctx context.Context, in *contactPatch) (*contactOutput, error) {
	id, err := pathID("contact", in.ID)
	if err != nil {
		return nil, err
	}
	c, err := a.Book.Change(ctx, scopeOf(ctx), id, in.Body.domain())
	if err != nil {
		return nil, err
	}
	return &contactOutput{contactOf(c)}, nil
}

func (a *api) deleteContact(ctx context.Context, in *idInput) (*struct{}, error) {
	id, err := pathID("contact", in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, a.Book.Delete(ctx, scopeOf(ctx), id)
}
