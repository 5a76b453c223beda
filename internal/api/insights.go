package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/insight"
	"beckon/internal/institution"
)

// Filter says which contacts are meant, as contact.ReadFilter reads it.
type Filter struct{ raw json.RawMessage }

// UnmarshalJSON keeps the filter for what reads it.
func (f *Filter) UnmarshalJSON(data []byte) error { return f.raw.UnmarshalJSON(data) }

// Schema tells OpenAPI about it.
func (Filter) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "The words of GET /contacts, each with a text or a list of texts, or all of them as one text of URL parameters; null or nothing is everybody active.",
		Examples:    []any{map[string]any{"label": []string{"Career fair"}, "standing": "contact"}},
	}
}

// parseFilter reads a filter; dates in it are dates of the institution.
func (a *api) parseFilter(ctx context.Context, f *Filter) (contact.Filter, error) {
	if f == nil || len(f.raw) == 0 || string(f.raw) == "null" {
		return contact.Filter{}, nil
	}
	i, err := a.Institutions.Get(ctx, scopeOf(ctx))
	if err != nil {
		return contact.Filter{}, err
	}
	return contact.ReadFilter(f.raw, i.Location(), "filter")
}

// ExploreField is a dimension or a measure.
type ExploreField struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	Type        string `json:"type" enum:"text,boolean,date,number,rate,days" doc:"A date is the first day of a span; a rate is from 0 to 1."`
	Description string `json:"description"`
	Group       string `json:"group" doc:"The heading that it stands under where people choose."`
}

// ExploreModel is what can be asked.
type ExploreModel struct {
	Dimensions []ExploreField `json:"dimensions" nullable:"false"`
	Measures   []ExploreField `json:"measures" nullable:"false"`
}

// ExploreSort is one of the orders of rows.
type ExploreSort struct {
	Field string `json:"field" doc:"A dimension or a measure of the query."`
	Desc  bool   `json:"desc,omitempty"`
}

// ExploreQuery is one question.
type ExploreQuery struct {
	Dimensions []string      `json:"dimensions,omitempty" nullable:"true"`
	Measures   []string      `json:"measures,omitempty" nullable:"true"`
	Filter     *Filter       `json:"filter,omitempty" nullable:"true"`
	Sorts      []ExploreSort `json:"sorts,omitempty" nullable:"true" doc:"Without any: by the first measure, down. Ties go by the dimensions; blanks come last in both directions."`
	Pivot      *string       `json:"pivot,omitempty" nullable:"true" doc:"A dimension whose values become columns."`
	Limit      *int          `json:"limit,omitempty" nullable:"true" minimum:"1" maximum:"10000" doc:"How many rows at most; 500 unless said."`
	Totals     bool          `json:"totals,omitempty"`
	Format     string        `json:"format,omitempty" enum:"json,csv,xlsx" default:"json"`
}

// ExploreColumn is one column of an answer.
type ExploreColumn struct {
	Name       string            `json:"name" doc:"Of the field; with a pivot, of the measure and behind a colon the pivot's value."`
	Label      string            `json:"label"`
	Type       string            `json:"type" enum:"text,boolean,date,number,rate,days"`
	Measure    *string           `json:"measure" doc:"The measure, null for a dimension."`
	Pivoted    bool              `json:"pivoted" doc:"The column is about one value of the pivot."`
	PivotValue *string           `json:"pivot_value" doc:"That value, null where it is blank."`
	Texts      map[string]string `json:"texts,omitempty" doc:"How values that are ids are shown to people."`
}

