package transfer

import (
	"bytes"
	"errors"
	"io"
)

const (
	// maxRecord is the greatest length of a record in bytes of UTF-8. What Beckon keeps of a
	// row is far below; the rest is for columns that it ignores.
	maxRecord = 256 << 10
	// maxLookahead is how many bytes may be read in vain, over a whole file, in search of the
	// ends of quotations that have none. Without it a file of unclosed quotation marks would
	// cost the square of its length.
	maxLookahead = 64 << 20
)

// flaw is what is wrong with the shape of a record.
type flaw uint8

const (
	flawless flaw = iota
	unclosed      // a quotation mark opens a cell and is never closed
	oversize      // longer than maxRecord
)

// splitter cuts a stream of separated values into records, in constant memory.
//
// It reads RFC 4180, and the rest as spreadsheets do: a quotation mark within a cell is
// text, blanks may follow a closing one, and LF, CRLF, CRCRLF and CR all end a record. Two
// things differ. A quotation mark in a quoted cell that is followed by neither a separator
// nor the end of the record is text. And a quoted cell that is still open after maxRecord
// bytes, or at the end of the file, does not swallow the records behind it: its record
// ends with its line, and is marked as unclosed.
type splitter struct {
	src io.Reader
	sep byte

	buf      []byte
	pos, end int   // what of buf is still to be read
	err      error // why src gives no more
	started  bool

	number int    // of the record last read, from 1
	text   []byte // its cells, unquoted, a zero byte behind each
	ends   []int  // where in text they end

	lookahead int // bytes read in vain
}

func newSplitter(src io.Reader, sep byte) *splitter {
	return &splitter{src: src, sep: sep, buf: make([]byte, 64<<10)}
}

// next reads the next record into text and ends. At the end it answers io.EOF.
func (s *splitter) next() (flaw, error) {
	for {
		data, last := s.buf[s.pos:s.end], errors.Is(s.err, io.EOF)
		if len(data) == 0 && s.err != nil {
			return flawless, s.err
		}
		n, open, state := s.parse(data, last, len(data))
		if state == needMore && s.canFill() {
			s.fill()
			continue
		}
		if state == needMore && s.err != nil && !last {
			return flawless, s.err
		}
		f := flawless
		if state != complete && open >= 0 {
			if state == needMore {
				s.lookahead += len(data) - open
			}
			f = unclosed
			n, _, state = s.parse(data, last, open)
			if state == needMore && s.canFill() {
				s.fill()
				continue
			}
		}
		s.number++
		if state == needMore {
			s.ends = append(s.ends, len(s.text))
			s.text = append(s.text, 0)
			s.skipLine()
			return oversize, nil
		}
		s.pos += n
		return f, nil
	}
}

// canFill says whether there may be more of a record than is in the buffer.
func (s *splitter) canFill() bool { return s.err == nil && s.end-s.pos < maxRecord }

// fill reads on until the buffer is full, which grows when a single record fills it.
func (s *splitter) fill() {
	if s.end-s.pos == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	s.end = copy(s.buf, s.buf[s.pos:s.end])
	s.pos = 0
	n, err := io.ReadFull(s.src, s.buf[s.end:])
	s.end += n
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	s.err = err
	if !s.started {
		s.started = true
		if bytes.HasPrefix(s.buf[:s.end], byteOrderMark) {
			s.pos = len(byteOrderMark)
		}
	}
}

// skipLine drops everything up to and with the next end of a line.
func (s *splitter) skipLine() {
	for {
		data := s.buf[s.pos:s.end]
		if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
			if n, ok := lineEnd(data, i, s.err != nil); ok {
				s.pos += n
				return
			}
			s.pos += i
		} else {
			s.pos = s.end
		}
		if s.err != nil {
			return
		}
		s.fill()
	}
}

// state says how far parse came.
type state uint8

const (
	complete    state = iota
	needMore          // the data ends before the record does
	neverClosed       // a quotation mark does not close in its line, and must
)

// parse reads one record from the beginning of data and answers its length. From the index
// literal on, quotation marks mean nothing. Where the record is not complete, open is the
// index of a quotation mark that is not closed, or -1.
func (s *splitter) parse(data []byte, last bool, literal int) (n, open int, _ state) {
	s.text, s.ends = s.text[:0], s.ends[:0]
	for i := 0; ; i++ {
		if i < len(data) && data[i] == '"' && i < literal {
			end, state := s.quoted(data, i+1, last)
			if state != complete {
				return 0, i, state
			}
			i = end
		}
		start := i
		for i < len(data) && data[i] != s.sep && data[i] != '\n' && data[i] != '\r' {
			i++
		}
		s.text = append(s.text, data[start:i]...)
		if i == len(data) && !last {
			return 0, -1, needMore
		}
		s.ends = append(s.ends, len(s.text))
		s.text = append(s.text, 0)
		if i == len(data) {
			return i, -1, complete
		}
		if data[i] == s.sep {
			continue
		}
		if end, ok := lineEnd(data, i, last); ok {
			return end, -1, complete
		}
		return 0, -1, needMore
	}
}

// quoted reads the rest of a quoted cell from data[i:] and answers where its separator or
// the end of its record is.
func (s *splitter) quoted(data []byte, i int, last bool) (int, state) {
	inLine := s.lookahead > maxLookahead
	for {
		length := bytes.IndexByte(data[i:], '"')
		part := data[i:]
		if length >= 0 {
			part = part[:length]
		}
		if inLine && bytes.ContainsAny(part, "\r\n") {
			return 0, neverClosed
		}
		if length < 0 {
			return 0, needMore
		}
		s.text = append(s.text, part...)
		i += length + 1
		if i < len(data) && data[i] == '"' {
			s.text = append(s.text, '"')
			i++
			continue
		}
		end := i
		for end < len(data) && data[end] == ' ' {
			end++
		}
		switch {
		case end == len(data) && !last:
			return 0, needMore
		case end == len(data), data[end] == s.sep, data[end] == '\n', data[end] == '\r':
			return end, complete
		}
		s.text = append(s.text, '"')
	}
}

// lineEnd answers where the end of a line that begins at data[i] ends. It is not ok when
// that depends on what follows data.
func lineEnd(data []byte, i int, last bool) (int, bool) {
	if data[i] == '\n' {
		return i + 1, true
	}
	for j := i + 1; j <= i+2; j++ {
		switch {
		case j == len(data):
			return i + 1, last
		case data[j] == '\n':
			return j + 1, true
		case data[j] != '\r':
			return i + 1, true
		}
	}
	return i + 1, true
}

// cells gives the record last read, decoded. The strings share one allocation.
func (s *splitter) cells(e Encoding) []string {
	text, ends := s.text, s.ends
	if !isUTF8(text, e) {
		text, ends = make([]byte, 0, len(s.text)*2), make([]int, len(s.ends))
		start := 0
		for i, end := range s.ends {
			text = appendText(text, s.text[start:end], e)
			ends[i] = len(text)
			text = append(text, 0)
			start = end + 1
		}
	}
	all, start := string(text), 0
	cells := make([]string, len(ends))
	for i, end := range ends {
		cells[i] = all[start:end]
		start = end + 1
	}
	return cells
}
