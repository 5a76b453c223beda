package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// Label is a tag of the institution.
type Label struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Kind      string `json:"kind" enum:"normal,public,system" doc:"Public ones are shown to the labelled; system ones are set by Beckon alone."`
	Color     int    `json:"color" doc:"A colour of the palette, from 0."`
	Archived  bool   `json:"archived"`
	Contacts  int    `json:"contacts" doc:"How many contacts have it, archived ones included."`
	CreatedAt Time   `json:"created_at"`
}

type labelOutput struct{ Body Label }

type labelInput struct {
	Body struct {
		Name  string `json:"name"`
		Kind  string `json:"kind,omitempty" doc:"normal, unless it is public."`
		Color int    `json:"color,omitempty"`
	}
}

type labelPatch struct {
	ID   string `path:"id"`
	Body struct {
		Name     *string `json:"name,omitempty"`
		Kind     *string `json:"kind,omitempty"`
		Color    *int    `json:"color,omitempty"`
		Archived *bool   `json:"archived,omitempty"`
	}
}

func (a *api) registerLabels() {
	tags := []string{"Labels"}
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-labels", Method: http.MethodGet, Path: "/labels", Tags: tags,
		Summary: "List labels", Description: "By name, archived ones too.",
	}, a.listLabels)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "create-label", Method: http.MethodPost, Path: "/labels", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make a label", Description: "A name that exists, without regard to case, is 409 with its id.",
	}, a.createLabel)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-label", Method: http.MethodGet, Path: "/labels/{id}", Tags: tags,
		Summary: "Get a label",
	}, a.getLabel)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "change-label", Method: http.MethodPatch, Path: "/labels/{id}", Tags: tags,
		Summary: "Rename, recolour, archive or restore a label",
	}, a.changeLabel)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "delete-label", Method: http.MethodDelete, Path: "/labels/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Delete a label", Description: "It goes from all contacts too.",
	}, a.deleteLabel)
}

func label(l contact.Label) Label {
	return Label{ID: db.FormatID(l.ID), Name: l.Name, Kind: l.Kind, Color: l.Color, Archived: l.Archived, Contacts: l.Contacts, CreatedAt: Time{l.CreatedAt}}
}

// listLabels pages through a list that is read whole: an institution has some hundred labels.
func (a *api) listLabels(ctx context.Context, in *struct{ Paging }) (*listOutput[Label], error) {
	s := seal(ctx, "labels")
	after, err := in.positionID(s)
	if err != nil {
		return nil, err
	}
	all, err := a.Book.Labels(ctx, scopeOf(ctx))
	if err != nil {
		return nil, err
	}
	rest := all
	for i, l := range all {
		if l.ID == after {
			rest = all[i+1:]
		}
	}
	return byID(in.Paging, s, rest, len(all), func(l contact.Label) int64 { return l.ID }, label), nil
}

func (a *api) createLabel(ctx context.Context, in *labelInput) (*labelOutput, error) {
	l, err := a.Book.CreateLabel(ctx, scopeOf(ctx), in.Body.Name, in.Body.Kind, in.Body.Color)
	if err != nil {
		return nil, err
	}
	return &labelOutput{label(l)}, nil
}

func (a *api) getLabel(ctx context.Context, in *idInput) (*labelOutput, error) {
	id, err := pathID("label", in.ID)
	if err != nil {
		return nil, err
	}
	l, err := a.Book.GetLabel(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &labelOutput{label(l)}, nil
}

func (a *api) changeLabel(ctx context.Context, in *labelPatch) (*labelOutput, error) {
	id, err := pathID("label", in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	l, err := a.Book.ChangeLabel(ctx, scopeOf(ctx), id, contact.LabelChange{Name: b.Name, Kind: b.Kind, Color: b.Color, Archived: b.Archived})
	if err != nil {
		return nil, err
	}
	return &labelOutput{label(l)}, nil
}

func (a *api) deleteLabel(ctx context.Context, in *idInput) (*struct{}, error) {
	id, err := pathID("label", in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, a.Book.DeleteLabel(ctx, scopeOf(ctx), id)
}
