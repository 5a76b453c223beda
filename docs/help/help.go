// Package help holds the texts of the pages that explain Beckon, and their pictures.
// internal/web/help shows them; they can be read as they are, too.
//
// A link to another page is its file's name. A link that begins with "beckon:" leads to a
// page of the reader's own: "beckon:staff/contacts" at their institution,
// "beckon:student/jobs" where they study, "beckon:recruit/jobs" on the recruiter's side. A
// picture has four files, which make pictures takes: NAME.webp and -dark, -narrow and
// -narrow-dark.
package help

import "embed"

// Files are the texts (*.md) and the pictures.
//
//go:embed *.md pictures/*.webp
var Files embed.FS
