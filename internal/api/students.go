package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/account"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/student"
)

// Student is a student as the institution sees one.
type Student struct {
	ID             string `json:"id"`
	Email          string `json:"email"`
	FirstName      string `json:"first_name"`
	LastName       string `json:"last_name"`
	Major          string `json:"major"`
	GraduationYear *int   `json:"graduation_year"`
	ExternalID     string `json:"external_id"`
	Allows         bool   `json:"allows" doc:"Recruiters may find and write to the student, who decides it alone."`
	Archived       bool   `json:"archived"`
	CreatedAt      Time   `json:"created_at"`
}

// FoundStudent is a student as a recruiter sees one: what the student does not show is
// empty, or null.
type FoundStudent struct {
	ID             string `json:"id"`
	FirstName      string `json:"first_name"`
	LastInitial    string `json:"last_initial"`
	Major          string `json:"major"`
	GraduationYear *int   `json:"graduation_year"`
}

// ListedStudent is one of the two, as the token may see it.
type ListedStudent struct{ shown any }

// MarshalJSON writes the one that it is.
func (s ListedStudent) MarshalJSON() ([]byte, error) { return json.Marshal(s.shown) }

// Schema tells OpenAPI about both.
func (ListedStudent) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[Student](), true, ""), r.Schema(reflect.TypeFor[FoundStudent](), true, "")}}
}

type studentOutput struct{ Body Student }

type studentsInput struct {
	Paging
	Institution string `query:"institution" doc:"With an employer user's token, which needs it: where to find students."`
	Q           string `query:"q" doc:"A part of the name, the address, the major or the external id; with an employer user's token, of what students show."`
	Allows      string `query:"allows" doc:"With an institution's token: yes or no."`
	Archived    string `query:"archived" doc:"With an institution's token: no unless given, yes, or any."`
}

func (a *api) registerStudents() {
	tags := []string{"Students"}
	register(a, access{staff: institution.Read, employer: account.ReadScope}, huma.Operation{
		OperationID: "list-students", Method: http.MethodGet, Path: "/students", Tags: tags,
		Summary: "List students",
		Description: "With an institution's token all of its students, by name. With an employer user's token those of an institution who let recruiters " +
			"find them, with what they show; where the user may not recruit it is 403 with what is missing.",
	}, a.listStudents)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-student", Method: http.MethodGet, Path: "/students/{id}", Tags: tags,
		Summary: "Get a student",
	}, a.getStudent)
	register(a, staff(institution.Contacts), huma.Operation{
		OperationID: "delete-student", Method: http.MethodDelete, Path: "/students/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Erase a student", Description: "With conversations and reports; times taken for interviews are free again.",
	}, a.deleteStudent)
	a.registerStudentImports()
}

func studentOf(s student.Student) Student {
	return Student{
		ID: db.FormatID(s.ID), Email: s.Email, FirstName: s.FirstName, LastName: s.LastName, Major: s.Major, GraduationYear: nullYear(s.GraduationYear),
		ExternalID: s.ExternalID, Allows: s.Allows(), Archived: s.Archived, CreatedAt: Time{s.CreatedAt},
	}
}

func foundStudentOf(s student.Shown) FoundStudent {
	return FoundStudent{ID: db.FormatID(s.ID), FirstName: s.FirstName, LastInitial: s.LastInitial, Major: s.Major, GraduationYear: nullYear(s.GraduationYear)}
}

func nullYear(year int) *int {
	if year == 0 {
		return nil
	}
	return &year
}

func (a *api) listStudents(ctx context.Context, in *studentsInput) (*listOutput[ListedStudent], error) {
	s := seal(ctx, "students", in.Institution, in.Q, in.Allows, in.Archived)
	after, err := positionAt[student.Cursor](in.Paging, s)
	if err != nil {
		return nil, err
	}
	if userID := callerOf(ctx).UserID; userID != 0 {
		if in.Allows != "" || in.Archived != "" {
			return nil, fault.Fields{{Path: "allows", Message: "and archived are for an institution's token; leave them out"}}
		}
		found, next, total, err := a.Students.Find(ctx, userID, bodyID(in.Institution), student.FindQuery{Q: in.Q, After: after, Limit: in.Limit})
		if err != nil {
			return nil, err
		}
		return byPlace(s, found, next, total, func(x student.Shown) ListedStudent { return ListedStudent{foundStudentOf(x)} })
	}
	if in.Institution != "" && bodyID(in.Institution) != scopeOf(ctx).ID() {
		return nil, fault.NotFound("institution")
	}
	found, next, total, err := a.Students.List(ctx, scopeOf(ctx),
		student.Query{Q: in.Q, Allows: in.Allows, Archived: in.Archived, After: after, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return byPlace(s, found, next, total, func(x student.Student) ListedStudent { return ListedStudent{studentOf(x)} })
}

func (a *api) deleteStudent(ctx context.Context, in *idInput) (*struct{}, error) {
	id, err := pathID("student", in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, a.Students.Erase(ctx, scopeOf(ctx), id)
}

func (a *api) getStudent(ctx context.Context, in *idInput) (*studentOutput, error) {
	id, err := pathID("student", in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.Students.Get(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &studentOutput{studentOf(found)}, nil
}