// ExploreAnswer is what a query comes to.
type ExploreAnswer struct {
	Columns     []ExploreColumn `json:"columns" nullable:"false" doc:"Dimensions in the order asked, then measures; with a pivot, every measure for each of its values."`
	Rows        [][]any         `json:"rows" nullable:"false" doc:"One value a column; a blank one is null."`
	Drills      []string        `json:"drills" nullable:"false" doc:"For each row the URL parameters of GET /contacts that list exactly its contacts."`
	CellDrills  [][]*string     `json:"cell_drills" nullable:"false" doc:"For each number those that list exactly the contacts it counts; null for what counts none."`
	Totals      []any           `json:"totals" doc:"One value a column, each contact counted once; null unless asked for."`
	TotalDrills []*string       `json:"total_drills"`
	Overlaps    bool            `json:"overlaps" doc:"Some contact stands in more than one row: the rows add up to more than the totals."`
	Truncated   bool            `json:"truncated" doc:"There are more rows, or more values of the pivot, than shown."`
	AsOf        Time            `json:"as_of"`
}

// SavedExplore is an explore that somebody saved.
type SavedExplore struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Query     string `json:"query" doc:"Of the page's address: the words of the filter, dim, measure, sort, pivot, limit, chart."`
	Shared    bool   `json:"shared" doc:"All staff see it."`
	By        string `json:"by"`
	CreatedAt Time   `json:"created_at"`
}

type modelOutput struct{ Body ExploreModel }

type exploreOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

type savedOutput struct{ Body SavedExplore }

type savedInput struct {
	Body struct {
		Name  string `json:"name" doc:"In place of an explore of this name that a token saved."`
		Query string `json:"query" doc:"Of the page's address."`
	}
}

func (a *api) registerInsights() {
	tags := []string{"Insights"}
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-contacts-explore", Method: http.MethodGet, Path: "/insights/contacts", Tags: tags,
		Summary: "List the dimensions and measures of the Contacts explore",
	}, a.exploreModel)
	answer := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ExploreAnswer](), true, "ExploreAnswer")
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "query-contacts-explore", Method: http.MethodPost, Path: "/insights/contacts/query", Tags: tags,
		Summary: "Ask the Contacts explore",
		Description: "Dimensions by measures over the contacts that a filter finds. Text is grouped folded and shown in its most frequent spelling. Measures count distinct contacts; " +
			"a contact with three labels stands in three rows of label, and in the totals once.",
		Responses: map[string]*huma.Response{"200": {Description: "The answer.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: answer}, csvType: {}, xlsxType: {},
		}}},
	}, a.explore)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-saved-explores", Method: http.MethodGet, Path: "/insights/explores", Tags: tags,
		Summary: "List the shared explores", Description: "By name.",
	}, a.savedExplores)
	register(a, staff(institution.ChangeSettings), huma.Operation{
		OperationID: "save-explore", Method: http.MethodPost, Path: "/insights/explores", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Save an explore for all staff",
	}, a.saveExplore)
	register(a, staff(institution.ChangeSettings), huma.Operation{
		OperationID: "delete-saved-explore", Method: http.MethodDelete, Path: "/insights/explores/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Delete a shared explore",
	}, a.deleteSavedExplore)
}

func (a *api) exploreModel(context.Context, *struct{}) (*modelOutput, error) {
	list := func(fields []insight.Field) (out []ExploreField) {
		for _, f := range fields {
			out = append(out, ExploreField(f))
		}
		return out
	}
	return &modelOutput{ExploreModel{list(insight.Dimensions()), list(insight.Measures())}}, nil
}

