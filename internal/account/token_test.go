package account_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/internal/account"
	"beckon/internal/fault"
	"beckon/internal/institution"
)

func TestInstitutionToken(t *testing.T) {
	each(t, func(h *house) {
		elm, oak := institution.System(1, "test"), institution.System(2, "test")
		text, made, err := h.CreateToken(ctx, elm, " Nightly\nimport ", nil)
		h.must(err)
		info, err := h.CheckToken(ctx, text)
		h.must(err)
		if !strings.HasPrefix(text, "bkn_") || info.ID != made.ID || info.Name != "Nightly import" || info.InstitutionID != 1 || info.UserID != 0 || len(info.Scopes) != len(institution.Permissions) {
			h.t.Fatalf("%s %+v", text, info)
		}
		if s := info.Scope(); s.ID() != 1 || !s.May(institution.Invite) {
			h.t.Fatalf("%+v", s)
		}
		text, _, err = h.CreateToken(ctx, elm, "Reader", []string{"contacts", "contacts"})
		h.must(err)
		info, err = h.CheckToken(ctx, text)
		h.must(err)
		if !slices.Equal(info.Scopes, []string{"contacts"}) || info.Scope().May(institution.Invite) || !info.Scope().May(institution.Read) || !info.May("read") || info.May("invite") {
			h.t.Fatalf("%+v", info)
		}
		all, err := h.Tokens(ctx, elm)
		h.must(err)
		if len(all) != 2 || all[0].Name != "Reader" || all[1].CreatedBy != "test" {
			h.t.Fatalf("%+v", all)
		}
		if others, err := h.Tokens(ctx, oak); err != nil || len(others) != 0 {
			h.t.Fatal(others, err)
		}
		if h.audited("token.created") != 2 {
			h.t.Fatal("not audited")
		}
	})
}

func TestTokensAreForOwners(t *testing.T) {
	each(t, func(h *house) {
		viewer := institution.Token(1, 9, "small", []institution.Permission{institution.Contacts})
		_, _, err := h.CreateToken(ctx, viewer, "x", nil)
		_, listErr := h.Tokens(ctx, viewer)
		for _, err := range []error{err, listErr, h.RevokeToken(ctx, viewer, 1)} {
			var forbidden fault.Forbidden
			if !errors.As(err, &forbidden) {
				h.t.Fatal(err)
			}
		}
	})
}

func TestUserToken(t *testing.T) {
	each(t, func(h *house) {
		dana, robin := h.add("dana@acme.example"), h.add("robin@acme.example")
		text, made, err := h.CreateUserToken(ctx, dana, "Job board", nil, commandLine)
		h.must(err)
		info, err := h.CheckToken(ctx, text)
		h.must(err)
		if info.UserID != dana.ID || info.InstitutionID != 0 || !info.May(account.RecruitScope) || info.Scope().May(institution.Read) {
			h.t.Fatalf("%+v", info)
		}
		h.notFound(h.RevokeUserToken(ctx, robin, made.ID))
		h.notFound(h.RevokeToken(ctx, institution.System(1, "test"), made.ID))
		h.must(h.RevokeUserToken(ctx, dana, made.ID))
		h.notFound(h.RevokeUserToken(ctx, dana, made.ID))
		_, err = h.CheckToken(ctx, text)
		h.notFound(err)
		all, err := h.UserTokens(ctx, dana.ID)
		h.must(err)
		if len(all) != 1 || all[0].RevokedAt.IsZero() {
			h.t.Fatalf("%+v", all)
		}
		if h.audited("user.token_created") != 1 || h.audited("user.token_revoked") != 1 {
			h.t.Fatal("not audited")
		}
	})
}

func TestTokenInputs(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		_, _, err := h.CreateToken(ctx, institution.System(1, "test"), "x", []string{"read", "recruit"})
		h.fields(err, "scopes")
		_, _, err = h.CreateUserToken(ctx, u, "x", []string{"contacts"}, commandLine)
		h.fields(err, "scopes")
		_, _, err = h.CreateUserToken(ctx, u, "\u200b ", nil, commandLine)
		h.fields(err, "name")
		for _, text := range []string{"", "bkn_", "bkn_x", "Bearer x"} {
			_, err := h.CheckToken(ctx, text)
			h.notFound(err)
		}
	})
}

func TestRevokedTokenStops(t *testing.T) {
	each(t, func(h *house) {
		elm := institution.System(1, "test")
		text, made, err := h.CreateToken(ctx, elm, "x", nil)
		h.must(err)
		elsewhere := h.process()
		for _, a := range []*account.Accounts{h.Accounts, elsewhere} {
			_, err := a.CheckToken(ctx, text)
			h.must(err)
		}
		h.must(h.RevokeToken(ctx, elm, made.ID))
		_, err = h.CheckToken(ctx, text)
		h.notFound(err)
		h.now = h.now.Add(time.Second)
		_, err = elsewhere.CheckToken(ctx, text)
		h.notFound(err)
	})
}

func TestUseOfATokenIsWrittenOnceAMinute(t *testing.T) {
	each(t, func(h *house) {
		text, _, err := h.CreateToken(ctx, institution.System(1, "test"), "x", nil)
		h.must(err)
		began := h.now
		for _, step := range []struct{ at, want time.Duration }{{0, 0}, {30 * time.Second, 0}, {61 * time.Second, 61 * time.Second}, {90 * time.Second, 61 * time.Second}} {
			h.now = began.Add(step.at)
			_, err := h.CheckToken(ctx, text)
			h.must(err)
			if used := h.count(`SELECT last_used_at FROM api_tokens`); int64(used) != began.Add(step.want).UnixMilli() {
				h.t.Fatalf("after %s: %d", step.at, used)
			}
		}
	})
}
