package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	netmail "net/mail"
	"strings"
	"sync"
	"time"

	"beckon/internal/db"
)

const (
	// outboxWorkers is how many single mails are on their way at once in one process.
	outboxWorkers = 2
	// outboxLook is how long an idle worker waits before it looks for work by itself.
	outboxLook = 500 * time.Millisecond
	// outboxLease is how long a row belongs to the worker that took it, and outboxWire how
	// long once its message goes out: longer than the answer of a mail server may take.
	outboxLease = 20 * time.Second
	outboxWire  = 11 * time.Minute
	// outboxPatience is for how long a mail is tried again, outboxKept how long its row stays.
	outboxPatience = time.Hour
	outboxKept     = 7 * 24 * time.Hour
)

var errOutboxLease = errors.New("the lease of the mail is over")

// Outbox sends the single mails that Queue put into the database. Any number of processes
// may run one; each mail is sent by one of them. It has connections of its own, so that a
// sign-in link never waits behind a bulk invite.
type Outbox struct {
	DB     *db.DB
	Now    func() time.Time
	Sender Sender
	// Signer signs messages with DKIM; nil for none.
	Signer *Signer
	// Letters write the mails, by their kind.
	Letters map[string]LetterFunc
	// From is the address that messages come from, without a name.
	From string
	Log  *slog.Logger
	// Ended is told the state in which each mail ends: sent, failed or dropped; may be nil.
	Ended func(state string)

	wake chan struct{}
	once sync.Once
}

// row is a leased mail.
type row struct {
	Notice
	id, lease int64
	attempt   int
	created   time.Time
}

func (o *Outbox) init() {
	o.once.Do(func() { o.wake = make(chan struct{}, outboxWorkers) })
}

// Wake makes the outbox look for work now.
func (o *Outbox) Wake() {
	o.init()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends; then what is on the wire is finished, and the rest handed back.
func (o *Outbox) Run(ctx context.Context) {
	o.init()
	var workers sync.WaitGroup
	for range outboxWorkers {
		workers.Go(func() { o.work(ctx) })
	}
	workers.Wait()
}

// Free gives back all leases, at the start of a process that alone may send.
func (o *Outbox) Free(ctx context.Context) error {
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE outbox SET lease_until = 0 WHERE state = 'queued' AND lease_until > 0`)
		return err
	})
}

// Prune removes mails older than a week, whatever became of them.
func (o *Outbox) Prune(ctx context.Context) error {
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE created_at < $1`, db.Millis(o.Now().Add(-outboxKept)))
		return err
	})
}

func (o *Outbox) work(ctx context.Context) {
	for ctx.Err() == nil {
		busy, err := o.one(ctx)
		if err != nil && ctx.Err() == nil {
			o.Log.Error("single mail", "error", err)
		}
		if busy {
			continue
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-time.After(outboxLook):
		}
	}
}

// one sends the mail that has been due the longest. It is not busy when there is none or
// the mail server is away: nothing is leased before the server is ready.
func (o *Outbox) one(ctx context.Context) (busy bool, err error) {
	id, err := o.due(ctx)
	if err != nil || id == 0 {
		return false, err
	}
	if err := o.Sender.Ready(ctx); err != nil {
		return false, fmt.Errorf("the mail server: %w", err)
	}
	r, err := o.take(ctx, id)
	if err != nil || r.id == 0 {
		return err == nil, err
	}
	return true, o.deliver(ctx, r)
}