const (
	csvType  = "text/csv; charset=utf-8"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func (a *api) explore(ctx context.Context, in *struct{ Body ExploreQuery }) (*exploreOutput, error) {
	b := in.Body
	q := insight.Query{Dimensions: b.Dimensions, Measures: b.Measures, Pivot: text(b.Pivot), Totals: b.Totals}
	if b.Limit != nil {
		q.Limit = *b.Limit
	}
	for _, s := range b.Sorts {
		q.Sorts = append(q.Sorts, insight.Sort(s))
	}
	var err error
	if q.Filter, err = a.parseFilter(ctx, b.Filter); err != nil {
		return nil, err
	}
	answer, err := a.Explores.Run(ctx, scopeOf(ctx), q)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	out := &exploreOutput{ContentType: "application/json"}
	switch b.Format {
	case "csv":
		out.ContentType, out.Disposition = csvType, `attachment; filename="contacts-explore.csv"`
		err = a.Explores.CSV(&body, answer)
	case "xlsx":
		out.ContentType, out.Disposition = xlsxType, `attachment; filename="contacts-explore.xlsx"`
		err = a.Explores.XLSX(&body, answer)
	default:
		out := json.NewEncoder(&body)
		out.SetEscapeHTML(false)
		err = out.Encode(exploreAnswer(answer))
	}
	out.Body = body.Bytes()
	return out, err
}

func exploreAnswer(a insight.Answer) ExploreAnswer {
	out := ExploreAnswer{Columns: []ExploreColumn{}, Rows: plainRows(a), Drills: []string{}, CellDrills: [][]*string{}, Totals: a.Totals,
		Overlaps: a.Overlaps, Truncated: a.Truncated, AsOf: Time{a.AsOf}}
	for _, c := range a.Columns {
		column := ExploreColumn{Name: c.Name, Label: c.Label, Type: c.Type, Measure: orNull(c.Measure), Pivoted: c.Pivoted, Texts: c.Texts}
		if c.Pivoted {
			column.PivotValue = orNull(c.PivotValue)
		}
		out.Columns = append(out.Columns, column)
	}
	for i, f := range a.Drills {
		out.Drills = append(out.Drills, f.Query())
		cells := make([]*string, len(a.Columns))
		for j := range cells {
			cells[j] = drill(a.Leads(i, j))
		}
		out.CellDrills = append(out.CellDrills, cells)
	}
	for j := range a.Totals {
		out.TotalDrills = append(out.TotalDrills, drill(a.TotalLeads(j)))
	}
	return out
}

// plainRows are the rows with truth where files say yes or no.
func plainRows(a insight.Answer) [][]any {
	for j, c := range a.Columns {
		if c.Type != insight.YesNo {
			continue
		}
		for _, row := range a.Rows {
			row[j] = row[j] == "yes"
		}
	}
	return some(a.Rows)
}

// drill is the query of a filter that a number leads to, null where it leads nowhere.
func drill(f contact.Filter, leads bool) *string {
	if !leads {
		return nil
	}
	query := f.Query()
	return &query
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func savedExplore(v insight.Saved) SavedExplore {
	return SavedExplore{ID: db.FormatID(v.ID), Name: v.Name, Query: v.Query, Shared: v.Shared, By: v.By, CreatedAt: Time{v.CreatedAt}}
}

// savedExplores pages through a list that is read whole: there are some dozens.
func (a *api) savedExplores(ctx context.Context, in *struct{ Paging }) (*listOutput[SavedExplore], error) {
	s := seal(ctx, "explores")
	after, err := in.positionID(s)
	if err != nil {
		return nil, err
	}
	all, err := a.Explores.Saved(ctx, scopeOf(ctx))
	if err != nil {
		return nil, err
	}
	rest := all
	for i, v := range all {
		if v.ID == after {
			rest = all[i+1:]
		}
	}
	return byID(in.Paging, s, rest, len(all), func(v insight.Saved) int64 { return v.ID }, savedExplore), nil
}

func (a *api) saveExplore(ctx context.Context, in *savedInput) (*savedOutput, error) {
	v, err := a.Explores.Save(ctx, scopeOf(ctx), in.Body.Name, in.Body.Query, true)
	if err != nil {
		return nil, err
	}
	return &savedOutput{savedExplore(v)}, nil
}

func (a *api) deleteSavedExplore(ctx context.Context, in *idInput) (*struct{}, error) {
	id, err := pathID("saved explore", in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, a.Explores.DeleteSaved(ctx, scopeOf(ctx), id)
}
