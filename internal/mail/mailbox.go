package mail

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/secret"
)

const (
	// keptMost is how many messages stay, the newest; trimEvery how seldom the rest goes.
	keptMost  = 2000
	trimEvery = 100
	// sealPurpose tells this use of the key file from others.
	sealPurpose = "mailbox"
)

// Kept is the messages that a server without SMTP keeps instead of sending, in the database
// and sealed with the key file, since they hold links that work. It is safe for concurrent
// use.
type Kept struct {
	DB  *db.DB
	Key *secret.Key
	Now func() time.Time
}

// KeptMessage is one of them. From, Subject, Header, Text and HTML are as a reader of mail
// shows them.
type KeptMessage struct {
	ID            int64
	At            time.Time
	To            string
	From, Subject string
	// Header is all fields in the order of the message; Text and HTML are its parts. Only Get
	// gives the three.
	Header     []Header
	Text, HTML string
}

// Keep stores a message, and now and then lets the oldest beyond the last 2,000 go.
func (k *Kept) Keep(ctx context.Context, _, to string, message []byte) error {
	sealed := k.Key.Seal(sealPurpose, message)
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `INSERT INTO mailbox (received_at, recipient, sealed) VALUES ($1, $2, $3) RETURNING id`, db.Millis(k.Now()), to, sealed).Scan(&id)
		if err != nil {
			return fmt.Errorf("keep a message: %w", err)
		}
		if id%trimEvery != 0 {
			return nil
		}
		_, err = tx.Exec(ctx, `DELETE FROM mailbox WHERE id <= $1`, id-keptMost)
		return err
	})
}

// List is part of the messages, the newest first: up to limit of those older than before (0:
// from the newest) whose recipient contains q in any case, and how many there are in all.
func (k *Kept) List(ctx context.Context, q string, before int64, limit int) (page []KeptMessage, total int, err error) {
	like := "%" + db.Like(strings.ToLower(q)) + "%"
	err = k.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM mailbox WHERE LOWER(recipient) LIKE $1 ESCAPE '\'`, like).Scan(&total)
		if err != nil {
			return err
		}
		return tx.Rows(ctx, func(r *sql.Rows) error {
			m, sealed, err := scanKept(r)
			if err == nil {
				k.open(&m, sealed, false)
				page = append(page, m)
			}
			return err
		}, `SELECT id, received_at, recipient, sealed FROM mailbox
			WHERE LOWER(recipient) LIKE $1 ESCAPE '\' AND (id < $2 OR $2 = 0) ORDER BY id DESC LIMIT $3`, like, before, limit)
	})
	return page, total, err
}

// Get is one message; fault.ErrNotFound where there is none, or none any more.
func (k *Kept) Get(ctx context.Context, id int64) (m KeptMessage, err error) {
	err = k.DB.Read(ctx, func(tx *db.Tx) error {
		var sealed []byte
		m, sealed, err = scanKept(tx.QueryRow(ctx, `SELECT id, received_at, recipient, sealed FROM mailbox WHERE id = $1`, id))
		if db.IsNoRows(err) {
			return fault.NotFound("message")
		}
		if err == nil {
			k.open(&m, sealed, true)
		}
		return err
	})
	return m, err
}

func scanKept(r interface{ Scan(...any) error }) (m KeptMessage, sealed []byte, err error) {
	var at int64
	err = r.Scan(&m.ID, &at, &m.To, &sealed)
	m.At = db.Time(at)
	return m, sealed, err
}

// open fills in what the message itself says. One that cannot be read says so as its subject.
func (k *Kept) open(m *KeptMessage, sealed []byte, whole bool) {
	raw, err := k.Key.Open(sealPurpose, sealed)
	if err != nil {
		m.Subject = "(sealed with another key file)"
		return
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Subject = "(not a message)"
		return
	}
	m.Subject, m.From = decoded(parsed.Header.Get("Subject")), decoded(parsed.Header.Get("From"))
	if from, err := netmail.ParseAddress(parsed.Header.Get("From")); err == nil {
		m.From = from.Name + " <" + from.Address + ">"
	}
	if whole {
		m.Header = fields(raw)
		m.Text, m.HTML = alternatives(parsed)
	}
}

func decoded(value string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		return value
	}
	return text
}

// fields lists the header fields in their order, unfolded, which a map of them has lost.
func fields(raw []byte) (all []Header) {
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(all) > 0 && strings.HasPrefix(line, " ") {
			all[len(all)-1].Value += line
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		all = append(all, Header{Name: name, Value: strings.TrimSpace(value)})
	}
	for i := range all {
		all[i].Value = decoded(all[i].Value)
	}
	return all
}

// alternatives reads the two parts that Compose writes.
func alternatives(m *netmail.Message) (text, html string) {
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", ""
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return text, html
		}
		content, _ := io.ReadAll(quotedprintable.NewReader(part))
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			html = string(content)
		} else {
			text = string(content)
		}
	}
}
