package mail

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Class is what became of a message.
type Class uint8

const (
	// NotSent: the server cannot have taken it, since it never got all of it.
	NotSent Class = iota
	// Accepted: the server took it.
	Accepted
	// Temporary: the server refused it for now.
	Temporary
	// Permanent: the server refused it for good, or nothing could be sent to that address.
	Permanent
	// Unknown: all of it was handed over, but no answer came. The server may have taken it.
	Unknown
)

// String is the class in one word.
func (c Class) String() string {
	return [...]string{"not sent", "accepted", "temporary", "permanent", "unknown"}[c]
}

// About is what a refusal is about. Only a fault of the recipient says anything about an address.
type About uint8

const (
	// AboutSystem: a mail system, its limits or its settings, a full mailbox too. It is also what stands
	// in a Result that is no refusal.
	AboutSystem About = iota
	// AboutRecipient: there is no such mailbox, and will not be.
	AboutRecipient
	// AboutSender: the server will not take mail from this sender.
	AboutSender
	// AboutContent: the server will not take this message.
	AboutContent
)

// String is what it is about, in one word.
func (a About) String() string {
	return [...]string{"system", "recipient", "sender", "content"}[a]
}

// Result is what became of one message at one attempt.
type Result struct {
	Class Class
	// Code is the server's reply code, 0 where no reply decided.
	Code int
	// Enhanced is the status code of RFC 3463, such as "5.1.1", '' where the server gave none.
	Enhanced string
	// Text is what the server said, in one line of at most 500 characters.
	Text string
	// About tells what a Temporary or Permanent refusal is about.
	About About
	// Err is why a message was NotSent or is Unknown.
	Err error
	// Withheld says that the message was NotSent because Body refused.
	Withheld bool
}

// Retry says whether the message may be sent again at once on another connection: it was NotSent,
// and neither its sender nor its context held it back.
func (r Result) Retry() bool {
	return r.Class == NotSent && !r.Withheld && !errors.Is(r.Err, context.Canceled) &&
		!errors.Is(r.Err, context.DeadlineExceeded) && !errors.Is(r.Err, ErrPoolClosed)
}

// String is what was said, in one line to be shown to staff.
func (r Result) String() string {
	var parts []string
	if r.Code != 0 {
		parts = append(parts, fmt.Sprint(r.Code))
	}
	if r.Enhanced != "" {
		parts = append(parts, r.Enhanced)
	}
	if r.Text != "" {
		parts = append(parts, r.Text)
	}
	if r.Err != nil {
		parts = append(parts, r.Err.Error())
	}
	return strings.Join(parts, " ")
}

// stage is where in a transaction the server answered.
type stage uint8

const (
	atReset stage = iota
	atMail
	atRcpt
	atData
	atEnd
)

// reply is a server's answer to one command.
type reply struct {
	code int
	text string
}

// good says whether the transaction can go on after this reply.
func (r reply) good(at stage) bool {
	if at == atData {
		return r.code == 354
	}
	return r.code/100 == 2 || at == atReset && !r.closing()
}

// closing says that the server closes the connection, as it may at any moment (RFC 5321, 3.8).
func (r reply) closing() bool { return r.code == 421 }

// refusal says that this is one, for now or for good. What is neither that nor good makes no sense.
func (r reply) refusal() bool { return r.code/100 == 4 || r.code/100 == 5 }

var enhancedCode = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?: |$)`)

// result reads a reply that decides about the message.
func (r reply) result(at stage) Result {
	lines := strings.Split(r.text, "\n")
	enhanced := ""
	if m := enhancedCode.FindStringSubmatch(lines[0]); m != nil {
		enhanced = m[1]
	}
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], enhanced)
	}
	text := []rune(oneLine(strings.Join(lines, " ")))
	out := Result{Code: r.code, Enhanced: enhanced, Text: string(text[:min(len(text), 500)])}
	switch {
	case r.code/100 == 2:
		out.Class = Accepted
		return out
	case r.code/100 == 4 || aboutLogin(r.code):
		out.Class = Temporary
	default:
		out.Class = Permanent
	}
	out.About = aboutOf(at, r.code, enhanced)
	return out
}

// aboutLogin are refusals of this connection and not of any message: mended settings let the
// message pass, so that it is kept for later (RFC 4954, 6).
func aboutLogin(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// aboutOf tells what a refusal is about, by its enhanced code where there is one, which says more
// than where it was said.
func aboutOf(at stage, code int, enhanced string) About {
	if enhanced != "" {
		about := aboutEnhanced(at, enhanced[2:])
		if about == AboutRecipient && at == atMail {
			// The server has not heard of the recipient yet.
			return AboutSender
		}
		return about
	}
	switch {
	case at == atMail:
		return AboutSender
	case at == atRcpt && (code == 550 || code == 551 || code == 553 || code == 556):
		return AboutRecipient
	case at == atEnd:
		return AboutContent
	}
	return AboutSystem
}

// aboutEnhanced reads subject and detail of an enhanced code (RFC 3463, RFC 7293, RFC 7505).
func aboutEnhanced(at stage, detail string) About {
	switch detail {
	case "1.7", "1.8", "7.27":
		return AboutSender
	case "2.2", "2.4":
		// A full mailbox or a list in disorder may be in order tomorrow.
		return AboutSystem
	case "2.3", "3.4":
		return AboutContent
	case "4.1":
		// "No answer from host" makes no sense as an answer to RCPT: Exchange Online says it of
		// mailboxes that do not exist.
		if at == atRcpt {
			return AboutRecipient
		}
		return AboutSystem
	case "7.17", "7.18":
		// The address belongs to somebody else by now.
		return AboutRecipient
	}
	switch detail[0:2] {
	case "1.", "2.":
		return AboutRecipient
	case "6.":
		return AboutContent
	case "7.":
		if at == atEnd {
			return AboutContent
		}
		return AboutSender
	}
	return AboutSystem
}
