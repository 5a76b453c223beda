package insight

import "time"

// Starting is a set of explores to begin with: what people ask first. Dates in them are
// reckoned from now.
func Starting(now time.Time) []Starter {
	year := now.AddDate(-1, 0, 0).Format(time.DateOnly)
	return []Starter{
		{"What came of inviting", "By the month in which they were invited last: how many looked, accepted, and may recruit here now.",
			"dim=last_invited_month&measure=sent&measure=opened&measure=accepted&measure=approved&sort=last_invited_month&chart=line&invited_after=" + year},
		{"Labels", "How far the contacts of each label have come.",
			"dim=label&measure=contacts&measure=invited&measure=accepted&measure=approved&chart=bar"},
		{"Companies", "Where most contacts work, and how many of them may recruit here.",
			"dim=company&measure=contacts&measure=invited&measure=approved&measure=approval_rate&limit=50&chart=bar"},
		{"No answer for 30 days", "Who was sent an invite over 30 days ago and has not answered, by label: worth another try.",
			"dim=label&measure=contacts&measure=opened&chart=bar&invite=expired&standing=contact&standing=user&standing=member"},
		{"Standing over time", "Where contacts stand now, by the month in which they were added.",
			"dim=created_month&pivot=standing&measure=contacts&sort=created_month&chart=stacked"},
		{"Domains that bounce", "Mail domains by how many contacts could not be reached there.",
			"dim=domain&measure=bounced&measure=sent&limit=50&chart=table&archived=any&reached=bounced"},
	}
}
