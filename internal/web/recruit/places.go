package recruit

import (
	"context"

	"beckon/internal/recruiting"
)

// places are all institutions as a recruiter stands with them.
type places []recruiting.Listed

// mostPlaces is among how many institutions pages look for those that may be chosen.
const mostPlaces = 5000

func (p *Pages) places(ctx context.Context, v view) (places, error) {
	all, _, _, err := p.Recruiting.Institutions(ctx, v.User.ID, "", recruiting.Cursor{}, mostPlaces)
	return all, err
}

// open are the institutions where the company may recruit.
func (p places) open() (open []recruiting.Listed) {
	for _, l := range p {
		if l.State == recruiting.Approved {
			open = append(open, l)
		}
	}
	return open
}

// closed are some of those where something is missing, for what can be done about it.
func (p places) closed() (closed []recruiting.Listed) {
	for _, l := range p {
		if l.State != recruiting.Approved && (l.State != recruiting.None || l.Invited()) && len(closed) < 10 {
			closed = append(closed, l)
		}
	}
	return closed
}
