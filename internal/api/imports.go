package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/institution"
)

// Import is one file of contacts, or of students, and what has become of it.
type Import struct {
	ID         string        `json:"id"`
	State      string        `json:"state" enum:"queued,running,done,failed"`
	DryRun     bool          `json:"dry_run" doc:"It counts what it would do, and writes nothing."`
	Filename   string        `json:"filename"`
	Rows       int64         `json:"rows" doc:"Records read so far, blank ones not: the sum of the next four."`
	Created    int64         `json:"created"`
	Updated    int64         `json:"updated"`
	Unchanged  int64         `json:"unchanged"`
	Rejected   int64         `json:"rejected"`
	Errors     []ImportError `json:"errors" nullable:"false" doc:"The first 100 reasons for which rows were rejected; rejected.csv has all."`
	Error      string        `json:"error" doc:"Why it failed."`
	CreatedAt  Time          `json:"created_at"`
	FinishedAt Time          `json:"finished_at"`
}

// ImportError is one reason for which a row was rejected.
type ImportError struct {
	Row     int    `json:"row" doc:"As a spreadsheet counts."`
	Column  string `json:"column" doc:"The field, or row."`
	Message string `json:"message"`
}

func importOf(i transfer.Import) Import {
	state, why := actState(i.State, i.Error)
	out := Import{
		ID: db.FormatID(i.ID), State: state, DryRun: i.DryRun, Filename: i.Filename,
		Rows: i.Rows, Created: i.Created, Updated: i.Updated, Unchanged: i.Unchanged, Rejected: i.Rejected,
		Errors: []ImportError{}, Error: why, CreatedAt: Time{i.Uploaded}, FinishedAt: Time{i.Finished},
	}
	for _, e := range i.Errors {
		out.Errors = append(out.Errors, ImportError(e))
	}
	return out
}

type importOutput struct{ Body Import }

// Upload is a file on its way in: the body itself, or the part `file` of a form.
type Upload struct {
	DryRun bool `query:"dry_run" doc:"Count what the import would do, and write nothing."`

	request *http.Request
}

// contactsUpload is an upload of contacts.
type contactsUpload struct {
	Upload
	Label []string `query:"label,explode" doc:"Names of labels for every contact of the file; unknown ones are made."`
}

// Resolve keeps the request: its body is read while it arrives.
func (u *Upload) Resolve(ctx huma.Context) []error {
	u.request, _ = humago.Unwrap(ctx)
	return nil
}

var uploadBody = &huma.RequestBody{
	Required: true,
	Content: map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: huma.TypeString, Description: "The file."}},
		"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}}}},
	},
}

// importing is the imports of contacts, or of students.
type importing struct {
	*transfer.Imports
	path string
	what string // contacts or students
	tags []string
}

func (a *api) contactImports() importing {
	return importing{a.Imports, "/contacts/imports", "contacts", []string{"Imports"}}
}

func (a *api) studentImports() importing {
	return importing{a.StudentImports, "/students/imports", "students", []string{"Students"}}
}

func (a *api) registerImports() {
	m := a.contactImports()
	registerUpload(a, m, "create-import", func(ctx context.Context, in *contactsUpload) (*importOutput, error) {
		return m.create(ctx, in.Upload, transfer.Options{DryRun: in.DryRun, Labels: in.Label, Confirm: true})
	})
	m.registerRead(a, "import")
}

func (a *api) registerStudentImports() {
	m := a.studentImports()
	registerUpload(a, m, "create-student-import", func(ctx context.Context, in *Upload) (*importOutput, error) {
		return m.create(ctx, *in, transfer.Options{DryRun: in.DryRun, Confirm: true})
	})
	m.registerRead(a, "student-import")
}

func registerUpload[I any](a *api, m importing, id string, do func(context.Context, *I) (*importOutput, error)) {
	who := staff(institution.Contacts)
	who.streams = true
	register(a, who, huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: m.path, Tags: m.tags, DefaultStatus: http.StatusAccepted,
		Summary: "Import a file of " + m.what,
		Description: "CSV in any of its encodings. A file that cannot be imported at all is refused with 422 and nothing is written; " +
			"otherwise follow the import until its state is done or failed.",
	}, do)
	// Told after the registration, or huma would read the body as it says.
	a.huma.OpenAPI().Paths[m.path].Post.RequestBody = uploadBody
}

