package insight

import "slices"

// dimension is a field whose values make the rows.
type dimension struct {
	Field
	// kind says where the value comes from and how it is compared.
	kind kind
	// key is the SQL of the value that rows are grouped by, over contacts c and standing s;
	// shown that of the spelling to show, "" where the key itself is shown.
	key, shown string
	// word is the word of the filter that the value belongs to.
	word string
	// span is how long a date's span is, and moment the SQL of the time.
	span   span
	moment string
}

// kind is what sort of value a dimension has.
type kind int

const (
	plain    kind = iota // one text of the contact
	choice               // one of the filter's choices, stored as a number
	ofLabel              // a label: a contact has none, one or several
	ofInvite             // something about an invite: a contact has none, one or several
	ofOwner              // a staff member's id
	ofTime               // a span of time
)

// span is how long a span of a date is.
type span int

const (
	day span = iota
	week
	month
	quarter
	year
)

var spanNames = []string{"day", "week", "month", "quarter", "year"}

// measure is a field that counts the contacts of a row, or says something about them.
type measure struct {
	Field
	// needs are the names of the measures that it is computed from; nil for itself.
	needs []string
	// sql is the aggregate over contacts c and standing s.
	sql string
	// word and value narrow a row to the contacts that are counted; word "" where all of the
	// row are meant, or the number is no count of contacts.
	word, value string
	// counts says that the number is led to by a filter.
	counts bool
}

const (
	groupContact = "Contact"
	groupAdded   = "Added"
	groupInvited = "Last invited"
	groupInvites = "Invites"
	groupCounts  = "Counts"
	groupFunnel  = "What came of inviting"
)

var dimensions = slices.Concat([]dimension{
	{Field: Field{"label", "Label", Text, "Every label that the contact has, archived ones too. A contact with three labels stands in three rows.", groupContact}, kind: ofLabel, word: "label"},
	{Field: Field{"company", "Company", Text, "The company written in the contact, however it is spelled.", groupContact}, key: `c.company_key`, shown: `c.company_name`, word: "company"},
	{Field: Field{"domain", "Mail domain", Text, "What stands behind the @ of the address.", groupContact}, key: `c.domain`, word: "domain"},
	{Field: Field{"title", "Title", Text, "The title written in the contact, however it is spelled.", groupContact}, key: `c.title_key`, shown: `c.title`, word: "title"},
	{Field: Field{"source", "Source", Text, "How the contact first came in; blank for an upload.", groupContact}, key: `c.source`, word: "source"},
	{Field: Field{"standing", "Standing", Text, "Where the contact stands on the way to recruiting here.", groupContact}, kind: choice, key: `s.standing`, word: "standing"},
	{Field: Field{"owner", "Owner", Text, "The staff member who looks after the contact.", groupContact}, kind: ofOwner, key: `c.owner_id`, word: "owner"},
	{Field: Field{"archived", "Archived", Text, "Whether the contact is archived. Archived ones count only where the filter lets them in.", groupContact}, kind: choice, key: `c.archived`, word: "archived"},
},
	spans("created", "Added", "the contact came into the address book", groupAdded, `c.created_at`),
	spans("last_invited", "Last invited", "the latest invite went out; blank for never", groupInvited, `s.last_invited_at`),
	[]dimension{
		{Field: Field{"bulk_invite", "Bulk invite", Text, "Every bulk invite that the contact was part of and not skipped in.", groupInvites}, kind: ofInvite, key: `i.bulk_invite_id`, word: "bulk_invite"},
		{Field: Field{"variant", "Variant", Text, "What the button of an invite does; a contact stands in each row where it has such an invite.", groupInvites}, kind: ofInvite, key: `i.variant`, word: "variant"},
		{Field: Field{"invite_state", "State of invite", Text, "Where an invite stands; a contact stands in each row where it has such an invite.", groupInvites}, kind: ofInvite, key: `i.state`, word: "invite_state"},
	})

// spans are the five dimensions of one time.
func spans(name, label, meaning, group, moment string) (all []dimension) {
	for s, unit := range spanNames {
		first := ", named by its first day"
		switch span(s) {
		case day:
			first = ""
		case week:
			first = ", named by its Monday"
		}
		all = append(all, dimension{
			Field: Field{name + "_" + unit, label + ", " + unit, Date, "The " + unit + " in which " + meaning + first + "; in the institution's time zone.", group},
			kind:  ofTime, span: span(s), moment: moment,
		})
	}
	return all
}

var measures = []measure{
	{Field: Field{"contacts", "Contacts", Number, "How many contacts.", groupCounts}, sql: `COUNT(*)`, counts: true},
	{Field: Field{"companies", "Companies", Number, "How many different companies, however they are spelled; blanks do not count.", groupCounts}, sql: `COUNT(DISTINCT NULLIF(c.company_key, ''))`},
	{Field: Field{"domains", "Mail domains", Number, "How many different mail domains.", groupCounts}, sql: `COUNT(DISTINCT c.domain)`},
	{Field: Field{"invited", "Invited", Number, "Contacts with an invite in which they were not skipped.", groupFunnel}, sql: reached("1"), word: "reached", value: "invited", counts: true},
	{Field: Field{"sent", "Sent", Number, "Contacts with an invite that a mail server took.", groupFunnel}, sql: reached("2"), word: "reached", value: "sent", counts: true},
	{Field: Field{"bounced", "Bounced", Number, "Contacts with an invite that a mail server refused for good.", groupFunnel}, sql: reached("4"), word: "reached", value: "bounced", counts: true},
	{Field: Field{"opened", "Opened", Number, "Contacts who looked at the page that an invite leads to.", groupFunnel}, sql: reached("8"), word: "reached", value: "opened", counts: true},
	{Field: Field{"accepted", "Accepted", Number, "Contacts who pressed the button of an invite.", groupFunnel}, sql: reached("16"), word: "reached", value: "accepted", counts: true},
	{Field: Field{"approved", "Approved", Number, "Contacts who may recruit here now, by whatever way.", groupFunnel}, sql: `COUNT(*) FILTER (WHERE s.standing = 3)`, word: "standing", value: "approved", counts: true},
	{Field: Field{"acceptance_rate", "Acceptance rate", Rate, "Accepted of those sent; blank where none was sent.", groupFunnel}, needs: []string{"accepted", "sent"}},
	{Field: Field{"approval_rate", "Approval rate", Rate, "Approved of all contacts.", groupFunnel}, needs: []string{"approved", "contacts"}},
	{Field: Field{"median_days_to_accept", "Median days to accept", Days, "Half of those who accepted took no longer than this from sending to their first answer.", groupFunnel}},
}

// reached counts the contacts whose invites have reached what the bit stands for.
func reached(bit string) string { return `COUNT(*) FILTER (WHERE s.reached & ` + bit + ` > 0)` }

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
