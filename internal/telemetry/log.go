package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// Log writes log lines to w, as "text" for people or "json" for programs. A line that is
// logged with the context of a request carries its number as `request`.
func Log(w io.Writer, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if format == "json" {
		return slog.New(numbered{slog.NewJSONHandler(w, options)})
	}
	return slog.New(numbered{slog.NewTextHandler(w, options)})
}

// numbered adds the number of the request to each line.
type numbered struct{ slog.Handler }

// Handle makes numbered a slog.Handler.
func (h numbered) Handle(ctx context.Context, line slog.Record) error {
	if id := RequestID(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs makes numbered a slog.Handler.
func (h numbered) WithAttrs(attrs []slog.Attr) slog.Handler {
	return numbered{h.Handler.WithAttrs(attrs)}
}

// WithGroup makes numbered a slog.Handler.
func (h numbered) WithGroup(name string) slog.Handler { return numbered{h.Handler.WithGroup(name)} }
