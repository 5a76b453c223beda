package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on stderr how far something is: as a bar on a terminal, otherwise as a line
// now and then, so that logs stay readable.
type progress struct {
	w    io.Writer
	what string
	bar  *progressbar.ProgressBar
	last time.Time
}

// lineEvery is how often a line is written where there is no terminal.
const lineEvery = 5 * time.Second

func newProgress(w io.Writer, what string, total int64) *progress {
	p := &progress{w: w, what: what, last: time.Now()}
	if isTerminal(w) {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return p
}

// set shows that done of total is done.
func (p *progress) set(done, total int64) {
	switch {
	case p.bar != nil:
		p.bar.ChangeMax64(max(total, 1))
		_ = p.bar.Set64(min(done, total)) // a bar that cannot be drawn stops nothing
	case time.Since(p.last) >= lineEvery:
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s: %d of %d\n", p.what, done, total)
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
