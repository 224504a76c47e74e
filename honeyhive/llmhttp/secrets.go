package llmhttp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// secrets are the texts of a request that must not be recorded, the longest
// first. A provider may repeat them in what it says of a failure.
type secrets []string

// shortestSecret is the length, in bytes, below which a text is too common to
// look for.
const shortestSecret = 6

// secretsOf returns the values of the headers and of the query that carry
// credentials by their names, and the password of the URL.
func secretsOf(req *http.Request) secrets {
	var s secrets
	add := func(text string) {
		for _, form := range []string{text, url.QueryEscape(text)} {
			if len(form) >= shortestSecret && !slices.Contains(s, form) {
				s = append(s, form)
			}
		}
	}
	for name, values := range req.Header {
		if !secretName(name) {
			continue
		}
		for _, v := range values {
			add(v)
			// "Bearer KEY", "name=value; name=value"
			for _, part := range strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ';' || r == ',' }) {
				add(part)
				if _, value, ok := strings.Cut(part, "="); ok {
					add(value)
				}
			}
		}
	}
	for name, values := range req.URL.Query() {
		if secretName(name) {
			for _, v := range values {
				add(v)
			}
		}
	}
	if password, ok := req.URL.User.Password(); ok {
		add(password)
	}
	slices.SortFunc(s, func(a, b string) int { return len(b) - len(a) })
	return s
}

// secretName reports whether a header or parameter of that name carries a
// credential.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"auth", "key", "token", "secret", "cookie", "password", "signature", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return name == "sig"
}

// mask returns text without the secrets.
func (s secrets) mask(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	return text
}
