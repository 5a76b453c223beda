package bench

import (
	"bufio"
	"bytes"
	"net"
	"sync/atomic"
	"testing"
)

// sink is a mail server that takes every message and keeps none, as cheaply as can be, since
// it shares the cores with what is measured.
type sink struct {
	address string
	taken   atomic.Int64
}

func newSink(b *testing.B) *sink {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	s := &sink{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *sink) serve(c net.Conn) {
	defer c.Close()
	r, w := bufio.NewReaderSize(c, 64<<10), bufio.NewWriter(c)
	say := func(line string) { _, _ = w.WriteString(line + "\r\n") }
	say("220 sink ESMTP")
	for {
		if r.Buffered() == 0 && w.Flush() != nil {
			return
		}
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		switch verb := bytes.ToUpper(line[:min(4, len(line))]); string(verb) {
		case "EHLO":
			say("250-sink\r\n250-PIPELINING\r\n250 8BITMIME")
		case "DATA":
			say("354 go")
			if w.Flush() != nil || !skipMessage(r) {
				return
			}
			s.taken.Add(1)
			say("250 kept")
		case "QUIT":
			say("221 bye")
			_ = w.Flush()
			return
		default:
			say("250 ok")
		}
	}
}

// skipMessage reads to the line with a single dot.
func skipMessage(r *bufio.Reader) bool {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return false
		}
		if string(line) == ".\r\n" {
			return true
		}
	}
}
