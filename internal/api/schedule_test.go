package api

import (
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/institution"
)

func TestScheduledBulkInvite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		elm.addContact("new@new.example")
		all := object{"filter": object{}}
		for _, at := range []any{"2026-11-23T08:59:59Z", "2027-11-24T09:00:00Z", "2026-12-01", "", "2026-12-01T09:30:00"} {
			if a := elm.want(422, "POST", "/bulk-invites", object{"selection": all, "scheduled_at": at}); !a.names("body.scheduled_at") {
				t.Errorf("%v: %s", at, a.raw)
			}
		}
		made := elm.want(202, "POST", "/bulk-invites", object{"selection": all, "scheduled_at": "2026-12-01T09:30:00-05:00"})
		if spaced(made.json["state"], made.json["scheduled_at"], made.json["wait_reason"], made.json["will_send"]) != "scheduled 2026-12-01T14:30:00.000Z  1" {
			t.Errorf("%s", made.raw)
		}
		path := "/bulk-invites/" + made.id()
		later := object{"scheduled_at": "2026-12-02T09:30:00Z"}
		if a := elm.want(200, "POST", path+"/schedule", later); a.json["scheduled_at"] != "2026-12-02T09:30:00.000Z" || a.json["state"] != "scheduled" {
			t.Errorf("%s", a.raw)
		}
		for _, body := range []object{{"scheduled_at": "2026-11-01T09:30:00Z"}, {"scheduled_at": "soon"}, {}} {
			if a := elm.want(422, "POST", path+"/schedule", body); !a.names("body.scheduled_at") {
				t.Errorf("%v: %s", body, a.raw)
			}
		}
		elm.want(409, "POST", path+"/resume", nil)
		oak.want(404, "POST", path+"/schedule", later)
		oak.want(404, "POST", path+"/send-now", nil)
		reader := h.tokenOf(elm.id, string(institution.Read))
		reader.want(403, "POST", path+"/schedule", later)
		reader.want(403, "POST", path+"/send-now", nil)
		if a := elm.want(200, "POST", path+"/send-now", nil); a.json["state"] != "sending" || a.json["scheduled_at"] != "2026-11-23T09:00:00.000Z" {
			t.Errorf("%s", a.raw)
		}
		elm.want(409, "POST", path+"/schedule", later)
		elm.want(409, "POST", path+"/send-now", nil)
	})
}
