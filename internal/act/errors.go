package act

import (
	"errors"

	"beckon/internal/fault"
)

func isGone(err error) bool { return errors.Is(err, fault.ErrNotFound) }

// isInput tells whether an error lies in what was asked, so that trying again is no use.
func isInput(err error) bool {
	var fields fault.Fields
	var conflict fault.Conflict
	return errors.As(err, &fields) || errors.As(err, &conflict) || errors.Is(err, fault.ErrNotFound)
}
