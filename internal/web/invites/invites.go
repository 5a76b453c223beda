// Package invites holds the pages of bulk invites: the dialog that says what inviting a
// selection will do, the bulk invites of the past, and one of them with its invites.
package invites

import (
	"net/http"
	"net/url"
	"time"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/invite"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

const (
	pageSize = 50
	// selectionLimit is how large a selection may come, in bytes: some 500,000 ids.
	selectionLimit = 8 << 20
)

// Pages are the pages of this package.
type Pages struct {
	Invites      *invite.Invites
	Book         *contact.Book
	Institutions *institution.Institutions
	Now          func() time.Time

	rates rates
}

// Routes adds the pages to mux.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /at/{slug}/invites/new", p.ask)
	mux.HandleFunc("POST /at/{slug}/invites/test", p.sendTest)
	mux.HandleFunc("POST /at/{slug}/invites", p.confirm)
	mux.HandleFunc("GET /at/{slug}/invites", p.past)
	mux.HandleFunc("GET /at/{slug}/invites/{id}", p.show)
	mux.HandleFunc("GET /at/{slug}/invites/{id}/progress", p.progress)
	mux.HandleFunc("GET /at/{slug}/invites/{id}/again", p.countAgain)
	mux.HandleFunc("GET /at/{slug}/invites/{id}/invites.csv", p.export)
	mux.HandleFunc("GET /at/{slug}/invites/{id}/schedule", p.askTime)
	mux.HandleFunc("POST /at/{slug}/invites/{id}/schedule", p.move)
	mux.HandleFunc("POST /at/{slug}/invites/{id}/send-now", p.steer("It is being sent.", p.sendBulkNow))
	mux.HandleFunc("POST /at/{slug}/invites/{id}/pause", p.steer("Paused. Nothing goes until you resume.", p.pauseBulk))
	mux.HandleFunc("POST /at/{slug}/invites/{id}/resume", p.steer("Going on.", p.resumeBulk))
	mux.HandleFunc("POST /at/{slug}/invites/{id}/cancel", p.steer("Cancelled. What had not gone stays unsent.", p.cancelBulk))
}

// desk is the staff member's place at an institution, with a clock in its zone.
type desk struct {
	visit.Desk
	now time.Time
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) (desk, bool) {
	d, ok := visit.Staff(w, r)
	return desk{d, p.Now().In(d.Institution.Location())}, ok
}

// mayInvite tells whether acts are offered to this person.
func (d desk) mayInvite() bool { return d.Scope.May(institution.Invite) }

func (d desk) when(t time.Time) string {
	return components.WhenText(t, d.Institution.Location(), d.now)
}

func (d desk) bulkURL(id int64) string { return d.URL("/invites/" + db.FormatID(id)) }

// pathID is the bulk invite that the address names.
func pathID(r *http.Request) (int64, error) {
	id, ok := db.ParseID(r.PathValue("id"))
	if !ok {
		return 0, fault.NotFound("bulk invite")
	}
	return id, nil
}

// selection reads what a form selects; dates in it are dates of the institution. A form
// that names nobody selects nobody.
func selection(s web.Selection, zone *time.Location) (contact.Selection, error) {
	if s.Mode != web.ModeFilter {
		return contact.Selection{IDs: parseIDs(s.IDs)}, nil
	}
	words, err := url.ParseQuery(s.Filter)
	if err != nil {
		return contact.Selection{}, fault.Invalid("filter", "this filter cannot be read; go back to the list and select again")
	}
	f, err := contact.ParseFilter(words, zone)
	return contact.Selection{Filter: f, Except: parseIDs(s.Except)}, err
}

// parseIDs leaves out what is no id: it is not there.
func parseIDs(texts []string) []int64 {
	ids := make([]int64, 0, len(texts))
	for _, text := range texts {
		if id, ok := db.ParseID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}
