package student

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/db"
	"beckon/internal/db/dbtest"
	"beckon/internal/fold"
	"beckon/internal/gate/gatetest"
	"beckon/internal/institution"
)

// Few matches are sorted in another place than many: both ways must find the same students,
// in the same order and each once, however they are paged.
func TestListFindsFewAndMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := gatetest.World{T: t, DB: d}
		elm, other := large(t, w, "Elm University", 5000), large(t, w, "Oak University", 1000)
		st := &Students{DB: d, Now: func() time.Time { return gatetest.Now }}
		scope := institution.System(elm, "test")
		everybody := all(t, st, scope, Query{Limit: 500})
		if len(everybody) != 5000 || slices.ContainsFunc(everybody, func(s Student) bool { return s.InstitutionID == other }) {
			t.Fatalf("%d students", len(everybody))
		}
		if !slices.IsSortedFunc(everybody, func(a, b Student) int {
			return cmp.Or(strings.Compare(a.keys(a.Email).name, b.keys(b.Email).name), cmp.Compare(a.ID, b.ID))
		}) {
			t.Errorf("the list is not by last name, then first")
		}
		for _, q := range []string{"a", "berano", "X-12", "%", "_", `\`, "ZZZ", "@STUDENTS", "Bér"} {
			want := slices.DeleteFunc(slices.Clone(everybody), func(s Student) bool {
				return !strings.Contains(fold.Text(s.Name()+between+s.Email+between+s.Major+between+s.ExternalID), fold.Text(q))
			})
			got := all(t, st, scope, Query{Q: q, Limit: 499})
			if !slices.Equal(ids(got), ids(want)) {
				t.Errorf("%q finds %d students, not %d, or in another order", q, len(got), len(want))
			}
		}
	})
}

// all reads every page of a query and checks its total.
func all(t *testing.T, st *Students, s institution.Scope, q Query) (found []Student) {
	t.Helper()
	for {
		page, next, total, err := st.List(context.Background(), s, q)
		if err != nil {
			t.Fatal(err)
		}
		found, q.After = append(found, page...), next
		if next == (Cursor{}) {
			if total != len(found) {
				t.Fatalf("%q: %d of %d students in all pages", q.Q, len(found), total)
			}
			return found
		}
	}
}

func ids(all []Student) []int64 {
	var ids []int64
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids
}

// Recruiters see ids of students; these must not tell how many there are.
func TestIDsDoNotCount(t *testing.T) {
	seen := map[int64]bool{}
	above := 0
	for range 1000 {
		id := newID()
		if id <= 0 || seen[id] {
			t.Fatalf("id %d", id)
		}
		if seen[id] = true; id > 1<<61 {
			above++
		}
	}
	if above < 400 || above > 600 {
		t.Errorf("%d of 1,000 ids are in the upper half", above)
	}
}
