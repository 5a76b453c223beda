package telemetry

import (
	"io"
	"log/slog"
)

// Log writes log lines to w, as "text" for people or "json" for programs.
func Log(w io.Writer, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
