// Package input brings what people type into the form in which Beckon keeps it, and
// collects everything that is wrong with it.
package input

import (
	"net/url"
	"strings"

	"beckon/internal/contact/field"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/fold"
)

// Form reads the inputs of one act. Its methods answer the clean text and remember the
// faults; Err tells all of them at once. The zero Form is ready.
type Form struct{ faults fault.Fields }

// Line reads a text of one line and at most max characters.
func (f *Form) Line(path, value string, max int) string {
	return f.read(field.Field{Name: path, Max: max}, value)
}

// Required is Line for what may not be blank.
func (f *Form) Required(path, value string, max int) string {
	return f.read(field.Field{Name: path, Max: max, Required: true}, value)
}

// Lines reads a text of several lines and at most max characters.
func (f *Form) Lines(path, value string, max int) string {
	return f.read(field.Field{Name: path, Max: max, Lines: true}, value)
}

// RequiredLines is Lines for what may not be blank.
func (f *Form) RequiredLines(path, value string, max int) string {
	return f.read(field.Field{Name: path, Max: max, Lines: true, Required: true}, value)
}

func (f *Form) read(x field.Field, value string) string {
	text, wrong := x.Clean(value)
	if wrong != nil {
		f.Add(wrong.Column, wrong.Message)
	}
	return text
}

// URL reads a web address of at most 300 characters, or a blank. People leave "https://"
// out; it is put in front.
func (f *Form) URL(path, value string) string {
	text := f.Line(path, value, 300)
	if text == "" {
		return ""
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil || strings.ContainsAny(text, " <>\"") {
		f.Add(path, "is not a web address; write it like https://company.example")
		return ""
	}
	return u.String()
}

// Add remembers a fault that the caller found.
func (f *Form) Add(path, message string) {
	f.faults = append(f.faults, fault.Field{Path: path, Message: message})
}

// Err is fault.Fields with every fault, nil without any.
func (f *Form) Err() error {
	if len(f.faults) == 0 {
		return nil
	}
	return f.faults
}

// Containing is what somebody typed into a search box as a pattern for a stored folded text
// that contains it: `x LIKE $1 ESCAPE '\'`. Of more than 200 characters the rest is left out.
func Containing(q string) string { return "%" + search(q) + "%" }

// Beginning is Containing for a text that begins with it.
func Beginning(q string) string { return search(q) + "%" }

// Part is Containing for a stored folded text that is compared with a function that finds a
// part, not with LIKE.
func Part(q string) string {
	q = field.Text(q, false)
	if long := []rune(q); len(long) > 200 {
		q = string(long[:200])
	}
	return fold.Text(q)
}

func search(q string) string { return db.Like(Part(q)) }