func (o *Outbox) due(ctx context.Context) (id int64, err error) {
	err = o.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT id FROM outbox WHERE state = 'queued' AND due_at <= $1 AND lease_until <= $1
			ORDER BY due_at, id LIMIT 1`, db.Millis(o.Now())).Scan(&id)
	})
	if db.IsNoRows(err) {
		err = nil
	}
	return id, err
}

// take leases a row. It is the zero row where another worker was quicker.
func (o *Outbox) take(ctx context.Context, id int64) (row, error) {
	r := row{id: id, lease: rand.Int64N(1<<62) + 1}
	now := o.Now()
	var params string
	var created int64
	err := o.DB.Write(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `
			UPDATE outbox SET lease = $2, lease_until = $3, attempt = attempt + 1
			WHERE id = $1 AND state = 'queued' AND lease_until <= $4
			RETURNING institution_id, kind, recipient, params, attempt, created_at`,
			id, r.lease, db.Millis(now.Add(outboxLease)), db.Millis(now)).
			Scan(&r.InstitutionID, &r.Kind, &r.To, &params, &r.attempt, &created)
	})
	if db.IsNoRows(err) {
		return row{}, nil
	}
	if err != nil {
		return row{}, err
	}
	r.created = db.Time(created)
	return r, json.Unmarshal([]byte(params), &r.Params)
}

// deliver writes the mail, sends it and stores what came of it.
func (o *Outbox) deliver(ctx context.Context, r row) error {
	message, wanted, err := o.write(ctx, r)
	after := context.WithoutCancel(ctx)
	switch {
	case err != nil:
		return errors.Join(fmt.Errorf("the mail %s is not written: %w", r.Kind, err), o.tryLater(after, r, "it could not be written"))
	case !wanted:
		return o.end(after, r, "dropped", "")
	}
	result := o.Sender.Send(ctx, Envelope{From: o.From, To: r.To, Urgent: true, Body: func() ([]byte, error) {
		return message, o.onTheWire(ctx, r)
	}})
	// What a server says often repeats the address, which is not kept.
	reply := strings.ReplaceAll(result.String(), r.To, "the recipient")
	switch {
	case result.Class == Accepted:
		return o.end(after, r, "sent", reply)
	case result.Class == Permanent:
		o.Log.Warn("a single mail was refused", "mail", r.id, "kind", r.Kind, "code", result.Code)
		return o.end(after, r, "failed", reply)
	case result.Class == NotSent && ctx.Err() != nil:
		return o.handBack(after, r)
	}
	return o.tryLater(after, r, reply)
}

// write makes the message from the facts that hold now; false if it is not wanted any more.
func (o *Outbox) write(ctx context.Context, r row) (message []byte, wanted bool, err error) {
	letter := o.Letters[r.Kind]
	if letter == nil {
		return nil, false, errors.New("nobody here writes this kind")
	}
	subject, l, ok, err := letter(ctx, r.Notice)
	if err != nil || !ok {
		return nil, false, err
	}
	m := Message{
		From: netmail.Address{Name: "Beckon", Address: o.From}, To: netmail.Address{Address: r.To},
		Subject: subject, Text: l.RenderText(), Date: o.Now(), AutoSubmitted: true,
		MessageID: fmt.Sprintf("notice.%d.%d@%s", r.id, db.Millis(r.created), o.From[strings.LastIndexByte(o.From, '@')+1:]),
	}
	if m.HTML, err = l.RenderHTML(); err != nil {
		return nil, false, err
	}
	if err := o.nameSender(ctx, r.InstitutionID, &m); err != nil {
		return nil, false, err
	}
	if message, err = Compose(m); err == nil && o.Signer != nil {
		message, err = o.Signer.Sign(message)
	}
	return message, err == nil, err
}

// nameSender puts the institution's name and reply address into a mail that goes in its name.
func (o *Outbox) nameSender(ctx context.Context, institutionID int64, m *Message) error {
	if institutionID == 0 {
		return nil
	}
	return o.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT name, reply_to FROM institutions WHERE id = $1`, institutionID).
			Scan(&m.From.Name, &m.ReplyTo.Address)
	})
}

// onTheWire holds the row for as long as the answer may take. It fails where the lease is
// over and another worker may send the mail.
func (o *Outbox) onTheWire(ctx context.Context, r row) error {
	now := o.Now()
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `
			UPDATE outbox SET lease_until = $3 WHERE id = $1 AND lease = $2 AND state = 'queued' AND lease_until > $4`,
			r.id, r.lease, db.Millis(now.Add(outboxWire)), db.Millis(now))
		if err == nil && n == 0 {
			err = errOutboxLease
		}
		return err
	})
}

// end stores how it ended, and forgets to whom the mail went.
func (o *Outbox) end(ctx context.Context, r row, state, reply string) error {
	err := o.DB.Write(ctx, func(tx *db.Tx) error {
		sent := time.Time{}
		if state == "sent" {
			sent = o.Now()
		}
		_, err := tx.Exec(ctx, `
			UPDATE outbox SET state = $3, reply = $4, sent_at = $5, recipient = '', lease_until = 0 WHERE id = $1 AND lease = $2 AND state = 'queued'`,
			r.id, r.lease, state, reply, db.Millis(sent))
		return err
	})
	if err == nil && o.Ended != nil {
		o.Ended(state)
	}
	return err
}

// tryLater puts a mail back for another try, each time after twice as long, or gives it up.
func (o *Outbox) tryLater(ctx context.Context, r row, reply string) error {
	now := o.Now()
	wait := min(5*time.Second<<min(r.attempt-1, 10), 10*time.Minute)
	if now.Add(wait).Sub(r.created) > outboxPatience {
		o.Log.Warn("a single mail is given up", "mail", r.id, "kind", r.Kind, "attempts", r.attempt)
		return o.end(ctx, r, "failed", reply)
	}
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE outbox SET due_at = $3, reply = $4, lease_until = 0 WHERE id = $1 AND lease = $2 AND state = 'queued'`,
			r.id, r.lease, db.Millis(now.Add(wait)), reply)
		return err
	})
}

// handBack frees a mail that was not sent because this process ends.
func (o *Outbox) handBack(ctx context.Context, r row) error {
	return o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE outbox SET lease_until = 0, attempt = attempt - 1 WHERE id = $1 AND lease = $2 AND state = 'queued'`, r.id, r.lease)
		return err
	})
}
