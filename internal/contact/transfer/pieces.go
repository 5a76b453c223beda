package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"beckon/internal/db"
)

// pieceSize is the size in bytes of the pieces in which an upload is kept; the first is all
// that Sniff looks at.
const pieceSize = sniffSize

// storePieces keeps what r gives as the file of an import, and answers its size. Each piece
// is written in a transaction of its own, so that nobody else waits for a slow upload.
func storePieces(ctx context.Context, d *db.DB, id int64, r io.Reader) (size int64, err error) {
	piece := make([]byte, pieceSize)
	for n := 0; ; n++ {
		got, err := io.ReadFull(r, piece)
		if got > 0 {
			size += int64(got)
			err := d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO import_pieces (import_id, n, data) VALUES ($1, $2, $3)`, id, n, piece[:got])
				return err
			})
			if err != nil {
				return size, fmt.Errorf("keeping the file: %w", err)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return size, nil
		}
		if err != nil {
			return size, fmt.Errorf("receiving the file: %w", err)
		}
	}
}

// pieces reads the file of an import from the database, a piece at a time.
type pieces struct {
	ctx  context.Context
	db   *db.DB
	id   int64
	n    int
	rest []byte
	read int64 // bytes handed out
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.rest) == 0 {
		p.rest = nil
		err := p.db.Read(p.ctx, func(tx *db.Tx) error {
			return tx.QueryRow(p.ctx, `SELECT data FROM import_pieces WHERE import_id = $1 AND n = $2`, p.id, p.n).Scan(&p.rest)
		})
		if db.IsNoRows(err) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, fmt.Errorf("reading piece %d of the upload: %w", p.n, err)
		}
		p.n++
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	p.read += int64(n)
	return n, nil
}
