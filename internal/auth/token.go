package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// NewToken draws a token of 256 random bits and returns it with the hash that
// goes into the configuration. The token is shown once and kept nowhere.
func NewToken() (token, sha256Hex string) {
	var b [32]byte
	rand.Read(b[:]) // never fails: the program ends first
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, TokenHash(token)
}

// TokenHash is SHA-256 of a token in hexadecimal.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
