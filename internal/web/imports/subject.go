package imports

import (
	"beckon/internal/contact/transfer"
	"beckon/internal/student"
	"beckon/internal/web/components"
)

// Subject is what the rows of files become, in the words of the pages about it.
type Subject struct {
	// Base is the address of the imports below an institution's, List that of what came in,
	// Newest the same with the newest first.
	Base, List, Newest string
	// Section is the entry of the navigation, and the name of the list.
	Section string
	// One and Many name the rows.
	One, Many string
	// Fields are what columns can mean; Known names some of them that may be left out.
	Fields []transfer.Field
	Known  []string
	// Labelled tells that labels can be given to all rows of a file.
	Labelled bool
	// About says in a sentence what an import does.
	About string
}

// Contacts are imports into the address book.
var Contacts = Subject{
	Base: "/imports", List: "/contacts", Newest: "/contacts?sort=-created_at", Section: "Contacts", One: "contact", Many: "contacts",
	Fields: transfer.ContactFields, Known: []string{"company_name", "title", "labels"}, Labelled: true,
	About: "An import brings contacts in from a CSV file of any spreadsheet or system, and brings those up to date that are there.",
}

// Students are imports of an institution's students.
var Students = Subject{
	Base: "/students/imports", List: "/students", Newest: "/students", Section: "Students", One: "student", Many: "students",
	Fields: student.ImportFields, Known: []string{"major", "graduation_year", "external_id"},
	About: "An import brings students in from a CSV file of any spreadsheet or system, and brings those up to date that are there. Nobody is mailed: students sign in when they like, and no recruiter finds them before they say so.",
}

// count names so many rows.
func (s Subject) count(n int) string { return components.Count(n, s.One, s.Many) }

// fieldOptions are what a column can mean.
func (s Subject) fieldOptions() []components.Option {
	options := []components.Option{{Label: "Leave out"}}
	for _, f := range s.Fields {
		options = append(options, components.Option{Value: f.Name, Label: f.Label})
	}
	return options
}

// fieldLabel is a column of an error in words.
func (s Subject) fieldLabel(name string) string {
	for _, f := range s.Fields {
		if f.Name == name {
			return f.Label
		}
	}
	return "The row"
}
