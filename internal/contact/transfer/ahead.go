package transfer

import (
	"context"
	"errors"
	"io"
)

const (
	// chunkRows is how many rows are merged in one go: what takes up to 50 ms.
	chunkRows = 1000
	// chunkBytes is about how much text they hold at most.
	chunkBytes = 1 << 20
)

// chunk is the rows of one transaction.
type chunk struct {
	rows []Row
	read int64 // bytes of the file read so far
	last bool
	err  error
}

// ahead reads the next chunk while the present one is written: decoding a file and writing
// to the database take about as long as each other.
type ahead struct {
	chunks chan chunk
	cancel context.CancelFunc
	done   chan struct{}
}

// readAhead begins to read the file behind the given row. It lives until close, longer than
// the transaction that asks for its chunks.
func readAhead(ctx context.Context, file *pieces, fields []Field, f Format, behind int) *ahead {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	file.ctx = ctx
	a := &ahead{chunks: make(chan chunk, chunksAtOnce), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.run(ctx, file, fields, f, behind)
	}()
	return a
}

func (a *ahead) run(ctx context.Context, file *pieces, fields []Field, f Format, behind int) {
	r, err := NewReader(file, fields, f)
	if err == nil {
		err = r.Skip(behind)
	}
	for {
		c := chunk{err: err}
		if err == nil {
			c = nextChunk(r)
		}
		c.read = file.read
		select {
		case a.chunks <- c:
		case <-ctx.Done():
			return
		}
		if c.last || c.err != nil {
			return
		}
	}
}

// nextChunk reads rows until they are enough for one transaction.
func nextChunk(r *Reader) (c chunk) {
	for size := 0; len(c.rows) < chunkRows && size < chunkBytes; {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			c.last = true
			return c
		}
		if err != nil {
			c.err = err
			return c
		}
		c.rows = append(c.rows, row)
		for _, cell := range row.Raw {
			size += len(cell)
		}
	}
	return c
}

// close ends the reading and waits for its end.
func (a *ahead) close() {
	a.cancel()
	<-a.done
}
