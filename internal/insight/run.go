package insight

import (
	"context"

	"beckon/internal/institution"
)

// Run answers a query.
func (e *Explores) Run(ctx context.Context, s institution.Scope, q Query) (Answer, error) {
	return Answer{}, s.Require(institution.Read)
}
