package invites

import (
	"encoding/csv"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"beckon/internal/invite"
)

// exportPage is how many invites are read at once.
const exportPage = 5000

// export writes all invites of a bulk invite as CSV while it reads them.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+fileName(v.title(v.Bulk))+`.csv"`)
	w.Header().Set("Cache-Control", "private, no-store")
	if err := p.writeAll(r, csv.NewWriter(w), v); err != nil {
		// A file that has begun cannot become an error page: it ends early, and the browser
		// notices by the connection.
		slog.ErrorContext(r.Context(), "an export ended early", "error", err)
		panic(http.ErrAbortHandler)
	}
}

func (p *Pages) writeAll(r *http.Request, out *csv.Writer, v bulkView) error {
	err := out.Write([]string{"first_name", "last_name", "email", "variant", "state", "reason", "reply", "standing", "sent_at", "opened_at", "accepted_at", "approved_at"})
	after := int64(0)
	for err == nil {
		var some []invite.Invite
		if some, _, err = p.Invites.List(r.Context(), v.Scope, v.Bulk.ID, invite.InviteFilter{}, after, exportPage); err != nil {
			break
		}
		for _, i := range some {
			if err = out.Write(record(i)); err != nil {
				return err
			}
			after = i.ID
		}
		if out.Flush(); len(some) < exportPage {
			return out.Error()
		}
	}
	return err
}

func record(i invite.Invite) []string {
	return []string{harmless(i.FirstName), harmless(i.LastName), harmless(i.Email), string(i.Variant), string(i.State), i.Reason, harmless(i.Reply), i.Standing,
		moment(i.SentAt), moment(i.OpenedAt), moment(i.AcceptedAt), moment(i.ApprovedAt)}
}

// harmless keeps a spreadsheet from taking a text of others for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fileName is a title as the name of a file: ASCII letters, digits, dots and dashes.
func fileName(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.':
			return r
		}
		return '-'
	}, title)
}
