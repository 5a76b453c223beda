package insight

import (
	"errors"
	"fmt"
	"testing"

	"beckon/internal/fault"
)

func TestMoreFieldsThanThereAreAreNotLookedThrough(t *testing.T) {
	names := make([]string, 101)
	sorts := make([]Sort, len(names))
	for i := range names {
		names[i] = fmt.Sprint("x", i)
		sorts[i].Field = names[i]
	}
	for _, q := range []Query{{Dimensions: names}, {Measures: names}, {Measures: []string{"contacts"}, Sorts: sorts}} {
		_, err := check(q)
		var faults fault.Fields
		if !errors.As(err, &faults) || len(faults) != 1 {
			t.Errorf("%d faults", len(faults))
		}
	}
}
