package insight

import (
	"fmt"
	"slices"

	"beckon/internal/contact"
	"beckon/internal/gate"
)

// dimension is a field whose values make the rows. Its key is SQL over contacts c, standing s
// and, where a contact may have several, labels l or invites i.
type dimension struct {
	Field
	kind kind
	key  string
	// shown is the SQL of the spelling that stands for a folded key; "" where the key is
	// shown as it is, or as one of words, by number.
	shown string
	words []string
	// span and moment are those of a dimension of time: what is SQL of Unix milliseconds, 0
	// for never, and date the part of the filter's words for it.
	span         span
	moment, date string
}

// kind is where a dimension's value comes from.
type kind int

const (
	ofText   kind = iota // a text of the contact; blank is none
	ofChoice             // one of words, by its number
	ofOwner              // the id of a staff member; 0 is none
	ofLabel              // a label's id; a contact has none, one or several
	ofBulk               // a bulk invite's id; the same
	ofInvite             // a text of an invite; the same
	ofTime               // the first day of a span, as days since 1970; NULL is never
)

// isText tells whether keys are texts; they are numbers otherwise.
func (k kind) isText() bool { return k == ofText || k == ofInvite }

// several tells whether a contact may stand in more than one row.
func (k kind) several() bool { return k == ofLabel || k == ofBulk || k == ofInvite }

// measure is a field that counts the contacts of a row, or says something about them.
type measure struct {
	Field
	// sql is an aggregate over contacts c and standing s, "" for what is computed here.
	sql string
	// of are the two measures whose quotient it is.
	of [2]string
	// distinct says that rows do not add up to their total, even where no contact stands in
	// two of them.
	distinct bool
	// narrow is the filter of the contacts counted, from that of the row; nil where these are
	// all of the row.
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
	{Field: Field{"label", "Label", Text, "Every label of the contact, archived ones too. A contact with three labels stands in three rows.", groupContact}, kind: ofLabel, key: `l.label_id`},
	{Field: Field{"company", "Company", Text, "The company written in the contact, however it is spelled.", groupContact}, key: `c.company_key`, shown: `c.company_name`},
	{Field: Field{"domain", "Mail domain", Text, "What stands behind the @ of the address.", groupContact}, key: `c.domain`},
	{Field: Field{"title", "Title", Text, "The title written in the contact, however it is spelled.", groupContact}, key: `c.title_key`, shown: `c.title`},
	{Field: Field{"source", "Source", Text, "How the contact first came in; blank for an upload.", groupContact}, key: `c.source`},
	{Field: Field{"standing", "Standing", Text, "Where the contact stands on the way to recruiting here.", groupContact}, kind: ofChoice, key: `s.standing`, words: gate.Standings()},
	{Field: Field{"owner", "Owner", Text, "The staff member who looks after the contact.", groupContact}, kind: ofOwner, key: `c.owner_id`},
	{Field: Field{"archived", "Archived", Text, "Whether the contact is archived; the filter leaves archived ones out unless it says otherwise.", groupContact}, kind: ofChoice, key: `c.archived`, words: []string{"no", "yes"}},
},
	spans("created", "Added", "the contact came into the address book", groupAdded, `c.created_at`, "created"),
	spans("last_invited", "Last invited", "the latest invite went out; blank for never", groupInvited, `s.last_invited_at`, "invited"),
	[]dimension{
		{Field: Field{"bulk_invite", "Bulk invite", Text, "Every bulk invite in which the contact was not skipped.", groupInvites}, kind: ofBulk, key: `i.bulk_invite_id`},
		{Field: Field{"variant", "Variant", Text, "What the button of an invite does. A contact stands in each row where it has such an invite.", groupInvites}, kind: ofInvite, key: `i.variant`},
		{Field: Field{"invite_state", "State of invite", Text, "Where an invite stands. A contact stands in each row where it has such an invite.", groupInvites}, kind: ofInvite, key: `i.state`},
	})

var measures = []measure{
	{Field: Field{"contacts", "Contacts", Number, "How many contacts.", groupCounts}, sql: `COUNT(*)`},
	{Field: Field{"companies", "Companies", Number, "How many different companies, however they are spelled; blanks do not count.", groupCounts}, sql: `COUNT(DISTINCT NULLIF(c.company_key, ''))`, distinct: true},
	{Field: Field{"domains", "Mail domains", Number, "How many different mail domains.", groupCounts}, sql: `COUNT(DISTINCT c.domain)`, distinct: true},
	reached("invited", "Invited", "Contacts with an invite in which they were not skipped.", contact.ReachedInvited),
	reached("sent", "Sent", "Contacts with an invite that a mail server took.", contact.ReachedSent),
	reached("bounced", "Bounced", "Contacts with an invite that a mail server refused for good.", contact.ReachedBounced),
	reached("opened", "Opened", "Contacts who looked at the page that an invite leads to.", contact.ReachedOpened),
	reached("accepted", "Accepted", "Contacts who pressed the button of an invite.", contact.ReachedAccepted),
	{Field: Field{"approved", "Approved", Number, "Contacts who may recruit here now, by whatever way.", groupFunnel}, sql: `COUNT(*) FILTER (WHERE s.standing = 3)`,
		narrow: func(f contact.Filter) contact.Filter { return f.With("standing", gate.IsApproved.String()) }},
	{Field: Field{"acceptance_rate", "Acceptance rate", Rate, "Accepted of those sent; blank where none was sent.", groupFunnel}, of: [2]string{"accepted", "sent"}},
	{Field: Field{"approval_rate", "Approval rate", Rate, "Approved of all contacts.", groupFunnel}, of: [2]string{"approved", "contacts"}},
	{Field: Field{medianDays, "Median days to accept", Days, "From sending to the first answer; half of those who answered took no longer. Blank where nobody did.", groupFunnel}},
}

// medianDays is the one measure that no aggregate of both engines computes.
const medianDays = "median_days_to_accept"

// reached counts the contacts whose invites have come to what the bit stands for.
func reached(name, label, description string, bit int) measure {
	return measure{
		Field:  Field{name, label, Number, description, groupFunnel},
		sql:    fmt.Sprintf(`COUNT(*) FILTER (WHERE s.reached & %d > 0)`, bit),
		narrow: func(f contact.Filter) contact.Filter { return f.And("reached", name) },
	}
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
