package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"beckon/internal/account"
	"beckon/internal/fault"
)

func TestAddAgainKeepsTheUser(t *testing.T) {
	each(t, func(h *house) {
		h.contact(2, 7, "dana@acme.example")
		u := h.add("Dana@acme.example")
		again, err := h.Add(ctx, account.Person{Email: "dana@ACME.example", FirstName: "Other", LastName: "Name"}, commandLine)
		h.must(err)
		if again != u || u.Name() != "Dana River" || u.Email != "Dana@acme.example" || h.linked(2, 7) != u.ID {
			h.t.Fatalf("%+v %+v", u, again)
		}
		if h.audited("user.created") != 1 {
			h.t.Fatal("not audited once")
		}
		for _, find := range []func() (account.User, error){
			func() (account.User, error) { return h.ByID(ctx, u.ID) },
			func() (account.User, error) { return h.ByEmail(ctx, "DANA@acme.example") },
		} {
			if got, err := find(); err != nil || got != u {
				h.t.Fatalf("%+v %v", got, err)
			}
		}
		_, err = h.ByID(ctx, u.ID+1)
		h.notFound(err)
		_, err = h.ByEmail(ctx, "dana@other.example")
		h.notFound(err)
	})
}

func TestAddManyAtOnceMakesOneUser(t *testing.T) {
	each(t, func(h *house) {
		h.contact(1, 1, "dana@acme.example")
		var wg sync.WaitGroup
		ids := make([]int64, 8)
		for i := range ids {
			wg.Go(func() {
				u, err := h.Add(ctx, account.Person{Email: "dana@acme.example"}, commandLine)
				if err != nil {
					h.t.Error(err)
				}
				ids[i] = u.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] || id == 0 {
				h.t.Fatal(ids)
			}
		}
		if h.linked(1, 1) != ids[0] {
			h.t.Fatal("not linked")
		}
	})
}

func TestAddGuessesNames(t *testing.T) {
	each(t, func(h *house) {
		for email, want := range map[string]string{"dana.van-river@acme.example": "Dana Van River", "info@acme.example": "Info", "42@acme.example": "42"} {
			u, err := h.Add(ctx, account.Person{Email: email}, commandLine)
			h.must(err)
			if u.Name() != want {
				h.t.Errorf("%s is %q", email, u.Name())
			}
		}
	})
}

func TestRename(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		h.must(h.Rename(ctx, u, "Dana\n", "Lake"))
		h.fields(h.Rename(ctx, u, "", "Lake"), "first_name")
		h.fields(h.Rename(ctx, u, "Dana", strings.Repeat("x", 201)), "last_name")
		got, err := h.ByID(ctx, u.ID)
		h.must(err)
		if got.Name() != "Dana Lake" || h.audited("user.renamed") != 1 {
			h.t.Fatalf("%+v", got)
		}
	})
}

func TestStandingFollowsAddresses(t *testing.T) {
	each(t, func(h *house) {
		h.contact(1, 1, "dana@home.example")
		h.contact(2, 1, "Dana@Home.example")
		u := h.add("dana@acme.example")
		h.must(h.AddAddress(ctx, u, "dana@home.example", browser))
		if h.linked(1, 1) != 0 {
			h.t.Fatal("linked before the address is proven")
		}
		if _, err := h.ByEmail(ctx, "dana@home.example"); err == nil {
			h.t.Fatal("found by an address that is not proven")
		}
		token := h.oneLetter(account.VerifyLink).token()
		h.must(h.VerifyAddress(ctx, u, token))
		if h.linked(1, 1) != u.ID || h.linked(2, 1) != u.ID {
			h.t.Fatal("not linked")
		}
		if err := h.VerifyAddress(ctx, u, token); err != account.ErrLinkUsed {
			h.t.Fatal(err)
		}
		h.conflict(h.AddAddress(ctx, u, "dana@home.example", browser))
		h.must(h.RemoveAddress(ctx, u, "dana@home.example"))
		if h.linked(1, 1) != 0 || h.linked(2, 1) != 0 {
			h.t.Fatal("still linked")
		}
		for _, action := range []string{"user.address_added", "user.address_verified", "user.address_removed"} {
			if h.audited(action) != 1 {
				h.t.Fatal(action)
			}
		}
	})
}

func TestVerificationIsForWhoAddedTheAddress(t *testing.T) {
	each(t, func(h *house) {
		mallory, dana := h.add("mallory@evil.example"), h.add("dana@acme.example")
		h.must(h.AddAddress(ctx, mallory, "victim@acme.example", browser))
		token := h.oneLetter(account.VerifyLink).token()
		var forbidden fault.Forbidden
		if err := h.VerifyAddress(ctx, dana, token); !errors.As(err, &forbidden) {
			h.t.Fatal("verified by somebody else", err)
		}
		_, err := h.UseLink(ctx, token, browser)
		h.notFound(err) // it signs nobody in
		if _, err := h.ByEmail(ctx, "victim@acme.example"); err == nil {
			h.t.Fatal("verified")
		}
		h.add("victim@acme.example")
		h.conflict(h.VerifyAddress(ctx, mallory, token))
	})
}

func TestLastVerifiedAddressStays(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		h.must(h.AddAddress(ctx, u, "dana@home.example", browser))
		h.conflict(h.RemoveAddress(ctx, u, "dana@acme.example"))
		h.conflict(h.MakePrimary(ctx, u, "dana@home.example"))
		h.must(h.VerifyAddress(ctx, u, h.oneLetter(account.VerifyLink).token()))
		h.must(h.MakePrimary(ctx, u, "dana@home.example"))
		if all, err := h.Addresses(ctx, u.ID); err != nil || all[0].Key != "dana@home.example" || !all[0].Primary {
			h.t.Fatal(all, err)
		}
		h.must(h.RemoveAddress(ctx, u, "dana@home.example"))
		all, err := h.Addresses(ctx, u.ID)
		h.must(err)
		if len(all) != 1 || all[0].Key != "dana@acme.example" || !all[0].Primary {
			h.t.Fatalf("%+v", all)
		}
		h.notFound(h.RemoveAddress(ctx, u, "dana@home.example"))
		h.notFound(h.MakePrimary(ctx, u, "dana@home.example"))
	})
}

func TestOneOfTwoRemovalsAtOnceIsRefused(t *testing.T) {
	each(t, func(h *house) {
		u := h.add("dana@acme.example")
		h.must(h.AddAddress(ctx, u, "dana@home.example", browser))
		h.must(h.VerifyAddress(ctx, u, h.oneLetter(account.VerifyLink).token()))
		var wg sync.WaitGroup
		var errs [2]error
		for i, key := range []string{"dana@acme.example", "dana@home.example"} {
			wg.Go(func() { errs[i] = h.RemoveAddress(ctx, u, key) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			h.t.Fatal(errs)
		}
	})
}
