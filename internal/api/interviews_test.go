package api

import (
	"testing"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
)

func TestInterviewRequests(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		elm, oak := h.institution("Elm"), h.institution("Oak")
		acme := h.company("Acme")
		rita := h.recruiter("rita@acme.example", acme)
		wish := object{"institution": db.FormatID(elm.id), "job": "1", "date": "2026-12-03", "starts_at": "09:00", "slots": 2, "slot_minutes": 30}
		if a := rita.want(403, "POST", "/interview-requests", wish); a.json["missing"] != "connection" || a.json["institution"] != db.FormatID(elm.id) {
			t.Errorf("%s", a.raw)
		}
		elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/approve", nil)
		wish["job"] = rita.want(201, "POST", "/jobs", object{"title": "Engineer", "description": "Build.", "institutions": []string{db.FormatID(elm.id)}}).id()
		if a := rita.want(422, "POST", "/interview-requests", wish); !a.names("body.job") {
			t.Errorf("%s", a.raw)
		}
		elm.want(200, "POST", "/jobs/"+wish["job"].(string)+"/approve", nil)
		if a := rita.want(422, "POST", "/interview-requests", object{}); !a.names("body.job") || !a.names("body.starts_at") || !a.names("body.slots") {
			t.Errorf("%s", a.raw)
		}
		made := rita.want(201, "POST", "/interview-requests", wish, "Idempotency-Key", "1")
		if made.json["state"] != "requested" || made.json["timezone"] != "UTC" || len(made.json["times"].([]any)) != 2 || made.json["requested_at"] == nil {
			t.Errorf("%s", made.raw)
		}
		if again := rita.want(201, "POST", "/interview-requests", wish, "Idempotency-Key", "1"); again.id() != made.id() {
			t.Errorf("a repeat made %s", again.raw)
		}
		path := "/interview-requests/" + made.id()
		if one := rita.want(200, "GET", path, nil); string(one.raw) != string(made.raw) {
			t.Errorf("alone %s", one.raw)
		}
		for query, want := range map[string]int{"": 1, "?state=requested": 1, "?state=approved": 0, "?state=flagged": 0, "?q=ACM": 1} {
			if n := len(elm.want(200, "GET", "/interview-requests"+query, nil).data()); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		elm.want(422, "GET", "/interview-requests?state=odd", nil)
		oak.want(404, "GET", path, nil)
		oak.want(404, "POST", path+"/approve", nil)
		h.tokenOf(elm.id, "read").want(403, "POST", path+"/approve", nil)
		rita.want(403, "POST", path+"/approve", nil)
		if a := elm.want(200, "POST", path+"/propose", object{"date": "2026-12-04", "starts_at": "13:00", "note": "Busy"}); a.json["state"] != "proposed" || a.json["proposed_date"] != "2026-12-04" {
			t.Errorf("%s", a.raw)
		}
		if a := rita.want(200, "POST", path+"/answer", object{"accept": true}); a.json["state"] != "approved" || a.json["date"] != "2026-12-04" {
			t.Errorf("%s", a.raw)
		}
		if a := elm.want(200, "POST", path+"/move", object{"place": "Room 3"}); a.json["place"] != "Room 3" || a.json["state"] != "approved" {
			t.Errorf("%s", a.raw)
		}
		rita.want(409, "POST", path+"/withdraw", nil)
		if a := elm.want(409, "POST", path+"/decline", object{"reason": "No room"}); a.json["detail"] != "The request is approved." {
			t.Errorf("%s", a.raw)
		}
		elm.want(200, "POST", "/employers/"+db.FormatID(acme)+"/block", nil)
		if a := elm.want(200, "GET", "/interview-requests?state=flagged", nil).data(); len(a) != 1 || a[0]["flagged"] != true {
			t.Errorf("flagged: %v", a)
		}
		if a := elm.want(200, "POST", path+"/cancel", object{"reason": "Blocked"}); a.json["state"] != "cancelled" || a.json["reason"] != "Blocked" {
			t.Errorf("%s", a.raw)
		}
		if a := rita.want(403, "POST", "/interview-requests", wish); a.json["missing"] != "blocked" {
			t.Errorf("%s", a.raw)
		}
	})
}
