package interviews

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/posting"
	"beckon/internal/web"
	"beckon/internal/web/components"
)

// requestForm is the page on which interviews are asked for, with the slots that would
// follow from what stands in it.
type requestForm struct {
	seat
	Offers []posting.Offer
	// Preview is the schedule, without slots while something is missing, which Missing says.
	Preview posting.Interview
	Missing fault.Fields
}

// offerKey names a job at an institution in the form.
func offerKey(o posting.Offer) string {
	return db.FormatID(o.JobID) + "_" + db.FormatID(o.InstitutionID)
}

func (f requestForm) offerOptions() []components.Option {
	options := []components.Option{{Value: "", Label: "Choose a job"}}
	for _, o := range f.Offers {
		options = append(options, components.Option{Value: offerKey(o), Label: o.Job + ", at " + o.Institution})
	}
	return options
}

// at is the institution chosen, with its clock; without ID for none.
func (f requestForm) at() posting.Offer {
	for _, o := range f.Offers {
		if offerKey(o) == f.Typed.Get("job") {
			return o
		}
	}
	return posting.Offer{}
}

// zone names the clock on which the times are read.
func (f requestForm) zone() string {
	o := f.at()
	if o.InstitutionID == 0 {
		return "On the clock of the institution."
	}
	return "On the clock of " + o.Institution + ", " + components.ZoneName(f.now, o.Zone) + " today."
}

var ways = []components.Option{
	{Value: posting.OnSite, Label: "At the institution", Hint: "Staff choose the room."},
	{Value: posting.Video, Label: "By video"},
}

// newRequest shows the form, as it stands in the address: asking for the times that would
// follow is a GET like any other.
func (p *Pages) newRequest(w http.ResponseWriter, r *http.Request) {
	s, ok := p.seat(w, r)
	if !ok {
		return
	}
	s.Typed = r.URL.Query()
	p.drawForm(w, r, http.StatusOK, s)
}

func (p *Pages) drawForm(w http.ResponseWriter, r *http.Request, status int, s seat) {
	f := requestForm{seat: s}
	var err error
	if f.Offers, err = p.Interviews.Offers(r.Context(), s.User.ID); err != nil {
		web.Fail(w, r, err)
		return
	}
	if f.complete() {
		f.Preview, err = p.Interviews.Preview(r.Context(), input(f.Typed))
		if errors.As(err, &f.Missing) {
			f.Missing, err = web.Named(f.Missing, labels), nil
		}
		if err != nil {
			web.Fail(w, r, err)
			return
		}
	}
	web.Render(w, r, status, requestPage(f))
}

// complete tells whether all that a preview takes stands in the form.
func (f requestForm) complete() bool {
	for _, name := range []string{"job", "date", "starts_at", "slots", "slot_minutes"} {
		if strings.TrimSpace(f.Typed.Get(name)) == "" {
			return false
		}
	}
	return true
}

// input reads the form. What is no number is -1, which no number in it may be.
func input(form url.Values) posting.InterviewInput {
	number := func(name string) int {
		text := strings.TrimSpace(form.Get(name))
		n, err := strconv.Atoi(text)
		if text != "" && err != nil {
			return -1
		}
		return n
	}
	job, institution, _ := strings.Cut(form.Get("job"), "_")
	in := posting.InterviewInput{Schedule: posting.Schedule{
		Date: form.Get("date"), StartsAt: form.Get("starts_at"), SlotCount: number("slots"), SlotMinutes: number("slot_minutes"),
		BreakMinutes: number("break_minutes"), PauseAfter: number("pause_after"), PauseMinutes: number("pause_minutes"),
		Way: form.Get("way"), VideoURL: form.Get("video_url"), Needs: form.Get("needs"),
	}}
	// 0, which does not exist, for what is no id.
	in.JobID, _ = db.ParseID(job)
	in.InstitutionID, _ = db.ParseID(institution)
	return in
}

func (p *Pages) request(w http.ResponseWriter, r *http.Request) {
	s, ok := p.seat(w, r)
	if !ok {
		return
	}
	i, err := p.Interviews.Request(r.Context(), s.User.ID, input(formOf(r)))
	if err == nil {
		web.SetFlash(w, r, components.Flash{Kind: "good", Text: i.Institution + " is asked. You get a mail when its staff have decided."})
		web.Redirect(w, r, ownURL(i.ID))
		return
	}
	if !s.Explain(w, r, err, labels) {
		return
	}
	for n, f := range s.Fields {
		if f.Path == "institution" {
			s.Fields[n] = fault.Field{Path: "job", Message: "Choose a job and the institution where it is shown."}
		}
	}
	p.drawForm(w, r, s.Status, s)
}

// formOf is what was posted.
func formOf(r *http.Request) url.Values {
	// A body that cannot be read is an empty form, whose faults say enough.
	_ = r.ParseForm()
	return r.PostForm
}
