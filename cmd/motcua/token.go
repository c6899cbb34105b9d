package main

import (
	"fmt"

	"motcua/internal/auth"
)

type tokenCmd struct {
	Name    string `help:"Id of the device or post, never a person's name." default:"tablet-1" placeholder:"ID"`
	Role    string `help:"board, kiosk, greeter, officer or supervisor." enum:"board,kiosk,greeter,officer,supervisor" default:"greeter"`
	Counter string `help:"Bind an officer to one counter." placeholder:"ID"`
}

// Validate is called by kong before Run.
func (c *tokenCmd) Validate() error {
	if c.Counter != "" && c.Role != "officer" {
		return fmt.Errorf("a %s has no counter of its own: leave --counter out, or give --role officer", c.Role)
	}
	return nil
}

func (c *tokenCmd) Run(io *console) error {
	token, sum := auth.NewToken()
	fmt.Fprintf(io.out, "Token, shown this once; give it to the device or enter it at /sign-in:\n\n%s\n\n", token)
	fmt.Fprintf(io.out, "Entry for motcua.toml; restart motcuad afterwards:\n\n[[access]]\nname = %q\nrole = %q\n", c.Name, c.Role)
	if c.Counter != "" {
		fmt.Fprintf(io.out, "counter = %q\n", c.Counter)
	}
	fmt.Fprintf(io.out, "token_sha256 = %q\n", sum)
	return nil
}
