package account

import "strings"

// programs and systems are looked for in this order: what calls itself by several names
// comes before those whose names it borrows.
var (
	programs = [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems  = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}}
)

// device names a browser by what it calls itself: "Firefox on Linux".
func device(userAgent string) string {
	program, system := match(programs, userAgent), match(systems, userAgent)
	switch {
	case userAgent == "":
		return "A browser that gave no name"
	case program == "":
		return userAgent
	case system == "":
		return program
	}
	return program + " on " + system
}

func match(names [][2]string, userAgent string) string {
	for _, n := range names {
		if strings.Contains(userAgent, n[0]) {
			return n[1]
		}
	}
	return ""
}
