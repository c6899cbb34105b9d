package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"motcua/internal/parts"
	"motcua/kiosk"
	"motcua/kiosk/door"
	"motcua/queue"
)

// errBad makes the exit status of --check 1; what is bad has been printed.
var errBad = errors.New("something is bad: see the lines above")

// check looks at every part by the constructors the kiosk itself uses, and
// says of each ok or bad, and what to do.
func (m *kioskMain) check(ctx context.Context, out io.Writer) error {
	bad := false
	say := func(part string, err error, ok, hint string) {
		if err == nil {
			fmt.Fprintf(out, "ok   %-8s %s\n", part, ok)
			return
		}
		bad = true
		fmt.Fprintf(out, "bad  %-8s %s\n", part, strings.ReplaceAll(err.Error(), "\n", "\n              "))
		if hint != "" {
			fmt.Fprintf(out, "              → %s\n", hint)
		}
	}
	say("file", nil, "kiosk.toml is sound", "")

	panel, err := m.buttons()
	switch {
	case err != nil:
		say("panel", err, "", "Correct [[panel.buttons]] in kiosk.toml.")
	case len(panel.Buttons()) == 0:
		say("panel", errors.New("no button is listed"), "", "List them under [[panel.buttons]] in kiosk.toml.")
	default:
		hint, err := tryPanel(ctx, panel)
		say("panel", err, fmt.Sprintf("%d buttons", len(panel.Buttons())), hint)
	}

	switch p, err := m.printer(); {
	case err != nil:
		say("printer", err, "", "")
	case p == nil:
		say("printer", errors.New("none is named, so the kiosk takes no press"), "", "Name it under [printer] device in kiosk.toml.")
	default:
		err := tryPrinter(ctx, p)
		say("printer", err, p.URI, "Check its power and its cable; stop a running motcua-kiosk first, a printer serves one.")
		if p.Unusable != nil {
			say("profile", p.Unusable, "", "Correct the file, or name another under [printer] profile in kiosk.toml.")
		} else if wide := p.Misfit(); wide != "" {
			say("profile", errors.New(wide), "", `Set profile = "auto" under [printer] in kiosk.toml.`)
		}
	}

	token, err := m.token()
	if err != nil {
		say("secret", err, "", "")
		return errBad
	}
	try, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err = m.client(token).Check(try)
	var refusal *queue.Error
	var certificate *door.FingerprintError
	var unknown *tls.CertificateVerificationError
	switch {
	case err == nil, errors.As(err, &refusal) && refusal.Code == queue.NotFound:
		say("centre", nil, m.machine.Centre+" answers and knows this kiosk", "")
	case errors.As(err, &certificate):
		say("centre", certificate, "", "")
	case errors.As(err, &unknown) && len(unknown.UnverifiedCertificates) > 0:
		say("centre", err, "", fmt.Sprintf("Its certificate has the SHA-256 %X: compare it at the centre, and only if it is the same write it as fingerprint in kiosk.toml.",
			sha256.Sum256(unknown.UnverifiedCertificates[0].Raw)))
	case errors.Is(err, door.ErrNotPaired):
		say("centre", err, "", "Start the kiosk: it shows a code. A supervisor types it on the centre's page /devices.")
	case refusal != nil:
		say("centre", refusal, "", refusal.Hint)
	default:
		say("centre", err, "", "Check the network cable and centre in kiosk.toml; at the centre, listen in motcua.toml must be more than 127.0.0.1.")
	}
	if bad {
		return errBad
	}
	return nil
}

// tryPanel runs the panel for a moment and returns the first fault it reports, with what to do about it.
func tryPanel(ctx context.Context, p kiosk.Panel) (hint string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var first *kiosk.Fault
	err = p.Run(ctx, func(kiosk.Press) {}, func(f kiosk.Fault, cleared bool) {
		if first == nil && !cleared {
			first = &f
		}
	})
	if err != nil || first == nil {
		return "", err
	}
	what := first.Msg
	if first.Button != "" {
		what = "button " + string(first.Button) + ": " + what
	}
	return first.Hint, errors.New(what)
}

// tryPrinter opens the printer once.
func tryPrinter(ctx context.Context, p *parts.Printer) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	l, err := p.Open(ctx)
	if err != nil {
		return err
	}
	return l.Close()
}
