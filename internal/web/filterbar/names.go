package filterbar

import (
	"strings"

	"beckon/internal/contact"
	"beckon/internal/db"
	"beckon/internal/gate"
	"beckon/internal/institution"
	"beckon/internal/web/components"
	"github.com/a-h/templ"
)

// sourceNames are the sources of contacts in words.
var sourceNames = map[string]string{
	contact.SourceUpload: "uploaded", contact.SourceAdded: "added by hand", contact.SourceApproval: "requested approval",
	contact.SourceJob: "posted a job", contact.SourceInterview: "requested an interview", contact.SourceMessage: "messaged a student",
}

// SourceName is a source of contacts in words, as they follow a name: "uploaded".
func SourceName(source string) string {
	if name, ok := sourceNames[source]; ok {
		return name
	}
	return strings.ReplaceAll(source, "_", " ")
}

var textAttrs = templ.Attributes{"autocomplete": "off", "maxlength": "300"}

var standingNames, inviteNames, reachedNames = named(gate.Standings()), named(contact.FilterChoices("invite")), named(contact.FilterChoices("reached"))

// named writes words of the domain with a capital, as answers to choose from.
func named(values []string) []components.Option {
	options := make([]components.Option, len(values))
	for i, value := range values {
		options[i] = components.Option{Value: value, Label: strings.ToUpper(value[:1]) + strings.ReplaceAll(value[1:], "_", " ")}
	}
	return options
}

// sourceOptions are the sources in words.
func sourceOptions() []components.Option {
	var options []components.Option
	for _, s := range []string{contact.SourceUpload, contact.SourceAdded, contact.SourceApproval, contact.SourceJob, contact.SourceInterview, contact.SourceMessage} {
		name := SourceName(s)
		options = append(options, components.Option{Value: s, Label: strings.ToUpper(name[:1]) + name[1:]})
	}
	return options
}

// OwnerOptions are everybody who works here, behind an answer for nobody in particular.
func OwnerOptions(staff []institution.Member, first components.Option) []components.Option {
	options := []components.Option{first}
	for _, m := range staff {
		options = append(options, components.Option{Value: db.FormatID(m.UserID), Label: m.Name()})
	}
	return options
}

var labelHow = []components.Option{
	{Value: "label", Label: "has all of"}, {Value: "label_any", Label: "has any of"}, {Value: "label_none", Label: "has none of"},
}

var archivedOptions = []components.Option{{Value: "no", Label: "No"}, {Value: "yes", Label: "Only archived"}, {Value: "any", Label: "Both"}}
