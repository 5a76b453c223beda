package insights

import (
	"bytes"
	"io"
	"net/http"

	"beckon/internal/insight"
	"beckon/internal/web"
	"beckon/internal/web/visit"
)

func (p *Pages) csv(w http.ResponseWriter, r *http.Request) {
	p.send(w, r, "csv", "text/csv; charset=utf-8", p.Explores.CSV)
}

func (p *Pages) xlsx(w http.ResponseWriter, r *http.Request) {
	p.send(w, r, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", p.Explores.XLSX)
}

// send answers with the explore as a file: with as many rows as there can be, unless the
// address says how many. Nothing is sent before all of it is made, so that an error is an
// error and not half a file.
func (p *Pages) send(w http.ResponseWriter, r *http.Request, ext, contentType string, write func(io.Writer, insight.Answer) error) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	zone := d.Institution.Location()
	s, err := readState(r.URL.Query(), zone)
	var file bytes.Buffer
	if err == nil {
		q := s.query()
		if q.Limit == 0 {
			q.Limit = insight.MaxLimit
		}
		var a insight.Answer
		if a, err = p.Explores.Run(r.Context(), d.Scope, q); err == nil {
			err = write(&file, a)
		}
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+fileName(d, s, p.Now().In(zone))+"."+ext+`"`)
	h.Set("Cache-Control", "private, no-store")
	// Errors in writing mean that the browser is gone.
	_, _ = file.WriteTo(w)
}