func (m importing) registerRead(a *api, id string) {
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "list-" + id + "s", Method: http.MethodGet, Path: m.path, Tags: m.tags,
		Summary: "List imports of " + m.what, Description: "The newest first.",
	}, m.list)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-" + id, Method: http.MethodGet, Path: m.path + "/{id}", Tags: m.tags,
		Summary: "Get an import of " + m.what,
	}, m.get)
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-" + id + "-rejected", Method: http.MethodGet, Path: m.path + "/{id}/rejected.csv", Tags: m.tags,
		Summary: "Get the rejected rows of an import of " + m.what, Description: "As they stood in the file, with a column that says why.",
		Responses: map[string]*huma.Response{"200": {Description: "The rows.", Content: map[string]*huma.MediaType{"text/csv": {}}}},
	}, m.rejected)
}

func (m importing) create(ctx context.Context, u Upload, o transfer.Options) (*importOutput, error) {
	name, file, err := u.file()
	if err != nil {
		return nil, err
	}
	i, err := m.Upload(ctx, scopeOf(ctx), name, file, o)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, newProblem(http.StatusRequestEntityTooLarge, "The file is too large; split it.")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return nil, newProblem(http.StatusBadRequest, "The file did not arrive whole; send it again.")
	case err != nil:
		return nil, err
	}
	return &importOutput{importOf(i)}, nil
}

// plainTypes are the media types under which clients send CSV files as they are.
var plainTypes = []string{"", "text/csv", "text/plain", "text/tab-separated-values", "application/csv", "application/octet-stream", "application/vnd.ms-excel"}

// file finds the file in the request.
func (u *Upload) file() (name string, body io.Reader, err error) {
	media, params, _ := mime.ParseMediaType(u.request.Header.Get("Content-Type"))
	if slices.Contains(plainTypes, media) {
		return "", u.request.Body, nil
	}
	if media != "multipart/form-data" {
		return "", nil, newProblem(http.StatusUnsupportedMediaType, "Send the file as text/csv, or as the part `file` of multipart/form-data.")
	}
	form := multipart.NewReader(u.request.Body, params["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, uploadFault("is missing; send the file as the part with this name")
		}
		if err != nil {
			return "", nil, newProblem(http.StatusBadRequest, "The form cannot be read: it is cut off, or its boundary is wrong.")
		}
		if part.FormName() == "file" {
			return part.FileName(), part, nil
		}
	}
}

func uploadFault(message string) error {
	p := newProblem(http.StatusUnprocessableEntity, "There is no file to import.")
	p.Errors = []ProblemField{{"body.file", message}}
	return p
}

func (m importing) list(ctx context.Context, in *struct{ Paging }) (*listOutput[Import], error) {
	s := seal(ctx, m.path)
	before, err := in.positionID(s)
	if err != nil {
		return nil, err
	}
	found, total, err := m.List(ctx, scopeOf(ctx), before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	// An item has what the single import has.
	for n, i := range found {
		if i.Rejected > 0 {
			if found[n], err = m.Get(ctx, scopeOf(ctx), i.ID); err != nil {
				return nil, err
			}
		}
	}
	return byID(in.Paging, s, found, total, func(i transfer.Import) int64 { return i.ID }, importOf), nil
}

func (m importing) get(ctx context.Context, in *idInput) (*importOutput, error) {
	i, err := m.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &importOutput{importOf(i)}, nil
}

func (m importing) find(ctx context.Context, text string) (transfer.Import, error) {
	id, err := pathID("import", text)
	if err != nil {
		return transfer.Import{}, err
	}
	return m.Get(ctx, scopeOf(ctx), id)
}

// rejected streams: rejected rows may be many.
func (m importing) rejected(ctx context.Context, in *idInput) (*huma.StreamResponse, error) {
	i, err := m.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		out.SetHeader("Content-Type", "text/csv; charset=utf-8")
		out.SetHeader("Content-Disposition", `attachment; filename="rejected.csv"`)
		if err := m.WriteRejected(ctx, scopeOf(ctx), i.ID, out.BodyWriter()); err != nil {
			// The status has gone already: a broken connection says that the file is not whole.
			_ = internalProblem(ctx, "write rejected rows", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
