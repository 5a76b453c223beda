package imports

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/visit"
)

// uploadView is the form for a file. After a refusal it asks how the file is to be read.
type uploadView struct {
	visit.Desk
	Subject
	reading
	Labels []string
	web.Trouble
}

func (p *Pages) askFile(w http.ResponseWriter, r *http.Request) {
	if d, ok := visit.Staff(w, r); ok {
		p.renderUpload(w, r, http.StatusOK, uploadView{Desk: d, Subject: p.Subject})
	}
}

func (p *Pages) renderUpload(w http.ResponseWriter, r *http.Request, status int, v uploadView) {
	err := v.Scope.Require(institution.Contacts)
	if err == nil {
		v.Labels, err = p.labels(r.Context(), v.Desk)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	v.Shell = v.Page(v.Section, "Import "+v.Many)
	web.Render(w, r, status, uploadPage(v))
}

// formMargin is what a form may have beside its file, fieldLimit what one of its fields may.
const (
	formMargin = 1 << 20
	fieldLimit = 16 << 10
)

// upload keeps the file and counts what it would do; nothing is written before a person
// has seen that.
func (p *Pages) upload(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	if err := d.Scope.Require(institution.Contacts); err != nil {
		web.Fail(w, r, err)
		return
	}
	limit := p.Imports.MaxSize
	if limit == 0 {
		limit = transfer.DefaultMaxSize
	}
	web.AllowBody(w, r, limit+formMargin)
	said, i, err := p.receive(r, d)
	if err == nil {
		p.wake()
		web.Redirect(w, r, d.URL(p.Subject.Base+"/"+db.FormatID(i.ID)))
		return
	}
	// A browser that is still sending would not read the answer.
	_, _ = io.Copy(io.Discard, r.Body)
	t, ok := explain(w, err)
	if !ok {
		web.Fail(w, r, err)
		return
	}
	said.Format = i.Format
	p.renderUpload(w, r, t.Status, uploadView{Desk: d, Subject: p.Subject, reading: said, Trouble: t})
}

// receive reads the form, whose last field is the file: it is kept as it comes in.
func (p *Pages) receive(r *http.Request, d visit.Desk) (said reading, i transfer.Import, err error) {
	missing := fault.Invalid("file", "is missing. Choose one first.")
	parts, err := r.MultipartReader()
	if err != nil {
		return said, i, missing
	}
	form := url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return said, i, missing
		}
		if err != nil {
			return said, i, err
		}
		if part.FormName() == "file" {
			return p.keep(r, d, form, part, missing)
		}
		value, err := io.ReadAll(io.LimitReader(part, fieldLimit))
		if err != nil {
			return said, i, err
		}
		form.Add(part.FormName(), string(value))
	}
}

func (p *Pages) keep(r *http.Request, d visit.Desk, form url.Values, file *multipart.Part, missing error) (said reading, i transfer.Import, err error) {
	if said, err = readingOf(form); err != nil {
		return said, i, err
	}
	if file.FileName() == "" {
		return said, i, missing
	}
	i, err = p.Imports.Upload(r.Context(), d.Scope, file.FileName(), file, transfer.Options{DryRun: true, Confirm: true, Labels: said.labels(), Format: said.Format})
	return said, i, err
}
