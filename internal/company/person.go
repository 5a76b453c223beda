package company

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"beckon/internal/address"
	"beckon/internal/audit"
	"beckon/internal/db"
	"beckon/internal/fault"
	"beckon/internal/gate"
)

// person is a user as a company sees one: a name, and what the addresses prove.
type person struct {
	actor audit.Actor
	// verified tells that there is a verified address; domains are the mail domains that
	// verified addresses prove, the primary address's first, free mail left out.
	verified bool
	domains  []string
}

// Actor is a user as the audit names one; fault.ErrNotFound where there is none.
func Actor(ctx context.Context, tx *db.Tx, userID int64) (audit.Actor, error) {
	p, err := loadPerson(ctx, tx, userID)
	return p.actor, err
}

// proven is a person who has a verified address, and a *gate.Refusal for anybody else.
func proven(ctx context.Context, tx *db.Tx, userID int64) (person, error) {
	p, err := loadPerson(ctx, tx, userID)
	if err == nil && !p.verified {
		return person{}, &gate.Refusal{Missing: gate.VerifiedAddress, State: "none"}
	}
	return p, err
}

func loadPerson(ctx context.Context, tx *db.Tx, userID int64) (p person, err error) {
	err = tx.Rows(ctx, func(r *sql.Rows) error {
		var first, last, key string
		if err := r.Scan(&first, &last, &key); err != nil {
			return err
		}
		p.actor = audit.Actor{Kind: audit.User, ID: userID, Name: first + " " + last}
		p.verified = p.verified || key != ""
		if domain := ProvenDomain(key); domain != "" && !slices.Contains(p.domains, domain) {
			p.domains = append(p.domains, domain)
		}
		return nil
	}, `SELECT u.first_name, u.last_name, COALESCE(a.email_key, '') FROM users u
		LEFT JOIN user_addresses a ON a.user_id = u.id AND a.verified_at > 0
		WHERE u.id = $1 ORDER BY a.is_primary DESC, a.email_key`, userID)
	if err == nil && p.actor.ID == 0 {
		err = fault.NotFound("user")
	}
	return p, err
}

// domain is the proven domain that the person asks for, otherwise the first one, otherwise
// blank.
func (p person) domain(typed string) string {
	if slices.Contains(p.domains, strings.ToLower(typed)) {
		return strings.ToLower(typed)
	}
	if len(p.domains) > 0 {
		return p.domains[0]
	}
	return ""
}

// isAt tells whether the person has proven to be reached at the company's domain.
func (p person) isAt(co Company) bool {
	return co.Domain != "" && slices.Contains(p.domains, co.Domain)
}

// ProvenDomain is the domain that a verified address (its normalised form) proves: the part
// registered by its owner. It is blank for free mail, which proves nobody's employer.
func ProvenDomain(emailKey string) string {
	_, domain, _ := strings.Cut(emailKey, "@")
	if domain == "" || freeMail(domain) {
		return ""
	}
	return address.Organisation(domain)
}

func freeMail(domain string) bool {
	return address.FreeMail(domain) || address.FreeMail(address.Organisation(domain))
}
