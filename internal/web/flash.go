package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"beckon/internal/web/components"
)

const flashCookie = "flash"

// SetFlash keeps a message for the next page that is shown, usually the one a POST redirects
// to. Messages hold no secrets: the cookie is read back as it comes.
func SetFlash(w http.ResponseWriter, r *http.Request, f components.Flash) {
	// A struct of strings is always marshalled.
	text, _ := json.Marshal(f)
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString(text), Path: "/",
		MaxAge: 60, HttpOnly: true, Secure: Secure(r), SameSite: http.SameSiteLaxMode,
	})
}

// TakeFlash gives the message kept by SetFlash and removes it; nil for none.
func TakeFlash(w http.ResponseWriter, r *http.Request) *components.Flash {
	cookie, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: Secure(r)})
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var f components.Flash
	if json.Unmarshal(text, &f) != nil || f.Text == "" {
		return nil
	}
	return &f
}
