package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"beckon/internal/act"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

// Act is a long act of the institution, which goes on after the answer.
type Act struct {
	ID    string `json:"id"`
	Kind  string `json:"kind" example:"label_contacts"`
	State string `json:"state" enum:"queued,running,done,failed"`
	Total int64  `json:"total" doc:"Of how many things it consists, contacts as a rule; of an import, bytes."`
	Done  int64  `json:"done"`
	// Changed is told as POST /contacts/labels tells it when it is quick.
	Changed   int64  `json:"changed" doc:"How many contacts it has changed."`
	Error     string `json:"error" doc:"Why it failed."`
	CreatedAt Time   `json:"created_at"`
}

type actOutput struct{ Body Act }

type idInput struct {
	ID string `path:"id"`
}

func (a *api) registerActs() {
	register(a, staff(institution.Read), huma.Operation{
		OperationID: "get-act", Method: http.MethodGet, Path: "/acts/{id}", Tags: []string{"Acts"},
		Summary: "Follow a long act",
	}, a.getAct)
}

func (a *api) getAct(ctx context.Context, in *idInput) (*actOutput, error) {
	id, err := pathID("act", in.ID)
	if err != nil {
		return nil, err
	}
	var found act.Act
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		found, err = act.Get(ctx, tx, scopeOf(ctx).ID(), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	state, why := actState(found.State, found.Error)
	if state == "" {
		return nil, fault.NotFound("act")
	}
	return &actOutput{Act{
		ID: db.FormatID(found.ID), Kind: found.Kind, State: state, Total: found.Total, Done: found.Done, Changed: found.Changed,
		Error: why, CreatedAt: Time{found.Created},
	}}, nil
}

// actState is the state of an act in the API's words, with the reason for a failure: one
// that waits for a person has not begun, and one that a person stopped came to no good end.
// "" is the state of what nobody sees yet.
func actState(state, why string) (string, string) {
	switch state {
	case act.Waiting:
		return act.Queued, ""
	case act.Stopped:
		return act.Failed, "Somebody stopped it. What it had done stays."
	case act.Queued, act.Running, act.Done, act.Failed:
		return state, why
	}
	return "", ""
}
