package input

import (
	"slices"
	"time"
)

// Moment reads a date (2026-11-23) and a time of day (09:30) on a place's clock, both of which
// belong to path. Where the clock is set forward some times do not exist, which is a fault;
// where it is set back some come twice, and the first is meant.
func (f *Form) Moment(path, date, clock string, zone *time.Location) time.Time {
	wall, err := time.Parse("2006-01-02 15:04", date+" "+clock)
	if err != nil {
		f.Add(path, "needs a date like 2026-11-23 and a time like 09:30")
		return time.Time{}
	}
	moment, ok := onClock(wall, zone)
	if !ok {
		f.Add(path, "is a time that does not exist on that day: the clock is set forward over it; choose one an hour earlier or later")
	}
	return moment
}

// onClock is the first moment at which the clock of a zone shows what wall shows in UTC.
func onClock(wall time.Time, zone *time.Location) (time.Time, bool) {
	var found []time.Time
	for _, near := range []time.Time{wall.AddDate(0, 0, -1), wall.AddDate(0, 0, 1)} {
		_, offset := near.In(zone).Zone()
		moment := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if moment.Format(time.DateTime) == wall.Format(time.DateTime) {
			found = append(found, moment)
		}
	}
	if len(found) == 0 {
		return time.Time{}, false
	}
	return slices.MinFunc(found, time.Time.Compare), true
}
