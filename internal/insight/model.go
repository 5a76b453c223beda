package insight

import (
	"slices"
	"time"

	"beckon/internal/contact"
	"beckon/internal/gate"
)

// dimension is a field whose values make the rows.
type dimension struct {
	Field
	kind kind
	// column is the SQL of the value, over contacts c, standing s and, where a contact may have
	// several, labels l or invites i; spelling that of the text which stands for a folded one,
	// "" where the value is shown as it is.
	column, spelling string
	// words are what the numbers of a choice mean.
	words []string
	// span and date are those of a dimension of time: how long its spans are, and whether the
	// filter's words for it begin with created or invited.
	span span
	date string
}

// kind is where a dimension's value comes from.
type kind int

const (
	ofText   kind = iota // a text of the contact; "" is blank
	ofChoice             // one of words, by its number
	ofOwner              // the id of a staff member; 0 is blank
	ofTime               // the span in which a time lies, in Unix milliseconds; 0 is blank
	ofLabel              // the id of a label; a contact has none, one or several
	ofBulk               // the id of a bulk invite; the same
	ofInvite             // a text of an invite; the same
)

// measure is a field that counts the contacts of a row, or says something about them.
type measure struct {
	Field
	// column is the SQL of what it needs to know of a contact beside reached and standing,
	// which are always read.
	column string
	// says is what it says of a group: int64, float64 or nil.
	says func(g *group) any
	// narrow is the filter of the contacts counted, from that of the group; nil where the
	// number counts no contacts.
	narrow func(contact.Filter) contact.Filter
}

// Groups of fields, as headings.
const (
	groupContact = "Contact"
	groupAdded   = "Added"
	groupInvited = "Last invited"
	groupInvites = "Invites"
	groupCounts  = "Counts"
	groupFunnel  = "What came of inviting"
)

var dimensions = slices.Concat([]dimension{
	{Field: Field{"label", "Label", Text, "Every label of the contact, archived ones too. A contact with three labels stands in three rows.", groupContact}, kind: ofLabel, column: `l.label_id`},
	{Field: Field{"company", "Company", Text, "The company written in the contact, however it is spelled.", groupContact}, column: `c.company_key`, spelling: `c.company_name`},
	{Field: Field{"domain", "Mail domain", Text, "What stands behind the @ of the address.", groupContact}, column: `c.domain`},
	{Field: Field{"title", "Title", Text, "The title written in the contact, however it is spelled.", groupContact}, column: `c.title_key`, spelling: `c.title`},
	{Field: Field{"source", "Source", Text, "How the contact first came in; blank for an upload.", groupContact}, column: `c.source`},
	{Field: Field{"standing", "Standing", Text, "Where the contact stands on the way to recruiting here.", groupContact}, kind: ofChoice, column: `s.standing`, words: gate.Standings()},
	{Field: Field{"owner", "Owner", Text, "The staff member who looks after the contact.", groupContact}, kind: ofOwner, column: `c.owner_id`},
	{Field: Field{"archived", "Archived", YesNo, "Whether the contact is archived; the filter leaves archived ones out unless it says otherwise.", groupContact}, kind: ofChoice, column: `c.archived`, words: []string{"no", "yes"}},
},
	spans("created", "Added", "the contact came into the address book", groupAdded, `c.created_at`, "created"),
	spans("last_invited", "Last invited", "the latest invite went out; blank for never", groupInvited, `s.last_invited_at`, "invited"),
	[]dimension{
		{Field: Field{"bulk_invite", "Bulk invite", Text, "Every bulk invite in which the contact was not skipped.", groupInvites}, kind: ofBulk, column: `i.bulk_invite_id`},
		{Field: Field{"variant", "Variant", Text, "What the button of an invite does. A contact stands in each row where it has such an invite.", groupInvites}, kind: ofInvite, column: `i.variant`},
		{Field: Field{"invite_state", "State of invite", Text, "Where an invite stands. A contact stands in each row where it has such an invite.", groupInvites}, kind: ofInvite, column: `i.state`},
	})

