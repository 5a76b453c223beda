package contacts

import (
	"context"
	"net/http"
	"time"

	"beckon/internal/act"
	"beckon/internal/contact/transfer"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
	"beckon/internal/web"
	"beckon/internal/web/components"
	"beckon/internal/web/visit"
)

// actView is a long act on its way.
type actView struct {
	visit.Desk
	act.Act
	Back string
	now  time.Time
}

var actNames = map[string]string{
	"labels": "Labels", "archive": "Archiving", "restore": "Restoring", "delete": "Deleting", "owner": "Setting the owner",
}

func (v actView) name() string {
	if name, ok := actNames[v.Kind]; ok {
		return name
	}
	return "A long act"
}

func (v actView) url() string { return v.URL("/acts/" + db.FormatID(v.ID)) }

// progress is the act as the card shows it.
func (v actView) progress() components.Progress {
	pr := components.Progress{ID: "act", Label: v.name(), Done: int(v.Done), Total: int(v.Total)}
	pr.Text = components.Num(int(v.Done)) + " of " + components.Count(int(v.Total), "contact", "contacts")
	if v.Open() {
		pr.Poll = v.url()
		if since := v.now.Sub(v.Started).Seconds(); !v.Started.IsZero() && since > 0 {
			rate := float64(v.Done) / since
			pr.Rate = components.Sentence(components.PerSecond(rate), components.Left(int(v.Total-v.Done), rate))
		}
	}
	return pr
}

// getAct reads the act of the address. Others than those on contacts have pages of their own.
func (p *Pages) getAct(ctx context.Context, s institution.Scope, id int64) (a act.Act, err error) {
	err = p.Book.DB.Read(ctx, func(tx *db.Tx) error {
		a, err = act.Get(ctx, tx, s.ID(), id)
		return err
	})
	if err == nil && a.Kind != transfer.Kind && actNames[a.Kind] == "" {
		err = fault.NotFound("act")
	}
	return a, err
}

func (p *Pages) showAct(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, err := pathID(r, "act")
	v := actView{Desk: d, Back: r.URL.Query().Get("back"), now: p.Now()}
	if err == nil {
		v.Act, err = p.getAct(r.Context(), d.Scope, id)
	}
	switch {
	case err != nil:
		web.Fail(w, r, err)
	case v.Kind == transfer.Kind:
		web.Redirect(w, r, d.URL("/imports/"+db.FormatID(id)))
	case web.Partial(r):
		web.Render(w, r, http.StatusOK, actCard(v))
	default:
		v.Shell = d.Page(section, v.name())
		web.Render(w, r, http.StatusOK, actPage(v))
	}
}

// stopAct ends an act after its present chunk; what it has done stays.
func (p *Pages) stopAct(w http.ResponseWriter, r *http.Request) {
	d, ok := visit.Staff(w, r)
	if !ok {
		return
	}
	id, err := pathID(r, "act")
	if err == nil {
		err = p.stop(r.Context(), d.Scope, id)
	}
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	done(w, r, d.URL("/acts/"+db.FormatID(id)), components.Flash{Kind: "wait", Text: "It stops. What was done stays."})
}

func (p *Pages) stop(ctx context.Context, s institution.Scope, id int64) error {
	if err := s.Require(institution.Contacts); err != nil {
		return err
	}
	a, err := p.getAct(ctx, s, id)
	if err != nil {
		return err
	}
	if a.Kind == transfer.Kind {
		return fault.NotFound("act") // an import is stopped on its own page, which records it
	}
	return p.Book.DB.Write(ctx, func(tx *db.Tx) error {
		if err := act.Stop(ctx, tx, p.Now(), s.ID(), id); err != nil {
			return err
		}
		return s.Record(ctx, tx, p.Now(), "act.stopped", "act", id, map[string]any{"kind": a.Kind})
	})
}
