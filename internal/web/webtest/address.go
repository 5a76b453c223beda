package webtest

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"
)

var port atomic.Int32

// Address is a HOST:PORT for a server that does not listen at once, or not all the time. The
// host is one of the loopback network that belongs to this process, so that no other program is
// given the port meanwhile, as happens with one of 127.0.0.1 that was free a moment ago.
func Address(t testing.TB) string {
	t.Helper()
	pid := os.Getpid()
	for {
		address := fmt.Sprintf("127.%d.%d.%d:%d", 64+pid>>16&63, pid>>8&255, pid&255, 10_000+port.Add(1)%20_000)
		l, err := net.Listen("tcp", address)
		if err == nil {
			l.Close()
			return address
		}
		// Somebody may listen there at all addresses.
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}
