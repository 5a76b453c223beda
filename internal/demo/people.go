package demo

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"

	"beckon/internal/account"
	"beckon/internal/fold"
	"beckon/internal/institution"
)

const (
	firmCount   = 900
	personCount = 5000
)

// campus is an institution with those of its staff who act.
type campus struct {
	institution.Institution
	owner account.User
	// staff acts as the owner, reviewer as who decides about employers.
	staff, reviewer institution.Scope
}

// firm is an employer, with its company once somebody has made one.
type firm struct {
	name, domain string
	trade        trade
	people       []*person
	companyID    int64
	// admin made the company; recruiter is one of its other members.
	admin, recruiter account.User
}

// person is somebody who stands in address books.
type person struct {
	first, last, email, title, city string
	firm                            *firm
	labels                          []string
}

// populate invents companies and the people there: few have many, many have few.
func (w *world) populate() {
	for i := range firmCount {
		t := trades[(i/len(heads)+i)%len(trades)]
		name := heads[i%len(heads)] + " " + t.tail
		w.firms = append(w.firms, &firm{name: name, trade: t, domain: slug(name) + ".example"})
	}
	size := rand.NewZipf(w.chance, 1.15, 12, firmCount-1)
	taken := map[string]bool{}
	for i := range personCount {
		f := w.firms[i%firmCount]
		if i >= firmCount {
			f = w.firms[size.Uint64()]
		}
		p := &person{first: w.one(firstNames), last: w.one(lastNames), title: w.one(titles), city: w.one(cities), firm: f, labels: []string{f.trade.label}}
		p.email = slug(p.first) + "." + slug(p.last) + "@" + f.domain
		for n := 2; taken[p.email]; n++ {
			p.email = fmt.Sprintf("%s.%s%d@%s", slug(p.first), slug(p.last), n, f.domain)
		}
		taken[p.email] = true
		for _, l := range []struct {
			name  string
			share float64
		}{{"Advisory board", .05}, {"Internships", .2}, {"Left the field", .03}} {
			if w.perhaps(l.share) {
				p.labels = append(p.labels, l.name)
			}
		}
		f.people = append(f.people, p)
		w.people = append(w.people, p)
	}
}

// slug is a name as it stands in an address.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case r == 'ø':
			return 'o'
		case r == 'ł':
			return 'l'
		}
		return -1
	}, fold.Text(name))
}

// file writes people as another system exports them.
func file(people []*person, spoiled bool) *bytes.Buffer {
	var out bytes.Buffer
	rows := csv.NewWriter(&out)
	write := func(cells ...string) { _ = rows.Write(cells) } // a buffer takes everything
	write("Email Address", "First Name", "Last Name", "Title", "Employer Name", "City", "Labels")
	for i, p := range people {
		email := p.email
		if spoiled && i%190 == 9 {
			email = strings.Replace(email, "@", " at ", 1)
		}
		write(email, p.first, p.last, p.title, p.firm.name, p.city, strings.Join(p.labels, ";"))
	}
	rows.Flush()
	return &out
}
