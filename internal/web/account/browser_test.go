package account_test

import (
	"testing"
	"time"

	"beckon/internal/web/visit/visittest"
)

func TestPagesAreAccessible(t *testing.T) {
	s := site(t)
	amara := s.User("Amara Okafor", "amara@northwind.example")
	b := s.As(amara)
	b.Post("/account/addresses", "email", "amara@mail.example")
	b.Post("/account/password", "password", "seven quiet rivers run")
	b.Post("/account/tokens", "name", "our job board")
	link := s.Letters()[0].Button.URL
	tab := s.Tab(amara)
	visittest.Accessible(t, tab, "/account", link)
	s.Pass(time.Hour)
	tab.Expect("410") // the link is over
	visittest.Accessible(t, tab, "/account", link)
}
