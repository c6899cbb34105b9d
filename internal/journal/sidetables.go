package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"motcua/queue"
)

// SlipLanguage is the language the ticket's slip was asked for in; "" when
// none was, or it has been forgotten.
func (j *Journal) SlipLanguage(ctx context.Context, ticket queue.TicketID) (string, error) {
	var language string
	err := j.read.QueryRowContext(ctx, `SELECT language FROM slip_languages WHERE ticket = ?`, int64(ticket)).Scan(&language)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read slip language: %w", j.explain(err))
	}
	return language, nil
}

// ForgetSlipLanguage wipes it, once the paper is out; secure_delete overwrites
// the bytes. It does nothing when there is none.
func (j *Journal) ForgetSlipLanguage(_ context.Context, ticket queue.TicketID) error {
	return j.forget(func(w *writer) driver.StmtExecContext { return w.forget }, ticket)
}

// ForgetSlipLanguagesBefore wipes those of all tickets older than the given
// one: of days that are over, whose slips will not come out any more.
func (j *Journal) ForgetSlipLanguagesBefore(_ context.Context, ticket queue.TicketID) error {
	return j.forget(func(w *writer) driver.StmtExecContext { return w.forgetTo }, ticket)
}

func (j *Journal) forget(which func(*writer) driver.StmtExecContext, ticket queue.TicketID) error {
	return j.change("forget slip language", func(w *writer) error { return w.exec(which(w), int64(ticket)) })
}

// change runs one statement beside the records. It commits by itself, so any
// error of a sync counts as one in COMMIT.
func (j *Journal) change(what string, run func(*writer) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.broken != nil:
		return j.broken
	case j.closed:
		return notStored(errors.New("the journal is closed"))
	case j.w == nil:
		return notStored(errReadOnly)
	}
	if err := run(j.w); err != nil {
		return j.failed(fmt.Errorf("%s: %w", what, err))
	}
	return nil
}

// Secret returns a secret of this centre; k_centre, 32 random bytes made with
// the journal, is always there.
func (j *Journal) Secret(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := j.read.QueryRowContext(ctx, `SELECT value FROM secrets WHERE name = ?`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read secret %q: there is none of that name", name)
	}
	if err != nil {
		return nil, fmt.Errorf("read secret %q: %w", name, j.explain(err))
	}
	return value, nil
}
