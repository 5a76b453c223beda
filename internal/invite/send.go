package invite

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"beckon/internal/db"
	"beckon/internal/mail"
)

var errLeaseOver = errors.New("the lease is over")

// Sender leases invites and hands their messages to the mail server. Any number of
// processes may run one on the same database.
type Sender struct {
	Invites *Invites
	Mail    mail.Sender
	// Signer signs messages with DKIM; nil for none.
	Signer *mail.Signer
	// Connections is how many messages are on their way at once.
	Connections int
	Log         *slog.Logger

	wake    chan struct{}
	once    sync.Once
	results chan *outcome
	jobs    chan *job
	pace    pace
	turn    turn
}

// outcome is what came of a job; done is closed once it is committed.
type outcome struct {
	job    *job
	result mail.Result
	done   chan struct{}
}

func (s *Sender) init() {
	s.once.Do(func() {
		s.wake = make(chan struct{}, 1)
		s.results = make(chan *outcome, s.Connections)
		s.jobs = make(chan *job)
	})
}

// Wake makes the sender look for work now.
func (s *Sender) Wake() {
	s.init()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Free gives back all leases, at the start of a process that alone may send.
func (s *Sender) Free(ctx context.Context) error {
	for {
		if err := s.Invites.recoverLeases(ctx, true); err != nil {
			return err
		}
		var left int
		err := s.Invites.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT COUNT(*) FROM invites WHERE state = 'sending'`).Scan(&left)
		})
		if err != nil || left == 0 {
			return err
		}
	}
}

// Run sends until ctx ends. Then what is on the wire is finished and committed, and the
// rest of the lease is handed back.
func (s *Sender) Run(ctx context.Context) {
	s.init()
	var workers, committer sync.WaitGroup
	committer.Go(func() { s.commitLoop(context.WithoutCancel(ctx)) })
	for range s.Connections {
		workers.Go(s.work)
	}
	s.dispatch(ctx)
	close(s.jobs)
	workers.Wait()
	close(s.results)
	committer.Wait()
}

// lookFor is how long an idle sender waits before it looks for work by itself.
const lookFor = 250 * time.Millisecond

// dispatch leases batches and feeds the connections, until ctx ends.
func (s *Sender) dispatch(ctx context.Context) {
	var recovered time.Time
	for ctx.Err() == nil {
		if time.Since(recovered) > time.Second {
			recovered = time.Now()
			if err := s.Invites.recoverLeases(ctx, false); err != nil && ctx.Err() == nil {
				s.Log.Error("take back leases", "error", err)
			}
		}
		batch, err := s.nextBatch(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("lease invites", "error", err)
		}
		if len(batch) > 0 {
			s.feed(ctx, batch)
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(lookFor):
		}
	}
}

// nextBatch leases what is due of the bulk invite whose turn it is. Before anything is
// leased the mail server must be ready, so that no lease runs out while it is away.
func (s *Sender) nextBatch(ctx context.Context) ([]*job, error) {
	open, err := s.Invites.openBulks(ctx)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	if err := s.Mail.Ready(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, nil
		}
		return nil, s.Invites.waitFor(ctx, open, "the mail server: "+err.Error())
	}
	for _, b := range s.turn.order(open) {
		jobs, err := s.Invites.takeBatch(ctx, b.id, s.pace.batch(s.Connections), time.Now())
		if err != nil {
			return nil, err
		}
		if len(jobs) > 0 {
			s.turn.served(b.institution)
			return jobs, nil
		}
	}
	return nil, nil
}

// feed hands the jobs to the connections. What cannot begin within its lease, or when ctx
// ends, goes back.
func (s *Sender) feed(ctx context.Context, batch []*job) {
	started := time.Now()
	for i, j := range batch {
		if j.expired(time.Now()) {
			s.handBack(ctx, batch[i:])
			break
		}
		select {
		case s.jobs <- j:
		case <-ctx.Done():
			s.handBack(context.WithoutCancel(ctx), batch[i:])
			return
		}
	}
	s.pace.note(len(batch), time.Since(started))
}

func (s *Sender) handBack(ctx context.Context, rest []*job) {
	if err := s.Invites.release(ctx, rest); err != nil && ctx.Err() == nil {
		s.Log.Error("hand back leases", "error", err) // they run out by themselves
	}
}

// work is one connection: it sends a message only after the result of its last one is
// committed, so that after a crash nothing is unknown but what was on the wire.
func (s *Sender) work() {
	for j := range s.jobs {
		o := &outcome{job: j, done: make(chan struct{})}
		o.result = s.send(j)
		s.results <- o
		<-o.done
	}
}

func (s *Sender) send(j *job) mail.Result {
	return s.Mail.Send(context.Background(), mail.Envelope{From: s.Invites.fromAddress(), To: j.email, Body: func() ([]byte, error) {
		if j.expired(time.Now()) {
			return nil, errLeaseOver
		}
		m, err := s.Invites.compose(*j.content, j, s.Invites.Now())
		if err != nil || s.Signer == nil {
			return m, err
		}
		return s.Signer.Sign(m)
	}})
}

// commitLoop commits the results of all connections together: while one transaction runs,
// the next results gather.
func (s *Sender) commitLoop(ctx context.Context) {
	for o := range s.results {
		group := []*outcome{o}
		for more := true; more; {
			select {
			case o, ok := <-s.results:
				if more = ok; ok {
					group = append(group, o)
				}
			default:
				more = false
			}
		}
		s.commit(ctx, group)
	}
}

// commit writes a group of results, however often it takes: they are facts.
func (s *Sender) commit(ctx context.Context, group []*outcome) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := s.Invites.record(ctx, group)
		if err == nil {
			break
		}
		s.Log.Error("record results of sending", "error", err)
		if group[0].job.expired(time.Now()) {
			break // the rows are not ours any more
		}
		time.Sleep(wait)
	}
	for _, o := range group {
		close(o.done)
	}
}
