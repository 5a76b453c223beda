package visit

import (
	"context"
	"net/http"

	"beckon/internal/web"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// Reader is somebody who reads a page that everybody may read, signed in or not.
type Reader struct {
	// Places are the beginnings of the addresses of pages that are the reader's own: "staff"
	// where the reader works, "student" where the reader studies, "recruit" always. Who works
	// at several institutions has none of them here: which is meant, nobody can tell.
	Places map[string]string
	own    *Own
}

// Frame is what surrounds the page: that of the place to which the reader belongs, and a
// plain one for visitors and for who belongs to several.
func (r Reader) Frame(section, title string) templ.Component {
	if r.own == nil {
		return components.Plain(title)
	}
	return r.own.layout(titled(r.own.Shell, section, title))
}

// Reading tells who reads. It answers the request itself and gives false where that cannot
// be found out.
func Reading(w http.ResponseWriter, r *http.Request) (Reader, bool) {
	reader := Reader{Places: map[string]string{"recruit": "/recruit"}}
	visitor, ok := From(r.Context())
	if !ok {
		return reader, true
	}
	v := r.Context().Value(contextKey{}).(visiting).visits
	if err := v.reading(r.Context(), visitor, &reader); err != nil {
		web.Fail(w, r, err)
		return Reader{}, false
	}
	return reader, true
}

func (v *Visits) reading(ctx context.Context, visitor Visitor, reader *Reader) error {
	works, err := v.Institutions.OfStaff(ctx, visitor.User.ID)
	if err != nil {
		return err
	}
	if len(works) == 1 {
		reader.Places["staff"] = At(works[0].Slug, "")
	}
	studies, err := v.Institutions.OfStudent(ctx, visitor.User.ID)
	if err != nil {
		return err
	}
	if len(studies) == 1 {
		reader.Places["student"] = AsStudent(studies[0].Slug, "")
	}
	places, err := v.Places(ctx, visitor.User)
	if err != nil || len(places) != 1 {
		return err
	}
	own, err := v.own(ctx, visitor, true)
	reader.own = &own
	return err
}
