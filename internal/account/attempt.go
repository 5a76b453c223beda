package account

import (
	"context"
	"net/netip"
	"time"

	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/secret"
)

// limit is how often something may be tried in one window of time. Windows are fixed and
// counted in the database, so that the limit holds over all processes.
type limit struct {
	kind   string
	most   int
	window time.Duration
}

var (
	linksPerAddress     = limit{"link address", 5, 15 * time.Minute}
	linksPerNetwork     = limit{"link network", 100, 15 * time.Minute}
	passwordsPerAddress = limit{"password address", 10, 15 * time.Minute}
	passwordsPerNetwork = limit{"password network", 100, 15 * time.Minute}
	// noAccountPerAddress keeps mail to people who have no account, and did not ask, rare.
	noAccountPerAddress = limit{"no account address", 1, 24 * time.Hour}
)

// keepAttempts is for how long counts are kept: longer than any window.
const keepAttempts = 48 * time.Hour

func (l limit) row(now time.Time, value string) (keyHash []byte, start time.Time) {
	return secret.Hash(l.kind + "\x00" + value), now.Truncate(l.window)
}

// count adds one try and answers how many there are in this window. It stands only if the
// transaction commits.
func (l limit) count(ctx context.Context, tx *db.Tx, now time.Time, value string) (tries int, err error) {
	hash, start := l.row(now, value)
	err = tx.QueryRow(ctx, `
		INSERT INTO attempts (key_hash, window_start, tries) VALUES ($1, $2, 1)
		ON CONFLICT (key_hash, window_start) DO UPDATE SET tries = attempts.tries + 1 RETURNING tries`, hash, db.Millis(start)).Scan(&tries)
	return tries, err
}

// try is a limit with what it limits; "" is not limited.
type try struct {
	limit limit
	value string
}

// take counts tries, and answers fault.Limited where one of the limits was reached before.
func take(ctx context.Context, tx *db.Tx, now time.Time, tries ...try) error {
	for _, t := range tries {
		if t.value == "" {
			continue
		}
		n, err := t.limit.count(ctx, tx, now, t.value)
		if err != nil {
			return err
		}
		if n > t.limit.most {
			_, start := t.limit.row(now, t.value)
			return fault.Limited{Message: "that was tried too often; wait a little and try again", After: start.Add(t.limit.window).Sub(now)}
		}
	}
	return nil
}

// giveBack uncounts tries that turned out well, so that only failures use the limit up.
func giveBack(ctx context.Context, tx *db.Tx, now time.Time, tries ...try) error {
	for _, t := range tries {
		hash, start := t.limit.row(now, t.value)
		_, err := tx.Exec(ctx, `UPDATE attempts SET tries = tries - 1 WHERE key_hash = $1 AND window_start = $2 AND tries > 0`, hash, db.Millis(start))
		if err != nil {
			return err
		}
	}
	return nil
}

// takeLink counts a mail that somebody caused to be sent to an address.
func (a *Accounts) takeLink(ctx context.Context, tx *db.Tx, key string, c Client) error {
	return take(ctx, tx, a.Now(), try{linksPerAddress, key}, try{linksPerNetwork, c.Network})
}

// Network is the part of a client's address ("192.0.2.7", "192.0.2.7:4711", "[2001:db8::1]:80")
// that one customer of a provider usually has: /24 of IPv4, /48 of IPv6. It is "" for any
// other text.
func Network(remote string) string {
	addr, err := netip.ParseAddr(remote)
	if err != nil {
		both, err := netip.ParseAddrPort(remote)
		if err != nil {
			return ""
		}
		addr = both.Addr()
	}
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// Prune removes counts, sessions and links that are long over. It is meant to run every
// hour or so, in one process or in several.
func (a *Accounts) Prune(ctx context.Context) error {
	now := a.Now()
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		for _, old := range []struct {
			query  string
			before time.Time
		}{
			{`DELETE FROM attempts WHERE window_start < $1`, now.Add(-keepAttempts)},
			{`DELETE FROM sessions WHERE expires_at < $1`, now},
			{`DELETE FROM sign_in_links WHERE expires_at < $1`, now.Add(-30 * 24 * time.Hour)},
		} {
			if _, err := tx.Exec(ctx, old.query, db.Millis(old.before)); err != nil {
				return err
			}
		}
		return nil
	})
}