var measures = []measure{
	{Field: Field{"contacts", "Contacts", Number, "How many contacts.", groupCounts},
		says:   func(g *group) any { return g.contacts },
		narrow: func(f contact.Filter) contact.Filter { return f }},
	{Field: Field{"companies", "Companies", Number, "How many different companies, however they are spelled; blanks do not count.", groupCounts},
		column: companyColumn, says: func(g *group) any { return g.companies }},
	{Field: Field{"domains", "Mail domains", Number, "How many different mail domains.", groupCounts},
		column: domainColumn, says: func(g *group) any { return g.domains }},
	reached("invited", "Invited", "Contacts with an invite in which they were not skipped.", invited),
	reached("sent", "Sent", "Contacts with an invite that a mail server took.", sent),
	reached("bounced", "Bounced", "Contacts with an invite that a mail server refused for good.", bounced),
	reached("opened", "Opened", "Contacts who looked at the page that an invite leads to.", opened),
	reached("accepted", "Accepted", "Contacts who pressed the button of an invite.", accepted),
	{Field: Field{"approved", "Approved", Number, "Contacts who may recruit here now, by whatever way.", groupFunnel},
		says:   func(g *group) any { return g.approved },
		narrow: func(f contact.Filter) contact.Filter { return f.With("standing", gate.IsApproved.String()) }},
	{Field: Field{"acceptance_rate", "Acceptance rate", Rate, "Accepted of those sent; blank where none was sent.", groupFunnel},
		says: func(g *group) any { return rate(g.reached[accepted], g.reached[sent]) }},
	{Field: Field{"approval_rate", "Approval rate", Rate, "Approved of all contacts.", groupFunnel},
		says: func(g *group) any { return rate(g.approved, g.contacts) }},
	{Field: Field{"median_days_to_accept", "Median days to accept", Days, "From sending to the first answer; half of those who answered took no longer. Blank where nobody did.", groupFunnel},
		column: waitColumn, says: func(g *group) any { return median(g.waits) }},
}

// What measures need to know of a contact.
const (
	companyColumn = `c.company_key`
	domainColumn  = `c.domain`
	waitColumn    = `s.accept_ms`
)

// The places of the bits of contact_standing.reached, which package contact names.
const (
	invited = iota
	sent
	bounced
	opened
	accepted
	reachedBits
)

// reached counts the contacts whose invites have come to what a bit stands for.
func reached(name, label, description string, bit int) measure {
	return measure{
		Field:  Field{name, label, Number, description, groupFunnel},
		says:   func(g *group) any { return g.reached[bit] },
		narrow: func(f contact.Filter) contact.Filter { return f.And("reached", name) },
	}
}

// rate is a part of a whole, nil of none.
func rate(part, whole int64) any {
	if whole == 0 {
		return nil
	}
	return float64(part) / float64(whole)
}

// median is the middle of some times in days, between the two middle ones of an even number;
// nil without any.
func median(ms []int64) any {
	n := len(ms)
	if n == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(ms))
	return float64(sorted[(n-1)/2]+sorted[n/2]) / 2 / float64((24 * time.Hour).Milliseconds())
}

// Dimensions are all fields that rows can be made by, in the order in which people choose.
func Dimensions() []Field { return fields(dimensions, func(d dimension) Field { return d.Field }) }

// Measures are all fields that say something about the contacts of a row.
func Measures() []Field { return fields(measures, func(m measure) Field { return m.Field }) }

func fields[T any](all []T, field func(T) Field) []Field {
	out := make([]Field, len(all))
	for i, x := range all {
		out[i] = field(x)
	}
	return out
}

// find is the field of a name, nil for an unknown one.
func find[T any](all []T, name string, field func(T) Field) *T {
	for i := range all {
		if field(all[i]).Name == name {
			return &all[i]
		}
	}
	return nil
}

func findDimension(name string) *dimension {
	return find(dimensions, name, func(d dimension) Field { return d.Field })
}

func findMeasure(name string) *measure {
	return find(measures, name, func(m measure) Field { return m.Field })
}
