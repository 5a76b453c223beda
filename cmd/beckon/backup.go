package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"beckon/internal/config"
	"beckon/internal/db"
	"beckon/internal/invite"
)

type backupCommand struct {
	File string `arg:"" help:"The new file to write."`
}

// Run copies the database while everybody goes on working.
func (c backupCommand) Run(ctx context.Context, t terminal, s settings) error {
	cfg, err := configure(t, s)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	if err := d.Backup(ctx, c.File); err != nil {
		return errors.Join(err, d.Close())
	}
	if err := d.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "Written to %s. Keep a copy of the key file %s, and keep it apart from this one: without it no link that was mailed works, and with both anybody can make sign-in links.\n",
		c.File, cfg.SecretKeyFile)
	return err
}

type restoreCommand struct {
	File    string `arg:"" optional:"" help:"The backup."`
	InPlace bool   `help:"The database is a copy already, for example by pg_restore: only hold what was being sent."`
}

// Run puts a backup in the place of the database; nothing unfinished goes out of it by itself.
func (c restoreCommand) Run(ctx context.Context, t terminal, s settings) error {
	if (c.File == "") != c.InPlace {
		return usage("name the backup to restore, or say --in-place for a database that is a copy already")
	}
	cfg, err := configure(t, s)
	if err != nil {
		return err
	}
	var waiting []invite.Unfinished
	hold := func(d *db.DB) (err error) {
		waiting, err = holdUnfinished(ctx, d)
		return err
	}
	if c.InPlace {
		err = inPlace(ctx, cfg, hold)
	} else {
		err = c.replace(ctx, t, cfg, hold)
	}
	if err != nil {
		return err
	}
	return showWaiting(t, cfg, waiting)
}

// replace exchanges the SQLite file, and says where the present one is kept.
func (c restoreCommand) replace(ctx context.Context, t terminal, cfg config.Config, hold func(*db.DB) error) error {
	path, ok := strings.CutPrefix(cfg.DatabaseURL, "sqlite:")
	if !ok {
		return errors.New("PostgreSQL is restored by its own tools; stop every server, run pg_restore into an empty database, then: beckon restore --in-place")
	}
	kept, err := db.Restore(ctx, c.File, path, time.Now(), hold)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "Restored from %s.\n", c.File)
	if kept != "" {
		fmt.Fprintf(t.Out, "What was there before is kept as %s; delete it when you do not need it any more.\n", kept)
	}
	return nil
}

// inPlace works on a database that was restored by other means, while nobody else does.
func inPlace(ctx context.Context, cfg config.Config, hold func(*db.DB) error) error {
	d, err := db.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	lock, err := d.LockWorker()
	switch {
	case err != nil:
	case lock == nil:
		err = db.ErrInUse
	default:
		err = d.Migrate(ctx)
		if err == nil {
			err = hold(d)
		}
		err = errors.Join(err, lock.Release())
	}
	return errors.Join(err, d.Close())
}

// linked are the tables whose ids stand in links that the key file makes, beside invites. An
// id must not be given out a second time after a restore.
var linked = []string{"calendar_feeds", "interview_requests"}

// holdUnfinished makes a copy of an earlier time safe to serve from.
func holdUnfinished(ctx context.Context, d *db.DB) ([]invite.Unfinished, error) {
	err := d.Write(ctx, func(tx *db.Tx) error {
		for _, table := range linked {
			if err := tx.SkipIDs(ctx, table, time.Now().UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return (&invite.Invites{DB: d, Now: time.Now}).Restored(ctx)
}

// showWaiting names what a person has to decide about.
func showWaiting(t terminal, cfg config.Config, waiting []invite.Unfinished) error {
	var text strings.Builder
	if len(waiting) == 0 {
		text.WriteString("No bulk invite was unfinished.\n")
	} else {
		fmt.Fprintf(&text, "%d bulk invites were unfinished. None goes on by itself, since what was sent after the copy was made is not known; resume or cancel each on its page:\n", len(waiting))
	}
	for _, u := range waiting {
		fmt.Fprintf(&text, "  %s/at/%s/invites/%s  %s, %d of %d sent\n", cfg.BaseURL, u.Institution, db.FormatID(u.Bulk.ID), u.Bulk.State, u.Bulk.Counts.Sent, u.Bulk.WillSend())
	}
	fmt.Fprintf(&text, "The links that were mailed work only with the key file that belongs to it, at %s.\n", cfg.SecretKeyFile)
	if _, err := os.Stat(cfg.SecretKeyFile); errors.Is(err, fs.ErrNotExist) {
		text.WriteString("It is missing: put your copy of it there before you serve, or a new one is made and no link works.\n")
	}
	_, err := t.Out.Write([]byte(text.String()))
	return err
}
